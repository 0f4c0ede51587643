//! Calling a service: what a 401 causes, what it does not, and where a token never goes.

use std::time::{Duration, Instant};

use http::Request;
use serde_json::Value;
use twoba_core::Cause;
use twoba_emulator::{EventKind, Fault, FaultPoint};
use twoba_services::{JsonCall, Reading, ServiceErrorKind};
use twoba_store::ErrorKind;
use twoba_testkit::{Act, Script};
use twoba_tests::{USER, World, cause, service_error, session_error};

scenarios! {
    a_token_that_ended_by_the_servers_clock_alone_is_refreshed_once,
    a_service_that_rejects_every_token_causes_one_refresh,
    many_callers_with_a_rejected_token_cause_one_refresh,
    a_grant_revoked_at_the_server_leads_to_a_login,
    the_services_own_refusal_reaches_the_caller,
    a_service_out_of_order_costs_no_token,
    a_token_goes_to_no_other_origin,
    a_services_redirect_is_not_followed,
    what_only_reads_is_asked_again_while_a_service_cannot_answer,
    a_service_that_asks_for_patience_gets_it,
    a_refusal_is_not_asked_again,
    an_answer_is_read_while_it_arrives,
}

const SEARCH: (&str, &[(&str, &str)]) = ("Product/Search", &[("query", "kabelgoot")]);

// shows: US6
fn a_token_that_ended_by_the_servers_clock_alone_is_refreshed_once(world: &World) {
    let session = world.logged_in();
    world.pass_for_the_server(121);
    session.get(SEARCH.0, SEARCH.1).unwrap();
    let counts = world.counts();
    assert_eq!(counts.refresh, 1);
    assert_eq!(counts.rotations, 1);
    assert_eq!(counts.service_calls, 2);
    assert_eq!(counts.service_401, 1);
    session.get(SEARCH.0, SEARCH.1).unwrap();
    assert_eq!(world.counts().refresh, 1);
}

fn a_service_that_rejects_every_token_causes_one_refresh(world: &World) {
    let session = world.logged_in();
    world.every(FaultPoint::Service, Fault::Status(401));
    for _ in 0..4 {
        let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
        let service = service_error(error);
        assert_eq!(service.kind, ServiceErrorKind::Unauthorized);
    }
    // Another process, and another token, a minute later: still the user's rights.
    world.session().get(SEARCH.0, SEARCH.1).unwrap_err();
    world.pass(61);
    session.get(SEARCH.0, SEARCH.1).unwrap_err();
    assert_eq!(world.counts().refresh, 1);

    world.emulator.set_faults([]);
    session.get(SEARCH.0, SEARCH.1).unwrap();
}

// shows: US8
fn many_callers_with_a_rejected_token_cause_one_refresh(world: &World) {
    let session = world.logged_in();
    world.pass_for_the_server(121);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| session.get(SEARCH.0, SEARCH.1).unwrap());
        }
    });
    assert_eq!(world.counts().refresh, 1);
    assert_eq!(world.counts().reuse, 0);
}

fn a_grant_revoked_at_the_server_leads_to_a_login(world: &World) {
    let session = world.logged_in();
    world.emulator.revoke_user(USER);
    for _ in 0..3 {
        let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
        let error = session_error(error);
        assert_eq!(cause(&error), Cause::Refused);
    }
    assert_eq!(world.counts().refresh, 1);
}

fn the_services_own_refusal_reaches_the_caller(world: &World) {
    let session = world.logged_in();
    let refused = session.get("Product/Search", &[("query", "")]).unwrap_err();
    let refused = service_error(refused);
    assert_eq!(refused.kind, ServiceErrorKind::Refused);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.status_text.as_deref(), Some("BadRequest"));
    assert_eq!(
        refused.message.as_deref(),
        Some("The parameter query is missing.")
    );
}

// shows: US6
fn a_service_out_of_order_costs_no_token(world: &World) {
    let session = world.logged_in();
    for fault in [Fault::Status(500), Fault::Html502, Fault::Status(403)] {
        world.next(FaultPoint::Service, fault);
        let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
        drop(service_error(error));
    }
    world.next(FaultPoint::Service, Fault::DropBefore);
    let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
    let error = session_error(error);
    assert!(matches!(error.kind(), ErrorKind::Service(_)), "{error:?}");
    assert_eq!(world.counts().refresh, 0);
}

