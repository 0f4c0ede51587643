//! `twoba token`: prints a usable access token, in the format of another program.

use std::io::{self, Read};
use std::time::Duration;

use serde_json::{Value, json};
use twoba_blocking::{AccessToken, Clock, Status};
use twoba_store::SystemClock;

use super::rfc3339;
use crate::arguments::{Format, Token};
use crate::failure::Failure;
use crate::handle::Handle;
use crate::output::Output;
use crate::settings;
use crate::shell::{curl_quoted, quoted};
use crate::source::Source;

pub(crate) fn run(arguments: &Token, source: Source, output: &Output) -> Result<(), Failure> {
    match (arguments.format, arguments.command.as_deref()) {
        (Format::Bazel, Some("get")) => {
            if !is_for_services(&source)? {
                return output.json_result(&json!({"headers": {}}));
            }
        }
        (Format::Bazel, Some(_) | None) => {
            return Err(Failure::configuration("a credential helper is asked with the word get")
                .advise("set --credential_helper to a script that runs `twoba token --format bazel \"$@\"`"));
        }
        (_, Some(other)) => {
            return Err(
                Failure::configuration(format!("{other} is nothing that token takes"))
                    .advise("see `twoba token --help`"),
            );
        }
        (_, None) => {}
    }
    // Before anything is spent.
    let version = exec_version(arguments.format)?;
    let (source, token) = token(arguments, source, output)?;
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
        Format::Env => output.result(&format!("TWOBA_ACCESS_TOKEN={}", quoted(token.expose()))),
        Format::CurlConfig => {
            let header = format!("Authorization: Bearer {}", token.expose());
            output.result(&format!("header = {}", curl_quoted(&header)))
        }
        Format::Bazel => output.json_result(&bazel(&token, &status)),
        Format::Json => output.json_result(&described(&token, &status)),
        Format::ExecCredential => output.json_result(&exec_credential(version, &token, &status)),
    }
}

/// The token and its source. A stored token needs no authentication of the client.
fn token(
    arguments: &Token,
    source: Source,
    output: &Output,
) -> Result<(Source, AccessToken), Failure> {
    if arguments.force_refresh {
        return refreshed(source, output);
    }
    let stored = source.session.stored_token();
    let (source, token) = match stored.map_err(|error| source.told(error))? {
        Some(token) => (source, token),
        None => {
            let source = source.proven()?;
            let token = source.patiently(output, Handle::token, Handle::token)?;
            (source, token)
        }
    };
    match arguments.min_validity {
        Some(wanted) if is_too_short(wanted, &source, output)? => refreshed(source, output),
        Some(_) | None => Ok((source, token)),
    }
}

fn refreshed(source: Source, output: &Output) -> Result<(Source, AccessToken), Failure> {
    let source = source.proven()?;
    let token = source.patiently(output, Handle::refresh, Handle::token)?;
    Ok((source, token))
}

/// Whether the token's remaining lifetime is too short, and another token would have more.
fn is_too_short(wanted: Duration, source: &Source, output: &Output) -> Result<bool, Failure> {
    let status = source.session.status()?;
    let left = status
        .expires_at
        .map(|end| end.saturating_since(SystemClock.now()));
    let Some(left) = left.filter(|left| *left < wanted) else {
        return Ok(false);
    };
    let Some(lives) = status.lifetime.filter(|lives| *lives < wanted) else {
        return Ok(true);
    };
    output.note(&format!(
        "tokens of this server live for {} s, which is less than --min-validity: this one is good \
         for {} s, and a new one would not do either",
        lives.as_secs(),
        left.as_secs()
    ));
    Ok(false)
}

/// Longest request that is read, in bytes.
const REQUEST_MAX: u64 = 64 * 1024;

/// Whether the request on stdin is for an address that may get the provider's tokens. No other
/// address gets one.
fn is_for_services(source: &Source) -> Result<bool, Failure> {
    let mut request = Vec::new();
    let read = io::stdin()
        .lock()
        .take(REQUEST_MAX)
        .read_to_end(&mut request);
    let asked = read
        .ok()
        .and_then(|_| serde_json::from_slice::<Value>(&request).ok());
    let uri = asked.as_ref().and_then(|asked| asked.get("uri")?.as_str());
    let uri = uri
        .and_then(|uri| uri.parse::<http::Uri>().ok())
        .ok_or_else(|| {
            Failure::configuration(
                "the request on stdin is none of Bazel's: {\"uri\": \"https://..\"}",
            )
            .advise("have Bazel run it, as its --credential_helper")
        })?;
    Ok(source.session.client().provider().serves(&uri))
}

/// The answer of a credential helper. Bazel keeps it until the token ends.
fn bazel(token: &AccessToken, status: &Status) -> Value {
    json!({
        "headers": {"Authorization": [format!("Bearer {}", token.expose())]},
        "expires": status.expires_at.map(rfc3339),
    })
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

/// The versions of Kubernetes' credential plugins, the newest first.
const EXEC_VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

/// The version in which a plugin is asked and has to answer.
fn exec_version(format: Format) -> Result<&'static str, Failure> {
    let [newest, _] = EXEC_VERSIONS;
    let asked =
        settings::variable("KUBERNETES_EXEC_INFO").filter(|_| format == Format::ExecCredential);
    let Some(info) = asked else {
        return Ok(newest);
    };
    let info: Value = serde_json::from_str(&info).map_err(|_| {
        Failure::configuration("KUBERNETES_EXEC_INFO is no JSON")
            .advise("kubectl sets it: elsewhere, unset it")
    })?;
    let version = info.get("apiVersion").and_then(Value::as_str);
    let known = EXEC_VERSIONS
        .into_iter()
        .find(|known| Some(*known) == version);
    known.ok_or_else(|| {
        Failure::configuration(format!(
            "KUBERNETES_EXEC_INFO asks for the version {}",
            version.unwrap_or("of nothing")
        ))
        .advise(format!("set apiVersion in the kubeconfig to {newest}"))
    })
}

fn exec_credential(version: &str, token: &AccessToken, status: &Status) -> Value {
    json!({
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": {
            "token": token.expose(),
            "expirationTimestamp": status.expires_at.map(rfc3339),
        },
    })
}
