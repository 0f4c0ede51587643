//! The place of the sessions, as a person names it: a folder, or the address of a database.

use std::fmt;
use std::path::{Path, PathBuf};

use super::found::Found;
use crate::failure::Failure;

/// The beginning of the address of an SQLite database.
pub(super) const SQLITE: &str = "sqlite:";

/// The beginnings of the address of a PostgreSQL database.
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

/// The place of the sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder with a file for each session.
    Folder(PathBuf),
    /// An SQLite database.
    Sqlite(PathBuf),
}

impl Place {
    /// Reads a place. No message repeats an address, because there may be a password in it.
    pub(super) fn parse(given: &Found<PathBuf>) -> Result<Self, Failure> {
        let Some(text) = given.value.to_str() else {
            // A path that is no text is none of an address.
            return Ok(Self::Folder(given.value.clone()));
        };
        if let Some(path) = text.strip_prefix(SQLITE) {
            if path.is_empty() || path.starts_with("//") {
                return Err(given.refused("it names no file").advise(
                    "write it as sqlite:PATH, such as sqlite:/var/lib/example/sessions.db",
                ));
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if POSTGRES.iter().any(|start| text.starts_with(start)) {
            return Err(postgres(given, text));
        }
        if text.contains("://") {
            return Err(given
                .refused("it is an address, and has to be a folder or a database")
                .advise("name a folder that keeps the sessions, or sqlite:PATH for a database"));
        }
        Ok(Self::Folder(text.into()))
    }

    /// The path of the folder or of the database.
    fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Sqlite(path) => path,
        }
    }

    /// Whether something is there. A store that cannot be looked at may be there.
    pub(crate) fn exists(&self) -> bool {
        self.path().try_exists().unwrap_or(true)
    }

    /// What it is, in words.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Sqlite(_) => "database",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Sqlite(path) => write!(f, "{SQLITE}{}", path.display()),
        }
    }
}

/// A path with `~/` replaced by the user's home folder.
pub(crate) fn with_home(path: &Path) -> PathBuf {
    let Ok(rest) = path.strip_prefix("~") else {
        return path.to_owned();
    };
    etcetera::home_dir().map_or_else(|_| path.to_owned(), |home| home.join(rest))
}

/// The same for a store, which may be a database.
pub(super) fn at_home(store: &Path) -> PathBuf {
    let database = store.to_str().and_then(|text| text.strip_prefix(SQLITE));
    match database {
        Some(path) => format!("{SQLITE}{}", with_home(Path::new(path)).display()).into(),
        None => with_home(store),
    }
}

/// Why an address of PostgreSQL is not used.
fn postgres(given: &Found<PathBuf>, address: &str) -> Failure {
    if has_password(address) {
        return given
            .refused("there is a password in the address of the database, where others can see it")
            .advise(
                "take it out, and give it in a file that PGPASSFILE names, in PGPASSWORD, or in a \
                 service file that PGSERVICEFILE names",
            );
    }
    given
        .refused("this program cannot use PostgreSQL")
        .advise("name a folder that keeps the sessions, or sqlite:PATH for a database")
}

/// Whether the address holds a password, as part of the user or as a parameter.
fn has_password(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let (before, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = before.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let is_parameter = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default();
        // Every part of a name may be written as a number.
        name.eq_ignore_ascii_case("password") || name.contains('%')
    };
    user.is_some_and(|user| user.contains(':')) || parameters.split('&').any(is_parameter)
}

#[cfg(test)]
mod tests {
    use super::super::found::Origin;
    use super::*;

    fn parse(text: &str) -> Result<Place, Failure> {
        Place::parse(&Found {
            name: "store",
            value: text.into(),
            origin: Origin::Flag("--store"),
        })
    }

    #[test]
    fn a_folder_and_a_database_are_told_apart() {
        for (text, place) in [
            ("/a/b", Place::Folder("/a/b".into())),
            ("a:b", Place::Folder("a:b".into())),
            ("C:\\a", Place::Folder("C:\\a".into())),
            ("sqlite:/a/b.db", Place::Sqlite("/a/b.db".into())),
            ("sqlite:b.db", Place::Sqlite("b.db".into())),
        ] {
            assert_eq!(parse(text).unwrap(), place);
            assert_eq!(place.to_string(), text);
        }
        for text in ["sqlite:", "sqlite:///a", "https://a/b", "mysql://a"] {
            assert_eq!(parse(text).unwrap_err().exit(), 2, "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in [
            "postgres://me:canary@host/db",
            "postgresql://me:canary@host:5432/db?sslmode=require",
            "postgres://me:@host/db",
            "postgres://host/db?password=canary",
            "postgres://host/db?sslmode=require&PASSWORD=canary",
            "postgres://host/db?p%61ssword=canary",
            "postgres://me:can@ary@host/db",
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.exit(), 2);
            let said = format!("{} {:?}", failure.message(), failure.advice());
            assert!(
                said.contains("PGPASSFILE") && said.contains("PGPASSWORD"),
                "{said}"
            );
            assert!(!said.contains("canary") && !said.contains("ary"), "{said}");
        }
        let other = parse("postgres://me@host:5432/db?sslmode=require").unwrap_err();
        assert!(!other.message().contains("password"), "{}", other.message());
    }
}
