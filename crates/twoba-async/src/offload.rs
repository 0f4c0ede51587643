//! Where the operations of a blocking store run on Tokio.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};
use twoba_store::{Offload, Offloaded};

/// An [`AsyncStore`](twoba_store::AsyncStore) made of a [`Store`](twoba_store::Store). Each
/// operation runs on a blocking thread of Tokio.
///
/// An operation that has begun runs to its end, even if nobody waits for it any more.
pub type SpawnBlocking<S> = Offloaded<S, BlockingThreads>;

/// The blocking threads of Tokio.
#[derive(Debug, Clone, Copy, Default)]
pub struct BlockingThreads;

impl Offload for BlockingThreads {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        spawn_blocking(work).await.ok()
    }
}

/// The thread of the task, if it is a keeper's own task on a multi-threaded runtime: its other
/// tasks go on elsewhere, and it has no other future that would be held up. Else the blocking
/// threads of Tokio.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnTasks;

tokio::task_local! {
    /// Whether the task is a keeper's own, and the future that it runs, too.
    static IS_OWN: bool;
}

impl Offload for OwnTasks {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        if may_block() {
            // A panic ends the work alone, as it does on a thread of its own.
            return catch_unwind(AssertUnwindSafe(|| block_in_place(work))).ok();
        }
        BlockingThreads.run(work).await
    }
}

/// A future that has its task for itself: its store may block the thread.
pub(crate) fn own<F: Future>(work: F) -> impl Future<Output = F::Output> {
    IS_OWN.scope(true, work)
}

/// A future of the application in such a task. It may wait for something else at the same time.
pub(crate) fn of_the_application<F: Future>(work: F) -> impl Future<Output = F::Output> {
    IS_OWN.scope(false, work)
}

fn may_block() -> bool {
    IS_OWN.try_with(|is_own| *is_own).unwrap_or(false)
        && Handle::try_current()
            .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}
