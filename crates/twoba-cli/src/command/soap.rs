//! `twoba soap`: one call of a SOAP service.

use std::path::Path;

use twoba_services::{CallError, SoapCall, SoapDescription};

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
    let (source, description) = source.ask(&question, output)?;
    let call = call(arguments, &description, body)?;
    let (_source, answer) = source.ask(&call, output)?;
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
