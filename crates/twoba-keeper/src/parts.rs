//! The parts of a keeper besides its client and its runtime, and the builder methods with which the
//! users of an adapter choose them.

use std::fmt;
use std::sync::Arc;

use twoba_store::AsyncStore;

use crate::origin::Origin;
use crate::settings::Settings;

/// The parts of a keeper besides its client and its runtime.
#[allow(
    clippy::exhaustive_structs,
    reason = "whoever makes a keeper brings each of them"
)]
pub struct Parts {
    /// The settings for keeping sessions.
    pub settings: Settings,
    /// The source of time and randomness.
    pub origin: Origin,
    /// The store of the sessions.
    pub store: Arc<dyn AsyncStore>,
}

impl Parts {
    /// Makes the parts of this store and the defaults.
    pub fn new(store: impl AsyncStore + 'static) -> Self {
        Self {
            settings: Settings::default(),
            origin: Origin::default(),
            store: Arc::new(store),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Defines the methods that the builders of all adapters share. A `Builder` has a `client`,
/// `parts`, and a private `new`.
#[doc(hidden)]
#[macro_export]
macro_rules! builder {
    ($client:ident, $builder:ident of $($made:ident),+) => {
        $(
            impl $made {
                /// Makes a builder for sessions of this client.
                #[must_use]
                pub fn builder(client: $client) -> $builder {
                    $builder::new(client)
                }
            }
        )+

        impl $builder {
            /// Sets the clock, for tests. The default is the machine's clock.
            #[must_use]
            pub fn clock(mut self, clock: impl $crate::Clock + 'static) -> Self {
                self.parts.origin = self.parts.origin.with_clock(clock);
                self
            }

            /// Sets how long a caller waits for another refresher. The default is one minute.
            #[must_use]
            pub fn patience(mut self, patience: ::core::time::Duration) -> Self {
                self.parts.settings.patience = patience;
                self
            }

            /// Sets who carries out early refreshes.
            #[must_use]
            pub fn early_refresh(mut self, early: $crate::EarlyRefresh) -> Self {
                self.parts.settings.early = early;
                self
            }

            /// Sets how long a session that nobody holds stays in memory. The default is ten
            /// minutes.
            #[must_use]
            pub fn idle(mut self, idle: ::core::time::Duration) -> Self {
                self.parts.settings.idle = idle;
                self
            }

            /// Sets how long a sign-in waits for its credentials. The default is one minute. A
            /// vault answers in seconds; a person may take longer. All other callers that need a
            /// token wait meanwhile.
            #[must_use]
            pub fn sign_in_within(mut self, limit: ::core::time::Duration) -> Self {
                self.parts.settings.credentials = limit;
                self
            }

            /// Sets the longest total time of a request, for tests that wait for its end. A value
            /// above the default has no effect, because other processes rely on the end of a
            /// request by then.
            #[doc(hidden)]
            #[must_use]
            pub fn request_total(mut self, limit: ::core::time::Duration) -> Self {
                let total = &mut self.parts.settings.request_total;
                *total = limit.min(*total);
                self
            }

            /// Sets the longest idle time of a connection that a token request reuses. It is for
            /// tests that must not depend on their own speed.
            #[doc(hidden)]
            #[must_use]
            pub fn token_idle(mut self, limit: ::core::time::Duration) -> Self {
                self.parts.settings.token_idle = limit;
                self
            }

            /// Sets the source of all randomness, for tests that have to be repeatable. The default
            /// is the system's source. It determines the state and the verifier of browser logins,
            /// so anybody who can guess it can steal a login.
            #[must_use]
            pub fn entropy(
                mut self,
                entropy: impl Fn() -> [u8; 32] + Send + Sync + 'static,
            ) -> Self {
                self.parts.origin = self.parts.origin.with_entropy(entropy);
                self
            }
        }

        impl ::core::fmt::Debug for $builder {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($builder))
                    .field("client", &self.client)
                    .finish_non_exhaustive()
            }
        }
    };
}
