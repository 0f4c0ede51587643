//! The program over PostgreSQL: set up by what a person types, used, refused, copied and moved.

use std::fs;
use std::time::Duration;

use twoba_blocking::Sessions;
use twoba_core::{Endpoint, Password, Provider, Timestamp};
use twoba_emulator::Emulator;
use twoba_servers::postgres::{Postgres, Stop};
use twoba_store::seal::{KeyFile, Sealer};
use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};
use twoba_testkit::Running;
use twoba_tests::{Cli, Desk, PASSWORD, SECRET, Said, USER as PERSON, World};

use crate::scene::{DATABASE, USER, cluster, manual};

/// A desk whose sessions are in a cluster.
struct Scene {
    desk: Desk,
    cluster: Postgres,
    /// The file with the key of the store.
    key: String,
}

impl Scene {
    /// A cluster without tables.
    fn bare() -> Option<Self> {
        let cluster = cluster()?;
        // No token ends while the tests run, unless one says so.
        let hour = Duration::from_secs(3600);
        let emulator = Emulator::builder().token_lifetime(hour).start().unwrap();
        let desk = Desk {
            emulator,
            home: tempfile::tempdir().unwrap(),
        };
        let key = desk.home.path().join("store.key").display().to_string();
        desk.run(&["store", "new-key", &key]).done();
        Some(Self { desk, cluster, key })
    }

    /// A store that was set up as the manual says.
    fn new() -> Option<Self> {
        let scene = Self::bare()?;
        scene.set_up(&scene.cluster);
        Some(scene)
    }

    fn set_up(&self, cluster: &Postgres) {
        let admin = address(cluster, "admin");
        self.at(&admin).run(&["store", "make"]).done();
        cluster.sql(DATABASE, &manual("GRANT")).unwrap();
    }

    fn address(&self) -> String {
        address(&self.cluster, USER)
    }

    /// The program over the store at this address, with the key.
    fn at(&self, address: &str) -> Cli {
        self.with_key(address, &self.key)
    }

    fn with_key(&self, address: &str, key: &str) -> Cli {
        let settings = [("TWOBA_STORE", address), ("TWOBA_STORE_KEY_FILE", key)];
        self.desk.cli(&settings)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.at(&self.address()).run(arguments)
    }

    /// Everything that a store has, as one text.
    fn content(&self) -> String {
        let tables = ["session", "kept_aside", "meta"];
        let rows = tables.map(|table| {
            let query = format!("SELECT t::text FROM twoba.{table} AS t ORDER BY 1;");
            self.cluster.sql(DATABASE, &query).unwrap()
        });
        rows.concat()
    }

    fn fact(&self, column: &str) -> String {
        let query = format!("SELECT {column} FROM twoba.meta;");
        let said = self.cluster.sql(DATABASE, &query).unwrap();
        said.trim_end().to_owned()
    }
}

fn address(cluster: &Postgres, user: &str) -> String {
    format!("postgres://{user}@127.0.0.1:{}/{DATABASE}", cluster.port())
}

#[track_caller]
fn refused(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{said:?}");
    for word in words {
        assert!(said.stderr.contains(word), "{word}: {said:?}");
    }
}

#[test]
fn a_person_makes_the_tables_before_the_programs_use_them() {
    let Some(scene) = Scene::bare() else { return };
    for arguments in [&["login", "--password"][..], &["store", "check"]] {
        let words = ["no tables", "twoba store make", "store-database"];
        refused(&scene.run(arguments), 7, &words);
    }
    // The user of the programs makes no tables.
    let words = ["refuses this user", "what the user may do"];
    refused(&scene.run(&["store", "make"]), 7, &words);
    let admin = address(&scene.cluster, "admin");
    let made = scene.at(&admin).run(&["store", "make", "--json"]).done();
    let made = made.json();
    assert_eq!(
        (&made["kind"], &made["schema"]),
        (&"postgresql".into(), &2.into())
    );
    assert!(
        made["protection"]
            .as_str()
            .unwrap()
            .starts_with("encrypted ")
    );
    // The tables are there, and the user may not use them yet.
    let words = ["refuses this user", "42501", "docs/fleet.md"];
    refused(&scene.run(&["token"]), 7, &words);
    scene.set_up(&scene.cluster);
    scene.run(&["login", "--password"]).done();
}

