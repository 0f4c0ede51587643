//! What the examples of `docs/embedding.md` share: a journey against the emulator that shows that
//! a way of sending does all that the core needs of it.

use std::error::Error;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use http::{Request, Response};
use twoba_core::{
    Client, ClientSecret, Durable, Endpoint, Form, Goal, Password, Provider, RefreshError, Seed,
    SendFailure, Session, SessionKey, Step, StoredGrant, Timestamp,
};
use twoba_emulator::{Clock, Emulator, Fault, FaultPoint, FaultRule};

/// Carries out steps against a store of one variable, as the document shows it.
///
/// # Errors
///
/// - whatever the session says: [`RefreshError`]
pub fn drive<T: Goal>(
    mut step: Step<'_, T>,
    now: Timestamp,
    stored: &mut Option<StoredGrant>,
    send: &mut dyn FnMut(Request<Form>) -> Result<Response<Vec<u8>>, SendFailure>,
) -> Result<T, RefreshError> {
    loop {
        step = match step {
            Step::Save(change, receipt) => {
                let revision = stored.as_ref().map(StoredGrant::revision);
                if revision == change.expected() {
                    *stored = Some(change.record().clone());
                    receipt.saved(now, Durable::assertion(&change))
                } else {
                    receipt.conflict(now, stored.clone())
                }
            }
            Step::Send(request, reply) => match send(request) {
                Ok(response) => reply.received(now, &response),
                Err(failure) => reply.failed(now, failure),
            },
            Step::Done(outcome) => return outcome,
        };
    }
}

fn now(emulator: &Emulator) -> Timestamp {
    let since = emulator.now().duration_since(UNIX_EPOCH);
    Timestamp::from_unix_millis(0).saturating_add(since.unwrap_or_default())
}

/// Logs in, refreshes, loses an answer and recovers, and finds nobody at an address.
///
/// # Errors
///
/// - whatever went otherwise than it should
pub fn journey(
    mut send: impl FnMut(Request<Form>) -> Result<Response<Vec<u8>>, SendFailure>,
) -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().clock(Clock::Manual).start()?;
    let token_endpoint = Endpoint::parse(&format!("{}/OAuth/Token", emulator.url()))?;
    let secret = ClientSecret::parse("myApplicationSecret")?;
    let provider = Provider::custom(token_endpoint);
    let client = Arc::new(Client::confidential(provider, "myApplication", secret)?);
    let key = SessionKey::parse("default")?;
    let mut session = Session::new(Arc::clone(&client), &key, Seed::from_bytes([7; 32]));
    let mut stored = None;

    let password = Password::parse("myPassword")?;
    let (request, reply) = client.password("demo@example.com", &password, now(&emulator));
    let response = send(request)?;
    let fresh = reply.received(now(&emulator), &response)?;
    let step = session.adopt(fresh, None);
    let first = drive(step, now(&emulator), &mut stored, &mut send)?;

    let lifetime = std::time::Duration::from_secs(121);
    emulator.advance(lifetime)?;
    let step = session.refresh(now(&emulator), stored.clone());
    let second = drive(step, now(&emulator), &mut stored, &mut send)?;
    check(first != second, "a refresh brings another token")?;

    emulator.advance(lifetime)?;
    emulator.add_fault(FaultRule::next(FaultPoint::Refresh, Fault::DropBefore));
    let step = session.refresh(now(&emulator), stored.clone());
    let lost = drive(step, now(&emulator), &mut stored, &mut send);
    check(lost.is_err(), "an answer that is lost is no token")?;
    emulator.advance(lifetime)?;
    let step = session.refresh(now(&emulator), stored.clone());
    drive(step, now(&emulator), &mut stored, &mut send)?;

    let nobody = Endpoint::parse("http://127.0.0.1:1/token")?;
    let elsewhere = Client::public(Provider::custom(nobody), "app")?;
    let outcome = send(elsewhere.client_credentials_request());
    check(
        outcome.err() == Some(SendFailure::NotSent),
        "where nobody listens nothing is sent",
    )?;
    check(emulator.counts().reuse == 0, "no spent token is presented")
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// The document itself: its examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
#[derive(Debug)]
pub struct Document;
