//! A program for tests that asks a stored session for its token once, and stops on the way where it is told to be killed.
//!
//! It is the blocking adapter over a file store or a database, both as they are, with a look at what
//! passes between them. It is called with the store's folder, `sqlite:PATH` or `postgres://..`, the
//! token endpoint, the time in milliseconds, and the replay rule; with `forced` behind them it asks for another token than the stored one. It prints one
//! line:
//!
//! - `token GENERATION FINGERPRINT`: the session has a token.
//! - `wait MILLISECONDS`: it has none before this time.
//! - `login-required CAUSE`: it has none, and never will.
//!
//! With [`twoba_tests::KILL_POINT`] in its environment it prints `at POINT` before that when it gets there, and waits
//! until it is killed, or until a line on stdin lets it go on.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod points;
mod relay;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use twoba_blocking::{
    AccessToken, Client, ClientSecret, EarlyRefresh, Endpoint, Error, ErrorKind, Provider,
    RefreshError, Session, Timestamp,
};
use twoba_core::Replay;
use twoba_emulator::Fingerprint;
use twoba_tests::{CLIENT, Chance, KillPoint, SECRET, SESSION};

use points::{Points, say};
use relay::Relay;
use watched::Watched;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, endpoint, now, replay, forced @ ..] = arguments.as_slice() else {
        say("usage: one-token STORE TOKEN_ENDPOINT MILLISECONDS REPLAY [forced]");
        std::process::exit(2);
    };
    let points = Arc::new(Points::from_environment());
    let session = open(store, endpoint, now.parse().unwrap(), replay, &points);
    let outcome = match forced {
        [] => session.token(),
        _ => session.refresh(),
    };
    say(&told(&session, outcome));
}

/// The session, as any program would open it.
fn open(store: &str, endpoint: &str, now: i64, replay: &str, points: &Arc<Points>) -> Session {
    let (endpoint, relay) = match points.chosen() {
        // Only what happens on the wire is looked at there.
        Some(KillPoint::RequestHalfSent | KillPoint::Committed | KillPoint::AnswerRead) => {
            let (relayed, relay) = Relay::start(endpoint, points);
            (relayed, Some(relay))
        }
        Some(_) | None => (endpoint.to_owned(), None),
    };
    let provider = Provider::two_ba()
        .with_token_endpoint(Endpoint::parse(&endpoint).unwrap())
        .with_replay(replay_rule(replay));
    let secret = ClientSecret::parse(SECRET).unwrap();
    let client = Client::confidential(provider, CLIENT, secret).unwrap();
    let at_clock = Arc::clone(points);
    // Later processes draw something else than the ones before them.
    let chance = Chance::of(now.unsigned_abs());
    Session::builder(client)
        .store(Watched::open(store, points))
        .clock(move || {
            // The clock is read when an answer is there, before the session is given it.
            if let Some(relay) = &relay
                && relay.has_passed_an_answer()
            {
                at_clock.reach(KillPoint::AnswerRead);
            }
            Timestamp::from_unix_millis(now)
        })
        .early_refresh(EarlyRefresh::Inline)
        .entropy(move || chance.draw())
        .open(SESSION)
        .unwrap()
}

fn replay_rule(text: &str) -> Replay {
    match text.split_once(':') {
        None if text == "never" => Replay::Never,
        None if text == "once" => Replay::Once,
        Some(("within", millis)) => Replay::Within(Duration::from_millis(millis.parse().unwrap())),
        None | Some(_) => {
            say("the replay rule is never, once or within:MILLISECONDS");
            std::process::exit(2);
        }
    }
}

fn told(session: &Session, outcome: Result<AccessToken, Error>) -> String {
    let error = match outcome {
        Ok(token) => {
            let generation = session.status().unwrap().generation.unwrap();
            let fingerprint = Fingerprint::of(token.expose());
            return format!("token {generation} {fingerprint}");
        }
        Err(error) => error,
    };
    let ErrorKind::Refresh(refused) = error.kind() else {
        return format!("error {error}");
    };
    if let RefreshError::LoginRequired(verdict) = refused {
        return format!("login-required {:?}", verdict.cause);
    }
    if let RefreshError::Unavailable(trouble) = refused {
        return format!("wait {}", trouble.until.unix_millis());
    }
    format!("error {error}")
}
