//! Runs a keeper on Tokio. Work is a task, and a pause is a timer.

use std::time::Duration;

use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};
use twoba_core::{Form, Verdict};
use twoba_keeper::{Answer, Asking, BoxFuture, Credentials, Parts, Pause, Runtime, Streams, Work};
use twoba_store::TransportError;

use crate::offload::{of_the_application, own};
use crate::streamed::Streamed;
use crate::transport::Transport;

/// Returns the credentials for a login that a verdict asks for.
pub(crate) type Hook = dyn Fn(Verdict) -> BoxFuture<'static, Option<Credentials>> + Send + Sync;

/// The runtime of a keeper.
pub(crate) struct Tokio {
    pub(crate) parts: Parts,
    pub(crate) transport: Transport,
    pub(crate) hook: Option<Box<Hook>>,
    pub(crate) started: Instant,
}

impl Runtime for Tokio {
    const DETACHES: bool = true;

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn send(&self, request: Request<Form>) -> BoxFuture<'_, Answer> {
        Box::pin(self.transport.send(request))
    }

    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        Box::pin(self.transport.call(request))
    }

    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
        span: Duration,
    ) -> Option<BoxFuture<'_, Option<Credentials>>> {
        let hook = self.hook.as_ref()?;
        Some(Box::pin(async move {
            // Calling the hook runs the application's code as well as awaiting what it returns.
            let brought = asking.run(|| hook(verdict))?;
            let brought = of_the_application(asking.run_async(brought));
            timeout(span, brought).await.ok().flatten()
        }))
    }

    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause> {
        Box::pin(async move {
            sleep(span).await;
            Pause::Over
        })
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(sleep(span))
    }

    async fn within<T: Send>(
        &self,
        span: Duration,
        future: impl Future<Output = T> + Send,
    ) -> Option<T> {
        timeout(span, future).await.ok()
    }

    fn run(&self, work: Work) {
        drop(tokio::spawn(own(work)));
    }

    fn beside(&self, work: Work) -> bool {
        self.run(work);
        true
    }
}

impl Streams for Tokio {
    type Streamed = Streamed;

    fn stream(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Streamed>, TransportError>> {
        Box::pin(self.transport.stream(request))
    }
}
