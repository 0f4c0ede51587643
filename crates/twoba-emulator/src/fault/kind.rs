//! The kinds of faults. `http::damage` plays them on the wire.

use std::time::Duration;

/// A fault that the emulator plays on request.
///
/// A fault replaces the work: a request that meets one changes nothing. If a damaged answer needs
/// tokens, it carries made-up ones that were never valid. There are three exceptions.
/// [`Delay`](Self::Delay) waits and then works. [`DropAfterCommit`](Self::DropAfterCommit) and
/// [`AfterCommit`](Self::AfterCommit) do the work first. Sample services change nothing, so a fault
/// that only reshapes an answer reshapes the real one there.
///
/// A fault is written and read as in the control interface:
///
/// ```
/// use twoba_emulator::Fault;
///
/// # fn main() -> Result<(), twoba_emulator::ParseFaultError> {
/// let fault: Fault = "after-commit:status:503".parse()?;
/// assert_eq!(fault, Fault::AfterCommit(Box::new(Fault::Status(503))));
/// assert_eq!(fault.to_string(), "after-commit:status:503");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `drop-before`: the connection is closed without a byte, and nothing is done.
    DropBefore,
    /// `drop-after-commit`: the work is done, and then the connection is closed without a byte.
    DropAfterCommit,
    /// `half-body`: the headers promise the whole body, half of it is sent, and the connection is
    /// closed.
    HalfBody,
    /// `delay:DURATION`: the emulator waits, by the machine's clock, and then works as usual.
    Delay(Duration),
    /// `status:CODE`: this status, 200 to 599, with an empty body.
    ///
    /// A code outside that range is played as 500.
    Status(u16),
    /// `retry-after:SECONDS`: 503 with `Retry-After`.
    RetryAfter(u64),
    /// `bare-400`: 400 with neither body nor content type.
    Bare400,
    /// `html-200`: 200 with a page, as a captive portal sends it.
    Html200,
    /// `html-502`: 502 with a page, as a reverse proxy sends it.
    Html502,
    /// `redirect:CODE:URL`: a redirect with this status, 300 to 399.
    ///
    /// A code outside that range is played as 500. A location that no header can hold is left out.
    Redirect {
        /// The status.
        status: u16,
        /// The value of `Location`.
        location: String,
    },
    /// `error-200`: an error document under status 200.
    Error200,
    /// `jsonp`: the answer is wrapped in a callback that nobody requested.
    Jsonp,
    /// `expires-in:JSON`: `expires_in` is this JSON text, byte for byte.
    ///
    /// Text that is no JSON is played too, and spoils the whole answer.
    ExpiresIn(String),
    /// `no-token-type`: `token_type` is left out.
    NoTokenType,
    /// `bom`: the body begins with a UTF-8 byte order mark.
    ByteOrderMark,
    /// `huge-body:BYTES`: 200 with a JSON object of this size, at least 14 bytes.
    HugeBody(u64),
    /// `drip:BYTES_PER_S`: the body leaves at this many bytes a second, by the machine's clock.
    ///
    /// 0 is played as 1.
    Drip(u64),
    /// `duplicate-key`: `access_token` occurs twice, with another value the second time.
    DuplicateKey,
    /// `wrong-charset`: the content type names UTF-16, although the body has another encoding.
    WrongCharset,
    /// `gzip`: the body is compressed, even if the client did not ask for it. `Content-Encoding`
    /// says so.
    Gzip,
    /// `deflate`: the same in the zlib format.
    Deflate,
    /// `folded-header`: a header continues on a second line, as was allowed before RFC 7230.
    FoldedHeader,
    /// `after-commit:FAULT`: the work is done, and then the fault is played on its answer.
    AfterCommit(Box<Fault>),
}
