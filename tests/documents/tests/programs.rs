//! The programs of the documents, run as they stand there against the emulator, and what the documents
//! have to tell.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use twoba_core::Topic;
use twoba_emulator::{Emulator, RegisteredUser};
use twoba_testkit::{Ended, Running};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// Those of the README.
const PROGRAMS: [&str; 2] = [
    env!("CARGO_BIN_EXE_readme_blocking"),
    env!("CARGO_BIN_EXE_readme_async"),
];

/// Those of `docs/services.md`.
const SERVICES: [&str; 2] = [
    env!("CARGO_BIN_EXE_services_blocking"),
    env!("CARGO_BIN_EXE_services_async"),
];

/// Those of its chapter on ApiX.
const APIX: [&str; 2] = [
    env!("CARGO_BIN_EXE_apix_blocking"),
    env!("CARGO_BIN_EXE_apix_async"),
];

/// Those of its chapter on Product Data.
const PRODUCT_DATA: [&str; 2] = [
    env!("CARGO_BIN_EXE_product_data_blocking"),
    env!("CARGO_BIN_EXE_product_data_async"),
];

/// That of `docs/embedding.md`.
const EMBEDDED: &str = env!("CARGO_BIN_EXE_embedded");

/// The secret of the emulator's client.
const SECRET: &str = "myApplicationSecret";

fn run(program: &str, folder: &Path, url: &str, secret: &str) -> Ended {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    command.envs([
        ("TWOBA_URL", url),
        ("TWOBA_CLIENT_SECRET", secret),
        ("TWOBA_PASSWORD", "anything"),
    ]);
    Running::start(&mut command).unwrap().finish(LIMIT).unwrap()
}

#[test]
fn they_run_against_an_emulator_and_keep_their_session() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    for program in PROGRAMS {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let ended = run(program, folder.path(), emulator.url(), SECRET);
            assert!(ended.status.success(), "{}", ended.stderr);
            assert!(ended.stdout.contains("Kabelgoot"), "{}", ended.stdout);
        }
    }
    let counts = emulator.counts();
    assert_eq!((counts.password, counts.service_calls), (2, 4));
}

#[test]
fn those_of_the_services_ask_by_json_and_soap_and_open_unifeed() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    for program in SERVICES {
        let folder = tempfile::tempdir().unwrap();
        let ended = run(program, folder.path(), emulator.url(), SECRET);
        assert!(ended.status.success(), "{}", ended.stderr);
        let lines: Vec<_> = ended.stdout.lines().collect();
        let [description, weight, found, address] = lines.as_slice() else {
            panic!("{}", ended.stdout);
        };
        assert!(description.starts_with("Kabelgoot"), "{description}");
        assert_eq!((*weight, *found), ("1.18 kg", "8 products"));
        assert!(
            address.ends_with("/unifeed/?q=kabelgoot&accessToken=(hidden)"),
            "{address}"
        );
    }
}

#[test]
fn those_of_apix_search_and_ask_for_one_product() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    for program in APIX {
        let folder = tempfile::tempdir().unwrap();
        let ended = run(program, folder.path(), emulator.url(), SECRET);
        assert!(ended.status.success(), "{}", ended.stderr);
        let told = ended.stdout.strip_prefix("2 of 8\n");
        assert!(told.unwrap().starts_with("Kabelgoot"), "{}", ended.stdout);
    }
}

#[test]
fn those_of_product_data_ask_for_one_product_and_for_all() {
    let emulator = Emulator::builder().start().unwrap();
    for program in PRODUCT_DATA {
        let folder = tempfile::tempdir().unwrap();
        let ended = run(program, folder.path(), emulator.url(), SECRET);
        assert!(ended.status.success(), "{}", ended.stderr);
        assert_eq!(ended.stdout, "Goot & Zn. (verzonnen)\n42 products\n");
    }
    assert_eq!(emulator.counts().client_credentials, 2);
}

#[test]
fn the_embedded_one_logs_in_and_refreshes() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ended = run(EMBEDDED, folder.path(), emulator.url(), SECRET);
    assert!(ended.status.success(), "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "stored and handed out: true\nrefreshed: true\n"
    );
    let counts = emulator.counts();
    assert_eq!((counts.password, counts.refresh, counts.reuse), (1, 1, 0));
}

#[test]
fn its_way_of_sending_does_all_that_the_core_needs() {
    twoba_documents::journey_by_std_net().unwrap();
}

#[test]
fn what_main_returns_is_a_sentence() {
    let user = RegisteredUser::new("me@example.com", "another");
    let emulator = Emulator::builder().users([user]).start().unwrap();
    let programs = PROGRAMS.into_iter().chain(SERVICES).chain(APIX);
    for program in programs.chain([EMBEDDED]) {
        let folder = tempfile::tempdir().unwrap();
        let refused = run(program, folder.path(), emulator.url(), SECRET);
        let gone = run(program, folder.path(), "http://127.0.0.1:9", SECRET);
        for ended in [refused, gone] {
            assert_eq!(ended.status.code(), Some(1));
            let told = ended.stderr.trim_end();
            assert!(told.starts_with("Error: "), "{told}");
            assert_eq!(told.lines().count(), 1, "{told}");
            assert!(
                !told.contains('{') && !told.contains("Some(") && !told.contains("Kind"),
                "{told}"
            );
            assert!(!told.contains(SECRET), "{told}");
        }
    }
}

#[test]
fn each_error_is_told_of_where_its_topic_says() {
    let page = fs::read_to_string("../../docs/trouble.md").unwrap();
    let anchors = page.split("<a id=\"").skip(1);
    let mut told: Vec<_> = anchors
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let mut topics: Vec<_> = Topic::ALL.iter().map(|topic| topic.anchor()).collect();
    told.sort_unstable();
    topics.sort_unstable();
    assert_eq!(told, topics);
}
