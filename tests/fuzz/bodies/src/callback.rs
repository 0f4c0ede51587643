//! The browser's way back: a code comes out only of the answer to this login.

use std::borrow::Cow;
use std::sync::LazyLock;

use twoba_core::limits::TOKEN_MAX;
use twoba_core::{
    CallbackError, Client, CodeExchange, Endpoint, Login, LoginError, Provider, RedirectUri, Seed,
    Timestamp,
};

use crate::choice::pick;
use crate::shown::{assert_fit_to_print, assert_stripped};

const START: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
const REDIRECT: &str = "http://127.0.0.1:8080/back";
const ISSUER: &str = "https://id.example";

/// Whether the server's name is known, and whether it has announced to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    No,
    Known,
    Announced,
}

/// The code that a login would send, or why it sends none; nothing if no login can be made.
type Outcome = Option<Result<String, LoginError>>;

/// A client, and the state of its login as the login page would read it from the URL.
struct Prepared {
    named: Named,
    client: Client,
    state: String,
}

impl Prepared {
    fn new(named: Named) -> Option<Self> {
        let client = client(named)?;
        let (url, _) = started(&client)?;
        let (_, query) = url.split_once('?')?;
        let state = values(query, "state").first()?.to_string();
        Some(Self {
            named,
            client,
            state,
        })
    }
}

static PREPARED: LazyLock<[Option<Prepared>; 3]> =
    LazyLock::new(|| [Named::No, Named::Known, Named::Announced].map(Prepared::new));

/// Judges a callback: one choice (what is known of the issuer), then the query, in which
/// `{state}` stands for the login's state. Then judges the same text as one that was pasted.
///
/// # Panics
///
/// - a code comes out although the state is missing, another or repeated, the issuer is
///   another, or an error stands there
/// - the code sent is not the one in the query
/// - a text that answers the login is read otherwise when it is pasted, a code alone is refused
///   or changed, or an answer is taken for a code
/// - an error is unbounded or has control characters
pub fn callback(data: &[u8]) {
    let Some((&[named], text)) = data.split_first_chunk() else {
        return;
    };
    let (Some(prepared), Ok(text)) = (pick(PREPARED.as_slice(), named), std::str::from_utf8(text))
    else {
        return;
    };
    let Some(prepared) = prepared else {
        panic!("the client of this target cannot be made");
    };
    let text = text.replace("{state}", &prepared.state);
    let outcome = called_back(prepared, &text);
    let alone = unquoted(&text);
    let expected = if alone == text {
        outcome
    } else {
        called_back(prepared, alone)
    };
    assert_pasted(prepared, &text, alone, expected);
}

/// What comes of a callback, once it was looked at.
fn called_back(prepared: &Prepared, text: &str) -> Outcome {
    let client = &prepared.client;
    let login = start(client)?;
    let answered = login.is_answered_by(text);
    if answered {
        assert_eq!(values(query_of(text), "state"), [prepared.state.as_str()]);
    }
    let outcome = judged(login.callback(START, text), client)?;
    if let Ok(code) = &outcome {
        assert!(answered);
        assert_answer(query_of(text), &prepared.state, prepared.named, code);
    }
    Some(outcome)
}

/// What comes of a text that is pasted is what comes of the callback in it, or a code alone.
fn assert_pasted(prepared: &Prepared, text: &str, alone: &str, called_back: Outcome) {
    let client = &prepared.client;
    let pasted = start(client).and_then(|login| judged(login.pasted(START, text), client));
    let is_answer = matches!(called_back, Some(Ok(_) | Err(LoginError::Denied { .. })));
    let elsewhere = Some(Err(LoginError::Callback(CallbackError::Redirect)));
    if pasted == elsewhere {
        let whole = is_redirect(address_of(alone));
        assert!(!whole && !address_of(alone).is_empty(), "{alone}");
        return;
    }
    if is_answer || names_an_answer(alone) {
        assert_eq!(pasted, called_back);
        let right = !is_url(alone) || is_redirect(address_of(alone));
        assert!(
            right || pasted.is_none_or(|outcome| outcome.is_err()),
            "{alone}"
        );
        return;
    }
    let code = text.trim();
    let is_code = (1..=TOKEN_MAX).contains(&code.len())
        && code.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !is_url(alone);
    match pasted {
        Some(Ok(pasted)) => assert!(is_code && pasted == code, "{pasted:?}"),
        pasted => assert!(!is_code, "{pasted:?}"),
    }
}

