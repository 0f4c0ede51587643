//! Decides who may control the emulator over HTTP and how the calls are spelled; what they do is decided by `world`.

use std::time::SystemTime;

use hyper::body::Incoming;
use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Method, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::Answer;
use super::console;
use super::origin::{is_own, loopback_port};
use super::request::{self, only};
use crate::duration;
use crate::fault::FaultRule;
use crate::policy::Policy;
use crate::timestamp;
use crate::world::Shared;

/// What is wrong with a control call.
#[derive(Serialize)]
struct ErrorDocument {
    error: String,
}

fn error(status: u16, error: impl Into<String>) -> Answer {
    Answer::json(
        status,
        &ErrorDocument {
            error: error.into(),
        },
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockCall {
    advance: String,
}

/// The call, and the answer to it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyCall {
    policy: Policy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum RevokeCall {
    User(String),
    Family(String),
}

#[derive(Serialize)]
struct Now {
    #[serde(serialize_with = "timestamp::serialize")]
    now: SystemTime,
}

pub(super) async fn handle(shared: &Shared, call: &str, request: Request<Incoming>) -> Answer {
    if !may_control(shared, request.headers()) {
        return error(
            403,
            "control calls are for programs and pages of this machine's emulator only",
        );
    }
    match call {
        "journal" => Answer::reading(&request, || Answer::json(200, &shared.world().journal())),
        "state" => Answer::reading(&request, || Answer::json(200, &shared.state())),
        "accounts" => Answer::reading(&request, || console::accounts(shared)),
        "" => Answer::reading(&request, console::page),
        "requests" => Answer::reading(&request, || console::requests(shared, &request)),
        "updates" if *request.method() == Method::GET => console::updates(shared, &request).await,
        "updates" => Answer::method_not_allowed("GET"),
        "clock" | "policy" | "faults" | "revoke" | "reset" if *request.method() != Method::POST => {
            Answer::method_not_allowed("POST")
        }
        "clock" => with_body(request, |call| clock(shared, &call)).await,
        "policy" => with_body(request, |call| policy(shared, &call)).await,
        "faults" => with_body(request, |rules: Vec<FaultRule>| faults(shared, rules)).await,
        "revoke" => with_body(request, |call| revoke(shared, &call)).await,
        "reset" => {
            shared.world().reset();
            now(shared)
        }
        file => match console::file(file) {
            Some(answer) => Answer::reading(&request, || answer),
            None => Answer::not_found(),
        },
    }
}

/// Whether a call comes from this machine and not from a page of another site.
fn may_control(shared: &Shared, headers: &HeaderMap) -> bool {
    // A name that resolves to this machine is not enough: it may be an attacker's (DNS rebinding).
    let host = only(headers, &HOST).and_then(loopback_port).is_some();
    let origin = !headers.contains_key(ORIGIN)
        || only(headers, &ORIGIN).is_some_and(|origin| is_own(shared, origin));
    host && origin
}

/// Reads the JSON body of a call.
async fn with_body<T: DeserializeOwned>(
    request: Request<Incoming>,
    then: impl FnOnce(T) -> Answer,
) -> Answer {
    let body = match request::body(request.into_body()).await {
        Ok(body) => body,
        Err(refusal) => return error(refusal.status(), refusal.description()),
    };
    match serde_json::from_slice(&body) {
        Ok(call) => then(call),
        Err(wrong) => error(400, wrong.to_string()),
    }
}

fn now(shared: &Shared) -> Answer {
    let now = shared.world().now().to_system();
    Answer::json(200, &Now { now })
}

fn clock(shared: &Shared, call: &ClockCall) -> Answer {
    let Some(by) = duration::parse(&call.advance) else {
        return error(
            400,
            "advance takes a whole number with ms, s, m, h or d, as in 90s",
        );
    };
    let advanced = shared.world().advance(by);
    match advanced {
        Ok(now) => Answer::json(200, &Now { now }),
        Err(real) => error(409, real.to_string()),
    }
}

fn policy(shared: &Shared, call: &PolicyCall) -> Answer {
    shared.world().set_policy(call.policy);
    Answer::json(200, call)
}

fn faults(shared: &Shared, rules: Vec<FaultRule>) -> Answer {
    let count = rules.len();
    shared.world().set_faults(rules);
    Answer::json(200, &json!({ "faults": count }))
}

fn revoke(shared: &Shared, call: &RevokeCall) -> Answer {
    let families = match call {
        RevokeCall::User(user) => shared.world().revoke_user(user),
        RevokeCall::Family(family) => match family.parse() {
            Ok(family) => usize::from(shared.world().revoke_family(family)),
            Err(wrong) => return error(400, format!("{wrong}")),
        },
    };
    Answer::json(200, &json!({ "families": families }))
}
