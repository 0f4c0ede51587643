//! The login page and the exchange of its codes.

use twoba_emulator::{Clock, Emulator, EventKind, RegisteredClient, RegisteredUser};

use crate::wire::{Reply, encode, get, post, post_with, refresh, search, token};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PKCE: &str =
    "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const REDIRECT: &str = "http://127.0.0.1:8123/callback";
const PAGE: &str = "/OAuth/Authorize";

fn emulator() -> Emulator {
    Emulator::builder().clock(Clock::Manual).start().unwrap()
}

/// The parameters of an authorization request.
fn start(client: &str, more: &str) -> String {
    format!(
        "response_type=code&client_id={client}&redirect_uri={}&state=s%2Bt+%26a&{more}",
        encode(REDIRECT)
    )
}

const LOGIN: &str = "username=demo%40example.com&password=myPassword&action=login";

/// Fills the login page in.
fn fill_in(emulator: &Emulator, request: &str, with: &str) -> Reply {
    post(emulator, PAGE, &format!("{request}&{with}"))
}

/// A parameter of the redirect, as it is in the URL.
fn returned<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    assert_eq!(reply.status, 303);
    let (base, query) = reply.header("location").unwrap().split_once('?').unwrap();
    assert_eq!(base, REDIRECT);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn code(emulator: &Emulator, request: &str) -> String {
    let reply = fill_in(emulator, request, LOGIN);
    returned(&reply, "code").unwrap().to_owned()
}

fn exchange_public(emulator: &Emulator, code: &str, more: &str) -> Reply {
    post(
        emulator,
        "/connect/token",
        &format!(
            "grant_type=authorization_code&client_id=publicApplication&code={code}&redirect_uri={}&{more}",
            encode(REDIRECT)
        ),
    )
}

#[test]
fn a_public_client_logs_in_with_pkce_refreshes_and_calls() {
    let emulator = emulator();
    let request = start("publicApplication", PKCE);
    let page = get(&emulator, &format!("/connect/authorize?{request}"), &[]);
    assert_eq!(page.status, 200);
    let code = code(&emulator, &request);
    let granted = exchange_public(&emulator, &code, &format!("code_verifier={VERIFIER}"));
    assert_eq!(granted.status, 200);
    assert_eq!(
        search(&emulator, &granted.member("access_token")).status,
        200
    );
    let refreshed = post(
        &emulator,
        "/OAuth/Token",
        &format!(
            "grant_type=refresh_token&client_id=publicApplication&refresh_token={}",
            encode(&granted.member("refresh_token"))
        ),
    );
    assert_eq!(refreshed.status, 200);
    assert_eq!(emulator.counts().authorization_code, 1);
}

#[test]
fn the_redirect_carries_code_state_and_issuer() {
    let emulator = emulator();
    let reply = fill_in(&emulator, &start("myApplication", ""), LOGIN);
    assert!(returned(&reply, "code").unwrap().len() > 40);
    assert_eq!(returned(&reply, "state"), Some("s%2Bt%20%26a"));
    let issuer = emulator.url().replace(':', "%3A").replace('/', "%2F");
    assert_eq!(returned(&reply, "iss"), Some(issuer.as_str()));
}

#[test]
fn a_query_of_the_redirect_uri_is_kept() {
    let emulator = emulator();
    let request = format!(
        "response_type=code&client_id=myApplication&redirect_uri={}",
        encode("http://localhost:1/cb?tenant=7")
    );
    let reply = fill_in(&emulator, &request, LOGIN);
    let location = reply.header("location").unwrap();
    assert!(location.starts_with("http://localhost:1/cb?tenant=7&code="));
    assert!(!location.contains("state="));
}

#[test]
fn a_confidential_client_exchanges_a_code_with_its_secret() {
    let emulator = emulator();
    let code = code(&emulator, &start("myApplication", ""));
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}",
        encode(REDIRECT)
    );
    let granted = token(&emulator, &form);
    assert_eq!(granted.status, 200);
    assert_eq!(
        refresh(&emulator, &granted.member("refresh_token")).status,
        200
    );
}

#[test]
fn a_code_that_is_used_twice_ends_what_it_led_to() {
    let emulator = emulator();
    let code = code(&emulator, &start("publicApplication", PKCE));
    let verifier = format!("code_verifier={VERIFIER}");
    let granted = exchange_public(&emulator, &code, &verifier);
    let again = exchange_public(&emulator, &code, &verifier);
    assert_eq!(again.status, 400);
    assert_eq!(again.member("error"), "invalid_grant");
    assert_eq!(
        search(&emulator, &granted.member("access_token")).status,
        401
    );
    assert_eq!(emulator.counts().families_revoked, 1);
}

