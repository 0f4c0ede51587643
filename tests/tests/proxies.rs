//! Which proxy requests go through: what the environment says, and what the program has chosen.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]
#![expect(clippy::print_stderr, reason = "a child tells its test what it saw")]

use std::env;
use std::error::Error as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use tokio::runtime;
use twoba_core::{Client, ClientSecret, Password, SendFailure};
use twoba_store::Error;
use twoba_testkit::Running;
use twoba_tests::{Bench, CLIENT, PASSWORD, SECRET, Tunnel, USER, not_delivered};

/// Tell the child of a test what to do: where its server is, and what the program chooses.
const SERVER: &str = "TWOBA_TEST_BEHIND_A_PROXY";
const CHOICE: &str = "TWOBA_TEST_CHOICE";

/// What both adapters say of a login there, in a process with these variables.
fn told_by(test: &str, server: &str, variables: &[(&str, &str)]) -> String {
    let mut this_test = Command::new(env::current_exe().unwrap());
    this_test.args(["--exact", test, "--nocapture"]);
    for name in ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        this_test.env_remove(name);
        this_test.env_remove(name.to_ascii_lowercase());
    }
    this_test.env(SERVER, server);
    this_test.envs(variables.iter().copied());
    let child = Running::start(&mut this_test).unwrap();
    let ended = child.finish(Duration::from_secs(60)).unwrap();
    assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    ended.stderr
}

/// Where nobody listens, by a name of this machine that is not known as one.
fn nobody() -> String {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let port = port.unwrap().local_addr().unwrap().port();
    format!("https://0.0.0.0:{port}")
}

/// Logs in with both adapters, and tells how that failed.
fn log_in(server: &str) {
    let choice = env::var(CHOICE).unwrap_or_default();
    let secret = || ClientSecret::parse(SECRET).unwrap();
    let client = || Client::confidential(Bench::provider(server), CLIENT, secret()).unwrap();
    let password = Password::parse(PASSWORD).unwrap();

    let builder = twoba_blocking::Session::builder(client());
    let session = builder.http(|http| match choice.as_str() {
        "" => http,
        "none" => http.proxy(None),
        proxy => http.proxy(Some(ureq::Proxy::new(proxy).unwrap())),
    });
    let session = session.open("a").unwrap();
    tell(&session.login(USER, &password).unwrap_err());

    let builder = twoba_async::Session::builder(client());
    let session = builder.http(move |http| match choice.as_str() {
        "" => http,
        "none" => http.no_proxy(),
        proxy => http.proxy(reqwest::Proxy::https(proxy).unwrap()),
    });
    let session = session.open("a").unwrap();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime.unwrap().block_on(session.login(USER, &password));
    tell(&ended.unwrap_err());
}

/// One line for each error, with what lies beneath it.
fn tell(error: &Error) {
    assert_eq!(not_delivered(error), SendFailure::NotSent, "{error:?}");
    let mut told = format!("TOLD {error}");
    let mut beneath = error.source();
    while let Some(cause) = beneath {
        told = format!("{told}: {cause}");
        beneath = cause.source();
    }
    eprintln!("{told} {error:?}");
}

/// How often a proxy is asked by the logins of both adapters.
#[track_caller]
fn assert_asked(test: &str, variables: &[(&str, &str)], expected: usize) {
    let proxy = Tunnel::open();
    let address = format!("http://{}", proxy.address());
    let mut set = vec![("HTTPS_PROXY", address.as_str())];
    set.extend_from_slice(variables);
    told_by(test, &nobody(), &set);
    assert_eq!(proxy.passed(), expected, "{variables:?}");
}

#[test]
fn both_adapters_read_the_environment_alike() {
    const TEST: &str = "both_adapters_read_the_environment_alike";
    if let Ok(server) = env::var(SERVER) {
        return log_in(&server);
    }
    assert_asked(TEST, &[], 2);
    assert_asked(TEST, &[("NO_PROXY", "example.com, 10.0.0.0/8")], 2);
    assert_asked(TEST, &[("NO_PROXY", "example.com, 0.0.0.0/8")], 0);
    assert_asked(TEST, &[("no_proxy", " 0.0.0.0 ")], 0);
    assert_asked(TEST, &[("NO_PROXY", "0.0.0.0:443")], 2);
    assert_asked(TEST, &[("NO_PROXY", "*")], 0);
    let proxy = Tunnel::open();
    let address = proxy.address().to_string();
    told_by(TEST, &nobody(), &[("all_proxy", &address)]);
    told_by(TEST, &nobody(), &[("HTTP_PROXY", &address)]);
    assert_eq!(proxy.passed(), 2);
    let server = nobody().replace("0.0.0.0", "localhost");
    told_by(TEST, &server, &[("HTTPS_PROXY", &address)]);
    assert_eq!(proxy.passed(), 2, "this machine goes without");
}

#[test]
fn what_the_program_chooses_wins_over_the_environment() {
    const TEST: &str = "what_the_program_chooses_wins_over_the_environment";
    if let Ok(server) = env::var(SERVER) {
        return log_in(&server);
    }
    assert_asked(TEST, &[(CHOICE, "none")], 0);
    let own = Tunnel::open();
    let address = format!("http://{}", own.address());
    // Nor does the environment say what goes without a proxy of the program's own.
    assert_asked(TEST, &[(CHOICE, &address), ("NO_PROXY", "*")], 0);
    assert_eq!(own.passed(), 2);
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named_and_its_password_is_not() {
    const TEST: &str = "a_proxy_that_cannot_be_reached_is_named_and_its_password_is_not";
    if let Ok(server) = env::var(SERVER) {
        return log_in(&server);
    }
    let place = nobody().replace("https://0.0.0.0", "127.0.0.1");
    let with_password = format!("http://me:canary@{place}");
    let named = format!(": through the proxy {place}: ");
    for (value, expected) in [
        (with_password.as_str(), named.as_str()),
        (
            "socks5://me:canary@127.0.0.1:1080",
            ": HTTPS_PROXY names a kind of proxy",
        ),
        (
            "http://me:canary@proxy:port",
            ": HTTPS_PROXY holds no address",
        ),
    ] {
        let stderr = told_by(TEST, &nobody(), &[("HTTPS_PROXY", value)]);
        let told: Vec<_> = stderr
            .lines()
            .filter(|line| line.starts_with("TOLD"))
            .collect();
        assert_eq!(told.len(), 2, "{stderr}");
        for line in told {
            assert!(line.contains(expected), "{line}");
            assert!(!line.contains("canary"), "{line}");
        }
    }
}
