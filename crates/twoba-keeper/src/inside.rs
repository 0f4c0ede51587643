//! Detects a call from inside a sign-in of the same session. Such a call would wait for itself.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use twoba_core::Verdict;

thread_local! {
    /// The sign-ins whose code runs on this thread now.
    static INSIDE: RefCell<Vec<Asking>> = const { RefCell::new(Vec::new()) };
}

/// A sign-in that asks the application for credentials.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The address of the session's state. Another address is another session.
    session: usize,
    verdict: Verdict,
}

impl Asking {
    pub(crate) fn new<T>(session: &T, verdict: Verdict) -> Self {
        Self {
            session: std::ptr::from_ref(session).addr(),
            verdict,
        }
    }

    /// Runs the application's code. `None` if it panics.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        INSIDE.with_borrow_mut(|inside| inside.push(self.clone()));
        // What the code leaves half done is its own: the keeper has handed nothing into it.
        let done = catch_unwind(AssertUnwindSafe(work));
        INSIDE.with_borrow_mut(|inside| inside.pop());
        done.ok()
    }

    /// Runs the application's code that has to be awaited.
    pub async fn run_async<T>(&self, work: impl Future<Output = Option<T>>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| {
            let polled = self.run(|| work.as_mut().poll(context));
            polled.unwrap_or(Poll::Ready(None))
        })
        .await
    }
}

/// The verdict of the sign-in that made this call, if one did.
pub(crate) fn asked_by<T>(session: &T) -> Option<Verdict> {
    let session = std::ptr::from_ref(session).addr();
    INSIDE.with_borrow(|inside| {
        let mine = inside.iter().find(|asking| asking.session == session);
        mine.map(|asking| asking.verdict.clone())
    })
}
