//! `twoba emulator`: a local 2BA for other programs, until it is interrupted.

mod folder;
mod requests;
mod users;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;
use twoba_emulator::{self as emulator, Builder, Emulator};

use crate::arguments::{self, Behavior};
use crate::failure::Failure;
use crate::output::Output;
use crate::source;
use folder::{Folder, WayIn};

/// The port where it is looked for first.
const PORT: u16 = 4280;

/// The last one that is tried when those before are busy; after it any free one is taken.
const LAST_PORT: u16 = 4299;

/// When a clock starts that has to be the same in each run: 2026-01-01.
const SEEDED_START: Duration = Duration::from_secs(1_767_225_600);

/// How often it is looked whether there were requests: under load nobody is woken for each.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

pub(crate) fn run(arguments: &arguments::Emulator, output: &Output) -> Result<(), Failure> {
    let behavior = match arguments.behavior {
        Behavior::TwoBa => emulator::Behavior::TwoBa,
        Behavior::Plain => emulator::Behavior::Plain,
    };
    let clock = match arguments.clock {
        arguments::Clock::Real => emulator::Clock::Real,
        arguments::Clock::Manual => match arguments.seed {
            // Tokens tell when they were granted.
            Some(_) => emulator::Clock::ManualFrom(UNIX_EPOCH + SEEDED_START),
            None => emulator::Clock::Manual,
        },
    };
    let mut builder = Emulator::builder()
        .token_lifetime(arguments.token_lifetime)
        .policy(arguments.policy)
        .behavior(behavior)
        .clock(clock);
    if let Some(number) = arguments.seed {
        builder = builder.seed(seed(number));
    }
    if arguments.any_user {
        builder = builder.any_user();
    }
    let mut way_in = WayIn::demo();
    if let Some(path) = &arguments.users {
        let users = users::read(path)?;
        way_in = WayIn::of(&users);
        builder = builder.clients(users.clients).users(users.users);
    }
    let running = start(builder, arguments.listen, output)?;
    let url = running.url();
    // Removed when this ends, or else when the next emulator starts.
    let folder = Folder::with_profile(url, &way_in)?;
    output.result(&json!({"url": url, "pid": std::process::id()}).to_string())?;
    output.note(&format!(
        "The emulator runs until you press Ctrl-C. Watch it at {url}/_emulator/\n\n\
         In another terminal, with a profile and a folder of the emulator's own:\n\n\
         {}\n",
        folder.told(&way_in)
    ));
    let mut watch = running.watch();
    loop {
        requests::tell(&watch.news(), output);
        thread::park_timeout(LOOK_AGAIN);
    }
}

/// A number as a seed.
fn seed(number: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    for (to, from) in seed.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    seed
}

/// Starts it at the address that was asked for, or else at the first free port from 4280 on.
fn start(
    builder: Builder,
    asked: Option<SocketAddr>,
    output: &Output,
) -> Result<Emulator, Failure> {
    let Some(address) = asked else {
        return start_nearby(builder, output);
    };
    if !address.ip().is_loopback() {
        return Err(
            Failure::configuration("the emulator listens on loopback only")
                .advise("use --listen 127.0.0.1:PORT"),
        );
    }
    source::start(builder.listen(address))
}

fn start_nearby(builder: Builder, output: &Output) -> Result<Emulator, Failure> {
    for port in (PORT..=LAST_PORT).chain([0]) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match builder.clone().listen(address).start() {
            Ok(running) => {
                if port != PORT {
                    output.note(&format!(
                        "Port {PORT} is busy; the emulator listens on port {}.",
                        running.addr().port()
                    ));
                }
                return Ok(running);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            // The same error again, told as it is told elsewhere.
            Err(_) => return source::start(builder.listen(address)),
        }
    }
    source::start(builder)
}
