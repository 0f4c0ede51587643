//! `twoba soap`: one call of a SOAP service.

use std::path::Path;

use twoba_services::{
    CallError, Function as _, JsonCall, ServiceError, ServiceErrorKind, SoapCall, SoapDescription,
};

use super::body;
use crate::arguments::Soap;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Soap, source: Source, output: &Output) -> Result<(), Failure> {
    let question = SoapDescription::of(arguments.service.as_str())?;
    // Before anything is sent.
    let body = arguments.body.as_deref();
    let body = body.map(|path| body::read(path, "XML")).transpose()?;
    let request = question.request(source.session.client().provider())?;
    let (source, response) = source.call(&request, output)?;
    let description = question.judge(&response).map_err(undescribed)?;
    let call = call(arguments, &description, body)?;
    let request = call.request(source.session.client().provider())?;
    let (_source, response) = source.call(&request, output)?;
    let answer = call
        .judge(&response)
        .map_err(|error| refused(error, arguments))?;
    let json = answer.to_json().to_string();
    let file = arguments.output.as_deref();
    match (file.filter(|path| *path != Path::new("-")), arguments.raw) {
        (Some(path), true) => output.file(path, answer.as_bytes()),
        (Some(path), false) => output.file(path, json.as_bytes()),
        (None, true) => output.bytes(answer.as_bytes(), true),
        (None, false) => output.json_text(json.as_bytes()),
    }
}

fn call(
    arguments: &Soap,
    description: &SoapDescription,
    body: Option<Vec<u8>>,
) -> Result<SoapCall, Failure> {
    let call = SoapCall::described(description, &arguments.operation);
    let call = call.map_err(|error| unknown(error, arguments, description))?;
    let call = arguments
        .parameters
        .iter()
        .fold(call, |call, (name, value)| call.with_parameter(name, value));
    match body {
        Some(body) => Ok(call.with_xml(&body)?),
        None => Ok(call),
    }
}

/// The failure of a description, with the mend if the server knows no such service.
fn undescribed(error: ServiceError) -> Failure {
    let is_unknown = error.status == 404;
    let failure = Failure::from(error);
    match is_unknown {
        true => failure.advise(
            "there is no SOAP service of this name: write it as 2BA does, such as Product, and check \
             soap-base (TWOBA_SOAP_URL)",
        ),
        false => failure,
    }
}

/// A refusal, with the parameter that is missing where the function is known by its name.
fn refused(error: ServiceError, arguments: &Soap) -> Failure {
    let is_refused = error.kind == ServiceErrorKind::Refused && arguments.body.is_none();
    let failure = Failure::from(error);
    let function = format!("{}/{}", arguments.service, arguments.operation);
    let parameters: Vec<_> = arguments
        .parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let missing = JsonCall::with_parameters(&function, &parameters).and_then(|call| call.check());
    match missing {
        Err(missing @ CallError::MissingParameter { .. }) if is_refused => {
            failure.advise(missing.to_string())
        }
        Ok(()) | Err(_) => failure,
    }
}

/// The operation that was perhaps meant, or all that there are.
fn unknown(error: CallError, arguments: &Soap, description: &SoapDescription) -> Failure {
    let failure = Failure::from(error);
    let advice = match description.nearest(&arguments.operation) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => {
            let all: Vec<_> = description.operations().collect();
            format!("it has {}", all.join(", "))
        }
    };
    failure.advise(advice)
}
