//! The loopback listener to which the browser comes back. It is open only while one login waits.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use address::Address;
use page::Page;
use twoba_core::limits::{CALLBACK_QUERY_MAX, LOGIN_MAX_AGE};

use crate::browser::start_path;
use crate::failure::{Failure, Kind};

mod address;
mod page;

/// How often the listener checks for connections.
const PAUSE: Duration = Duration::from_millis(10);

/// How long one connection may take to send its request. Browsers open some that never send one.
const HEAD_MAX_AGE: Duration = Duration::from_secs(10);

/// How long a browser may take to read a page.
const PAGE_MAX_AGE: Duration = Duration::from_secs(5);

/// Longest request head that is read. It holds the longest query and a browser's headers.
const HEAD_MAX: usize = CALLBACK_QUERY_MAX + 32 * 1024;

/// How many connections without a request may be open. A browser sends its request at once, so the
/// oldest connection is closed first. Somebody who opens many does not delay others.
const OPEN_MAX: usize = 64;

/// A port of this machine that waits for a browser.
#[derive(Debug)]
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    uri: String,
    path: String,
    start: Option<Start>,
}

/// An address that leads to the login page once. The browser is started with it. Every user of the
/// machine can read the arguments of a program, and the login page's address is this login's
/// secret.
#[derive(Debug)]
struct Start {
    path: String,
    login: String,
    used: bool,
}

/// The request that answers the login. The browser still waits for the result.
#[derive(Debug)]
pub(crate) struct Answer {
    query: String,
    browser: TcpStream,
}

impl Listener {
    /// Listens on a free port, on IPv4 if the machine has it.
    pub(crate) fn anywhere() -> Result<Self, Failure> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .or_else(|_| TcpListener::bind((Ipv6Addr::LOCALHOST, 0)))
            .map_err(unusable)?;
        let address = socket.local_addr().map_err(unusable)?;
        Ok(Self {
            sockets: vec![socket],
            uri: format!("http://{address}/callback"),
            path: "/callback".to_owned(),
            start: None,
        })
    }

    /// Listens where `uri` says: plain http, this machine, and a port. Port 0 is any free one, and
    /// [`uri`](Self::uri) then has the real one.
    pub(crate) fn at(uri: &str) -> Result<Self, Failure> {
        let address = Address::parse(uri).ok_or_else(|| {
            Failure::configuration("this program cannot listen on the redirect URI")
                .advise("use http://127.0.0.1:PORT/PATH, or --no-browser")
        })?;
        let (sockets, port) = address.bind().map_err(unusable)?;
        Ok(Self {
            sockets,
            uri: if address.port == port {
                uri.to_owned()
            } else {
                format!("http://{}:{port}{}", address.host, address.path_as_given)
            },
            path: address.path,
            start: None,
        })
    }

    /// The redirect URI that leads here.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// Makes an address that leads to the login page `login` once, and reveals nothing of it.
    pub(crate) fn start_at(&mut self, login: &str) -> Result<String, Failure> {
        let path = start_path()?;
        let origin = self.uri.strip_suffix(self.path.as_str());
        let url = format!("{}{path}", origin.unwrap_or(&self.uri));
        self.start = Some(Start {
            path,
            login: login.to_owned(),
            used: false,
        });
        Ok(url)
    }

    /// Waits for the first request to this path whose query `is_answer`. All others are told that
    /// they are not expected, and the wait goes on. The ports close at the end. `meanwhile` is
    /// called between two checks.
    pub(crate) fn wait(
        mut self,
        is_answer: impl Fn(&str) -> bool,
        mut meanwhile: impl FnMut(),
    ) -> Result<Answer, Failure> {
        for socket in &self.sockets {
            socket.set_nonblocking(true).map_err(unusable)?;
        }
        let mut open: Vec<Connection> = Vec::new();
        let started = Instant::now();
        while started.elapsed() < LOGIN_MAX_AGE {
            meanwhile();
            let is_idle = !self.accept(&mut open)?;
            let mut waiting = Vec::with_capacity(open.len());
            for connection in open {
                match connection.look() {
                    Looked::Waiting(connection) => waiting.push(connection),
                    Looked::Over => {}
                    Looked::Whole(request) => {
                        if let Some(answer) = self.judge(request, &is_answer) {
                            return Ok(answer);
                        }
                    }
                }
            }
            open = waiting;
            if is_idle {
                thread::sleep(PAUSE);
            }
        }
        Err(
            Failure::new(Kind::Canceled, "nobody logged in within ten minutes")
                .advise("start again with `twoba login`"),
        )
    }

    /// Accepts the waiting connections. Returns whether there were any.
    fn accept(&self, open: &mut Vec<Connection>) -> Result<bool, Failure> {
        let mut any = false;
        for socket in &self.sockets {
            match socket.accept() {
                Ok((browser, _)) => {
                    any = true;
                    if open.len() >= OPEN_MAX {
                        drop(open.remove(0));
                    }
                    open.extend(Connection::new(browser));
                }
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(unusable(error)),
            }
        }
        Ok(any)
    }

    fn judge(&mut self, request: Request, is_answer: impl Fn(&str) -> bool) -> Option<Answer> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let start = self.start.as_mut().filter(|start| start.path == path);
        if request.method != "GET" {
            respond(request.browser, page::NOT_ALLOWED);
        } else if let Some(start) = start {
            if start.used {
                respond(request.browser, page::USED);
            } else {
                start.used = true;
                send(request.browser, &page::lead_to(&start.login));
            }
        } else if path != self.path {
            respond(request.browser, page::NOT_FOUND);
        } else if !is_answer(query) {
            respond(request.browser, page::NOT_THIS_LOGIN);
        } else {
            return Some(Answer {
                query: query.to_owned(),
                browser: request.browser,
            });
        }
        None
    }
}

