//! What the program `twoba` does with a profile that gets tokens for itself.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use twoba_emulator::{Emulator, Fault, FaultPoint, FaultRule, PublicKey, RegisteredClient};
use twoba_tests::{CLIENT, Cli, SECRET};

/// A home with a file of settings, and the emulator that they name.
struct Place {
    home: TempDir,
    emulator: Emulator,
}

impl Place {
    fn new(emulator: Emulator, client: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = emulator.url();
        let config = format!(
            "default-profile = \"fleet\"\n[profile.fleet]\nprovider = \"custom\"\n\
             token-endpoint = \"{url}/connect/token\"\nrevocation-endpoint = \"{url}/connect/revocation\"\n\
             service-base = \"{url}/1/json/\"\nclient-id = \"{CLIENT}\"\n{client}"
        );
        fs::write(home.path().join("config.toml"), config).unwrap();
        Self { home, emulator }
    }

    fn cli(&self, more: &[(&str, &str)]) -> Cli {
        let config = self.path("config.toml");
        let store = self.path("sessions");
        let settings = [("TWOBA_CONFIG", config.as_str()), ("TWOBA_STORE", &store)];
        Cli::new(self.home.path(), &[&settings, more].concat())
    }

    fn path(&self, name: &str) -> String {
        path(self.home.path(), name)
    }
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

const OWN: &str = "grant = \"client-credentials\"\nscopes = [\"read:products\", \"read:stock\"]\n";

fn with_secret() -> Place {
    let client = format!("client-secret = {{ env = \"FLEET_SECRET\" }}\n{OWN}");
    Place::new(Emulator::builder().start().unwrap(), &client)
}

#[test]
fn a_fleet_gets_tokens_without_a_login_and_asks_once() {
    let place = with_secret();
    let cli = place.cli(&[("FLEET_SECRET", SECRET)]);
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["state"], "none");
    let said = cli.run(&["status"]).done().stdout;
    assert!(
        said.contains("none yet: `twoba token` gets a token"),
        "{said}"
    );

    let first = cli.run(&["token"]).done().stdout;
    assert_eq!(cli.run(&["token"]).done().stdout, first);
    let json = cli.run(&["token", "--json"]).done().json();
    assert_eq!(json["access_token"], first.trim_end());
    assert_eq!(json["scope"], "read:products read:stock");
    assert_eq!(json["generation"], 1);
    let found = cli
        .run(&["get", "Product/Search", "query=kabelgoot"])
        .done();
    assert!(found.json()["Total"].as_u64().unwrap() > 0);
    let counts = place.emulator.counts();
    assert_eq!((counts.token_posts, counts.client_credentials), (1, 1));

    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(
        (&status["state"], &status["user"]),
        (&"valid".into(), &().into())
    );
    let kept = cli.run(&["keep-alive"]).done();
    assert!(kept.stderr.contains("no session has to be kept alive"));

    let gone = cli.run(&["logout", "--json"]).done();
    assert_eq!(gone.json()["revocation"], "revoked");
    assert_eq!(
        cli.run(&["status", "--json"]).done().json()["state"],
        "none"
    );
    assert_ne!(cli.run(&["token"]).done().stdout, first);
    assert_eq!(place.emulator.counts().token_posts, 2);
    let forced = cli.run(&["token", "--force-refresh", "--json"]).done();
    assert_eq!(forced.json()["generation"], 2);
}

#[test]
fn programs_that_start_together_ask_once() {
    let place = with_secret();
    let cli = place.cli(&[("FLEET_SECRET", SECRET)]);
    let started: Vec<_> = (0..6).map(|_| cli.start(&["token"])).collect();
    let mut tokens: Vec<_> = started
        .into_iter()
        .map(|running| cli.finish(running).done().stdout)
        .collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(place.emulator.counts().token_posts, 1);
}

