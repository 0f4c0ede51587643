//! The trait that mounts services into a token server, and the steps from a request to its answer.
//!
//! The services read nothing from the wire and judge nobody. The next thing that they need is a
//! value, which the server supplies. No token ever reaches them.

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, Method};

use crate::answer::Answer;
use crate::caller::{Proof, Verdict};
use crate::form::{Malformed, Parameters};

/// Services that a token server answers under their own paths.
pub trait Mount: Send + Sync {
    /// Begins to answer a request.
    ///
    /// # Errors
    ///
    /// - these services have nothing at the path: [`Missing::Path`]
    /// - the path does not accept the method: [`Missing::Method`]
    fn begin<'r>(&'r self, head: Head<'r>) -> Result<Step<'r>, Missing>;

    /// Whether a segment of a path is the name of a service or function, which is no secret.
    fn is_named_by(&self, segment: &str) -> bool;

    /// The parameter of that name, if a function takes it and its value is no secret.
    fn parameter(&self, name: &str) -> Option<&'static str>;
}

/// A request before its body is read, without the sender's credentials.
#[derive(Clone, Copy, Debug)]
pub struct Head<'r> {
    /// The method.
    pub method: &'r Method,
    /// The path, as it was sent.
    pub path: &'r str,
    /// The query. A fingerprint replaces every value that may be a token.
    pub query: Result<&'r Parameters, Malformed>,
    /// The headers, without the sender's credentials.
    pub headers: &'r HeaderMap,
    /// Whether a page of another site sent the request.
    pub is_foreign: bool,
}

/// Why there is no answer. The server words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There is nothing at this path.
    Path,
    /// The path accepts only these methods.
    Method(&'static str),
}

/// The next thing that a service needs of a request.
#[derive(Debug)]
pub enum Step<'r> {
    /// The body, if it can be read.
    Body(Then<'r, Result<Vec<u8>, Unread>, Asked<'r>>),
    /// The body as a form, if it is one and can be read.
    Form(Then<'r, Result<Parameters, Unread>, Asked<'r>>),
    /// Nothing more.
    Asked(Asked<'r>),
}

/// Why a body cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The HTTP status for it.
    pub status: u16,
    /// The reason, as the end of a sentence.
    pub reason: &'static str,
}

/// A request's subject and the remaining work, before the sender is known.
#[derive(Debug)]
pub struct Asked<'r> {
    /// The subject, which the server records first.
    pub subject: Subject,
    /// The remaining work.
    pub work: Work<'r>,
}

/// The subject of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A call of a function, such as `Product/Search`, if there is one of that name.
    Function(Option<&'static str>),
    /// A page or a file.
    Page,
}

/// The remaining work for an answer.
#[derive(Debug)]
pub enum Work<'r> {
    /// Judge the sender by this proof, and go on with the verdict.
    Judge(Proof, Then<'r, Verdict, Answer>),
    /// None: every sender gets the same answer.
    Done(Box<Answer>),
}

/// The continuation that runs when its input is there.
pub struct Then<'r, I, O>(Box<dyn FnOnce(I) -> O + Send + 'r>);

impl<'r, I, O> Then<'r, I, O> {
    pub(crate) fn new(next: impl FnOnce(I) -> O + Send + 'r) -> Self {
        Self(Box::new(next))
    }

    /// Goes on.
    #[must_use]
    pub fn with(self, input: I) -> O {
        (self.0)(input)
    }
}

impl<I, O> fmt::Debug for Then<'_, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Then").finish_non_exhaustive()
    }
}

impl<'r> Asked<'r> {
    /// A page or file that is open to everybody.
    pub(crate) fn open_page(answer: Answer) -> Self {
        Self {
            subject: Subject::Page,
            work: Work::Done(Box::new(answer)),
        }
    }

    /// A page whose link has to authenticate the sender.
    pub(crate) fn page(then: impl FnOnce(Verdict) -> Answer + Send + 'r) -> Self {
        Self {
            subject: Subject::Page,
            work: Work::Judge(Proof::Link, Then::new(then)),
        }
    }
}

impl<'r> Step<'r> {
    pub(crate) fn open_page(answer: Answer) -> Self {
        Self::Asked(Asked::open_page(answer))
    }
}

impl Head<'_> {
    /// The value of a header that occurs exactly once and is visible ASCII.
    pub(crate) fn only(&self, name: &HeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            (None | Some(_), _) => None,
        }
    }

    pub(crate) fn is_reading(&self) -> bool {
        *self.method == Method::GET || *self.method == Method::HEAD
    }

    /// Accepts GET and HEAD only.
    pub(crate) fn reading(&self) -> Result<(), Missing> {
        if self.is_reading() {
            Ok(())
        } else {
            Err(Missing::Method("GET, HEAD"))
        }
    }
}