#[test]
fn a_session_in_a_fleet_is_used_as_one_in_a_folder() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let first = scene.run(&["token"]).done().stdout;
    let second = scene.run(&["token", "--force-refresh"]).done().stdout;
    assert_ne!(first, second);
    let (status, address) = (scene.run(&["status"]).done().stdout, scene.address());
    assert!(
        status.contains(&format!("{address} (encrypted)")),
        "{status}"
    );
    let object = scene.run(&["status", "--json"]).done().json();
    assert_eq!(object["store"], address);
    assert_eq!(object["generation"], 2);
    let listed = scene.run(&["store", "list"]).done().stdout;
    assert_eq!(listed.trim_end(), "default: session");
    let checked = scene.run(&["store", "check"]).done().stdout;
    let named = format!("postgres://127.0.0.1:{}/{DATABASE}", scene.cluster.port());
    for words in [
        &named,
        "encrypted with the key",
        "the sessions are used here",
    ] {
        assert!(checked.contains(words), "{checked}");
    }
    let doctor = scene.run(&["doctor"]).done().stdout;
    assert!(
        doctor.contains(&address) && doctor.contains("it can be written"),
        "{doctor}"
    );
    let shown = scene.run(&["profile", "show"]).done().stdout;
    assert!(shown.contains(&address), "{shown}");
    scene.run(&["keep-alive"]).done();
    let content = scene.content();
    assert!(!content.contains(PERSON), "{content}");
    scene.run(&["logout"]).done();
    assert_eq!(scene.run(&["token"]).code, 4);
    assert_eq!(scene.desk.emulator.counts().reuse, 0);
}

#[test]
fn what_psql_reads_of_the_environment_completes_an_address() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let token = scene.run(&["token"]).done().stdout;
    let port = scene.cluster.port().to_string();
    let settings = [
        ("TWOBA_STORE", "postgresql://"),
        ("TWOBA_STORE_KEY_FILE", &scene.key),
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", &port),
        ("PGUSER", USER),
        ("PGDATABASE", DATABASE),
    ];
    let by_environment = scene.desk.cli(&settings);
    assert_eq!(by_environment.run(&["token"]).done().stdout, token);
    let folder = scene.cluster.folder().display();
    let socket = format!("postgres:///{DATABASE}?host={folder}&port={port}&user={USER}");
    assert_eq!(scene.at(&socket).run(&["token"]).done().stdout, token);
    let far = scene.at("postgres://app@db.example.com/x?sslmode=disable");
    refused(
        &far.run(&["token"]),
        2,
        &["have to be secured", "leave out sslmode"],
    );
}

#[test]
fn an_encrypted_store_without_its_key_is_refused_and_nothing_is_written() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let before = scene.content();
    let address = scene.address();
    let other = scene
        .desk
        .home
        .path()
        .join("other.key")
        .display()
        .to_string();
    scene.desk.run(&["store", "new-key", &other]).done();
    let plain = format!("{address}?plain_text_that_every_log_can_hold=yes");
    for arguments in [&["token"][..], &["login", "--password"], &["store", "list"]] {
        let said = scene.with_key(&address, "").run(arguments);
        refused(&said, 7, &["no key was given", "store-key"]);
        let said = scene.with_key(&plain, "").run(arguments);
        refused(&said, 7, &["is encrypted", "store-key"]);
        let said = scene.with_key(&address, &other).run(arguments);
        refused(&said, 7, &["is encrypted with the key", "store-key"]);
    }
    assert_eq!(scene.content(), before);
    // Without a key no tables are made either, unless plain text is asked for by its name.
    scene
        .cluster
        .sql(DATABASE, "CREATE DATABASE other;")
        .unwrap();
    let elsewhere = format!("postgres://admin@127.0.0.1:{}/other", scene.cluster.port());
    let said = scene.with_key(&elsewhere, "").run(&["store", "make"]);
    refused(&said, 7, &["plain_text_that_every_log_can_hold"]);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'twoba';";
    assert_eq!(scene.cluster.sql("other", schemas).unwrap(), "0\n");
    let elsewhere = format!("{elsewhere}?plain_text_that_every_log_can_hold=yes");
    let plain = scene.with_key(&elsewhere, "");
    plain.run(&["store", "make"]).done();
    plain.run(&["login", "--password"]).done();
    let status = plain.run(&["status", "--json"]).done().json();
    assert_eq!(status["store_protection"], "plain");
    refused(
        &scene.at(&elsewhere).run(&["token"]),
        7,
        &["is not encrypted"],
    );
}

