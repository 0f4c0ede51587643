//! The folder that the emulator leaves for `twoba` in another terminal: a profile, and the lines
//! that lead to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twoba_emulator::{RegisteredClient, RegisteredUser};

use super::users::Users;
use crate::failure::{Failure, Kind};
use crate::settings::set_beside_a_profile;
use crate::shell::quoted;

/// The prefix of these folders' names.
const PREFIX: &str = "twoba-emulator-";

/// The name of the file that is locked while the emulator of the folder runs.
const LOCK: &str = "running";

/// The folder of a running emulator. It is removed when this is dropped.
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

/// The client and user of the profile, and how they log in.
pub(super) struct WayIn {
    client: String,
    /// The place of the client's secret for the profile, if there is one.
    secret: Option<SecretAt>,
    /// The lines after the exports.
    login: String,
}

enum SecretAt {
    /// A file beside the profile, for a secret that everybody knows.
    File(&'static str),
    /// The environment, where the person puts the secret.
    Environment,
}

impl WayIn {
    /// The documented client and user.
    pub(super) fn demo() -> Self {
        Self {
            client: "myApplication".to_owned(),
            secret: Some(SecretAt::File("myApplicationSecret")),
            login: "echo myPassword | twoba login --password --username demo@example.com \
                    --password-stdin"
                .to_owned(),
        }
    }

    /// The first client and user of a file. Their secrets stay in the file.
    pub(super) fn of(users: &Users) -> Self {
        let client = users.clients.first();
        let id = client.map(RegisteredClient::id).unwrap_or_default();
        let name = users
            .users
            .first()
            .map(RegisteredUser::name)
            .unwrap_or_default();
        // Public clients may not use the password grant.
        let (secret, login) = if client.is_none_or(RegisteredClient::is_public) {
            (None, "twoba login".to_owned())
        } else {
            (
                Some(SecretAt::Environment),
                format!(
                    "export TWOBA_CLIENT_SECRET=.. # that of {}\n\
                     twoba login --password --username {}",
                    quoted(id),
                    quoted(name)
                ),
            )
        };
        Self {
            client: id.to_owned(),
            secret,
            login,
        }
    }
}

impl Folder {
    /// Makes a new folder with the profile of the emulator at `url`. It also removes the folders of
    /// emulators that were killed before they could do so.
    pub(super) fn with_profile(
        url: &str,
        way_in: &WayIn,
        authority: Option<&str>,
    ) -> Result<Self, Failure> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        Self::create(&parent, url, way_in, authority).map_err(|error| {
            Failure::new(
                Kind::Other,
                format!("cannot write the emulator's profile: {error}"),
            )
        })
    }

    fn create(
        parent: &Path,
        url: &str,
        way_in: &WayIn,
        authority: Option<&str>,
    ) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir_in(parent)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.try_lock()?;
        let made = Self {
            folder,
            _lock: lock,
        };
        let secret = made.path("client-secret");
        if let Some(SecretAt::File(text)) = way_in.secret {
            private(&secret, text)?;
        }
        let mut profile = profile(url, way_in, &secret);
        if let Some(certificate) = authority {
            private(&made.authority(), certificate)?;
            let path = made.authority().display().to_string();
            profile.push_str(&format!("ca-file = {}\n", string(&path)));
        }
        private(&made.path("config.toml"), &profile)?;
        Ok(made)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of the certificate that clients have to trust, if the emulator speaks TLS.
    pub(super) fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// The lines to paste into another terminal.
    pub(super) fn told(&self, way_in: &WayIn) -> String {
        // They would win over the profile; the store's is exported anew.
        let mut set = set_beside_a_profile();
        set.retain(|name| *name != "TWOBA_STORE");
        let unset = match set.as_slice() {
            [] => String::new(),
            set => format!("unset {}\n", set.join(" ")),
        };
        let shown = |name: &str| quoted(&self.path(name).display().to_string());
        format!(
            "{unset}export TWOBA_CONFIG={}\n\
             export TWOBA_PROFILE=emulator\n\
             export TWOBA_STORE={}\n\
             {}\n\
             twoba get Product/Search query=kabelgoot",
            shown("config.toml"),
            shown("sessions"),
            way_in.login
        )
    }
}

/// The configuration file.
fn profile(url: &str, way_in: &WayIn, secret: &Path) -> String {
    let secret = match way_in.secret {
        None => String::new(),
        Some(SecretAt::Environment) => {
            "client-secret = { env = \"TWOBA_CLIENT_SECRET\" }\n".to_owned()
        }
        Some(SecretAt::File(_)) => {
            let path = secret.display().to_string();
            format!("client-secret = {{ file = {} }}\n", string(&path))
        }
    };
    format!(
        "default-profile = \"emulator\"\n\n\
         [profile.emulator]\n\
         provider = \"2ba\"\n\
         token-endpoint = \"{url}/OAuth/Token\"\n\
         authorization-endpoint = \"{url}/OAuth/Authorize\"\n\
         revocation-endpoint = \"{url}/connect/revocation\"\n\
         service-base = \"{url}/1/json\"\n\
         apix-base = \"{url}/apix/api/v1/\"\n\
         unifeed-base = \"{url}/unifeed/\"\n\
         client-id = {}\n{secret}",
        string(&way_in.client)
    )
}

/// A text as TOML reads it. JSON and TOML escape alike.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes a new file that only its owner can read.
fn private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// Removes the folders of emulators that no longer run. A folder that cannot be removed belongs to
/// somebody else.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        // Without the file the folder is just being made.
        let is_left =
            || File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_ours && is_left() {
            fs::remove_dir_all(entry.path()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_names_the_first_client_and_user_and_no_secret() {
        let mut users = Users {
            clients: vec![RegisteredClient::confidential("it's", "canary")],
            users: vec![RegisteredUser::new("anna@example.com", "canary")],
        };
        let way_in = WayIn::of(&users);
        assert!(way_in.login.contains(r"# that of 'it'\''s'"));
        assert!(way_in.login.ends_with("--username anna@example.com"));
        let told = profile("http://h", &way_in, Path::new("/s"));
        assert!(told.contains("client-id = \"it's\""), "{told}");
        assert!(told.contains("{ env = \"TWOBA_CLIENT_SECRET\" }"), "{told}");
        assert!(!told.contains("canary") && !way_in.login.contains("canary"));
        users.clients = vec![RegisteredClient::public("app")];
        assert_eq!(WayIn::of(&users).login, "twoba login");
    }

    #[test]
    fn a_folder_goes_with_its_emulator_and_at_the_latest_with_the_next_one() {
        let parent = tempfile::tempdir().unwrap();
        let count = || fs::read_dir(parent.path()).unwrap().count();
        let first = Folder::create(parent.path(), "http://h", &WayIn::demo(), None).unwrap();
        sweep(parent.path());
        assert_eq!(count(), 1, "it is in use");
        drop(first);
        assert_eq!(count(), 0);
        let left = parent.path().join("twoba-emulator-killed");
        fs::create_dir(&left).unwrap();
        sweep(parent.path());
        assert_eq!(count(), 1, "it may be just being made");
        fs::write(left.join(LOCK), "").unwrap();
        fs::create_dir(parent.path().join("another")).unwrap();
        sweep(parent.path());
        assert_eq!(count(), 1);
    }
}
