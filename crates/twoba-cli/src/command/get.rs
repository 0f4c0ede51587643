//! `twoba get`: one call of a JSON service or of ApiX.

use std::path::Path;

use http::{Request, Response, header};
use twoba_blocking::Provider;
use twoba_core::jsonp::CallbackName;
use twoba_services::{
    ApixCall, CallError, Function as _, JsonAnswer, JsonCall, ServiceError, ServiceErrorKind,
};

use super::body;
use crate::arguments::Get;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Get, source: Source, output: &Output) -> Result<(), Failure> {
    let call = Call::of(arguments)?;
    let request = call.request(source.session.client().provider())?;
    let (_source, response) = source.call(&request, output)?;
    let file = arguments.output.as_deref();
    let file = file.filter(|path| *path != Path::new("-"));
    let answer = match call.judge(&response) {
        // Whatever a service answers with: a thumbnail, a list.
        Err(error) if arguments.raw && is_other(&error) && response.status().is_success() => None,
        Err(error) => {
            let other = other_kind(&response).filter(|_| is_other(&error));
            let failure = refused(error, &call);
            return Err(match other {
                Some(advice) => failure.advise(advice),
                None => failure,
            });
        }
        Ok(answer) => Some(answer),
    };
    match (file, answer.filter(|_| !arguments.raw)) {
        (Some(path), None) => output.file(path, response.body()),
        (Some(path), Some(answer)) => output.file(path, answer.as_bytes()),
        (None, None) => output.bytes(response.body(), false),
        (None, Some(answer)) => output.json_text(answer.as_bytes()),
    }
}

/// A refusal, with what is missing if that is known.
fn refused(error: ServiceError, call: &Call) -> Failure {
    let missing = call.check().err();
    let missing = missing.filter(|_| error.kind == ServiceErrorKind::Refused);
    let failure = Failure::from(error);
    match missing {
        Some(missing) => failure.advise(missing.to_string()),
        None => failure,
    }
}

/// What to do with a success that is no text, such as a picture.
fn other_kind(response: &Response<Vec<u8>>) -> Option<String> {
    let said = response
        .headers()
        .get(header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let essence = said.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let (main, sub) = essence.split_once('/')?;
    let is_text = main == "text"
        || ["json", "xml", "javascript"]
            .iter()
            .any(|end| sub.ends_with(end));
    if !response.status().is_success() || (is_text && main != "image") {
        return None;
    }
    let what = match main {
        "image" => "a picture".to_owned(),
        _ => format!("of the type {essence}"),
    };
    Some(format!("it is {what}: keep it with `--raw -o FILE`"))
}

/// Whether an answer does not come from the JSON services.
fn is_other(error: &ServiceError) -> bool {
    matches!(
        error.kind,
        ServiceErrorKind::NotJson | ServiceErrorKind::NotUtf8 | ServiceErrorKind::NotJsonp(_)
    )
}

/// A call of one of the two.
enum Call {
    Json(JsonCall),
    Apix(ApixCall),
}

impl Call {
    fn of(arguments: &Get) -> Result<Self, Failure> {
        match arguments.apix {
            true => Ok(Self::Apix(apix(arguments)?)),
            false => Ok(Self::Json(json(arguments)?)),
        }
    }

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        match self {
            Self::Json(call) => call.request(provider),
            Self::Apix(call) => call.request(provider),
        }
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<JsonAnswer, ServiceError> {
        match self {
            Self::Json(call) => call.judge(response),
            Self::Apix(call) => call.judge(response),
        }
    }

    fn check(&self) -> Result<(), CallError> {
        match self {
            Self::Json(call) => call.check(),
            Self::Apix(call) => call.check(),
        }
    }
}

fn json(arguments: &Get) -> Result<JsonCall, Failure> {
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

fn apix(arguments: &Get) -> Result<ApixCall, Failure> {
    let body = arguments.body.as_deref();
    let call = match body.map(|path| body::read(path, "JSON")).transpose()? {
        None => ApixCall::get(&arguments.function)?,
        Some(body) => ApixCall::post_json(&arguments.function, &body)?,
    };
    let parameters = arguments.parameters.iter();
    Ok(parameters.fold(call, |call, (name, value)| call.with_parameter(name, value)))
}
