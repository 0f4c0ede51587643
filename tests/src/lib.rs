//! What the outside-in tests share: both adapters behind one face, worlds to put them in, a browser.
//!
//! - [`Hindered`] is a store whose operations fail, panic or are kept; [`Detour`] holds answers back.
//! - [`Subject`] is a session of either adapter; [`Adapter::open`] makes one.
//! - [`World`] is an emulator, its clock and a store; [`Bench`] is a script instead of the emulator.
//! - [`Chance`] is what worlds and their sessions draw from, always the same.
//! - [`KillPoint`] is where the program `one-token` of these tests stops, to be killed there.
//! - [`Browser`] walks login pages; [`Django`] is a server that others wrote; [`Cli`] is the program.
//! - [`Chromium`] is a real browser, which shows the same pages as they are.
//! - [`prepared`] finds what `cargo xtask test` has installed for such programs.
//! - [`Tunnel`] is a proxy; [`Strait`] is a way on which bytes of any protocol get lost or are late.
//! - [`Desk`] is a person's place: an emulator, a home and the program; [`Login`] waits for a browser.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a helper of a test fails the test"
)]
#![expect(
    clippy::missing_errors_doc,
    reason = "a subject's errors are those of the adapter, documented there"
)]

mod bench;
mod browser;
mod chance;
mod chromium;
mod cli;
mod desk;
mod detour;
mod django;
mod elsewhere;
mod failure;
mod hindered;
mod kill_point;
mod place;
mod prepared;
mod program;
mod strait;
mod subject;
#[cfg(unix)]
mod terminal;
mod traced;
mod tunnel;
mod webdriver;
mod world;

pub use bench::{Bench, Kept};
pub use browser::{Browser, location, log_in_at_emulator, query_of};
pub use chance::{Chance, SEED, seed};
pub use chromium::{Chromium, ENTER, Habits, TAB, until};
pub use cli::{Cli, Said, program};
pub use desk::{Desk, Login};
pub use detour::Detour;
pub use django::{Consent, Django};
pub use elsewhere::refresh_token_at;
pub use failure::{
    cause, not_delivered, refresh_error, service_error, session_error, token_error, trouble,
};
pub use hindered::{Doing, Hindered};
pub use kill_point::{KILL_POINT, KillPoint, SESSION};
pub use place::{Kind, POSTGRES, Place, SQLITE};
pub use prepared::prepared;
pub use program::OwnSession;
pub use strait::{Strait, Weather};
pub use subject::{Adapter, Early, Entropy, Extras, Subject, Vault, on_threads, on_tokio};
#[cfg(unix)]
pub use terminal::Terminal;
pub use traced::Traced;
pub use tunnel::Tunnel;
pub use world::World;

/// The user that both servers know.
pub const USER: &str = "demo@example.com";
/// The user's password.
pub const PASSWORD: &str = "myPassword";
/// The documented client.
pub const CLIENT: &str = "myApplication";
/// The client's secret.
pub const SECRET: &str = "myApplicationSecret";

/// The examples of the README, compiled as they stand there.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;

/// The programs of the chapter on fleets, compiled as they stand there.
#[cfg(doctest)]
#[doc = include_str!("../../docs/fleet.md")]
#[derive(Debug)]
pub struct Fleet;
