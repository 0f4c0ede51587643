//! Every fault as a client sees it, and what it leaves done.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use twoba_emulator::{Clock, Emulator, EventKind, Fault, FaultPoint, FaultRule};

use crate::wire::{
    CLIENT, Reply, exchange, log_in, post, refresh, refresh_form, request, search, token_bytes,
};

/// A logged-in client.
struct Scene {
    emulator: Emulator,
    refresh_token: String,
    access_token: String,
}

fn scene() -> Scene {
    let emulator = Emulator::builder().clock(Clock::Manual).start().unwrap();
    let granted = log_in(&emulator);
    Scene {
        refresh_token: granted.member("refresh_token"),
        access_token: granted.member("access_token"),
        emulator,
    }
}

impl Scene {
    /// Sets a fault on the next refresh, by its spelling.
    fn next(&self, fault: &str) {
        self.emulator
            .add_fault(FaultRule::next(FaultPoint::Refresh, fault.parse().unwrap()));
    }

    fn refresh(&self) -> Reply {
        refresh(&self.emulator, &self.refresh_token)
    }

    /// Plays a fault on a refresh and proves that nothing was done by refreshing once more.
    fn refresh_through(&self, fault: &str) -> Reply {
        self.next(fault);
        let reply = self.refresh();
        assert_eq!(self.emulator.counts().rotations, 0, "{fault}");
        assert_eq!(self.refresh().status, 200, "{fault}");
        assert_eq!(self.emulator.counts().reuse, 0, "{fault}");
        reply
    }

    /// Plays a fault on a refresh and proves that the token was spent by presenting it once more.
    fn refresh_through_after_commit(&self, fault: &str) -> Reply {
        self.next(&format!("after-commit:{fault}"));
        let reply = self.refresh();
        assert_eq!(self.emulator.counts().rotations, 1, "{fault}");
        assert_eq!(self.refresh().status, 400, "{fault}");
        assert_eq!(self.emulator.counts().reuse, 1, "{fault}");
        reply
    }
}

#[test]
fn drop_before_sends_no_byte_and_does_nothing() {
    let scene = scene();
    scene.next("drop-before");
    let form = refresh_form(&scene.refresh_token);
    assert_eq!(token_bytes(&scene.emulator, &form), b"");
    assert_eq!(scene.emulator.counts().refresh, 1);
    assert_eq!(scene.emulator.counts().rotations, 0);
    assert_eq!(scene.refresh().status, 200);
}

#[test]
fn drop_after_commit_sends_no_byte_and_has_rotated() {
    let scene = scene();
    scene.next("drop-after-commit");
    let form = refresh_form(&scene.refresh_token);
    assert_eq!(token_bytes(&scene.emulator, &form), b"");
    assert_eq!(scene.emulator.counts().rotations, 1);
    assert_eq!(scene.refresh().status, 400);
    assert_eq!(scene.emulator.counts().reuse, 1);
    assert_eq!(scene.emulator.counts().families_revoked, 1);
}

#[test]
fn half_a_body_breaks_off_and_holds_nothing_valid() {
    let scene = scene();
    let reply = scene.refresh_through("half-body");
    assert_eq!(reply.status, 200);
    assert!(!reply.is_whole());
    let promised: usize = reply.header("content-length").unwrap().parse().unwrap();
    assert_eq!(reply.body.len(), promised / 2);
    assert!(reply.text().starts_with("{\"access_token\":\""));
    let made_up = reply.text().split('"').nth(3).unwrap();
    assert_eq!(search(&scene.emulator, made_up).status, 401);
}

#[test]
fn half_a_body_after_the_commit_is_half_of_the_real_one() {
    let reply = scene().refresh_through_after_commit("half-body");
    assert!(!reply.is_whole());
    assert!(reply.text().starts_with("{\"access_token\":\""));
}

#[test]
fn a_dripping_body_arrives_whole_and_slowly() {
    let scene = scene();
    // Some 250 bytes, in ten drops a second.
    scene.next("after-commit:drip:1000");
    let begin = Instant::now();
    let reply = scene.refresh();
    assert!(begin.elapsed() >= Duration::from_millis(100));
    assert!(reply.is_whole());
    let refreshed = refresh(&scene.emulator, &reply.member("refresh_token"));
    assert_eq!(refreshed.status, 200);
}

#[test]
fn a_key_occurs_twice_with_two_values() {
    let scene = scene();
    let reply = scene.refresh_through_after_commit("duplicate-key");
    let values: Vec<&str> = reply.text().split("\"access_token\":\"").skip(1).collect();
    assert_eq!(values.len(), 2);
    assert_ne!(values[0].split('"').next(), values[1].split('"').next());
}

#[test]
fn a_wrong_charset_is_only_declared() {
    let reply = scene().refresh_through_after_commit("wrong-charset");
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-16")
    );
    assert_eq!(reply.json()["token_type"], "bearer");
}

