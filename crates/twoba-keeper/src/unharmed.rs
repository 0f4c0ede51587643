//! Contains a panic in the application's code, in a store or a clock. The panic has been reported
//! already, and ends only the operation.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use twoba_store::StoreError;

/// The result of `work`. If it panics, it was cut off.
pub(crate) async fn unharmed<T, E: From<StoreError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut work = pin!(work);
    poll_fn(|context| {
        // It is not polled again, and what it was lent is read as after any failure.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(StoreError::CutOff.into())))
    })
    .await
}
