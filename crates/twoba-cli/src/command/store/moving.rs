//! `twoba store move`: all sessions go from one store to another.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use twoba_blocking::{Error, StoreError};
use twoba_store::{Maintained, MoveError, Moved, move_sessions};

use super::seen::missing;
use crate::arguments::{Global, Move};
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::settings::{self, Place, StoreKey, Stored, key_file};

pub(super) fn run(arguments: &Move, global: &Global, output: &Output) -> Result<(), Failure> {
    let set = settings::store_key(global)?;
    let given = |flag, file: &Option<PathBuf>| file.clone().map(|file| key_file(flag, file));
    let place = settings::place("FROM", &arguments.from)?;
    if !place.exists() {
        return Err(
            missing(&place).advise("nothing has moved; FROM names the store that has the sessions")
        );
    }
    let source = match given("--from-key", &arguments.from_key) {
        Some(key) => Stored::new(place, Some(&key)).open()?,
        None => opened(place, set.as_ref())?,
    };
    let to_key = match arguments.to_plain {
        true => None,
        false => given("--to-key", &arguments.to_key).or(set),
    };
    let to = Stored::new(settings::place("TO", &arguments.to)?, to_key.as_ref());
    let target = to.make()?;
    let moved = move_sessions(&*source, &*target).map_err(told)?;
    tell(&moved, &to.place, output)
}

/// Opens the old store, with the key that is set if it is encrypted.
fn opened(place: Place, set: Option<&StoreKey>) -> Result<Arc<dyn Maintained>, Failure> {
    match Stored::new(place.clone(), None).try_open() {
        // A PostgreSQL store is not even asked without a key, unless its address wants plain text.
        Err(StoreError::Encrypted { .. } | StoreError::KeyUnavailable { .. }) if set.is_some() => {
            Stored::new(place, set).open()
        }
        opened => Ok(opened.map_err(Error::from)?),
    }
}

fn tell(moved: &Moved, to: &Place, output: &Output) -> Result<(), Failure> {
    if moved.left > 0 {
        output.note(&format!(
            "sessions that a stopped process was busy with while they moved, and that stay unused \
             where they were: {}; run the same command again in a minute",
            moved.left
        ));
    }
    if output.json {
        return output.json_result(&json!({
            "moved": moved.sessions,
            "left": moved.left,
            "store": to.to_string(),
        }));
    }
    output.note(&format!(
        "moved to {to}: {}; set it as the store (--store, TWOBA_STORE) of every program, \
         because the old one is not used any more",
        match moved.sessions {
            1 => "1 session".to_owned(),
            sessions => format!("{sessions} sessions"),
        }
    ));
    Ok(())
}

fn told(error: MoveError) -> Failure {
    let text = error.to_string();
    match error {
        MoveError::Store(error) => Failure::from(Error::from(error)),
        MoveError::Same { .. } => Failure::configuration(text).advise("name two different stores"),
        MoveError::NotEmpty { .. } => Failure::configuration(text)
            .advise("nothing has moved; name a new store, or one without sessions"),
        MoveError::Busy { .. } => Failure::new(Kind::Store, text)
            .advise("nothing is lost, and the old store is in use again; try again later"),
        MoveError::NotTheSame { .. } | _ => Failure::new(Kind::Store, text)
            .advise("nothing is lost, and the old store is in use again; name another new store"),
    }
}
