//! `twoba emulator`: runs a local 2BA for other programs, until it is interrupted.

mod folder;
mod requests;
mod users;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use twoba_emulator::{self as emulator, Builder, Emulator};

use crate::arguments::{self, Behavior};
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::settings::variable;
use crate::signals::Ending;
use crate::source;
use folder::{Folder, WayIn};

/// The first port to try.
const PORT: u16 = 4280;

/// The last port to try while the earlier ones are in use. After it, any free port is taken.
const LAST_PORT: u16 = 4299;

/// The start of a clock that is the same in each run: 2026-01-01.
const SEEDED_START: Duration = Duration::from_secs(1_767_225_600);

/// How often to check for requests. Under load, nobody is woken for each.
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
    let secret = if arguments.allow_remote {
        Some(Secret::new()?)
    } else {
        None
    };
    let builder = reached(builder, arguments, secret.as_ref());
    let running = start(builder, arguments, output)?;
    let mut ending = Ending::begin();
    let folder = Folder::with_profile(running.url(), &way_in, running.authority())?;
    if let (Some(path), Some(certificate)) = (&arguments.save_ca, running.authority()) {
        output.file(path, certificate.as_bytes())?;
    }
    output.result(&ready(&running, &folder, secret.as_ref()).to_string())?;
    output.note(&told(&running, &folder, &way_in, secret.as_ref()));
    let mut watch = running.watch();
    let mut folder = Some(folder);
    loop {
        requests::tell(&watch.news(), output);
        ending.obey(|| drop(folder.take()));
        thread::park_timeout(LOOK_AGAIN);
    }
}

/// How clients reach it.
fn reached(
    mut builder: Builder,
    arguments: &arguments::Emulator,
    secret: Option<&Secret>,
) -> Builder {
    if arguments.tls {
        builder = builder.tls();
    }
    if let Some(secret) = secret {
        builder = builder.allow_remote(&secret.text);
    }
    if let Some(origin) = &arguments.cors {
        builder = builder.cors(origin);
    }
    match arguments
        .listen
        .as_ref()
        .and_then(|listen| listen.name.as_ref())
    {
        Some(name) => builder.name(name),
        None => builder,
    }
}

/// The secret for control calls from elsewhere.
struct Secret {
    text: String,
    /// Whether it was made for this run.
    is_new: bool,
}

impl Secret {
    /// The secret of the environment, or a new one.
    fn new() -> Result<Self, Failure> {
        if let Some(text) = variable("TWOBA_EMULATOR_SECRET") {
            return Ok(Self {
                text,
                is_new: false,
            });
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(Kind::Other, format!("no randomness: {error}")))?;
        Ok(Self {
            text: random.iter().map(|byte| format!("{byte:02x}")).collect(),
            is_new: true,
        })
    }
}

/// The first line for programs.
fn ready(running: &Emulator, folder: &Folder, secret: Option<&Secret>) -> Value {
    let mut ready = Map::new();
    let mut tell = |name: &str, value| drop(ready.insert(name.to_owned(), value));
    tell("url", json!(running.url()));
    tell("pid", json!(std::process::id()));
    if running.authority().is_some() {
        tell("ca_file", json!(folder.authority()));
    }
    if let Some(secret) = secret.filter(|secret| secret.is_new) {
        tell("control_secret", json!(secret.text));
    }
    ready.into()
}

/// The text for the person at the start.
fn told(running: &Emulator, folder: &Folder, way_in: &WayIn, secret: Option<&Secret>) -> String {
    let url = running.url();
    let mut text =
        format!("The emulator runs until you press Ctrl-C. Watch it at {url}/_emulator/\n");
    if running.authority().is_some() {
        text.push_str(&format!(
            "Its certificate is good for who trusts the authority in {}\n",
            folder.authority().display()
        ));
    }
    match secret {
        Some(Secret {
            text: secret,
            is_new: true,
        }) => text.push_str(&format!(
            "Console and control calls want the password {secret}, with any user name.\n"
        )),
        Some(Secret { is_new: false, .. }) => text.push_str(
            "Console and control calls want TWOBA_EMULATOR_SECRET as the password, with any user \
             name.\n",
        ),
        None => {}
    }
    format!(
        "{text}\nIn another terminal, with a profile and a folder of the emulator's own:\n\n{}\n",
        folder.told(way_in)
    )
}

/// A number as a seed.
fn seed(number: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    for (to, from) in seed.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    seed
}

/// Starts it at the given address, or else at the first free port from 4280 on.
fn start(
    builder: Builder,
    arguments: &arguments::Emulator,
    output: &Output,
) -> Result<Emulator, Failure> {
    let Some(asked) = &arguments.listen else {
        return start_nearby(builder, output);
    };
    if !asked.address.ip().is_loopback() && !arguments.allow_remote {
        return Err(
            Failure::configuration("the emulator listens on loopback only").advise(
                "use --listen 127.0.0.1:PORT, or --tls --allow-remote to let other machines in",
            ),
        );
    }
    source::start(builder.listen(asked.address))
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
