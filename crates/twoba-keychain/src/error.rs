//! Why a keychain cannot be used, in the words for a person.

use twoba_store::seal::KeySourceError;

/// Why the keychain gives or keeps nothing. Nothing is lost: the entries stay as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeychainError {
    /// There is no keychain on this system, or nothing offers one in this session.
    #[error("there is no keychain here: {why}")]
    Absent {
        /// What was missing.
        why: String,
    },
    /// The keychain is locked. The person has to unlock it.
    #[error("the keychain is locked; unlock it, for example by logging in to the desktop")]
    Locked,
    /// The keychain did not answer in time. This process does not ask it again for some time.
    #[error("the keychain does not answer; it is not asked again within {HOLD_OFF_SECONDS} s")]
    Hanging,
    /// There is no entry with this account.
    #[error("the keychain has no entry of the service twoba with the account {account}")]
    NoEntry {
        /// The account.
        account: String,
    },
    /// The entry holds something other than keys.
    #[error("the entry {account} of the keychain cannot be used: {source}")]
    NoKeys {
        /// The account.
        account: String,
        /// What is wrong with it.
        source: KeySourceError,
    },
    /// The keychain failed otherwise.
    #[error("the keychain has failed: {why}")]
    Failed {
        /// In its own words.
        why: String,
    },
}

/// How long a keychain that hangs is left alone.
pub(crate) const HOLD_OFF_SECONDS: u64 = 30;

impl KeychainError {
    /// The error of an operation on the entry of this account.
    ///
    /// The error itself is dropped: with `Debug`, some print what the entry holds.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is not ours, and may grow"
    )]
    pub(crate) fn of(error: keyring_core::Error, account: &str) -> Self {
        use keyring_core::Error;

        match error {
            Error::NoEntry => Self::NoEntry {
                account: account.to_owned(),
            },
            Error::NoStorageAccess(_) => Self::Locked,
            Error::PlatformFailure(source) => Self::Failed {
                why: source.to_string(),
            },
            Error::Ambiguous(_) => Self::Failed {
                why: format!("it has several entries with the account {account}"),
            },
            Error::TooLong(what, most) => Self::Failed {
                why: format!("{what} is longer than {most}"),
            },
            _ => Self::Failed {
                why: format!("it cannot use the entry {account}"),
            },
        }
    }
}