#[test]
fn eighty_calls_of_the_program_at_expiry_are_served_by_one_request() {
    const CALLS: usize = 80;
    let Some(scene) = Scene::new() else { return };
    // A login of two hours ago, whose token has ended since.
    let endpoint = format!("{}/OAuth/Token", scene.desk.emulator.url());
    let provider = Provider::custom(Endpoint::parse(&endpoint).unwrap());
    let store = PostgresStore::builder(Address::parse_in(&scene.address(), &|_| None).unwrap());
    let store = store.keys(Sealer::new(KeyFile::new(&scene.key)));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let then = now.unwrap() - Duration::from_secs(7200);
    let then = Timestamp::from_unix_millis(then.as_millis().try_into().unwrap());
    let sessions = Sessions::builder(World::client_of(provider, SECRET))
        .store(BlockingPostgresStore::open(store).unwrap())
        .clock(move || then)
        .http(|http| http.proxy(None))
        .build();
    let session = sessions.open("default").unwrap();
    session
        .login(PERSON, &Password::parse(PASSWORD).unwrap())
        .unwrap();
    let before = scene.desk.emulator.counts();
    let program = scene.at(&scene.address());
    let running: Vec<Running> = (0..CALLS).map(|_| program.start(&["token"])).collect();
    let ended = running
        .into_iter()
        .map(|one| program.finish(one).done().stdout);
    let mut tokens: Vec<String> = ended.collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    let after = scene.desk.emulator.counts();
    assert_eq!(after.token_posts - before.token_posts, 1);
    assert_eq!((after.rotations - before.rotations, after.reuse), (1, 0));
}

#[test]
fn a_good_token_is_printed_while_the_token_server_is_away() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let token = scene.run(&["token"]).done().stdout;
    let program = scene.at(&scene.address());
    drop(scene.desk.emulator);
    assert_eq!(program.run(&["token"]).done().stdout, token);
    let said = program.run(&["token", "--force-refresh"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert_eq!(program.run(&["token"]).done().stdout, token);
}

#[test]
fn nothing_is_spent_while_the_database_is_away_and_the_program_says_what_to_do() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    scene.run(&["login", "--password"]).done();
    let token = scene.run(&["token"]).done().stdout;
    let before = scene.desk.emulator.counts();
    scene.cluster.stop(Stop::Fast).unwrap();
    for arguments in [
        &["token"][..],
        &["token", "--force-refresh"],
        &["store", "check"],
    ] {
        let words = ["cannot be reached", "nothing is lost", "store-database"];
        refused(&scene.run(arguments), 7, &words);
    }
    let doctor = scene.run(&["doctor"]);
    assert_eq!(doctor.code, 7, "{doctor:?}");
    assert!(doctor.stdout.contains("cannot be reached"), "{doctor:?}");
    scene.cluster.go_on().unwrap();
    assert_eq!(scene.run(&["token"]).done().stdout, token);
    assert_eq!(scene.desk.emulator.counts().token_posts, before.token_posts);
    // Who takes no writes refreshes nothing, and what is good is printed.
    let read_only =
        |value| format!("ALTER ROLE {USER} SET default_transaction_read_only = {value};");
    scene.cluster.sql(DATABASE, &read_only("on")).unwrap();
    let words = ["read-only", "take writes again"];
    refused(&scene.run(&["token", "--force-refresh"]), 7, &words);
    scene.cluster.sql(DATABASE, &read_only("off")).unwrap();
    // Nor does one that forgets.
    let durable = |value| format!("ALTER ROLE {USER} SET synchronous_commit = {value};");
    scene.cluster.sql(DATABASE, &durable("off")).unwrap();
    let words = ["synchronous_commit is off", "setting changed"];
    refused(&scene.run(&["token", "--force-refresh"]), 7, &words);
    scene.cluster.sql(DATABASE, &durable("on")).unwrap();
    let nobody = address(&scene.cluster, "nobody-known");
    refused(
        &scene.at(&nobody).run(&["token"]),
        7,
        &["refuses this user", "pg_hba.conf"],
    );
    let nowhere = scene.address() + "-not-there";
    refused(
        &scene.at(&nowhere).run(&["token"]),
        7,
        &["correct the address"],
    );
    scene.run(&["token", "--force-refresh"]).done();
    assert_eq!(scene.desk.emulator.counts().reuse, 0);
}