#[test]
fn a_compressed_body_says_how() {
    for coding in ["gzip", "deflate"] {
        for reply in [
            scene().refresh_through(coding),
            scene().refresh_through_after_commit(coding),
        ] {
            assert_eq!(reply.status, 200);
            assert!(reply.is_whole());
            assert_eq!(reply.header("content-encoding"), Some(coding));
            let magic: &[u8] = if coding == "gzip" {
                b"\x1f\x8b"
            } else {
                b"\x78"
            };
            assert!(reply.body.starts_with(magic));
        }
    }
}

#[test]
fn a_folded_header_stands_in_two_lines() {
    let scene = scene();
    scene.next("after-commit:folded-header");
    let bytes = token_bytes(&scene.emulator, &refresh_form(&scene.refresh_token));
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("\r\nx-folded: one line\r\n and another\r\n"),
        "{head}"
    );
    assert!(body.starts_with("{\"access_token\""));
    assert_eq!(scene.emulator.counts().rotations, 1);
}

#[test]
fn made_up_tokens_were_never_valid() {
    let scene = scene();
    let reply = scene.refresh_through("no-token-type");
    assert_eq!(
        search(&scene.emulator, &reply.member("access_token")).status,
        401
    );
    let again = refresh(&scene.emulator, &reply.member("refresh_token"));
    assert_eq!(again.status, 400);
    assert_eq!(scene.emulator.counts().reuse, 0);
}

#[test]
fn a_delay_waits_and_then_works() {
    let scene = scene();
    scene.next("delay:60ms");
    let begin = Instant::now();
    assert_eq!(scene.refresh().status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(60));
    assert_eq!(scene.emulator.counts().rotations, 1);
}

#[test]
fn a_delay_after_the_commit_has_rotated_before_it_waits() {
    let scene = scene();
    scene.next("after-commit:delay:1h");
    std::thread::scope(|scope| {
        let form = refresh_form(&scene.refresh_token);
        let waiting = scope.spawn({
            let emulator = &scene.emulator;
            move || {
                let body = format!("{CLIENT}&{form}");
                let headers = [("Content-Type", "application/x-www-form-urlencoded")];
                let request = request(emulator, "POST", "/OAuth/Token", &headers, &body);
                let mut stream = std::net::TcpStream::connect(emulator.addr()).unwrap();
                std::io::Write::write_all(&mut stream, &request).unwrap();
                while emulator.counts().rotations == 0 {
                    std::thread::yield_now();
                }
                stream.set_nonblocking(true).unwrap();
                std::io::Read::read(&mut stream, &mut [0]).map_err(|error| error.kind())
            }
        });
        assert_eq!(waiting.join().unwrap(), Err(std::io::ErrorKind::WouldBlock));
    });
}

#[test]
fn a_status_comes_with_an_empty_body() {
    for status in [200, 204, 304, 400, 404, 429, 500, 503, 599] {
        let reply = scene().refresh_through(&format!("status:{status}"));
        assert_eq!(reply.status, status);
        assert_eq!(reply.body, b"");
    }
    assert_eq!(
        scene().refresh_through_after_commit("status:500").status,
        500
    );
}

#[test]
fn a_status_that_cannot_be_is_played_as_500() {
    for status in [0, 101, 1000] {
        let scene = scene();
        scene
            .emulator
            .add_fault(FaultRule::next(FaultPoint::Refresh, Fault::Status(status)));
        assert_eq!(scene.refresh().status, 500);
    }
}

#[test]
fn retry_after_says_when_to_come_back() {
    let reply = scene().refresh_through("retry-after:30");
    assert_eq!(reply.status, 503);
    assert_eq!(reply.header("retry-after"), Some("30"));
}

#[test]
fn a_bare_400_has_neither_body_nor_content_type() {
    let reply = scene().refresh_through("bare-400");
    assert_eq!(reply.status, 400);
    assert_eq!(reply.body, b"");
    assert_eq!(reply.header("content-type"), None);
}

#[test]
fn html_comes_instead_of_json() {
    for (fault, status) in [("html-200", 200), ("html-502", 502)] {
        for reply in [
            scene().refresh_through(fault),
            scene().refresh_through_after_commit(fault),
        ] {
            assert_eq!(reply.status, status);
            assert!(
                reply
                    .header("content-type")
                    .unwrap()
                    .starts_with("text/html")
            );
            assert!(reply.text().contains("<html"));
        }
    }
}

#[test]
fn a_redirect_leads_where_it_is_told() {
    for status in [301, 302, 303, 307, 308] {
        let reply = scene().refresh_through(&format!("redirect:{status}:http://127.0.0.1:9/x?y"));
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("location"), Some("http://127.0.0.1:9/x?y"));
    }
}

#[test]
fn an_error_document_can_come_under_status_200() {
    let reply = scene().refresh_through("error-200");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.member("error"), "invalid_grant");
}

