//! What unit tests begin with: sessions after a login or a refresh, without a store or a server.

use std::sync::Arc;

use http::Response;
use http::header::CONTENT_TYPE;
use twoba_core::{
    AccessToken, Client, Durable, Password, Provider, Seed, Session, SessionKey, Step, StoredGrant,
    Timestamp, Want,
};

use crate::entry::{Entry, Hold};

pub(crate) const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_000);

pub(crate) fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

pub(crate) fn entry() -> Arc<Entry> {
    Entry::new(key().into(), None, NOW)
}

fn client() -> Client {
    Client::public(Provider::two_ba(), "myApplication").unwrap()
}

/// A session that knows nothing. Each number draws another login.
fn session(number: u8) -> Session {
    Session::new(Arc::new(client()), &key(), Seed::from_bytes([number; 32]))
}

/// A session that has found nobody logged in.
pub(crate) fn nobody() -> Session {
    session(0)
}

pub(crate) fn hold() -> Box<Hold> {
    Box::new(Hold {
        session: session(7),
        lease: None,
        came: None,
    })
}

/// A session in which somebody has just logged in: each number is another login.
pub(crate) fn logged_in(number: u8) -> Session {
    with_login(number).0
}

/// The same, refreshed once.
pub(crate) fn refreshed(number: u8) -> Session {
    let (mut session, stored) = with_login(number);
    let want = session.token_id().map_or(Want::Usable, Want::Other);
    carried_out(session.obtain(want, NOW, Some(stored)));
    session
}

fn with_login(number: u8) -> (Session, StoredGrant) {
    let client = client();
    let (_, reply) = client.password("demo", &Password::parse("myPassword").unwrap(), NOW);
    let fresh = reply.received(NOW, &answer("first")).unwrap();
    let mut session = session(number);
    let stored = carried_out(session.adopt(fresh, None));
    (session, stored.unwrap())
}

fn answer(number: &str) -> Response<String> {
    let answer = format!(
        r#"{{"access_token": "{number}Token", "token_type": "bearer", "expires_in": 120, "refresh_token": "{number}"}}"#
    );
    let response = Response::builder().header(CONTENT_TYPE, "application/json");
    response.body(answer).unwrap()
}

/// Carries steps out as a store and a server would, and returns the last record.
fn carried_out(mut step: Step<'_, AccessToken>) -> Option<StoredGrant> {
    let mut stored = None;
    loop {
        step = match step {
            Step::Save(change, receipt) => {
                stored = Some(change.record().clone());
                receipt.saved(NOW, Durable::assertion(&change))
            }
            Step::Send(_, reply) => reply.received(NOW, &answer("second")),
            Step::Done(outcome) => {
                assert!(outcome.is_ok());
                return stored;
            }
        };
    }
}
