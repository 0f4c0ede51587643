//! `twoba logout`: the session ends at the server where that is possible, and here always.

use serde_json::json;
use twoba_blocking::Revocation;

use super::aside;
use crate::arguments::Logout;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Logout, source: &Source, output: &Output) -> Result<(), Failure> {
    // What this very logout keeps aside belongs to somebody else, and stays.
    let kept = aside::of(source)?;
    let gone = if arguments.no_revoke {
        source.session.forget()?
    } else {
        source.session.logout()?
    };
    let what = match source.session.is_program() {
        true => "token",
        false => "session",
    };
    let (word, text) = match &gone.revocation {
        Revocation::Revoked => ("revoked", "logged out, here and at the server".to_owned()),
        Revocation::NotAsked => ("not_asked", "logged out here".to_owned()),
        Revocation::Refused(error) => (
            "refused",
            format!("logged out here; the server did not revoke the {what}: {error}"),
        ),
        Revocation::Failed(failure) => (
            "failed",
            format!("logged out here; the {what} was not revoked: {failure}"),
        ),
        _ => ("unknown", "logged out here".to_owned()),
    };
    output.note(&text);
    let ended = aside::end(kept, source, !arguments.no_revoke)?;
    if let Some(text) = ended.told() {
        output.note(&text);
    }
    for left in aside::of(source)? {
        output.note(&format!(
            "what stood there could not be ended, and is kept aside: {}",
            aside::line(&left)
        ));
    }
    if output.json {
        output.json_result(&json!({"revocation": word, "kept_aside": ended.object()}))?;
    }
    Ok(())
}
