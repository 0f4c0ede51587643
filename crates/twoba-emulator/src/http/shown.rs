//! Selects what may be shown of a request: only values that the emulator knows to be no secret.
//! Tokens and codes are shown by their fingerprints.

use std::borrow::Cow;

use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use twoba_sample_services::Mount;
use twoba_sample_services::form;

use super::client_authentication::basic_credentials;
use crate::identifier::Fingerprint;
use crate::journal::{Body, Head, Kept};
use crate::registry::Registry;
use crate::request::{SeenAuthorization, SeenParameter, SeenRequest};
use crate::world::Shared;

/// The text that replaces everything that is not shown.
const REDACTED: &str = "[redacted]";

/// The longest path, query or header that is kept.
const MAX_HEAD: usize = 2 * 1024;

/// How many parameters of one request are shown.
const MAX_PARAMETERS: usize = 32;

/// The longest free text that is shown. It is shorter than any token or code.
const MAX_PLAIN: usize = 40;

/// The shortest text that gets a fingerprint. Somebody could guess a shorter one from its
/// fingerprint, and it may be a password.
const MIN_FINGERPRINTED: usize = 32;

/// The class of a parameter, which decides how its value is shown.
#[derive(Clone, Copy)]
enum Class {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words.
    Words(&'static [&'static str]),
    /// The id of a client.
    Client,
    /// The name of a user.
    User,
    /// An address of the browser's redirect.
    Address,
    /// Short plain text.
    Plain,
    /// A token or code.
    Token,
    /// Never shown.
    Secret,
}

/// The parameters that are shown, beside those of the sample services, which are plain. Any other
/// one may be a secret in the wrong place.
const PARAMETERS: [(&str, Class); 30] = [
    (
        "grant_type",
        Class::Word(&[
            "password",
            "authorization_code",
            "refresh_token",
            "client_credentials",
        ]),
    ),
    (
        "response_type",
        Class::Words(&["code", "token", "id_token"]),
    ),
    (
        "response_mode",
        Class::Word(&["query", "fragment", "form_post"]),
    ),
    ("code_challenge_method", Class::Word(&["S256", "plain"])),
    (
        "token_type_hint",
        Class::Word(&["access_token", "refresh_token"]),
    ),
    (
        "prompt",
        Class::Words(&["none", "login", "consent", "select_account"]),
    ),
    ("action", Class::Word(&["login", "cancel"])),
    (
        "scope",
        Class::Words(&["openid", "offline_access", "unifeed", "apix"]),
    ),
    ("client_id", Class::Client),
    ("username", Class::User),
    ("redirect_uri", Class::Address),
    ("callback", Class::Plain),
    ("interfaceType", Class::Plain),
    ("interface", Class::Plain),
    ("hookUrl", Class::Address),
    ("accessToken", Class::Token),
    ("refresh_token", Class::Token),
    ("access_token", Class::Token),
    ("token", Class::Token),
    ("code", Class::Token),
    ("password", Class::Secret),
    ("client_secret", Class::Secret),
    ("code_verifier", Class::Secret),
    ("code_challenge", Class::Secret),
    ("state", Class::Secret),
    ("nonce", Class::Secret),
    ("assertion", Class::Secret),
    ("client_assertion", Class::Secret),
    ("client_assertion_type", Class::Secret),
    ("login_hint", Class::Secret),
];

/// The path segments that are shown, beside the names of services and functions, whatever their
/// case.
const SEGMENTS: [&str; 19] = [
    "",
    "OAuth",
    "Token",
    "Authorize",
    "connect",
    "revocation",
    "introspect",
    ".well-known",
    "openid-configuration",
    "oauth-authorization-server",
    "1",
    "json",
    "soap",
    "unifeed",
    "attachments",
    "interface",
    "ProductJSON",
    "favicon.ico",
    "robots.txt",
];

/// The part of a request's head that is kept until somebody looks.
pub(super) fn head<T>(request: &Request<T>) -> Head {
    let headers = request.headers();
    let target = match request.uri().path_and_query() {
        Some(target) => target.as_str(),
        None => request.uri().path(),
    };
    Head {
        method: method(request.method()),
        target: match target {
            // Where most requests go.
            "/OAuth/Token" => Some(Cow::Borrowed("/OAuth/Token")),
            "/connect/token" => Some(Cow::Borrowed("/connect/token")),
            other => (other.len() <= MAX_HEAD).then(|| Cow::Owned(other.to_owned())),
        },
        authorization: headers
            .get(AUTHORIZATION)
            .map(|value| match value.as_bytes() {
                short if short.len() <= MAX_HEAD => short.into(),
                _long => Box::default(),
            }),
        is_form: headers.get(CONTENT_TYPE).is_some_and(|declared| {
            const FORM: &[u8] = b"application/x-www-form-urlencoded";
            let start = declared.as_bytes().get(..FORM.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(FORM))
        }),
    }
}

/// The method. Anybody can make one up, so only the usual ones have names.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The parts of a request that may be shown.
pub(crate) fn show(shared: &Shared, number: u64, kept: &Kept) -> SeenRequest {
    let (path, query) = match kept.head.target.as_deref() {
        Some(target) => match target.split_once('?') {
            Some((path, query)) => (self::path(&*shared.services, path), query),
            None => (self::path(&*shared.services, target), ""),
        },
        None => (REDACTED.to_owned(), ""),
    };
    let form = kept.body.as_ref().and_then(|body| body.form.as_deref());
    let mut others = 0;
    let mut parameters = |text| parameters(shared, text, &mut others);
    SeenRequest {
        number,
        at: kept.at.to_system(),
        took_microseconds: u64::try_from(kept.took.as_micros()).unwrap_or(u64::MAX),
        method: kept.head.method,
        path,
        status: kept.status,
        authorization: kept
            .head
            .authorization
            .as_deref()
            .map(|header| authorization(&shared.registry, header)),
        query: parameters(query.as_bytes()),
        form: parameters(form.unwrap_or_default()),
        other_parameters: others,
        body_bytes: kept.body.as_ref().map(|Body { bytes, .. }| *bytes),
        events: kept.events.iter().flatten().map(|e| e.get()).collect(),
    }
}

