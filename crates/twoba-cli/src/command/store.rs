//! `twoba store`: what lies in the folder that keeps the sessions, whoever the client is.

use serde_json::{Value, json};
use twoba_blocking::{Error, FileStore};
use twoba_store::{Listed, ListedKind, Store as _};

use crate::arguments::{Global, Store};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings;

/// How many sessions are asked for at once.
const PAGE: usize = 1000;

pub(crate) fn run(store: Store, global: &Global, output: &Output) -> Result<(), Failure> {
    let opened = FileStore::open(settings::store(global)?).map_err(Error::from)?;
    match store {
        Store::List => list(&opened, output),
        Store::Adopt => {
            opened.adopt().map_err(Error::from)?;
            output.note(&format!(
                "the sessions in {} are used from here on; where they were copied from they must \
                 not be used any more",
                opened.folder().display()
            ));
            Ok(())
        }
    }
}

fn list(store: &FileStore, output: &Output) -> Result<(), Failure> {
    let listed = all(store)?;
    if output.json {
        let rows: Vec<Value> = listed.iter().map(row).collect();
        return output.json_result(&Value::from(rows));
    }
    if listed.is_empty() {
        output.note(&format!(
            "nothing is stored in {}",
            store.folder().display()
        ));
    }
    for one in &listed {
        let text = format!("{}: {}", one.key.as_str(), word(one.kind).replace('_', " "));
        output.result(&text)?;
    }
    Ok(())
}

fn all(store: &FileStore) -> Result<Vec<Listed>, Failure> {
    let mut all = Vec::new();
    loop {
        let last = all.last().map(|one: &Listed| one.key.clone());
        let page = store.list(last.as_ref(), PAGE).map_err(Error::from)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn row(listed: &Listed) -> Value {
    json!({"key": listed.key.as_str(), "kind": word(listed.kind)})
}

/// What it is called in JSON, and with spaces in text.
fn word(kind: ListedKind) -> &'static str {
    match kind {
        ListedKind::Session => "session",
        ListedKind::KeptAside => "kept_aside",
        ListedKind::Rescue => "rescued_grant",
        _ => "other",
    }
}
