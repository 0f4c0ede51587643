//! `twoba doctor`: checks everything that a session needs. One line for each check says whether it
//! is in order and how to correct it. The command changes nothing and spends nothing.

mod place;
mod server;

use serde_json::{Value, json};

use super::check::{Check, Outcome};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::{Proof, Settings};
use crate::source;

pub(crate) fn run(global: &Global, output: &Output) -> Result<(), Failure> {
    // Held while its store and its server are looked at.
    let emulated = match global.emulator {
        true => Some(source::open(global)?),
        false => None,
    };
    let read = match emulated {
        Some(_) => None,
        None => Some(Settings::read(global)),
    };
    let checks = match (&emulated, &read) {
        (Some(source), _) => of(&source.settings),
        (None, Some(Ok(settings))) => of(settings),
        (None, Some(Err(failure))) => without_settings(failure),
        (None, None) => Vec::new(),
    };
    if output.json {
        let rows: Vec<Value> = checks.iter().map(Check::object).collect();
        output.json_result(&json!({"checks": rows}))?;
    } else {
        let lines: Vec<_> = checks.iter().map(Check::line).collect();
        output.result(&lines.join("\n"))?;
    }
    match checks.iter().find_map(Check::failure) {
        Some(failure) => Err(failure.told_already()),
        None => Ok(()),
    }
}

fn of(settings: &Settings) -> Vec<Check> {
    let configuration = format!(
        "the profile {} is of {}, for the client {}",
        settings.profile,
        settings.provider,
        settings.client.id()
    );
    let mut checks = vec![
        Check::good("configuration", configuration),
        secret(settings.proof.as_ref()),
    ];
    checks.extend(place::checks(settings));
    checks.extend(server::checks(settings));
    checks
}

/// Checks whether the client's secret is there, without running its command.
fn secret(proof: Option<&Proof>) -> Check {
    let name = "secret";
    match proof.map(Proof::looked_at) {
        None => Check::good(name, "none has to be fetched"),
        Some(Ok(place)) => Check::good(name, place),
        Some(Err(failure)) => Check::bad(name, failure),
    }
}

fn without_settings(failure: &Failure) -> Vec<Check> {
    let rest = [
        "secret", "store", "session", "proxy", "server", "tls", "clock",
    ];
    let unknown = rest.map(|name| Check {
        name,
        outcome: Outcome::Unknown("not looked at: the settings cannot be used"),
    });
    let mut checks = vec![Check::bad("configuration", failure.clone())];
    checks.extend(unknown);
    checks
}
