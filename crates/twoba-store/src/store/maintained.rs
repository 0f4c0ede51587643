//! What a person does with a store as a whole: looking at it, taking back what was kept aside,
//! sealing it again, and moving it. A session needs none of it.

use std::fmt;
use std::time::SystemTime;

use twoba_core::{SessionKey, StoredGrant};

use super::{KeyId, Lease, Store, StoreError};
use crate::protection::Protection;

/// A store that can be looked at, repaired and moved as a whole.
pub trait Maintained: Store {
    /// What the store says of itself. It is read anew with each call.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`] or another
    fn about(&self) -> Result<About, StoreError>;

    /// Declares that the sessions of this store are used here: that it is no copy, and that no move
    /// is under way. If the original is still used, each spends the refresh tokens of the other,
    /// and the sessions are lost.
    ///
    /// # Errors
    ///
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn adopt(&self) -> Result<(), StoreError>;

    /// Lists the bytes that were kept aside of all sessions, or of one. The latest comes first.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`] or another
    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError>;

    /// Puts bytes that were kept aside back in the place of the session. The bytes that they
    /// replace are kept aside in turn. No program may use the session meanwhile. A program that has
    /// seen the present record takes the restored one for a store that went back.
    ///
    /// # Errors
    ///
    /// - a program has the lease of the session: [`StoreError::Busy`]
    /// - the bytes are gone or cannot be a record, or the place cannot be written:
    ///   [`StoreError::Io`] or another
    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError>;

    /// Removes bytes that were kept aside. They may hold the only copy of a refresh token. It is no
    /// error if they are already gone.
    ///
    /// # Errors
    ///
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError>;

    /// Has an encrypted store write with the key of this id from now on, and seals with it what is
    /// sealed with another. Programs may use the store meanwhile. Their keys must have the new one
    /// before, and the old one until this has returned. What cannot be opened stays as it is.
    /// Returns how many records were sealed again. A call that was cut off is repeated.
    ///
    /// # Errors
    ///
    /// - the store is not encrypted: [`StoreError::NotEncrypted`]
    /// - the key is not among those of this program: [`StoreError::KeyUnknown`]
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError>;

    /// Sets or removes the mark of a move. As long as it is there, no lease is given, and no login
    /// or logout is written. A lease that was given before goes on. When this has returned, no
    /// login or logout is under way that has not seen the mark.
    ///
    /// # Errors
    ///
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError>;

    /// Takes the lease of a session like [`Store::try_lease`], also in a store that is marked. It is
    /// for whoever moves the sessions.
    ///
    /// # Errors
    ///
    /// - as for [`Store::try_lease`]
    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError>;

    /// Replaces everything that belongs to a session. It survives a crash. It is for a store that
    /// nobody uses yet: no record is compared. `during` is the mark of the move, which is compared in
    /// the same operation: whoever moves may have been stopped while another finished the move.
    /// `None` compares nothing.
    ///
    /// # Errors
    ///
    /// - the store has another mark, or none: [`StoreError::MoveOver`]
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError>;

    /// Removes everything that belongs to a session. Whoever calls it has it elsewhere. `during` is
    /// as for [`put`](Self::put).
    ///
    /// # Errors
    ///
    /// - as for [`put`](Self::put)
    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError>;
}

/// What a store says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// The kind of the store: a word such as "file", "sqlite" or "postgresql".
    pub kind: &'static str,
    /// The place, as a person names it to a program. It has no password in it.
    pub address: String,
    /// The protection of its records.
    pub protection: Protection,
    /// Whether it is a copy, whose sessions are used elsewhere until it is
    /// [adopted](Maintained::adopt).
    pub is_copy: bool,
    /// The schema of its tables. `None` if it has none.
    pub schema: Option<u32>,
    /// The mark of a move.
    pub mark: Option<Mark>,
}

impl About {
    /// A store of this kind in this place. It is no copy, and has no tables and no mark.
    #[must_use]
    pub fn new(kind: &'static str, address: impl Into<String>, protection: Protection) -> Self {
        Self {
            kind,
            address: address.into(),
            protection,
            is_copy: false,
            schema: None,
            mark: None,
        }
    }
}

/// What is written into a store while its sessions move, and after. `Display` writes it as the
/// store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Its sessions have moved to this store, or are moving there.
    MovedTo(String),
    /// Sessions are arriving from this store, and are not used yet.
    ArrivingFrom(String),
}

impl Mark {
    /// Reads a mark as `Display` writes it. `None` if the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(to) = text.strip_prefix("moved to ") {
            return Some(Self::MovedTo(to.to_owned()));
        }
        let from = text.strip_prefix("arriving from ")?;
        Some(Self::ArrivingFrom(from.to_owned()))
    }

    /// The error for whoever wants to use a store with this mark. `place` names the store.
    #[must_use]
    pub fn refusal(&self, place: impl Into<String>) -> StoreError {
        let place = place.into();
        match self {
            Self::MovedTo(to) => StoreError::Moved {
                place,
                to: to.clone(),
            },
            Self::ArrivingFrom(from) => StoreError::Arriving {
                place,
                from: from.clone(),
            },
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MovedTo(to) => write!(f, "moved to {to}"),
            Self::ArrivingFrom(from) => write!(f, "arriving from {from}"),
        }
    }
}

impl Mark {
    /// Checks that a store with this mark is still in the move of which `during` is the mark.
    ///
    /// # Errors
    ///
    /// - it is not: [`StoreError::MoveOver`]
    pub fn check(
        found: Option<&Self>,
        during: Option<&Self>,
        place: impl Into<String>,
    ) -> Result<(), StoreError> {
        if during.is_none() || found == during {
            return Ok(());
        }
        Err(StoreError::MoveOver {
            place: place.into(),
        })
    }
}

/// Bytes that were kept aside of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptAside {
    /// The session that they belong to.
    pub key: SessionKey,
    /// Their name in the store.
    pub name: String,
    /// The time when they were kept.
    pub since: SystemTime,
    /// The bytes. If they cannot be a record, only their beginning.
    pub record: StoredGrant,
}

impl KeptAside {
    /// Bytes of a session that were kept under this name.
    #[must_use]
    pub fn new(
        key: SessionKey,
        name: impl Into<String>,
        since: SystemTime,
        record: StoredGrant,
    ) -> Self {
        Self {
            key,
            name: name.into(),
            since,
            record,
        }
    }
}

/// Everything that belongs to a session in a store.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The record.
    pub record: Option<StoredGrant>,
    /// The grant that could not be stored.
    pub rescued: Option<StoredGrant>,
    /// The bytes that were kept aside, the latest first.
    pub kept_aside: Vec<KeptAside>,
}

impl Content {
    /// What a store has of a session. Hold its lease, so that it is of one moment.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`] or another
    pub fn of(store: &dyn Maintained, key: &SessionKey) -> Result<Self, StoreError> {
        Ok(Self {
            record: store.read(key)?,
            rescued: store.rescued(key)?,
            kept_aside: store.kept_aside(Some(key))?,
        })
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.record.is_none() && self.rescued.is_none() && self.kept_aside.is_empty()
    }

    /// Whether another store has the same bytes. The names of those that were kept aside are the
    /// store's own, and their order is the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let aside = |content: &Self| {
            let records = content.kept_aside.iter();
            records.map(|one| one.record.clone()).collect::<Vec<_>>()
        };
        self.record == other.record && self.rescued == other.rescued && aside(self) == aside(other)
    }
}
