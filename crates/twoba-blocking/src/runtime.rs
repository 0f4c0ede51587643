//! How a keeper runs on threads: whoever needs something done does it, and what has to run beside
//! the callers gets a thread that is joined at the end.

use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::{Request, Response};
use twoba_core::{Form, Timestamp, Verdict};
use twoba_keeper::{Asking, BoxFuture, Credentials, Origin, Pause, Runtime, Work};
use twoba_store::{AsyncStore, Clock, End, Error, TransportError};

use crate::block_on::{block_on, block_until};
use crate::transport::Transport;

/// Brings the credentials for a login that a verdict asks for.
pub(crate) type Hook = dyn Fn(&Verdict) -> Option<Credentials> + Send + Sync;

/// A keeper's runtime.
pub(crate) struct Threads {
    pub(crate) origin: Origin,
    pub(crate) store: Box<dyn AsyncStore>,
    pub(crate) transport: Transport,
    pub(crate) hook: Option<Arc<Hook>>,
    pub(crate) started: Instant,
    pub(crate) beside: Mutex<Beside>,
    /// Told when the program lets go of its sessions.
    pub(crate) ending: Condvar,
}

/// What runs beside the callers.
#[derive(Default)]
pub(crate) struct Beside {
    threads: Vec<JoinHandle<()>>,
    ending: bool,
}

impl Threads {
    // It is changed in single steps, so that a panic elsewhere leaves nothing half done.
    fn beside(&self) -> MutexGuard<'_, Beside> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every pause, and waits for the threads.
    pub(crate) fn end(&self) {
        self.beside().ending = true;
        self.ending.notify_all();
        loop {
            let Some(thread) = self.beside().threads.pop() else {
                return;
            };
            // A panic of it has been reported by the panic itself.
            drop(thread.join());
        }
    }
}

impl Clock for Threads {
    fn now(&self) -> Timestamp {
        self.origin.now()
    }

    #[inline]
    fn is_before(&self, end: End) -> bool {
        self.origin.is_before(end)
    }
}

impl Runtime for Threads {
    const DETACHES: bool = false;

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
        Box::pin(async move { self.transport.send(request) })
    }

    fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        Box::pin(async move { self.transport.call(request) })
    }

    fn credentials(
        &self,
        verdict: Verdict,
        asking: Asking,
    ) -> Option<BoxFuture<'_, Option<Credentials>>> {
        let hook = Arc::clone(self.hook.as_ref()?);
        Some(Box::pin(async move {
            let brought = Arc::new(Mutex::new(Brought::default()));
            let bringing = Arc::clone(&brought);
            // On a thread of its own: nobody can end code that blocks.
            let asked = thread::Builder::new()
                .name("twoba-sign-in".to_owned())
                .spawn(move || bring(&bringing, asking.run(|| hook(&verdict)).flatten()));
            if asked.is_err() {
                return None;
            }
            poll_fn(|context| {
                let mut brought = brought.lock().unwrap_or_else(PoisonError::into_inner);
                brought.waiting = Some(context.waker().clone());
                brought
                    .credentials
                    .take()
                    .map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }))
    }

    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause> {
        Box::pin(async move {
            let waited = self
                .ending
                .wait_timeout_while(self.beside(), span, |beside| !beside.ending);
            let (beside, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if beside.ending {
                Pause::Ending
            } else {
                Pause::Over
            }
        })
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { thread::sleep(span) })
    }

    fn within<'a, T: Send + 'a>(
        &'a self,
        span: Duration,
        mut future: BoxFuture<'a, T>,
    ) -> BoxFuture<'a, Option<T>> {
        Box::pin(async move {
            let end = Instant::now().checked_add(span);
            poll_fn(|_| Poll::Ready(block_until(future.as_mut(), end))).await
        })
    }

    fn run(&self, work: Work) {
        block_on(work);
    }

    fn beside(&self, work: Work) -> bool {
        let started = thread::Builder::new()
            .name("twoba-beside".to_owned())
            .spawn(move || block_on(work));
        let Ok(thread) = started else {
            return false;
        };
        let mut beside = self.beside();
        beside.threads.retain(|thread| !thread.is_finished());
        beside.threads.push(thread);
        true
    }
}

/// What a hook has brought, and who waits for it.
#[derive(Default)]
struct Brought {
    credentials: Option<Option<Credentials>>,
    waiting: Option<Waker>,
}

fn bring(brought: &Mutex<Brought>, credentials: Option<Credentials>) {
    let mut brought = brought.lock().unwrap_or_else(PoisonError::into_inner);
    brought.credentials = Some(credentials);
    if let Some(waiting) = brought.waiting.take() {
        waiting.wake();
    }
}
