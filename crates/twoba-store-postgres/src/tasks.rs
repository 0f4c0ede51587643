//! Runs an operation as a task of the store's runtime, which ends it whoever waits for it.

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

/// Runs an operation like [`run`], on this runtime.
pub(crate) async fn run_on<T, E>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let ended = runtime.spawn(work).await;
    ended.unwrap_or_else(|_| Err(StoreError::CutOff.into()))
}