impl Answer {
    /// The query that the browser came back with.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// Shows the result to the person in the browser.
    pub(crate) fn tell(self, outcome: Result<(), &Failure>) {
        let page = match outcome {
            Ok(()) => page::LOGGED_IN,
            Err(failure) if failure.is_cancellation() => page::CANCELED,
            Err(_) => page::FAILED,
        };
        respond(self.browser, page);
    }
}

struct Request {
    method: String,
    target: String,
    browser: TcpStream,
}

/// A connection whose request is not complete.
struct Connection {
    browser: TcpStream,
    since: Instant,
    head: Vec<u8>,
}

/// The state of a connection's request.
enum Looked {
    Waiting(Connection),
    Whole(Request),
    /// No request will come.
    Over,
}

impl Connection {
    fn new(browser: TcpStream) -> Option<Self> {
        browser.set_nonblocking(true).ok()?;
        Some(Self {
            browser,
            since: Instant::now(),
            head: Vec::new(),
        })
    }

    /// Reads the available bytes.
    fn look(mut self) -> Looked {
        let mut part = [0; 4096];
        loop {
            if self.head.windows(4).any(|end| end == b"\r\n\r\n") {
                return self.parse().map_or(Looked::Over, Looked::Whole);
            }
            if self.head.len() > HEAD_MAX || self.since.elapsed() > HEAD_MAX_AGE {
                return Looked::Over;
            }
            match self.browser.read(&mut part) {
                Ok(read) if read > 0 => {
                    let read = part.get(..read).unwrap_or_default();
                    self.head.extend_from_slice(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Looked::Waiting(self);
                }
                Ok(_) | Err(_) => return Looked::Over,
            }
        }
    }

    fn parse(self) -> Option<Request> {
        let line = self.head.split(|byte| *byte == b'\r').next()?;
        let mut words = core::str::from_utf8(line).ok()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let whole = version.starts_with("HTTP/1.") && words.next().is_none();
        whole.then(|| Request {
            method: method.to_owned(),
            target: target.to_owned(),
            browser: self.browser,
        })
    }
}

fn unusable(error: io::Error) -> Failure {
    if error.kind() == ErrorKind::AddrInUse {
        return Failure::configuration("another program listens on the port of the redirect URI")
            .advise("end that program (another `twoba login` perhaps), or use --no-browser");
    }
    Failure::new(
        Kind::Other,
        format!("cannot listen for the browser: {error}"),
    )
    .advise("use --no-browser, or another --redirect-uri")
}

/// Whether only this connection failed, there is none yet, or the system lacks resources at the
/// moment. The next connection may be the browser's.
fn is_passing(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, OutOfMemory, WouldBlock};
    /// Too many files of the process and of the system; then too few buffers. The last two are of
    /// Windows.
    const NO_ROOM: [i32; 6] = [24, 23, 105, 55, 10024, 10055];

    matches!(
        error.kind(),
        WouldBlock | ConnectionAborted | ConnectionReset | Interrupted | OutOfMemory
    ) || error
        .raw_os_error()
        .is_some_and(|raw| NO_ROOM.contains(&raw))
}

fn respond(browser: TcpStream, page: Page) {
    send(browser, &page::message(page));
}

