//! Both adapters and the program against a server that others wrote: django-oauth-toolkit, as strict as it can be set.
//!
//! `cargo xtask test interop` prepares the server; without it these tests say that they were skipped.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::{Request, Response, header};
use serde_json::Value;
use tempfile::TempDir;
use twoba_core::{
    AccessToken, Advice, Cause, Client, ClientAuthentication, ClientSecret, ErrorCode, LoginError,
    Provider, Revocation, SessionState, Timestamp,
};
use twoba_services::ServiceErrorKind;
use twoba_store::{Clock, Error, ErrorKind, SystemClock};
use twoba_testkit::{exchange, form_encoded};
use twoba_tests::{
    Adapter, CLIENT, Cli, Consent, Django, Early, Kind, PASSWORD, Place, SECRET, Said, Subject,
    USER, cause, query_of, service_error, session_error, token_error,
};

const REDIRECT: &str = "http://127.0.0.1:8123/callback";
const WEB_CLIENT: &str = "myWebApplication";
const WEB_SECRET: &str = "myWebApplicationSecret";
const SEARCH: (&str, &[(&str, &str)]) = ("Product/Search", &[("query", "kabelgoot")]);

/// The machine's clock, to be moved forward: the server has the real time.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicI64>);

impl Ahead {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        let ahead = self.0.load(Ordering::SeqCst).unsigned_abs();
        SystemClock
            .now()
            .saturating_add(Duration::from_millis(ahead))
    }
}

struct Desk<'d> {
    django: &'d Django,
    adapter: Adapter,
    place: Place,
    clock: Ahead,
}

impl<'d> Desk<'d> {
    fn each(django: &'d Django, scenario: impl Fn(&Self) + Sync) {
        Adapter::each(|adapter| {
            scenario(&Self {
                django,
                adapter,
                place: Place::new(Kind::File),
                clock: Ahead::default(),
            });
        });
    }

    fn session(&self, client: Client) -> Box<dyn Subject> {
        let clock = self.clock.clone();
        self.adapter
            .open(client, &self.place, Early::Inline, move || clock.now())
    }

    fn client(&self, provider: Provider, id: &str, secret: &str) -> Box<dyn Subject> {
        let secret = ClientSecret::parse(secret).unwrap();
        self.session(Client::confidential(provider, id, secret).unwrap())
    }

    /// A session of the client that may log in by password.
    fn password(&self) -> Box<dyn Subject> {
        self.client(self.django.provider(), CLIENT, SECRET)
    }

    /// The refresh token that is stored: a thief's view of the folder.
    fn stored_refresh_token(&self) -> String {
        let file = self.place.folder().unwrap().join("default.grant");
        let record = std::fs::read_to_string(file).unwrap();
        let (_, json) = record.split_once('\n').unwrap();
        let record: Value = serde_json::from_str(json).unwrap();
        find(&record, "refresh_token").unwrap().to_owned()
    }
}

/// A member, however deep it lies.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    if let Some(found) = value.get(name).and_then(Value::as_str) {
        return Some(found);
    }
    let members = value.as_object()?;
    members.values().find_map(|value| find(value, name))
}

/// A form, posted without any client of ours.
fn post(django: &Django, path: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
    let pairs = fields
        .iter()
        .map(|(n, v)| format!("{n}={}", form_encoded(v)));
    let body = pairs.collect::<Vec<_>>().join("&").into_bytes();
    let mut request = Request::post(path).body(body).unwrap();
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    exchange(django.addr(), &request).unwrap()
}

/// Presents a refresh token by hand.
fn present(django: &Django, refresh_token: &str) -> Response<Vec<u8>> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ];
    post(django, "/o/token/", &fields)
}

/// What the service says to an access token.
fn status_of(django: &Django, token: &AccessToken) -> u16 {
    let request = Request::get("/1/json/Product/Search?query=a")
        .header(header::AUTHORIZATION, format!("Bearer {}", token.expose()))
        .body(Vec::new())
        .unwrap();
    exchange(django.addr(), &request).unwrap().status().as_u16()
}

#[track_caller]
fn assert_dead(error: &Error) {
    assert_eq!(cause(error), Cause::Refused);
}

#[test]
fn a_session_by_password_lives_through_rotations_and_ends_with_its_revocation() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.password();
        let mut token = session.login(USER, PASSWORD).unwrap();
        let found = session.get(SEARCH.0, SEARCH.1).unwrap();
        assert_eq!(found.value()["User"], USER);
        for generation in 2..=3 {
            desk.clock.pass(121);
            let next = session.token().unwrap();
            assert_ne!(next, token);
            assert_eq!(status_of(&django, &token), 401, "the old one ends at once");
            session.get(SEARCH.0, SEARCH.1).unwrap();
            assert_eq!(session.status().unwrap().generation, Some(generation));
            token = next;
        }
        let after_restart = desk.password();
        assert_eq!(after_restart.token().unwrap(), token);

        let refresh_token = desk.stored_refresh_token();
        let logged_out = after_restart.logout().unwrap();
        assert_eq!(logged_out.revocation, Revocation::Revoked);
        assert_eq!(status_of(&django, &token), 401);
        assert_eq!(present(&django, &refresh_token).status(), 400);
        assert_eq!(desk.password().status().unwrap().state, SessionState::None);
    });
}

