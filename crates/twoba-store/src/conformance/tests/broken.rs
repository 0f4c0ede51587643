//! Stores that are broken on purpose: a suite that cannot fail proves nothing. Every fault is
//! found, and every case finds one.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the model knows the faults that concern it, and no others"
)]

mod awaited;
mod fault;
mod killed;
mod maintained;
mod model;

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use crate::conformance::{AsyncCase, Case, MaintainedCase, check, check_async};
use awaited::{Leak, Leaking};
use fault::{FOUND, Fault};
use killed::Losing;
use maintained::{Neglect, Neglected};
use model::Model;

mod of_the_model {
    crate::conformance!(super::Model::new(super::Fault::None));
}

mod of_the_awaited_model {
    crate::conformance_async!(super::Leaking::new(super::Leak::Nothing));
}

mod of_the_store_that_is_looked_after {
    crate::conformance_maintained!(super::Neglected::new(super::Neglect::Nothing));
}

/// Whether a store comes through, without a word of why it does not: failures are what is asked
/// for here. Whoever else panics meanwhile says nothing either, where tests share a process.
fn holds(check: impl FnOnce()) -> bool {
    static SILENCE: Mutex<()> = Mutex::new(());
    let _silent = SILENCE.lock();
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(check));
    panic::set_hook(hook);
    outcome.is_ok()
}

#[test]
fn every_broken_store_is_found() {
    let found = FOUND.iter();
    let pairs = found.flat_map(|(fault, cases)| cases.iter().map(move |case| (fault, *case)));
    let missed: Vec<_> = pairs
        .filter(|(fault, case)| holds(|| check(case, &Model::new(**fault))))
        .collect();
    assert!(missed.is_empty(), "broken and not found: {missed:?}");
}

#[test]
fn every_broken_store_that_is_awaited_is_found() {
    let missed: Vec<_> = awaited::FOUND
        .iter()
        .filter(|(leak, case)| holds(|| check_async(case, &Leaking::new(*leak))))
        .collect();
    assert!(missed.is_empty(), "broken and not found: {missed:?}");
}

#[test]
fn every_broken_store_whose_process_is_killed_is_found() {
    let missed: Vec<_> = killed::FOUND
        .iter()
        .filter(|(loss, case)| holds(|| check(case, &Losing::new(*loss))))
        .collect();
    assert!(missed.is_empty(), "broken and not found: {missed:?}");
}

#[test]
fn every_store_that_is_neglected_is_found_and_every_case_finds_one() {
    let case = |name: &str| MaintainedCase::all().iter().find(|case| case.name == name);
    let missed: Vec<_> = maintained::FOUND
        .iter()
        .filter(|(neglect, name)| holds(|| case(name).unwrap().run(&Neglected::new(*neglect))))
        .collect();
    assert!(missed.is_empty(), "neglected and not found: {missed:?}");
    let cases: BTreeSet<_> = MaintainedCase::all().iter().map(|case| case.name).collect();
    let found: BTreeSet<_> = maintained::FOUND.iter().map(|(_, name)| *name).collect();
    assert_eq!(cases, found);
}

#[test]
fn every_case_finds_a_broken_store() {
    let cases = Case::all().iter().map(|case| case.name);
    let cases = cases.chain(AsyncCase::all().iter().map(|case| case.name));
    let found = FOUND.iter().flat_map(|(_, cases)| cases.iter().copied());
    let found = found.chain(awaited::FOUND.iter().map(|(_, case)| *case));
    let found = found.chain(killed::FOUND.iter().map(|(_, case)| *case));
    let (cases, found): (BTreeSet<_>, BTreeSet<_>) = (cases.collect(), found.collect());
    assert!(cases.len() >= 40);
    let unequal: Vec<_> = cases.symmetric_difference(&found).collect();
    assert!(unequal.is_empty(), "{unequal:?}");
}
