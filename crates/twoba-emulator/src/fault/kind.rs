//! Which misbehavior can be asked for; how it looks on the wire is decided by `http::damage`.

use std::time::Duration;

/// A way to misbehave.
///
/// A fault takes the place of the work: a request that meets one has changed nothing. Where a
/// spoiled answer needs tokens, it carries made-up ones that were never valid. The exceptions are
/// [`Delay`](Self::Delay), which waits and then works, [`DropAfterCommit`](Self::DropAfterCommit)
/// and [`AfterCommit`](Self::AfterCommit), which do the work first. Sample services change
/// nothing, so there a fault that only reshapes an answer reshapes the real one.
///
/// Written and read as in the control interface:
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
    /// `drop-before`: the connection is closed without a byte, nothing was done.
    DropBefore,
    /// `drop-after-commit`: the work is done, then the connection is closed without a byte.
    DropAfterCommit,
    /// `half-body`: headers that promise the whole body, half of it, then the connection is closed.
    HalfBody,
    /// `delay:DURATION`: waits, by the machine's clock, and then works as usual.
    Delay(Duration),
    /// `status:CODE`: this status, 200 to 599, with an empty body.
    ///
    /// A code outside that range is played as 500.
    Status(u16),
    /// `retry-after:SECONDS`: 503 with `Retry-After`.
    RetryAfter(u64),
    /// `bare-400`: 400 with neither body nor content type.
    Bare400,
    /// `html-200`: 200 with a page, as a captive portal would.
    Html200,
    /// `html-502`: 502 with a page, as a reverse proxy would.
    Html502,
    /// `redirect:CODE:URL`: a redirect with this status, 300 to 399.
    ///
    /// A code outside that range is played as 500; a location that no header can hold is left out.
    Redirect {
        /// The status.
        status: u16,
        /// What `Location` says.
        location: String,
    },
    /// `error-200`: an error document under status 200.
    Error200,
    /// `jsonp`: the answer is wrapped in a callback that nobody asked for.
    Jsonp,
    /// `expires-in:JSON`: `expires_in` is this JSON text, byte for byte.
    ///
    /// Text that is not JSON is played all the same: it spoils the whole answer.
    ExpiresIn(String),
    /// `no-token-type`: `token_type` is left out.
    NoTokenType,
    /// `bom`: the body begins with a UTF-8 byte order mark.
    ByteOrderMark,
    /// `huge-body:BYTES`: 200 with a JSON object of this size, at least 14 bytes.
    HugeBody(u64),
    /// `drip:BYTES_PER_S`: the body leaves so many bytes a second, by the machine's clock.
    ///
    /// 0 is played as 1.
    Drip(u64),
    /// `duplicate-key`: `access_token` occurs twice, with another value the second time.
    DuplicateKey,
    /// `wrong-charset`: the content type names UTF-16, which the body is not in.
    WrongCharset,
    /// `gzip`: the body is compressed, asked for or not, and `Content-Encoding` says so.
    Gzip,
    /// `deflate`: the same, as zlib has it.
    Deflate,
    /// `folded-header`: a header goes on in a second line, as it was allowed before RFC 7230.
    FoldedHeader,
    /// `after-commit:FAULT`: the work is done, then the fault is played on its answer.
    AfterCommit(Box<Fault>),
}
