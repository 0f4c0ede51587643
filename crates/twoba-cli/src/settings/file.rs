//! Reads the configuration file: its settings, and their lines.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use twoba_core::SessionKey;

use super::environment::holds_a_secret;
use super::found::{Found, Line, Origin};
use super::name::{self, Kind, Name};
use super::place::{SQLITE, with_home};
use super::secret::SecretSource;
use crate::failure::Failure;

/// The setting with the default profile.
pub(super) const DEFAULT_PROFILE: &str = "default-profile";

/// The table of the profiles.
const PROFILE: &str = "profile";

/// The whole file.
#[derive(Debug)]
pub(crate) struct Config {
    pub(super) file: Arc<Path>,
    pub(super) default_profile: Option<Found<String>>,
    profiles: BTreeMap<String, Profile>,
}

/// The settings of one profile in the file, by their names.
#[derive(Debug, Default, Clone)]
pub(crate) struct Profile(BTreeMap<&'static str, Found<Value>>);

/// The value of a setting.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Path(PathBuf),
    List(Vec<String>),
    Secret(SecretSource),
}

/// Reads the file at `path`. A missing file counts as empty.
pub(super) fn read(path: &Path) -> Result<Config, Failure> {
    let text = text(path)?;
    let reader = Reader {
        file: path.into(),
        text: &text,
    };
    let root = DeTable::parse(&text).map_err(|error| {
        // Only the message: the library's own picture shows the line, and it may hold a secret.
        let why = error.message().replace('\n', " ");
        reader.refused(
            error.span(),
            why,
            "mend that line: texts stand in quotes, tables in [..]",
        )
    })?;
    reader.config(root.get_ref())
}

/// The text of the file.
fn text(path: &Path) -> Result<String, Failure> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => {
            let advice = match path.is_dir() {
                true => "it is a folder: name the file in it with TWOBA_CONFIG",
                false => "let this user read the file, or name another one with TWOBA_CONFIG",
            };
            let text = format!("cannot read {}: {error}", path.display());
            return Err(Failure::configuration(text).advise(advice));
        }
    };
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to());
        let ends = before.into_iter().flatten().filter(|byte| **byte == b'\n');
        let line = Line {
            file: path.into(),
            number: ends.count() + 1,
        };
        Failure::configuration(format!("{line}: it is no UTF-8"))
            .advise("save the file as UTF-8; Latin-1 and UTF-16 cannot be read")
    })
}

/// Reads the parts of a text.
struct Reader<'a> {
    file: Arc<Path>,
    text: &'a str,
}

