//! Programs that refresh over a database: many at once, and while it is away.

use std::env;
use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use twoba_core::{Client, Endpoint, Password, Provider, Replay, Timestamp};
use twoba_servers::postgres::Postgres;
use twoba_store::{Error, ErrorKind, Store, StoreError, block_on};
use twoba_store_postgres::{BlockingPostgresStore, PostgresStore};
use twoba_testkit::Running;
use twoba_tests::{Adapter, Detour, Kind, PASSWORD, SECRET, USER as PERSON, World};

use crate::scene::{
    DATABASE, HASTY, Tables, USER, cluster, cluster_with, held_by, key, runtime, writes,
};

/// The documented token lives for 120 s: due from here on, and still usable.
const DUE: u64 = 100;
const ENDED: u64 = 121;

struct Scene {
    cluster: Postgres,
    tables: Tables,
    world: World,
    runtime: Runtime,
}

/// A session of either adapter.
enum Session {
    Blocking(twoba_blocking::Session),
    Async(twoba_async::Session),
}

impl Scene {
    fn new() -> Option<Self> {
        Self::on(cluster())
    }

    fn on(cluster: Option<Postgres>) -> Option<Self> {
        let cluster = cluster?;
        Some(Self {
            tables: Tables::new(&cluster, true),
            cluster,
            world: World::new(Adapter::Blocking, Kind::Memory),
            runtime: runtime(),
        })
    }

    fn store(&self) -> BlockingPostgresStore {
        self.tables.open_hasty()
    }

    fn async_store(&self) -> PostgresStore {
        let builder = self.tables.builder().deadline(HASTY);
        block_on(builder.runtime(self.runtime.handle().clone()).open()).unwrap()
    }

    fn session(&self) -> twoba_blocking::Session {
        session_of(self.world.client(), self.store(), self.world.clock())
    }

    fn sessions(&self) -> [Session; 2] {
        self.sessions_of(self.world.client())
    }

    fn sessions_of(&self, client: Client) -> [Session; 2] {
        let sessions = twoba_async::Sessions::builder(client.clone())
            .store(self.async_store())
            .clock(self.world.clock())
            .http(|http| http.no_proxy())
            .build();
        [
            Session::Blocking(session_of(client, self.store(), self.world.clock())),
            Session::Async(sessions.unwrap().open("a").unwrap()),
        ]
    }

    fn token(&self, session: &Session) -> Result<(), Error> {
        match session {
            Session::Blocking(session) => session.token().map(drop),
            Session::Async(session) => self.runtime.block_on(session.token()).map(drop),
        }
    }

    fn log_in(&self) {
        let password = Password::parse(PASSWORD).unwrap();
        self.session().login(PERSON, &password).unwrap();
    }
}

fn session_of(
    client: Client,
    store: BlockingPostgresStore,
    clock: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> twoba_blocking::Session {
    let sessions = twoba_blocking::Sessions::builder(client)
        .store(store)
        .clock(clock)
        .http(|http| http.proxy(None))
        .build();
    sessions.open("a").unwrap()
}

#[test]
fn valid_tokens_are_handed_out_and_nothing_is_spent_while_the_database_is_away() {
    let Some(scene) = Scene::new() else { return };
    scene.log_in();
    let sessions = scene.sessions();
    for session in &sessions {
        scene.token(session).unwrap();
    }
    scene.cluster.freeze(true).unwrap();
    for after in [0, DUE] {
        scene.world.pass(after);
        for session in &sessions {
            let started = Instant::now();
            scene.token(session).unwrap();
            assert!(started.elapsed() < HASTY / 2);
        }
    }
    scene.world.pass(ENDED - DUE);
    for session in &sessions {
        let failed = scene.token(session).unwrap_err();
        let is_away = matches!(failed.kind(), ErrorKind::Store(StoreError::Database { .. }));
        assert!(is_away, "{failed}");
    }
    assert_eq!(scene.world.counts().refresh, 0);
    scene.cluster.freeze(false).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    for session in &sessions {
        while let Err(error) = scene.token(session) {
            assert!(Instant::now() < until, "{error}");
        }
    }
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.reuse), (1, 0));
}

