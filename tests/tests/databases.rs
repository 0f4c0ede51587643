//! The program over a database: used like a folder, encrypted with a key, copied, and moved.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use twoba_tests::{Desk, Said, USER};

/// A desk whose sessions are in a database.
struct Database {
    desk: Desk,
}

impl Database {
    fn new() -> Self {
        Self { desk: Desk::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.home.path().join("databases").join(name)
    }

    fn address(&self, name: &str) -> String {
        format!("sqlite:{}", self.path(name).display())
    }

    /// Runs the program over the database, with a key file if it has a name.
    fn run_with(&self, store: &str, key: &str, arguments: &[&str]) -> Said {
        let settings = [("TWOBA_STORE", store), ("TWOBA_STORE_KEY_FILE", key)];
        self.desk.cli(&settings).run(arguments)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(&self.address("sessions.db"), "", arguments)
    }

    /// A new key, by its file.
    fn key(&self, name: &str) -> String {
        let file = self.desk.home.path().join(name).display().to_string();
        self.desk.run(&["store", "new-key", &file]).done();
        file
    }

    /// Whether the bytes of a token lie in any file of the databases.
    fn holds(&self, token: &str) -> bool {
        let files = fs::read_dir(self.path("")).unwrap();
        let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        files.any(|bytes| {
            bytes
                .windows(token.len())
                .any(|part| part == token.as_bytes())
        })
    }
}

#[track_caller]
fn refused(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{said:?}");
    for word in words {
        assert!(said.stderr.contains(word), "{word}: {said:?}");
    }
}

#[test]
fn a_session_in_a_database_is_used_as_one_in_a_folder() {
    let store = Database::new();
    store.run(&["login", "--password"]).done();
    let first = store.run(&["token"]).done().stdout;
    let second = store.run(&["token", "--force-refresh"]).done().stdout;
    assert_ne!(first, second);
    assert_eq!(store.desk.emulator.counts().reuse, 0);
    let status = store.run(&["status"]).done().stdout;
    let address = store.address("sessions.db");
    assert!(status.contains(&format!("{address} (plain)")), "{status}");
    let object = store.run(&["status", "--json"]).done().json();
    assert_eq!(object["store"], address);
    assert_eq!(object["store_protection"], "plain");
    assert_eq!(object["generation"], 2);
    let listed = store.run(&["store", "list"]).done().stdout;
    assert_eq!(listed.trim_end(), "default: session");
    let doctor = store.run(&["doctor"]).done().stdout;
    assert!(
        doctor.contains(&address) && doctor.contains("not encrypted"),
        "{doctor}"
    );
    let shown = store.run(&["profile", "show"]).done().stdout;
    assert!(shown.contains(&address), "{shown}");
    store.run(&["keep-alive"]).done();
    store.run(&["logout"]).done();
    assert_eq!(store.run(&["token"]).code, 4);
    // The folder of the default was not touched.
    assert!(!store.desk.home.path().join("store").exists());
}

#[test]
fn a_database_in_the_configuration_file_starts_there() {
    let desk = Desk::new();
    let config = desk.home.path().join("config");
    fs::create_dir(&config).unwrap();
    let file = config.join("config.toml");
    let text = "[profile.p]\nclient-id = \"myApplication\"\nstore = \"sqlite:kept/sessions.db\"\n";
    fs::write(&file, text).unwrap();
    let settings = [
        ("TWOBA_STORE", ""),
        ("TWOBA_CONFIG", file.to_str().unwrap()),
        ("TWOBA_PROFILE", "p"),
    ];
    let cli = desk.cli(&settings);
    cli.run(&["login", "--password"]).done();
    let database = config.join("kept").join("sessions.db");
    assert!(database.exists());
    let folder = fs::metadata(config.join("kept")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    let shown = cli.run(&["profile", "show"]).done().stdout;
    assert!(
        shown.contains(&format!("sqlite:{}", database.display())),
        "{shown}"
    );
}

#[test]
fn the_address_of_a_database_with_a_password_in_it_is_refused_and_not_repeated() {
    let desk = Desk::new();
    for address in [
        "postgres://me:canary@127.0.0.1/db",
        "postgresql://127.0.0.1/db?password=canary",
    ] {
        for said in [
            desk.run(&["--store", address, "token"]),
            desk.cli(&[("TWOBA_STORE", address)]).run(&["status"]),
            desk.run(&["store", "move", address, "sqlite:new.db"]),
            desk.cli(&[("TWOBA_STORE", address)])
                .run(&["profile", "show"]),
        ] {
            refused(&said, 2, &["PGPASSFILE", "PGPASSWORD", "PGSERVICEFILE"]);
            let all = format!("{}{}", said.stdout, said.stderr);
            assert!(!all.contains("canary"), "{all}");
        }
    }
}

#[test]
fn an_encrypted_store_holds_no_token_and_is_nothing_without_its_key() {
    let store = Database::new();
    let (address, key) = (store.address("sessions.db"), store.key("store.key"));
    let file = fs::metadata(&key).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    store
        .run_with(&address, &key, &["login", "--password"])
        .done();
    let token = store.run_with(&address, &key, &["token"]).done().stdout;
    let token = token.trim_end();
    assert!(!store.holds(token) && !store.holds(USER));
    let status = store.run_with(&address, &key, &["status"]).done().stdout;
    assert!(status.contains("(encrypted)"), "{status}");

    // Without the key, and with another one: nothing is read or written.
    let other = store.key("other.key");
    let before = fs::read(store.path("sessions.db")).unwrap();
    for arguments in [&["token"][..], &["login", "--password"], &["store", "list"]] {
        let said = store.run(arguments);
        refused(&said, 7, &["is encrypted", "store-key"]);
        let said = store.run_with(&address, &other, arguments);
        refused(&said, 7, &["is encrypted with the key", "store-key"]);
    }
    assert!(fs::read(store.path("sessions.db")).unwrap() == before);
    // A key that others can read is none.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = store.run_with(&address, &key, &["token"]);
    refused(&said, 7, &["chmod 600"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    // A key is never overwritten.
    let text = fs::read_to_string(&key).unwrap();
    let said = store.desk.run(&["store", "new-key", &key]);
    refused(&said, 2, &["is there already"]);
    assert_eq!(fs::read_to_string(&key).unwrap(), text);
    assert!(!said.stderr.contains(text.trim_end()), "{said:?}");
    let again = store.run_with(&address, &key, &["token"]).done().stdout;
    assert_eq!(again.trim_end(), token);
}

#[test]
fn a_store_gets_a_new_key() {
    let store = Database::new();
    let (address, old) = (store.address("sessions.db"), store.key("old.key"));
    store
        .run_with(&address, &old, &["login", "--password"])
        .done();
    let token = store.run_with(&address, &old, &["token"]).done().stdout;
    let new = store.key("new.key");
    let both = store.desk.home.path().join("both.key");
    let keys = fs::read_to_string(&new).unwrap() + &fs::read_to_string(&old).unwrap();
    fs::write(&both, keys).unwrap();
    fs::set_permissions(&both, fs::Permissions::from_mode(0o600)).unwrap();
    let both = both.to_str().unwrap();
    // The new key alone opens nothing yet.
    refused(
        &store.run_with(&address, &new, &["token"]),
        7,
        &["encrypted with the key"],
    );
    let said = store
        .run_with(&address, both, &["store", "encrypt-again", "--json"])
        .done();
    assert_eq!(said.json()["encrypted_again"], 1);
    let checked = store
        .run_with(&address, &new, &["store", "check", "--json"])
        .done();
    let protection = checked.json()["protection"].as_str().unwrap().to_owned();
    assert_eq!(
        protection,
        format!("encrypted {}", said.json()["key"].as_str().unwrap())
    );
    assert_eq!(
        store.run_with(&address, &new, &["token"]).done().stdout,
        token
    );
    refused(
        &store.run_with(&address, &old, &["token"]),
        7,
        &["encrypted with the key"],
    );
    refused(
        &store.run_with(&address, "", &["store", "encrypt-again"]),
        7,
        &["is encrypted"],
    );
}

#[test]
fn a_key_comes_from_a_command_too() {
    let store = Database::new();
    let key = store.key("store.key");
    let config = store.desk.home.path().join("config.toml");
    let profile = |word: &str| {
        format!(
            "[profile.p]\nclient-id = \"myApplication\"\nstore = {:?}\n\
             store-key = {{ command = [{word:?}, {key:?}] }}\n",
            store.address("sessions.db")
        )
    };
    fs::write(&config, profile("cat")).unwrap();
    let settings = [
        ("TWOBA_STORE", ""),
        ("TWOBA_CONFIG", config.to_str().unwrap()),
        ("TWOBA_PROFILE", "p"),
        ("PATH", "/usr/bin:/bin"),
        ("PGPASSWORD", "canary"),
    ];
    let cli = store.desk.cli(&settings);
    cli.run(&["login", "--password"]).done();
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["store_protection"], "encrypted");
    let shown = cli.run(&["profile", "show"]).done().stdout;
    assert!(shown.contains("from the command cat"), "{shown}");
    let text = fs::read_to_string(&key).unwrap();
    assert!(!shown.contains(text.trim_end()));
    // It runs once for each call, whatever the call opens.
    let counted = store.desk.home.path().join("counted");
    let script = store.desk.home.path().join("key.sh");
    let lines = format!("echo once $PGPASSWORD >> {counted:?}\ncat \"$1\"\n");
    fs::write(&script, lines).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace("[\"cat\", ", &format!("[\"sh\", {script:?}, "));
    fs::write(&config, text).unwrap();
    for arguments in [&["token"][..], &["status"], &["token", "--force-refresh"]] {
        cli.run(arguments).done();
        // It is told no password of a database.
        let said = fs::read_to_string(&counted).unwrap();
        fs::remove_file(&counted).unwrap();
        assert_eq!(said, "once\n", "{arguments:?}");
    }
    fs::write(&config, profile("false")).unwrap();
    refused(&cli.run(&["token"]), 7, &["store-key", "false ended with"]);
}

#[test]
fn sessions_move_to_a_database_and_the_folder_is_not_used_any_more() {
    let store = Database::new();
    let folder = store.desk.home.path().join("store").display().to_string();
    let address = store.address("sessions.db");
    store.desk.run(&["login", "--password"]).done();
    let token = store.desk.run(&["token"]).done().stdout;
    let moved = store
        .desk
        .run(&["store", "move", &folder, &address, "--json"])
        .done();
    assert_eq!(moved.json()["moved"], 1);
    // The session goes on there, and nowhere else.
    assert_eq!(store.run(&["token"]).done().stdout, token);
    store.run(&["token", "--force-refresh"]).done();
    for arguments in [&["token", "--force-refresh"][..], &["login", "--password"]] {
        refused(&store.desk.run(arguments), 7, &["have moved to", &address]);
    }
    // A move names its stores itself, whatever the call was made with.
    let named = store.desk.run(&["--store", &folder, "token"]);
    refused(&named, 7, &["run the same `twoba store move` again"]);
    assert_eq!(store.desk.emulator.counts().reuse, 0);
    let checked = store.desk.run(&["store", "check"]);
    assert_eq!(checked.code, 7, "{checked:?}");
    assert!(checked.stdout.contains("have moved to"), "{checked:?}");
    let listed = store.desk.run(&["store", "list"]).done();
    assert!(listed.stderr.contains("have moved to"), "{listed:?}");
    // Once more there is nothing left to do.
    let again = store
        .desk
        .run(&["store", "move", &folder, &address, "--json"])
        .done();
    assert_eq!(again.json()["moved"], 0);
    // A store with sessions takes no others.
    let third = store.address("third.db");
    store.run_with(&third, "", &["login", "--password"]).done();
    refused(
        &store.desk.run(&["store", "move", &third, &address]),
        2,
        &["already has sessions"],
    );
    store
        .run_with(&third, "", &["token", "--force-refresh"])
        .done();
    // Nothing is made where there is nothing.
    let (none, new) = (store.address("none.db"), store.address("new.db"));
    refused(
        &store.desk.run(&["store", "move", &none, &new]),
        2,
        &["there is no database"],
    );
    assert!(!store.path("none.db").exists() && !store.path("new.db").exists());
}

#[test]
fn a_move_changes_the_protection_and_leaves_no_plain_token() {
    let store = Database::new();
    let (plain, sealed) = (store.address("plain.db"), store.address("sealed.db"));
    store.run_with(&plain, "", &["login", "--password"]).done();
    let token = store.run_with(&plain, "", &["token"]).done().stdout;
    assert!(store.holds(token.trim_end()));
    let key = store.key("store.key");
    store
        .run_with(&plain, &key, &["store", "move", &plain, &sealed])
        .done();
    assert!(
        !store.holds(token.trim_end()),
        "the plain token is still there"
    );
    assert_eq!(
        store.run_with(&sealed, &key, &["token"]).done().stdout,
        token
    );
    refused(
        &store.run_with(&sealed, "", &["token"]),
        7,
        &["is encrypted"],
    );
    // And back, by the key of an argument.
    let back = store.address("back.db");
    let arguments = [
        "store",
        "move",
        &sealed,
        &back,
        "--from-key",
        &key,
        "--to-plain",
    ];
    store.run_with(&sealed, "", &arguments).done();
    assert_eq!(store.run_with(&back, "", &["token"]).done().stdout, token);
    assert_eq!(store.desk.emulator.counts().reuse, 0);
}

#[test]
fn a_copied_database_is_read_and_spends_nothing_until_it_is_adopted() {
    let store = Database::new();
    store.run(&["login", "--password"]).done();
    let token = store.run(&["token"]).done().stdout;
    fs::copy(store.path("sessions.db"), store.path("copy.db")).unwrap();
    let copy = store.address("copy.db");
    assert_eq!(store.run_with(&copy, "", &["token"]).done().stdout, token);
    let spent = store.run_with(&copy, "", &["token", "--force-refresh"]);
    refused(&spent, 7, &["is a copy", "store adopt"]);
    let checked = store.run_with(&copy, "", &["store", "check", "--json"]);
    assert_eq!(checked.code, 7);
    assert_eq!(checked.json()["is_copy"], true);
    store.run_with(&copy, "", &["store", "adopt"]).done();
    store
        .run_with(&copy, "", &["token", "--force-refresh"])
        .done();
    assert_eq!(store.desk.emulator.counts().reuse, 0);
    let checked = store.run_with(&copy, "", &["store", "check"]).done();
    assert!(
        checked.stdout.contains("the sessions are used here"),
        "{checked:?}"
    );
}

#[test]
fn what_is_kept_aside_in_a_database_is_listed_and_taken_back() {
    let (mine, other) = (Database::new(), Desk::new());
    let address = mine.address("sessions.db");
    mine.run(&["login", "--password"]).done();
    let theirs = other.cli(&[("TWOBA_STORE", &address)]);
    theirs.run(&["login", "--password", "--replace"]).done();
    let listed = mine.run(&["store", "list", "--json"]).done().json();
    let rows = listed.as_array().unwrap();
    let kept = rows.iter().find(|row| row["kind"] == "kept_aside").unwrap();
    assert_eq!(kept["owner"]["user"], USER);
    let checked = mine.run(&["store", "check", "--json"]).done().json();
    assert_eq!(
        (&checked["sessions"], &checked["kept_aside"]),
        (&1.into(), &1.into())
    );
    mine.run(&["store", "restore", kept["name"].as_str().unwrap()])
        .done();
    mine.run(&["token", "--force-refresh"]).done();
    assert_eq!(mine.desk.emulator.counts().reuse, 0);
    // A logout ends what is kept aside.
    let said = mine.run(&["logout", "--json"]).done().json();
    assert_eq!(said["kept_aside"]["removed"], 1);
}

#[test]
fn a_file_that_is_no_database_is_said_with_its_mend() {
    let store = Database::new();
    store.run(&["login", "--password"]).done();
    fs::write(store.path("text.db"), "no database at all. ".repeat(100)).unwrap();
    let said = store.run_with(&store.address("text.db"), "", &["token"]);
    refused(&said, 7, &["the database is damaged", "store-database"]);
    fs::set_permissions(store.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    refused(
        &store.run(&["token"]),
        7,
        &["open to other users", "chmod 700"],
    );
}
