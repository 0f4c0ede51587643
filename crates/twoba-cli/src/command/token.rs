//! `twoba token`: a usable access token, in the form that another program wants.

use serde_json::{Value, json};
use twoba_blocking::{AccessToken, Clock, Status};
use twoba_store::SystemClock;

use super::rfc3339;
use crate::arguments::{Format, Token};
use crate::failure::Failure;
use crate::handle::Handle;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Token, source: &Source, output: &Output) -> Result<(), Failure> {
    let token = token(arguments, source, output)?;
    let status = source.session.status()?;
    // `--json` is the same as `--format json`.
    let format = if output.json && arguments.format == Format::Bare {
        Format::Json
    } else {
        arguments.format
    };
    match format {
        Format::Bare => output.result(token.expose()),
        Format::Header => output.result(&format!("Authorization: Bearer {}", token.expose())),
        Format::Env => output.result(&format!("TWOBA_ACCESS_TOKEN={}", token.expose())),
        Format::Json => output.json_result(&described(&token, &status)),
        Format::ExecCredential => output.json_result(&exec_credential(&token, &status)),
    }
}

fn token(arguments: &Token, source: &Source, output: &Output) -> Result<AccessToken, Failure> {
    let refresh = || source.patiently(output, Handle::refresh, Handle::token);
    if arguments.force_refresh {
        return refresh();
    }
    let token = source.patiently(output, Handle::token, Handle::token)?;
    let Some(wanted) = arguments.min_validity else {
        return Ok(token);
    };
    let left = source
        .session
        .status()?
        .expires_at
        .map(|end| end.saturating_since(SystemClock.now()));
    match left {
        Some(left) if left < wanted => refresh(),
        Some(_) | None => Ok(token),
    }
}

fn described(token: &AccessToken, status: &Status) -> Value {
    json!({
        "access_token": token.expose(),
        "token_type": "Bearer",
        "expires_at": status.expires_at.map(rfc3339),
        "scope": status.scope,
        "generation": status.generation,
    })
}

fn exec_credential(token: &AccessToken, status: &Status) -> Value {
    json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {
            "token": token.expose(),
            "expirationTimestamp": status.expires_at.map(rfc3339),
        },
    })
}
