//! Where the keys of a store come from.

use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::key::{EncryptionKey, KeyParseError};

/// The most bytes of keys that are read: some hundred keys.
const KEYS_MAX: u64 = 16 * 1024;

/// A place that has the keys of a store. `Display` names the place, and never a key.
pub trait KeySource: Display + Send + Sync {
    /// Reads the keys. A new store is written with the first one. All of them open records.
    ///
    /// # Errors
    ///
    /// - the place cannot be read, or holds no key
    fn keys(&self) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>>;
}

/// Why a source gives no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// There is no key.
    #[error("there is no key")]
    NoKey,
    /// A line is no key.
    #[error("line {line}: {source}")]
    NotAKey {
        /// The number of the line, from 1.
        line: usize,
        /// What a key is.
        source: KeyParseError,
    },
    /// The file can be read by other users of this machine.
    #[error("other users of this machine can read it; close it with chmod 600")]
    OpenToOthers,
    /// The file is too large for a file of keys.
    #[error("it is too large for a file of keys")]
    TooLarge,
    /// The place cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The system has no randomness.
    #[error("the system has no randomness to offer")]
    NoRandomness,
    /// The record is too long to be sealed.
    #[error("the record is too long")]
    TooLong,
}

/// A file of keys, as [`parse_keys`] reads them.
///
/// The file must not be readable by other users of the machine.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at `path`. It is read when a key is needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn read(&self) -> Result<Vec<EncryptionKey>, KeySourceError> {
        let file = File::open(&self.path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            if file.metadata()?.mode() & 0o077 != 0 {
                return Err(KeySourceError::OpenToOthers);
            }
        }
        let mut text = Zeroizing::new(String::with_capacity(1024));
        file.take(KEYS_MAX + 1).read_to_string(&mut text)?;
        parse_keys(&text)
    }
}

impl KeySource for KeyFile {
    fn keys(&self) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
        Ok(self.read()?)
    }
}

impl Display for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file {}", self.path.display())
    }
}

/// Keys from anywhere else, such as the output of a command or a vault.
pub struct KeysFrom<F> {
    place: String,
    read: F,
}

impl<F> KeysFrom<F>
where
    F: Fn() -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> + Send + Sync,
{
    /// Makes a source of a closure. `place` is its name in errors. The closure runs when a key is
    /// needed that is not known yet, and may block.
    pub fn new(place: impl Into<String>, read: F) -> Self {
        let place = place.into();
        Self { place, read }
    }
}

impl<F> KeySource for KeysFrom<F>
where
    F: Fn() -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> + Send + Sync,
{
    fn keys(&self) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
        (self.read)()
    }
}

impl<F> Display for KeysFrom<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl<F> fmt::Debug for KeysFrom<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeysFrom({})", self.place)
    }
}

/// Reads keys from text: one as base64 in each line. Empty lines, and lines that begin with `#`,
/// are left out.
///
/// # Errors
///
/// - there is no key, or more than some hundred: [`KeySourceError::NoKey`],
///   [`KeySourceError::TooLarge`]
/// - a line is no key: [`KeySourceError::NotAKey`]
pub fn parse_keys(text: &str) -> Result<Vec<EncryptionKey>, KeySourceError> {
    if u64::try_from(text.len()).is_ok_and(|len| len > KEYS_MAX) {
        return Err(KeySourceError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<EncryptionKey> = lines
        .map(|(number, line)| {
            line.parse().map_err(|source| KeySourceError::NotAKey {
                line: number + 1,
                source,
            })
        })
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(KeySourceError::NoKey);
    }
    Ok(keys)
}
