//! What a person may paste: how a URL, a query and a code alone are told apart.

use super::*;

/// What `judge` makes of a text in which `{state}` stands for the right state.
fn judged(
    text: &str,
    judge: impl FnOnce(Login, &str) -> Result<CodeExchange, LoginError>,
) -> Result<String, LoginError> {
    let (url, login) = started();
    let text = text.replace("{state}", &value(&url, "state"));
    let exchange = judge(login, &text)?;
    Ok(exchange.code.expose().into())
}

fn pasted(text: &str) -> Result<String, LoginError> {
    judged(text, |login, text| login.pasted(NOW, text))
}

fn called_back(text: &str) -> Result<String, LoginError> {
    judged(text, |login, text| login.callback(NOW, text))
}

/// Answers, and the code that stands in each.
const ANSWERS: &[(&str, &str)] = &[
    // URLs.
    ("http://127.0.0.1:8080/cb?code=abc&state={state}", "abc"),
    ("http://127.0.0.1:8080/cb?state={state}&code=abc#_=_", "abc"),
    ("HTTP://127.0.0.1:8080/cb?code=abc&state={state}", "abc"),
    ("127.0.0.1:8080/cb?code=abc&state={state}", "abc"),
    ("127.0.0.1:8080/cb?&code=abc&state={state}", "abc"),
    ("/cb?code=abc&state={state}", "abc"),
    (
        "http://127.0.0.1:8080/cb?tenant=a?b&code=abc&state={state}",
        "abc",
    ),
    ("http://127.0.0.1:8080/cb?c%6fde=abc&st%61te={state}", "abc"),
    // Queries.
    ("code=abc&state={state}", "abc"),
    ("?code=abc&state={state}", "abc"),
    ("&code=abc&state={state}&", "abc"),
    ("?&code=abc&&state={state}", "abc"),
    ("code=abc&state={state}#_=_", "abc"),
    ("code=abc&state={state}&next=/a?b=c", "abc"),
    ("next=a?code=d&code=abc&state={state}", "abc"),
    ("c%6fde=abc&st%61te={state}", "abc"),
    ("%63%6F%64%65=abc&%73tate={state}", "abc"),
    ("code=code=abc&state={state}", "code=abc"),
    ("code=a%3Db%25%26c&state={state}", "a=b%&c"),
    ("code=a+b&state={state}", "a b"),
    ("c%6fde=cc%6fde=c&st%61t\0 {s&st%61te={state}", "ccode=c"),
    ("a:b=1&code=abc&state={state}", "abc"),
];

#[test]
fn an_answer_is_the_same_pasted_and_called_back() {
    for (text, code) in ANSWERS {
        assert_eq!(pasted(text).as_deref(), Ok(*code), "pasted {text}");
        assert_eq!(called_back(text).as_deref(), Ok(*code), "called {text}");
    }
}

#[test]
fn white_space_and_quotes_around_an_answer_are_passed_over() {
    for (text, code) in ANSWERS {
        for (before, after) in [
            (" ", "\r\n"),
            ("\"", "\""),
            ("'", "'"),
            ("`", "`"),
            ("<", ">"),
            (" \" ", " \"\n"),
        ] {
            let text = format!("{before}{text}{after}");
            assert_eq!(pasted(&text).as_deref(), Ok(*code), "{text}");
        }
    }
}

#[test]
fn a_code_alone_is_taken_as_it_stands() {
    for code in [
        "abc",
        "a",
        "code",
        "state",
        "error",
        "a=",
        "a==",
        "=",
        "a=b&c=d",
        "a%3Db",
        "%63ode",
        "code%3Dabc",
        "a?b=c",
        "?",
        "a#b",
        "#",
        "4/0AX4XfWh+a-b_c~d",
        "a:b",
        "1://b",
        "scope=a",
        "mycode=abc",
        "code:=abc",
        "the code",
        "\"abc\"",
        "a\"",
        "<",
    ] {
        assert_eq!(pasted(code).as_deref(), Ok(code), "{code}");
        let around = format!(" {code}\r\n");
        assert_eq!(pasted(&around).as_deref(), Ok(code), "{around}");
    }
}

