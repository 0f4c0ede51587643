//! Runs an operation to its end, whoever waits for it and whatever executor polls it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use twoba_store::StoreError;

use crate::shared::Shared;

/// Runs an operation. Dropping the future does not end what has begun, and any executor can poll it.
pub(crate) async fn run<T, E>(
    shared: &Shared,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    run_on(&shared.database.runtime, work).await
}

/// Runs an operation like [`run`], with the timers and sockets of this runtime.
pub(crate) async fn run_on<T, E>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let begun = Begun {
        runtime: runtime.clone(),
        work: Some(Box::pin(work)),
    };
    begun.await
}

/// An operation that has begun. Whoever waits for it polls it, because a task of its own would cost
/// two changes of threads. If nobody waits any more, the runtime carries it on.
struct Begun<F: Future<Output: Send> + Send + 'static> {
    runtime: Handle,
    /// `None` behind its end.
    work: Option<Pin<Box<F>>>,
}

impl<T, E, F> Future for Begun<F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { runtime, work } = &mut *self;
        let Some(begun) = work else {
            return Poll::Ready(Err(StoreError::CutOff.into()));
        };
        // Another executor may poll it.
        let _entered = runtime.enter();
        // A runtime that has ended panics.
        let polled = catch_unwind(AssertUnwindSafe(|| begun.as_mut().poll(context)));
        let outcome = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(_panic) => Err(StoreError::CutOff.into()),
        };
        *work = None;
        Poll::Ready(outcome)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for Begun<F> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            drop(self.runtime.spawn(work));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::oneshot;
    use tokio::time::timeout;
    use twoba_store::block_on;

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn what_has_begun_goes_on_when_nobody_waits_for_it() {
        let runtime = runtime();
        let (begin, begun) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<()>();
        let mut work = Box::pin(run_on(runtime.handle(), async move {
            let _begun = begun.await;
            let _ended = end.send(());
            Ok::<(), StoreError>(())
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_pending());
        drop(work);
        begin.send(()).unwrap();
        runtime.block_on(ended).unwrap();
    }

    #[test]
    fn any_executor_can_wait_and_the_timers_are_the_runtimes() {
        let runtime = runtime();
        let (end, ended) = oneshot::channel::<()>();
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| runtime.block_on(ended));
            let outcome = block_on(run_on(runtime.handle(), async {
                let never = timeout(Duration::from_millis(1), std::future::pending::<()>());
                Ok::<bool, StoreError>(never.await.is_err())
            }));
            end.send(()).unwrap();
            outcome
        });
        assert!(outcome.unwrap());
    }

    #[test]
    fn a_panic_cuts_an_operation_off_and_so_does_the_end_of_the_runtime() {
        let runtime = runtime();
        let handle = runtime.handle().clone();
        let panics = async { std::panic::resume_unwind(Box::new("it dies")) };
        let outcome = block_on(run_on::<(), StoreError>(&handle, panics));
        assert!(matches!(outcome, Err(StoreError::CutOff)), "{outcome:?}");
        drop(runtime);
        let late = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        };
        let outcome = block_on(run_on::<(), StoreError>(&handle, late));
        assert!(matches!(outcome, Err(StoreError::CutOff)), "{outcome:?}");
    }
}
