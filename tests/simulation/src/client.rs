//! A client as an adapter makes one: the product's session, loop and published token, with the
//! waiting done by this world.
//!
//! This file, `inner`, `retry` and `sign_in` mirror those of `twoba-async`, function by
//! function; a test holds them equal. What the simulation adds stands in `caller` and `probe`.

mod caller;
mod inner;
mod lease;
mod lock;
mod probe;
mod retry;
mod sign_in;

use std::sync::{Arc, Weak};

use twoba_core::limits::LEASE_PATIENCE;
use twoba_core::{
    self as core, AccessToken, Client, Password, RefreshToken, Seed, SessionKey, Timestamp, TokenId,
};
use twoba_store::{Clock, EarlyRefresh, Error, Want};

pub(crate) use caller::{Leave, Manners};

use crate::network::Transport;
use crate::sabotage::Sabotage;
use crate::sim::{Handle, HostId};
use crate::store::{StoreHandle, Who};
use crate::task::Promise;
use inner::{End, Inner};
use lock::Mutex;
use retry::Kept;

/// One session of a process. Its clones are the same session.
#[derive(Clone)]
pub(crate) struct Session {
    inner: Arc<Inner>,
}

/// The clock of a host.
#[derive(Debug, Clone)]
struct HostClock {
    sim: Handle,
    host: HostId,
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.sim.with(|sim| sim.wall(self.host)))
    }
}

impl Session {
    /// A session that has just been opened; `None` if the product refuses the key.
    pub(crate) fn open(
        sim: &Handle,
        who: Who,
        client: &Client,
        early: EarlyRefresh,
    ) -> Option<Self> {
        let key = SessionKey::parse("default").ok()?;
        let (host, seed, hook) = sim.with(|sim| {
            let host = sim.processes[who.process].host;
            (host, sim.random.bytes(), sim.plan.hook)
        });
        let seed = Seed::from_bytes(seed);
        let state = core::Session::new(Arc::new(client.clone()), &key, seed);
        let hook = hook.then(|| sign_in::hook(sim, who));
        let store = StoreHandle::new(sim.clone(), who, key.clone());
        let clock = HostClock {
            sim: sim.clone(),
            host,
        };
        let transport = Transport {
            sim: sim.clone(),
            who,
        };
        let inner = Arc::new_cyclic(|me| Inner {
            client: client.clone(),
            key,
            state: Mutex::new(sim.clone(), state),
            published: Arc::default(),
            store: Arc::new(store),
            clock: Arc::new(clock),
            transport,
            patience: LEASE_PATIENCE,
            hook,
            kept: Kept::default(),
            early,
            me: Weak::clone(me),
            sim: sim.clone(),
            who,
        });
        Some(Self { inner })
    }

    pub(crate) fn who(&self) -> Who {
        self.inner.who
    }

    async fn refresh(&self) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        self.detached(async move {
            let mut state = inner.state.lock().await;
            inner.observe(&mut state).await?;
            let want = state.token_id().map_or(Want::Usable, Want::Other);
            Ok(inner.obtain(&mut state, want).await?.0)
        })
        .await
    }

    async fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        let (username, password) = (username.to_owned(), password.clone());
        self.detached(async move {
            inner.store.probe(&inner.key).await?;
            let fresh = inner.password(&username, &password).await?;
            inner.adopt(fresh).await
        })
        .await
    }

    async fn import(
        &self,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        self.detached(async move { inner.import(token, user).await })
            .await
    }

    async fn end(&self, how: End) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        self.detached(async move { inner.end(how).await.map(drop) })
            .await
    }

    async fn token_with_id(&self) -> Result<(AccessToken, Option<TokenId>), Error> {
        let now = self.inner.clock.now();
        if let Some(current) = self.inner.published.get()
            && let Some(token) = current.token(now)
        {
            let usable = (token.clone(), Some(current.id()));
            if current.refresh_due().is_none_or(|due| now < due) {
                return Ok(usable);
            }
            if self.inner.early == EarlyRefresh::Beside {
                self.refresh_beside();
                return Ok(usable);
            }
            // Somebody who refreshes already is not waited for.
            if self.inner.state.try_lock().is_err() {
                return Ok(usable);
            }
        }
        let inner = Arc::clone(&self.inner);
        self.detached(async move {
            let mut state = inner.state.lock().await;
            inner.usable(&mut state).await
        })
        .await
    }

    /// Refreshes in a task of its own, if none does so already.
    fn refresh_beside(&self) {
        let Some(claim) = self.inner.published.claim_refresh() else {
            return;
        };
        let inner = Arc::clone(&self.inner);
        let beside = async move { inner.refresh_early(claim).await };
        self.inner.spawn(beside);
    }

    /// Another token, because a service answered 401 to this one.
    async fn rejected(&self, id: TokenId) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        self.detached(async move {
            let mut state = inner.state.lock().await;
            Ok(inner.obtain(&mut state, Want::Rejected(id)).await?.0)
        })
        .await
    }

    /// Runs `work` to its end whatever becomes of the caller.
    async fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let sim = &self.inner.sim;
        if sim.with(|sim| sim.has(Sabotage::LateAnswerDropped)) {
            return work.await;
        }
        let promise = Promise::new();
        let (kept, inside) = (promise.clone(), sim.clone());
        self.inner.spawn(async move {
            let outcome = work.await;
            inside.with(|sim| kept.fulfil(sim, outcome));
        });
        promise.wait(sim).await
    }
}