// shows: US5 US7
fn a_token_goes_to_no_other_origin(world: &World) {
    let elsewhere = Script::start([Act::respond("200 OK", &[], "{}")]).unwrap();
    let session = world.logged_in();
    let port = world.emulator.addr().port();
    for address in [
        format!("{}/1/json/Product/Search", elsewhere.url()),
        format!("http://localhost:{port}/1/json/Product/Search"),
        format!("https://127.0.0.1:{port}/1/json/Product/Search"),
        "/1/json/Product/Search".to_owned(),
    ] {
        let request = Request::get(&address).body(Vec::new()).unwrap();
        let error = session.call(&request).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::ForeignOrigin),
            "{address}"
        );
    }
    assert_eq!(elsewhere.connections(), 0);
    assert_eq!(world.counts().service_calls, 0);
}

// shows: US5 US7
fn a_services_redirect_is_not_followed(world: &World) {
    let elsewhere = Script::start([Act::respond("200 OK", &[], "{}")]).unwrap();
    let session = world.logged_in();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/1/json/Product/Search", elsewhere.url());
        world.next(FaultPoint::Service, Fault::Redirect { status, location });
        let error = session.get(SEARCH.0, SEARCH.1).unwrap_err();
        let service = service_error(error);
        assert_eq!(service.kind, ServiceErrorKind::Redirect);
        assert_eq!(service.status, status);
    }
    assert_eq!(elsewhere.connections(), 0);
    let served =
        |event: &twoba_emulator::Event| matches!(event.kind, EventKind::ServiceServed { .. });
    let journal = world.emulator.journal();
    assert!(journal.events.iter().filter(|event| served(event)).count() <= 5);
}

fn search() -> Reading<Value> {
    let call = JsonCall::with_parameters(SEARCH.0, SEARCH.1).unwrap();
    call.reading()
}

fn what_only_reads_is_asked_again_while_a_service_cannot_answer(world: &World) {
    let session = world.logged_in();
    for fault in [Fault::Status(503), Fault::Html502, Fault::DropBefore] {
        world.next(FaultPoint::Service, fault);
        let found = session.ask_politely(2, &search()).unwrap();
        assert!(found.is_object());
    }
    assert_eq!(world.counts().refresh, 0);
    // The last answer counts.
    world.next(FaultPoint::Service, Fault::Status(503));
    let error = session.ask_politely(1, &search()).unwrap_err();
    assert_eq!(service_error(error).kind, ServiceErrorKind::Unavailable);
}

fn a_service_that_asks_for_patience_gets_it(world: &World) {
    let session = world.logged_in();
    let busy = Fault::RetryAfter(1);
    world.next(FaultPoint::Service, busy);
    let began = Instant::now();
    assert!(session.ask_politely(2, &search()).unwrap().is_object());
    assert!(began.elapsed() >= Duration::from_secs(1));
    // Nobody waits for an hour: the answer says when to come again.
    let closed = Fault::RetryAfter(3_600);
    world.next(FaultPoint::Service, closed);
    let error = session.ask_politely(9, &search()).unwrap_err();
    assert_eq!(service_error(error).kind, ServiceErrorKind::Unavailable);
}

fn a_refusal_is_not_asked_again(world: &World) {
    let session = world.logged_in();
    for status in [400, 403, 404, 500] {
        let before = world.counts().service_calls;
        world.next(FaultPoint::Service, Fault::Status(status));
        session.ask_politely(9, &search()).unwrap_err();
        assert_eq!(world.counts().service_calls, before + 1, "{status}");
    }
}

fn an_answer_is_read_while_it_arrives(world: &World) {
    let session = world.logged_in();
    let uri = format!(
        "{}/1/json/Product/Search?query=kabelgoot",
        world.emulator.url()
    );
    let request = Request::get(uri).body(Vec::new()).unwrap();
    let whole = session.call(&request).unwrap();
    world.pass_for_the_server(121);
    // After a 401 it is the second answer.
    let streamed = session.call_streaming(&request).unwrap();
    assert_eq!(streamed.status(), 200);
    assert_eq!(streamed.body(), whole.body());
    assert_eq!(world.counts().refresh, 1);
}
