//! Decides how the JSON services are called and how they answer; what they find is decided by `products`.

mod query;

use hyper::header::{ALLOW, WWW_AUTHENTICATE};
use hyper::{Method, Request};

use super::answer::{Answer, JSON};
use super::bearer;
use super::damage::{Outcome, play};
use super::form::{self, Parameters};
use super::jsonp::{Jsonp, Manner};
use crate::products::{ErrorDocument, Found, Function, Problem, Size, find, of_maker, picture};
use crate::world::Shared;

/// What the path names: a function, and what it is asked there.
type Named<'p> = Option<(&'static Function, Option<&'p str>)>;

pub(super) async fn handle<T>(shared: &Shared, path: &str, request: &Request<T>) -> Outcome {
    let named = find(path);
    let fault = shared
        .world()
        .service_call(named.map(|(function, _)| function.name));
    // A service changes nothing, so a made-up answer is the real one.
    play(fault, |_work| answer(shared, named, request)).await
}

fn answer<T>(shared: &Shared, named: Named<'_>, request: &Request<T>) -> Answer {
    let is_get = *request.method() == Method::GET;
    let Ok(query) = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()) else {
        return error(Problem::bad_request("The query is not form encoded."));
    };
    // WCF looks at the callback of a GET only.
    let jsonp = match query.get("callback").filter(|_| is_get) {
        None => None,
        Some(name) => match Jsonp::parse(name, Manner::Service) {
            Some(jsonp) => Some(jsonp),
            None => {
                let message = "The callback is not a dotted identifier.";
                return error(Problem::bad_request(message));
            }
        },
    };
    let function = named.map(|(function, _)| function);
    if let Err(reason) = bearer::admit(shared, function, request.headers()) {
        let (problem, challenge) = bearer::refusal(reason);
        let answer = error(problem);
        return match jsonp {
            // A script cannot see headers, and the status that they belong to is hidden.
            Some(_) => answer.wrapped_in(jsonp),
            None => answer.with(WWW_AUTHENTICATE, challenge),
        };
    }
    if named.is_some() && !is_get {
        return error(Problem {
            status: 405,
            name: "MethodNotAllowed",
            message: "This function takes GET only.".into(),
        })
        .with(ALLOW, "GET");
    }
    match call(shared, named, &query) {
        Ok(Found::Document(json)) => Answer::media(200, JSON, json).wrapped_in(jsonp),
        // WCF wraps JSON only.
        Ok(Found::Picture(bytes)) => Answer::png(bytes),
        Err(problem) => error(problem).wrapped_in(jsonp),
    }
}

fn call(shared: &Shared, named: Named<'_>, query: &Parameters) -> Result<Found, Problem> {
    let (function, asked_in_path) = named.ok_or_else(Problem::unknown_function)?;
    let arguments = query::arguments(function.asks, query, asked_in_path)?;
    function.call(&shared.url, arguments)
}

fn error(problem: Problem) -> Answer {
    Answer::json(problem.status, &ErrorDocument::of(problem))
}

/// The file of an attachment: its link is followed without a token, as pages do with pictures.
pub(super) fn attachment(path: &str) -> Answer {
    let file = || {
        let (gln, name) = path.split_once('/')?;
        let (code, kind) = name.strip_suffix(".png")?.rsplit_once('-')?;
        let size = [Size::Plain, Size::Large]
            .into_iter()
            .find(|size| size.kind() == kind)?;
        let code = form::decode(code.as_bytes()).ok()?;
        Some(picture(of_maker(gln, &code)?, size))
    };
    file().map_or_else(Answer::not_found, Answer::png)
}
