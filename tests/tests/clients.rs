//! Clients that others wrote drive the emulator, and its journal tells whether that was what their scripts meant.
//!
//! The scripts check each answer as their client sees it. `cargo xtask test interop` installs the
//! clients; without them these tests say that they were skipped.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use serde_json::{Value, to_value};
use twoba_emulator::{Behavior, Clock, Emulator, EndReason, Endpoint, EventKind, Journal, Refusal};
use twoba_testkit::{Running, fixture};
use twoba_tests::prepared;

/// A Python with the packages of `requirements.txt`.
const PYTHON: &str = "TWOBA_CLIENTS_PYTHON";
/// A folder with the packages of `package-lock.json`.
const NODE: &str = "TWOBA_CLIENTS_NODE";

const REQUESTS_OAUTHLIB: &str = "requests_oauthlib_calls.py";
const OPENID_CLIENT: &str = "openid_client_calls.mjs";
const ZEEP: &str = "zeep_calls.py";
const PRODUCT_DATA: &str = "product_data_calls.py";
/// Every script of the folder.
const SCRIPTS: [&str; 4] = [REQUESTS_OAUTHLIB, OPENID_CLIENT, ZEEP, PRODUCT_DATA];

/// A script takes a second.
const LIMIT: Duration = Duration::from_secs(60);

/// What the journal has to hold when a script is through.
struct Verdict {
    /// Of the counts, those that the script means to bring about.
    counts: &'static [(&'static str, u64)],
    /// Every refusal, in order.
    refused: &'static [(Endpoint, Refusal)],
    /// Why families ended, in order.
    ended: &'static [EndReason],
}

/// Runs a script against emulators of both behaviors, and judges by their journals.
#[track_caller]
fn check(script: &str, command: impl Fn() -> Command, verdict: &Verdict) {
    for behavior in [Behavior::TwoBa, Behavior::Plain] {
        let emulator = Emulator::builder()
            .clock(Clock::Manual)
            .behavior(behavior)
            .start()
            .unwrap();
        let (status, said) = run(command().arg(emulator.url()));
        let context = format!("{script}, {behavior:?}:\n{said}");
        assert!(status.success(), "{status}: {context}");
        assert!(said.lines().count() > 0, "it did nothing: {context}");
        assert!(
            said.lines().all(|line| line.starts_with("ok: ")),
            "{context}"
        );
        judge(&emulator.journal(), verdict, &context);
    }
}

#[track_caller]
fn judge(journal: &Journal, verdict: &Verdict, context: &str) {
    let counts = to_value(journal.counts).unwrap();
    for (name, expected) in verdict.counts {
        assert_eq!(
            counts.get(name),
            Some(&Value::from(*expected)),
            "{name}: {context}"
        );
    }
    let (mut refused, mut ended) = (Vec::new(), Vec::new());
    for event in &journal.events {
        if let EventKind::Refused {
            endpoint, reason, ..
        } = event.kind
        {
            refused.push((endpoint, reason));
        }
        if let EventKind::FamilyRevoked { reason, .. } = event.kind {
            ended.push(reason);
        }
    }
    assert_eq!(refused, verdict.refused, "{context}");
    assert_eq!(ended, verdict.ended, "{context}");
}

/// Runs a command to its end; both its streams, one behind the other.
///
/// One that takes too long is killed, and what it has said is shown.
#[track_caller]
fn run(command: &mut Command) -> (ExitStatus, String) {
    // The emulator is on this machine, whatever way leads to others.
    command.env("NO_PROXY", "*").env("no_proxy", "*");
    let mut script = Running::start(command).unwrap();
    let end = Instant::now() + LIMIT;
    let mut said = String::new();
    loop {
        let line = script.stdout_line(end.saturating_duration_since(Instant::now()));
        assert!(
            line.is_ok(),
            "not done after {LIMIT:?}: {line:?}; so far:\n{said}"
        );
        let Some(line) = line.unwrap() else {
            break;
        };
        said.extend([line.as_str(), "\n"]);
    }
    let ended = script.finish(LIMIT).unwrap();
    (ended.status, said + &ended.stderr)
}

/// Runs and judges a script in Python, where that is prepared.
#[track_caller]
fn check_in_python(script: &str, verdict: &Verdict) {
    let Some(python) = prepared(PYTHON) else {
        return;
    };
    let command = || {
        let mut command = Command::new(&python);
        // Lines are written at once, and nothing is left beside the script.
        command.args(["-u", "-B"]).arg(folder().join(script));
        command
    };
    check(script, command, verdict);
}

