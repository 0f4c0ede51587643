//! Threads that do the same at once. One is first, and all others learn of it.
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use twoba_core::{Change, SessionKey};

use super::common::*;
use crate::conformance::changes::{self, Login};
use crate::conformance::subject::Subject;
use crate::store::ApplyError;

/// The number of threads.
const RACERS: usize = 8;

/// How many threads report that they were first. Each has opened the store for itself, and all
/// others are told what is stored.
#[track_caller]
fn winners(subject: &dyn Subject, key: &SessionKey, changes: &[Change]) -> usize {
    let (start, won) = (Start::of(changes.len()), AtomicUsize::new(0));
    thread::scope(|scope| {
        for change in changes {
            let (start, won) = (&start, &won);
            scope.spawn(move || {
                let store = subject.open();
                start.wait();
                match store.change(key, change) {
                    Ok(_) => {
                        won.fetch_add(1, Ordering::SeqCst);
                        assert_record(subject, key, Some(change.record()));
                    }
                    Err(ApplyError::Conflict(stored)) => {
                        let stored = stored.unwrap();
                        assert!(changes.iter().any(|change| *change.record() == stored));
                    }
                    Err(ApplyError::Store(error)) => panic!("{error}"),
                }
            });
        }
    });
    won.into_inner()
}

pub(crate) fn of_many_first_logins_one_is_first(subject: &dyn Subject) {
    for round in 0..5 {
        let key = key(format!("round-{round}"));
        let logins: Vec<_> = (0..RACERS).map(|_| changes::login(&key, None)).collect();
        assert_eq!(winners(subject, &key, &logins), 1);
    }
}

pub(crate) fn of_many_changes_of_one_record_one_is_applied(subject: &dyn Subject) {
    let key = default_key();
    let mut stored = logged_in(subject, &key).record().clone();
    for _ in 0..5 {
        let changes: Vec<_> = (0..RACERS)
            .map(|racer| match racer % 3 {
                0 => changes::logout(&key, stored.clone()),
                _ => changes::login(&key, Some(stored.clone())),
            })
            .collect();
        // Logouts of the same record are the same change: whoever comes second finds itself.
        assert_eq!(winners(subject, &key, &changes), 1);
        let login = changes::login(&key, subject.open().read(&key).unwrap());
        store_change(subject, &key, &login);
        stored = login.record().clone();
    }
}

