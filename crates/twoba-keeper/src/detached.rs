//! Runs work to its end, whatever happens to the caller that waits for its outcome.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use twoba_store::{Error, StoreError};

use crate::runtime::Runtime;
use crate::sync::Mutex;
use crate::unharmed::unharmed;

struct Slot<T> {
    outcome: Option<Result<T, Error>>,
    waiting: Option<Waker>,
}

/// The duty to bring an outcome. If it is dropped without one, the work was cut off.
struct Bringing<T>(Arc<Mutex<Slot<T>>>);

impl<T> Bringing<T> {
    fn bring(&self, outcome: Result<T, Error>) {
        let mut slot = self.0.lock();
        slot.outcome.get_or_insert(outcome);
        if let Some(waiting) = slot.waiting.take() {
            waiting.wake();
        }
    }
}

impl<T> Drop for Bringing<T> {
    fn drop(&mut self) {
        // After an outcome nobody looks any more, or finds that one.
        self.bring(Err(StoreError::CutOff.into()));
    }
}

/// Lets `runtime` run `work` to its end, and waits for the outcome.
pub(crate) async fn detached<R: Runtime, T: Send + 'static>(
    runtime: &R,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let slot = Arc::new(Mutex::new(Slot {
        outcome: None,
        waiting: None,
    }));
    let bringing = Bringing(Arc::clone(&slot));
    runtime.run(Box::pin(async move {
        let outcome = unharmed(work).await;
        bringing.bring(outcome);
    }));
    poll_fn(|context| {
        let mut slot = slot.lock();
        match slot.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                slot.waiting = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}