/// Runs and judges a script in JavaScript, where that is prepared.
#[track_caller]
fn check_in_node(script: &str, verdict: &Verdict) {
    let Some(packages) = prepared(NODE) else {
        return;
    };
    // Node looks for packages beside the script, so a copy of the script goes to them.
    let copy = tempfile::Builder::new()
        .suffix(".mjs")
        .tempfile_in(packages)
        .unwrap();
    fs::copy(folder().join(script), copy.path()).unwrap();
    let command = || {
        let mut command = Command::new("node");
        command.arg(copy.path());
        command
    };
    check(script, command, verdict);
}

fn folder() -> PathBuf {
    fixture::workspace().join("tests/clients")
}

#[test]
fn requests_oauthlib_finds_a_server_as_the_specifications_have_it() {
    check_in_python(
        REQUESTS_OAUTHLIB,
        &Verdict {
            counts: &[
                ("token_posts", 30),
                ("password", 12),
                ("authorization_code", 6),
                ("refresh", 9),
                ("client_credentials", 2),
                ("rotations", 6),
                ("reuse", 1),
                ("families_revoked", 3),
                ("refused", 11),
                ("service_calls", 19),
                ("service_401", 5),
            ],
            refused: &[
                (Endpoint::Token, Refusal::WrongPassword),
                (Endpoint::Token, Refusal::WrongClientSecret),
                (Endpoint::Token, Refusal::WrongClientSecret),
                (Endpoint::Token, Refusal::ParameterInUrl),
                (Endpoint::Token, Refusal::GrantNotAllowed),
                (Endpoint::Token, Refusal::SpentCode),
                (Endpoint::Token, Refusal::WrongCodeVerifier),
                (Endpoint::Token, Refusal::WrongRedirectUri),
                (Endpoint::Token, Refusal::SpentRefreshToken),
                (Endpoint::Token, Refusal::FamilyEnded),
                (Endpoint::Token, Refusal::FamilyEnded),
                (Endpoint::Revocation, Refusal::WrongClientSecret),
                (Endpoint::Introspection, Refusal::WrongClientSecret),
                (Endpoint::Introspection, Refusal::NoClient),
                (Endpoint::Introspection, Refusal::PublicClient),
            ],
            ended: &[
                EndReason::CodeReuse,
                EndReason::Reuse,
                EndReason::RevokedByClient,
            ],
        },
    );
}

#[test]
fn openid_client_finds_a_server_as_the_specifications_have_it() {
    check_in_node(
        OPENID_CLIENT,
        &Verdict {
            counts: &[
                ("token_posts", 34),
                ("password", 14),
                ("authorization_code", 6),
                ("refresh", 11),
                ("client_credentials", 2),
                ("rotations", 7),
                // One of two at once, and one after the other.
                ("reuse", 2),
                ("families_revoked", 4),
                ("refused", 11),
                ("service_calls", 20),
                ("service_401", 6),
            ],
            refused: &[
                (Endpoint::Token, Refusal::WrongPassword),
                (Endpoint::Token, Refusal::WrongClientSecret),
                (Endpoint::Token, Refusal::WrongClientSecret),
                (Endpoint::Token, Refusal::UnsupportedGrantType),
                (Endpoint::Token, Refusal::GrantNotAllowed),
                (Endpoint::Token, Refusal::SpentCode),
                (Endpoint::Token, Refusal::WrongCodeVerifier),
                (Endpoint::Token, Refusal::SpentRefreshToken),
                (Endpoint::Token, Refusal::SpentRefreshToken),
                (Endpoint::Token, Refusal::FamilyEnded),
                (Endpoint::Token, Refusal::FamilyEnded),
                (Endpoint::Revocation, Refusal::WrongClientSecret),
                (Endpoint::Introspection, Refusal::PublicClient),
            ],
            ended: &[
                EndReason::CodeReuse,
                EndReason::Reuse,
                EndReason::Reuse,
                EndReason::RevokedByClient,
            ],
        },
    );
}

#[test]
fn zeep_finds_services_as_their_wsdl_has_them() {
    check_in_python(
        ZEEP,
        &Verdict {
            counts: &[
                ("token_posts", 1),
                ("password", 1),
                ("service_calls", 18),
                ("service_401", 2),
                ("refused", 0),
            ],
            refused: &[],
            ended: &[],
        },
    );
}

#[test]
fn a_validator_finds_product_data_as_its_schemas_have_it() {
    check_in_python(
        PRODUCT_DATA,
        &Verdict {
            counts: &[
                ("token_posts", 2),
                ("client_credentials", 2),
                ("service_calls", 1128),
                ("service_401", 1),
                ("refused", 0),
            ],
            refused: &[],
            ended: &[],
        },
    );
}

#[test]
fn every_script_of_a_client_is_run() {
    let found: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("_calls."))
        .collect();
    assert_eq!(found, SCRIPTS.map(str::to_owned).into());
}
