//! `twoba get`: one call of a JSON service.

use std::path::Path;

use http::{Request, Response};
use twoba_core::jsonp::CallbackName;
use twoba_core::rejects_token;
use twoba_services::{JsonCall, ServiceError, ServiceErrorKind};

use crate::arguments::Get;
use crate::failure::Failure;
use crate::handle::Handle;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Get, source: Source, output: &Output) -> Result<(), Failure> {
    let call = call(arguments)?;
    let request = call.request(source.session.client().provider())?;
    let response = match with_stored(&source, &request)? {
        Some(response) => response,
        None => {
            let ask = |session: &Handle| session.call(&request);
            source.proven()?.patiently(output, ask, ask)?
        }
    };
    let file = arguments.output.as_deref();
    let file = file.filter(|path| *path != Path::new("-"));
    let answer = match call.judge(&response) {
        // Whatever a service answers with: a thumbnail, a list.
        Err(error) if arguments.raw && is_other(&error) && response.status().is_success() => None,
        Err(error) => return Err(refused(error, &call)),
        Ok(answer) => Some(answer),
    };
    match (file, answer.filter(|_| !arguments.raw)) {
        (Some(path), None) => output.file(path, response.body()),
        (Some(path), Some(answer)) => output.file(path, answer.as_bytes()),
        (None, None) => output.bytes(response.body(), false),
        (None, Some(answer)) => output.json_text(answer.as_bytes()),
    }
}

/// The answer to the token that is stored, where that does: then nothing needs the client's secret.
fn with_stored(
    source: &Source,
    request: &Request<Vec<u8>>,
) -> Result<Option<Response<Vec<u8>>>, Failure> {
    let stored = source.session.stored_token();
    let Some(token) = stored.map_err(|error| source.told(error))? else {
        return Ok(None);
    };
    let response = source.session.call_with(&token, request)?;
    Ok(Some(response).filter(|response| !rejects_token(response)))
}

/// A refusal, with the parameter that is missing if that is known.
fn refused(error: ServiceError, call: &JsonCall) -> Failure {
    let missing = call.check().err();
    let missing = missing.filter(|_| error.kind == ServiceErrorKind::Refused);
    let failure = Failure::from(error);
    match missing {
        Some(missing) => failure.advise(missing.to_string()),
        None => failure,
    }
}

/// Whether an answer is nothing that the JSON services would say.
fn is_other(error: &ServiceError) -> bool {
    matches!(
        error.kind,
        ServiceErrorKind::NotJson | ServiceErrorKind::NotJsonp(_)
    )
}

fn call(arguments: &Get) -> Result<JsonCall, Failure> {
    let call = JsonCall::new(&arguments.function)?;
    let call = arguments
        .parameters
        .iter()
        .fold(call, |call, (name, value)| call.with_parameter(name, value));
    match &arguments.jsonp {
        None => Ok(call),
        Some(name) => {
            let callback = CallbackName::parse(name.as_str())
                .map_err(|error| Failure::configuration(format!("--jsonp: {error}")))?;
            Ok(call.with_callback(callback))
        }
    }
}
