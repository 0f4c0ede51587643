//! Writes a request to the emulator as one line of the terminal.

use jiff::Timestamp;
use serde_json::Value;
use twoba_emulator::{Event, Watched, WatchedRequest};

use crate::output::Output;

/// The text of one event.
struct Told {
    text: String,
    /// Whether the client got what it requested.
    is_good: bool,
}

/// Prints the requests, one a line.
pub(super) fn tell(watched: &Watched, output: &Output) {
    if watched.missed > 0 {
        output.note(&format!("          {} requests more", watched.missed));
    }
    for request in &watched.requests {
        output.note(&line(request, output));
    }
}

/// The line: time, method, path, status, grant, result, and family.
fn line(watched: &WatchedRequest, output: &Output) -> String {
    let request = &watched.request;
    let time = Timestamp::try_from(request.at).unwrap_or_default();
    let told: Vec<Told> = watched.events.iter().filter_map(event).collect();
    let is_refused = request.status.is_none_or(|status| status >= 400);
    let is_good = !is_refused && told.iter().all(|told| told.is_good);
    let status = request
        .status
        .map_or_else(|| "---".to_owned(), |status| status.to_string());
    let mut outcome: Vec<String> = told.into_iter().map(|told| told.text).collect();
    if request.status.is_none() {
        outcome.push("no answer".to_owned());
    }
    let families = watched.events.iter().rev();
    let family = families.filter_map(|event| member(event, "family")).next();
    let text = format!(
        "{}  {:<4} {:<28} {}  {}  {}",
        time.strftime("%H:%M:%S"),
        request.method,
        request.path,
        output.emphasized(&status, is_good),
        outcome.join(", "),
        family.unwrap_or_default()
    );
    text.trim_end().to_owned()
}

/// The text that an event adds to the line, with the names of the journal.
fn event(event: &Event) -> Option<Told> {
    let of = |name| member(event, name).unwrap_or_default();
    let kind = of("kind");
    let (text, is_good) = match kind.as_str() {
        "token_request" => (of("grant"), true),
        // The path says it.
        "service_call" => return None,
        "service_served" => ("served".to_owned(), true),
        "refused" | "service_refused" => (format!("refused: {}", of("reason")), false),
        "fault_played" => (format!("fault: {}", of("then")), false),
        "family_revoked" => (format!("family ended: {}", of("reason")), true),
        "reuse" | "code_reuse" | "login_refused" => (kind, false),
        _ => (kind, true),
    };
    Some(Told {
        text: text.replace('_', " "),
        is_good,
    })
}

/// The text of an event's member.
fn member(event: &Event, name: &str) -> Option<String> {
    let value = serde_json::to_value(event).ok()?;
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
