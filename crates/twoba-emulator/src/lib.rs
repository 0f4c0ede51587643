//! A local 2BA for other people's clients: it hands out tokens, misbehaves on request, and judges.
//!
//! An [`Emulator`] is an authorization server with a login page, a token endpoint, revocation and
//! introspection, and sample services behind a Bearer check, as JSON and SOAP, all on a loopback
//! port of this machine. It plays [faults](Fault) on request, treats refresh tokens by the
//! [`Policy`] that it is given, and its [clock](Clock) can be moved by hand. Its [`Journal`] is the
//! judge: a test asks the emulator how many requests, rotations and reuses there were, never the
//! client that it tests. For people there is a console in the browser, at `/_emulator/`.
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
//! # What it promises
//!
//! - Unless told otherwise, refresh tokens rotate strictly: a spent one ends its family, access
//!   tokens included.
//! - A rotation is in the journal before the first byte of the answer leaves.
//! - Where a token is good once, of two refreshes at once with it exactly one gets tokens.
//! - Neither journal nor state, requests, console nor `Debug` output holds a token, code, secret or password;
//!   the console names those that are documented here.
//!
//! # Clients and users
//!
//! Unless others are given: the confidential client `myApplication` with `myApplicationSecret`,
//! the public client `publicApplication`, and the users `demo@example.com` with `myPassword` and
//! `tricky@example.com` with `p@ss word+&=%é`. Both clients may ask for the scopes `unifeed`,
//! `openid`, `offline_access`, `apix`, `read:products`, `read:tradeitems`, `read:netprices` and
//! `read:stock`.
//!
//! It was written from the specifications and 2BA's documents and shares no code with the client
//! library that it judges.

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