#[test]
fn a_spent_refresh_token_is_refused_and_takes_the_session_along() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.password();
        session.login(USER, PASSWORD).unwrap();
        let spent = desk.stored_refresh_token();
        let token = session.refresh().unwrap();
        assert_ne!(desk.stored_refresh_token(), spent);
        assert_eq!(status_of(&django, &token), 200);

        // A thief, or a client that lost an answer, presents it again.
        let refused = present(&django, &spent);
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.body(), br#"{"error": "invalid_grant"}"#);
        assert_eq!(status_of(&django, &token), 401);
        assert_dead(&session.refresh().unwrap_err());
        assert_dead(&desk.password().refresh().unwrap_err());
        session.login(USER, PASSWORD).unwrap();
        session.get(SEARCH.0, SEARCH.1).unwrap();
    });
}

#[test]
fn callers_at_expiry_are_served_by_one_refresh_of_a_strict_server() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.password();
        session.login(USER, PASSWORD).unwrap();
        let other_process = desk.password();
        for generation in 2..=4 {
            desk.clock.pass(121);
            let tokens = std::thread::scope(|scope| {
                let others = scope.spawn(|| other_process.tokens_at_once(4));
                let mut tokens = session.tokens_at_once(4);
                tokens.extend(others.join().unwrap());
                tokens
            });
            let tokens: Vec<AccessToken> = tokens.into_iter().map(Result::unwrap).collect();
            assert!(tokens.windows(2).all(|pair| pair[0] == pair[1]));
            assert_eq!(status_of(&django, &tokens[0]), 200);
            assert_eq!(session.status().unwrap().generation, Some(generation));
        }
    });
}

#[test]
fn a_browser_login_with_pkce_works_for_public_and_confidential_clients() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let public = Client::public(django.provider(), "publicApplication").unwrap();
        for session in [
            desk.session(public),
            desk.client(django.provider(), WEB_CLIENT, WEB_SECRET),
        ] {
            let (url, login) = session.start_login(REDIRECT).unwrap();
            let sent_back = django.walk(&url, Consent::Allow);
            let token = session.finish_login(login, query_of(&sent_back)).unwrap();
            assert_eq!(status_of(&django, &token), 200);
            let refreshed = session.refresh().unwrap();
            assert_eq!(status_of(&django, &refreshed), 200);
            let logged_out = session.logout().unwrap();
            assert_eq!(logged_out.revocation, Revocation::Revoked);
            assert_eq!(status_of(&django, &refreshed), 401);
        }
    });
}

#[test]
fn a_login_that_the_user_cancels_is_denied() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.client(django.provider(), WEB_CLIENT, WEB_SECRET);
        let (url, login) = session.start_login(REDIRECT).unwrap();
        let sent_back = django.walk(&url, Consent::Cancel);
        let error = session
            .finish_login(login, query_of(&sent_back))
            .unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::Login(LoginError::Denied {
                code: ErrorCode::AccessDenied,
                ..
            })
        ));
    });
}

#[test]
fn credentials_arrive_whatever_characters_they_have() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.password();
        let token = session.login("tricky@example.com", "p@ss word+&=%\u{e9}");
        token.unwrap();
        for authentication in [ClientAuthentication::Basic, ClientAuthentication::BasicRaw] {
            let provider = django.provider().with_authentication(authentication);
            let session = desk.client(provider, CLIENT, SECRET);
            session.login(USER, PASSWORD).unwrap();
            session.refresh().unwrap();
        }
    });
}

#[test]
fn refusals_say_who_has_to_act() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let error = desk.password().login(USER, "wrong").unwrap_err();
        assert_eq!(
            token_error(&error).facts().code,
            Some(ErrorCode::InvalidGrant)
        );
        assert_eq!(error.advice(), Advice::LogIn);

        let wrong = desk.client(django.provider(), CLIENT, "wrong");
        let error = wrong.login(USER, PASSWORD).unwrap_err();
        assert_eq!(token_error(&error).facts().status, 401);
        assert_eq!(error.advice(), Advice::FixConfiguration);

        desk.password().login(USER, PASSWORD).unwrap();
        let error = wrong.refresh().unwrap_err();
        assert_eq!(error.advice(), Advice::FixConfiguration);
        desk.password().refresh().unwrap();
    });
}

#[test]
fn a_token_that_the_server_ended_leads_to_a_login() {
    let Some(django) = Django::start() else {
        return;
    };
    Desk::each(&django, |desk| {
        let session = desk.password();
        session.login(USER, PASSWORD).unwrap();
        let token = desk.stored_refresh_token();
        let client = [("client_id", CLIENT), ("client_secret", SECRET)];
        let fields = [client[0], client[1], ("token", token.as_str())];
        assert_eq!(post(&django, "/o/revoke_token/", &fields).status(), 200);

        for _ in 0..2 {
            let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
            assert_dead(&session_error(error));
        }
        session.login(USER, PASSWORD).unwrap();
        let error = session.get("Product/Nothing", &[]).unwrap_err();
        assert_eq!(service_error(error).kind, ServiceErrorKind::Refused);
    });
}

