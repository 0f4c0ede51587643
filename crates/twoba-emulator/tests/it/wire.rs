//! Decides how a request is put on the wire and an answer taken off it; judges neither.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use twoba_emulator::Emulator;

/// The documented client, as form parameters.
pub(crate) const CLIENT: &str = "client_id=myApplication&client_secret=myApplicationSecret";

/// Long enough for a slow machine, short enough to see a test hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer, as it arrived.
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("no end of the headers");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status: status_line.split(' ').nth(1).unwrap().parse().unwrap(),
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A string member of the JSON body.
    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }

    /// Whether as many bytes arrived as the headers promised.
    pub(crate) fn is_whole(&self) -> bool {
        let promised: usize = self.header("content-length").unwrap().parse().unwrap();
        promised == self.body.len()
    }
}

/// Sends these bytes and returns all that comes back until the connection is closed.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// The bytes of a request that closes its connection.
pub(crate) fn request(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        write!(text, "Host: {}\r\n", emulator.addr()).unwrap();
    }
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    text.into_bytes()
}

pub(crate) fn send(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let request = request(emulator, method, path, headers, body);
    Reply::parse(&exchange(emulator.addr(), &request))
}

pub(crate) fn get(emulator: &Emulator, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(emulator, "GET", path, headers, "")
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Posts a form.
pub(crate) fn post(emulator: &Emulator, path: &str, form: &str) -> Reply {
    send(emulator, "POST", path, &[FORM], form)
}

/// Posts a form with one more header.
pub(crate) fn post_with(
    emulator: &Emulator,
    path: &str,
    header: (&str, &str),
    form: &str,
) -> Reply {
    send(emulator, "POST", path, &[FORM, header], form)
}

/// Posts a form to the token endpoint, as the documented client.
pub(crate) fn token(emulator: &Emulator, form: &str) -> Reply {
    post(emulator, "/OAuth/Token", &format!("{CLIENT}&{form}"))
}

/// The bytes that come back from the token endpoint, however few.
pub(crate) fn token_bytes(emulator: &Emulator, form: &str) -> Vec<u8> {
    let form = format!("{CLIENT}&{form}");
    let request = request(emulator, "POST", "/OAuth/Token", &[FORM], &form);
    exchange(emulator.addr(), &request)
}

pub(crate) fn log_in(emulator: &Emulator) -> Reply {
    token(
        emulator,
        "grant_type=password&username=demo%40example.com&password=myPassword",
    )
}

pub(crate) fn refresh(emulator: &Emulator, refresh_token: &str) -> Reply {
    token(emulator, &refresh_form(refresh_token))
}

pub(crate) fn refresh_form(refresh_token: &str) -> String {
    format!(
        "grant_type=refresh_token&refresh_token={}",
        encode(refresh_token)
    )
}

/// Calls the sample service with this access token.
pub(crate) fn search(emulator: &Emulator, access_token: &str) -> Reply {
    get(
        emulator,
        "/1/json/Product/Search?query=kabelgoot",
        &[("Authorization", &format!("Bearer {access_token}"))],
    )
}

/// Posts JSON to the control interface.
pub(crate) fn control(emulator: &Emulator, call: &str, body: &str) -> Reply {
    let path = format!("/_emulator/{call}");
    let headers = [("Content-Type", "application/json")];
    send(emulator, "POST", &path, &headers, body)
}

/// Escapes every byte, so that nothing depends on which ones need it.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02x}").unwrap();
        encoded
    })
}
