//! The emulator over TLS and beyond this machine: who trusts it, and who may control it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::Path;
use std::time::Duration;

use http::Response;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime;
use twoba_blocking::{Authorities, Client, ClientSecret, Password, Provider};
use twoba_core::SendFailure;
use twoba_emulator::Emulator;
use twoba_testkit::Running;
use twoba_tests::{CLIENT, Cli, PASSWORD, SECRET, USER, not_delivered};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const LIMIT: Duration = Duration::from_secs(60);

fn client(emulator: &Emulator) -> Client {
    let provider = Provider::two_ba_at(emulator.url()).unwrap();
    let secret = ClientSecret::parse(SECRET).unwrap();
    Client::confidential(provider, CLIENT, secret).unwrap()
}

#[test]
fn both_adapters_reach_an_emulator_over_tls_by_its_own_authority_and_not_without() {
    let emulator = Emulator::builder().tls().start().unwrap();
    assert!(emulator.url().starts_with("https://127.0.0.1:"));
    let authorities = Authorities::from_pem(emulator.authority().unwrap()).unwrap();
    let password = Password::parse(PASSWORD).unwrap();

    let session = |trusts: bool| {
        let builder = twoba_blocking::Session::builder(client(&emulator));
        let builder = if trusts {
            builder.authorities(&authorities)
        } else {
            builder
        };
        builder.open("a").unwrap()
    };
    let refused = session(false).login(USER, &password).unwrap_err();
    assert_eq!(not_delivered(&refused), SendFailure::NotSent);
    let told = format!("{refused:?}");
    assert!(told.contains("certificate"), "{told}");
    let trusting = session(true);
    trusting.login(USER, &password).unwrap();
    trusting.refresh().unwrap();
    trusting
        .get("Product/Search", &[("query", "kabelgoot")])
        .unwrap();

    let session = |trusts: bool| {
        let builder = twoba_async::Session::builder(client(&emulator));
        let builder = if trusts {
            builder.authorities(&authorities)
        } else {
            builder
        };
        builder.open("a").unwrap()
    };
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let refused = session(false).login(USER, &password).await.unwrap_err();
        assert_eq!(not_delivered(&refused), SendFailure::NotSent);
        let trusting = session(true);
        trusting.login(USER, &password).await.unwrap();
        trusting.refresh().await.unwrap();
        let search = [("query", "kabelgoot")];
        trusting.get("Product/Search", &search).await.unwrap();
    });
    let counts = emulator.counts();
    assert_eq!((counts.password, counts.refresh), (2, 2));
}

/// An emulator that runs as a program, with what it has said when it was ready.
struct Started {
    home: TempDir,
    running: Running,
    ready: Value,
}

impl Started {
    fn new(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let cli = Cli::new(home.path(), settings);
        let mut running = cli.start(&[&["emulator"], arguments].concat());
        let ready = running.stdout_line(LIMIT).unwrap().unwrap();
        Self {
            home,
            running,
            ready: serde_json::from_str(&ready).unwrap(),
        }
    }

    fn told(&self, name: &str) -> &str {
        self.ready.get(name).and_then(Value::as_str).unwrap()
    }

    /// What a caller who trusts it is answered; with this password, if any.
    fn get(&self, path: &str, password: Option<&str>) -> Response<ureq::Body> {
        let certificate = std::fs::read(self.told("ca_file")).unwrap();
        let roots = vec![Certificate::from_pem(&certificate).unwrap()];
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(roots.into()));
        let agent = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut request = agent.get(format!("{}{path}", self.told("url")));
        if let Some(password) = password {
            request = request.header("Authorization", format!("Bearer {password}"));
        }
        request.call().unwrap()
    }
}

