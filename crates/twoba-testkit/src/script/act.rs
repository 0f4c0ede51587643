//! What a scripted server does.

use std::fmt;

/// An action of the server.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Reads a request and answers with these bytes. The connection stays open, unless the request
    /// says `Connection: close`.
    Answer(Vec<u8>),
    /// Reads a request, sends these bytes, however few, and closes the connection.
    AnswerAndClose(Vec<u8>),
    /// Reads a request, sends this head and then spaces, until the client hangs up.
    Flood(Vec<u8>),
    /// Reads a request and never answers. The connection stays open until the script is dropped.
    Silence,
    /// Reads a request and sends only these bytes. The connection stays open.
    Stall(Vec<u8>),
    /// Closes a new connection without reading from it.
    Refuse,
    /// Sends these bytes on a new connection without reading from it, then waits for its end.
    Blurt(Vec<u8>),
}

impl Act {
    /// Reads a request and answers with these bytes. The connection stays open.
    #[must_use]
    pub fn answer(bytes: impl AsRef<[u8]>) -> Self {
        Self::Answer(bytes.as_ref().to_vec())
    }

    /// Reads a request and closes the connection without an answer.
    #[must_use]
    pub fn hang_up() -> Self {
        Self::AnswerAndClose(Vec::new())
    }

    /// Reads a request, sends half of these bytes and closes the connection.
    #[must_use]
    pub fn half(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let half = bytes.len() / 2;
        Self::AnswerAndClose(bytes.get(..half).unwrap_or(bytes).to_vec())
    }

    /// An answer with this status, these header lines and this body. The length is computed.
    #[must_use]
    pub fn respond(status: &str, headers: &[(&str, &str)], body: &str) -> Self {
        Self::respond_bytes(status, headers, body.as_bytes())
    }

    /// The same answer with a body of bytes.
    #[must_use]
    pub fn respond_bytes(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: {length}\r\n\r\n");
        Self::Answer([head.as_bytes(), body].concat())
    }

    pub(super) fn is_for_a_new_connection(&self) -> bool {
        matches!(self, Self::Refuse | Self::Blurt(_))
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(bytes) => write!(f, "Answer({} bytes)", bytes.len()),
            Self::AnswerAndClose(bytes) => write!(f, "AnswerAndClose({} bytes)", bytes.len()),
            Self::Flood(_) => f.write_str("Flood"),
            Self::Silence => f.write_str("Silence"),
            Self::Stall(bytes) => write!(f, "Stall({} bytes)", bytes.len()),
            Self::Refuse => f.write_str("Refuse"),
            Self::Blurt(bytes) => write!(f, "Blurt({} bytes)", bytes.len()),
        }
    }
}