impl Reader<'_> {
    fn line(&self, span: Option<Range<usize>>) -> Line {
        let before = span.and_then(|span| self.text.get(..span.start));
        Line {
            file: Arc::clone(&self.file),
            number: before.map_or(1, |before| before.matches('\n').count() + 1),
        }
    }

    fn refused(&self, at: Option<Range<usize>>, why: impl Into<String>, right: &str) -> Failure {
        Failure::configuration(format!("{}: {}", self.line(at), why.into())).advise(right)
    }

    fn config(&self, root: &DeTable<'_>) -> Result<Config, Failure> {
        let mut config = Config {
            file: Arc::clone(&self.file),
            default_profile: None,
            profiles: BTreeMap::new(),
        };
        for (key, value) in root {
            match key.get_ref().as_ref() {
                DEFAULT_PROFILE => {
                    config.default_profile = Some(Found {
                        name: DEFAULT_PROFILE,
                        value: self.text(DEFAULT_PROFILE, value)?,
                        origin: Origin::Line(self.line(Some(key.span()))),
                    });
                }
                PROFILE => {
                    for (name, table) in self.table(PROFILE, value)? {
                        self.name(name)?;
                        let profile = self.profile(name.get_ref(), table)?;
                        config.profiles.insert(name.get_ref().to_string(), profile);
                    }
                }
                other if value.get_ref().is_table() => {
                    let right = format!("a profile is written as [profile.{other}]");
                    let why = format!("there is no table {other}");
                    return Err(self.refused(Some(key.span()), why, &right));
                }
                other => {
                    let known = [DEFAULT_PROFILE, PROFILE];
                    return Err(self.unknown(other, key.span(), &known));
                }
            }
        }
        Ok(config)
    }

    /// A profile's name is that of its session.
    fn name(&self, name: &Spanned<impl AsRef<str>>) -> Result<(), Failure> {
        let text = name.get_ref().as_ref();
        let why = match SessionKey::parse(text) {
            Ok(_) => return Ok(()),
            Err(_) if text.is_empty() => "the name of a profile is empty".to_owned(),
            Err(error) => format!("this is no name of a profile: {error}"),
        };
        Err(self.refused(
            Some(name.span()),
            why,
            "a profile is written as [profile.NAME]",
        ))
    }

    fn unknown(&self, written: &str, at: Range<usize>, known: &[&str]) -> Failure {
        let all = name::ALL.map(|name| name.in_file);
        let right = match twoba_services::nearest(written, known.iter().copied()) {
            Some(meant) => format!("write {meant}"),
            None if all.contains(&written) => {
                format!("{written} belongs below the line [profile.NAME]")
            }
            None => format!("the settings are {}", known.join(", ")),
        };
        self.refused(Some(at), format!("there is no setting {written}"), &right)
    }

    fn profile(&self, name: &str, table: &Spanned<DeValue<'_>>) -> Result<Profile, Failure> {
        let mut profile = Profile::default();
        for (key, value) in self.table(&format!("profile.{name}"), table)? {
            let written = key.get_ref();
            let Some(known) = name::ALL.iter().find(|known| known.in_file == *written) else {
                let known = name::ALL.map(|name| name.in_file);
                return Err(self.unknown(written, key.span(), &known));
            };
            let found = Found {
                name: known.in_file,
                value: self.value(*known, value)?,
                origin: Origin::Line(self.line(Some(key.span()))),
            };
            profile.0.insert(known.in_file, found);
        }
        Ok(profile)
    }

    fn value(&self, name: Name, value: &Spanned<DeValue<'_>>) -> Result<Value, Failure> {
        let named = name.in_file;
        Ok(match name.kind {
            Kind::Text => Value::Text(self.text(named, value)?),
            Kind::Path => Value::Path(self.path(&self.text(named, value)?)),
            Kind::List => Value::List(self.list(named, value)?),
            Kind::Secret => Value::Secret(self.secret(named, value)?),
            Kind::Store => Value::Path(self.store(&self.text(named, value)?)),
            Kind::Key => Value::Path(self.key(value)?),
        })
    }

    /// A path that is relative to the file, or to the user's home folder after `~/`.
    fn path(&self, text: &str) -> PathBuf {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        folder.join(with_home(Path::new(text)))
    }

    /// A store whose path is relative to the file, as that of a folder is.
    fn store(&self, text: &str) -> PathBuf {
        match text.strip_prefix(SQLITE) {
            Some(path) => format!("{SQLITE}{}", self.path(path).display()).into(),
            None if text.contains("://") => text.into(),
            None => self.path(text),
        }
    }

    fn table<'v, 'd>(
        &self,
        named: &str,
        value: &'v Spanned<DeValue<'d>>,
    ) -> Result<&'v DeTable<'d>, Failure> {
        value.get_ref().as_table().ok_or_else(|| {
            let why = format!("{named} has to be a table");
            self.refused(
                Some(value.span()),
                why,
                "a profile is written as [profile.NAME]",
            )
        })
    }

    fn text(&self, named: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Failure> {
        let text = value.get_ref().as_str().map(str::to_owned);
        text.ok_or_else(|| {
            let why = format!("{named} has to be a text");
            let right = format!("write it in quotes: {named} = \"..\"");
            self.refused(Some(value.span()), why, &right)
        })
    }

    fn list(&self, named: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Failure> {
        let texts = value.get_ref().as_array().and_then(|array| {
            let texts = array
                .iter()
                .map(|one| Some(one.get_ref().as_str()?.to_owned()));
            texts.collect()
        });
        texts.ok_or_else(|| {
            let why = format!("{named} has to be a list of texts");
            let right = format!("write it as {named} = [\"..\", \"..\"]");
            self.refused(Some(value.span()), why, &right)
        })
    }

    /// Reads the table with the place of a secret. An error does not repeat the value, which may be
    /// the secret.
    fn secret(&self, named: &str, value: &Spanned<DeValue<'_>>) -> Result<SecretSource, Failure> {
        let right = format!(
            "write {named} = {{ env = \"NAME\" }}, {{ file = \"PATH\" }}, {{ keychain = \
             \"ACCOUNT\" }} or {{ command = [\"PROGRAM\", \"ARGUMENT\"] }}"
        );
        let refused =
            |why: &str| Err(self.refused(Some(value.span()), format!("{named} {why}"), &right));
        let Some(table) = value.get_ref().as_table() else {
            return refused("has to say where the secret is, not the secret itself");
        };
        let mut entries = table.iter();
        let (Some((key, source)), None) = (entries.next(), entries.next()) else {
            return refused("has to be a table with one entry");
        };
        match key.get_ref().as_ref() {
            "env" => {
                let name = self.text("env", source)?;
                // Also that of another profile, or one that is read later or not at all.
                holds_a_secret(&name);
                Ok(SecretSource::Env(name))
            }
            "file" => Ok(SecretSource::File(self.path(&self.text("file", source)?))),
            "keychain" => Ok(SecretSource::Keychain(self.text("keychain", source)?)),
            "command" => Ok(SecretSource::Command(self.list("command", source)?)),
            _ => refused("has to be a table with one of env, file, keychain and command"),
        }
    }

    /// Reads the table with the place of the client's key.
    fn key(&self, value: &Spanned<DeValue<'_>>) -> Result<PathBuf, Failure> {
        let file = value.get_ref().as_table().and_then(|table| {
            let file = table.get("file").filter(|_| table.len() == 1)?;
            file.get_ref().as_str().map(|text| self.path(text))
        });
        file.ok_or_else(|| {
            let why = "client-key has to say which file the key is in";
            self.refused(
                Some(value.span()),
                why,
                "write client-key = { file = \"PATH\" }",
            )
        })
    }
}

impl Config {
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    /// The names of its profiles.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The profile of this name, if there is one.
    pub(crate) fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// The advice for a person who has named no existing profile.
    pub(super) fn choices(&self) -> String {
        let names: Vec<_> = self.names().collect();
        match names.is_empty() {
            true => format!("write [profile.NAME] into {}", self.file.display()),
            false => format!("{} has: {}", self.file.display(), names.join(", ")),
        }
    }
}

impl Profile {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, name: Name) -> Option<&Found<Value>> {
        self.0.get(name.in_file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn what_stands_in_the_file_is_found_by_line() {
        let config = parse("# one\n\n[profile.p]\nprovider = \"2ba\"\nscopes = [\"a\"]\n").unwrap();
        let provider = config.get("p").unwrap().get(name::PROVIDER).unwrap();
        assert!(matches!(&provider.origin, Origin::Line(line) if line.number == 4));
        assert!(matches!(&provider.value, Value::Text(text) if text == "2ba"));
        assert!(config.get("q").is_none());
    }

    #[test]
    fn a_secret_in_the_keychain_is_named_by_its_account() {
        let config = parse("[profile.p]\nclient-secret = { keychain = \"shop\" }\n").unwrap();
        let secret = config.get("p").unwrap().get(name::CLIENT_SECRET).unwrap();
        let Value::Secret(SecretSource::Keychain(account)) = &secret.value else {
            panic!("{secret:?}");
        };
        assert_eq!(account, "shop");
    }

    #[test]
    fn a_file_that_is_no_text_is_told_with_its_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            file.path(),
            b"# one\n[profile.p]\nclient-id = \"caf\xe9\"\n",
        )
        .unwrap();
        let error = read(file.path()).unwrap_err();
        assert!(
            error.message().ends_with(" line 3: it is no UTF-8"),
            "{}",
            error.message()
        );
        assert!(error.advice().unwrap().contains("save the file as UTF-8"));
        let folder = tempfile::tempdir().unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(error.advice().unwrap().contains("it is a folder"));
    }

    #[test]
    fn a_profile_that_cannot_have_a_session_is_told_with_its_line() {
        for (name, part) in [
            ("\"\"", "the name of a profile is empty"),
            ("\"a\\u0007\"", "no name of a profile"),
        ] {
            let error = parse(&format!("\n[profile.{name}]\nprovider = \"2ba\"\n")).unwrap_err();
            let message = error.message();
            assert!(
                message.contains(" line 2: ") && message.contains(part),
                "{message}"
            );
            assert!(error.advice().unwrap().contains("[profile.NAME]"));
        }
    }

    /// A text, its wrong line, the message, and the advice.
    const MISTAKES: [(&str, usize, &str, &str); 11] = [
        (
            "\nclient-secret = \"canary\"",
            3,
            "where the secret is",
            "env",
        ),
        (
            "client-secret = { key = \"canary\" }",
            2,
            "one of env",
            "env",
        ),
        (
            "client-secret = { env = \"A\", file = \"b\" }",
            2,
            "one entry",
            "file",
        ),
        (
            "client-secret = { command = \"canary\" }",
            2,
            "a list",
            "command = [",
        ),
        (
            "\n\nclient_id = \"x\"",
            4,
            "no setting client_id",
            "write client-id",
        ),
        ("color = \"x\"", 2, "no setting color", "the settings are"),
        ("provider = 2", 2, "provider has to be a text", "in quotes"),
        ("scopes = \"read\"", 2, "a list of texts", "scopes = ["),
        ("client-key = \"k.pem\"", 2, "which file", "{ file ="),
        ("provider = \"2ba", 2, "", "mend that line"),
        (
            "[production]",
            2,
            "no table production",
            "[profile.production]",
        ),
    ];

    #[test]
    fn each_mistake_is_told_with_its_line_and_what_is_right() {
        for (text, line, told, right) in MISTAKES {
            let error = parse(&format!("[profile.p]\n{text}\n")).unwrap_err();
            let (message, advice) = (error.message(), error.advice().unwrap());
            assert!(message.contains(&format!(" line {line}: ")), "{message}");
            assert!(
                message.contains(told) && advice.contains(right),
                "{message}; {advice}"
            );
            assert!(!message.contains("canary"), "{message}");
        }
        let error = parse("client-id = \"x\"\n").unwrap_err();
        assert!(
            error
                .advice()
                .unwrap()
                .contains("below the line [profile.NAME]")
        );
        assert!(
            parse("default-profil = \"x\"\n")
                .unwrap_err()
                .advice()
                .unwrap()
                .contains("write default-profile")
        );
    }
}