fn path(services: &dyn Mount, path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let is_known = SEGMENTS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(segment));
        if is_known || services.is_named_by(segment) {
            segment
        } else {
            REDACTED
        }
    });
    segments.take(16).collect::<Vec<_>>().join("/")
}

fn authorization(registry: &Registry, header: &[u8]) -> SeenAuthorization {
    let Some((scheme, credentials)) = std::str::from_utf8(header)
        .ok()
        .and_then(|header| header.split_once(' '))
    else {
        return SeenAuthorization::Other;
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        return SeenAuthorization::Bearer {
            fingerprint: fingerprint(credentials),
        };
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return SeenAuthorization::Other;
    }
    let client = basic_credentials(credentials).and_then(|(id, _secret)| {
        let decoded = form::decode(id.as_bytes()).unwrap_or_default();
        [decoded, id]
            .into_iter()
            .find(|id| registry.client(id).is_some())
    });
    SeenAuthorization::Basic {
        client: client.unwrap_or_else(|| REDACTED.to_owned()),
    }
}

/// The parameters with known names. The number of the others is added to `others`.
fn parameters(shared: &Shared, text: &[u8], others: &mut usize) -> Vec<SeenParameter> {
    let mut shown = Vec::new();
    for pair in text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        match parameter(shared, pair) {
            Some(parameter) if shown.len() < MAX_PARAMETERS => shown.push(parameter),
            Some(_) | None => *others += 1,
        }
    }
    shown
}

fn parameter(shared: &Shared, pair: &[u8]) -> Option<SeenParameter> {
    let mut halves = pair.splitn(2, |byte| *byte == b'=');
    let name = form::decode(halves.next()?).ok()?;
    let plain = || {
        let known = shared.services.parameter(&name);
        known.map(|known| (known, Class::Plain))
    };
    let listed = PARAMETERS.into_iter().find(|(known, _)| *known == name);
    let (name, class) = listed.or_else(plain)?;
    // A value that cannot be decoded is shown like a secret.
    let value = form::decode(halves.next().unwrap_or_default()).ok();
    Some(SeenParameter {
        name,
        value: value
            .as_deref()
            .and_then(|value| shown_value(&shared.registry, class, value))
            .unwrap_or_else(|| REDACTED.to_owned()),
        fingerprint: match class {
            Class::Token => value.as_deref().and_then(fingerprint),
            Class::Word(_)
            | Class::Words(_)
            | Class::Client
            | Class::User
            | Class::Address
            | Class::Plain
            | Class::Secret => None,
        },
    })
}

fn fingerprint(token: &str) -> Option<Fingerprint> {
    (token.len() >= MIN_FINGERPRINTED).then(|| Fingerprint::of(token))
}

/// The value, if it is known to be no secret.
fn shown_value(registry: &Registry, class: Class, value: &str) -> Option<String> {
    // Which of the parameters are empty gives nothing away.
    if value.is_empty() {
        return Some(String::new());
    }
    match class {
        Class::Word(known) => known.contains(&value).then(|| value.to_owned()),
        Class::Words(known) => value
            .split(' ')
            .all(|word| known.contains(&word))
            .then(|| value.to_owned()),
        Class::Client => registry.client(value).map(|client| client.id().to_owned()),
        Class::User => registry.has_user(value).then(|| value.to_owned()),
        Class::Address => address(value),
        Class::Plain => {
            let is_plain = value.len() <= MAX_PLAIN
                && value
                    .chars()
                    .all(|character| character.is_alphanumeric() || " .-_$".contains(character));
            (is_plain && !registry.holds_secret_in(value)).then(|| value.to_owned())
        }
        Class::Token | Class::Secret => None,
    }
}

/// A loopback address with its port. The path is shown only if it is a usual one.
fn address(uri: &str) -> Option<String> {
    const USUAL: [&str; 4] = ["", "/", "/callback", "/cb"];
    ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        .iter()
        .find_map(|host| {
            let rest = uri.strip_prefix(host)?;
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (port, path) = rest.split_at_checked(end)?;
            let number = port.strip_prefix(':').map(str::parse::<u16>);
            let is_port = port.is_empty() || matches!(number, Some(Ok(_)));
            let path = if USUAL.contains(&path) {
                path
            } else {
                "/[redacted]"
            };
            is_port.then(|| format!("{host}{port}{path}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use twoba_sample_services::SampleServices;

    #[test]
    fn names_of_the_services_are_shown_and_what_stands_between_them_is_not() {
        let services = SampleServices::new("http://127.0.0.1:1", 1);
        let path = |asked: &str| path(&services, asked);
        assert_eq!(path("/1/json/participant/List"), "/1/json/participant/List");
        let asked = path("/1/json/Product/Details/02008710001001");
        assert_eq!(asked, format!("/1/json/Product/Details/{REDACTED}"));
        assert_eq!(services.parameter("tradeItemId"), Some("tradeItemId"));
        assert_eq!(services.parameter("password"), None);
    }
}
