//! Serves the token endpoint. `authority` judges the tokens.

use hyper::body::Incoming;
use hyper::header::WWW_AUTHENTICATE;
use hyper::{HeaderMap, Method, Request};
use twoba_sample_services::form::Parameters;
use twoba_sample_services::jsonp::{Jsonp, Manner};

use super::answer::Answer;
use super::client_authentication::{self, CHALLENGE};
use super::damage::{Outcome, Work, play};
use super::{request, scope};
use crate::authority::{Granted, Redemption, Refused};
use crate::behavior::Behavior;
use crate::grant::Grant;
use crate::journal::Endpoint;
use crate::refusal::Refusal;
use crate::registry::RegisteredClient;
use crate::world::Shared;

/// Parameters that must not be in the URL, because logs and histories keep URLs.
const NEVER_IN_THE_URL: [&str; 6] = [
    "client_secret",
    "client_assertion",
    "password",
    "refresh_token",
    "code",
    "code_verifier",
];

/// A token request whose form can be read.
struct TokenRequest {
    form: Parameters,
    jsonp: Option<Jsonp>,
}

pub(super) async fn handle(shared: &Shared, request: Request<Incoming>) -> Outcome {
    if *request.method() != Method::POST {
        return Outcome::Answer(Answer::method_not_allowed("POST"));
    }
    let (parts, incoming) = request.into_parts();
    let form = request::form(&parts.headers, incoming).await;
    let grant = form.as_ref().map_or(Grant::Other, grant_of);
    let read = form.and_then(|form| read(parts.uri.query(), form));
    let fault = shared.world().token_request(grant);
    play(fault, |work| match work {
        Work::Done => answer(shared, &parts.headers, grant, read),
        Work::MadeUp => {
            let jsonp = read.ok().and_then(|request| request.jsonp);
            Answer::tokens(shared.world().made_up()).wrapped_in(jsonp)
        }
    })
    .await
}

/// The grant that a form asks for.
fn grant_of(form: &Parameters) -> Grant {
    match form.get("grant_type") {
        Some("password") => Grant::Password,
        Some("authorization_code") => Grant::AuthorizationCode,
        Some("refresh_token") => Grant::Refresh,
        Some("client_credentials") => Grant::ClientCredentials,
        Some(_) | None => Grant::Other,
    }
}

/// Checks the rules of every grant.
fn read(query: Option<&str>, form: Parameters) -> Result<TokenRequest, Refusal> {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes())
        .map_err(|_| Refusal::MalformedForm)?;
    // RFC 6749 section 2.3.1: only in the body.
    if NEVER_IN_THE_URL.iter().any(|name| query.names(name)) {
        return Err(Refusal::ParameterInUrl);
    }
    // RFC 6749 section 3.2: parameters must not be included more than once.
    let two_callbacks = form.names("callback") && query.names("callback");
    if form.has_repeats() || query.has_repeats() || two_callbacks {
        return Err(Refusal::RepeatedParameter);
    }
    let jsonp = match form.get("callback").or_else(|| query.get("callback")) {
        Some(name) => Some(Jsonp::parse(name, Manner::Token).ok_or(Refusal::BadCallback)?),
        None => None,
    };
    Ok(TokenRequest { form, jsonp })
}

/// Carries out the request.
fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    grant: Grant,
    read: Result<TokenRequest, Refusal>,
) -> Answer {
    let (jsonp, result) = match read {
        Ok(TokenRequest { form, jsonp }) => (jsonp, exchange(shared, headers, grant, &form)),
        Err(reason) => (None, Err(reason.into())),
    };
    match result {
        Ok(granted) => Answer::tokens(granted).wrapped_in(jsonp),
        Err(refused) => {
            shared.world().refuse(Endpoint::Token, refused);
            refusal(shared.behavior, headers, refused.reason, jsonp)
        }
    }
}

/// Authenticates the client and exchanges its grant.
fn exchange(
    shared: &Shared,
    headers: &HeaderMap,
    grant: Grant,
    form: &Parameters,
) -> Result<Granted, Refused> {
    required(form, "grant_type")?;
    let client = client_authentication::authenticate(shared, headers, form)?;
    match grant {
        Grant::Password => password(shared, client, form),
        Grant::AuthorizationCode => authorization_code(shared, client, form),
        Grant::Refresh => refresh(shared, client, form),
        Grant::ClientCredentials => client_credentials(shared, client, form),
        Grant::Other => Err(Refusal::UnsupportedGrantType.into()),
    }
}

fn password(
    shared: &Shared,
    client: &RegisteredClient,
    form: &Parameters,
) -> Result<Granted, Refused> {
    // 2BA requires the secret with this grant.
    if client.is_public() {
        return Err(Refusal::GrantNotAllowed.into());
    }
    let user = required(form, "username")?;
    let password = required(form, "password")?;
    if !shared.registry.lets_in(user, password) {
        return Err(Refusal::WrongPassword.into());
    }
    let scope = scope::asked_for(client, form)?;
    Ok(shared.world().decide(|authority, entry| {
        let (user, grant) = (Some(user), Grant::Password);
        authority.login(entry, user, client.id(), grant, scope).1
    }))
}

/// Tokens for the client itself, which has to prove that it is the one.
fn client_credentials(
    shared: &Shared,
    client: &RegisteredClient,
    form: &Parameters,
) -> Result<Granted, Refused> {
    // RFC 6749 section 4.4: for confidential clients only.
    if client.is_public() {
        return Err(Refusal::GrantNotAllowed.into());
    }
    // RFC 6749 section 3.3: who asks for none gets what is usual, and is told.
    let scope = scope::asked_for(client, form)?.or_else(|| client.all_scopes());
    Ok(shared.world().decide(|authority, entry| {
        let grant = Grant::ClientCredentials;
        authority.login(entry, None, client.id(), grant, scope).1
    }))
}

fn authorization_code(
    shared: &Shared,
    client: &RegisteredClient,
    form: &Parameters,
) -> Result<Granted, Refused> {
    let redemption = Redemption {
        code: required(form, "code")?,
        redirect_uri: required(form, "redirect_uri")?,
        verifier: form.get("code_verifier"),
    };
    shared
        .world()
        .decide(|authority, entry| authority.redeem(entry, client.id(), &redemption))
}

fn refresh(
    shared: &Shared,
    client: &RegisteredClient,
    form: &Parameters,
) -> Result<Granted, Refused> {
    let presented = required(form, "refresh_token")?;
    shared
        .world()
        .decide(|authority, entry| authority.refresh(entry, client.id(), presented))
}

fn required<'f>(form: &'f Parameters, name: &str) -> Result<&'f str, Refusal> {
    form.get(name).ok_or(Refusal::MissingParameter)
}

/// A refusal in the words of the emulated server.
pub(super) fn refusal(
    behavior: Behavior,
    headers: &HeaderMap,
    reason: Refusal,
    jsonp: Option<Jsonp>,
) -> Answer {
    match behavior {
        // A callback needs an argument, so a bare answer is for plain requests only.
        Behavior::TwoBa if reason.is_about_a_refresh_token() && jsonp.is_none() => {
            return Answer::empty(reason.status());
        }
        Behavior::TwoBa | Behavior::Plain => {}
    }
    let answer = Answer::oauth_error(
        reason.status(),
        reason.oauth_code(),
        Some(reason.description()),
    )
    .wrapped_in(jsonp);
    // RFC 6749 section 5.2: a refused header is challenged, a refused form body is not.
    if reason.status() == 401 && client_authentication::is_by_header(headers) {
        answer.with(WWW_AUTHENTICATE, CHALLENGE)
    } else {
        answer
    }
}
