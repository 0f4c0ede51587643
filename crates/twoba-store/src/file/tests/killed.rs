//! A process that uses a file store is killed (`kill -9`, no handler, no goodbye), again and
//! again in the same folder: what it was told is stored is there, whole, and the next one goes
//! on at once.
//!
//! The killed process is this test once more, as a child that writes without end and tells
//! what it is about to do and what it has done.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::conformance::changes;
use crate::{FileStore, Store};
use twoba_core::{Change, Revision, SessionKey, StoredGrant};
use twoba_testkit::Running;

/// Tells the child its folder.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// How long the child may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// How often it is killed, each time a little later than the time before.
const KILLS: usize = 24;

fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

fn named(revision: Revision) -> String {
    let bytes = revision.to_bytes();
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// In the child: refreshes for ever, and each rotation is rescued before it is stored.
fn refresh_for_ever(folder: &Path) {
    let (store, key) = (FileStore::open(folder).unwrap(), key());
    let tell = |what: &str, change: &Change| println!("child: {what} {}", named(change.revision()));
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

/// What may stand in the folder, by what the child has told of its writes.
#[derive(Debug, Clone)]
struct Told {
    record: May,
    rescue: May,
}

impl Told {
    /// An empty folder.
    fn nothing() -> Self {
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
}

/// Kills the child after so many lines; `told` hears all that it said.
fn kill_after(lines: usize, folder: &Path, told: &mut Told) {
    let name =
        "file::tests::killed::a_process_that_is_killed_leaves_all_that_it_was_told_is_stored";
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", name])
        .env(FOLDER, folder);
    let mut child = Running::start(&mut command).unwrap();
    let mut heard = 0;
    while heard < lines {
        let line = child.stdout_line(LIMIT).unwrap();
        let line = line.unwrap_or_else(|| panic!("the child has ended by itself"));
        if let Some(line) = line.strip_prefix("child: ") {
            told.hear(line);
            heard += 1;
        }
    }
    let ended = child.kill().unwrap();
    assert_eq!(ended.status.signal(), Some(9), "{ended:?}");
    // A line that was cut off says nothing.
    let rest = ended
        .stdout
        .rsplit_once('\n')
        .map_or("", |(whole, _)| whole);
    for line in rest.lines() {
        told.hear(line.strip_prefix("child: ").unwrap());
    }
}

#[test]
fn a_process_that_is_killed_leaves_all_that_it_was_told_is_stored() {
    if let Some(folder) = env::var_os(FOLDER) {
        return refresh_for_ever(Path::new(&folder));
    }
    let home = tempfile::tempdir().unwrap();
    let (folder, key) = (home.path().join("store"), key());
    let mut told = Told::nothing();
    for kill in 0..KILLS {
        kill_after(1 + kill, &folder, &mut told);
        let store = FileStore::open(&folder).unwrap();
        // Nobody waits for a lease of the dead.
        store.try_lease(&key).unwrap().unwrap().release();
        let found = |stored: Option<StoredGrant>| {
            // Bytes that a session wrote, all of them.
            assert!(stored.iter().all(|stored| stored.schedule().is_some()));
            stored.map(|stored| named(stored.revision()))
        };
        let record = found(store.read(&key).unwrap());
        assert!(told.record.contains(&record), "{record:?}: {told:?}");
        let rescue = found(store.rescued(&key).unwrap());
        assert!(told.rescue.contains(&rescue), "{rescue:?}: {told:?}");
        told.record = BTreeSet::from([record]);
        told.rescue = BTreeSet::from([rescue]);
        assert_nothing_else(&folder, &[".writing-default"]);
        // Whoever writes next removes what was cut.
        store.probe(&key).unwrap();
        assert_nothing_else(&folder, &[]);
    }
}

/// Nothing lies there but what belongs to the session, and at most these.
#[track_caller]
fn assert_nothing_else(folder: &Path, others: &[&str]) {
    let entries = fs::read_dir(folder).unwrap();
    for file in entries.map(|entry| entry.unwrap().file_name()) {
        let file = file.into_string().unwrap();
        let ours = ["grant", "lease", "write", "rescue"].map(|end| format!("default.{end}"));
        let is_ours = ours.contains(&file) || [".swept", ".home"].contains(&&*file);
        assert!(is_ours || others.contains(&&*file), "{file}");
    }
}