#[test]
fn a_dump_in_another_cluster_is_adopted_by_the_person_who_runs_it() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let token = scene.run(&["token"]).done().stdout;
    let mut dump = scene.cluster.client("pg_dump", DATABASE);
    let dump = dump.args(["--schema", "twoba"]).output().unwrap();
    assert!(dump.status.success(), "{dump:?}");
    let other = cluster().unwrap();
    let text = String::from_utf8(dump.stdout).unwrap();
    other.sql(DATABASE, &text).unwrap();
    let copy = scene.at(&address(&other, USER));
    assert_eq!(copy.run(&["token"]).done().stdout, token);
    let spent = copy.run(&["token", "--force-refresh"]);
    refused(&spent, 7, &["is a copy", "store adopt"]);
    let checked = copy.run(&["store", "check", "--json"]);
    assert_eq!(
        (checked.code, &checked.json()["is_copy"]),
        (7, &true.into())
    );
    // A program's own user may not decide that.
    refused(&copy.run(&["store", "adopt"]), 7, &["refuses this user"]);
    assert_eq!(scene.desk.emulator.counts().rotations, 0);
    scene
        .at(&address(&other, "admin"))
        .run(&["store", "adopt"])
        .done();
    copy.run(&["token", "--force-refresh"]).done();
    copy.run(&["store", "check"]).done();
    assert_eq!(scene.desk.emulator.counts().reuse, 0);
}

#[test]
fn sessions_move_from_a_folder_and_a_database_to_a_fleet_and_back() {
    let Some(scene) = Scene::bare() else { return };
    let home = scene.desk.home.path();
    let folder = home.join("store").display().to_string();
    let sqlite = format!("sqlite:{}", home.join("databases/sessions.db").display());
    let (fleet, admin) = (scene.address(), address(&scene.cluster, "admin"));
    let none = scene.with_key(&folder, "");
    none.run(&["login", "--password"]).done();
    let token = none.run(&["token"]).done().stdout;
    // Who may not make the tables moves nothing, and the folder stays in use.
    let moving = ["store", "move", &folder, &fleet, "--to-key", &scene.key];
    refused(&none.run(&moving), 7, &["refuses this user"]);
    none.run(&["token", "--force-refresh"]).done();
    let token = (none.run(&["token"]).done().stdout, token).0;
    // Without a key nothing moves into a database of many hosts.
    let moving = ["store", "move", &folder, &admin];
    refused(&none.run(&moving), 7, &["no key was given"]);
    let moving = [
        "store", "move", &folder, &admin, "--to-key", &scene.key, "--json",
    ];
    assert_eq!(none.run(&moving).done().json()["moved"], 1);
    scene.cluster.sql(DATABASE, &manual("GRANT")).unwrap();
    assert_eq!(scene.run(&["token"]).done().stdout, token);
    scene.run(&["token", "--force-refresh"]).done();
    refused(
        &none.run(&["token", "--force-refresh"]),
        7,
        &["have moved to postgres://"],
    );
    // To another kind of database, by a user who may mark the old one.
    let moving = ["store", "move", &fleet, &sqlite];
    refused(&scene.run(&moving), 7, &["refuses this user"]);
    let token = scene.run(&["token"]).done().stdout;
    let moving = ["store", "move", &admin, &sqlite];
    scene.run(&moving).done();
    let local = scene.at(&sqlite);
    assert_eq!(local.run(&["token"]).done().stdout, token);
    for arguments in [&["token", "--force-refresh"][..], &["login", "--password"]] {
        refused(
            &scene.run(arguments),
            7,
            &["have moved to sqlite:", "store-moved"],
        );
    }
    // A program that does not know the mark is shut out as long as it is there.
    assert_eq!(scene.fact("least_program"), "2");
    let moving = ["store", "move", &sqlite, &admin];
    refused(&scene.run(&moving), 7, &["have moved to"]);
    scene.at(&admin).run(&["store", "adopt"]).done();
    assert_eq!(
        (scene.fact("least_program"), scene.fact("mark")),
        ("1".into(), String::new())
    );
    scene.run(&moving).done();
    assert_eq!(scene.run(&["token"]).done().stdout, token);
    scene.run(&["token", "--force-refresh"]).done();
    // Two names of one store, and one store for both.
    let other_name = address(&scene.cluster, "app");
    let moving = ["store", "move", &admin, &other_name];
    refused(&scene.run(&moving), 2, &["the same store"]);
    assert_eq!(scene.desk.emulator.counts().reuse, 0);
}