fn send(mut browser: TcpStream, message: &str) {
    // A browser that has gone away needs no page.
    let _unseen: io::Result<()> = browser
        .set_nonblocking(false)
        .and_then(|()| browser.set_write_timeout(Some(PAGE_MAX_AGE)))
        .and_then(|()| browser.write_all(message.as_bytes()))
        .and_then(|()| browser.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &str) -> &str {
        let rest = uri.strip_prefix("http://").unwrap();
        rest.split('/').next().unwrap()
    }

    fn ask(uri: &str, request: &str) -> TcpStream {
        let mut browser = TcpStream::connect(origin(uri)).unwrap();
        browser.write_all(request.as_bytes()).unwrap();
        browser
    }

    fn page(mut browser: TcpStream) -> String {
        let mut text = String::new();
        browser.read_to_string(&mut text).unwrap();
        text
    }

    // shows: AR9 AR10 NA3 NA5
    #[test]
    fn only_the_right_answer_ends_the_wait() {
        let listener = Listener::anywhere().unwrap();
        let uri = listener.uri().to_owned();
        let silent = ask(&uri, "");
        let others = [
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", "404"),
            ("POST /callback?good HTTP/1.1\r\n\r\n", "405"),
            ("GET /callback?bad HTTP/1.1\r\n\r\n", "400"),
        ]
        .map(|(request, status)| (ask(&uri, request), status));
        let waiting = thread::spawn(move || {
            let answer = listener.wait(|query| query == "good", || {}).unwrap();
            assert_eq!(answer.query(), "good");
            answer.tell(Ok(()));
        });
        for (browser, status) in others {
            let page = page(browser);
            assert!(page.starts_with(&format!("HTTP/1.1 {status}")), "{page}");
        }
        let good = page(ask(&uri, "GET /callback?good HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(good.contains("You are logged in"), "{good}");
        assert!(good.contains("Referrer-Policy: no-referrer"), "{good}");
        assert!(good.contains("default-src 'none'"), "{good}");
        assert!(good.contains(page::FORGET_QUERY_SHA256) && good.contains(page::FORGET_QUERY));
        waiting.join().unwrap();
        assert!(
            TcpStream::connect(origin(&uri)).is_err(),
            "the port is closed"
        );
        drop(silent);
    }

    /// Whoever asks `localhost` in either family is heard, and the port is the real one.
    #[test]
    fn port_zero_is_told_as_the_port_that_it_became() {
        for given in [
            "http://127.0.0.1:0/back",
            "http://localhost:0/back",
            "http://localhost:0",
        ] {
            let listener = Listener::at(given).unwrap();
            let uri = listener.uri().to_owned();
            let port = listener.sockets[0].local_addr().unwrap().port();
            assert_eq!(uri, given.replace(":0", &format!(":{port}")));
            for socket in &listener.sockets {
                let address = socket.local_addr().unwrap();
                assert_eq!(address.port(), port);
                TcpStream::connect(address).unwrap();
            }
        }
    }

    #[test]
    fn the_address_for_the_browser_leads_to_the_login_once() {
        let mut listener = Listener::anywhere().unwrap();
        let uri = listener.uri().to_owned();
        let start = listener
            .start_at("https://id.example/login?state=secret")
            .unwrap();
        assert!(!start.contains("secret") && start.len() > 40, "{start}");
        let path = start
            .strip_prefix(uri.strip_suffix("/callback").unwrap())
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\n\r\n");
        let (first, second) = (ask(&uri, &request), ask(&uri, &request));
        let good = ask(&uri, "GET /callback?good HTTP/1.1\r\n\r\n");
        let answer = listener.wait(|query| query == "good", || {}).unwrap();
        answer.tell(Ok(()));
        let first = page(first);
        assert!(first.starts_with("HTTP/1.1 303 "), "{first}");
        assert!(first.contains("\r\nLocation: https://id.example/login?state=secret\r\n"));
        assert!(page(second).starts_with("HTTP/1.1 410 "));
        drop(good);
    }

    /// Another user of the machine can open as many connections as he likes.
    #[test]
    fn connections_that_send_nothing_hold_up_nobody() {
        let listener = Listener::anywhere().unwrap();
        let uri = listener.uri().to_owned();
        let waiting = thread::spawn(move || {
            let answer = listener.wait(|query| query == "good", || {}).unwrap();
            answer.tell(Ok(()));
        });
        let silent: Vec<_> = (0..5 * OPEN_MAX).map(|_| ask(&uri, "")).collect();
        let good = page(ask(&uri, "GET /callback?good HTTP/1.1\r\n\r\n"));
        assert!(good.contains("You are logged in"), "{good}");
        waiting.join().unwrap();
        drop(silent);
    }
}
