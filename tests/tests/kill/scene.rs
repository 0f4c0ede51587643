//! Decides what a killed process is surrounded by: a server, a store, and how the program is started there.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use twoba_core::SessionKey;
use twoba_core::limits::ATTEMPT_MAX;
use twoba_emulator::{Builder, FamilyState};
use twoba_servers::postgres::Postgres;
use twoba_store::Protection;
use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};
use twoba_testkit::Running;
use twoba_tests::{
    Adapter, KILL_POINT, KillPoint, Kind, POSTGRES, Place, SEED, SESSION, World, prepared, seed,
};

use crate::table::{Rule, Server};

/// How long the program may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// How long the access tokens of the server live.
const LIFETIME: Duration = Duration::from_secs(600);

/// When an early refresh begins: a token of 600 s is due after 480 s at the latest.
const EARLY: Duration = Duration::from_secs(500);

/// When a refresh is forced that nothing has called for.
const FORCED: Duration = Duration::from_secs(100);

/// When the refresh begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// The old token has ended.
    Late,
    /// It is due, and the old token is still usable.
    Early,
    /// The program wants another token, while the old one is fresh.
    Forced,
}

impl Begin {
    /// How old the token is by then.
    fn age(self) -> Duration {
        match self {
            Self::Late => LIFETIME,
            Self::Early => EARLY,
            Self::Forced => FORCED,
        }
    }
}

/// How a run differs from the others of its cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Where a write is cut that is only half done, in thousandths of it.
    thousandths: usize,
    pub(crate) begin: Begin,
}

impl Cut {
    /// That of one run: from the first byte to the last, in turn late, early and forced.
    pub(crate) fn of(run: usize, runs: usize) -> Self {
        let last = runs.saturating_sub(1).max(1);
        Self {
            thousandths: run * 1000 / last,
            begin: match run % 3 {
                0 => Begin::Late,
                1 => Begin::Early,
                _ => Begin::Forced,
            },
        }
    }

    /// How long after the kill a replay has to wait: until no request can be out any more, and until
    /// the old token is unusable.
    pub(crate) fn wait(self) -> Duration {
        if self.begin == Begin::Late {
            return ATTEMPT_MAX;
        }
        // A repetition comes a second behind the end of the token, so that its answer is final.
        (LIFETIME - self.begin.age() + Duration::from_secs(1)).max(ATTEMPT_MAX)
    }
}

/// What the program said of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// It has a token: the generation, and the fingerprint.
    Token(u64, String),
    /// It has none before this time.
    Wait(i64),
    /// It has none, and the user has to log in.
    LoginRequired(String),
    /// Something that nobody expects.
    Other(String),
}

impl Told {
    fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let told = match words.as_slice() {
            ["token", generation, fingerprint] => generation
                .parse()
                .ok()
                .map(|generation| Self::Token(generation, (*fingerprint).to_owned())),
            ["wait", until] => until.parse().ok().map(Self::Wait),
            ["login-required", cause] => Some(Self::LoginRequired((*cause).to_owned())),
            _ => None,
        };
        told.unwrap_or_else(|| Self::Other(line.to_owned()))
    }
}

/// The store in which the session is.
#[derive(Debug, Clone)]
pub(crate) enum Over {
    Folder,
    Database,
    /// A database of a fleet.
    Fleet(Arc<Postgres>),
}

impl Over {
    /// A database of a fleet; `None` where none is prepared, which is said.
    pub(crate) fn fleet() -> Option<Self> {
        let programs = prepared("TWOBA_POSTGRES")?;
        let settings = ["max_connections=200"];
        Some(Self::Fleet(Arc::new(
            Postgres::start(&programs, &settings).unwrap(),
        )))
    }

    /// Whether a process can be killed there.
    pub(crate) fn has(&self, point: KillPoint) -> bool {
        let cuts_writes = matches!(self, Self::Folder);
        let is_cut = [KillPoint::IntentHalfWritten, KillPoint::RotationHalfWritten];
        cuts_writes || !is_cut.contains(&point)
    }

    /// Everything round an emulator, with an empty store.
    fn world(&self, change: impl FnOnce(Builder) -> Builder) -> World {
        let kind = match self {
            Self::Folder => Kind::File,
            Self::Database => Kind::Database,
            Self::Fleet(_) => Kind::Memory,
        };
        let mut world = World::with(Adapter::Blocking, kind, change);
        if let Self::Fleet(cluster) = self {
            world.place = fleet_in(cluster);
        }
        world
    }
}