pub(crate) fn a_writer_waits_for_another_writer(subject: &dyn Subject) {
    let key = default_key();
    log_in(subject, &key);
    let start = Start::of(RACERS);
    let write = || {
        let store = subject.open();
        start.wait();
        let mut applied = 0;
        while applied < 3 {
            let login = changes::login(&key, store.read(&key).unwrap());
            match store.change(&key, &login) {
                Ok(_) => applied += 1,
                Err(ApplyError::Conflict(_)) => {}
                Err(ApplyError::Store(error)) => panic!("it has not waited: {error}"),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..RACERS {
            scope.spawn(write);
        }
    });
}

/// How often each of those who try again has to get the lease.
const TURNS: usize = 3;

/// How often one may try until then. A fair lot would need some 30 tries. A thread that the machine
/// stops does not try.
const TRIES: usize = 400;

/// Of how many lengths a pause between two tries can be.
const LOTS: u32 = 64;

/// Nobody waits in line for a lease, so that nobody has a place to lose. Fair is a store that
/// remembers nobody: whoever tries again gets the lease by and by while others come and go.
pub(crate) fn a_lease_starves_none_of_those_who_try_again(subject: &dyn Subject) {
    let key = default_key();
    let (start, starves) = (Start::of(RACERS), AtomicBool::new(false));
    let turns: Vec<_> = (0..RACERS).map(|_| AtomicUsize::new(0)).collect();
    let all_had_it = || {
        turns
            .iter()
            .all(|turns| turns.load(Ordering::SeqCst) >= TURNS)
    };
    let compete = |mine: &AtomicUsize, seed: u64| {
        let (store, mut lots, mut tries) = (subject.open(), Lots::from(seed), 0);
        start.wait();
        while !all_had_it() && !starves.load(Ordering::SeqCst) {
            if let Some(lease) = store.try_lease(&key).unwrap() {
                mine.fetch_add(1, Ordering::SeqCst);
                thread::yield_now();
                lease.release();
            }
            tries += 1;
            if tries == TRIES && mine.load(Ordering::SeqCst) < TURNS {
                starves.store(true, Ordering::SeqCst);
            }
            // The last holder waits as long as everybody else, and nobody always as long as another:
            // who came at the same moment each time would always lose.
            thread::sleep(BETWEEN * (1 + lots.below(LOTS)) / (LOTS / 2));
        }
    };
    thread::scope(|scope| {
        for (mine, seed) in turns.iter().zip(1..) {
            let compete = &compete;
            scope.spawn(move || compete(mine, seed));
        }
    });
    assert!(
        all_had_it(),
        "within {TRIES} tries of one, they had {turns:?}"
    );
}

pub(crate) fn a_lease_is_one_holders_among_many(subject: &dyn Subject) {
    let key = default_key();
    let (start, holders) = (Start::of(RACERS), AtomicUsize::new(0));
    let race = |racer: usize| {
        let store = subject.open();
        start.wait();
        for turn in 0..5 {
            let lease = within(PATIENCE, || store.try_lease(&key).unwrap());
            let lease = lease.unwrap_or_else(|| panic!("the lease does not go round"));
            assert_eq!(
                holders.fetch_add(1, Ordering::SeqCst),
                0,
                "two have the lease"
            );
            thread::yield_now();
            assert_eq!(
                holders.fetch_sub(1, Ordering::SeqCst),
                1,
                "two have the lease"
            );
            if (racer + turn).is_multiple_of(2) {
                lease.release();
            } else {
                drop(lease);
            }
        }
    };
    thread::scope(|scope| {
        for racer in 0..RACERS {
            scope.spawn(move || race(racer));
        }
    });
}

pub(crate) fn a_login_is_seen_by_those_who_wait_for_the_lease(subject: &dyn Subject) {
    let key = default_key();
    let before = logged_in(subject, &key);
    let store = subject.open();
    let mut lease = leased(&*store, &key);
    let refresh = changes::refresh(&key, before.record().clone());
    lease.apply(&refresh.intent).unwrap();
    let login = changes::login(&key, Some(refresh.intent.record().clone()));
    let waiting = Start::of(RACERS + 1);
    thread::scope(|scope| {
        for _ in 0..RACERS {
            let (key, login, waiting) = (&key, &login, &waiting);
            scope.spawn(move || {
                let store = subject.open();
                let refused = store.try_lease(key).unwrap().is_none();
                waiting.wait();
                assert!(refused, "two have the lease");
                let seen = within(PATIENCE, || {
                    let lease = store.try_lease(key).unwrap();
                    assert!(lease.is_none(), "the holder has not given it back");
                    let read = store.read(key).unwrap();
                    read.filter(|read| read == login.record())
                });
                assert!(seen.is_some(), "who waits does not see the login");
            });
        }
        waiting.wait();
        store_change(subject, &key, &login);
    });
    assert_conflict(lease.finish(&refresh.rotation), Some(login.record()));
}

pub(crate) fn no_reader_sees_half_a_record(subject: &dyn Subject) {
    let key = default_key();
    let mut chain: Vec<Change> = Vec::new();
    for number in 0..24 {
        // Long and short ones in turn, so that what is half of both cannot be taken for either.
        let login = Login {
            token_length: if number % 2 == 0 { 40_000 } else { 40 },
            ..Login::default()
        };
        let stored = chain.last().map(|change| change.record().clone());
        chain.push(login.change(&key, stored));
    }
    let known: HashSet<_> = chain.iter().map(Change::revision).collect();
    let done = AtomicBool::new(false);
    let start = Start::of(4);
    thread::scope(|scope| {
        for _ in 0..3 {
            let (key, known, done, start) = (&key, &known, &done, &start);
            scope.spawn(move || {
                let store = subject.open();
                start.wait();
                while !done.load(Ordering::SeqCst) {
                    if let Some(read) = store.read(key).unwrap() {
                        let whole = known.contains(&read.revision());
                        assert!(whole, "{} bytes of nobody", read.expose().len());
                    }
                }
            });
        }
        let store = subject.open();
        start.wait();
        let stored: Vec<_> = chain
            .iter()
            .map(|change| store.change(&key, change))
            .collect();
        done.store(true, Ordering::SeqCst);
        assert!(stored.iter().all(Result::is_ok));
    });
}

pub(crate) fn writers_of_many_sessions_do_not_mix_them_up(subject: &dyn Subject) {
    let start = Start::of(RACERS);
    let write = |racer: usize| {
        let key = key(format!("racer-{racer}"));
        let store = subject.open();
        start.wait();
        let mut stored = None;
        for _ in 0..4 {
            let mut lease = leased(&*store, &key);
            let login = changes::login(&key, stored);
            lease.apply(&login).unwrap();
            assert_eq!(lease.load().unwrap().as_ref(), Some(login.record()));
            lease.release();
            stored = Some(login.record().clone());
        }
        assert_record(subject, &key, stored.as_ref());
    };
    thread::scope(|scope| {
        for racer in 0..RACERS {
            scope.spawn(move || write(racer));
        }
    });
}
