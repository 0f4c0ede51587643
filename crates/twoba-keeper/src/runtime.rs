//! The requirements of a keeper for its runtime: time, randomness, the store, sending, pausing, and
//! running work that no caller can end.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use http::{Request, Response};
use twoba_core::{Form, Password, Timestamp, Verdict};
use twoba_store::{AsyncStore, Clock, Error, TransportError};

use crate::body::Body;
use crate::inside::Asking;
use crate::parts::Parts;

/// A future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A piece of work that runs to its end, whatever happens to its callers.
pub type Work = BoxFuture<'static, ()>;

/// The result of a request. Any status is an answer. Its body is as it came: not decoded, and cut
/// only if it is [over](Body::is_over) its limit.
pub type Answer = Result<Response<Body>, TransportError>;

/// How a pause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever pauses has to handle both")]
pub enum Pause {
    /// Its time is over.
    Over,
    /// The program drops its sessions. Finish the remaining work now.
    Ending,
}

/// The runtime of a keeper.
///
/// A runtime on threads may block in each of its futures. The keeper never holds a lock across one.
pub trait Runtime: Send + Sync + Sized + 'static {
    /// Whether [`run`](Self::run) returns before the work is done. Such work also carries out the
    /// flights behind it, so that no caller has to be polled for them.
    const DETACHES: bool;

    /// The store, the limits, time and randomness.
    fn parts(&self) -> &Parts;

    /// The time since any fixed start, for deadlines. It only moves forward.
    fn elapsed(&self) -> Duration {
        self.parts().origin.elapsed()
    }

    /// The time on the wall clock. It determines which tokens are usable.
    fn now(&self) -> Timestamp {
        self.parts().origin.now()
    }

    /// Returns 32 random bytes for login ids, jitter, and the state and verifier of browser logins.
    ///
    /// # Errors
    ///
    /// - the system has no randomness: [`ErrorKind::Entropy`](twoba_store::ErrorKind::Entropy)
    fn entropy(&self) -> Result<[u8; 32], Error> {
        self.parts().origin.entropy()
    }

    /// The store of the sessions.
    fn store(&self) -> &dyn AsyncStore {
        &*self.parts().store
    }

    /// Sends a token request. It takes at most
    /// [`TOKEN_REQUEST_TOTAL`](crate::wires::TOKEN_REQUEST_TOTAL) in all, and reads at most
    /// [`RESPONSE_BODY_MAX`](crate::wires::RESPONSE_BODY_MAX) of the answer.
    fn send(&self, request: Request<Form>) -> BoxFuture<'_, Answer>;

    /// Sends a service call. It reads at most [`SERVICE_BODY_MAX`](crate::wires::SERVICE_BODY_MAX)
    /// of the answer.
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer>;

    /// Asks for the credentials of a login that `verdict` calls for, within `span`. `None` if there
    /// is nobody to ask. The application's code runs inside `asking`.
    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
        span: Duration,
    ) -> Option<BoxFuture<'_, Option<Credentials>>>;

    /// Waits for `span`, or until the program drops its sessions.
    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause>;

    /// Waits for `span` in any case.
    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()>;

    /// Waits for `future` within `span`. `None` if it took longer.
    fn within<T: Send>(
        &self,
        span: Duration,
        future: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Option<T>> + Send;

    /// Runs work to its end, whatever happens to the caller. The work is done when this returns,
    /// unless the runtime [detaches](Self::DETACHES) it.
    fn run(&self, work: Work);

    /// Runs work beside the caller. Returns false if that is not possible, and then drops the work.
    fn beside(&self, work: Work) -> bool;
}

/// A runtime that can hand out the body of an answer while it arrives.
pub trait Streams: Runtime {
    /// The body of an answer, still to be read.
    type Streamed: Send;

    /// Sends a service call and returns the head of its answer. Any status is an answer. The call
    /// takes at most [`STREAM_TOTAL_MAX`](crate::wires::STREAM_TOTAL_MAX) in all.
    fn stream(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Self::Streamed>, TransportError>>;
}

/// The user name and password with which a program logs in by itself, for example from a vault. The
/// password is wiped when it is dropped.
pub struct Credentials {
    username: String,
    password: Password,
}

impl Credentials {
    /// Makes credentials of these two.
    #[must_use]
    pub fn new(username: impl Into<String>, password: Password) -> Self {
        Self {
            username: username.into(),
            password,
        }
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &Password {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}