#[test]
fn a_stored_token_that_is_damaged_is_said_and_forgotten_by_a_logout() {
    let place = with_secret();
    let cli = place.cli(&[("FLEET_SECRET", SECRET)]);
    cli.run(&["token"]).done();
    let files = fs::read_dir(place.path("sessions")).unwrap();
    let mut paths = files.map(|file| file.unwrap().path());
    let record = paths.find(|path| path.extension().is_some_and(|end| end == "grant"));
    fs::write(record.unwrap(), "canary").unwrap();
    for command in ["token", "status"] {
        let said = cli.run(&[command]);
        assert_eq!(said.code, 7, "{said:?}");
        assert!(
            said.stderr.contains("`twoba logout` forgets"),
            "{}",
            said.stderr
        );
    }
    cli.run(&["logout"]).done();
    cli.run(&["token"]).done();
    let listed = cli.run(&["store", "list"]).done().stdout;
    assert!(
        listed.contains("program\tmyApplication\tread:products read:stock"),
        "{listed}"
    );
}

#[test]
fn a_login_is_told_that_none_is_needed() {
    let place = with_secret();
    let cli = place.cli(&[("FLEET_SECRET", SECRET)]);
    for command in [&["login"][..], &["login", "--password"], &["import"]] {
        let said = cli.run(command);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("needs no login"), "{}", said.stderr);
    }
    assert_eq!(place.emulator.counts().token_posts, 0);
}

