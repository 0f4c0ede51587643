//! A local 2BA to test clients against. It issues tokens, plays faults on request, and keeps a
//! journal by which a test can judge a client.
//!
//! An [`Emulator`] is an authorization server on a loopback port of this machine. It has a login
//! page, a token endpoint, revocation, introspection, and sample services behind a Bearer check, as
//! JSON and SOAP. It plays [faults](Fault) on request, and treats refresh tokens by a [`Policy`].
//! Its [clock](Clock) can be moved by hand. Its [`Journal`] is the judge: a test asks the emulator,
//! and never the client under test, how many requests, rotations and reuses there were. People can
//! watch it in a browser, at `/_emulator/`.
//!
//! ```
//! use std::time::Duration;
//! use twoba_emulator::{Clock, Emulator, Fault, FaultPoint, FaultRule};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::builder().clock(Clock::Manual).start()?;
//! println!("log in at {}/OAuth/Token", emulator.url());
//!
//! emulator.add_fault(FaultRule::next(FaultPoint::Refresh, Fault::DropAfterCommit));
//! emulator.advance(Duration::from_secs(121))?;
//! // ... let the client under test refresh its token ...
//! assert_eq!(emulator.journal().counts.reuse, 0);
//! # Ok(())
//! # }
//! ```
//!
//! # Promises
//!
//! - By default, refresh tokens rotate strictly. A spent one ends its family, access tokens
//!   included.
//! - A rotation is in the journal before the first byte of the answer leaves.
//! - If a token can be used once, exactly one of two concurrent refreshes with it gets tokens.
//! - Neither journal nor state, requests, console nor `Debug` output holds a token, code, secret or
//!   password. The console shows only the documented ones of this page.
//!
//! # Clients and users
//!
//! The defaults are the confidential client `myApplication` with `myApplicationSecret`, the public
//! client `publicApplication`, and the users `demo@example.com` with `myPassword` and
//! `tricky@example.com` with `p@ss word+&=%é`. Both clients may ask for the scopes `unifeed`,
//! `openid`, `offline_access`, `apix`, `read:products`, `read:tradeitems`, `read:netprices` and
//! `read:stock`.
//!
//! The emulator follows the specifications and 2BA's documents. It shares no code with the client
//! library that it judges.

mod application;
mod behavior;
mod builder;
mod clock;
mod control_error;
mod emulator;
mod fault;
mod grant;
mod identifier;
mod journal;
mod policy;
mod public_key;
mod refusal;
mod registry;
mod request;
mod secret;
mod state;
mod update;
mod watch;

mod assertions;
mod authority;
mod http;
mod world;

mod duration;
mod timestamp;
#[cfg(feature = "tls")]
mod tls;

pub use behavior::Behavior;
pub use builder::Builder;
pub use clock::Clock;
pub use control_error::ControlError;
pub use emulator::Emulator;
pub use fault::{CountedRule, Fault, FaultPoint, FaultRule, Occurrence, ParseFaultError};
pub use grant::Grant;
pub use identifier::{FamilyId, Fingerprint, ParseFamilyIdError};
pub use journal::{Counts, EndReason, Endpoint, Event, EventKind, Journal};
pub use policy::{ParsePolicyError, Policy};
pub use public_key::{PublicKey, PublicKeyError};
pub use refusal::{BearerRefusal, Refusal};
pub use registry::{RegisteredClient, RegisteredUser};
pub use request::{SeenAuthorization, SeenParameter, SeenRequest};
pub use state::{End, FamilyState, State};
pub use watch::{Watch, Watched, WatchedRequest};
