//! What every keeper has besides its client and whoever runs it, and how an adapter lets its
//! users choose that.

use std::fmt;
use std::sync::Arc;

use twoba_store::AsyncStore;

use crate::origin::Origin;
use crate::settings::Settings;

/// What a keeper is made of besides its client and its runtime.
#[allow(
    clippy::exhaustive_structs,
    reason = "whoever makes a keeper brings each of them"
)]
pub struct Parts {
    /// How sessions are kept.
    pub settings: Settings,
    /// Where time and randomness come from.
    pub origin: Origin,
    /// Where sessions are stored.
    pub store: Arc<dyn AsyncStore>,
}

impl Parts {
    /// This store, and what holds when nothing else is said.
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

/// What the builders of all adapters have in common: their `Builder` has a `client`, `parts`, and
/// a private `new`.
#[doc(hidden)]
#[macro_export]
macro_rules! builder {
    ($client:ident, $builder:ident of $($made:ident),+) => {
        $(
            impl $made {
                /// A builder for sessions of this client.
                #[must_use]
                pub fn builder(client: $client) -> $builder {
                    $builder::new(client)
                }
            }
        )+

        impl $builder {
            /// Sets the clock, for tests; without, it is the machine's.
            #[must_use]
            pub fn clock(mut self, clock: impl $crate::Clock + 'static) -> Self {
                self.parts.origin = self.parts.origin.with_clock(clock);
                self
            }

            /// Sets how long a caller waits for somebody else's refresh; a minute without.
            #[must_use]
            pub fn patience(mut self, patience: ::core::time::Duration) -> Self {
                self.parts.settings.patience = patience;
                self
            }

            /// Sets who refreshes early.
            #[must_use]
            pub fn early_refresh(mut self, early: $crate::EarlyRefresh) -> Self {
                self.parts.settings.early = early;
                self
            }

            /// Sets how long a session that nobody holds stays in memory; ten minutes without.
            #[must_use]
            pub fn idle(mut self, idle: ::core::time::Duration) -> Self {
                self.parts.settings.idle = idle;
                self
            }

            /// Sets how long a sign-in waits for its credentials; a minute without. A vault
            /// answers in seconds; where a person is asked, it may take longer. Everybody else
            /// who needs a token waits meanwhile.
            #[must_use]
            pub fn sign_in_within(mut self, limit: ::core::time::Duration) -> Self {
                self.parts.settings.credentials = limit;
                self
            }

            /// Sets how long a request may take in all, for tests that wait for its end. It is
            /// never longer than without: others count on it that a request is not out any more.
            #[doc(hidden)]
            #[must_use]
            pub fn request_total(mut self, limit: ::core::time::Duration) -> Self {
                let total = &mut self.parts.settings.request_total;
                *total = limit.min(*total);
                self
            }

            /// Sets how long a connection may have lain idle that a token request goes out on, for
            /// tests that must not depend on how fast they are.
            #[doc(hidden)]
            #[must_use]
            pub fn token_idle(mut self, limit: ::core::time::Duration) -> Self {
                self.parts.settings.token_idle = limit;
                self
            }

            /// Sets where all randomness is drawn from, for tests that have to repeat; without,
            /// it is the system. It decides the state and the verifier of browser logins: who
            /// can guess it can steal them.
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
