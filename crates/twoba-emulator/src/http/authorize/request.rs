//! Checks an authorization request, and decides who is told of its errors.

use twoba_sample_services::form::Parameters;

use super::super::scope;
use crate::registry::Registry;

/// An authorization request that may show the login page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthorizationRequest {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    /// The S256 challenge of RFC 7636.
    pub(super) challenge: Option<String>,
    /// The scope. It is shown to the user, carried through the login page, and kept with the
    /// tokens.
    pub(super) scope: Option<String>,
}

/// An authorization request that shows no login page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadRequest {
    /// The browser stays on an error page, because it may not be sent anywhere.
    Shown(PageError),
    /// The client is told by a redirect.
    Redirected(Return, &'static str, &'static str),
}

/// Why the browser stays on an error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageError {
    UnreadableRequest,
    /// There is no client of this id, or the request names none.
    UnknownClient(Option<String>),
    UnregisteredRedirect,
    ForeignOrigin,
}

/// The redirect back to the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Return {
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
}

/// Checks a request, from a link or from the login page.
pub(super) fn parse(
    registry: &Registry,
    from: &Parameters,
) -> Result<AuthorizationRequest, BadRequest> {
    use BadRequest::Shown;
    // RFC 6749 section 4.1.2.1: never redirect while client or redirect URI are in doubt.
    if from.repeats("client_id") || from.repeats("redirect_uri") {
        return Err(Shown(PageError::UnreadableRequest));
    }
    let id = from.get("client_id");
    let client = id
        .and_then(|id| registry.client(id))
        .ok_or_else(|| Shown(PageError::UnknownClient(id.map(str::to_owned))))?;
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
        scope: scope::known_of(client, from),
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
            (
                "client_id=nobody",
                E::UnknownClient(Some("nobody".to_owned())),
            ),
            ("", E::UnknownClient(None)),
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
    fn scopes_that_are_not_the_clients_are_left_out() {
        for (asked, kept) in [
            ("apix+nothing+unifeed+apix", Some("apix unifeed")),
            ("nothing", None),
            ("%22", None),
        ] {
            let request = check(&format!("client_id=myApplication&scope={asked}")).unwrap();
            assert_eq!(request.scope.as_deref(), kept, "{asked}");
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
