//! Serves the login page and sends the browser back. `request` checks the request, and `page`
//! writes the page.

mod accounts;
mod page;
mod request;

use hyper::body::Incoming;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use hyper::{Method, Request};
use twoba_sample_services::form::{Encoded, Parameters};
use twoba_sample_services::language::Language;
use twoba_sample_services::page as frame;

use super::answer::Answer;
use super::origin;
use super::request::{form, only};
use crate::authority::CodeRequest;
use crate::journal::EventKind;
use crate::world::Shared;
use request::{AuthorizationRequest, BadRequest, PageError, Return, parse};

pub(super) async fn handle(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (parts, incoming) = request.into_parts();
    let language = Language::preferred(only(&parts.headers, &ACCEPT_LANGUAGE));
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let query = parts.uri.query().unwrap_or_default();
        return match Parameters::parse(query.as_bytes()) {
            Ok(query) => ask(shared, language, &query),
            Err(_) => error_page(language, PageError::UnreadableRequest),
        };
    }
    if parts.method != Method::POST {
        return Answer::method_not_allowed("GET, HEAD, POST");
    }
    if origin::is_foreign(shared, &parts.headers) {
        return error_page(language, PageError::ForeignOrigin);
    }
    match form(&parts.headers, incoming).await {
        Ok(form) => decide(shared, language, &form),
        Err(_) => error_page(language, PageError::UnreadableRequest),
    }
}

/// Shows the login page.
fn ask(shared: &Shared, language: Language, query: &Parameters) -> Answer {
    match parse(&shared.registry, query) {
        Ok(request) => login_page(shared, language, &request, None),
        Err(bad) => refuse(shared, language, bad),
    }
}

/// Judges the submitted login page. The request that it carries is checked as if it were new.
fn decide(shared: &Shared, language: Language, form: &Parameters) -> Answer {
    let request = match parse(&shared.registry, form) {
        Ok(request) => request,
        Err(bad) => return refuse(shared, language, bad),
    };
    if form.get("action") == Some("cancel") {
        shared.world().record(EventKind::LoginCancelled);
        let way_back = Return {
            redirect_uri: request.redirect_uri,
            state: request.state,
        };
        return redirect(
            shared,
            &way_back,
            &[
                ("error", "access_denied"),
                ("error_description", "the user cancelled the login"),
            ],
        );
    }
    let name = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    if !shared.registry.lets_in(name, password) {
        shared.world().record(EventKind::LoginRefused);
        return login_page(shared, language, &request, Some(name));
    }
    let code = shared.world().decide(|authority, entry| {
        authority.issue_code(
            entry,
            CodeRequest {
                user: name.to_owned(),
                client: request.client,
                redirect_uri: request.redirect_uri.clone(),
                challenge: request.challenge,
                scope: request.scope,
            },
        )
    });
    let way_back = Return {
        redirect_uri: request.redirect_uri,
        state: request.state,
    };
    redirect(shared, &way_back, &[("code", code.expose())])
}

fn refuse(shared: &Shared, language: Language, bad: BadRequest) -> Answer {
    match bad {
        BadRequest::Shown(error) => error_page(language, error),
        BadRequest::Redirected(way_back, error, description) => redirect(
            shared,
            &way_back,
            &[("error", error), ("error_description", description)],
        ),
    }
}

/// Sends the browser back with these parameters, state and issuer.
fn redirect(shared: &Shared, way_back: &Return, parameters: &[(&str, &str)]) -> Answer {
    let mut location = way_back.redirect_uri.clone();
    // RFC 9207: the issuer goes with every answer, errors included.
    let always = way_back
        .state
        .as_deref()
        .map(|state| ("state", state))
        .into_iter()
        .chain([("iss", shared.url.as_str())]);
    for (name, value) in parameters.iter().copied().chain(always) {
        // RFC 6749 section 3.1.2: a query that the redirect URI has is kept.
        let separator = if location.contains('?') { '&' } else { '?' };
        location.push(separator);
        location.push_str(name);
        location.push('=');
        location.push_str(&Encoded(value).to_string());
    }
    Answer::see_other(&location).with(REFERRER_POLICY, "no-referrer")
}

fn login_page(
    shared: &Shared,
    language: Language,
    request: &AuthorizationRequest,
    refused_name: Option<&str>,
) -> Answer {
    let users = shared.registry.demo_users();
    let html = page::login(language, request, refused_name, &users);
    let way_back = request.redirect_uri.as_str();
    let policy = frame::security_policy([frame::SELF, way_back], accounts::policy(&users));
    dressed(Answer::html(200, html), language, policy)
}

fn error_page(language: Language, error: PageError) -> Answer {
    let html = page::error(language, &error);
    dressed(
        Answer::html(400, html),
        language,
        frame::security_policy([], ""),
    )
}

fn dressed(answer: Answer, language: Language, policy: String) -> Answer {
    answer
        .varying_by("Accept-Language")
        .with(CONTENT_LANGUAGE, language.tag())
        .with(CONTENT_SECURITY_POLICY, policy)
        // Not `no-referrer`: with that, browsers hide the origin that the form is checked by.
        .with(REFERRER_POLICY, "same-origin")
}