/// Both adapters, with all that they do around a refresh.
#[test]
fn a_refresh_is_three_writes_and_holds_nothing_while_its_request_is_out() {
    let Some(scene) = Scene::on(cluster_with(&["log_statement=all", "log_duration=off"])) else {
        return;
    };
    scene.log_in();
    let server: SocketAddr = scene.world.emulator.url()[7..].parse().unwrap();
    let detour = Detour::to(server);
    let endpoint = Endpoint::parse(&format!("{}/OAuth/Token", detour.url())).unwrap();
    let provider = scene.world.provider().with_token_endpoint(endpoint);
    for session in scene.sessions_of(World::client_of(provider, SECRET)) {
        scene.world.pass(ENDED);
        detour.hold();
        let before = scene.cluster.log().len();
        thread::scope(|scope| {
            let refreshing = scope.spawn(|| scene.token(&session));
            detour.wait_for_held(1);
            assert_eq!(
                scene.cluster.sql(DATABASE, &held_by(USER)).unwrap(),
                "0\n0\n"
            );
            detour.let_go();
            refreshing.join().unwrap().unwrap();
        });
        let log = scene.cluster.log();
        let writes = writes(&log[before..]);
        assert_eq!(writes.len(), 3, "{}", writes.join("\n"));
    }
    assert_eq!(scene.world.counts().rotations, 2);
}

/// A holder whose answer is late loses its claim, and another program gives the session up, as the
/// rule wants it. The late answer is the successor, and brings the session back.
#[test]
fn a_late_answer_is_stored_although_the_claim_is_lost() {
    let Some(scene) = Scene::new() else { return };
    scene.log_in();
    let server: SocketAddr = scene.world.emulator.url()[7..].parse().unwrap();
    let detour = Detour::to(server);
    let endpoint = format!("{}/OAuth/Token", detour.url());
    let provider = scene.world.provider().with_replay(Replay::Never);
    let late = provider
        .clone()
        .with_token_endpoint(Endpoint::parse(&endpoint).unwrap());
    let holder = session_of(
        World::client_of(late, SECRET),
        scene.store(),
        scene.world.clock(),
    );
    let next = session_of(
        World::client_of(provider, SECRET),
        scene.store(),
        scene.world.clock(),
    );
    scene.world.pass(ENDED);
    detour.hold();
    thread::scope(|scope| {
        let held = scope.spawn(|| holder.token());
        detour.wait_for_held(1);
        let lapse = "UPDATE {}.session SET claimed_until = now() - interval '1 s';";
        let lapse = lapse.replace("{}", &scene.tables.schema);
        scene.cluster.sql(DATABASE, &lapse).unwrap();
        scene.world.pass(60);
        let lost = next.token().unwrap_err();
        assert!(lost.verdict().is_some(), "{lost}");
        detour.let_go();
        held.join().unwrap().unwrap();
    });
    next.token().unwrap();
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.rotations, counts.reuse), (1, 1, 0));
}

/// Tells the test below, in a process of its own, where everything is.
const ONE_OF_MANY: &str = "TWOBA_TEST_ONE_OF_MANY";

const PROCESSES: usize = 80;

#[test]
fn eighty_processes_at_expiry_are_served_by_one_refresh() {
    if let Ok(place) = env::var(ONE_OF_MANY) {
        return get_one_token(&place);
    }
    let Some(scene) = Scene::new() else { return };
    let tables = Tables::new(&scene.cluster, false);
    let login = session_of(scene.world.client(), tables.open(), scene.world.clock());
    login
        .login(PERSON, &Password::parse(PASSWORD).unwrap())
        .unwrap();
    scene.world.pass(ENDED);
    let place = format!(
        "{} {} {} {}",
        tables.port,
        tables.schema,
        scene.world.emulator.url(),
        (scene.world.clock())().unix_millis(),
    );
    let start = |_| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "--nocapture"]);
        command.arg("refreshes::eighty_processes_at_expiry_are_served_by_one_refresh");
        Running::start(command.env(ONE_OF_MANY, &place)).unwrap()
    };
    let mut processes: Vec<Running> = (0..PROCESSES).map(start).collect();
    for process in &mut processes {
        while process
            .stdout_line(Duration::from_secs(60))
            .unwrap()
            .as_deref()
            != Some("ready")
        {}
    }
    for process in &mut processes {
        process.write_line("go").unwrap();
    }
    for process in processes {
        let ended = process.finish(Duration::from_secs(90)).unwrap();
        assert!(ended.status.success(), "{}", ended.stdout + &ended.stderr);
    }
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.rotations, counts.reuse), (1, 1, 0));
    assert!(tables.open().read(&key("a")).unwrap().is_some());
}

fn get_one_token(place: &str) {
    let parts: Vec<&str> = place.split(' ').collect();
    let [port, schema, url, now] = parts[..] else {
        panic!("{place}");
    };
    let tables = Tables {
        schema: schema.to_owned(),
        keys: None,
        port: port.parse().unwrap(),
    };
    let endpoint = Endpoint::parse(&format!("{url}/OAuth/Token")).unwrap();
    let provider = Provider::two_ba().with_token_endpoint(endpoint);
    let client = World::client_of(provider, SECRET);
    let now = Timestamp::from_unix_millis(now.parse().unwrap());
    let builder = tables.builder().connections(1);
    let store = BlockingPostgresStore::open(builder).unwrap();
    let session = session_of(client, store, move || now);
    println!("\nready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    session.token().unwrap();
}
