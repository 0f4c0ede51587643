//! The place of the sessions, as a person names it: a folder, or the address of a database.

use std::fmt;
use std::path::{Path, PathBuf};

#[cfg(feature = "postgres")]
use twoba_store_postgres::{Address, AddressError};

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
    /// A PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres {
        /// The address as it was given. There is no password in it.
        text: String,
        /// The same with what completes it. There may be a password in it.
        address: Box<Address>,
    },
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
            return postgres(given, text);
        }
        if text.contains("://") {
            return Err(given
                .refused("it is an address, and has to be a folder or a database")
                .advise(
                    "name a folder that keeps the sessions, or a database as sqlite:PATH or \
                     postgres://USER@HOST/DATABASE",
                ));
        }
        Ok(Self::Folder(text.into()))
    }

    /// Whether something is there. A store that cannot be looked at may be there.
    pub(crate) fn exists(&self) -> bool {
        match self {
            Self::Folder(path) | Self::Sqlite(path) => path.try_exists().unwrap_or(true),
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => true,
        }
    }

    /// Whether it is on this machine, where nobody but its owner can look into it.
    pub(crate) fn is_private(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Sqlite(_) => true,
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => false,
        }
    }

    /// What it is, in words.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Sqlite(_) => "database",
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => "database",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Sqlite(path) => write!(f, "{SQLITE}{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres { text, .. } => f.write_str(text),
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

/// Reads the address of a PostgreSQL database, with the environment and the files that complete it.
#[cfg(feature = "postgres")]
fn postgres(given: &Found<PathBuf>, text: &str) -> Result<Place, Failure> {
    let address = Address::parse(text).map_err(|error| match error {
        AddressError::PasswordInAddress => given
            .refused("there is a password in the address of the database, where others can see it")
            .advise(
                "take it out, and give it in a file that PGPASSFILE names, in PGPASSWORD, or in a \
                 service file that PGSERVICEFILE names",
            ),
        AddressError::OpenToOthers(_) => given
            .refused(&error)
            .advise("nothing was sent; close that file, and try again"),
        AddressError::NotAnAddress
        | AddressError::UnknownSetting(_)
        | AddressError::Setting { .. }
        | AddressError::Unsecured
        | AddressError::File { .. }
        | AddressError::NoService { .. }
        | _ => given.refused(&error).advise(
            "write it as postgres://USER@HOST/DATABASE; docs/fleet.md tells the settings, and what \
             is read of the environment",
        ),
    })?;
    Ok(Place::Postgres {
        text: text.to_owned(),
        address: Box::new(address),
    })
}

/// Refuses such an address. There may be a password in it.
#[cfg(not(feature = "postgres"))]
fn postgres(given: &Found<PathBuf>, _: &str) -> Result<Place, Failure> {
    Err(given
        .refused("this program was built without PostgreSQL")
        .advise("name a folder that keeps the sessions, or sqlite:PATH for a database"))
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

    #[cfg(feature = "postgres")]
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
        for text in [
            "postgres://me@host:5432/db?sslmode=require",
            "postgresql://me@127.0.0.1/db?schema=ours",
        ] {
            let place = parse(text).unwrap();
            assert_eq!(place.to_string(), text);
            assert!(place.exists() && !place.is_private());
        }
        for (text, told) in [
            ("postgres://me@host/db?sslmode=disable", "secured"),
            ("postgres://me@host/db?color=red", "color"),
            ("postgres://me@host:no/db", "port"),
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.exit(), 2);
            assert!(failure.message().contains(told), "{}", failure.message());
        }
    }
}
