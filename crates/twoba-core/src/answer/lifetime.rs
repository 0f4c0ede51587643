//! How long an access token lives.

use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How long an access token lives, as far as the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// This long from the moment the request left.
    Known(Duration),
    /// The server did not say: the token is used until a service rejects it.
    Unknown,
    /// The server said zero or less: for those who wait for it, and nobody else.
    Expired,
}

/// A lifetime as whole milliseconds, or a word: as it stands in records of sessions.
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
