//! Decides what an authorization request must hold and where the browser goes; how the page looks is decided by `page`.

use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, ORIGIN, REFERRER_POLICY,
};
use hyper::{Method, Request};

use super::answer::Answer;
use super::form::{Encoded, Parameters};
use super::page::{self, Language};
use super::request::{self, only};
use crate::authority::CodeRequest;
use crate::journal::EventKind;
use crate::registry::Registry;
use crate::world::Shared;

/// An authorization request that may show the login page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthorizationRequest {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    /// The S256 challenge of RFC 7636.
    pub(super) challenge: Option<String>,
    /// Shown to the user and carried through the login page, but without effect.
    pub(super) scope: Option<String>,
}

/// An authorization request that shows no login page.
#[derive(Debug, PartialEq, Eq)]
enum BadRequest {
    /// Nobody may be sent anywhere.
    Shown(PageError),
    /// The client is told.
    Redirected(Return, &'static str, &'static str),
}

/// Why the browser stays here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageError {
    UnreadableRequest,
    UnknownClient,
    UnregisteredRedirect,
    ForeignOrigin,
}

/// The way back to the client.
#[derive(Debug, PartialEq, Eq)]
struct Return {
    redirect_uri: String,
    state: Option<String>,
}

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
    if is_foreign(shared, &parts.headers) {
        return error_page(language, PageError::ForeignOrigin);
    }
    match request::form(&parts.headers, incoming).await {
        Ok(form) => decide(shared, language, &form),
        Err(_) => error_page(language, PageError::UnreadableRequest),
    }
}

/// Whether a page of another site sent the form: browsers always say where a POST comes from.
pub(super) fn is_foreign(shared: &Shared, headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
        && !only(headers, &ORIGIN)
            .is_some_and(|origin| super::control::is_own_origin(shared, origin))
}

/// Shows the login page.
fn ask(shared: &Shared, language: Language, query: &Parameters) -> Answer {
    match parse(&shared.registry, query) {
        Ok(request) => login_page(language, &request, None),
        Err(bad) => refuse(shared, language, bad),
    }
}

/// Judges the filled-in login page. What it carries of the request is checked as if it were new.
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
    let Some(user) = shared.registry.user(name, password) else {
        shared.world().record(EventKind::LoginRefused);
        return login_page(language, &request, Some(name));
    };
    let code = shared.world().decide(|authority, entry| {
        authority.issue_code(
            entry,
            CodeRequest {
                user: user.name().to_owned(),
                client: request.client,
                redirect_uri: request.redirect_uri.clone(),
                challenge: request.challenge,
            },
        )
    });
    let way_back = Return {
        redirect_uri: request.redirect_uri,
        state: request.state,
    };
    redirect(shared, &way_back, &[("code", code.expose())])
}

/// Checks a request, from a link or from the login page.
fn parse(registry: &Registry, from: &Parameters) -> Result<AuthorizationRequest, BadRequest> {
    use BadRequest::Shown;
    // RFC 6749 section 4.1.2.1: never redirect while client or redirect URI are in doubt.
    if from.repeats("client_id") || from.repeats("redirect_uri") {
        return Err(Shown(PageError::UnreadableRequest));
    }
    let client = from
        .get("client_id")
        .and_then(|id| registry.client(id))
        .ok_or(Shown(PageError::UnknownClient))?;
    let redirect_uri = from
        .get("redirect_uri")
        .filter(|uri| client.may_redirect_to(uri))
        .ok_or(Shown(PageError::UnregisteredRedirect))?;

    let state = from.get("state").filter(|_| !from.repeats("state"));
    let told = |error, description| {
        BadRequest::Redirected(
            Return {
                redirect_uri: redirect_uri.to_owned(),
                state: state.map(str::to_owned),
            },
            error,
            description,
        )
    };
    if from.has_repeats() {
        return Err(told("invalid_request", "a parameter occurs twice"));
    }
    match from.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(told(
                "unsupported_response_type",
                "the response type is not code",
            ));
        }
        None => return Err(told("invalid_request", "response_type is missing")),
    }
    let challenge = challenge(from, client.is_public())
        .map_err(|description| told("invalid_request", description))?;
    Ok(AuthorizationRequest {
        client: client.id().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: state.map(str::to_owned),
        challenge: challenge.map(str::to_owned),
        scope: from.get("scope").map(str::to_owned),
    })
}

