//! The interface of Product Data: scopes, problems, and pages. The files below it fill the members.

mod filter;
mod item;
mod life_cycle;
mod operation;
mod page;
mod product;
mod whole;

use http::header::HeaderName;
use serde_json::Value;

use self::filter::Filter;
use self::operation::{About, Operation};
use crate::answer::Answer;
use crate::caller::{Caller, Proof, Unauthorized};
use crate::mount::{Asked, Head, Missing, Step, Subject, Then, Work};
use crate::problem::Problem;

pub(crate) use operation::{is_named_by, parameter};

/// Where Product Data is: 2BA's own is at `https://rest.2ba.nl/api/v1`.
pub(crate) const BASE: &str = "/rest/api/v1/";

const JSON: &str = "application/json; charset=utf-8";
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");
const LINK: HeaderName = HeaderName::from_static("link");

/// What a request to the path below the base asks for; links in the answer begin with `url`.
pub(crate) fn begin<'r>(url: &'r str, path: &'r str, head: Head<'r>) -> Result<Step<'r>, Missing> {
    head.reading()?;
    let operation = Operation::read(path).ok_or(Missing::Path)?;
    let subject = Subject::Function(Some(operation.name()));
    let then = move |verdict: Result<Option<Caller>, Unauthorized>| {
        let answer = verdict
            .map_err(Problem::unauthorized)
            .and_then(|caller| allowed(&operation, caller))
            .and_then(|()| answer(url, &operation, head));
        answer.unwrap_or_else(|problem| refused(&operation, problem))
    };
    let work = Work::Judge(Proof::Header, Then::new(then));
    Ok(Step::Asked(Asked { subject, work }))
}

/// Whether the token is for this.
fn allowed(operation: &Operation, caller: Option<Caller>) -> Result<(), Problem> {
    let scope = operation.scope();
    let scopes = caller.map(|caller| caller.scopes).unwrap_or_default();
    match scopes.iter().any(|granted| granted == scope) {
        true => Ok(()),
        false => Err(Problem::forbidden(scope)),
    }
}

fn answer(url: &str, operation: &Operation, head: Head<'_>) -> Result<Answer, Problem> {
    let filter = Filter::read(operation, head.query)?;
    let numbers = operation.numbers()?;
    let page = |rows| page::cut(operation.name(), rows, &filter);
    let body: Value = match operation.about() {
        About::Product(part) => product::one(url, numbers, part, &filter)?,
        About::Products(part) => page(product::all(url, part, &filter))?,
        About::Item(part) => item::one(url, numbers, part, &filter)?,
        About::Items(part) => page(item::all(url, part, &filter))?,
        About::NetPrice => item::net_price(operation, &filter)?,
        About::Stock => item::stock(numbers),
    };
    let answer = Answer::media(200, JSON, body.to_string()).with(API_VERSION, operation.version());
    Ok(match filter.is_of_an_old_release() {
        // An invention, so that somebody sends these headers.
        true => answer
            .with(DEPRECATION, "@1767225600")
            .with(SUNSET, "Fri, 01 Jan 2027 00:00:00 GMT")
            .with(
                LINK,
                r#"<https://example.com/etim-8>; rel="deprecation sunset""#,
            ),
        false => answer,
    })
}

fn refused(operation: &Operation, problem: Problem) -> Answer {
    problem.answer().with(API_VERSION, operation.version())
}

#[cfg(test)]
mod tests;
