//! Decides how an emulator is set up and what setups are refused; not what it does afterwards.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::behavior::Behavior;
use crate::clock::{Clock, Timekeeper};
use crate::emulator::Emulator;
use crate::policy::Policy;
use crate::registry::{self, RegisteredClient, RegisteredUser, Registry};
use crate::world::{Setup, World};

/// 2BA's documented sample value.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(120);

/// Sets an [`Emulator`] up.
///
/// ```
/// use std::time::Duration;
/// use twoba_emulator::{Behavior, Emulator};
///
/// # fn main() -> std::io::Result<()> {
/// let emulator = Emulator::builder()
///     .behavior(Behavior::Plain)
///     .token_lifetime(Duration::from_secs(30))
///     .start()?;
/// assert!(emulator.url().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an emulator runs only after `start`"]
pub struct Builder {
    listen: SocketAddr,
    token_lifetime: Duration,
    policy: Policy,
    behavior: Behavior,
    clock: Clock,
    clients: Vec<RegisteredClient>,
    users: Vec<RegisteredUser>,
    takes_any_user: bool,
    seed: Option<[u8; 32]>,
}

impl Emulator {
    /// An emulator as 2BA documents it, on a free port of `127.0.0.1`, to be changed before the start.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            policy: Policy::default(),
            behavior: Behavior::default(),
            clock: Clock::default(),
            clients: registry::demo_clients(),
            users: registry::demo_users(),
            takes_any_user: false,
            seed: None,
        }
    }
}

impl Builder {
    /// Where to listen; a free port on `127.0.0.1` unless given.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// How long access tokens live; 120 seconds unless given.
    ///
    /// `expires_in` is this in whole seconds, rounded down, and at least 1.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// What becomes of refresh tokens; [`Policy::Strict`] unless given.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How a bad refresh token is refused; [`Behavior::TwoBa`] unless given.
    pub fn behavior(mut self, behavior: Behavior) -> Self {
        self.behavior = behavior;
        self
    }

    /// Where time comes from; [`Clock::Real`] unless given.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Replaces the clients that exist from the start.
    pub fn clients(mut self, clients: impl IntoIterator<Item = RegisteredClient>) -> Self {
        self.clients = clients.into_iter().collect();
        self
    }

    /// Replaces the users that exist from the start.
    pub fn users(mut self, users: impl IntoIterator<Item = RegisteredUser>) -> Self {
        self.users = users.into_iter().collect();
        self
    }

    /// Lets everybody log in, by any name of at most 200 bytes and any password, neither of them
    /// empty.
    pub fn any_user(mut self) -> Self {
        self.takes_any_user = true;
        self
    }

    /// What its tokens and codes follow from, for tests that have to repeat: with the same seed the
    /// same requests at the same times get the same ones, so take [`Clock::ManualFrom`] too. The
    /// system's randomness unless given.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts the emulator; it answers from the moment that this returns, until it is dropped.
    ///
    /// # Errors
    ///
    /// - the address is not a loopback address: [`io::ErrorKind::InvalidInput`]
    /// - the address is taken or may not be used: as the operating system says
    /// - there is no randomness, or no thread can be started: as the operating system says
    pub fn start(self) -> io::Result<Emulator> {
        if !self.listen.ip().is_loopback() {
            // Its users, secrets and control interface are for this machine alone.
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "the emulator listens on loopback addresses only, such as 127.0.0.1:0, not on {}",
                    self.listen
                ),
            ));
        }
        let seed = match self.seed {
            Some(seed) => seed,
            None => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(io::Error::other)?;
                seed
            }
        };
        let clock = Timekeeper::start(self.clock, SystemTime::now());
        Emulator::run(
            self.listen,
            Setup {
                registry: Registry::new(self.clients, self.users)
                    .taking_any_user(self.takes_any_user),
                behavior: self.behavior,
            },
            World::new(seed, self.token_lifetime, self.policy, clock),
        )
    }
}
