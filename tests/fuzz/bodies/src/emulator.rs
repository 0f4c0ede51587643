//! Any bytes on any path: the emulator answers, keeps to its rules, and tells no secret.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use twoba_emulator::{Clock, Emulator};

use crate::choice::pick;

/// What an input is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Nothing: it is all that is written.
    Connection,
    /// A path and a query.
    Path,
    /// The form of a POST, by its path.
    Form(&'static str),
    /// The query of the login page.
    LoginPage,
    /// The whole of a header of a service call.
    Header,
    /// The body of a call by SOAP, with a good token.
    Soap,
    /// The query of Unifeed's start page.
    Unifeed,
    /// The body of a control call, by its path.
    Control(&'static str),
}

const FRAMES: [Frame; 12] = [
    Frame::Connection,
    Frame::Path,
    Frame::Form("/OAuth/Token"),
    Frame::Form("/connect/authorize"),
    Frame::Form("/connect/revocation"),
    Frame::Form("/connect/introspect"),
    Frame::LoginPage,
    Frame::Header,
    Frame::Soap,
    Frame::Unifeed,
    Frame::Control("/_emulator/policy"),
    Frame::Control("/_emulator/faults"),
];

/// Faults that take their time because they were asked to.
const SLOW: [&str; 3] = ["delay", "drip", "huge-body"];

const PATIENCE: Duration = Duration::from_secs(10);

/// When its clock stands still, since 1970: in November 2026.
const START: Duration = Duration::from_secs(1_795_000_000);

static PANICKED: AtomicBool = AtomicBool::new(false);

static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
    // A panic of one connection's task would go unnoticed.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() == Some("twoba-emulator") {
            PANICKED.store(true, Ordering::Relaxed);
        }
        report(panic);
    }));
    let clock = Clock::ManualFrom(SystemTime::UNIX_EPOCH + START);
    let builder = Emulator::builder().clock(clock).seed([7; 32]);
    match builder.start() {
        Ok(emulator) => emulator,
        Err(error) => panic!("the emulator of this target cannot be started: {error}"),
    }
});

/// The tokens of a login.
struct Tokens {
    access: String,
    refresh: String,
}

/// Sends a request twice: one choice (what it is part of), then the rest of it, in which
/// `{refresh}` and `{access}` stand for the tokens of a login.
///
/// # Panics
///
/// - the emulator panics, hangs, or gives a whole request no answer
/// - a token is in its journal, its state or its list of requests
/// - one refresh token brings two successors
pub fn emulator(data: &[u8]) {
    let Some((&[frame], text)) = data.split_first_chunk() else {
        return;
    };
    let Some(&frame) = pick(&FRAMES, frame) else {
        return;
    };
    if SLOW.iter().any(|slow| contains(text, slow)) {
        return;
    }
    EMULATOR.reset();
    let tokens = log_in();
    let request = request(frame, text, &tokens);
    // Whoever shuts his side has gone; a request that is whole needs no end.
    let end = if frame == Frame::Connection {
        End::Shut
    } else {
        End::Open
    };
    let answers = [(); 2].map(|()| exchange(&request, end));
    assert!(!PANICKED.load(Ordering::Relaxed), "the emulator panics");
    for answer in &answers {
        let is_answer = answer.starts_with(b"HTTP/1.");
        assert!(
            is_answer || answer.is_empty() && frame == Frame::Connection,
            "{}",
            String::from_utf8_lossy(answer)
        );
    }
    let requests = EMULATOR.requests();
    let shown = format!("{:?}{:?}{requests:?}", EMULATOR.journal(), EMULATOR.state());
    assert!(!shown.contains(&tokens.access) && !shown.contains(&tokens.refresh));
    let counts = EMULATOR.counts();
    assert!(counts.rotations <= 1, "{counts:?}");
    assert_eq!(
        exchange(METADATA, End::Open).get(..12),
        Some(&b"HTTP/1.1 200"[..])
    );
}

const FORM: &str = "application/x-www-form-urlencoded";

const METADATA: &[u8] =
    b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

const LOGIN: &str = "grant_type=password&username=demo%40example.com&password=myPassword\
    &client_id=myApplication&client_secret=myApplicationSecret";

fn log_in() -> Tokens {
    let answer = exchange(&post("/OAuth/Token", FORM, LOGIN.as_bytes()), End::Open);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let member = |name: &str| {
        let (_, after) = answer.split_once(&format!("\"{name}\":\""))?;
        after.split('"').next().map(str::to_owned)
    };
    match (member("access_token"), member("refresh_token")) {
        (Some(access), Some(refresh)) => Tokens { access, refresh },
        _ => panic!("nobody can log in: {answer}"),
    }
}

/// The bytes of a request around a text.
fn request(frame: Frame, text: &[u8], tokens: &Tokens) -> Vec<u8> {
    let text = replaced(text, "{refresh}", &tokens.refresh);
    let text = replaced(&text, "{access}", &tokens.access);
    match frame {
        Frame::Connection => text,
        Frame::Path => get(b"/", &without_breaks(&text), b""),
        Frame::Form(path) => post(path, FORM, &text),
        Frame::Control(path) => post(path, "application/json", &text),
        Frame::Soap => {
            let bearer = format!("text/xml\r\nAuthorization: Bearer {}", tokens.access);
            post("/1/soap/Product", &bearer, &text)
        }
        Frame::Unifeed => get(b"/unifeed/?", &without_breaks(&text), b""),
        Frame::LoginPage => get(b"/connect/authorize?", &without_breaks(&text), b""),
        Frame::Header => get(
            b"/1/json/Product/Search?query=a",
            b"",
            &without_breaks(&text),
        ),
    }
}

fn get(path: &[u8], text: &[u8], header: &[u8]) -> Vec<u8> {
    let host: &[u8] = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let end: &[u8] = if header.is_empty() {
        b"\r\n"
    } else {
        b"\r\n\r\n"
    };
    [b"GET ", path, text, host, header, end].concat()
}

fn post(path: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// The text on one line, so that the request around it stays one.
fn without_breaks(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    text.retain(|byte| !matches!(byte, b'\r' | b'\n'));
    text
}

fn replaced(text: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&first) = rest.first() {
        match rest.strip_prefix(name.as_bytes()) {
            Some(behind) => {
                replaced.extend_from_slice(value.as_bytes());
                rest = behind;
            }
            None => {
                replaced.push(first);
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    replaced
}

fn contains(text: &[u8], name: &str) -> bool {
    text.windows(name.len()).any(|part| part == name.as_bytes())
}

/// What becomes of our side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Shut,
}

/// All that comes back on a connection until the emulator closes it.
fn exchange(request: &[u8], end: End) -> Vec<u8> {
    let mut answer = Vec::new();
    let read = TcpStream::connect(EMULATOR.addr()).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request)?;
        if end == End::Shut {
            stream.shutdown(Shutdown::Write)?;
        }
        stream.read_to_end(&mut answer)
    });
    match read {
        Ok(_) => {}
        // What is refused early is closed while it is still being written.
        Err(error) if is_closed(error.kind()) => {}
        Err(error) => panic!("the emulator hangs: {error}"),
    }
    answer
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected
    )
}