#[test]
fn what_is_neither_this_logins_answer_nor_a_code_is_refused() {
    for (text, why) in [
        // Answers to another login, or without a state.
        ("/cb?code=abc&state=x", CallbackError::State),
        ("code=abc", CallbackError::StateMissing),
        ("c%6fde=abc", CallbackError::StateMissing),
        ("code=", CallbackError::StateMissing),
        ("error=access_denied", CallbackError::StateMissing),
        ("\"code=abc\"", CallbackError::StateMissing),
        ("iss=https://id.example", CallbackError::StateMissing),
        // Names are written in small letters. In others it is no answer, but no code either.
        ("CODE=abc&STATE={state}", CallbackError::StateMissing),
        ("Code=abc", CallbackError::StateMissing),
        // A code comes in the query; what stands in a fragment is not read.
        ("#code=abc&state={state}", CallbackError::StateMissing),
        ("#?code=abc&state={state}", CallbackError::StateMissing),
        (
            "http://127.0.0.1:8080/cb#code=abc&state={state}",
            CallbackError::StateMissing,
        ),
        ("state={state}#code=abc", CallbackError::Code),
        // A parameter that stands where no query is.
        ("a:/b&state={state}&c=d?e", CallbackError::Redirect),
        ("a=b?code=abc", CallbackError::StateMissing),
        ("http://127.0.0.1:8080/cb", CallbackError::StateMissing),
        // Repeated parameters, the first of them too.
        (
            "/cb?code=a&code=b&state={state}",
            CallbackError::Repeated("code"),
        ),
        (
            "code=a&c%6fde=b&state={state}",
            CallbackError::Repeated("code"),
        ),
        // What no code can hold.
        ("", CallbackError::Code),
        ("  ", CallbackError::Code),
        ("a\0b", CallbackError::Code),
        ("a\nb", CallbackError::Code),
        ("\u{e9}", CallbackError::Code),
        ("\"\u{201c}\"", CallbackError::Code),
    ] {
        let refused = Err(LoginError::Callback(why));
        assert_eq!(pasted(text), refused, "{text}");
    }
    let long = format!("code={}&state={{state}}", "x".repeat(64 * 1024));
    let refused = Err(LoginError::Callback(CallbackError::TooLong));
    assert_eq!(pasted(&long), refused);
    assert_eq!(
        pasted(&"x".repeat(64 * 1024 + 1)),
        Err(LoginError::Callback(CallbackError::Code))
    );
}

// shows: AR7
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn an_address_that_is_pasted_must_be_the_redirect_uris() {
    let judged = |redirect: &str, address: &str| {
        let redirect = RedirectUri::parse(redirect).unwrap();
        let client = client("https://id.example/authorize");
        let (url, login) = client
            .authorize(redirect, Seed::from_bytes([1; 32]), NOW)
            .unwrap();
        let state = value(&url, "state");
        let pasted = login.pasted(NOW, &format!("{address}?code=abc&state={state}"));
        pasted.map(drop)
    };
    for (redirect, address) in [
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8080/cb"),
        ("http://127.0.0.1:8080/cb", "HTTP://127.0.0.1:8080/cb"),
        ("http://127.0.0.1:8080/cb", "127.0.0.1:8080/cb"),
        ("http://127.0.0.1:8080/cb", "/cb"),
        ("http://localhost:8080", "localhost:8080"),
        ("http://localhost:8080", "http://LOCALHOST:8080/"),
        ("http://localhost", "http://localhost:80/"),
        ("http://[::1]:8080/cb", "http://[::1]:8080/cb"),
        ("https://App.example:443/cb?x=1", "https://app.example/cb"),
        (
            "https://app.example/cb;v=1&w",
            "https://app.example/cb;v=1&w",
        ),
        ("https://app.example", "https://app.example:/"),
        ("com.example.app:/cb", "com.example.app:/cb"),
        ("nl.2ba.uol://receiver", "NL.2BA.UOL://receiver"),
    ] {
        assert_eq!(
            judged(redirect, address),
            Ok(()),
            "{address} for {redirect}"
        );
    }
    for (redirect, address) in [
        ("http://127.0.0.1:8080/cb", "https://127.0.0.1:8080/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8081/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:8080/cb", "http://localhost:8080/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8080/CB"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8080/cb/"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/cb", "http://me@127.0.0.1:8080/cb"),
        ("http://127.0.0.1:8080/cb", "https://evil.example/cb"),
        ("http://127.0.0.1:8080/cb", "evil.example/cb"),
        ("http://127.0.0.1:8080/cb", "//evil.example/cb"),
        ("http://127.0.0.1:8080/cb", "/other"),
        ("http://127.0.0.1:8080/cb", "/"),
        ("http://127.0.0.1:8080/cb", "com.example.app:/cb"),
        ("http://[::1]:8080/cb", "http://[::1]:8081/cb"),
        ("http://[::1]/cb", "http://[::2]/cb"),
        (
            "https://app.example/cb",
            "https://app.example.evil.example/cb",
        ),
        ("https://app.example/cb", "http://app.example:443/cb"),
        ("com.example.app:/cb", "com.example.other:/cb"),
        ("com.example.app:/cb", "https://com.example.app/cb"),
        ("urn:ietf:wg:oauth:2.0:oob", "https://id.example/done"),
    ] {
        let refused = Err(LoginError::Callback(CallbackError::Redirect));
        assert_eq!(
            judged(redirect, address),
            refused,
            "{address} for {redirect}"
        );
    }
    // The login page itself, before anybody has logged in there.
    for page in [
        "https://id.example/login?return=/authorize",
        "https://id.example/authorize?response_type=code&state={state}",
    ] {
        let refused = Err(LoginError::Callback(CallbackError::Redirect));
        assert_eq!(pasted(page), refused);
    }
}

