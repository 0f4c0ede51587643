//! What is asked of a keychain: keys, secrets, and whether it can be used.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use twoba_store::KeyId;
use twoba_store::seal::{EncryptionKey, KeySource, parse_keys};
use zeroize::Zeroizing;

use crate::bounded::bounded;
use crate::error::KeychainError;
use crate::making;
use crate::platform;

/// The service of all entries.
pub const SERVICE: &str = "twoba";

/// How long [`Keychain::probe`] may take. Who learns that a keychain hangs can do without.
pub const LIMIT: Duration = Duration::from_secs(3);

/// How long what is needed may take to be read or written: a keychain is slow where a desktop has
/// just started, and without its key a session cannot be used.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The keychain of the user who runs this program.
///
/// Everything that is asked of it runs in a thread of its own and ends in time: a probe within
/// [`LIMIT`], the reading or writing of an entry within [`PATIENCE`]. To make a key takes several of
/// these. A thread whose service does not answer is left behind.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Keychain {}

impl Keychain {
    /// The keychain. Nothing is asked of it yet.
    #[must_use]
    pub fn of_this_user() -> Self {
        Self {}
    }

    /// The keys under this account, for a [`Sealer`](twoba_store::seal::Sealer). They are read when
    /// one is needed.
    #[must_use]
    pub fn keys(&self, account: impl Into<String>) -> KeychainKeys {
        KeychainKeys {
            keychain: self.clone(),
            account: account.into(),
        }
    }

    /// Makes a key, adds it to those under this account, and reads it back. The first key of an
    /// account stays the first. Programs of one user that make keys do so one after the other, so
    /// that none of the keys is lost. Returns the id of the new key.
    ///
    /// # Errors
    ///
    /// - the keychain cannot be used: [`KeychainError::Absent`], [`KeychainError::Locked`],
    ///   [`KeychainError::Hanging`]
    /// - the entry holds something other than keys: [`KeychainError::NoKeys`]
    /// - the keychain does not keep what was written, or another program is making a key for too
    ///   long: [`KeychainError::Failed`]
    pub fn make_key(&self, account: &str) -> Result<KeyId, KeychainError> {
        // A keychain replaces an entry, whatever stands there by then.
        let _one_at_a_time = making::begin(PATIENCE)?;
        let held = match self.secret(account) {
            Err(KeychainError::NoEntry { .. }) => Zeroizing::new(String::new()),
            outcome => outcome?,
        };
        if !held.is_empty() {
            read_keys(account, &held)?;
        }
        let no_randomness = |_| KeychainError::Failed {
            why: "the system has no randomness to offer".to_owned(),
        };
        let key = EncryptionKey::random().map_err(no_randomness)?;
        let text = key.to_base64();
        let mut lines = Zeroizing::new(String::with_capacity(held.len() + text.len() + 2));
        for part in [
            held.trim_end(),
            if held.is_empty() { "" } else { "\n" },
            &text,
        ] {
            lines.push_str(part);
        }
        self.keep(account, lines.clone())?;
        if *self.secret(account)? != *lines {
            return Err(KeychainError::Failed {
                why: "it gives back something else than was written".to_owned(),
            });
        }
        Ok(key.id())
    }

    /// The secret under this account, such as that of a client.
    ///
    /// # Errors
    ///
    /// - there is no such entry: [`KeychainError::NoEntry`]
    /// - the keychain cannot be used: [`KeychainError::Absent`], [`KeychainError::Locked`],
    ///   [`KeychainError::Hanging`]
    /// - it holds no text, or refuses: [`KeychainError::Failed`]
    pub fn secret(&self, account: &str) -> Result<Zeroizing<String>, KeychainError> {
        let account = account.to_owned();
        bounded(PATIENCE, move || {
            let entry = platform::entry(SERVICE, &account)?;
            let bytes = entry.get_secret().map(Zeroizing::new);
            let bytes = bytes.map_err(|error| KeychainError::of(error, &account))?;
            let text = std::str::from_utf8(&bytes).map_err(|_| KeychainError::Failed {
                why: format!("the entry {account} is no text"),
            })?;
            Ok(Zeroizing::new(text.to_owned()))
        })
    }

    /// Writes, reads and deletes an entry, to find out whether the keychain can be used.
    ///
    /// # Errors
    ///
    /// - it cannot: [`KeychainError::Absent`], [`KeychainError::Locked`],
    ///   [`KeychainError::Hanging`], [`KeychainError::Failed`]
    pub fn probe(&self) -> Result<(), KeychainError> {
        let account = format!("probe of process {}", std::process::id());
        bounded(LIMIT, move || {
            let entry = platform::entry(SERVICE, &account)?;
            let failed = |error| KeychainError::of(error, &account);
            entry.set_secret(account.as_bytes()).map_err(failed)?;
            let read = entry.get_secret().map_err(failed)?;
            entry.delete_credential().map_err(failed)?;
            if read == account.as_bytes() {
                return Ok(());
            }
            Err(KeychainError::Failed {
                why: "it gives back something else than was written".to_owned(),
            })
        })
    }

    fn keep(&self, account: &str, text: Zeroizing<String>) -> Result<(), KeychainError> {
        let account = account.to_owned();
        bounded(PATIENCE, move || {
            let entry = platform::entry(SERVICE, &account)?;
            let kept = entry.set_secret(text.as_bytes());
            kept.map_err(|error| KeychainError::of(error, &account))
        })
    }
}

pub(crate) fn read_keys(account: &str, text: &str) -> Result<Vec<EncryptionKey>, KeychainError> {
    parse_keys(text).map_err(|source| KeychainError::NoKeys {
        account: account.to_owned(),
        source,
    })
}

/// The keys under one account of the keychain.
#[derive(Debug, Clone)]
pub struct KeychainKeys {
    keychain: Keychain,
    account: String,
}

impl KeySource for KeychainKeys {
    fn keys(&self) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
        let text = self.keychain.secret(&self.account)?;
        Ok(read_keys(&self.account, &text)?)
    }
}

impl fmt::Display for KeychainKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the keychain (twoba, {})", self.account)
    }
}