/// A store in a schema of its own.
fn fleet_in(cluster: &Postgres) -> Place {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let schema = format!("store_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let tables = PostgresStore::migrations(&schema, Protection::Plain).unwrap();
    cluster.sql("postgres", &tables).unwrap();
    let address = format!(
        "{POSTGRES}admin@127.0.0.1:{}/postgres?schema={schema}&plain_text_that_every_log_can_hold=yes",
        cluster.port()
    );
    let settings = PostgresStore::builder(Address::parse(&address).unwrap());
    let store = BlockingPostgresStore::open(settings.connections(1)).unwrap();
    Place::Fleet(store, address)
}

/// A server on which somebody has logged in, and the store with the session.
pub(crate) struct Scene {
    over: Over,
    pub(crate) world: World,
    /// The access token of the login, by fingerprint.
    pub(crate) first: String,
    rule: Rule,
}

impl Scene {
    /// A session whose token is as old as it is when a refresh begins.
    pub(crate) fn new(over: &Over, server: Server, rule: Rule, begin: Begin) -> Self {
        let world = over.world(|builder| builder.policy(server.policy()).token_lifetime(LIFETIME));
        drop(world.logged_in());
        let scene = Self {
            over: over.clone(),
            first: newest(&world).access.to_string(),
            world,
            rule,
        };
        scene.pass(begin.age());
        scene
    }

    /// The server's time, which is everybody's.
    pub(crate) fn now(&self) -> i64 {
        let since = self
            .world
            .emulator
            .now()
            .duration_since(SystemTime::UNIX_EPOCH);
        i64::try_from(since.unwrap().as_millis()).unwrap()
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.world.emulator.advance(span).unwrap();
    }

    /// The only login of the server.
    pub(crate) fn family(&self) -> FamilyState {
        newest(&self.world)
    }

    /// The stored record.
    pub(crate) fn record(&self) -> Vec<u8> {
        let key = SessionKey::parse(SESSION).unwrap();
        let stored = self.world.place.open().read(&key).unwrap();
        stored.unwrap().expose().to_vec()
    }

    /// What the record says, below the line of its envelope.
    pub(crate) fn state(&self) -> Value {
        let record = self.record();
        let line = record.iter().position(|byte| *byte == b'\n').unwrap();
        let json: Value = serde_json::from_slice(&record[line + 1..]).unwrap();
        json["state"]["held"].clone()
    }

    /// The names of all files in the folder; `None` if the store is no folder.
    pub(crate) fn files(&self) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.world.place.folder()?).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        Some(names)
    }

    /// Ends a claim of a fleet, as if its holder had been silent for too long. The leases of other
    /// stores end with their process.
    pub(crate) fn lapse(&self) {
        if let (Over::Fleet(cluster), Place::Fleet(_, address)) = (&self.over, &self.world.place) {
            let (_, schema) = address.split_once("schema=").unwrap();
            let (schema, _) = schema.split_once('&').unwrap();
            let lapse = format!(
                "UPDATE {schema}.session SET claimed_until = now() - interval '1 s' WHERE claimed_until IS NOT NULL;"
            );
            cluster.sql("postgres", &lapse).unwrap();
        }
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_one-token"));
        command
            .env_clear()
            .env(SEED, seed().to_string())
            .arg(self.world.place.address().unwrap())
            .arg(format!("{}/OAuth/Token", self.world.emulator.url()))
            .arg(self.now().to_string())
            .arg(self.rule.to_string());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self) -> Told {
        let running = Running::start(&mut self.program()).unwrap();
        Self::told(running)
    }

    /// What a process says at its end.
    pub(crate) fn told(running: Running) -> Told {
        let ended = running.finish(LIMIT).unwrap();
        if ended.status.success() && ended.stderr.is_empty() {
            return Told::parse(ended.stdout.trim_end());
        }
        Told::Other(format!("{ended:?}"))
    }

    /// Starts the program, and waits until it says where it is.
    pub(crate) fn start_at(&self, point: KillPoint, cut: Cut) -> (Running, String) {
        let stop = format!("{point}:{}", cut.thousandths);
        let mut program = self.program();
        if cut.begin == Begin::Forced {
            program.arg("forced");
        }
        let mut running = Running::start(program.env(KILL_POINT, stop)).unwrap();
        let line = running.stdout_line(LIMIT).unwrap().unwrap_or_default();
        (running, line)
    }

    /// Kills the program where it says that it is at this point.
    ///
    /// # Errors
    ///
    /// - it says anything else, or leaves something behind: a text that says so
    pub(crate) fn kill_at(&self, point: KillPoint, cut: Cut) -> Result<(), String> {
        let (running, line) = self.start_at(point, cut);
        let ended = running.kill().unwrap();
        self.lapse();
        if ended.status.signal() != Some(9) || !ended.stdout.is_empty() || !ended.stderr.is_empty()
        {
            return Err(format!("the process ended otherwise: {line:?}, {ended:?}"));
        }
        let said = line.strip_prefix(&format!("at {point}"));
        match said.map(str::trim) {
            Some("") => Ok(()),
            // What stood between the process and the server died with it.
            Some(address) if TcpStream::connect(address).is_err() => Ok(()),
            Some(address) => Err(format!("somebody still listens on {address}")),
            None => Err(format!("the process said {line:?}")),
        }
    }
}

fn newest(world: &World) -> FamilyState {
    world.emulator.state().families.swap_remove(0)
}
