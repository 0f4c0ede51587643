//! The lifetime of an access token.

use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The lifetime of an access token, as far as the server stated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The token lives this long after its request left.
    Known(Duration),
    /// The server stated no lifetime. The token is used until a service rejects it.
    Unknown,
    /// The server stated zero or less. Only the callers that already wait for this token get it.
    Expired,
}

/// A lifetime in the records of sessions: whole milliseconds, or a word.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredLifetime {
    Millis(u64),
    Unknown,
    Expired,
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(lifetime) => {
                let millis = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
                StoredLifetime::Millis(millis)
            }
            Self::Unknown => StoredLifetime::Unknown,
            Self::Expired => StoredLifetime::Expired,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match StoredLifetime::deserialize(deserializer)? {
            StoredLifetime::Millis(millis) => Self::Known(Duration::from_millis(millis)),
            StoredLifetime::Unknown => Self::Unknown,
            StoredLifetime::Expired => Self::Expired,
        })
    }
}
