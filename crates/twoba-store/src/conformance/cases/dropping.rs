//! Operations whose futures are dropped, for async stores.
use std::pin::Pin;
use std::task::Poll;

use twoba_core::SessionKey;

use super::common::*;
use crate::conformance::awaited::driven;
use crate::conformance::changes;
use crate::conformance::subject::AsyncSubject;
use crate::store::{AsyncLease, AsyncStore};

/// Polls a future this often, and drops it. Returns whether it was done.
async fn polled<T>(times: usize, mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> bool {
    let mut left = times;
    std::future::poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        left = left.saturating_sub(1);
        match polled {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

fn drive<T: Send>(subject: &dyn AsyncSubject, future: impl Future<Output = T> + Send) -> T {
    driven(&|future| subject.drive(future), future)
}

async fn async_lease(store: &dyn AsyncStore, key: &SessionKey) -> Box<dyn AsyncLease> {
    let lease = store.try_lease(key).await.unwrap();
    lease.unwrap_or_else(|| panic!("{key:?}: nobody has the lease, and it is refused"))
}

pub(crate) fn a_lease_that_nobody_waited_for_goes_back(subject: &dyn AsyncSubject) {
    let (store, key) = (subject.open_async(), default_key());
    for polls in 1..4 {
        drive(subject, polled(polls, store.try_lease(&key)));
        lease_that_went_back(subject, &key).release();
    }
}

pub(crate) fn a_lease_goes_back_whose_work_nobody_waited_for(subject: &dyn AsyncSubject) {
    let (store, key) = (subject.open_async(), default_key());
    let mut stored = None;
    for polls in 1..4 {
        let login = changes::login(&key, stored);
        drive(subject, async {
            let mut lease = async_lease(&*store, &key).await;
            polled(polls, lease.apply(&login)).await
        });
        lease_that_went_back(subject, &key).release();
        stored = subject.open().read(&key).unwrap();
    }
    for polls in 1..4 {
        drive(subject, async {
            let lease = async_lease(&*store, &key).await;
            polled(polls, lease.release()).await
        });
        lease_that_went_back(subject, &key).release();
    }
}

pub(crate) fn a_change_that_nobody_waited_for_is_there_as_a_whole_or_not_at_all(
    subject: &dyn AsyncSubject,
) {
    let (store, key) = (subject.open_async(), default_key());
    let mut before = None;
    for polls in 1..4 {
        let login = changes::login(&key, before.clone());
        let done = drive(subject, polled(polls, store.change(&key, &login)));
        let read = subject.open().read(&key).unwrap();
        let whole = read.as_ref() == Some(login.record());
        assert!(whole || (!done && read == before), "{read:?}");
        // It may come later still; whoever does it again is sure of it.
        assert_there(subject, &key, &login, subject.open().change(&key, &login));
        before = Some(login.record().clone());
    }
}

pub(crate) fn a_lease_is_free_once_its_release_was_awaited(subject: &dyn AsyncSubject) {
    let (store, key) = (subject.open_async(), default_key());
    drive(subject, async {
        for _ in 0..5 {
            async_lease(&*store, &key).await.release().await;
        }
        let mut lease = async_lease(&*store, &key).await;
        lease.finish(&changes::login(&key, None)).await.unwrap();
        lease.release().await;
        async_lease(&*store, &key).await.release().await;
    });
}
