//! Sets up an emulator, and refuses setups that cannot work.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::application::Application;
use crate::behavior::Behavior;
use crate::clock::{Clock, Timekeeper};
use crate::emulator::Emulator;
use crate::policy::Policy;
use crate::registry::{self, RegisteredClient, RegisteredUser, Registry};
use crate::secret::Secret;
use crate::world::{Reached, Setup, World};

/// 2BA's documented sample value.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(120);

/// Shortest secret of an emulator that is reached from elsewhere, in bytes.
const SECRET_MIN: usize = 16;

/// A builder of an [`Emulator`].
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
    name: Option<String>,
    cors: Option<String>,
    speaks_tls: bool,
    secret: Option<Secret>,
    applications: Vec<Application>,
}

impl Emulator {
    /// Makes a builder with 2BA's documented settings and a free port of `127.0.0.1`.
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
            name: None,
            cors: None,
            speaks_tls: false,
            secret: None,
            applications: Vec::new(),
        }
    }
}

impl Builder {
    /// Sets the address to listen on. The default is a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Sets the lifetime of access tokens. The default is 120 seconds.
    ///
    /// `expires_in` is this lifetime in whole seconds, rounded down, and at least 1.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Sets the policy for refresh tokens. The default is [`Policy::Strict`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how the server refuses an invalid refresh token. The default is [`Behavior::TwoBa`].
    pub fn behavior(mut self, behavior: Behavior) -> Self {
        self.behavior = behavior;
        self
    }

    /// Sets the clock. The default is [`Clock::Real`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the clients that exist from the start. They replace the default ones.
    pub fn clients(mut self, clients: impl IntoIterator<Item = RegisteredClient>) -> Self {
        self.clients = clients.into_iter().collect();
        self
    }

    /// Sets the users that exist from the start. They replace the default ones.
    pub fn users(mut self, users: impl IntoIterator<Item = RegisteredUser>) -> Self {
        self.users = users.into_iter().collect();
        self
    }

    /// Sets that anybody can log in, by any name of at most 200 bytes and any password, neither of
    /// them empty.
    pub fn any_user(mut self) -> Self {
        self.takes_any_user = true;
        self
    }

    /// Sets the seed of all tokens and codes, for tests that have to be repeatable. With the same
    /// seed, the same requests at the same times get the same tokens. Set [`Clock::ManualFrom`]
    /// too. The default is the system's randomness.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the name under which others reach the emulator. Its addresses have this name instead of
    /// the listening address, and so has its certificate.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the origin, such as `http://localhost:5173`, whose pages may call the emulator from a
    /// browser and read its answers. The console and the login page stay closed to them.
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        self.cors = Some(origin.into());
        self
    }

    /// Adds an application that Unifeed's server knows by this `cbap`, and the token that the
    /// application's own token service gives it. A `SERVERJSONPOST` with that `cbap` brings the token
    /// in the header `Authorization`. 2BA does not document how Unifeed asks for the token, so the
    /// emulator asks nobody.
    pub fn callback_application(
        mut self,
        cbap: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        self.applications
            .push(Application::new(cbap.into(), token.into()));
        self
    }

    /// Sets up TLS. The certificate comes from an authority that is made for this run, and clients
    /// have to trust [`Emulator::authority`]. It is valid for `localhost`, `127.0.0.1`, `::1`, the
    /// listening address and the emulator's name.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.speaks_tls = true;
        self
    }

    /// Sets that the emulator may listen beyond this machine, which requires [TLS](Self::tls).
    /// Control calls and the console then need this secret of 16 bytes or more. It is the password
    /// of any user (Basic), or a bearer token.
    #[cfg(feature = "tls")]
    pub fn allow_remote(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Secret::new(secret));
        self
    }

    /// Starts the emulator. It answers as soon as this returns, and until it is dropped.
    ///
    /// # Errors
    ///
    /// - the address is not on loopback, and remote access is not allowed:
    ///   [`io::ErrorKind::InvalidInput`]
    /// - remote access is allowed, and there is no TLS or the secret is too short:
    ///   [`io::ErrorKind::InvalidInput`]
    /// - the name cannot be part of an address, or the origin is none:
    ///   [`io::ErrorKind::InvalidInput`]
    /// - the address is in use or may not be used: the error of the operating system
    /// - there is no randomness, or no thread can be started: the error of the operating system
    pub fn start(self) -> io::Result<Emulator> {
        self.check()?;
        let seed = match self.seed {
            Some(seed) => seed,
            None => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(io::Error::other)?;
                seed
            }
        };
        let reached = Reached {
            #[cfg(feature = "tls")]
            tls: self.with_tls()?,
            name: self.name,
            cors: self.cors,
            secret: self.secret,
        };
        let clock = Timekeeper::start(self.clock, SystemTime::now());
        Emulator::run(
            self.listen,
            Setup {
                registry: Registry::new(self.clients, self.users)
                    .taking_any_user(self.takes_any_user),
                behavior: self.behavior,
                reached,
                applications: self.applications,
            },
            World::new(seed, self.token_lifetime, self.policy, clock),
        )
    }

    fn check(&self) -> io::Result<()> {
        let refused = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        let is_remote = self.secret.is_some();
        if !self.listen.ip().is_loopback() && !is_remote {
            // Its users, secrets and control interface are for this machine alone.
            return refused(format!(
                "the emulator listens on loopback addresses only, such as 127.0.0.1:0, not on {}",
                self.listen
            ));
        }
        if is_remote && !self.speaks_tls {
            return refused("an emulator that is reached from elsewhere speaks TLS".to_owned());
        }
        if self
            .secret
            .as_ref()
            .is_some_and(|secret| secret.len() < SECRET_MIN)
        {
            return refused(format!("the secret has fewer than {SECRET_MIN} bytes"));
        }
        if let Some(unusable) = self.applications.iter().find(|known| !known.is_usable()) {
            let name = &unusable.name;
            return refused(format!(
                "the token of the application {name} fits into no header"
            ));
        }
        let is_host = |name: &str| {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
            !name.is_empty() && name.bytes().all(is_part)
        };
        if let Some(name) = self.name.as_deref().filter(|name| !is_host(name)) {
            return refused(format!("{name:?} is no name of a host"));
        }
        if let Some(origin) = self.cors.as_deref().filter(|origin| !is_origin(origin)) {
            return refused(format!(
                "{origin:?} is no origin, such as http://localhost:5173"
            ));
        }
        Ok(())
    }

    #[cfg(feature = "tls")]
    fn with_tls(&self) -> io::Result<Option<crate::tls::Tls>> {
        if !self.speaks_tls {
            return Ok(None);
        }
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        names.push(self.listen.ip().to_string());
        names.extend(self.name.clone());
        names.sort();
        names.dedup();
        crate::tls::Tls::new(names, SystemTime::now()).map(Some)
    }
}

/// Whether a text is an origin as browsers write it: scheme and host, and a port unless it is the
/// default one.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        let is_part = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte)
        };
        !host.is_empty() && host.bytes().all(is_part)
    })
}
