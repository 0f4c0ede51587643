//! What a process does to a store that is killed or stopped, and what another one may find.
//!
//! The test of a store starts itself once more as a child, which calls
//! [`refresh_for_ever`] or [`obey`] and tells each step in a line that begins with [`CHILD`].

use std::collections::BTreeSet;

use twoba_core::{Change, Revision, SessionKey, StoredGrant};

use super::changes;
use crate::store::{ApplyError, Lease, Store, StoreError};

/// The beginning of a child's lines.
pub const CHILD: &str = "child: ";

/// The session that the child uses.
#[must_use]
pub fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

fn named(revision: Revision) -> String {
    let bytes = revision.to_bytes();
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[expect(clippy::print_stdout, reason = "the child tells its test what it does")]
fn tell(what: &str) {
    println!("{CHILD}{what}");
}

/// In the child: refreshes for ever, and each rotation is rescued before it is stored.
pub fn refresh_for_ever(store: &dyn Store) {
    let key = key();
    let tell = |what: &str, change: &Change| tell(&format!("{what} {}", named(change.revision())));
    let login = changes::login(&key, store.read(&key).unwrap());
    tell("ends the rescue with", &login);
    store.change(&key, &login).unwrap();
    tell("has ended the rescue with", &login);
    loop {
        let mut lease = store.try_lease(&key).unwrap().unwrap();
        let stored = lease.load().unwrap().unwrap();
        let refresh = changes::refresh(&key, stored);
        tell("stores", &refresh.intent);
        lease.apply(&refresh.intent).unwrap();
        tell("has stored", &refresh.intent);
        tell("rescues", &refresh.rotation);
        store.rescue(&key, refresh.rotation.record()).unwrap();
        tell("has rescued", &refresh.rotation);
        store.probe(&key).unwrap();
        tell("ends the rescue with", &refresh.rotation);
        lease.finish(&refresh.rotation).unwrap();
        tell("has ended the rescue with", &refresh.rotation);
    }
}

/// What may stand in a place: one thing, or two while it is being replaced.
type May = BTreeSet<Option<String>>;

/// What may stand in the store, by what a child has told of its writes.
#[derive(Debug, Clone)]
pub struct Told {
    record: May,
    rescue: May,
}

impl Told {
    /// An empty store.
    #[must_use]
    pub fn nothing() -> Self {
        let nothing = BTreeSet::from([None]);
        Self {
            record: nothing.clone(),
            rescue: nothing,
        }
    }

    /// Hears a line, without its beginning.
    pub fn hear(&mut self, line: &str) {
        let (what, revision) = line.rsplit_once(' ').unwrap();
        let revision = Some(revision.to_owned());
        match what {
            "stores" => drop(self.record.insert(revision)),
            "has stored" => self.record = BTreeSet::from([revision]),
            "rescues" => drop(self.rescue.insert(revision)),
            "has rescued" => self.rescue = BTreeSet::from([revision]),
            "ends the rescue with" => {
                self.record.insert(revision);
                self.rescue.insert(None);
            }
            "has ended the rescue with" => {
                self.record = BTreeSet::from([revision]);
                self.rescue = BTreeSet::from([None]);
            }
            _ => panic!("{line}"),
        }
    }

    /// Asserts that a store, opened anew after the child was killed, has what it may have, and that
    /// nobody waits for a lease of the dead.
    pub fn check(&mut self, store: &dyn Store) {
        let key = key();
        store.try_lease(&key).unwrap().unwrap().release();
        let found = |stored: Option<StoredGrant>| {
            // Bytes that a session wrote, all of them.
            assert!(stored.iter().all(|stored| stored.schedule().is_some()));
            stored.map(|stored| named(stored.revision()))
        };
        let record = found(store.read(&key).unwrap());
        assert!(self.record.contains(&record), "{record:?}: {self:?}");
        let rescue = found(store.rescued(&key).unwrap());
        assert!(self.rescue.contains(&rescue), "{rescue:?}: {self:?}");
        self.record = BTreeSet::from([record]);
        self.rescue = BTreeSet::from([rescue]);
    }
}

fn outcome<T>(outcome: Result<T, StoreError>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(StoreError::LeaseLost) => "lost",
        Err(_) => "failed",
    }
}

/// In the child: takes the lease, and does with it what each line of its standard input says.
pub fn obey(store: &dyn Store) {
    let key = key();
    let mut lease: Option<Box<dyn Lease>> = None;
    for line in std::io::stdin().lines() {
        let said = match (&*line.unwrap(), &mut lease) {
            ("take", lease) => {
                *lease = store.try_lease(&key).unwrap();
                if lease.is_some() { "taken" } else { "refused" }
            }
            ("renew", Some(lease)) => outcome(lease.renew()),
            ("write", Some(lease)) => {
                let stale = changes::login(&key, None);
                match lease.apply(&stale) {
                    Err(ApplyError::Conflict(Some(_))) => "conflict",
                    outcome => panic!("{outcome:?}"),
                }
            }
            (line, _) => panic!("{line}"),
        };
        tell(said);
    }
}
