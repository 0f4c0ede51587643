//! The loopback listener that a browser comes back to. It is open only while one login waits.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use page::Page;
use twoba_core::limits::{CALLBACK_QUERY_MAX, LOGIN_MAX_AGE};

use crate::failure::{Failure, Kind};

mod page;

/// How often the listener looks for a new connection.
const PAUSE: Duration = Duration::from_millis(10);

/// How long one connection may take to send its request: browsers open some that never do.
const HEAD_MAX_AGE: Duration = Duration::from_secs(10);

/// Longest request head that is read: the longest query, and what browsers put around it.
const HEAD_MAX: usize = CALLBACK_QUERY_MAX + 32 * 1024;

/// A port of this machine that waits for a browser.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    uri: String,
    path: String,
}

/// The request that answers the login, still to be told how it went.
#[derive(Debug)]
pub(crate) struct Answer {
    query: String,
    browser: TcpStream,
}

impl Listener {
    /// On a free port, IPv4 where there is one.
    pub(crate) fn anywhere() -> Result<Self, Failure> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .or_else(|_| TcpListener::bind((Ipv6Addr::LOCALHOST, 0)))
            .map_err(unusable)?;
        let address = socket.local_addr().map_err(unusable)?;
        Ok(Self {
            socket,
            uri: format!("http://{address}/callback"),
            path: "/callback".to_owned(),
        })
    }

    /// Where `uri` says: plain http, this machine, a port.
    pub(crate) fn at(uri: &str) -> Result<Self, Failure> {
        let (address, path) = address(uri).ok_or_else(|| {
            Failure::configuration("the redirect URI is none that this program can listen on")
                .advise("use http://127.0.0.1:PORT/PATH, or --no-browser")
        })?;
        let socket = TcpListener::bind(address).map_err(unusable)?;
        Ok(Self {
            socket,
            uri: uri.to_owned(),
            path,
        })
    }

    /// The redirect URI that leads here.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// The first request to this path whose query `is_answer`; all others are told that they
    /// are not awaited, and the wait goes on. The port closes with the return.
    pub(crate) fn wait(self, is_answer: impl Fn(&str) -> bool) -> Result<Answer, Failure> {
        self.socket.set_nonblocking(true).map_err(unusable)?;
        let (sender, requests) = mpsc::channel();
        let started = Instant::now();
        while started.elapsed() < LOGIN_MAX_AGE {
            match self.socket.accept() {
                // A thread each: one that sends nothing must not hold up the others.
                Ok((browser, _)) => {
                    let sender = sender.clone();
                    thread::spawn(move || receive(browser, &sender));
                }
                Err(error) if is_passing(error.kind()) => {}
                Err(error) => return Err(unusable(error)),
            }
            match requests.recv_timeout(PAUSE) {
                Ok(request) => {
                    if let Some(answer) = self.judge(request, &is_answer) {
                        return Ok(answer);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        Err(
            Failure::new(Kind::Canceled, "nobody logged in within ten minutes")
                .advise("start again with `twoba login`"),
        )
    }

    fn judge(&self, request: Request, is_answer: impl Fn(&str) -> bool) -> Option<Answer> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        if request.method != "GET" {
            respond(request.browser, page::NOT_ALLOWED);
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

    /// Tells the person in the browser how it went.
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

/// Reads one request head and hands it on; a connection that sends none is dropped.
fn receive(mut browser: TcpStream, sender: &Sender<Request>) {
    let Some((method, target)) = head(&mut browser) else {
        return;
    };
    // Nobody waits any more: the login has been answered.
    let _unheard: Result<(), _> = sender.send(Request {
        method,
        target,
        browser,
    });
}

fn head(browser: &mut TcpStream) -> Option<(String, String)> {
    browser.set_nonblocking(false).ok()?;
    let started = Instant::now();
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while !bytes.windows(4).rev().any(|end| end == b"\r\n\r\n") {
        let left = HEAD_MAX_AGE.checked_sub(started.elapsed())?;
        browser.set_read_timeout(Some(left)).ok()?;
        let read = browser.read(&mut part).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(part.get(..read)?);
        if bytes.len() > HEAD_MAX {
            return None;
        }
    }
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let mut words = core::str::from_utf8(line).ok()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let whole = version.starts_with("HTTP/1.") && words.next().is_none();
    whole.then(|| (method.to_owned(), target.to_owned()))
}

/// Host and port of `http://HOST:PORT/path`, and the path.
fn address(uri: &str) -> Option<(SocketAddr, String)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    if path.contains(['?', '#']) {
        return None;
    }
    let (host, port) = authority.rsplit_once(':')?;
    let ip: IpAddr = match host {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        host => host.trim_matches(['[', ']']).parse().ok()?,
    };
    ip.is_loopback()
        .then_some((SocketAddr::new(ip, port.parse().ok()?), path.to_owned()))
}

fn unusable(error: io::Error) -> Failure {
    Failure::new(
        Kind::Other,
        format!("cannot listen for the browser: {error}"),
    )
    .advise("use --no-browser, or another --redirect-uri")
}

/// Whether only this connection failed, or none is there yet: the next one may be the browser's.
fn is_passing(error: io::ErrorKind) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
    matches!(
        error,
        WouldBlock | ConnectionAborted | ConnectionReset | Interrupted
    )
}

fn respond(mut browser: TcpStream, page: Page) {
    // A browser that has gone away needs no page.
    let _unseen: io::Result<()> = browser
        .write_all(page::message(page).as_bytes())
        .and_then(|()| browser.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(uri: &str, request: &str) -> TcpStream {
        let (address, _) = address(uri).unwrap();
        let mut browser = TcpStream::connect(address).unwrap();
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
            let answer = listener.wait(|query| query == "good").unwrap();
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
            TcpStream::connect(address(&uri).unwrap().0).is_err(),
            "the port is closed"
        );
        drop(silent);
    }

    // shows: NA2 NA3
    #[test]
    fn it_listens_on_this_machine_only() {
        assert_eq!(
            address("http://127.0.0.1:8080/a/b"),
            Some((SocketAddr::from(([127, 0, 0, 1], 8080)), "/a/b".into()))
        );
        assert_eq!(address("http://localhost:8080").unwrap().1, "/");
        assert!(address("http://[::1]:8080/").is_some());
        for bad in [
            "https://127.0.0.1:1/",
            "http://127.0.0.1/",
            "http://192.0.2.1:80/",
            "http://example:80/",
            "http://127.0.0.1:1/?x",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
