//! Runs a keeper on threads. A caller does its own work. Work beside the callers gets a thread,
//! which is joined at the end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic, mpsc};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::{Request, Response};
use twoba_core::{Form, Verdict};
use twoba_keeper::{Answer, Asking, BoxFuture, Credentials, Parts, Pause, Runtime, Streams, Work};
use twoba_store::{TransportError, block_on, block_until};

use crate::streamed::Streamed;
use crate::transport::Transport;

/// Returns the credentials for a login that a verdict asks for.
pub(crate) type Hook = dyn Fn(&Verdict) -> Option<Credentials> + Send + Sync;

/// The runtime of a keeper.
pub(crate) struct Threads {
    pub(crate) parts: Parts,
    pub(crate) transport: Transport,
    pub(crate) hook: Option<Arc<Hook>>,
    /// The threads that run beside the callers.
    pub(crate) beside: Mutex<Vec<JoinHandle<()>>>,
    /// Whether the program has dropped its sessions.
    pub(crate) ending: atomic::AtomicBool,
}

impl Threads {
    // It is changed in single steps, so that a panic elsewhere leaves nothing half done.
    fn beside(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `look` whenever somebody wakes this thread, until it finds something. Otherwise
    /// returns why the wait ended.
    fn wait<T>(&self, span: Duration, look: impl Fn() -> Option<T>) -> Result<T, Pause> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if self.ending.load(atomic::Ordering::Acquire) {
                return Err(Pause::Ending);
            }
            // Others wake this thread too.
            match span.checked_sub(begun.elapsed()) {
                Some(left) => thread::park_timeout(left),
                None => return Err(Pause::Over),
            }
        }
    }

    /// Ends every pause, and waits for the threads.
    pub(crate) fn end(&self) {
        self.ending.store(true, atomic::Ordering::Release);
        let wake = |thread: &JoinHandle<()>| thread.thread().unpark();
        self.beside().iter().for_each(wake);
        // It may start another one before it ends: nothing is locked meanwhile.
        let next = || self.beside().pop();
        while let Some(thread) = next() {
            // A panic of it has been reported by the panic itself.
            drop(thread.join());
        }
    }
}

impl Runtime for Threads {
    const DETACHES: bool = false;

    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn send(&self, request: Request<Form>) -> BoxFuture<'_, Answer> {
        Box::pin(async move { self.transport.send(request) })
    }

    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        Box::pin(async move { self.transport.call(request) })
    }

    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
        span: Duration,
    ) -> Option<BoxFuture<'_, Option<Credentials>>> {
        let hook = Arc::clone(self.hook.as_ref()?);
        Some(Box::pin(async move {
            let (bring, brought) = mpsc::channel();
            let waiting = thread::current();
            // On a thread of its own: nobody can end code that blocks, and a program that ends does
            // not wait for it. What comes too late is dropped with the channel.
            let asked = thread::Builder::new()
                .name("twoba-sign-in".to_owned())
                .spawn(move || {
                    drop(bring.send(asking.run(|| hook(&verdict)).flatten()));
                    waiting.unpark();
                });
            asked.ok()?;
            self.wait(span, || brought.try_recv().ok()).ok().flatten()
        }))
    }

    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause> {
        Box::pin(async move {
            let over: Result<Infallible, Pause> = self.wait(span, || None);
            over.map_or_else(|pause| pause, |never| match never {})
        })
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { thread::sleep(span) })
    }

    async fn within<T: Send>(
        &self,
        span: Duration,
        future: impl Future<Output = T> + Send,
    ) -> Option<T> {
        let end = Instant::now().checked_add(span);
        let mut future = pin!(future);
        poll_fn(|_| Poll::Ready(block_until(future.as_mut(), end))).await
    }

    fn run(&self, work: Work) {
        block_on(work);
    }

    fn beside(&self, work: Work) -> bool {
        let started = thread::Builder::new()
            .name("twoba-beside".to_owned())
            .spawn(move || block_on(work));
        let joined_at_the_end = started.map(|thread| {
            let mut beside = self.beside();
            beside.retain(|thread| !thread.is_finished());
            beside.push(thread);
        });
        joined_at_the_end.is_ok()
    }
}

impl Streams for Threads {
    type Streamed = Streamed;

    fn stream(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Streamed>, TransportError>> {
        Box::pin(async move { self.transport.stream(request) })
    }
}
