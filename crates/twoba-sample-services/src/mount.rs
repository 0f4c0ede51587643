//! The trait by which services are mounted into a server of tokens, and the steps from a request to its answer.
//!
//! The services read nothing from the wire and judge nobody: what they need next is a value, which
//! the server brings. So no token ever reaches them.

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, Method};

use crate::answer::Answer;
use crate::caller::{Proof, Verdict};
use crate::form::{Malformed, Parameters};

/// Services that a server of tokens answers under paths of their own.
pub trait Mount: Send + Sync {
    /// Begins to answer a request.
    ///
    /// # Errors
    ///
    /// - nothing of these services is at the path: [`Missing::Path`]
    /// - what is there does not take the method: [`Missing::Method`]
    fn begin<'r>(&'r self, head: Head<'r>) -> Result<Step<'r>, Missing>;

    /// Whether a segment of a path is the name of a service or function, which is no secret.
    fn is_named_by(&self, segment: &str) -> bool;

    /// The parameter of that name, if some function asks for it, with a value that is no secret.
    fn parameter(&self, name: &str) -> Option<&'static str>;
}

/// A request before its body is read, without anything that proves who sent it.
#[derive(Clone, Copy, Debug)]
pub struct Head<'r> {
    /// The method.
    pub method: &'r Method,
    /// The path, as it was sent.
    pub path: &'r str,
    /// The query; a value that may be a token is replaced by a fingerprint.
    pub query: Result<&'r Parameters, Malformed>,
    /// The headers but for those that prove who sent the request.
    pub headers: &'r HeaderMap,
    /// Whether the page of another site sent it.
    pub is_foreign: bool,
}

/// Why there is nothing to answer with. The server says it in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is at this path.
    Path,
    /// What is at this path takes these methods only.
    Method(&'static str),
}

/// What is needed of a request.
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
    /// The status that HTTP has for it.
    pub status: u16,
    /// What is wrong, as the end of a sentence.
    pub reason: &'static str,
}

/// What a request asks for, as far as it can be told before its sender is known.
#[derive(Debug)]
pub struct Asked<'r> {
    /// What the server writes down, before anything else is done.
    pub subject: Subject,
    /// What is left to do.
    pub work: Work<'r>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A call of a function, such as `Product/Search`, if there is one of that name.
    Function(Option<&'static str>),
    /// A page or a file.
    Page,
}

/// What is left to do for an answer.
#[derive(Debug)]
pub enum Work<'r> {
    /// To judge the sender by this proof, and to go on with the verdict.
    Judge(Proof, Then<'r, Verdict, Answer>),
    /// Nothing: everybody gets the same.
    Done(Box<Answer>),
}

/// What comes next, once the input is there.
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
    /// A page or file that everybody may have.
    pub(crate) fn open_page(answer: Answer) -> Self {
        Self {
            subject: Subject::Page,
            work: Work::Done(Box::new(answer)),
        }
    }

    /// A page whose link has to prove who sent it.
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

    /// Lets GET and HEAD through.
    pub(crate) fn reading(&self) -> Result<(), Missing> {
        if self.is_reading() {
            Ok(())
        } else {
            Err(Missing::Method("GET, HEAD"))
        }
    }
}