#[test]
fn a_client_that_is_refused_is_a_matter_of_its_configuration() {
    let place = with_secret();
    let cli = place.cli(&[("FLEET_SECRET", "canary")]);
    for _ in 0..2 {
        let said = cli.run(&["token"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("invalid_client"), "{}", said.stderr);
        assert!(!said.stderr.contains("canary"));
    }
    assert_eq!(place.emulator.counts().token_posts, 1);
    let cli = place.cli(&[("FLEET_SECRET", SECRET), ("TWOBA_SCOPES", "read:nothing")]);
    let said = cli.run(&["token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("invalid_scope"), "{}", said.stderr);
}

#[test]
fn the_environment_says_it_too() {
    let emulator = Emulator::builder().start().unwrap();
    let place = Place::new(emulator, "");
    let own = [
        ("TWOBA_GRANT", "client-credentials"),
        ("TWOBA_SCOPES", "read:stock"),
        ("TWOBA_CLIENT_SECRET", SECRET),
    ];
    let json = place.cli(&own).run(&["token", "--json"]).done().json();
    assert_eq!(json["scope"], "read:stock");
    let said = place.cli(&[("TWOBA_GRANT", "implicit")]).run(&["token"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("there is no grant implicit"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_private_key_takes_the_place_of_the_secret() {
    let public = "-----BEGIN PUBLIC KEY-----\n\
         MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n\
         6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n\
         -----END PUBLIC KEY-----\n";
    let client = RegisteredClient::signing(CLIENT, PublicKey::from_pem(public).unwrap());
    let emulator = Emulator::builder().clients([client]).start().unwrap();
    let place = Place::new(emulator, &format!("{OWN}key-id = \"key-1\"\n"));
    let key = include_str!("../../crates/twoba-keeper/src/private_key/rfc-7515-a3.pem");
    let file = place.path("key.pem");
    fs::write(&file, key).unwrap();
    let cli = place.cli(&[("TWOBA_PRIVATE_KEY_FILE", &file)]);
    cli.run(&["token"]).done();
    assert_eq!(place.emulator.counts().refused, 0);

    // The same by the file of settings, from where its path starts.
    let settings = fs::read_to_string(place.path("config.toml")).unwrap();
    let with_key = format!("{settings}client-key = {{ file = \"key.pem\" }}\n");
    fs::write(place.path("config.toml"), with_key).unwrap();
    place.cli(&[]).run(&["token", "--force-refresh"]).done();
    assert_eq!(place.emulator.counts().refused, 0);
    fs::write(place.path("config.toml"), settings).unwrap();

    fs::write(&file, "canary").unwrap();
    let said = cli.run(&["token", "--force-refresh"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("TWOBA_PRIVATE_KEY_FILE: "),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("canary"), "{}", said.stderr);
    fs::write(&file, key).unwrap();
    let both = place.cli(&[
        ("TWOBA_PRIVATE_KEY_FILE", &file),
        ("TWOBA_CLIENT_SECRET", SECRET),
    ]);
    let said = both.run(&["token"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("are both set"), "{}", said.stderr);
}

/// A place whose service is Product Data.
fn with_product_data() -> (Place, Cli) {
    let place = Place::new(Emulator::builder().start().unwrap(), OWN);
    let url = format!("{}/rest/api/v1", place.emulator.url());
    let cli = place.cli(&[("TWOBA_CLIENT_SECRET", SECRET), ("TWOBA_SERVICE_URL", &url)]);
    (place, cli)
}

#[test]
fn a_list_of_product_data_is_kept_in_a_file_and_a_run_goes_on_where_it_was() {
    let (place, cli) = with_product_data();
    let file = place.path("products.jsonl");
    let run = |more: &[&str]| {
        let all = ["sync", "product-data", "--into", &file, "--page-size", "10"];
        cli.run(&[&all, more].concat())
    };
    // Cut off at the third page, it has lost nothing and asks for no page again.
    let third = FaultRule::nth(
        FaultPoint::Service,
        3.try_into().unwrap(),
        Fault::Status(500),
    );
    place.emulator.add_fault(third);
    let cut = run(&[]);
    assert_eq!(cut.code, 1, "{cut:?}");
    assert!(!Path::new(&file).exists());
    // A row that came without its state is cut off.
    let mut part = fs::OpenOptions::new()
        .append(true)
        .open(format!("{file}.part"))
        .unwrap();
    part.write_all(b"{\"torn").unwrap();
    run(&[]).done();
    let pages = place.emulator.counts().service_calls - 1;
    let first = fs::read_to_string(&file).unwrap();
    let rows: Vec<Value> = first
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    assert_eq!(u64::try_from(rows.len()).unwrap().div_ceil(10), pages);
    let numbers: BTreeSet<_> = rows
        .iter()
        .map(|row| {
            let member = |name: &str| row[name].as_str().unwrap();
            (
                member("manufacturerIdGln"),
                member("manufacturerProductNumber"),
            )
        })
        .collect();
    assert_eq!(numbers.len(), rows.len(), "each product is there once");
    assert!(!Path::new(&format!("{file}.part")).exists());

    // Nothing has changed since.
    let again = run(&["--json"]).done().json();
    assert_eq!(again["came"], 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    // What is in the file and not in the list leaves it when everything is asked for.
    let strange = "{\"manufacturerIdGln\":\"1\",\"manufacturerProductNumber\":\"gone\"}\n";
    fs::write(&file, first.clone() + strange).unwrap();
    run(&[]).done();
    assert!(fs::read_to_string(&file).unwrap().ends_with(strange));
    run(&["--full"]).done();
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
}

#[test]
fn a_file_of_another_list_is_left_alone() {
    let (place, cli) = with_product_data();
    let file = place.path("products.jsonl");
    let run = |more: &[&str]| {
        let all = ["sync", "product-data", "--into", &file];
        cli.run(&[&all, more].concat())
    };
    run(&["--gln", "2008710000011"]).done();
    let kept = fs::read_to_string(&file).unwrap();
    for (more, word) in [
        (&["--list", "descriptions"][..], "possible values"),
        (&["--list", "pricings"], "another list"),
        (&["--gln", "1"], "correct the option"),
        (&["--page-size", "1001"], "correct the option"),
    ] {
        let refused = run(more);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(word), "{refused:?}");
    }
    fs::write(format!("{file}.sync"), "{").unwrap();
    assert_eq!(run(&["--gln", "2008710000011"]).code, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), kept);
    fs::write(place.path("mine"), "mine").unwrap();
    let mine = place.path("mine");
    let refused = cli.run(&["sync", "product-data", "--into", &mine]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
}
