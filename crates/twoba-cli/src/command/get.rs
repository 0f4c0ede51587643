//! `twoba get`: one call of a JSON service.

use twoba_core::jsonp::CallbackName;
use twoba_services::JsonCall;

use crate::arguments::Get;
use crate::failure::Failure;
use crate::handle::Handle;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(arguments: &Get, source: &Source, output: &Output) -> Result<(), Failure> {
    let call = call(arguments)?;
    let request = call
        .request(source.session.client().provider())
        .map_err(|error| Failure::configuration(error.to_string()))?;
    let ask = |session: &Handle| session.call(&request);
    let response = source.patiently(output, ask, ask)?;
    let answer = call.judge(&response)?;
    match (&arguments.output, arguments.raw) {
        (Some(path), true) => output.file(path, response.body()),
        (Some(path), false) => output.file(path, answer.as_bytes()),
        (None, true) => output.bytes(response.body(), false),
        (None, false) => output.json_result(answer.value()),
    }
}

fn call(arguments: &Get) -> Result<JsonCall, Failure> {
    let call = JsonCall::new(&arguments.function)
        .map_err(|error| Failure::configuration(error.to_string()))?;
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