#[test]
fn what_is_kept_aside_is_taken_back_and_the_store_gets_a_new_key() {
    let (Some(scene), theirs) = (Scene::new(), Desk::new()) else {
        return;
    };
    scene.run(&["login", "--password"]).done();
    let settings = [
        ("TWOBA_STORE", &*scene.address()),
        ("TWOBA_STORE_KEY_FILE", &*scene.key),
    ];
    theirs
        .cli(&settings)
        .run(&["login", "--password", "--replace"])
        .done();
    let listed = scene.run(&["store", "list", "--json"]).done().json();
    let rows = listed.as_array().unwrap();
    let kept = rows.iter().find(|row| row["kind"] == "kept_aside").unwrap();
    assert_eq!(kept["owner"]["user"], PERSON);
    scene
        .run(&["store", "restore", kept["name"].as_str().unwrap()])
        .done();
    scene.run(&["token", "--force-refresh"]).done();

    let file = |name: &str| scene.desk.home.path().join(name);
    let new = file("new.key").display().to_string();
    scene.desk.run(&["store", "new-key", &new]).done();
    let both = fs::read_to_string(&new).unwrap() + &fs::read_to_string(&scene.key).unwrap();
    fs::write(file("both.key"), both).unwrap();
    private(&file("both.key"));
    let both = file("both.key").display().to_string();
    let admin = address(&scene.cluster, "admin");
    let said = scene
        .with_key(&admin, &both)
        .run(&["store", "encrypt-again", "--json"])
        .done();
    assert_eq!(said.json()["encrypted_again"], 2);
    let renewed = scene.with_key(&scene.address(), &new);
    renewed.run(&["token", "--force-refresh"]).done();
    refused(&scene.run(&["token"]), 7, &["is encrypted with the key"]);
    let said = renewed.run(&["logout", "--json"]).done().json();
    assert_eq!(said["kept_aside"]["removed"], 1);
    assert_eq!(scene.desk.emulator.counts().reuse, 0);
}

fn private(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The tables of the first schema have no place for a mark.
#[test]
fn tables_of_an_earlier_schema_are_brought_up_to_date() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["login", "--password"]).done();
    let token = scene.run(&["token"]).done().stdout;
    let earlier =
        "ALTER TABLE twoba.meta DROP COLUMN mark; UPDATE twoba.meta SET schema_version = 1;";
    scene.cluster.sql(DATABASE, earlier).unwrap();
    let words = ["no tables", "twoba store make"];
    refused(&scene.run(&["token", "--force-refresh"]), 7, &words);
    let admin = scene.at(&address(&scene.cluster, "admin"));
    for _ in 0..2 {
        let made = admin.run(&["store", "make", "--json"]).done().json();
        assert_eq!(made["schema"], 2);
    }
    assert_eq!(scene.fact("least_program"), "1", "earlier programs go on");
    assert_eq!(scene.run(&["token"]).done().stdout, token);
    scene.run(&["token", "--force-refresh"]).done();
}
