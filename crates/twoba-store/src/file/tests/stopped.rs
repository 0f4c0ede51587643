//! A process that holds a lease is stopped (`kill -STOP`, Ctrl-Z) or killed: who waits behind it
//! is told which process it is, and goes on once its lease is over. There are never two holders.
//!
//! The other process is this test once more, as a child that does what it is told line by line.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use twoba_testkit::Running;

use crate::conformance::changes;
use crate::conformance::child::{CHILD, obey};
use crate::conformance::worker::key_of_the_worker;
use crate::store::Lease;
use crate::{FileStore, Store};

/// Tells the child its folder.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// How long the child may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// The child.
struct Child(Running);

impl Child {
    /// One that has the lease.
    fn holding(folder: &Path) -> Self {
        let mut child = Self::start(folder);
        assert_eq!(child.told("take"), "taken");
        child
    }

    fn start(folder: &Path) -> Self {
        let name = "file::tests::stopped::a_child_does_what_it_is_told";
        Self(Running::this_test(name, FOLDER, folder).unwrap())
    }

    /// What it says once it has done this.
    fn told(&mut self, what: &str) -> String {
        self.0.write_line(what).unwrap();
        self.said()
    }

    fn said(&mut self) -> String {
        self.0.stdout_behind(CHILD, LIMIT).unwrap()
    }

    fn signal(&self, name: &str) {
        self.0.signal(name).unwrap();
    }
}

/// Does nothing unless it is the child.
#[test]
fn a_child_does_what_it_is_told() {
    if let Some(folder) = env::var_os(FOLDER) {
        obey(&FileStore::open(folder).unwrap());
    }
}

fn opened() -> (tempfile::TempDir, FileStore) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("store")).unwrap();
    (home, store)
}

#[track_caller]
fn taken(store: &FileStore) -> Box<dyn Lease> {
    store.try_lease(&key_of_the_worker()).unwrap().unwrap()
}

#[track_caller]
fn assert_refused(store: &FileStore) {
    assert!(
        store.try_lease(&key_of_the_worker()).unwrap().is_none(),
        "two have it"
    );
}

#[test]
fn the_next_goes_on_behind_a_stopped_holder_who_is_told_so() {
    let ((_home, store), key) = (opened(), key_of_the_worker());
    let mut stopped = Child::holding(store.folder());
    stopped.signal("STOP");
    // As long as its lease is good it is waited for, and can be named.
    assert_refused(&store);
    assert_eq!(store.holder(&key).unwrap(), Some(stopped.0.pid()));
    assert!(store.lapse(&key));
    let mut next = taken(&store);
    assert_eq!(store.holder(&key).unwrap(), Some(std::process::id()));
    assert_refused(&store);
    let login = changes::login(&key, None);
    next.apply(&login).unwrap();
    // Continued, it finds that it has nothing any more, and takes nothing from the next.
    stopped.signal("CONT");
    assert_eq!(stopped.told("write"), "conflict");
    assert_eq!(stopped.told("renew"), "lost");
    assert_eq!(stopped.told("take"), "refused");
    next.renew().unwrap();
    assert_refused(&store);
    next.release();
    assert_eq!(stopped.told("take"), "taken");
    assert_refused(&store);
    assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
}

#[test]
fn behind_a_holder_who_stays_stopped_others_take_turns() {
    let ((_home, store), key) = (opened(), key_of_the_worker());
    let stopped = Child::holding(store.folder());
    stopped.signal("STOP");
    assert!(store.lapse(&key));
    for _ in 0..3 {
        let lease = taken(&store);
        assert_refused(&store);
        lease.release();
    }
    let mut lease = taken(&store);
    lease.finish(&changes::login(&key, None)).unwrap();
    // Its end changes nothing for who has the lease without its lock.
    let lease = taken(&store);
    stopped.0.kill().unwrap();
    assert_refused(&store);
    drop(lease);
    drop(taken(&store));
}

#[test]
fn a_holder_who_was_stopped_goes_on_where_nobody_took_its_place() {
    let (_home, store) = opened();
    let mut stopped = Child::holding(store.folder());
    stopped.signal("STOP");
    assert!(store.lapse(&key_of_the_worker()));
    stopped.signal("CONT");
    assert_eq!(stopped.told("renew"), "done");
    assert_refused(&store);
}

