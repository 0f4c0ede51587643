//! Decides when a server's answer gets back, to a refresh most often: bytes are passed on and never changed, but an answer can be held back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Nobody waits for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way to a server through a gate. The server has always done its work when an answer is held.
#[derive(Debug)]
pub struct Detour {
    address: SocketAddr,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The answers to requests with these bytes are held back.
    held_back: Option<&'static str>,
    held: usize,
}

impl Detour {
    /// A way to the server at this address, which is open.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Arc::new(Gate::default());
        let kept = Arc::clone(&gate);
        drop(thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let gate = Arc::clone(&kept);
                drop(thread::spawn(move || serve(client, server, &gate)));
            }
        }));
        Self { address, gate }
    }

    /// Where it begins: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Holds back answers to refreshes from now on.
    pub fn hold(&self) {
        self.hold_for("grant_type=refresh_token");
    }

    /// Holds back answers to requests with these bytes from now on.
    pub fn hold_for(&self, request: &'static str) {
        self.gate.state().held_back = Some(request);
    }

    /// Waits until so many answers are held back.
    pub fn wait_for_held(&self, answers: usize) {
        self.gate.wait(|state| state.held < answers);
    }

    /// Lets the answers go on their way, and those that come later.
    pub fn let_go(&self) {
        self.gate.state().held_back = None;
        self.gate.changed.notify_all();
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, goes_on: impl Fn(&mut State) -> bool) {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), PATIENCE, goes_on);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(state);
        assert!(!waited.timed_out(), "nothing came within {PATIENCE:?}");
    }

    /// Whether the answer to this request is held back.
    fn is_closed_for(&self, request: &[u8]) -> bool {
        let held_back = self.state().held_back;
        held_back.is_some_and(|bytes| {
            let mut windows = request.windows(bytes.len());
            windows.any(|window| window == bytes.as_bytes())
        })
    }

    fn pass(&self) {
        self.state().held += 1;
        self.changed.notify_all();
        self.wait(|state| state.held_back.is_some());
        self.state().held -= 1;
    }
}

/// Serves the requests of a connection, each over one of its own to the server.
fn serve(mut client: TcpStream, server: SocketAddr, gate: &Gate) {
    while let Some(request) = message(&mut client) {
        let mut upstream = TcpStream::connect(server).unwrap();
        upstream.write_all(&request).unwrap();
        let Some(answer) = message(&mut upstream) else {
            return;
        };
        if gate.is_closed_for(&request) {
            gate.pass();
        }
        if client.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The bytes of a message with a `Content-Length`; `None` if the connection has ended.
fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if length(&bytes).is_some_and(|length| bytes.len() >= length) {
            return Some(bytes);
        }
        match from.read(&mut piece) {
            Ok(read) if read > 0 => bytes.extend_from_slice(piece.get(..read)?),
            Ok(_) | Err(_) => return None,
        }
    }
}

/// How long a message will be, once its head is there.
fn length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let body = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    Some(end + body.unwrap_or(0))
}
