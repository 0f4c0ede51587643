//! Sessions that were kept aside: how they are shown, and how a logout ends them.

use serde_json::{Value, json};
use twoba_blocking::{Error, MemoryStore, Revocation};
use twoba_core::{Owner, SessionKey};
use twoba_store::KeptAside;

use crate::failure::Failure;
use crate::source::Source;
use crate::times::rfc3339_of;

/// The result for the sessions that were kept aside.
#[derive(Debug, Default)]
pub(super) struct Ended {
    removed: usize,
    revoked: usize,
}

impl Ended {
    pub(super) fn object(&self) -> Value {
        json!({"removed": self.removed, "revoked": self.revoked})
    }

    /// The text for the person, if there were any.
    pub(super) fn told(&self) -> Option<String> {
        let removed = match self.removed {
            0 => return None,
            1 => "a session that was kept aside is removed too".to_owned(),
            count => format!("{count} sessions that were kept aside are removed too"),
        };
        Some(match self.removed - self.revoked {
            0 => format!("{removed}, and revoked at the server"),
            left if left == self.removed => {
                format!("{removed}; the server was not told, or they belong to another one")
            }
            left => format!("{removed}; {left} of them could not be revoked"),
        })
    }
}

/// The sessions that were kept aside from the current one.
pub(super) fn of(source: &Source) -> Result<Vec<KeptAside>, Failure> {
    if source.session.is_program() {
        return Ok(Vec::new());
    }
    let store = source.settings.store.open()?;
    let key = key(source)?;
    Ok(store.kept_aside(Some(&key)).map_err(Error::from)?)
}

/// Ends the sessions that were kept aside: here, and at the server if they belong to this client
/// there.
pub(super) fn end(kept: Vec<KeptAside>, source: &Source, revoke: bool) -> Result<Ended, Failure> {
    let mut ended = Ended::default();
    if kept.is_empty() {
        return Ok(ended);
    }
    let store = source.settings.store.open()?;
    for one in kept {
        if revoke && is_own(source, &one) && is_revoked(source, &one)? {
            ended.revoked += 1;
        }
        store.discard(&one).map_err(Error::from)?;
        ended.removed += 1;
    }
    Ok(ended)
}

/// Whether one of them belongs to this client at this server.
pub(super) fn has_own(kept: &[KeptAside], source: &Source) -> bool {
    kept.iter().any(|one| is_own(source, one))
}

fn key(source: &Source) -> Result<SessionKey, Failure> {
    SessionKey::parse(&source.settings.profile)
        .map_err(|error| Failure::configuration(error.to_string()))
}

/// Whether it is a session of this client at this server, with a grant.
fn is_own(source: &Source, kept: &KeptAside) -> bool {
    let client = &source.settings.client;
    kept.record.owner().is_some_and(|owner| {
        owner.is_alive
            && owner.authority == client.provider().authority()
            && owner.client_id == client.id()
    })
}

/// Logs the session out, in a store of its own.
fn is_revoked(source: &Source, kept: &KeptAside) -> Result<bool, Failure> {
    let store = MemoryStore::new();
    store.put(&key(source)?, kept.record.clone());
    let session = source.sessions_in(store).open(&source.settings.profile)?;
    // Where it fails it is removed here all the same, as the session of the call is.
    let gone = session.logout();
    Ok(gone.is_ok_and(|gone| gone.revocation == Revocation::Revoked))
}

/// A session that was kept aside, for a program.
pub(super) fn row(kept: &KeptAside) -> Value {
    json!({
        "key": kept.key.as_str(),
        "kind": "kept_aside",
        "name": kept.name,
        "since": rfc3339_of(kept.since),
        "owner": kept.record.owner().as_ref().map(owner),
    })
}

/// The owner of a session, for a program.
pub(super) fn owner(owner: &Owner) -> Value {
    json!({
        "authority": owner.authority,
        "client_id": owner.client_id,
        "user": owner.user,
    })
}

/// A session that was kept aside, for a person.
pub(super) fn line(kept: &KeptAside) -> String {
    let what = kept
        .record
        .owner()
        .map_or_else(|| "cannot be read".to_owned(), |owner| whose(&owner));
    format!(
        "{}: kept aside as {} since {}, {what}",
        kept.key.as_str(),
        kept.name,
        rfc3339_of(kept.since)
    )
}

/// The owner of a session, in words.
pub(super) fn whose(owner: &Owner) -> String {
    let who = match (&owner.user, owner.is_alive) {
        (Some(user), true) => format!("of {user}"),
        (None, true) => "of a person".to_owned(),
        (_, false) => "ended".to_owned(),
    };
    format!("{who}, client {} at {}", owner.client_id, owner.authority)
}
