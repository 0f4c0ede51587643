//! How a keeper runs on Tokio: work is a task, a pause is a timer.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use tokio::time::Instant;
use twoba_core::{Form, Timestamp, Verdict};
use twoba_keeper::{Asking, BoxFuture, Credentials, Origin, Pause, Runtime, Work};
use twoba_store::{AsyncStore, Clock, End, Error, TransportError};

use crate::transport::Transport;

/// Brings the credentials for a login that a verdict asks for.
pub(crate) type Hook = dyn Fn(Verdict) -> BoxFuture<'static, Option<Credentials>> + Send + Sync;

/// A keeper's runtime.
pub(crate) struct Tokio {
    pub(crate) origin: Origin,
    pub(crate) store: Arc<dyn AsyncStore>,
    pub(crate) transport: Transport,
    pub(crate) hook: Option<Box<Hook>>,
    pub(crate) started: Instant,
}

impl Clock for Tokio {
    fn now(&self) -> Timestamp {
        self.origin.now()
    }

    #[inline]
    fn is_before(&self, end: End) -> bool {
        self.origin.is_before(end)
    }
}

impl Runtime for Tokio {
    const DETACHES: bool = true;

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn entropy(&self) -> Result<[u8; 32], Error> {
        self.origin.entropy()
    }

    fn store(&self) -> &dyn AsyncStore {
        &*self.store
    }

    fn send(
        &self,
        request: Request<Form>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        Box::pin(self.transport.send(request))
    }

    fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        Box::pin(self.transport.call(request))
    }

    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
    ) -> Option<BoxFuture<'_, Option<Credentials>>> {
        let hook = self.hook.as_ref()?;
        Some(Box::pin(async move {
            // Calling the hook runs the application's code as well as awaiting what it returns.
            let brought = asking.run(|| hook(verdict))?;
            asking.run_async(brought).await
        }))
    }

    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause> {
        Box::pin(async move {
            tokio::time::sleep(span).await;
            Pause::Over
        })
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(span))
    }

    fn within<'a, T: Send + 'a>(
        &'a self,
        span: Duration,
        future: BoxFuture<'a, T>,
    ) -> BoxFuture<'a, Option<T>> {
        Box::pin(async move { tokio::time::timeout(span, future).await.ok() })
    }

    fn run(&self, work: Work) {
        drop(tokio::spawn(work));
    }

    fn beside(&self, work: Work) -> bool {
        drop(tokio::spawn(work));
        true
    }
}
