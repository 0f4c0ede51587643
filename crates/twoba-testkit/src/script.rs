//! A scripted server: its actions on each connection.

mod act;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{collections::VecDeque, fmt};

use http::Request;
use http::header::CONNECTION;

use crate::message::{MessageError, promised_length, request_head};

pub use act::Act;

/// The longest time that a connection keeps a test.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest request, in bytes. No request in a test is longer.
const REQUEST_MAX: usize = 4 * 1024 * 1024;

/// How many bytes a flood sends before it stops waiting for the client to hang up.
const FLOOD_MAX: usize = 256 * 1024 * 1024;

/// A server on a free port of 127.0.0.1. It carries out its actions in order, over all connections,
/// and stops when it is dropped.
///
/// If no action is left for a request, the request is recorded and the connection is closed. A test
/// that expects n requests asserts that there were n.
///
/// ```
/// use twoba_testkit::{Act, Script};
///
/// # fn main() -> std::io::Result<()> {
/// let script = Script::start([Act::respond("503 Service Unavailable", &[], "")])?;
/// assert!(script.url().starts_with("http://127.0.0.1:"));
/// assert!(script.requests().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Script {
    address: SocketAddr,
    url: String,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    /// Notified whenever one side has closed a connection.
    closing: Condvar,
}

#[derive(Default)]
struct State {
    acts: VecDeque<Act>,
    requests: Vec<Request<Vec<u8>>>,
    /// The connection of each request.
    carriers: Vec<usize>,
    connections: usize,
    closed: usize,
    /// How many of them the client has closed in its turn.
    noticed: usize,
    sent: usize,
    stopped: bool,
    /// The thread of each connection, and a handle that ends its wait.
    open: Vec<(JoinHandle<()>, TcpStream)>,
}

impl Shared {
    // No operation leaves the state half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    /// Starts a server with these actions. It accepts connections as soon as this returns.
    ///
    /// # Errors
    ///
    /// - there is no free port or thread: the error of the operating system
    pub fn start(acts: impl IntoIterator<Item = Act>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                acts: acts.into_iter().collect(),
                ..State::default()
            }),
            closing: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        let accepting = thread::Builder::new()
            .name("script".to_owned())
            .spawn(move || accept(&listener, &serving))?;
        Ok(Self {
            address,
            url: format!("http://{address}"),
            shared,
            accepting: Some(accepting),
        })
    }

    /// The server's address: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's socket address.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Adds an action after the remaining ones.
    pub fn add(&self, act: Act) {
        self.shared.state().acts.push_back(act);
    }

    /// The requests so far, in the order in which they were complete.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<Vec<u8>>> {
        self.shared.state().requests.clone()
    }

    /// The number of the connection of each request, counted from 1.
    #[must_use]
    pub fn carriers(&self) -> Vec<usize> {
        self.shared.state().carriers.clone()
    }

    /// The number of connections so far, used or not.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Waits until the server has closed this many connections. Returns false after twenty seconds.
    #[must_use]
    pub fn has_closed(&self, connections: usize) -> bool {
        self.comes(|state| state.closed >= connections)
    }

    /// Waits until the client has noticed of this many connections that the server has closed them.
    /// A client that looks at a connection only when it uses it does not notice until then. Returns
    /// false after twenty seconds.
    #[must_use]
    pub fn is_noticed(&self, connections: usize) -> bool {
        self.comes(|state| state.noticed >= connections)
    }

    fn comes(&self, is_there: impl Fn(&State) -> bool) -> bool {
        let waiting =
            self.shared
                .closing
                .wait_timeout_while(self.shared.state(), PATIENCE, |state| !is_there(state));
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        is_there(&state)
    }

    /// The number of bytes sent so far, including those that nobody has read.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.shared.state().sent
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        // Wakes the accepting thread; if that fails it is not waiting any more.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(accepting) = self.accepting.take() {
            accepting.join().unwrap_or_default();
        }
        let open = std::mem::take(&mut self.shared.state().open);
        for (thread, stream) in open {
            // Fails where the client was first; either way nothing waits any more.
            stream.shutdown(Shutdown::Both).unwrap_or_default();
            thread.join().unwrap_or_default();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let mut state = shared.state();
        if state.stopped {
            return;
        }
        let Ok(stream) = stream else { continue };
        state.connections += 1;
        let first = match state.acts.front() {
            Some(act) if act.is_for_a_new_connection() => state.acts.pop_front(),
            Some(_) | None => None,
        };
        let Ok(handle) = stream.try_clone() else {
            continue;
        };
        let serving = Arc::clone(shared);
        let number = state.connections;
        let thread = thread::Builder::new()
            .name("script-connection".to_owned())
            .spawn(move || {
                let mut stream = stream;
                // A connection that breaks is the client's affair, and often the test's point.
                drop(converse(&mut stream, first, number, &serving));
                // The handle of this connection would hold it open.
                stream.shutdown(Shutdown::Write).unwrap_or_default();
                serving.state().closed += 1;
                serving.closing.notify_all();
                drop(until_the_end(&mut stream));
                stream.shutdown(Shutdown::Both).unwrap_or_default();
                serving.state().noticed += 1;
                serving.closing.notify_all();
            });
        if let Ok(thread) = thread {
            state.open.push((thread, handle));
        }
    }
}

