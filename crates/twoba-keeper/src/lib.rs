//! What keeps sessions above the core, once for every adapter and for the simulation.
//!
//! The core decides what a session needs next; a [`Keeper`] is the sequence that carries it out:
//! one look at the store, one lease, one request and one save for all who wait for a token. It is
//! async and generic over a [`Runtime`], which knows the clock, the store, the wires and how work
//! is run: Tokio, threads, or a simulated world. Applications use `twoba-async` or
//! `twoba-blocking`, which add what a caller sees.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `runtime` | what a keeper asks of whoever runs it |
//! | `parts`, `settings`, `origin` | what else it is made of: store, limits, time and randomness |
//! | `keeper` | what can be asked of a session, and the way of a fresh token |
//! | `entry`, `registry` | one state for each key, and all of them; idle ones give their memory back |
//! | `published` | the token that everybody reads without a lock |
//! | `flight`, `place` | one refresh for all who wait, and who carries it out |
//! | `refresh`, `lease` | the sequence of a refresh |
//! | `unsaved`, `tries` | a grant that the store did not take |
//! | `seen`, `unsent` | a store that goes back, and one that fails after it has written |
//! | `login`, `sign_in`, `logout` | how sessions begin and end |
//! | `private_key` | a signer that has its key in memory; behind a feature |
//! | `keep_alive` | grants that die if nobody uses them |
//! | `handle` | what the handles of both adapters have in common |
//! | `service` | a call with the token, and what a 401 leads to |
//! | `exchange`, `body`, `coding` | an answer as it comes: bounded, wiped, its coding undone |
//! | `wires` | what both adapters hold their connections and answers to |
//! | `authorities` | whose certificates are good, where not the platform says so |
//! | `proxy` | which proxy the environment names, and for which addresses |

mod authorities;
mod body;
mod coding;
mod detached;
mod entry;
mod exchange;
#[cfg(all(test, loom))]
mod explored;
mod flight;
mod handle;
mod inside;
mod keep_alive;
mod keeper;
mod lease;
mod login;
mod logout;
mod origin;
mod parts;
mod place;
#[cfg(feature = "private-key-jwt")]
mod private_key;
pub mod proxy;
mod published;
mod refresh;
mod registry;
mod runtime;
mod seen;
mod service;
mod settings;
mod sign_in;
mod sync;
mod tries;
mod unharmed;
mod unsaved;
mod unsent;
pub mod wires;

pub use authorities::{Authorities, AuthoritiesError};
pub use body::Body;
pub use entry::Entry;
pub use flight::Named;
pub use inside::Asking;
pub use keep_alive::KeptAlive;
pub use keeper::Keeper;
pub use logout::End;
pub use origin::Origin;
pub use parts::Parts;
#[cfg(feature = "private-key-jwt")]
pub use private_key::{PrivateKey, PrivateKeyError};
pub use runtime::{Answer, BoxFuture, Credentials, Pause, Runtime, Work};
pub use settings::{EarlyRefresh, Settings};
#[doc(hidden)]
pub use twoba_store::Clock;

/// What an application names beside its sessions, whichever adapter it uses.
#[doc(hidden)]
pub mod names {
    pub use twoba_core::{
        AccessToken, Advice, Client, ClientAuthentication, ClientSecret, Endpoint, EndpointError,
        LoggedOut, Login, LoginError, Password, Provider, RedirectUri, RefreshError, RefreshToken,
        Replay, Revocation, Rules, SessionKey, SessionState, SignError, Signer, Status, Timestamp,
        Verdict,
    };
    pub use twoba_store::{Clock, Error, ErrorKind, FileStore, MemoryStore, Store, StoreError};

    pub use crate::proxy::Proxies;
    pub use crate::{Authorities, AuthoritiesError, Credentials, EarlyRefresh, KeptAlive};
    #[cfg(feature = "private-key-jwt")]
    pub use crate::{PrivateKey, PrivateKeyError};
}