#[test]
fn a_code_is_bound_to_its_challenge_client_and_redirect_uri() {
    let emulator = emulator();
    let wrong_verifier = format!("code_verifier={}", "x".repeat(43));
    for more in ["", wrong_verifier.as_str()] {
        let code = code(&emulator, &start("publicApplication", PKCE));
        let reply = exchange_public(&emulator, &code, more);
        assert_eq!(
            (reply.status, reply.member("error").as_str()),
            (400, "invalid_grant")
        );
    }
    let code_of_public = code(&emulator, &start("publicApplication", PKCE));
    let other_client = token(
        &emulator,
        &format!(
            "grant_type=authorization_code&code={code_of_public}&redirect_uri={}&code_verifier={VERIFIER}",
            encode(REDIRECT)
        ),
    );
    assert_eq!(other_client.member("error"), "invalid_grant");
    let code = code(&emulator, &start("myApplication", ""));
    let other_redirect = token(
        &emulator,
        &format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}",
            encode("http://127.0.0.1:8123/")
        ),
    );
    assert_eq!(other_redirect.member("error"), "invalid_grant");
}

#[test]
fn a_code_lives_for_a_minute() {
    let emulator = emulator();
    let code = code(&emulator, &start("publicApplication", PKCE));
    emulator
        .advance(std::time::Duration::from_secs(60))
        .unwrap();
    let reply = exchange_public(&emulator, &code, &format!("code_verifier={VERIFIER}"));
    assert_eq!(reply.member("error"), "invalid_grant");
}

#[test]
fn cancelling_sends_the_browser_back_with_access_denied() {
    let emulator = emulator();
    let reply = fill_in(
        &emulator,
        &start("myApplication", ""),
        "username=&password=&action=cancel",
    );
    assert_eq!(returned(&reply, "error"), Some("access_denied"));
    assert_eq!(returned(&reply, "state"), Some("s%2Bt%20%26a"));
    assert!(returned(&reply, "iss").is_some());
    assert_eq!(returned(&reply, "code"), None);
}

#[test]
fn a_wrong_password_is_shown_on_the_page_and_leads_nowhere() {
    let emulator = emulator();
    let reply = fill_in(
        &emulator,
        &start("myApplication", ""),
        "username=demo%40example.com&password=wr%3Cng&action=login",
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("location"), None);
    assert!(reply.text().contains("User name or password is wrong."));
    assert!(reply.text().contains("value=\"demo@example.com\""));
    assert!(!reply.text().contains("wr<ng") && !reply.text().contains("wr&lt;ng"));
    let events = emulator.journal().events;
    assert_eq!(events.last().unwrap().kind, EventKind::LoginRefused);
}

#[test]
fn the_page_is_dutch_for_who_reads_dutch() {
    let emulator = emulator();
    let path = format!("{PAGE}?{}", start("myApplication", ""));
    let page = get(
        &emulator,
        &path,
        &[("Accept-Language", "nl-NL,nl;q=0.9,en;q=0.8")],
    );
    assert_eq!(page.header("content-language"), Some("nl"));
    assert!(page.text().contains("Wachtwoord"));
    let page = get(&emulator, &path, &[]);
    assert_eq!(page.header("content-language"), Some("en"));
    assert!(page.text().contains("Password"));
    assert_eq!(page.header("vary"), Some("Accept-Language"));
}

