//! The settings that an address is made of, and why it cannot be used.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The values of settings, by their names.
pub(super) type Settings = BTreeMap<String, String>;

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The text is no address of a database.
    #[error("an address begins with postgres:// and goes on with USER@HOST:PORT/DATABASE")]
    NotAnAddress,
    /// There is a password in the address.
    #[error(
        "there is a password in the address, where others can read it; put it into PGPASSWORD or into a file that PGPASSFILE names"
    )]
    PasswordInAddress,
    /// A setting is none that this program knows.
    #[error("this program does not know the setting {0}")]
    UnknownSetting(String),
    /// A setting has a value that it cannot have.
    #[error("the setting {name} cannot be used: {why}")]
    Setting {
        /// The name of the setting.
        name: &'static str,
        /// The reason.
        why: String,
    },
    /// Passwords and tokens would leave the machine unprotected.
    #[error(
        "connections to another machine have to be secured: leave out sslmode, or set it to verify-full"
    )]
    Unsecured,
    /// A file with passwords can be read by others.
    #[error("other users of this machine can read {}; close it with chmod 600", .0.display())]
    OpenToOthers(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        why: String,
    },
    /// The file of services has no such service.
    #[error("there is no service {name} in {}", .path.display())]
    NoService {
        /// The name of the service.
        name: String,
        /// The file.
        path: PathBuf,
    },
}

impl AddressError {
    pub(super) fn setting(name: &'static str, why: impl ToString) -> Self {
        Self::Setting {
            name,
            why: why.to_string(),
        }
    }
}
