//! Serves the control calls over HTTP: who may make them, and how they are written. `world` carries
//! them out.

mod fields;

use std::sync::Arc;
use std::time::SystemTime;

use base64ct::{Base64, Encoding};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Method, Request};
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::console;
use super::follow::{self, Unfollowed};
use super::origin::{is_for_own_host, is_foreign};
use super::request::{self, only};
use crate::duration;
use crate::fault::FaultRule;
use crate::policy::Policy;
use crate::timestamp;
use crate::world::Shared;
use fields::Fields;

/// The error of a control call.
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

/// The answer to a call that sets the policy.
#[derive(Serialize)]
struct PolicyDocument {
    policy: Policy,
}

#[derive(Serialize)]
struct Now {
    #[serde(serialize_with = "timestamp::serialize")]
    now: SystemTime,
}

pub(super) async fn handle(shared: &Arc<Shared>, call: &str, request: Request<Incoming>) -> Answer {
    if !may_control(shared, request.headers()) {
        return error(
            403,
            "control calls are for programs and pages of this machine's emulator only",
        );
    }
    if !knows_secret(shared, request.headers()) {
        return error(
            401,
            "the secret of the emulator's start is wanted as the password",
        )
        .with(WWW_AUTHENTICATE, "Basic realm=\"twoba emulator\"");
    }
    match call {
        "journal" => Answer::reading(&request, || Answer::json(200, &shared.world().journal())),
        "state" => Answer::reading(&request, || Answer::json(200, &shared.state())),
        "accounts" => Answer::reading(&request, || console::accounts(shared)),
        "" => Answer::reading(&request, console::page),
        "requests" => Answer::reading(&request, || console::requests(shared, &request)),
        "updates" if *request.method() == Method::GET => console::updates(shared, &request).await,
        "events" if *request.method() == Method::GET => events(shared, &request),
        "events" | "updates" => Answer::method_not_allowed("GET"),
        "clock" | "policy" | "faults" | "revoke" | "reset" if *request.method() != Method::POST => {
            Answer::method_not_allowed("POST")
        }
        "clock" => with_body(request, CLOCK, |call| clock(shared, call)).await,
        "policy" => with_body(request, POLICY, |call| policy(shared, call)).await,
        "faults" => with_body(request, FAULTS, |call| faults(shared, call)).await,
        "revoke" => with_body(request, REVOKE, |call| revoke(shared, call)).await,
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

/// Whether a call comes from this machine, and not from a page of another site.
fn may_control(shared: &Shared, headers: &HeaderMap) -> bool {
    is_for_own_host(shared, headers) && !is_foreign(shared, headers)
}

/// Whether a call carries the secret, if one is needed. It is the password of any user, because
/// browsers ask for that, or a bearer token.
fn knows_secret(shared: &Shared, headers: &HeaderMap) -> bool {
    let Some(secret) = &shared.reached.secret else {
        return true;
    };
    let given = only(headers, &AUTHORIZATION).and_then(|value| value.split_once(' '));
    let given = given.and_then(|(scheme, value)| {
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(value.as_bytes().to_vec());
        }
        let pair = Base64::decode_vec(value).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        is_basic.then(|| pair.get(colon + 1..).unwrap_or_default().to_vec())
    });
    given.is_some_and(|given| secret.matches(&given))
}

/// The journal while it is written.
fn events(shared: &Arc<Shared>, request: &Request<Incoming>) -> Answer {
    match follow::events(shared, request) {
        Ok(follow) => Answer::events(follow),
        Err(Unfollowed::Number) => error(400, "from: the number of an event is wanted, as in 12"),
        Err(Unfollowed::Crowded) => error(503, "64 callers follow the events already"),
    }
}

/// An example of each call.
const CLOCK: &str = r#"{"advance":"90s"}"#;
const POLICY: &str = r#"{"policy":"grace:30s"}"#;
const FAULTS: &str = r#"[{"on":"refresh","nth":1,"then":"drop-after-commit"}]"#;
const REVOKE: &str = r#"{"user":"demo@example.com"} or {"family":"f1"}"#;

/// Reads the JSON body of a call. `example` shows its form. If the call refuses a field, the answer
/// is a 400.
async fn with_body(
    request: Request<Incoming>,
    example: &str,
    then: impl FnOnce(Value) -> Result<Answer, String>,
) -> Answer {
    let body = match request::body(request.into_body()).await {
        Ok(body) => body,
        Err(refusal) => return error(refusal.status(), refusal.description()),
    };
    let answer = fields::json(&body, example).and_then(then);
    answer.unwrap_or_else(|wrong| error(400, wrong))
}

fn now(shared: &Shared) -> Answer {
    let now = shared.world().now().to_system();
    Answer::json(200, &Now { now })
}

fn clock(shared: &Shared, call: Value) -> Result<Answer, String> {
    let mut fields = Fields::of(call, String::new(), &["advance"])?;
    let span: String = fields.required("advance")?;
    let by = duration::parse_some(&span)
        .ok_or("advance: a whole number from 1 with ms, s, m, h or d is wanted, as in 90s")?;
    let advanced = shared.world().advance(by);
    Ok(match advanced {
        Ok(now) => Answer::json(200, &Now { now }),
        Err(real) => error(409, real.to_string()),
    })
}

fn policy(shared: &Shared, call: Value) -> Result<Answer, String> {
    let mut fields = Fields::of(call, String::new(), &["policy"])?;
    let policy = fields.required("policy")?;
    shared.world().set_policy(policy);
    Ok(Answer::json(200, &PolicyDocument { policy }))
}

fn faults(shared: &Shared, call: Value) -> Result<Answer, String> {
    let Value::Array(list) = call else {
        return Err(format!("a list of rules is wanted, as {FAULTS}"));
    };
    let rules: Vec<FaultRule> = list
        .into_iter()
        .zip(1_usize..)
        .map(|(rule, number)| fault(rule, number))
        .collect::<Result<_, _>>()?;
    let count = rules.len();
    shared.world().set_faults(rules);
    Ok(Answer::json(200, &json!({ "faults": count })))
}

/// One rule of a list, numbered from 1.
fn fault(rule: Value, number: usize) -> Result<FaultRule, String> {
    let mut fields = Fields::of(rule, format!("rule {number}: "), &["on", "nth", "then"])?;
    Ok(FaultRule {
        on: fields.required("on")?,
        nth: fields.required("nth")?,
        then: fields.required("then")?,
    })
}

fn revoke(shared: &Shared, call: Value) -> Result<Answer, String> {
    let mut fields = Fields::of(call, String::new(), &["user", "family"])?;
    let user: Option<String> = fields.optional("user")?;
    let family: Option<String> = fields.optional("family")?;
    let families = match (user, family) {
        (Some(user), None) => {
            let mut world = shared.world();
            if !shared.registry.has_user(&user) && !world.has_family_of(&user) {
                return Ok(error(404, "user: nobody of this name is known here"));
            }
            world.revoke_user(&user)
        }
        (None, Some(family)) => {
            let family = family.parse().map_err(|wrong| format!("family: {wrong}"))?;
            usize::from(shared.world().revoke_family(family))
        }
        (Some(_), Some(_)) => return Err("family: it cannot stand beside user".to_owned()),
        (None, None) => return Err("user: it is missing, and so is family".to_owned()),
    };
    Ok(Answer::json(200, &json!({ "families": families })))
}
