//! Decides what the sample services say to a caller; which tokens are good is decided by `authority`.

use hyper::header::{ALLOW, AUTHORIZATION, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Method, Request};
use serde::Serialize;

use super::answer::Answer;
use super::damage::{Outcome, play};
use super::form::Parameters;
use super::jsonp::{Jsonp, Manner};
use super::request::only;
use crate::authority::BadBearer;
use crate::identifier::Fingerprint;
use crate::journal::EventKind;
use crate::products::{self, Product};
use crate::refusal::BearerRefusal;
use crate::world::Shared;

/// The functions that there are.
#[derive(Clone, Copy)]
enum Function {
    ProductSearch,
}

impl Function {
    /// Clients were seen to write the names in different letter case.
    fn parse(path: &str) -> Option<Self> {
        path.eq_ignore_ascii_case("Product/Search")
            .then_some(Self::ProductSearch)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::ProductSearch => "Product/Search",
        }
    }
}

/// The error document of 2BA's services.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDocument {
    is_error: bool,
    error_message: &'static str,
    status: &'static str,
}

/// What a search found. 2BA documents the products, not what stands around them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SearchDocument {
    total: usize,
    products: Vec<&'static Product>,
}

fn error(status: u16, name: &'static str, message: &'static str) -> Answer {
    Answer::json(
        status,
        &ErrorDocument {
            is_error: true,
            error_message: message,
            status: name,
        },
    )
}

pub(super) async fn handle<T>(shared: &Shared, path: &str, request: &Request<T>) -> Outcome {
    let function = Function::parse(path);
    let fault = shared.world().service_call(function.map(Function::name));
    // A search changes nothing, so a made-up answer is the real one.
    play(fault, |_work| answer(shared, function, request)).await
}

fn answer<T>(shared: &Shared, function: Option<Function>, request: &Request<T>) -> Answer {
    let is_get = *request.method() == Method::GET;
    let Ok(query) = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()) else {
        return error(400, "BadRequest", "The query is not form encoded.");
    };
    // WCF looks at the callback of a GET only.
    let jsonp = match query.get("callback").filter(|_| is_get) {
        None => None,
        Some(name) => match Jsonp::parse(name, Manner::Service) {
            Some(jsonp) => Some(jsonp),
            None => {
                return error(
                    400,
                    "BadRequest",
                    "The callback is not a dotted identifier.",
                );
            }
        },
    };
    let answer = match bearer(shared, request.headers()) {
        Err(refusal) => unauthorized(refusal, jsonp.is_some()),
        Ok(()) => match function {
            None => error(
                404,
                "NotFound",
                "There is no service or function of this name.",
            ),
            Some(_) if !is_get => {
                error(405, "MethodNotAllowed", "This function takes GET only.").with(ALLOW, "GET")
            }
            Some(Function::ProductSearch) => product_search(&query),
        },
    };
    answer.wrapped_in(jsonp)
}

fn product_search(query: &Parameters) -> Answer {
    match query.get("query") {
        Some(text) => {
            let products = products::search(text);
            Answer::json(
                200,
                &SearchDocument {
                    total: products.len(),
                    products,
                },
            )
        }
        None => error(400, "BadRequest", "The parameter query is missing."),
    }
}

/// Judges the caller's token and writes the verdict down.
fn bearer(shared: &Shared, headers: &HeaderMap) -> Result<(), BearerRefusal> {
    let token = bearer_token(headers);
    shared.world().decide(|authority, entry| {
        let judged = match token {
            Some(token) => authority.bearer(entry.now(), token),
            None => Err(BadBearer {
                reason: BearerRefusal::NoToken,
                bearer: None,
            }),
        };
        match judged {
            Ok(bearer) => {
                entry.record(EventKind::ServiceServed {
                    family: bearer.family,
                    generation: bearer.generation,
                    access: Fingerprint::of(token.unwrap_or_default()),
                });
                Ok(())
            }
            Err(bad) => {
                entry.record(EventKind::ServiceRefused {
                    reason: bad.reason,
                    family: bad.bearer.map(|bearer| bearer.family),
                    generation: bad.bearer.map(|bearer| bearer.generation),
                });
                Err(bad.reason)
            }
        }
    })
}

/// RFC 6750 section 2.1: the scheme in any case, one space, the token.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn unauthorized(refusal: BearerRefusal, hidden: bool) -> Answer {
    let (message, challenge) = match refusal {
        // RFC 6750 section 3.1: no error code for a caller who did not know that he needs a token.
        BearerRefusal::NoToken => ("An access token is required.", "Bearer"),
        BearerRefusal::UnknownToken | BearerRefusal::Expired | BearerRefusal::Revoked => (
            "The access token is unknown, expired or revoked.",
            r#"Bearer error="invalid_token""#,
        ),
    };
    let answer = error(401, "Unauthorized", message);
    if hidden {
        answer
    } else {
        answer.with(WWW_AUTHENTICATE, challenge)
    }
}
