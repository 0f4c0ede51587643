//! `twoba status`: what is known of the session, never its tokens.

use serde_json::{Value, json};
use twoba_blocking::{SessionState, Status};

use super::rfc3339;
use crate::arguments;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(
    arguments: arguments::Status,
    source: &Source,
    output: &Output,
) -> Result<(), Failure> {
    let status = source
        .session
        .status()
        .map_err(|error| source.told(error))?;
    if arguments.check && needs_login(source, &status) {
        let why = cause(&status).unwrap_or_else(|| "nobody is logged in".to_owned());
        return Err(Failure::new(Kind::LoginRequired, why).advise("log in with `twoba login`"));
    }
    if output.json {
        return output.json_result(&object(source, &status));
    }
    output.result(&text(source, &status))
}

fn needs_login(source: &Source, status: &Status) -> bool {
    match &status.state {
        SessionState::LoginRequired(_) => true,
        SessionState::None => !source.session.is_program(),
        SessionState::Valid | SessionState::Stale | _ => false,
    }
}

/// The status as the contract has it.
pub(crate) fn object(source: &Source, status: &Status) -> Value {
    json!({
        "profile": source.settings.profile,
        "provider": source.settings.provider,
        "client_id": source.settings.client.id(),
        "user": status.user,
        "generation": status.generation,
        "expires_at": status.expires_at.map(rfc3339),
        "refresh_due_at": status.refresh_due_at.map(rfc3339),
        "scope": status.scope,
        "state": word(&status.state),
        "cause": cause(status),
        "store": source.settings.store,
    })
}

fn word(state: &SessionState) -> &'static str {
    match state {
        SessionState::Valid => "valid",
        SessionState::Stale => "stale",
        SessionState::LoginRequired(_) => "login_required",
        SessionState::None | _ => "none",
    }
}

/// Why a login is needed, or what went wrong last.
fn cause(status: &Status) -> Option<String> {
    if let SessionState::LoginRequired(verdict) = &status.state {
        return Some(verdict.to_string());
    }
    status.trouble.as_ref().map(ToString::to_string)
}

fn text(source: &Source, status: &Status) -> String {
    let meaning = match &status.state {
        SessionState::Valid => "valid",
        SessionState::Stale => "stale: the next `twoba token` refreshes it",
        SessionState::None if source.session.is_program() => "none yet: `twoba token` gets a token",
        SessionState::LoginRequired(_) => "login required: run `twoba login`",
        SessionState::None | _ => "nobody is logged in: run `twoba login`",
    };
    let rows = [
        ("session", Some(meaning.to_owned())),
        ("cause", cause(status)),
        ("user", status.user.clone()),
        ("scope", status.scope.clone()),
        (
            "generation",
            status.generation.map(|number| number.to_string()),
        ),
        ("expires", status.expires_at.map(rfc3339)),
        ("refresh due", status.refresh_due_at.map(rfc3339)),
        ("profile", Some(source.settings.profile.clone())),
        ("provider", Some(source.settings.provider.clone())),
        ("client", Some(source.settings.client.id().to_owned())),
        ("store", Some(source.settings.store.display().to_string())),
    ];
    let lines: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name:<12} {}", value?)))
        .collect();
    lines.join("\n")
}
