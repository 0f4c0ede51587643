//! `twoba store`: the content of a store, whoever the client is.

mod checking;
mod keys;
mod moving;
mod seen;

use serde_json::{Value, json};
use twoba_blocking::Error;
use twoba_core::SessionKey;
use twoba_store::{ListedKind, Maintained};

use super::aside;
use crate::arguments::{Global, Store};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::{self, Place, Stored, not_moved};
use crate::source;
pub(in crate::command) use checking::whereabouts;
use seen::{Seen, all, missing};
pub(crate) use seen::{protection, told};

pub(crate) fn run(store: &Store, global: &Global, output: &Output) -> Result<(), Failure> {
    match store {
        Store::NewKey { file } => return keys::make(file, output),
        Store::Move(arguments) => return moving::run(arguments, global, output),
        Store::Make
        | Store::List
        | Store::Check
        | Store::Adopt
        | Store::Restore { .. }
        | Store::EncryptAgain => {}
    }
    // Held while its store is looked at.
    let emulated = match global.emulator {
        true => Some(source::open(global)?),
        false => None,
    };
    let stored = match &emulated {
        Some(source) => source.settings.store.clone(),
        None => settings::store(global)?,
    };
    let place = &stored.place;
    if matches!(store, Store::Make) {
        return make(&stored, output);
    }
    // No other command here makes a store.
    let opened = match place.exists() {
        false => None,
        true => Some(stored.open()?),
    };
    let there = || opened.as_deref().ok_or_else(|| missing(place));
    match store {
        Store::List => list(opened.as_deref(), place, output),
        Store::Check => checking::run(there()?, output),
        Store::Adopt => adopt(there()?, place, output),
        Store::Restore { name } => restore(there()?, name, output),
        Store::EncryptAgain => keys::encrypt_again(there()?, &stored, output),
        Store::NewKey { .. } | Store::Move(_) | Store::Make => Ok(()),
    }
}

/// Says that a copy takes the place of its original, or that a move out of the store is given up.
fn adopt(store: &dyn Maintained, place: &Place, output: &Output) -> Result<(), Failure> {
    let about = store.about().map_err(Error::from)?;
    store.adopt().map_err(Error::from)?;
    output.note(&match (about.is_copy, about.mark) {
        (true, _) => format!(
            "the sessions in {place} are used from here on; where they were copied from they must \
             not be used any more"
        ),
        (false, Some(_)) => format!(
            "{place} is used again, with the sessions that are still in it; the move is given up"
        ),
        (false, None) => format!("{place} is no copy and has not moved: nothing had to be changed"),
    });
    Ok(())
}

/// Makes the store, or brings its tables up to date, and tells what it is.
fn make(stored: &Stored, output: &Output) -> Result<(), Failure> {
    let store = stored.make()?;
    not_moved(&*store)?;
    let about = store.about().map_err(Error::from)?;
    if output.json {
        return output.json_result(&json!({
            "kind": about.kind,
            "store": about.address,
            "protection": about.protection.to_string(),
            "schema": about.schema,
        }));
    }
    output.note(&format!(
        "{} can keep sessions: {}",
        stored.place,
        told(about.protection)
    ));
    Ok(())
}

/// Tells of everything in the store; `None` is one that is not there.
fn list(store: Option<&dyn Maintained>, place: &Place, output: &Output) -> Result<(), Failure> {
    let (listed, kept) = match store {
        Some(store) => (rows(store)?, store.kept_aside(None).map_err(Error::from)?),
        None => Default::default(),
    };
    let moved = store.and_then(|store| not_moved(store).err());
    if let Some(moved) = &moved {
        // What stands in the other one is not told here.
        output.note(&match moved.advice() {
            Some(advice) => format!("{}; {advice}", moved.message()),
            None => moved.message().to_owned(),
        });
    }
    if output.json {
        let rows = listed.iter().map(row).chain(kept.iter().map(aside::row));
        return output.json_result(&rows.collect());
    }
    if listed.is_empty() && kept.is_empty() && moved.is_none() {
        output.note(&format!("nothing is stored in {place}"));
    }
    for (key, word) in &listed {
        output.result(&format!("{}: {}", key.as_str(), word.replace('_', " ")))?;
    }
    for one in &kept {
        output.result(&aside::line(one))?;
    }
    Ok(())
}

/// What lies in a store under which key. What was kept aside is told one by one.
fn rows(store: &dyn Maintained) -> Result<Vec<(SessionKey, &'static str)>, Failure> {
    let mut listed = all(store)?;
    listed.retain(|one| one.kind != ListedKind::KeptAside);
    let rows = listed.into_iter().filter_map(|one| {
        let word = match one.kind {
            // A record that cannot be read is listed all the same.
            ListedKind::Session => match Seen::of(store, &one.key).unwrap_or(Seen::Session) {
                Seen::Session | Seen::Unreadable => word(one.kind),
                Seen::Ended => "ended",
                Seen::Gone => return None,
            },
            ListedKind::KeptAside | ListedKind::Rescue | _ => word(one.kind),
        };
        Some((one.key, word))
    });
    Ok(rows.collect())
}

/// Restores what was kept aside, by the name of its file, or of its session if it has only one.
fn restore(store: &dyn Maintained, name: &str, output: &Output) -> Result<(), Failure> {
    not_moved(store)?;
    let kept = store.kept_aside(None).map_err(Error::from)?;
    let named: Vec<_> = kept
        .iter()
        .filter(|one| one.name == name || one.key.as_str() == name)
        .collect();
    let one = match named.as_slice() {
        [] => {
            return Err(
                Failure::configuration(format!("nothing is kept aside as {name}"))
                    .advise("`twoba store list` says what is"),
            );
        }
        [one] => *one,
        [..] => {
            let names: Vec<_> = named.iter().map(|one| one.name.as_str()).collect();
            return Err(Failure::configuration(format!(
                "more than one session is kept aside of {name}"
            ))
            .advise(format!("name one of them: {}", names.join(", "))));
        }
    };
    let Some(owner) = one.record.owner() else {
        return Err(Failure::configuration(format!(
            "{} cannot be read, and stays where it is",
            one.name
        ))
        .advise("log in anew with `twoba login`"));
    };
    store.restore(one).map_err(Error::from)?;
    output.note(&format!(
        "the session {} is again what was kept aside: {}; what stood there is kept aside in its turn",
        one.key.as_str(),
        aside::whose(&owner)
    ));
    Ok(())
}

fn row((key, word): &(SessionKey, &'static str)) -> Value {
    json!({"key": key.as_str(), "kind": word})
}

/// The name of a kind in JSON. Text has spaces instead.
fn word(kind: ListedKind) -> &'static str {
    match kind {
        ListedKind::Session => "session",
        ListedKind::KeptAside => "kept_aside",
        ListedKind::Rescue => "rescued_grant",
        _ => "other",
    }
}