#[test]
fn a_callback_can_come_unasked() {
    let reply = scene().refresh_through("jsonp");
    assert_eq!(reply.status, 200);
    assert!(reply.text().starts_with("callback({\"access_token\":"));
    assert_eq!(reply.header("content-type"), Some("application/javascript"));
}

#[test]
fn expires_in_can_be_any_json() {
    for json in ["\"120\"", "null", "-1", "1e999", "119.5", "{\"a\":[]}"] {
        let reply = scene().refresh_through_after_commit(&format!("expires-in:{json}"));
        assert!(reply.text().contains(&format!("\"expires_in\":{json},")));
    }
    let scene = scene();
    scene.next("after-commit:expires-in:\"120\"");
    let fresh = scene.refresh().member("refresh_token");
    assert_eq!(refresh(&scene.emulator, &fresh).status, 200);
}

#[test]
fn token_type_can_be_missing() {
    let body = scene().refresh_through_after_commit("no-token-type").json();
    assert!(body.get("token_type").is_none());
    assert!(body.get("access_token").is_some());
}

#[test]
fn a_body_can_begin_with_a_byte_order_mark() {
    let reply = scene().refresh_through_after_commit("bom");
    assert!(reply.body.starts_with(b"\xef\xbb\xbf{"));
    assert!(reply.is_whole());
}

#[test]
fn a_huge_body_has_the_size_that_was_asked_for() {
    for bytes in [14_usize, 15, 100_000, 3_000_000] {
        let reply = scene().refresh_through(&format!("huge-body:{bytes}"));
        assert_eq!(reply.body.len(), bytes);
        assert!(reply.is_whole());
        assert!(reply.json()["padding"].is_string());
    }
}

#[test]
fn a_fault_is_played_on_the_request_that_it_is_set_for() {
    let scene = scene();
    scene.emulator.set_faults([
        FaultRule::nth(
            FaultPoint::Refresh,
            NonZeroU64::new(2).unwrap(),
            Fault::Bare400,
        ),
        FaultRule::every(FaultPoint::Password, Fault::Html502),
        FaultRule::next(FaultPoint::Service, Fault::RetryAfter(1)),
        FaultRule::next(FaultPoint::Revocation, Fault::Status(500)),
    ]);
    let first = scene.refresh();
    assert_eq!(first.status, 200);
    let second = first.member("refresh_token");
    assert_eq!(refresh(&scene.emulator, &second).status, 400);
    assert_eq!(refresh(&scene.emulator, &second).status, 200);
    assert_eq!(log_in(&scene.emulator).status, 502);
    assert_eq!(log_in(&scene.emulator).status, 502);
    assert_eq!(search(&scene.emulator, &scene.access_token).status, 503);
    assert_eq!(search(&scene.emulator, &scene.access_token).status, 200);
    let form = format!("{CLIENT}&token={second}");
    let revoke = || post(&scene.emulator, "/connect/revocation", &form).status;
    assert_eq!(revoke(), 500);
    assert_eq!(revoke(), 200);
    let played = |kind: &EventKind| matches!(kind, EventKind::FaultPlayed { .. });
    let events = scene.emulator.journal().events;
    assert_eq!(events.iter().filter(|event| played(&event.kind)).count(), 5);
    scene.emulator.set_faults([]);
    assert_eq!(log_in(&scene.emulator).status, 200);
}

#[test]
fn a_fault_on_every_token_request_meets_unreadable_ones_too() {
    let scene = scene();
    scene
        .emulator
        .add_fault(FaultRule::every(FaultPoint::Token, Fault::DropBefore));
    let request = request(&scene.emulator, "POST", "/connect/token", &[], "nonsense");
    assert_eq!(exchange(scene.emulator.addr(), &request), b"");
}

#[test]
fn a_revocation_that_is_dropped_before_is_not_done_and_after_it_is() {
    for (fault, expected) in [(Fault::DropBefore, 200), (Fault::DropAfterCommit, 401)] {
        let scene = scene();
        scene
            .emulator
            .add_fault(FaultRule::next(FaultPoint::Revocation, fault));
        let form = format!("{CLIENT}&token={}", scene.refresh_token);
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let path = "/connect/revocation";
        let request = request(&scene.emulator, "POST", path, &headers, &form);
        assert_eq!(exchange(scene.emulator.addr(), &request), b"");
        assert_eq!(
            search(&scene.emulator, &scene.access_token).status,
            expected
        );
    }
}

#[test]
fn a_service_call_is_reshaped_as_it_is() {
    let scene = scene();
    scene
        .emulator
        .add_fault(FaultRule::next(FaultPoint::Service, Fault::HalfBody));
    let reply = search(&scene.emulator, &scene.access_token);
    assert_eq!(reply.status, 200);
    assert!(!reply.is_whole());
    assert!(reply.text().contains("Kabelgoot"));
}
