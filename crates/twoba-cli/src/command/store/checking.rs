//! `twoba store check`: what a store says of itself, and what in it cannot be used.

use serde_json::{Value, json};
use twoba_blocking::Error;
use twoba_core::SessionKey;
use twoba_store::{About, ListedKind, Maintained, StoreError};

use super::seen::{Seen, all, told};
use crate::command::check::Check;
use crate::failure::Failure;
use crate::output::Output;

/// What was found in a store.
#[derive(Default)]
struct Found {
    sessions: usize,
    ended: usize,
    kept_aside: usize,
    rescued: usize,
    unreadable: Vec<SessionKey>,
}

pub(super) fn run(store: &dyn Maintained, output: &Output) -> Result<(), Failure> {
    let about = store.about().map_err(Error::from)?;
    let found = look(store)?;
    let checks = checks(&about, &found);
    if output.json {
        output.json_result(&object(&about, &found, &checks))?;
    } else {
        let lines: Vec<_> = checks.iter().map(Check::line).collect();
        output.result(&lines.join("\n"))?;
    }
    match checks.iter().find_map(Check::failure) {
        Some(failure) => Err(failure.told_already()),
        None => Ok(()),
    }
}

fn look(store: &dyn Maintained) -> Result<Found, Failure> {
    let mut found = Found::default();
    for one in all(store)? {
        match one.kind {
            ListedKind::Session => match Seen::of(store, &one.key).map_err(Error::from)? {
                Seen::Session => found.sessions += 1,
                Seen::Ended => found.ended += 1,
                Seen::Unreadable => {
                    found.sessions += 1;
                    found.unreadable.push(one.key);
                }
                Seen::Gone => {}
            },
            ListedKind::KeptAside => found.kept_aside += 1,
            ListedKind::Rescue => found.rescued += 1,
            _ => {}
        }
    }
    Ok(found)
}

fn checks(about: &About, found: &Found) -> Vec<Check> {
    let mut checks = vec![
        Check::good("store", about.address.clone()),
        Check::good("protection", told(about.protection)),
    ];
    if let Some(schema) = about.schema {
        checks.push(Check::good("schema", schema.to_string()));
    }
    checks.extend(whereabouts(about));
    checks.push(Check::good("sessions", found.sessions.to_string()));
    if found.ended > 0 {
        let text = format!("{}: nobody is logged in there", found.ended);
        checks.push(Check::good("ended", text));
    }
    checks.push(match found.kept_aside {
        0 => Check::good("kept aside", "nothing"),
        many => Check::note(
            "kept aside",
            many.to_string(),
            "`twoba store list` names them",
        ),
    });
    checks.push(match found.rescued {
        0 => Check::good(
            "rescued",
            "nothing: no program has seen more than the store has",
        ),
        many => Check::note(
            "rescued",
            format!("{many} grants that the store did not take at first"),
            "the next `twoba token` takes them up",
        ),
    });
    checks.push(unreadable(&found.unreadable));
    checks
}

/// Whether the sessions are used here, and not in another store.
pub(in crate::command) fn whereabouts(about: &About) -> Vec<Check> {
    let refused = |error: StoreError| Failure::from(Error::from(error));
    let mut checks = Vec::new();
    if about.is_copy {
        let place = about.address.clone();
        checks.push(Check::bad("home", refused(StoreError::Copied { place })));
    }
    if let Some(mark) = &about.mark {
        checks.push(Check::bad("move", refused(mark.refusal(&about.address))));
    }
    if checks.is_empty() {
        checks.push(Check::good("home", "the sessions are used here"));
    }
    checks
}

fn unreadable(keys: &[SessionKey]) -> Check {
    let name = "unreadable";
    if keys.is_empty() {
        return Check::good(name, "nothing");
    }
    let keys: Vec<_> = keys.iter().map(SessionKey::as_str).collect();
    let text = format!("the record cannot be read of: {}", keys.join(", "));
    Check::note(name, text, "a login replaces it, and keeps it aside")
}

fn object(about: &About, found: &Found, checks: &[Check]) -> Value {
    let unreadable = found.unreadable.iter().map(SessionKey::as_str);
    json!({
        "kind": about.kind,
        "store": about.address,
        "protection": about.protection.to_string(),
        "schema": about.schema,
        "is_copy": about.is_copy,
        "mark": about.mark.as_ref().map(ToString::to_string),
        "sessions": found.sessions,
        "ended": found.ended,
        "kept_aside": found.kept_aside,
        "rescued_grants": found.rescued,
        "unreadable": unreadable.collect::<Vec<_>>(),
        "checks": checks.iter().map(Check::object).collect::<Vec<_>>(),
    })
}
