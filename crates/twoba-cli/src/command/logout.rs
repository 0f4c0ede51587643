//! `twoba logout`: ends the session here, and at the server if that is possible.

use serde_json::json;
use twoba_blocking::{Revocation, SessionState};

use super::aside;
use crate::arguments::Logout;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Logout, mut source: Source, output: &Output) -> Result<(), Failure> {
    let status = source.session.status();
    let is_nobody = status.is_ok_and(|status| status.state == SessionState::None);
    let provider = source.settings.client.provider();
    let revokes = !arguments.no_revoke && provider.revocation_endpoint().is_some();
    // What this very logout keeps aside belongs to somebody else, and stays.
    let kept = aside::of(&source)?;
    if revokes && (!is_nobody || aside::has_own(&kept, &source)) {
        source = source.proven()?;
    }
    let gone = if is_nobody || !revokes {
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
        Revocation::NotAsked if is_nobody => (
            "not_asked",
            "nobody is logged in: there is nothing to end".to_owned(),
        ),
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
    let ended = aside::end(kept, &source, revokes)?;
    if let Some(text) = ended.told() {
        output.note(&text);
    }
    for left in aside::of(&source)? {
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
