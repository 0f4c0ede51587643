//! The journal as a stream that a test can wait on.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use twoba_emulator::Emulator;

use crate::wire::{control, get, log_in, post, refresh};

/// How long a line may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who follows the events.
struct Following {
    lines: std::io::Lines<BufReader<TcpStream>>,
    status: u16,
}

impl Following {
    fn start(emulator: &Emulator, query: &str) -> Self {
        let mut stream = TcpStream::connect(emulator.addr()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET /_emulator/events{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().unwrap().unwrap();
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        for line in lines.by_ref() {
            if line.unwrap().is_empty() {
                break;
            }
        }
        Self { lines, status }
    }

    /// The next event; none at the end of the stream.
    fn next(&mut self) -> Option<Value> {
        loop {
            match self.lines.next() {
                None => return None,
                // The emulator is gone.
                Some(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                    return None;
                }
                // Between the lines stand the sizes of the chunks.
                Some(line) => match serde_json::from_str(&line.unwrap()) {
                    Ok(event @ Value::Object(_)) => return Some(event),
                    Ok(Value::Number(zero)) if zero.as_u64() == Some(0) => return None,
                    Ok(_) | Err(_) => {}
                },
            }
        }
    }

    fn kinds(&mut self, count: usize) -> Vec<(u64, String)> {
        let told = |event: Value| {
            let kind = event["kind"].as_str().unwrap().to_owned();
            (event["sequence"].as_u64().unwrap(), kind)
        };
        (0..count).map(|_| told(self.next().unwrap())).collect()
    }
}

fn numbered(first: u64, kinds: &[&str]) -> Vec<(u64, String)> {
    (first..)
        .zip(kinds.iter().map(|kind| (*kind).to_owned()))
        .collect()
}

#[test]
fn events_come_as_they_happen_and_can_be_resumed() {
    let emulator = Emulator::builder().start().unwrap();
    let mut all = Following::start(&emulator, "");
    assert_eq!(all.status, 200);
    let granted = log_in(&emulator);
    assert_eq!(all.kinds(2), numbered(1, &["token_request", "login"]));
    refresh(&emulator, &granted.member("refresh_token"));
    assert_eq!(all.kinds(2), numbered(3, &["token_request", "rotation"]));
    drop(all);
    let mut rest = Following::start(&emulator, "?from=4");
    assert_eq!(rest.kinds(1), numbered(4, &["rotation"]));
    let mut ahead = Following::start(&emulator, "?from=6");
    log_in(&emulator);
    assert_eq!(rest.kinds(2), numbered(5, &["token_request", "login"]));
    assert_eq!(ahead.kinds(1), numbered(6, &["login"]));
    for event in emulator.journal().events {
        let told = Following::start(&emulator, &format!("?from={}", event.sequence)).next();
        assert_eq!(told, serde_json::to_value(event).ok());
    }
}

#[test]
fn the_stream_ends_with_a_reset_and_with_the_emulator() {
    let emulator = Emulator::builder().start().unwrap();
    let mut following = Following::start(&emulator, "");
    control(&emulator, "reset", "");
    assert_eq!(following.next(), None);
    let mut following = Following::start(&emulator, "");
    drop(emulator);
    assert_eq!(following.next(), None);
}

#[test]
fn those_who_follow_are_bounded_and_ask_properly() {
    let emulator = Emulator::builder().start().unwrap();
    let followers: Vec<_> = (0..64).map(|_| Following::start(&emulator, "")).collect();
    assert!(followers.iter().all(|one| one.status == 200));
    assert_eq!(get(&emulator, "/_emulator/events", &[]).status, 503);
    assert_eq!(get(&emulator, "/_emulator/events?from=x", &[]).status, 400);
    assert_eq!(post(&emulator, "/_emulator/events", "").status, 405);
    let foreign = [("Origin", "https://evil.example")];
    assert_eq!(get(&emulator, "/_emulator/events", &foreign).status, 403);
    assert!(
        emulator.requests().is_empty(),
        "who only watches is not noted"
    );
}

#[test]
fn who_falls_behind_goes_on_with_what_is_kept() {
    let emulator = Emulator::builder().start().unwrap();
    for _ in 0..5_001 {
        emulator.set_policy(twoba_emulator::Policy::Strict);
        emulator.set_policy(twoba_emulator::Policy::Reusable);
    }
    let first = emulator.journal().events.first().unwrap().sequence;
    assert!(first > 1);
    let mut following = Following::start(&emulator, "?from=1");
    let told = following.next().unwrap();
    assert_eq!(told["sequence"], first);
}
