//! What the commands say of a store, and how they look through it.

use twoba_blocking::Error;
use twoba_core::SessionKey;
use twoba_store::{Listed, Maintained, Protection, StoreError};

use crate::failure::Failure;
use crate::settings::Place;

/// How many sessions are listed at once.
const PAGE: usize = 1000;

/// The failure of a command that needs a store that is there.
pub(super) fn missing(place: &Place) -> Failure {
    Failure::configuration(format!("there is no {} {place}", place.word())).advise(
        "name what holds the sessions with --store DIR, --store sqlite:PATH or --store \
             postgres://USER@HOST/DATABASE; `twoba login` makes a new store",
    )
}

/// A protection as one word.
pub(crate) fn protection(protection: Protection) -> &'static str {
    match protection {
        Protection::Plain => "plain",
        Protection::Encrypted(_) => "encrypted",
    }
}

/// A protection, for a person.
pub(crate) fn told(protection: Protection) -> String {
    match protection {
        Protection::Plain => "the sessions are not encrypted".to_owned(),
        Protection::Encrypted(id) => format!("the sessions are encrypted with the key {id}"),
    }
}

/// Everything that lies in a store.
pub(super) fn all(store: &dyn Maintained) -> Result<Vec<Listed>, Failure> {
    let mut all = Vec::new();
    loop {
        let last = all.last().map(|one: &Listed| one.key.clone());
        let page = store.list(last.as_ref(), PAGE).map_err(Error::from)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// What the record of a session is.
pub(super) enum Seen {
    Session,
    /// Nobody is logged in: a logout, or the end of the grant, is all that it holds.
    Ended,
    Unreadable,
    /// It has gone since it was listed, with the end of a move.
    Gone,
}

impl Seen {
    pub(super) fn of(store: &dyn Maintained, key: &SessionKey) -> Result<Self, StoreError> {
        let Some(record) = store.read(key)? else {
            return Ok(Self::Gone);
        };
        Ok(match record.owner() {
            Some(owner) if owner.is_alive => Self::Session,
            Some(_) => Self::Ended,
            // The next token of a program replaces it.
            None if key.is_of_program() => Self::Session,
            None => Self::Unreadable,
        })
    }
}
