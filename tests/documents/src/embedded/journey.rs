//! A journey that shows that a way of sending does
//! all that the core needs of it, against the emulator and against servers that are worse.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::{Request, Response};
use twoba_core::{
    Client, ClientSecret, Endpoint, ErrorCode, Form, FreshGrant, LoginError, Malformed, Password,
    Provider, Seed, SendFailure, Session, SessionKey, Timestamp, TokenError, Want, limits,
};
use twoba_emulator::{Clock, Emulator, Fault, FaultPoint, FaultRule};

use super::drive;
use crate::server::{Answer, Visit, visit};

/// A way of sending: a request, and the time that it may take in all.
type Sending<'a> = &'a mut dyn FnMut(Request<Form>, Duration) -> Sent;

/// What became of a request.
type Sent = Result<Response<Vec<u8>>, SendFailure>;

/// A refusal that promises no length: it ends with the connection.
const REFUSAL: Answer = Answer {
    start: "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
            {\"error\":\"invalid_grant\"}",
    part: b"",
    parts: 0,
    pause: Duration::ZERO,
};

/// A quarter of a gigabyte, as fast as it goes.
const FLOOD: Answer = Answer {
    start: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
    part: &[b' '; 64 * 1024],
    parts: 4 * 1024,
    pause: Duration::ZERO,
};

/// The same, and the client is told so before.
const PROMISED_FLOOD: Answer = Answer {
    start: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 268435456\r\n\r\n",
    ..FLOOD
};

/// Always more to come, for twenty seconds.
const DRIP: Answer = Answer {
    start: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
    part: b" ",
    parts: 400,
    pause: Duration::from_millis(50),
};

/// Longer than a connection on this machine takes, and much shorter than [`DRIP`].
const SHORT: Duration = Duration::from_secs(1);

fn now(emulator: &Emulator) -> Timestamp {
    let since = emulator.now().duration_since(UNIX_EPOCH);
    Timestamp::from_unix_millis(0).saturating_add(since.unwrap_or_default())
}

/// The program of the document logs in, refreshes, loses an answer and recovers, finds nobody at an address, and meets servers
/// with an address of their own, with too much to say, and with too little at a time.
///
/// # Errors
///
/// - whatever went otherwise than it should
pub fn journey_by_std_net() -> Result<(), Box<dyn Error>> {
    journey(super::send)
}

/// The same by another way of sending.
///
/// # Errors
///
/// - whatever went otherwise than it should
pub fn journey(
    mut send: impl FnMut(Request<Form>, Duration) -> Sent,
) -> Result<(), Box<dyn Error>> {
    keeps_a_session(&mut |request| send(request, limits::TOKEN_REQUEST_TOTAL))?;
    keeps_the_address_whole(&mut send)?;
    hands_over_too_much(&mut send)?;
    ends_in_time(&mut send)
}

fn keeps_a_session(send: &mut dyn FnMut(Request<Form>) -> Sent) -> Result<(), Box<dyn Error>> {
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
    let first = drive(step, &|| now(&emulator), &mut stored, send)?;

    let lifetime = Duration::from_secs(121);
    emulator.advance(lifetime)?;
    let step = session.obtain(Want::Usable, now(&emulator), stored.clone());
    let second = drive(step, &|| now(&emulator), &mut stored, send)?;
    check(first != second, "a refresh brings another token")?;

    emulator.advance(lifetime)?;
    emulator.add_fault(FaultRule::next(FaultPoint::Refresh, Fault::DropBefore));
    let step = session.obtain(Want::Usable, now(&emulator), stored.clone());
    let lost = drive(step, &|| now(&emulator), &mut stored, send);
    check(lost.is_err(), "an answer that is lost is no token")?;
    emulator.advance(lifetime)?;
    let step = session.obtain(Want::Usable, now(&emulator), stored.clone());
    drive(step, &|| now(&emulator), &mut stored, send)?;

    let nobody = Endpoint::parse("http://127.0.0.1:1/token")?;
    let elsewhere = Client::public(Provider::custom(nobody), "app")?;
    let outcome = send(elsewhere.client_credentials_request());
    check(
        outcome.err() == Some(SendFailure::NotSent),
        "where nobody listens nothing is sent",
    )?;
    check(emulator.counts().reuse == 0, "no spent token is presented")
}

fn keeps_the_address_whole(send: Sending<'_>) -> Result<(), Box<dyn Error>> {
    let (outcome, visit) = log_in(
        REFUSAL,
        "/token?tenant=7&of=a%20b",
        limits::TOKEN_REQUEST_TOTAL,
        send,
    )?;
    check(
        visit.target == "/token?tenant=7&of=a%20b",
        "the query belongs to the address",
    )?;
    check(
        matches!(outcome, Err(LoginError::Token(TokenError::Refused(facts)))
            if facts.status == 400 && facts.code == Some(ErrorCode::InvalidGrant)),
        "a refusal is an answer",
    )
}

fn hands_over_too_much(send: Sending<'_>) -> Result<(), Box<dyn Error>> {
    for flood in [FLOOD, PROMISED_FLOOD] {
        let (outcome, visit) = log_in(flood, "/token", limits::TOKEN_REQUEST_TOTAL, send)?;
        check(
            matches!(outcome, Err(LoginError::Token(TokenError::Malformed(Malformed::TooLarge, facts)))
                if facts.body_len == limits::RESPONSE_BODY_MAX + 1),
            "the core sees that there was too much",
        )?;
        check(visit.parts < flood.parts, "it is not read to its end")?;
    }
    Ok(())
}

fn ends_in_time(send: Sending<'_>) -> Result<(), Box<dyn Error>> {
    let (outcome, visit) = log_in(DRIP, "/token", SHORT, send)?;
    check(
        matches!(
            outcome,
            Err(LoginError::NotDelivered(SendFailure::MaybeSent))
        ),
        "an answer that does not come in time is lost",
    )?;
    check(
        visit.parts < DRIP.parts,
        "the time is that of the whole exchange",
    )
}

/// A login at a server of one answer.
fn log_in(
    answer: Answer,
    path: &str,
    total: Duration,
    send: Sending<'_>,
) -> Result<(Result<FreshGrant, LoginError>, Visit), Box<dyn Error>> {
    let (outcome, visit) = visit(answer, |url| {
        let endpoint = Endpoint::parse(&format!("{url}{path}"))?;
        let client = Client::public(Provider::custom(endpoint), "app")?;
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        let (request, reply) = client.password("user", &Password::parse("secret")?, now);
        Ok::<_, Box<dyn Error>>(match send(request, total) {
            Ok(response) => reply.received(now, &response),
            Err(failure) => Err(reply.failed(failure)),
        })
    })?;
    Ok((outcome?, visit))
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(what.into()) }
}
