//! What one client can do to the connections of the others.

use std::io::{Read, Write};
use std::net::TcpStream;

use twoba_emulator::Emulator;

use crate::wire::{exchange, log_in, token};

/// How many connections are left open.
const IDLE: usize = 1_000;

/// What is said on a connection before nothing more comes.
const BEGINNINGS: [&[u8]; 4] = [
    b"",
    b"POST /OAuth/Tok",
    b"POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nX-Endless: ",
    b"POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant",
];

/// Opens a connection; none if this machine has no descriptor left for it.
fn begin(emulator: &Emulator, bytes: &[u8]) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(emulator.addr()).ok()?;
    stream.write_all(bytes).unwrap();
    Some(stream)
}

#[test]
fn a_thousand_unfinished_requests_do_not_stop_the_next() {
    let emulator = Emulator::builder().start().unwrap();
    let mut idle = Vec::new();
    for beginning in BEGINNINGS.iter().cycle().take(IDLE) {
        match begin(&emulator, beginning) {
            Some(stream) => idle.push(stream),
            // Both ends are of this process, and the emulator may lack descriptors for its half.
            None => {
                idle.truncate(idle.len() / 2);
                break;
            }
        }
    }
    assert!(idle.len() >= 50, "{}", idle.len());
    // Connections are accepted in turn, so all of them were before this one.
    assert_eq!(log_in(&emulator).status, 200);
    // They were slow and not dead.
    let mut last = idle.into_iter().next().unwrap();
    last.write_all(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut start = [0; 12];
    last.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 404");
}

#[test]
fn who_never_reads_a_huge_answer_does_not_stop_the_next() {
    use twoba_emulator::{Fault, FaultPoint, FaultRule};
    let emulator = Emulator::builder().start().unwrap();
    let huge = Fault::HugeBody(1 << 40);
    emulator.set_faults([FaultRule::next(FaultPoint::Token, huge)]);
    let request = b"POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    let mut deaf = begin(&emulator, request).unwrap();
    deaf.read_exact(&mut [0; 12]).unwrap();
    assert_eq!(log_in(&emulator).status, 200);
}

#[test]
fn a_head_that_never_ends_is_refused_at_some_size() {
    let emulator = Emulator::builder().start().unwrap();
    for filler in ["x", "X: y\r\n"] {
        let mut request = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec();
        request.extend(filler.repeat(1024 * 1024).into_bytes());
        let mut stream = begin(&emulator, b"").unwrap();
        // The rest is not taken any more once it is refused.
        stream.write_all(&request).unwrap_or_default();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap_or_default();
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
            "{answer}"
        );
    }
    assert_eq!(log_in(&emulator).status, 200);
}

#[test]
fn a_body_that_says_it_is_endless_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let head = "POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "a".repeat(65_536));
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(32)
    );
    let answer = exchange(emulator.addr(), chunked.as_bytes());
    assert!(answer.starts_with(b"HTTP/1.1 413 "));
    assert_eq!(token(&emulator, "grant_type=x").status, 400);
}
