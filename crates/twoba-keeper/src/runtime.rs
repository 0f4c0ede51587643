//! What a keeper asks of whoever runs it: time, randomness, the store, sending, pausing, and
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

/// A piece of work that runs to its end whatever becomes of its callers.
pub type Work = BoxFuture<'static, ()>;

/// What comes of a request; any status is an answer. Its body is as it came: neither cut, but
/// where it is [over](Body::is_over) its limit, nor decoded.
pub type Answer = Result<Response<Body>, TransportError>;

/// How a pause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever pauses has to handle both")]
pub enum Pause {
    /// Its time is over.
    Over,
    /// The program lets go of its sessions: what is left to do is to be done now.
    Ending,
}

/// Whoever runs a keeper.
///
/// A runtime of threads may block in each of its futures; the keeper never holds a lock
/// across one.
pub trait Runtime: Send + Sync + Sized + 'static {
    /// Whether [`run`](Self::run) returns before the work is done. Such work goes on with what
    /// waits behind it, so that no caller has to be polled for that.
    const DETACHES: bool;

    /// The store, the limits, time and randomness.
    fn parts(&self) -> &Parts;

    /// Time that only moves forward, from any start: for deadlines.
    fn elapsed(&self) -> Duration {
        self.parts().origin.elapsed()
    }

    /// The time on the wall clock, which decides what a token is worth.
    fn now(&self) -> Timestamp {
        self.parts().origin.now()
    }

    /// 32 random bytes: login ids, jitter, and the state and verifier of browser logins.
    ///
    /// # Errors
    ///
    /// - there is no randomness to be had: [`ErrorKind::Entropy`](twoba_store::ErrorKind::Entropy)
    fn entropy(&self) -> Result<[u8; 32], Error> {
        self.parts().origin.entropy()
    }

    /// Where sessions are stored.
    fn store(&self) -> &dyn AsyncStore {
        &*self.parts().store
    }

    /// Sends a token request, within [`TOKEN_REQUEST_TOTAL`](crate::wires::TOKEN_REQUEST_TOTAL)
    /// in all, and reads [`RESPONSE_BODY_MAX`](crate::wires::RESPONSE_BODY_MAX) of the answer.
    fn send(&self, request: Request<Form>) -> BoxFuture<'_, Answer>;

    /// Sends a service call, and reads [`SERVICE_BODY_MAX`](crate::wires::SERVICE_BODY_MAX) of
    /// the answer.
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer>;

    /// Asks for the credentials of a login that `verdict` calls for, no longer than for `span`;
    /// `None` where nobody is to be asked. Whatever runs the application's code does so inside
    /// of `asking`.
    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
        span: Duration,
    ) -> Option<BoxFuture<'_, Option<Credentials>>>;

    /// Waits for `span`, or until the program lets go of its sessions.
    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause>;

    /// Waits for `span`, whatever happens.
    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()>;

    /// Waits for `future` no longer than `span`; `None` if that was not enough.
    fn within<'a, T: Send + 'a>(
        &'a self,
        span: Duration,
        future: BoxFuture<'a, T>,
    ) -> BoxFuture<'a, Option<T>>;

    /// Runs work to its end, whatever becomes of the caller. It is over when this returns, unless
    /// the runtime [detaches](Self::DETACHES) it.
    fn run(&self, work: Work);

    /// Runs work beside the caller; false where that cannot be had, and the work is dropped.
    fn beside(&self, work: Work) -> bool;
}

/// What a program may log in with by itself: a user name and a password, from a vault say. The
/// password is wiped when it is dropped.
pub struct Credentials {
    username: String,
    password: Password,
}

impl Credentials {
    /// These two.
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
