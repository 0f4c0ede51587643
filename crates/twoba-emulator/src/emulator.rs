//! A running emulator in its own thread, and its methods. Each method does the same as its control
//! call.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use crate::control_error::ControlError;
use crate::fault::FaultRule;
use crate::http;
use crate::identifier::FamilyId;
use crate::journal::{Counts, Journal};
use crate::policy::Policy;
use crate::request::SeenRequest;
use crate::state::State;
use crate::watch::Watch;
use crate::world::{Setup, Shared, World};

/// A running emulator. It stops when it is dropped.
///
/// It has a thread of its own, so it serves blocking and async callers alike. Dropping it closes
/// every connection and waits for the thread, which takes no longer than one request.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let emulator = twoba_emulator::Emulator::builder().start()?;
/// assert_eq!(emulator.journal().counts.token_posts, 0);
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Dropped to stop the thread.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts a thread that binds and serves.
    pub(crate) fn run(listen: SocketAddr, setup: Setup, world: World) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("twoba-emulator".to_owned())
            .spawn(move || http::run(listen, setup, world, stopped, &ready))?;
        match started.recv() {
            Ok(started) => started.map(|(address, shared)| Self {
                address,
                shared,
                stop: Some(stop),
                thread: Some(thread),
            }),
            Err(mpsc::RecvError) => Err(io::Error::other("the emulator's thread ended early")),
        }
    }

    /// The emulator's address: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The socket address on which it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of its authority as PEM, if it speaks TLS. Clients have to trust this
    /// certificate.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        let tls = self.shared.reached.tls.as_ref();
        tls.map(crate::tls::Tls::authority)
    }

    /// The emulator's time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.world().now().to_system()
    }

    /// The journal so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.shared.world().journal()
    }

    /// The totals of the journal, without copying its events.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.world().counts()
    }

    /// The last 1,000 answered requests, oldest first. Control calls are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        http::requests(&self.shared)
    }

    /// Follows the requests and their events from now on.
    #[must_use]
    pub fn watch(&self) -> Watch<'_> {
        Watch::new(&self.shared)
    }

    /// Clock, policy, families and faults as they are now.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Moves a manual clock forward and returns the new time.
    ///
    /// # Errors
    ///
    /// - the clock is the machine's: [`ControlError::ClockIsReal`]
    pub fn advance(&self, by: Duration) -> Result<SystemTime, ControlError> {
        self.shared.world().advance(by)
    }

    /// Sets another policy. Spent tokens stay spent, and a window that has begun keeps its end.
    pub fn set_policy(&self, policy: Policy) {
        self.shared.world().set_policy(policy);
    }

    /// Adds a fault after the present ones. It counts requests from now.
    pub fn add_fault(&self, rule: FaultRule) {
        self.shared.world().add_fault(rule);
    }

    /// Replaces all faults, which count requests from now. An empty list ends all faults.
    pub fn set_faults(&self, rules: impl IntoIterator<Item = FaultRule>) {
        self.shared.world().set_faults(rules.into_iter().collect());
    }

    /// Ends all families of a user, as if the user had revoked every authorization.
    ///
    /// Returns how many families were alive.
    pub fn revoke_user(&self, user: &str) -> usize {
        self.shared.world().revoke_user(user)
    }

    /// Ends one family. Returns false if there is none of that id or if it has ended already.
    pub fn revoke_family(&self, family: FamilyId) -> bool {
        self.shared.world().revoke_family(family)
    }

    /// Resets the emulator. It forgets families, codes, journal and faults, and all tokens become
    /// unknown. The policy is that of the start, and a manual clock is back at its start.
    pub fn reset(&self) {
        self.shared.world().reset();
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("url", &self.shared.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the panic hook.
            thread.join().unwrap_or_default();
        }
    }
}
