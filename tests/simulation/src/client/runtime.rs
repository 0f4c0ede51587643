//! How a keeper runs in this world: its clock is its host's, its tasks are its process's, and it
//! waits for what the state does.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response};
use twoba_core::{AccessToken, Form, Password, SendFailure, SessionKey, Timestamp, Verdict};
use twoba_keeper::wires::RESPONSE_BODY_MAX;
use twoba_keeper::{
    Answer, Asking, Body, BoxFuture, Credentials, EarlyRefresh, Origin, Parts, Pause, Runtime, Work,
};
use twoba_store::{Error, TransportError};

use crate::network::{HOOK_USER, Transport};
use crate::plan::{HOUR, SECOND};
use crate::sabotage::Sabotage;
use crate::sim::Handle;
use crate::store::{StoreHandle, Who};
use crate::task::Promise;

/// What was sent, as an adapter reads it.
fn whole(bytes: Vec<u8>) -> Body {
    let mut body = Body::up_to(RESPONSE_BODY_MAX);
    body.push(&bytes);
    body
}

/// The runtime of one client.
pub(super) struct Simulated {
    sim: Handle,
    who: Who,
    parts: Parts,
    transport: Transport,
    hook: bool,
    /// Callers of a sabotaged client, who are told of a token as soon as it is heard.
    listening: Mutex<Vec<Promise<AccessToken>>>,
    ending: Mutex<Ending>,
    /// What a sabotaged client tells whoever comes in the next seconds, and since when.
    failure: Mutex<Option<(u64, Error)>>,
}

/// Whether its program lets go of its sessions, and which pauses end with that.
#[derive(Default)]
struct Ending {
    is_ending: bool,
    pausing: Vec<Promise<Pause>>,
}

impl Simulated {
    pub(super) fn new(sim: &Handle, who: Who, early: EarlyRefresh, key: SessionKey) -> Self {
        let (clock, chance) = (sim.clone(), sim.clone());
        let wall = move || clock.with(|sim| sim.wall_of(who.process));
        let mut parts = Parts::new(StoreHandle::new(sim.clone(), who, key));
        parts.settings.early = early;
        parts.settings.spread = 0;
        parts.origin = Origin::default()
            .with_clock(move || Timestamp::from_unix_millis(wall()))
            .with_entropy(move || chance.with(|sim| sim.random.bytes()));
        Self {
            parts,
            transport: Transport {
                sim: sim.clone(),
                who,
            },
            hook: sim.with(|sim| sim.plan.hook),
            listening: Mutex::default(),
            ending: Mutex::default(),
            failure: Mutex::default(),
            sim: sim.clone(),
            who,
        }
    }

    fn listening(&self) -> MutexGuard<'_, Vec<Promise<AccessToken>>> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn ending(&self) -> MutexGuard<'_, Ending> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the program lets go of its sessions; a pause ends once it does.
    fn pauses_beside_end(&self, promise: &Promise<Pause>) -> bool {
        let ends = self.sim.with(|sim| sim.plan.extras.ends.is_some());
        let mut ending = self.ending();
        if ends {
            ending.pausing.push(promise.clone());
        }
        ending.is_ending
    }

    /// The program lets go of its sessions.
    pub(super) fn ends(&self) {
        let pausing = {
            let mut ending = self.ending();
            ending.is_ending = true;
            std::mem::take(&mut ending.pausing)
        };
        self.sim.with(|sim| {
            for promise in pausing {
                promise.fulfil(sim, Pause::Ending);
            }
        });
    }

    /// The next token that comes over the wire, stored or not.
    pub(super) fn listen(&self) -> Promise<AccessToken> {
        let promise = Promise::new();
        self.listening().push(promise.clone());
        promise
    }

    /// A sabotaged client tells its callers before anything is stored.
    fn heard(&self, response: &Response<Vec<u8>>) {
        let listening = std::mem::take(&mut *self.listening());
        let json: Option<serde_json::Value> = serde_json::from_slice(response.body()).ok();
        let token = json.and_then(|json| Some(json.get("access_token")?.as_str()?.to_owned()));
        let Some(token) = token.and_then(|token| AccessToken::parse(token).ok()) else {
            return;
        };
        self.sim.with(|sim| {
            for promise in listening {
                promise.fulfil(sim, token.clone());
            }
        });
    }

    pub(super) fn last_failure(&self) -> Option<Error> {
        let now = self.sim.with(|sim| sim.now);
        let failure = self.failure.lock();
        let failure = failure.unwrap_or_else(PoisonError::into_inner).clone();
        let (at, error) = failure?;
        (now < at + 20 * SECOND).then_some(error)
    }

    pub(super) fn failed(&self, error: &Error) {
        let now = self.sim.with(|sim| sim.now);
        let failure = self.failure.lock();
        *failure.unwrap_or_else(PoisonError::into_inner) = Some((now, error.clone()));
    }

    fn spawn(&self, work: Work) {
        let process = self.who.process;
        self.sim.with(|sim| sim.spawn(process, work));
    }
}

impl Runtime for Simulated {
    const DETACHES: bool = true;

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.sim.with(|sim| sim.now))
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn send(&self, request: Request<Form>) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let answer = self.transport.send(request).await;
            if let Ok(response) = &answer {
                self.heard(response);
            }
            answer.map(|response| response.map(whole))
        })
    }

    /// Services are models: nobody calls them by a request.
    fn call(&self, _: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        Box::pin(async {
            Err(TransportError {
                failure: SendFailure::NotSent,
                cause: "there is no service here".into(),
            })
        })
    }

    /// A vault that has the password at hand, or takes its time, or has none today, or breaks.
    fn credentials(
        &self,
        _: Verdict,
        asking: Asking,
        span: Duration,
    ) -> Option<BoxFuture<'_, Option<Credentials>>> {
        if !self.hook {
            return None;
        }
        let vault = async move {
            let (takes, has) = self.sim.with(|sim| {
                sim.tell_of(self.who.process, || {
                    format!("client {} asks its vault", self.who.client)
                });
                let takes = match sim.random.below(100) {
                    0..95 => sim.random.spread(1, 10 * SECOND),
                    _ => HOUR,
                };
                (takes, sim.random.chance(850))
            });
            self.sim.sleep(takes).await;
            let password = Password::parse("myPassword").ok().filter(|_| has)?;
            Some(Credentials::new(HOOK_USER, password))
        };
        let brought = Box::pin(async move { asking.run_async(vault).await });
        Some(Box::pin(async move {
            self.within(span, brought).await.flatten()
        }))
    }

    fn pause(&self, span: Duration) -> BoxFuture<'_, Pause> {
        Box::pin(async move {
            let promise = Promise::new();
            let over = promise.clone();
            let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            self.sim
                .with(|sim| sim.after(span, move |sim| over.fulfil(sim, Pause::Over)));
            if self.pauses_beside_end(&promise) {
                return Pause::Ending;
            }
            promise.wait(&self.sim).await
        })
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.sim.wait(span))
    }

    async fn within<T: Send>(
        &self,
        span: Duration,
        future: impl Future<Output = T> + Send,
    ) -> Option<T> {
        let mut future = pin!(future);
        let mut over = pin!(self.sim.wait(span));
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            over.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    fn run(&self, work: Work) {
        let process = self.who.process;
        self.sim.with(|sim| {
            let dies = sim.has(Sabotage::LateAnswerDropped);
            let task = sim.spawn(process, work);
            if dies {
                sim.tasks.bind(task);
            }
        });
    }

    fn beside(&self, work: Work) -> bool {
        self.spawn(work);
        true
    }
}
