//! Decides how far a token request gets on its way to the server: bytes are passed on and never changed.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use twoba_tests::KillPoint;

use crate::points::Points;

/// Stands between the session and the server, for one request.
pub(crate) struct Relay {
    answered: Arc<AtomicBool>,
}

/// An address of this machine for this process alone. When it is killed, its port of 127.0.0.1 could be
/// another test's at once, and it would seem to be alive. Only Linux has such addresses.
fn own_host() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    match cfg!(target_os = "linux") {
        true => Ipv4Addr::new(127, high.saturating_add(64), middle, low),
        false => Ipv4Addr::LOCALHOST,
    }
}

impl Relay {
    /// Starts it; returns the endpoint that leads through it.
    pub(crate) fn start(endpoint: &str, points: &Arc<Points>) -> (String, Self) {
        let (server, path) = endpoint
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .unwrap();
        let server: SocketAddr = server.parse().unwrap();
        let listener = TcpListener::bind((own_host(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::new(AtomicBool::new(false));
        let (points, passed) = (Arc::clone(points), Arc::clone(&answered));
        drop(thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            pass(client, server, &points, &passed, address);
        }));
        (format!("http://{address}/{path}"), Self { answered })
    }

    /// Whether an answer is on its way to the session. The session does nothing else until it has it.
    pub(crate) fn has_passed_an_answer(&self) -> bool {
        self.answered.load(Ordering::SeqCst)
    }
}

fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    points: &Points,
    passed: &AtomicBool,
    own: SocketAddr,
) {
    let request = whole_request(&mut client);
    let mut upstream = TcpStream::connect(server).unwrap();
    let mut sent = 0;
    if points.is(KillPoint::RequestHalfSent) {
        // At least one byte, and at least one is missing.
        sent = 1 + points.cut(request.len() - 2);
        upstream.write_all(request.get(..sent).unwrap()).unwrap();
        points.reach_with(KillPoint::RequestHalfSent, &own.to_string());
    }
    upstream.write_all(request.get(sent..).unwrap()).unwrap();
    let mut piece = [0; 4096];
    loop {
        let read = upstream.read(&mut piece).unwrap();
        if read == 0 {
            return;
        }
        // The server commits before the first byte of an answer leaves.
        points.reach_with(KillPoint::Committed, &own.to_string());
        passed.store(true, Ordering::SeqCst);
        client.write_all(piece.get(..read).unwrap()).unwrap();
    }
}

/// The bytes of a request with a `Content-Length`.
fn whole_request(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(length) = request_length(&bytes)
            && bytes.len() >= length
        {
            return bytes;
        }
        let read = client.read(&mut piece).unwrap();
        assert!(read > 0, "the request was cut off");
        bytes.extend_from_slice(piece.get(..read).unwrap());
    }
}

/// How long the request will be, once its head is there.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(bytes.get(..end)?).unwrap();
    let body = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().unwrap())
    });
    Some(end + body.unwrap())
}