#[test]
fn the_page_is_strict_about_what_a_browser_may_do_with_it() {
    let emulator = emulator();
    let path = format!("{PAGE}?{}", start("myApplication", ""));
    let page = get(&emulator, &path, &[]);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8123;"));
    assert!(policy.contains("frame-ancestors 'none'"));
    // The one script copies the names and passwords that stand on the page.
    assert_eq!(policy.matches("script-src 'sha256-").count(), 1);
    assert!(!policy.contains("unsafe") && !policy.contains("script-src 'self'"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    // With `no-referrer` browsers would send the form with `Origin: null`.
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
}

#[test]
fn nobody_is_told_where_the_browser_was_sent_back_from() {
    let emulator = emulator();
    for with in [LOGIN, "action=cancel"] {
        let reply = fill_in(&emulator, &start("myApplication", ""), with);
        assert_eq!(reply.status, 303);
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn the_page_says_who_asks_and_for_what() {
    let emulator = Emulator::builder()
        .clients([RegisteredClient::confidential("shop", "s")
            .with_redirect_uri(REDIRECT)
            .with_scopes(["unifeed", "<b>"])])
        .start()
        .unwrap();
    let request = start("shop", "scope=unifeed+%3Cb%3E");
    let page = get(&emulator, &format!("{PAGE}?{request}"), &[]);
    let text = page.text();
    assert!(text.contains("<strong>shop</strong> asks for access in your name."));
    assert!(text.contains("It asks for: <code>unifeed &lt;b&gt;</code>"));
    assert!(text.contains("name=\"scope\" value=\"unifeed &lt;b&gt;\""));
}

#[test]
fn a_scope_of_the_login_page_stays_with_the_tokens() {
    let emulator = emulator();
    let request = start("publicApplication", &format!("{PKCE}&scope=unifeed+apix"));
    let code = code(&emulator, &request);
    let granted = exchange_public(&emulator, &code, &format!("code_verifier={VERIFIER}"));
    assert_eq!(granted.json()["scope"], "unifeed apix");
    let presented = encode(&granted.member("refresh_token"));
    let more = format!("client_id=publicApplication&refresh_token={presented}");
    let form = format!("grant_type=refresh_token&{more}");
    let refreshed = post(&emulator, "/connect/token", &form);
    assert_eq!(refreshed.json()["scope"], "unifeed apix");
}

#[test]
fn an_unregistered_redirect_uri_gets_a_page_and_no_redirect() {
    let emulator = emulator();
    for (client, uri) in [
        ("myApplication", "https://evil.example/"),
        ("myApplication", "http://127.0.0.1@evil.example/"),
        ("nobody", REDIRECT),
    ] {
        let request = format!(
            "response_type=code&client_id={client}&redirect_uri={}",
            encode(uri)
        );
        let shown = get(&emulator, &format!("{PAGE}?{request}"), &[]);
        let filled_in = fill_in(&emulator, &request, LOGIN);
        for reply in [shown, filled_in] {
            assert_eq!(reply.status, 400);
            assert_eq!(reply.header("location"), None);
            assert!(reply.text().contains("role=\"alert\""));
        }
    }
    assert!(emulator.journal().events.is_empty());
}

#[test]
fn what_the_page_carries_is_checked_again_when_it_comes_back() {
    let emulator = emulator();
    let plain = start("publicApplication", &PKCE.replace("S256", "plain"));
    let without = start("publicApplication", "");
    for request in [plain, without] {
        let reply = fill_in(&emulator, &request, LOGIN);
        assert_eq!(returned(&reply, "error"), Some("invalid_request"));
        assert_eq!(returned(&reply, "code"), None);
    }
}

#[test]
fn plain_pkce_and_other_response_types_are_refused_by_redirect() {
    let emulator = emulator();
    let plain = start("publicApplication", &PKCE.replace("S256", "plain"));
    let reply = get(&emulator, &format!("{PAGE}?{plain}"), &[]);
    assert_eq!(returned(&reply, "error"), Some("invalid_request"));
    let token = start("myApplication", "").replace("=code&", "=token&");
    let reply = get(&emulator, &format!("{PAGE}?{token}"), &[]);
    assert_eq!(returned(&reply, "error"), Some("unsupported_response_type"));
}

#[test]
fn the_form_is_not_taken_from_the_page_of_another_site() {
    let emulator = emulator();
    let form = format!("{}&{LOGIN}", start("myApplication", ""));
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let reply = post_with(&emulator, PAGE, ("Origin", origin), &form);
        assert_eq!(reply.status, 400, "{origin}");
        assert_eq!(reply.header("location"), None);
    }
    let reply = post_with(&emulator, PAGE, ("Origin", emulator.url()), &form);
    assert_eq!(reply.status, 303);
}

#[test]
fn a_client_of_ones_own_may_have_any_redirect_uri() {
    let emulator = Emulator::builder()
        .clients([
            RegisteredClient::confidential("shop", "s").with_redirect_uri("nl.2ba.uol://token")
        ])
        .start()
        .unwrap();
    let request = "response_type=code&client_id=shop&redirect_uri=nl.2ba.uol%3A%2F%2Ftoken";
    let reply = fill_in(&emulator, request, LOGIN);
    let location = reply.header("location").unwrap();
    assert!(location.starts_with("nl.2ba.uol://token?code="));
}

#[test]
fn the_page_names_the_documented_users_and_never_others() {
    let request = start("myApplication", "");
    let page = |emulator: &Emulator| get(emulator, &format!("{PAGE}?{request}"), &[]);
    let shown = page(&emulator()).text().to_owned();
    for text in ["demo@example.com", "myPassword", "tricky@example.com"] {
        assert!(shown.contains(&format!("<code class=\"what\">{text}</code>")));
    }
    assert!(shown.contains("Copy password"));
    assert!(
        shown
            .contains("<button class=\"primary\" type=\"submit\" name=\"action\" value=\"login\">")
    );
    let own = Emulator::builder()
        .users([RegisteredUser::new("demo@example.com", "canary")])
        .start()
        .unwrap();
    let shown = page(&own).text().to_owned();
    assert!(!shown.contains("canary") && !shown.contains("myPassword"));
    assert!(!shown.contains("<script"), "there is nothing to copy");
}

#[test]
fn a_client_id_that_nobody_has_is_named() {
    let emulator = emulator();
    let page = |id: &str| {
        let reply = get(&emulator, &format!("{PAGE}?{}", start(id, "")), &[]);
        assert_eq!(reply.status, 400);
        reply.text().to_owned()
    };
    assert!(page("myAplication").contains("<code>myAplication</code>"));
    assert!(page("%3Cb%3E").contains("<code>&lt;b&gt;</code>"));
    let long = page(&"x".repeat(5_000));
    assert!(long.contains(&format!("<code>{}…</code>", "x".repeat(100))));
    assert!(page("").contains("The client_id is missing."));
}