/// Whether an address is the redirect URI: only in the path does the case of a letter count.
fn is_redirect(address: &str) -> bool {
    let origin = REDIRECT.trim_end_matches("/back");
    let (start, path) = address.split_at_checked(origin.len()).unwrap_or_default();
    start.eq_ignore_ascii_case(origin) && path == "/back"
}

/// What stands before a query and a fragment.
fn address_of(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

fn is_url(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| is_scheme(scheme))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Whether a parameter of an answer stands anywhere in a text.
fn names_an_answer(text: &str) -> bool {
    text.split(['?', '&', '#']).any(|pair| {
        let name = pair.split_once('=').map(|(name, _)| decoded(name));
        name.is_some_and(|name| {
            ["code", "state", "error", "error_description", "iss"]
                .contains(&&*name.to_ascii_lowercase())
        })
    })
}

/// A text without white space around it, and without quotes around that.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let mut inner = text.chars();
    match (inner.next(), inner.next_back()) {
        (Some('"'), Some('"'))
        | (Some('\''), Some('\''))
        | (Some('`'), Some('`'))
        | (Some('<'), Some('>')) => inner.as_str().trim(),
        _ => text,
    }
}

fn client(named: Named) -> Option<Client> {
    let endpoint = |text| Endpoint::parse(text).ok();
    let provider = Provider::custom(endpoint("https://id.example/token")?)
        .with_authorization_endpoint(endpoint("https://id.example/authorize")?);
    let provider = match named {
        Named::No => provider,
        Named::Known => provider.with_issuer(ISSUER),
        Named::Announced => provider.with_announced_issuer(ISSUER),
    };
    Client::public(provider, "app").ok()
}

/// A login, always the same one.
fn start(client: &Client) -> Option<Login> {
    started(client).map(|(_, login)| login)
}

fn started(client: &Client) -> Option<(String, Login)> {
    let redirect = RedirectUri::parse(REDIRECT).ok()?;
    let seed = Seed::from_bytes([7; 32]);
    client.authorize(redirect, seed, START).ok()
}

/// The code that a judged callback would send, or why there is none.
fn judged(outcome: Result<CodeExchange, LoginError>, client: &Client) -> Outcome {
    let exchange = match outcome {
        Ok(exchange) => exchange,
        Err(error) => {
            assert_fit_to_print(&error);
            if let LoginError::Denied { code, description } = &error {
                assert_stripped(code.as_str());
                assert_stripped(description.as_deref().unwrap_or_default());
            }
            return Some(Err(error));
        }
    };
    let (request, _reply) = exchange.request(client, START).ok()?;
    let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
    let sent = values(&body, "code");
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.into_iter().next().map(|code| Ok(code.into_owned()))
}

fn assert_answer(query: &str, state: &str, named: Named, code: &str) {
    assert_eq!(values(query, "state"), [state]);
    assert_eq!(values(query, "code"), [code]);
    assert!(values(query, "error").iter().all(|error| error.is_empty()));
    let issuers = values(query, "iss");
    let issuer = issuers.first().filter(|issuer| !issuer.is_empty());
    match (named, issuer) {
        (Named::No, _) | (Named::Known, None) => {}
        (_, issuer) => assert_eq!(issuer.map(AsRef::as_ref), Some(ISSUER)),
    }
}

/// The query of a URL, or all of a text that is none, in either case without a fragment.
fn query_of(text: &str) -> &str {
    let text = text.split('#').next().unwrap_or_default();
    let Some((before, query)) = text.split_once('?') else {
        return text;
    };
    let is_path = before.starts_with('/')
        || before
            .split_once(":/")
            .is_some_and(|(scheme, _)| is_scheme(scheme));
    if is_path || !(before.contains('=') || before.contains('&')) {
        query
    } else {
        text
    }
}

/// The values of a parameter, decoded the slow way.
fn values<'q>(query: &'q str, name: &str) -> Vec<Cow<'q, str>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(key, _)| decoded(key) == name)
        .map(|(_, value)| decoded(value))
        .collect()
}

fn decoded(text: &str) -> Cow<'_, str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        let escaped = (first == b'%')
            .then(|| behind.split_first_chunk())
            .flatten();
        let value = escaped.and_then(|(digits, behind)| Some((hexadecimal(digits)?, behind)));
        match (first, value) {
            (_, Some((byte, behind))) => {
                bytes.push(byte);
                rest = behind;
            }
            (b'+', None) => bytes.push(b' '),
            (_, None) => bytes.push(first),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hexadecimal(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}