#[test]
fn an_answer_that_is_pasted_can_be_a_denial() {
    for text in [
        "error=access_denied&state={state}",
        "http://127.0.0.1:8080/cb?err%6fr=access_denied&state={state}#_=_",
    ] {
        let denied = LoginError::Denied {
            code: ErrorCode::AccessDenied,
            description: None,
        };
        assert_eq!(pasted(text), Err(denied), "{text}");
    }
}

#[test]
fn an_address_is_the_same_as_a_browser_writes_it_and_no_other_host_is() {
    let pasted = |redirect: &str, text: &str| {
        let (url, login) = started_at(redirect);
        login.pasted(NOW, &text.replace("{state}", &value(&url, "state")))
    };
    for (redirect, text) in [
        ("http://[::1]/cb", "http://[::1]/cb?code=a&state={state}"),
        (
            "http://[::1]/cb",
            "http://[::1]:080/cb?code=a&state={state}",
        ),
        (
            "http://[0:0:0:0:0:0:0:1]:9/cb",
            "http://[::1]:9/cb?code=a&state={state}",
        ),
        ("http://[::1]:80/cb", "[::1]/cb?code=a&state={state}"),
        // Browsers take these away, and a client keeps them.
        (
            "http://127.0.0.1/a/../cb",
            "http://127.0.0.1/cb?code=a&state={state}",
        ),
        (
            "http://127.0.0.1/../a/%2E%2e/./cb/.",
            "http://127.0.0.1/cb/?code=a&state={state}",
        ),
        (
            "http://127.0.0.1/a/..",
            "http://127.0.0.1/?code=a&state={state}",
        ),
    ] {
        assert!(pasted(redirect, text).is_ok(), "{redirect} {text}");
    }
    let other = pasted(
        "http://127.0.0.1/a/../cb",
        "http://127.0.0.1/a/cb?code=a&state={state}",
    );
    assert!(matches!(
        other,
        Err(LoginError::Callback(CallbackError::Redirect))
    ));
    for host in [
        "[::1]@evil.example",
        "[::1].evil.example",
        "[::1]evil",
        "[::1]:80@evil.example",
        "[::2]",
        "[::1]:@evil.example",
        "evil.example]",
        "[::1]:81",
        "[::1]]",
    ] {
        for redirect in ["http://[::1]/cb", "http://[::1]:80/cb"] {
            let text = format!("http://{host}/cb?code=a&state={{state}}");
            let outcome = pasted(redirect, &text);
            assert!(
                matches!(outcome, Err(LoginError::Callback(CallbackError::Redirect))),
                "{text}: {outcome:?}"
            );
        }
    }
}