#[test]
fn the_program_trusts_whom_a_setting_names() {
    let started = Started::new(&["--tls", "--listen", "localhost:0"], &[]);
    let url = started.told("url");
    assert!(url.starts_with("https://localhost:"), "{url}");
    assert_eq!(started.ready.get("control_secret"), None);
    let token = format!("{url}/OAuth/Token");
    let service = format!("{url}/1/json");
    let mut settings = vec![
        ("TWOBA_TOKEN_URL", token.as_str()),
        ("TWOBA_SERVICE_URL", &service),
        ("TWOBA_CLIENT_ID", CLIENT),
        ("TWOBA_CLIENT_SECRET", SECRET),
        ("TWOBA_USERNAME", USER),
        ("TWOBA_PASSWORD", PASSWORD),
    ];
    let home = started.home.path();
    let log_in = ["login", "--password"];
    let refused = Cli::new(home, &settings).run(&log_in);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    settings.push(("TWOBA_CA_FILE", started.told("ca_file")));
    let cli = Cli::new(home, &settings);
    cli.run(&log_in).done();
    let found = cli
        .run(&["get", "Product/Search", "query=kabelgoot"])
        .done();
    assert!(found.json()["Products"].is_array());

    // The profile that the emulator has written names the same file.
    let config = Path::new(started.told("ca_file")).with_file_name("config.toml");
    let profile = std::fs::read_to_string(&config).unwrap();
    let other = tempfile::tempdir().unwrap();
    let store = other.path().join("sessions");
    let of_the_profile = Cli::new(
        home,
        &[
            ("TWOBA_CONFIG", config.to_str().unwrap()),
            ("TWOBA_STORE", store.to_str().unwrap()),
            ("TWOBA_PASSWORD", PASSWORD),
        ],
    );
    let user = ["login", "--password", "--username", USER];
    of_the_profile.run(&user).done();
    assert!(profile.contains("ca-file = "), "{profile}");

    std::fs::write(other.path().join("no.pem"), "nothing").unwrap();
    let no_file = other.path().join("no.pem");
    settings.pop();
    settings.push(("TWOBA_CA_FILE", no_file.to_str().unwrap()));
    let unusable = Cli::new(home, &settings).run(&["token"]);
    assert_eq!(unusable.code, 2);
    assert!(
        unusable.stderr.contains("no certificate in PEM"),
        "{}",
        unusable.stderr
    );
}

#[test]
fn beyond_this_machine_the_emulator_is_controlled_by_who_knows_its_secret() {
    let arguments = ["--tls", "--allow-remote", "--listen", "0.0.0.0:0"];
    let mut started = Started::new(&arguments, &[]);
    let secret = started.told("control_secret").to_owned();
    assert_eq!(secret.len(), 32);
    for path in ["", "journal", "state", "accounts", "events", "nothing"] {
        let refused = started.get(&format!("/_emulator/{path}"), None);
        assert_eq!(refused.status(), 401, "{path}");
        let asked = refused.headers().get("www-authenticate").unwrap();
        assert!(asked.to_str().unwrap().starts_with("Basic "));
        let wrong = started.get(&format!("/_emulator/{path}"), Some("wrong"));
        assert_eq!(wrong.status(), 401, "{path}");
    }
    assert_eq!(
        started.get("/_emulator/journal", Some(&secret)).status(),
        200
    );
    // Everything else is for everybody.
    assert_eq!(started.get("/1/json/Product/Search", None).status(), 401);
    let metadata = started.get("/.well-known/openid-configuration", None);
    assert_eq!(metadata.status(), 200);
    let told = loop {
        let line = started.running.stderr_line(LIMIT).unwrap().unwrap();
        if line.contains("password") {
            break line;
        }
    };
    assert!(told.contains(&secret), "{told}");

    let own = [("TWOBA_EMULATOR_SECRET", "a-secret-of-mine")];
    let started = Started::new(&arguments, &own);
    assert_eq!(started.ready.get("control_secret"), None);
    let journal = started.get("/_emulator/journal", Some("a-secret-of-mine"));
    assert_eq!(journal.status(), 200);
}

#[test]
fn what_would_let_others_in_by_mistake_is_a_mistake_on_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let short = [("TWOBA_EMULATOR_SECRET", "short")];
    for (arguments, settings, why) in [
        (&["--listen", "0.0.0.0:0"][..], &[][..], "loopback only"),
        (&["--listen", "0.0.0.0:0", "--tls"], &[], "loopback only"),
        (&["--allow-remote"], &[], "--tls"),
        (&["--save-ca", "ca.pem"], &[], "--tls"),
        (&["--cors", "*"], &[], "origin"),
        (&["--cors", "http://localhost:5173/"], &[], "origin"),
        (&["--tls", "--allow-remote"], &short, "16 bytes"),
    ] {
        let cli = Cli::new(home.path(), settings);
        let said = cli.run(&[&["emulator"], arguments].concat());
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains(why), "{arguments:?}: {}", said.stderr);
    }
}

#[test]
fn the_certificate_is_saved_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("authority.pem");
    let asked = ["--tls", "--listen", "127.0.0.1:0", "--save-ca"];
    let started = Started::new(&[&asked[..], &[path.to_str().unwrap()]].concat(), &[]);
    let saved = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        saved,
        std::fs::read_to_string(started.told("ca_file")).unwrap()
    );
    assert!(!saved.contains("PRIVATE"));
}