#[test]
fn the_next_goes_on_at_once_behind_a_holder_who_was_killed() {
    let (_home, store) = opened();
    for round in 0..4 {
        let child = Child::holding(store.folder());
        assert_refused(&store);
        if round % 2 == 1 {
            // What it left in the file is long over.
            assert!(store.lapse(&key_of_the_worker()));
        }
        let killed = Instant::now();
        child.0.kill().unwrap();
        let lease = taken(&store);
        assert!(killed.elapsed() < Duration::from_secs(20));
        assert_refused(&store);
        drop(lease);
    }
}

#[test]
fn of_many_behind_a_stopped_holder_one_goes_on() {
    let ((_home, store), key) = (opened(), key_of_the_worker());
    let stopped = Child::holding(store.folder());
    stopped.signal("STOP");
    for _ in 0..50 {
        assert!(store.lapse(&key));
        let leases = std::thread::scope(|scope| {
            let each = || scope.spawn(|| store.try_lease(&key).unwrap());
            let threads: Vec<_> = std::iter::repeat_with(each).take(8).collect();
            let leases = threads.into_iter().map(|thread| thread.join().unwrap());
            leases.flatten().collect::<Vec<_>>()
        });
        assert_eq!(leases.len(), 1);
    }
}

/// The line of a lease that ends so many milliseconds from now, in the file of nobody's lock.
fn leave_line(store: &FileStore, ends_in: i64) {
    let epoch = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let until = i64::try_from(epoch).unwrap() + ends_in;
    let line = format!("process 1 taken 1 number 1 until {until} unlocked\n");
    fs::write(store.folder().join("default.lease"), line).unwrap();
}

#[test]
fn a_lease_without_the_lock_is_good_until_its_end() {
    let (_home, store) = opened();
    for (ends_in, is_good) in [
        (40_000, true),
        (-1, false),
        // Of a clock that was set back by a day since.
        (86_400_000, false),
    ] {
        leave_line(&store, ends_in);
        let lease = store.try_lease(&key_of_the_worker()).unwrap();
        assert_eq!(lease.is_none(), is_good, "{ends_in}");
    }
}

#[test]
fn a_lock_file_that_says_nothing_of_use_is_a_lock_file() {
    let (_home, store) = opened();
    let path = store.folder().join("default.lease");
    // Earlier releases left it empty; and whatever a disk may have made of it.
    let long = "process ".repeat(1000);
    for text in [
        "",
        "\0\0\0\0",
        "process 1 taken",
        "process x taken y",
        &long,
    ] {
        fs::write(&path, text).unwrap();
        let other = File::open(&path).unwrap();
        other.lock().unwrap();
        assert_refused(&store);
        assert_eq!(store.holder(&key_of_the_worker()).unwrap(), None);
        drop(other);
        let lease = taken(&store);
        assert_refused(&store);
        let ours = std::process::id();
        assert_eq!(store.holder(&key_of_the_worker()).unwrap(), Some(ours));
        lease.release();
    }
}

#[test]
fn a_lock_file_is_never_another_one() {
    use std::os::unix::fs::MetadataExt;

    let ((_home, store), key) = (opened(), key_of_the_worker());
    // Who waits has opened it: on a new file his lock would exclude nobody.
    drop(taken(&store));
    let files = ["lease", "write"].map(|end| store.folder().join(format!("default.{end}")));
    store.probe(&key).unwrap();
    let waiting = files.each_ref().map(|path| File::open(path).unwrap());
    let numbers = || files.each_ref().map(|path| path.metadata().unwrap().ino());
    let before = numbers();
    for _ in 0..3 {
        let login = changes::login(&key, store.read(&key).unwrap());
        taken(&store).finish(&login).unwrap();
        store.probe(&key).unwrap();
        let logout = changes::logout(&key, store.read(&key).unwrap().unwrap());
        store.change(&key, &logout).unwrap();
        taken(&store).release();
    }
    assert_eq!(numbers(), before);
    let lease = taken(&store);
    assert!(waiting.iter().any(|file| file.try_lock().is_err()));
    drop(lease);
    for file in waiting {
        file.try_lock().unwrap();
    }
}
