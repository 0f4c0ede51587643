//! What a server that logs everything, and its files, hold of a token: nothing.

use std::fs;
use std::path::Path;

use twoba_core::StoredGrant;
use twoba_store::Store;
use twoba_store::conformance::changes::{login, logout, refresh};
use twoba_store_postgres::BlockingPostgresStore;

use crate::scene::{DATABASE, Tables, cluster_with, key};

/// Everything that can be logged.
const TALKATIVE: [&str; 5] = [
    "log_statement=all",
    "log_min_duration_statement=0",
    "log_parameter_max_length=-1",
    "log_parameter_max_length_on_error=-1",
    "log_min_messages=debug1",
];

/// Does all that writes a record, and returns what must be found nowhere.
fn live(store: &BlockingPostgresStore) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut keep = |record: &StoredGrant| secrets.extend(tokens(record));
    let person = key("a");
    let first = login(&person, None);
    keep(first.record());
    store.change(&person, &first).unwrap();
    let steps = refresh(&person, first.record().clone());
    keep(steps.rotation.record());
    let mut lease = store.try_lease(&person).unwrap().unwrap();
    lease.apply(&steps.intent).unwrap();
    store.rescue(&person, steps.rotation.record()).unwrap();
    assert!(store.rescued(&person).unwrap().is_some());
    lease.finish(&steps.rotation).unwrap();
    // A conflict, and a record of somebody else, which is kept aside.
    assert!(store.change(&person, &first).is_err());
    let foreign = login(&key("b"), None);
    keep(foreign.record());
    store.change(&key("c"), &foreign).unwrap();
    let away = logout(&key("c"), foreign.record().clone());
    assert!(away.keeps_replaced());
    store.change(&key("c"), &away).unwrap();
    assert!(!store.list(None, 10).unwrap().is_empty());
    secrets
}

/// The tokens in a record.
fn tokens(record: &StoredGrant) -> Vec<String> {
    let text = String::from_utf8_lossy(record.expose()).into_owned();
    let parts = text.split('"').filter(|part| {
        let digits = part
            .trim_start_matches("access")
            .trim_start_matches("refresh");
        part.len() >= 20 && digits.len() < part.len() && digits.ends_with('-')
    });
    parts.map(str::to_owned).collect()
}

/// The places that hold one of these, as it is or as hexadecimal digits.
fn leaks(folder: &Path, secrets: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let holds = |secret: &String| {
                let digits: Vec<String> = secret.bytes().map(|b| format!("{b:02x}")).collect();
                text.contains(secret) || text.contains(&digits.concat())
            };
            if secrets.iter().any(holds) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[test]
fn neither_the_log_nor_the_files_of_the_server_hold_a_token() {
    let Some(cluster) = cluster_with(&TALKATIVE) else {
        return;
    };
    let secrets = live(&Tables::new(&cluster, true).open());
    assert!(secrets.len() >= 6, "{secrets:?}");
    cluster.sql(DATABASE, "CHECKPOINT").unwrap();
    assert!(cluster.log().contains("execute <unnamed>"));
    assert_eq!(leaks(cluster.folder(), &secrets), Vec::<String>::new());
    // The same in plain text: that is what the name of the setting says.
    let secrets = live(&Tables::new(&cluster, false).open());
    cluster.sql(DATABASE, "CHECKPOINT").unwrap();
    let found = leaks(cluster.folder(), &secrets);
    assert!(found.iter().any(|name| name == "log"), "{found:?}");
    assert!(found.len() > 1, "{found:?}");
}