/// The PKCE challenge of a request, which public clients must have.
fn challenge(from: &Parameters, required: bool) -> Result<Option<&str>, &'static str> {
    // RFC 7636 section 4.3: without a method the method is plain, which is refused.
    match (
        from.get("code_challenge"),
        from.get("code_challenge_method"),
    ) {
        (None, None) if required => Err("public clients have to use PKCE"),
        (None, None) => Ok(None),
        (None, Some(_)) => Err("code_challenge is missing"),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => Ok(Some(challenge)),
        (Some(_), Some("S256")) => Err("code_challenge is not a base64url SHA-256"),
        (Some(_), Some(_) | None) => Err("transform algorithm not supported, use S256"),
    }
}

fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
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
    language: Language,
    request: &AuthorizationRequest,
    refused_name: Option<&str>,
) -> Answer {
    let html = page::login(language, request, refused_name);
    let policy = page::security_policy([page::SELF, request.redirect_uri.as_str()], "");
    dressed(Answer::html(200, html), language, policy)
}

fn error_page(language: Language, error: PageError) -> Answer {
    let html = page::error(language, error);
    dressed(
        Answer::html(400, html),
        language,
        page::security_policy([], ""),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{demo_clients, demo_users};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const START: &str = "response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcb";

    fn check(more: &str) -> Result<AuthorizationRequest, BadRequest> {
        let registry = Registry::new(demo_clients(), demo_users());
        let query = format!("{START}&{more}");
        parse(&registry, &Parameters::parse(query.as_bytes()).unwrap())
    }

    #[track_caller]
    fn check_redirected(more: &str, expected: &str) {
        match check(more) {
            Err(BadRequest::Redirected(way_back, error, _)) => {
                assert_eq!(error, expected);
                assert_eq!(way_back.redirect_uri, "http://localhost:8080/cb");
            }
            other => panic!("{more}: {other:?}"),
        }
    }

    #[test]
    fn a_confidential_client_may_do_without_pkce() {
        let request = check("client_id=myApplication&state=a%2Bb&unknown=x").unwrap();
        assert_eq!(request.state.as_deref(), Some("a+b"));
        assert_eq!(request.challenge, None);
    }

    #[test]
    fn a_public_client_has_to_use_pkce() {
        let more = format!(
            "client_id=publicApplication&code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        assert_eq!(check(&more).unwrap().challenge.as_deref(), Some(CHALLENGE));
        check_redirected("client_id=publicApplication", "invalid_request");
    }

    #[test]
    fn plain_and_malformed_challenges_are_refused() {
        for pkce in [
            format!("code_challenge={CHALLENGE}&code_challenge_method=plain"),
            format!("code_challenge={CHALLENGE}"),
            "code_challenge=short&code_challenge_method=S256".to_owned(),
            format!("code_challenge={CHALLENGE}%3D&code_challenge_method=S256"),
            "code_challenge_method=S256".to_owned(),
        ] {
            check_redirected(
                &format!("client_id=myApplication&{pkce}"),
                "invalid_request",
            );
        }
    }

    #[test]
    fn nobody_is_redirected_while_client_or_redirect_uri_are_in_doubt() {
        use PageError as E;
        for (more, error) in [
            ("client_id=nobody", E::UnknownClient),
            ("", E::UnknownClient),
            (
                "client_id=myApplication&client_id=myApplication",
                E::UnreadableRequest,
            ),
            (
                "client_id=myApplication&redirect_uri=http%3A%2F%2Flocalhost",
                E::UnreadableRequest,
            ),
        ] {
            assert_eq!(check(more), Err(BadRequest::Shown(error)), "{more}");
        }
        let registry = Registry::new(demo_clients(), demo_users());
        for uri in ["https://evil.example/", ""] {
            let query = format!("response_type=code&client_id=myApplication&redirect_uri={uri}");
            assert_eq!(
                parse(&registry, &Parameters::parse(query.as_bytes()).unwrap()),
                Err(BadRequest::Shown(E::UnregisteredRedirect))
            );
        }
    }

    #[test]
    fn other_faults_are_told_to_the_client() {
        check_redirected("client_id=myApplication&state=1&state=2", "invalid_request");
        check_redirected("client_id=myApplication&scope=1&scope=1", "invalid_request");
        check_redirected(
            "client_id=myApplication&response_type=token",
            "invalid_request",
        );
        let registry = Registry::new(demo_clients(), demo_users());
        for (kind, expected) in [
            ("response_type=token&", "unsupported_response_type"),
            ("", "invalid_request"),
        ] {
            let query =
                format!("{kind}client_id=myApplication&redirect_uri=http%3A%2F%2Flocalhost");
            match parse(&registry, &Parameters::parse(query.as_bytes()).unwrap()) {
                Err(BadRequest::Redirected(_, error, _)) => assert_eq!(error, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}