/// Carries out actions on one connection until one of them, or the client, ends it.
fn converse(
    stream: &mut TcpStream,
    first: Option<Act>,
    number: usize,
    shared: &Shared,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    match first {
        Some(Act::Blurt(bytes)) => {
            send(stream, &bytes, shared)?;
            return until_the_end(stream);
        }
        Some(_) => return Ok(()),
        None => {}
    }
    let mut unread = Vec::new();
    while let Some(request) = read(stream, &mut unread)? {
        let is_last = wants_to_close(&request);
        let act = {
            let mut state = shared.state();
            state.requests.push(request);
            state.carriers.push(number);
            state.acts.pop_front()
        };
        match act {
            Some(Act::Answer(bytes)) if !is_last => send(stream, &bytes, shared)?,
            Some(Act::Answer(bytes) | Act::AnswerAndClose(bytes)) => {
                return send(stream, &bytes, shared);
            }
            Some(Act::Flood(head)) => return flood(stream, &head, shared),
            Some(Act::Silence) => return until_the_end(stream),
            Some(Act::Stall(bytes)) => {
                send(stream, &bytes, shared)?;
                return until_the_end(stream);
            }
            Some(Act::Refuse | Act::Blurt(_)) | None => return Ok(()),
        }
    }
    Ok(())
}

/// Whether this is a client's last request on a connection, as RFC 9112 section 9.6 lets it say.
fn wants_to_close(request: &Request<Vec<u8>>) -> bool {
    request
        .headers()
        .get(CONNECTION)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
}

fn send(stream: &mut TcpStream, bytes: &[u8], shared: &Shared) -> io::Result<()> {
    stream.write_all(bytes)?;
    shared.state().sent += bytes.len();
    Ok(())
}

fn flood(stream: &mut TcpStream, head: &[u8], shared: &Shared) -> io::Result<()> {
    send(stream, head, shared)?;
    let spaces = [b' '; 16 * 1024];
    let mut sent = 0;
    while sent < FLOOD_MAX {
        send(stream, &spaces, shared)?;
        sent += spaces.len();
    }
    Ok(())
}

/// Reads and drops bytes until the stream ends.
fn until_the_end(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}

/// Reads the next whole request. `None` if the client has closed the connection before one.
fn read(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Option<Request<Vec<u8>>>> {
    let bad = |error: MessageError| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut buffer = [0; 8 * 1024];
    loop {
        match request_head(unread) {
            Ok(head) => {
                let promised = promised_length(head.message.headers()).unwrap_or(0);
                let end = head.length.saturating_add(promised);
                if unread.len() >= end {
                    let rest = unread.split_off(end);
                    let body = unread.split_off(head.length);
                    *unread = rest;
                    return Ok(Some(head.message.map(|()| body)));
                }
            }
            Err(MessageError::Incomplete) => {}
            Err(error) => return Err(bad(error)),
        }
        if unread.len() > REQUEST_MAX {
            return Err(bad(MessageError::Unsupported("a request of this length")));
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            count => unread.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";
    const ASK: &[u8] = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";

    fn all(mut stream: TcpStream) -> Vec<u8> {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = Vec::new();
        // A reset is an end too.
        drop(stream.read_to_end(&mut bytes));
        bytes
    }

    #[test]
    fn acts_are_carried_out_in_their_order_over_all_connections() {
        let script = Script::start([
            Act::answer(EMPTY),
            Act::half("abcdef"),
            Act::hang_up(),
            Act::Refuse,
            Act::Blurt(b"early".to_vec()),
        ])
        .unwrap();
        let ask = |bytes: &[u8]| {
            let mut stream = TcpStream::connect(script.addr()).unwrap();
            // A server that has already closed refuses the bytes.
            drop(stream.write_all(bytes));
            stream.shutdown(Shutdown::Write).unwrap_or_default();
            all(stream)
        };
        let both = [ASK, ASK].concat();
        assert_eq!(ask(&both), format!("{EMPTY}abc").into_bytes());
        assert_eq!(ask(ASK), b"");
        assert_eq!(ask(ASK), b"");
        assert_eq!(ask(b""), b"early");
        assert_eq!(script.requests().len(), 3);
        assert_eq!(script.connections(), 4);
    }

    #[test]
    fn a_request_without_an_act_is_recorded() {
        let script = Script::start([]).unwrap();
        let mut stream = TcpStream::connect(script.addr()).unwrap();
        stream.write_all(ASK).unwrap();
        assert_eq!(all(stream), b"");
        assert_eq!(script.requests()[0].uri(), "/1");
    }

    #[test]
    fn a_script_ends_although_a_client_waits() {
        let script = Script::start([Act::Silence]).unwrap();
        let mut stream = TcpStream::connect(script.addr()).unwrap();
        stream.write_all(ASK).unwrap();
        drop(script);
        assert_eq!(all(stream), b"");
    }

    #[test]
    fn a_flood_ends_when_the_client_hangs_up() {
        let script = Script::start([Act::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())]).unwrap();
        let mut stream = TcpStream::connect(script.addr()).unwrap();
        stream.write_all(ASK).unwrap();
        let mut some = vec![0; 1024 * 1024];
        stream.read_exact(&mut some).unwrap();
        drop(stream);
        let sent = {
            let shared = Arc::clone(&script.shared);
            drop(script);
            shared.state().sent
        };
        assert!(sent < FLOOD_MAX, "{sent}");
    }
}