/// How long the program may take to print its next line.
const LINE_LIMIT: Duration = Duration::from_secs(30);

/// The program, set up for the server as the manual says, for one of its clients.
fn program(django: &Django, home: &TempDir, id: &str, secret: &str) -> Cli {
    let store = home.path().join("store").display().to_string();
    Cli::new(
        home.path(),
        &[
            ("TWOBA_TOKEN_URL", &django.at("/o/token/")),
            ("TWOBA_AUTHORIZE_URL", &django.at("/o/authorize/")),
            ("TWOBA_REVOKE_URL", &django.at("/o/revoke_token/")),
            ("TWOBA_SERVICE_URL", &django.at("/1/json/")),
            ("TWOBA_CLIENT_ID", id),
            ("TWOBA_CLIENT_SECRET", secret),
            ("TWOBA_USERNAME", USER),
            ("TWOBA_PASSWORD", PASSWORD),
            ("TWOBA_STORE", &store),
        ],
    )
}

/// The one line that the program printed on stdout.
#[track_caller]
fn only_line(said: &Said) -> AccessToken {
    let line = said.stdout.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{line}");
    AccessToken::parse(line).unwrap()
}

#[test]
fn the_program_keeps_a_session_by_password_until_its_logout() {
    let Some(django) = Django::start() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let cli = program(&django, &home, CLIENT, SECRET);
    let said = cli.run(&["login", "--password"]).done();
    assert_eq!(said.stdout, "");
    let mut token = only_line(&cli.run(&["token"]).done());
    assert_eq!(only_line(&cli.run(&["token"]).done()), token);
    for _ in 0..2 {
        let next = only_line(&cli.run(&["token", "--force-refresh"]).done());
        assert_ne!(next, token);
        assert_eq!(status_of(&django, &token), 401);
        assert_eq!(status_of(&django, &next), 200);
        token = next;
    }
    let found = cli.run(&["get", "Product/Search", "query=kabelgoot"]);
    assert_eq!(found.done().json()["User"], USER);

    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["state"], "valid");
    assert_eq!(status["generation"], 3);
    assert_eq!(status["user"], USER);
    assert_eq!(status["provider"], "custom");
    assert!(!status.to_string().contains(token.expose()));

    cli.run(&["logout"]).done();
    assert_eq!(status_of(&django, &token), 401, "the server knows");
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["state"], "none");
    assert_eq!(cli.run(&["token"]).code, 4, "a login is needed");
}

#[test]
fn the_program_logs_in_by_a_pasted_address() {
    let Some(django) = Django::start() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let cli = program(&django, &home, WEB_CLIENT, WEB_SECRET);
    let mut login = cli.start(&["login", "--no-browser"]);
    let url = loop {
        let line = login.stderr_line(LINE_LIMIT).unwrap().unwrap();
        if line.starts_with("http://") {
            break line;
        }
    };
    let sent_back = django.walk(&url, Consent::Allow);
    assert!(sent_back.starts_with("http://127.0.0.1:"));
    login.write_line(&sent_back).unwrap();
    cli.finish(login).done();

    let token = only_line(&cli.run(&["token"]).done());
    assert_eq!(status_of(&django, &token), 200);
    let next = only_line(&cli.run(&["token", "--force-refresh"]).done());
    assert_eq!(status_of(&django, &next), 200);
    cli.run(&["logout"]).done();
    assert_eq!(status_of(&django, &next), 401);
}

#[test]
fn the_program_says_by_its_exit_code_who_has_to_act() {
    let Some(django) = Django::start() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let cli = program(&django, &home, CLIENT, SECRET);
    assert_eq!(cli.run(&["token"]).code, 4);
    let wrong_secret = program(&django, &home, CLIENT, "wrong");
    assert_eq!(wrong_secret.run(&["login", "--password"]).code, 2);
    let mut other_password = cli.start(&["login", "--password", "--password-stdin"]);
    other_password.write_line("wrong").unwrap();
    assert_eq!(cli.finish(other_password).code, 6);

    cli.run(&["login", "--password"]).done();
    let token = only_line(&cli.run(&["token"]).done());
    let record = std::fs::read_to_string(home.path().join("store/default.grant")).unwrap();
    assert!(record.contains(token.expose()));
    let (_, record) = record.split_once('\n').unwrap();
    let record: Value = serde_json::from_str(record).unwrap();
    let spent = find(&record, "refresh_token").unwrap();
    cli.run(&["token", "--force-refresh"]).done();
    assert_eq!(present(&django, spent).status(), 400);
    let said = cli.run(&["token", "--force-refresh", "--json"]);
    assert_eq!(said.code, 4, "the whole family has ended");
    assert!(said.json()["error"]["message"].is_string());
}
