//! A process that writes until it is killed, and what may be in the store by its own words.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use twoba_core::{Change, Revision, SessionKey, StoredGrant};

use super::changes;
use crate::store::{Store, StoreError};

/// How a line of the worker begins. Whoever runs it may write other lines.
const SAYS: &str = "worker: ";

/// How long the worker may take to its next line. It is long, because the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// The session that the worker writes.
#[must_use]
pub fn key_of_the_worker() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

/// Logs in and refreshes for ever, and says on standard output what it is about to do and what it
/// has done. Each rotation is rescued before it is stored. The process is killed in the middle.
///
/// # Panics
///
/// - the store fails
/// - nobody reads standard output any more
pub fn work_until_killed(store: &dyn Store) {
    let key = key_of_the_worker();
    let login = changes::login(&key, store.read(&key).unwrap());
    say("ends the rescue with", &login);
    store.change(&key, &login).unwrap();
    say("has ended the rescue with", &login);
    loop {
        let lease = store.try_lease(&key).unwrap();
        let mut lease = lease.unwrap_or_else(|| panic!("nobody else works here"));
        let stored = lease.load().unwrap().unwrap();
        let refresh = changes::refresh(&key, stored);
        say("stores", &refresh.intent);
        lease.apply(&refresh.intent).unwrap();
        say("has stored", &refresh.intent);
        say("rescues", &refresh.rotation);
        match store.rescue(&key, refresh.rotation.record()) {
            Ok(()) => say("has rescued", &refresh.rotation),
            Err(StoreError::NoRescue) => {}
            Err(error) => panic!("{error}"),
        }
        store.probe(&key).unwrap();
        say("ends the rescue with", &refresh.rotation);
        lease.finish(&refresh.rotation).unwrap();
        say("has ended the rescue with", &refresh.rotation);
        lease.release();
    }
}

#[expect(clippy::print_stdout, reason = "the process that kills it reads this")]
fn say(what: &str, change: &Change) {
    println!("{SAYS}{what} {}", named(change.revision()));
}

fn named(revision: Revision) -> String {
    let bytes = revision.to_bytes();
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// The revision of a record that a session wrote, as the worker writes it.
///
/// # Panics
///
/// - no session wrote it
#[track_caller]
#[must_use]
pub fn revision_of(stored: Option<StoredGrant>) -> Option<String> {
    let stored = stored?;
    assert!(stored.schedule().is_some(), "half a record: {stored:?}");
    Some(named(stored.revision()))
}

/// The revisions that one place may hold: one, or two while it is being replaced.
type May = BTreeSet<Option<String>>;

/// What may be in the store by what the worker has said of its writes.
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

    fn hear(&mut self, line: &str) {
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

    /// Takes what was found in the store after the worker was killed.
    ///
    /// # Panics
    ///
    /// - the worker was told that something else is stored
    #[track_caller]
    pub fn settle(&mut self, record: Option<String>, rescue: Option<String>) {
        assert!(self.record.contains(&record), "{record:?}: {self:?}");
        assert!(self.rescue.contains(&rescue), "{rescue:?}: {self:?}");
        self.record = BTreeSet::from([record]);
        self.rescue = BTreeSet::from([rescue]);
    }
}

/// A process that ends with this value.
#[derive(Debug)]
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the worker and kills it after so many lines. `told` hears all that it said.
///
/// # Panics
///
/// - the worker cannot be started, ends by itself, or says nothing for a minute
pub fn kill_after(lines: usize, mut command: Command, told: &mut Told) {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut worker = Killed(command.spawn().unwrap());
    let output = BufReader::new(worker.0.stdout.take().unwrap());
    let (send, said) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut output = output;
        let mut line = String::new();
        // A line that was cut off says nothing.
        while output.read_line(&mut line).is_ok() && line.ends_with('\n') {
            if let Some(said) = line.trim_end().strip_prefix(SAYS) {
                // Nobody may listen any more.
                drop(send.send(said.to_owned()));
            }
            line.clear();
        }
    });
    for _ in 0..lines {
        match said.recv_timeout(LIMIT) {
            Ok(line) => told.hear(&line),
            Err(RecvTimeoutError::Timeout) => panic!("the worker says nothing"),
            Err(RecvTimeoutError::Disconnected) => panic!("the worker has ended by itself"),
        }
    }
    drop(worker);
    reader.join().unwrap();
    said.iter().for_each(|line| told.hear(&line));
}
