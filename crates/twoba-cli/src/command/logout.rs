//! `twoba logout`: the session ends at the server where that is possible, and here always.

use serde_json::json;
use twoba_blocking::{Revocation, SessionState};

use crate::arguments::Logout;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Logout, source: Source, output: &Output) -> Result<(), Failure> {
    let status = source.session.status();
    let is_nobody = status.is_ok_and(|status| status.state == SessionState::None);
    let can_revoke = source
        .settings
        .client
        .provider()
        .revocation_endpoint()
        .is_some();
    let (source, gone) = if arguments.no_revoke || is_nobody || !can_revoke {
        let gone = source.session.forget()?;
        (source, gone)
    } else {
        let source = source.proven()?;
        let gone = source.session.logout()?;
        (source, gone)
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
    if output.json {
        output.json_result(&json!({"revocation": word}))?;
    }
    Ok(())
}
