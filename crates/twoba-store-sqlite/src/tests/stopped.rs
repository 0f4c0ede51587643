//! A process that holds a lease is stopped (`kill -STOP`, Ctrl-Z) or killed: who waits behind it
//! is told which process it is, and goes on once its lease is over. There are never two holders.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use twoba_store::conformance::child::{CHILD, obey};
use twoba_store::conformance::worker::key_of_the_worker;
use twoba_store::conformance::{Subject, changes};
use twoba_store::{DatabaseFailure, Lease, Store, StoreError};
use twoba_testkit::Running;

use super::subject::{Encryption, Subjected};
use crate::SqliteStore;

/// Tells the child its database.
const DATABASE: &str = "TWOBA_TEST_DATABASE";

/// How long the child may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// Does nothing unless it is the child.
#[test]
fn a_child_does_what_it_is_told() {
    if let Some(path) = env::var_os(DATABASE) {
        obey(&SqliteStore::open(path).unwrap());
    }
}

/// Tells another child the database that it writes to.
const WRITTEN: &str = "TWOBA_TEST_WRITTEN_DATABASE";

/// Does nothing unless it is that child, which says that it is in the middle of a write.
#[test]
fn a_child_writes_and_never_ends() {
    if let Some(path) = env::var_os(WRITTEN) {
        let connection = Connection::open(path).unwrap();
        let write = "BEGIN IMMEDIATE; UPDATE session SET due_at = 1;";
        connection.execute_batch(write).unwrap();
        println!("{CHILD}writes");
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}

#[test]
fn a_writer_that_is_stopped_is_waited_for_and_said() {
    let subject = Subjected::new(Encryption::None);
    let (store, key) = (subject.store(), key_of_the_worker());
    let login = changes::login(&key, None);
    store.change(&key, &login).unwrap();
    let name = "tests::stopped::a_child_writes_and_never_ends";
    let mut stopped = Running::this_test(name, WRITTEN, &subject.path).unwrap();
    assert_eq!(stopped.stdout_behind(CHILD, LIMIT).unwrap(), "writes");
    stopped.signal("STOP").unwrap();
    // Readers wait for nobody.
    assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
    let started = Instant::now();
    let error = store.probe(&key).unwrap_err();
    assert!(started.elapsed() >= Duration::from_secs(9));
    let is_busy = matches!(
        error,
        StoreError::Database {
            failure: DatabaseFailure::Busy,
            ..
        }
    );
    let said = error.to_string();
    let is_told = said.contains("kept it for 1") && said.contains("continue or end it");
    assert!(is_busy && is_told, "{said}");
    // What it has not finished is as if it had never been.
    stopped.kill().unwrap();
    store.probe(&key).unwrap();
    assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
}

/// The child.
struct Child(Running);

impl Child {
    /// One that has the lease.
    fn holding(path: &Path) -> Self {
        let name = "tests::stopped::a_child_does_what_it_is_told";
        let mut child = Self(Running::this_test(name, DATABASE, path).unwrap());
        assert_eq!(child.told("take"), "taken");
        child
    }

    /// What it says once it has done this.
    fn told(&mut self, what: &str) -> String {
        self.0.write_line(what).unwrap();
        self.0.stdout_behind(CHILD, LIMIT).unwrap()
    }
}

#[track_caller]
fn taken(store: &SqliteStore) -> Box<dyn Lease> {
    store.try_lease(&key_of_the_worker()).unwrap().unwrap()
}

#[track_caller]
fn assert_refused(store: &SqliteStore) {
    assert!(
        store.try_lease(&key_of_the_worker()).unwrap().is_none(),
        "two have it"
    );
}

#[test]
fn the_next_goes_on_behind_a_stopped_holder_who_is_told_so() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    let mut stopped = Child::holding(&subject.path);
    stopped.0.signal("STOP").unwrap();
    // As long as its lease is good it is waited for, and can be named.
    assert_refused(&store);
    assert_eq!(
        store.holder(&key_of_the_worker()).unwrap(),
        Some(stopped.0.pid())
    );
    assert!(subject.lapse(&key_of_the_worker()));
    let mut next = taken(&store);
    assert_eq!(
        store.holder(&key_of_the_worker()).unwrap(),
        Some(std::process::id())
    );
    assert_refused(&store);
    let login = changes::login(&key_of_the_worker(), None);
    next.apply(&login).unwrap();
    // Continued, it finds that it has nothing any more, and takes nothing from the next.
    stopped.0.signal("CONT").unwrap();
    assert_eq!(stopped.told("write"), "conflict");
    assert_eq!(stopped.told("renew"), "lost");
    assert_eq!(stopped.told("take"), "refused");
    next.renew().unwrap();
    assert_refused(&store);
    next.release();
    assert_eq!(stopped.told("take"), "taken");
    assert_refused(&store);
    assert_eq!(
        store.read(&key_of_the_worker()).unwrap().as_ref(),
        Some(login.record())
    );
}

#[test]
fn a_holder_who_was_stopped_goes_on_where_nobody_took_its_place() {
    let subject = Subjected::new(Encryption::None);
    let mut stopped = Child::holding(&subject.path);
    stopped.0.signal("STOP").unwrap();
    assert!(subject.lapse(&key_of_the_worker()));
    stopped.0.signal("CONT").unwrap();
    assert_eq!(stopped.told("renew"), "done");
    assert_refused(&subject.store());
}

#[test]
fn the_next_goes_on_at_once_behind_a_holder_who_was_killed() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    for _ in 0..4 {
        let child = Child::holding(&subject.path);
        assert_refused(&store);
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
    let subject = Subjected::new(Encryption::None);
    let stopped = Child::holding(&subject.path);
    stopped.0.signal("STOP").unwrap();
    // Each with a handle of its own, as in processes of their own.
    let stores: Vec<_> = std::iter::repeat_with(|| subject.store()).take(8).collect();
    for _ in 0..20 {
        assert!(subject.lapse(&key_of_the_worker()));
        let leases = std::thread::scope(|scope| {
            let each = stores
                .iter()
                .map(|store| scope.spawn(|| store.try_lease(&key_of_the_worker()).unwrap()));
            let threads: Vec<_> = each.collect();
            let leases = threads.into_iter().map(|thread| thread.join().unwrap());
            leases.flatten().collect::<Vec<_>>()
        });
        assert_eq!(leases.len(), 1);
        // The next round takes it from whoever has it, as from one that was stopped.
        std::mem::forget(leases);
    }
    stopped.0.kill().unwrap();
}

#[test]
fn a_lease_whose_clock_was_set_back_is_over() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    let stopped = Child::holding(&subject.path);
    stopped.0.signal("STOP").unwrap();
    let day = 86_400_000;
    let statement = "UPDATE lease SET until = until + ?1";
    assert_eq!(subject.bypass().execute(statement, [day]).unwrap(), 1);
    drop(taken(&store));
}
