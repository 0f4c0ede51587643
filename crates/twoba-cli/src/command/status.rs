//! `twoba status`: the state of the session, without its tokens.

use serde_json::{Map, Value, json};
use twoba_blocking::{Endpoint, Error, ErrorKind, RefreshError, SessionState, Status};
use twoba_core::{Owner, RecordError, SessionKey};

use super::{aside, rfc3339, store};
use crate::arguments;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::source::Source;
use crate::times::told;

pub(crate) fn run(
    arguments: arguments::Status,
    source: &Source,
    output: &Output,
) -> Result<(), Failure> {
    let status = match source.session.status() {
        Ok(status) => status,
        Err(error) => {
            return match foreign(source, &error)? {
                Some(foreign) => foreign.tell(arguments, source, output),
                None => Err(source.told(error)),
            };
        }
    };
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

/// The status in the documented form.
pub(crate) fn object(source: &Source, status: &Status) -> Value {
    let (state, cause) = (word(&status.state), cause(status));
    Value::Object(members(source, state, cause, Some(status)))
}

fn members(
    source: &Source,
    state: &str,
    cause: Option<String>,
    status: Option<&Status>,
) -> Map<String, Value> {
    let user = status.and_then(|status| status.user.as_ref());
    let scope = status.and_then(|status| status.scope.as_ref());
    let expires_at = status.and_then(|status| status.expires_at);
    let due_at = status.and_then(|status| status.refresh_due_at);
    let mut members = Map::new();
    let mut tell = |name: &str, value| drop(members.insert(name.to_owned(), value));
    tell("profile", json!(source.settings.profile));
    tell("provider", json!(source.settings.provider));
    tell("client_id", json!(source.settings.client.id()));
    tell("user", json!(user));
    tell(
        "generation",
        json!(status.and_then(|status| status.generation)),
    );
    tell("expires_at", json!(expires_at.map(rfc3339)));
    tell("refresh_due_at", json!(due_at.map(rfc3339)));
    tell("scope", json!(scope));
    tell("state", json!(state));
    tell("cause", json!(cause));
    tell("store", json!(source.settings.store.place.to_string()));
    tell("store_protection", json!(protection(source)));
    let addresses = addresses(source).into_iter();
    let addresses: Map<_, _> = addresses.map(|(name, url)| (name, json!(url))).collect();
    tell("addresses", addresses.into());
    members
}

/// The protection of the store: `plain` or `encrypted`. `None` if it cannot be said.
fn protection(source: &Source) -> Option<&'static str> {
    let about = source.settings.store.open().ok()?.about().ok()?;
    Some(store::protection(about.protection))
}

/// The store, with its protection.
fn of_store(source: &Source) -> String {
    let place = &source.settings.store.place;
    match protection(source) {
        Some(protection) => format!("{place} ({protection})"),
        None => place.to_string(),
    }
}

/// The addresses of this profile, as far as it has them.
fn addresses(source: &Source) -> Vec<(String, Option<String>)> {
    let provider = source.settings.client.provider();
    let told = |endpoint: Option<&Endpoint>| endpoint.map(|endpoint| endpoint.as_str().to_owned());
    [
        ("authorize", told(provider.authorization_endpoint())),
        ("token", told(Some(provider.token_endpoint()))),
        ("revoke", told(provider.revocation_endpoint())),
        ("service", told(provider.service_base())),
        ("soap", told(provider.soap_base())),
        ("unifeed", told(provider.unifeed_base())),
    ]
    .map(|(name, url)| (name.to_owned(), url))
    .into()
}

/// A session under this profile's name that belongs to another server or client.
struct Foreign {
    /// The text that every other command shows.
    error: String,
    owner: Option<Owner>,
}

/// The foreign session, if it is the reason why there is no status.
fn foreign(source: &Source, error: &Error) -> Result<Option<Foreign>, Failure> {
    let ErrorKind::Refresh(RefreshError::Record(RecordError::Foreign(_))) = error.kind() else {
        return Ok(None);
    };
    if source.session.is_program() {
        return Ok(None);
    }
    let store = source.settings.store.open()?;
    let key = SessionKey::parse(&source.settings.profile)
        .map_err(|error| Failure::configuration(error.to_string()))?;
    let stored = store.read(&key).map_err(Error::from)?;
    Ok(Some(Foreign {
        error: error.to_string(),
        owner: stored.and_then(|stored| stored.owner()),
    }))
}

impl Foreign {
    fn tell(
        &self,
        arguments: arguments::Status,
        source: &Source,
        output: &Output,
    ) -> Result<(), Failure> {
        if arguments.check {
            return Err(Failure::new(Kind::LoginRequired, &self.error).advise(
                "choose the profile that it belongs to, or replace it with `twoba login --replace`",
            ));
        }
        if output.json {
            return output.json_result(&self.object(source));
        }
        let owner = self.owner.as_ref().map(aside::whose);
        let meaning = format!("{}; this profile cannot use it", self.error);
        let mut rows = vec![("session", Some(meaning)), ("it is", owner)];
        rows.extend(of_profile(source));
        output.result(&lines(rows))
    }

    fn object(&self, source: &Source) -> Value {
        let mut members = members(source, "foreign", Some(self.error.clone()), None);
        let owner = self.owner.as_ref().map(aside::owner);
        members.insert("owner".to_owned(), json!(owner));
        Value::Object(members)
    }
}

fn word(state: &SessionState) -> &'static str {
    match state {
        SessionState::Valid => "valid",
        SessionState::Stale => "stale",
        SessionState::LoginRequired(_) => "login_required",
        SessionState::None | _ => "none",
    }
}

/// Why a login is needed, or the last failure.
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
        ("expires", status.expires_at.map(told)),
        ("refresh due", status.refresh_due_at.map(told)),
    ];
    lines(rows.into_iter().chain(of_profile(source)))
}

/// The lines about the settings, whatever is stored.
fn of_profile(source: &Source) -> Vec<(&'static str, Option<String>)> {
    let mut rows = vec![
        ("profile", Some(source.settings.profile.clone())),
        ("provider", Some(source.settings.provider.clone())),
        ("client", Some(source.settings.client.id().to_owned())),
        ("store", Some(of_store(source))),
    ];
    let names = [
        "login page",
        "token",
        "revocation",
        "services",
        "SOAP",
        "Unifeed",
    ];
    let addresses = addresses(source).into_iter().map(|(_, url)| url);
    rows.extend(names.into_iter().zip(addresses));
    rows
}

fn lines<'a>(rows: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let lines: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name:<12} {}", value?)))
        .collect();
    lines.join("\n")
}
