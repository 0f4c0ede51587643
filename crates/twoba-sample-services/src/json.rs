//! The interface of the JSON services. `products` finds the data.

mod query;

use http::Method;
use http::header::ALLOW;

use crate::answer::{Answer, JSON};
use crate::form::Parameters;
use crate::jsonp::{Jsonp, Manner};
use crate::mount::{Asked, Head, Subject, Then, Work};
use crate::products::{self, ErrorDocument, Found, Function, Problem, find};

/// The function and the argument in a path.
type Named<'p> = Option<(&'static Function, Option<&'p str>)>;

/// The call in a request to the function of this name. Links in the answer begin with `url`.
pub(crate) fn asked<'r>(url: &'r str, name: &'r str, head: Head<'r>) -> Asked<'r> {
    let named = find(name);
    Asked {
        subject: Subject::Function(named.map(|(function, _)| function.name)),
        work: work(url, named, head).unwrap_or_else(|problem| Work::Done(Box::new(error(problem)))),
    }
}

fn work<'r>(url: &'r str, named: Named<'r>, head: Head<'r>) -> Result<Work<'r>, Problem> {
    let is_get = *head.method == Method::GET;
    let query = head
        .query
        .map_err(|_| Problem::bad_request("The query is not form encoded."))?;
    // WCF looks at the callback of a GET only.
    let jsonp = match query.get("callback").filter(|_| is_get) {
        None => None,
        Some(name) => Some(
            Jsonp::parse(name, Manner::Service)
                .ok_or_else(|| Problem::bad_request("The callback is not a dotted identifier."))?,
        ),
    };
    let proof = products::proof(named.map(|(function, _)| function));
    let then = move |verdict| match verdict {
        Err(reason) => error(Problem::unauthorized(reason)).wrapped_in(jsonp),
        Ok(_) if named.is_some() && !is_get => error(Problem {
            status: 405,
            name: "MethodNotAllowed",
            message: "This function takes GET only.".into(),
        })
        .with(ALLOW, "GET"),
        Ok(_) => answer(url, named, query, jsonp),
    };
    Ok(Work::Judge(proof, Then::new(then)))
}

fn answer(url: &str, named: Named<'_>, query: &Parameters, jsonp: Option<Jsonp>) -> Answer {
    match call(url, named, query) {
        Ok(Found::Document(json)) => Answer::media(200, JSON, json).wrapped_in(jsonp),
        // WCF wraps JSON only.
        Ok(Found::Picture(bytes)) => Answer::png(bytes),
        Err(problem) => error(problem).wrapped_in(jsonp),
    }
}

fn call(url: &str, named: Named<'_>, query: &Parameters) -> Result<Found, Problem> {
    let (function, asked_in_path) = named.ok_or_else(Problem::unknown_function)?;
    let arguments = query::arguments(function.asks, query, asked_in_path)?;
    function.call(url, arguments)
}

fn error(problem: Problem) -> Answer {
    let status = problem.status;
    // Only maps with odd keys and failing writers fail; there are none.
    let json = serde_json::to_string(&ErrorDocument::of(problem)).unwrap_or_default();
    Answer::media(status, JSON, json)
}
