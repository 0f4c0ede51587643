//! Keeps sessions, on top of the core. All adapters and the simulation share this crate.
//!
//! The core decides what a session needs next. A [`Keeper`] carries it out: one look at the store,
//! one lease, one request and one save for all callers that wait for a token. It is async and
//! generic over a [`Runtime`], which provides the clock, the store, the connections and a way to
//! run work: Tokio, threads, or a simulated world. Applications use `twoba-async` or
//! `twoba-blocking`, which add the interface for callers.
//!
//! | file | content |
//! | --- | --- |
//! | `runtime` | the requirements of a keeper for its runtime |
//! | `parts`, `settings`, `origin` | the other parts of a keeper: store, limits, time and randomness |
//! | `keeper` | the requests to a session, and how a caller gets a token |
//! | `entry`, `registry` | one state for each key, and all of them; idle ones release their memory |
//! | `published` | the token that all callers read without a lock |
//! | `flight`, `place` | one refresh for all callers that wait, and the caller that carries it out |
//! | `refresh`, `lease` | the sequence of a refresh |
//! | `unsaved`, `tries` | a grant that the store did not take |
//! | `seen`, `unsent` | a store that goes back, and one that reports a failure after it has written |
//! | `login`, `sign_in`, `logout` | how sessions begin and end |
//! | `private_key` | a signer with its key in memory, behind a feature |
//! | `keep_alive` | grants that expire if nobody uses them |
//! | `handle` | the methods that the handles of both adapters share |
//! | `service` | a service call with the token, and the consequences of a 401 |
//! | `exchange`, `body`, `coding` | an answer as it arrives: bounded, wiped and decoded |
//! | `wires` | the limits of both adapters for connections and answers |
//! | `authorities` | the certificate authorities that are trusted instead of the platform's |
//! | `proxy` | the proxy of the environment, and the addresses that it is for |

mod aim;
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
mod look;
mod noting;
mod origin;
mod pace;
mod parts;
mod pauses;
mod place;
#[cfg(test)]
mod prepared;
#[cfg(feature = "private-key-jwt")]
mod private_key;
pub mod proxy;
mod published;
mod refresh;
mod registry;
mod renewed;
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

pub use aim::Named;
pub use authorities::{Authorities, AuthoritiesError};
pub use body::Body;
pub use entry::Entry;
pub use inside::Asking;
pub use keep_alive::KeptAlive;
pub use keeper::Keeper;
pub use logout::End;
pub use origin::Origin;
pub use pace::{Pace, WAIT_MAX};
pub use parts::Parts;
#[cfg(feature = "private-key-jwt")]
pub use private_key::{PrivateKey, PrivateKeyError};
pub use runtime::{Answer, BoxFuture, Credentials, Pause, Runtime, Streams, Work};
pub use settings::{EarlyRefresh, Settings};
#[doc(hidden)]
pub use twoba_store::Clock;

/// The types that an application uses beside its sessions, with either adapter.
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
