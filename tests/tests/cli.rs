//! What a person at a keyboard does with the program, against the emulator: what it prints, where,
//! and the exit code.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use twoba_emulator::{Fault, FaultPoint, FaultRule};
use twoba_testkit::Canaries;
use twoba_testkit::Running;
use twoba_tests::{
    Browser, CLIENT, Cli, Desk, Detour, Login, PASSWORD, SECRET, Said, USER, log_in_at_emulator,
    refresh_token_at,
};

/// How long the program may take to print the next line.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn the_demo_tells_a_whole_journey_and_fails_with_any_step() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    let shown = cli.run(&["demo"]).done();
    assert!(shown.stdout.is_empty(), "the timeline is not a result");
    let steps = shown.stderr.lines().filter(|line| line.contains("  ok  "));
    assert_eq!(steps.count(), 10, "{}", shown.stderr);
    for fault in [
        "password:bare-400",
        "service:html-200",
        "refresh:status:500",
        "refresh:drop-after-commit",
    ] {
        let failed = cli.run(&["demo", "--fault", fault]);
        assert_eq!(failed.code, 1, "{fault}: {}", failed.stderr);
        assert!(failed.stderr.contains("  NOT "), "{}", failed.stderr);
    }
}

#[test]
fn the_demo_gives_its_steps_as_json_and_refuses_a_fault_that_cannot_come() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    let result = cli.run(&["demo", "--json", "--quiet"]).done();
    assert_eq!(result.stderr, "");
    let result = result.json();
    let steps = result["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 10);
    assert_eq!(steps[0]["step"], "log in with a password");
    assert_eq!(
        (&steps[0]["seconds"], &result["reuse"]),
        (&0.into(), &0.into())
    );
    for point in ["authorization_code", "revocation"] {
        let said = cli.run(&["demo", "--fault", &format!("{point}:status:500")]);
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains("would never come"), "{}", said.stderr);
    }
    let failed = cli.run(&["demo", "--json", "--fault", "service:html-200"]);
    assert_eq!(failed.code, 1);
    let error = failed.json();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("call a service"), "{message}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one journey, step by step")]
fn a_person_logs_in_uses_the_token_and_logs_out() {
    let desk = Desk::new();
    let login = desk.run(&["login", "--password"]).done();
    assert!(login.stdout.is_empty());
    assert!(login.stderr.starts_with("logged in as demo@example.com"));

    let token = desk.run(&["token"]).done().stdout;
    assert_eq!(token.lines().count(), 1);
    let token = token.trim_end();
    let header = desk.run(&["token", "--format", "header"]).done().stdout;
    assert_eq!(header.trim_end(), format!("Authorization: Bearer {token}"));
    let env = desk.run(&["token", "--format", "env"]).done().stdout;
    assert_eq!(env.trim_end(), format!("TWOBA_ACCESS_TOKEN={token}"));
    let json = desk.run(&["token", "--json"]).done().json();
    assert_eq!(json["access_token"], token);
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["generation"], 1);
    assert_eq!(
        json["expires_at"].as_str().unwrap().len(),
        "2026-11-22T10:00:00Z".len()
    );
    let plugin = desk
        .run(&["token", "--format", "exec-credential"])
        .done()
        .json();
    assert_eq!(plugin["status"]["token"], token);
    assert_eq!(
        desk.emulator.counts().refresh,
        0,
        "a fresh token is not refreshed"
    );

    let long = desk.run(&["token", "--min-validity", "1h"]).done();
    assert_eq!(long.stdout.trim_end(), token, "no token would do");
    assert!(
        long.stderr
            .contains("live for 120 s, which is less than --min-validity"),
        "{long:?}"
    );
    let curl = desk.run(&["token", "--format", "curl-config"]).done();
    let header = format!("header = \"Authorization: Bearer {token}\"\n");
    assert_eq!(curl.stdout, header);
    let forced = desk
        .run(&["token", "--force-refresh", "--json"])
        .done()
        .json();
    assert_eq!(forced["generation"], 2);

    let found = desk
        .run(&["get", "Product/Search", "query=kabelgoot"])
        .done();
    assert!(found.json()["Products"][0]["Description"].is_string());
    let plain = desk
        .run(&["get", "Product/Search", "query=kabelgoot", "--raw"])
        .done();
    assert_eq!(plain.json(), found.json());
    let wrapped = ["get", "Product/Search", "query=kabelgoot", "--jsonp", "cb"];
    assert_eq!(desk.run(&wrapped).done().json(), found.json());
    let raw = [&wrapped[..], &["--raw"]].concat();
    assert!(desk.run(&raw).done().stdout.starts_with("cb("));
    let path = desk.home.path().join("found.json").display().to_string();
    let dash = ["get", "Product/Search", "query=kabelgoot", "-o", "-"];
    assert_eq!(desk.run(&dash).done().json(), found.json());
    let silent = desk
        .run(&["get", "Product/Search", "query=x", "-o", &path])
        .done();
    assert!(silent.stdout.is_empty());
    assert!(fs::read_to_string(&path).unwrap().starts_with('{'));

    let status = desk.run(&["status", "--json"]).done().json();
    for (name, value) in [
        ("profile", "default"),
        ("provider", "custom"),
        ("client_id", CLIENT),
        ("user", USER),
        ("state", "valid"),
    ] {
        assert_eq!(status[name], value, "{name}");
    }
    assert!(status["cause"].is_null() && status["refresh_due_at"].is_string());
    let told = desk.run(&["status"]).done().stdout;
    assert!(told.contains("generation   2"), "{told}");

    let gone = desk.run(&["logout"]).done();
    assert_eq!(gone.stderr, "logged out, here and at the server\n");
    assert_eq!(desk.emulator.counts().families_revoked, 1);
    assert_eq!(desk.run(&["token"]).code, 4);
    assert_eq!(
        desk.run(&["status", "--json"]).done().json()["state"],
        "none"
    );
    assert_eq!(desk.emulator.counts().reuse, 0);
}

#[test]
fn a_person_moves_here_from_another_client() {
    let desk = Desk::new();
    let token = refresh_token_at(desk.emulator.url());
    // With 2BA's rules a bare refusal ends the grant.
    let cli = desk.cli(&[("TWOBA_PROVIDER", "2ba")]);
    let mut importing = cli.start(&["import", "--username", "me@example.com"]);
    // As other programs print it, and Windows pipes it.
    let pasted = format!("\u{feff} \"{}\" ", token.expose());
    importing.write_line(&pasted).unwrap();
    let said = cli.finish(importing).done();
    assert!(said.stdout.is_empty());
    assert!(
        said.stderr
            .contains("imported as me@example.com; the token is good until")
    );
    assert!(!said.stderr.contains(token.expose()));
    assert_eq!(cli.run(&["token"]).done().stdout.lines().count(), 1);
    assert_eq!(desk.emulator.counts().refresh, 1);

    // A wrong one ends nothing.
    let mut wrong = cli.start(&["import"]);
    wrong.write_line("no-such-token").unwrap();
    let said = cli.finish(wrong);
    assert_eq!(said.code, 4, "{}", said.stderr);
    assert!(
        said.stderr
            .contains("the imported refresh token is of no use")
    );
    assert!(said.stderr.contains("what was stored before stays"));
    assert_eq!(cli.run(&["token"]).done().stdout.lines().count(), 1);
    assert_eq!(cli.run(&["import"]).code, 3, "nothing was entered");
}

#[test]
fn a_call_on_the_embedded_emulator_needs_no_settings() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    let found = cli.run(&["--emulator", "get", "Product/Search", "query=kabelgoot"]);
    assert!(found.done().json()["Products"].is_array());
    assert_eq!(
        cli.run(&["--emulator", "status", "--json"]).done().json()["user"],
        USER
    );
    assert!(
        fs::read_dir(home.path()).unwrap().next().is_none(),
        "nothing is left behind"
    );
}

// shows: NA5
#[test]
fn a_browser_login_comes_back_to_the_listener() {
    let desk = Desk::new();
    let login = Login::start(desk.cli(&[("BROWSER", "false"), ("PATH", "")]), &["--json"]);
    let back = log_in_at_emulator(&desk.emulator, login.url(), USER, PASSWORD);
    let address = back.strip_prefix("http://").unwrap();
    let (host, _) = address.split_once('/').unwrap();
    let mut browser = Browser::new(host.parse().unwrap());
    let page = browser.get(&back);
    assert_eq!(page.status(), 200);
    assert!(String::from_utf8_lossy(page.body()).contains("You are logged in"));
    let said = login.finish().done();
    assert_eq!(said.json()["state"], "valid");
    assert_eq!(desk.emulator.counts().authorization_code, 1);
}

/// A browser that stays in the foreground, as w3m does: nobody waits for its end, it gets no secret,
/// and its arguments say nothing of the login.
#[cfg(unix)]
#[test]
fn a_browser_that_does_not_end_hears_of_the_login_and_of_no_secret() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::new();
    let at = |name: &str| desk.home.path().join(name);
    let script = "#!/bin/sh\nenv > \"$0.env\"\necho \"$$ $*\" > \"$0.new\"\n\
                  mv \"$0.new\" \"$0.called\"\nread forever < \"$0.pipe\"\n";
    fs::write(at("foreground"), script).unwrap();
    fs::set_permissions(at("foreground"), fs::Permissions::from_mode(0o700)).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("foreground.pipe"))
        .status();
    assert!(pipe.unwrap().success());
    let browser = at("foreground").display().to_string();
    let path = std::env::var("PATH").unwrap();
    let login = Login::start(
        desk.cli(&[
            ("BROWSER", browser.as_str()),
            ("PATH", &path),
            ("TWOBA_PASSWORD", PASSWORD),
        ]),
        &[],
    );
    let called = twoba_tests::until("the browser to be started", || {
        let called = fs::read_to_string(at("foreground.called"));
        called.map_err(|error| error.to_string())
    });
    let (process, opened) = called.trim_end().split_once(' ').unwrap();
    assert!(opened.contains("/start-"), "{opened}");
    assert!(!opened.contains("state") && !opened.contains("code_challenge"));
    let environment = fs::read_to_string(at("foreground.env")).unwrap();
    assert!(environment.contains("TWOBA_CLIENT_ID"));
    for secret in [SECRET, PASSWORD, "TWOBA_CLIENT_SECRET", "TWOBA_PASSWORD"] {
        assert!(!environment.contains(secret), "{secret}");
    }
    // The address leads to the login, once.
    let (host, _) = opened
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut browser = Browser::new(host.parse().unwrap());
    let led = browser.get(opened);
    assert_eq!(led.status(), 303);
    assert_eq!(led.headers()["location"], login.url());
    assert_eq!(browser.get(opened).status(), 410);
    let back = log_in_at_emulator(&desk.emulator, login.url(), USER, PASSWORD);
    assert_eq!(browser.get(&back).status(), 200);
    assert!(login.finish().done().stderr.contains("logged in"));
    // It is still there, and ends by its own process id.
    let ended = std::process::Command::new("kill").arg(process).status();
    assert!(ended.unwrap().success());
}

#[test]
fn a_login_that_may_ask_nobody_says_so_at_once() {
    let desk = Desk::new();
    let said = desk.cli(&[]).run(&["login", "--no-input"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("--password"), "{said:?}");
}

#[test]
fn a_person_without_a_browser_pastes_the_address() {
    let desk = Desk::new();
    let cli = desk.cli(&[]);
    let mut asking = cli.start(&["login", "--no-browser"]);
    asking.stderr_line(LIMIT).unwrap().unwrap();
    let url = asking.stderr_line(LIMIT).unwrap().unwrap();
    let back = log_in_at_emulator(&desk.emulator, url.trim_end(), USER, PASSWORD);
    asking.write_line(&back).unwrap();
    let said = cli.finish(asking).done();
    assert!(said.stderr.contains("logged in"), "{}", said.stderr);

    let mut asking = cli.start(&["login", "--no-browser"]);
    asking.stderr_line(LIMIT).unwrap().unwrap();
    asking
        .write_line("http://127.0.0.1/callback?code=x&state=other")
        .unwrap();
    assert_eq!(cli.finish(asking).code, 6, "the answer to another login");
    assert_eq!(
        cli.run(&["login", "--no-browser"]).code,
        3,
        "nothing was pasted"
    );
}

/// One call: a name for it, changed settings, arguments.
type Call<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

/// What a failed call says, in one line with its exit code; addresses, folders and errors of the
/// operating system are made stable.
fn told(desk: &Desk, (name, changes, arguments): &Call<'_>) -> String {
    let said = desk.cli(changes).run(arguments);
    assert_eq!(said.stderr.lines().count(), 1, "{name}: {}", said.stderr);
    assert!(said.stdout.is_empty(), "{name}: {}", said.stdout);
    let line = said
        .stderr
        .replace(&desk.home.path().display().to_string(), "HOME")
        .replace(&desk.emulator.addr().to_string(), "EMULATOR");
    format!("{name}\n    [{}] {}", said.code, without_times(&line))
}

/// The same where the next attempt leaves in some seconds.
fn without_times(line: &str) -> String {
    let Some((before, wait)) = line.split_once("the next attempt leaves in ") else {
        return line.to_owned();
    };
    let (seconds, rest) = wait.trim_end().split_once(" s, at ").unwrap();
    let (at, topic) = rest.split_once(' ').unwrap();
    assert!(
        (1..=60).contains(&seconds.parse::<u32>().unwrap()),
        "{line}"
    );
    assert_eq!(at.len(), "2026-11-22T10:00:00Z".len(), "{line}");
    format!("{before}the next attempt leaves in SECONDS s, at TIME {topic}\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_failure_says_what_to_do_in_one_line() {
    let desk = Desk::new();
    let port = desk.emulator.addr().port();
    let tls = format!("https://127.0.0.1:{port}/OAuth/Token");
    let no_folder = desk.home.path().join("file").display().to_string();
    fs::write(&no_folder, "").unwrap();
    let login = &["login", "--password"][..];
    let calls: &[Call<'_>] = &[
        ("nobody is logged in", &[], &["token"]),
        ("wrong password", &[("TWOBA_PASSWORD", "canary-1")], login),
        (
            "wrong secret",
            &[("TWOBA_CLIENT_SECRET", "canary-2")],
            login,
        ),
        ("wrong client", &[("TWOBA_CLIENT_ID", "nobody")], login),
        (
            "unreachable server",
            &[("TWOBA_TOKEN_URL", "http://127.0.0.1:1/t")],
            login,
        ),
        (
            "unknown host",
            &[("TWOBA_TOKEN_URL", "https://host.invalid/t")],
            login,
        ),
        (
            "no TLS at the other end",
            &[("TWOBA_TOKEN_URL", &tls)],
            login,
        ),
        (
            "http that is not loopback",
            &[("TWOBA_TOKEN_URL", "http://id.example/t")],
            login,
        ),
        (
            "credentials in an address",
            &[("TWOBA_TOKEN_URL", "https://u:canary-3@h/t")],
            login,
        ),
        (
            "a store that is no folder",
            &[("TWOBA_STORE", &no_folder)],
            login,
        ),
        (
            "a store that is an address",
            &[("TWOBA_STORE", "postgres://u:canary-4@h/d")],
            login,
        ),
        ("no client id", &[("TWOBA_CLIENT_ID", "")], login),
        ("no user name", &[("TWOBA_USERNAME", "")], login),
        ("no password", &[("TWOBA_PASSWORD", "")], login),
        ("unknown provider", &[("TWOBA_PROVIDER", "2bb")], login),
        (
            "custom without an address",
            &[("TWOBA_PROVIDER", "custom"), ("TWOBA_TOKEN_URL", "")],
            login,
        ),
        (
            "unknown authentication",
            &[("TWOBA_CLIENT_AUTH", "digest")],
            login,
        ),
        (
            "authentication none with a secret",
            &[("TWOBA_CLIENT_AUTH", "none")],
            login,
        ),
        ("unknown replay rule", &[("TWOBA_REPLAY", "twice")], login),
        (
            "no login page",
            &[("TWOBA_AUTHORIZE_URL", "")],
            &["login", "--no-browser"],
        ),
        (
            "a redirect that leaks",
            &[],
            &["login", "--redirect-uri", "http://id.example/cb"],
        ),
        ("no function", &[], &["get", "Product"]),
        (
            "no callback name",
            &[],
            &["get", "Product/Search", "--jsonp", "a("],
        ),
    ];
    let lines: Vec<_> = calls.iter().map(|call| told(&desk, call)).collect();
    let text = lines.join("");
    let secrets = [
        "canary-1", "canary-2", "canary-3", "canary-4", PASSWORD, SECRET,
    ];
    let canaries = Canaries::new(secrets.map(|secret| (secret, secret)));
    canaries.look_in("what the program says", &text).unwrap();
    insta::assert_snapshot!("cli-failures", text);
}

#[test]
fn a_failure_later_in_a_session_loses_nothing() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let record = desk.home.path().join("store").join("default.grant");
    let calls = |rule: FaultRule, arguments: &[&str]| {
        desk.emulator.add_fault(rule);
        told(&desk, &("", &[], arguments))
    };
    let refresh = &["token", "--force-refresh"][..];
    let mut lines = vec![
        calls(
            FaultRule::next(FaultPoint::Refresh, Fault::RetryAfter(50)),
            refresh,
        ),
        told(&desk, &("and again within the wait", &[], refresh)),
        calls(
            FaultRule::next(FaultPoint::Service, Fault::Status(500)),
            &["get", "Product/Search"],
        ),
        calls(
            FaultRule::next(FaultPoint::Service, Fault::Html502),
            &["get", "Product/Search"],
        ),
        told(
            &desk,
            &("a parameter is missing", &[], &["get", "Product/Search"]),
        ),
        told(&desk, &("no such function", &[], &["get", "No/Where"])),
    ];
    assert_eq!(
        desk.run(&["status", "--json"]).done().json()["state"],
        "valid"
    );

    let whole = fs::read(&record).unwrap();
    fs::write(&record, &whole[..whole.len() / 2]).unwrap();
    lines.push(told(&desk, &("a torn record", &[], &["token"])));
    assert_eq!(
        fs::read(&record).unwrap(),
        whole[..whole.len() / 2],
        "left as it is"
    );
    fs::write(&record, &whole).unwrap();
    lines.push(told(
        &desk,
        &(
            "another client",
            &[("TWOBA_CLIENT_ID", "other")],
            &["token"],
        ),
    ));
    assert_eq!(fs::read(&record).unwrap(), whole, "left as it is");
    insta::assert_snapshot!("cli-failures-later", lines.join(""));
}

#[test]
fn an_ended_grant_asks_for_a_login_and_is_asked_for_once() {
    let desk = Desk::new();
    // The emulator answers a bad refresh token as 2BA does: with a bare 400.
    let cli = desk.cli(&[("TWOBA_PROVIDER", "2ba")]);
    cli.run(&["login", "--password"]).done();
    desk.emulator.revoke_user(USER);
    let refresh = &["token", "--force-refresh"];
    // While the token lives a bare answer may mean that it is too early: it is good until its end,
    // and nobody asks again before that.
    for _ in 0..3 {
        let said = cli.run(refresh);
        assert_eq!(said.code, 5, "{}", said.stderr);
        assert!(said.stderr.contains("refreshes when the token has ended"));
        cli.run(&["token"]).done();
    }
    assert_eq!(desk.emulator.counts().refresh, 1);
    // A service that rejects the token leaves no doubt.
    let said = cli.run(&["get", "Product/Search", "query=kabelgoot"]);
    assert_eq!(said.code, 4, "{}", said.stderr);
    for _ in 0..3 {
        let said = cli.run(refresh);
        assert_eq!(said.code, 4, "{}", said.stderr);
        assert!(
            said.stderr.contains("; log in with `twoba login` ("),
            "{}",
            said.stderr
        );
    }
    assert_eq!(desk.emulator.counts().refresh, 2);
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["state"], "login_required");
    let cause = status["cause"].as_str().unwrap();
    assert!(cause.contains("no longer accepts"), "{cause}");
    cli.run(&["login", "--password"]).done();
    cli.run(refresh).done();
}

#[test]
fn with_json_a_failure_is_an_object_on_stdout() {
    let desk = Desk::new();
    for (arguments, code, word) in [
        (&["--json", "token"][..], 4, "login_required"),
        (&["token", "--json", "--nonsense"], 2, "configuration"),
        (&["get", "x", "--json"], 2, "configuration"),
    ] {
        let said = desk.run(arguments);
        assert_eq!(said.code, code);
        assert!(said.stderr.is_empty(), "{}", said.stderr);
        let error = &said.json()["error"];
        assert_eq!(error["code"], word);
        assert!(error["message"].is_string() && error["advice"].is_string());
    }
}

#[test]
fn settings_come_from_a_file_and_secrets_from_beside_it() {
    let desk = Desk::new();
    let secret = desk.home.path().join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let url = desk.emulator.url();
    let config = desk.home.path().join("config.toml");
    let text = format!(
        "default-profile = \"here\"\n[profile.here]\nprovider = \"custom\"\n\
         token-endpoint = \"{url}/OAuth/Token\"\nclient-id = \"{CLIENT}\"\n\
         client-secret = {{ file = \"{}\" }}\nservice-base = \"{url}/1/json/\"\n\
         store = \"{}\"\n[profile.there]\nprovider = \"2ba\"\n",
        secret.display(),
        desk.home.path().join("sessions").display()
    );
    fs::write(&config, text).unwrap();
    let path = config.display().to_string();
    let settings = [
        ("TWOBA_CONFIG", path.as_str()),
        ("TWOBA_USERNAME", USER),
        ("TWOBA_PASSWORD", PASSWORD),
    ];
    let cli = Cli::new(Path::new(desk.home.path()), &settings);
    cli.run(&["login", "--password"]).done();
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["profile"], "here");
    assert_eq!(status["user"], USER);
    assert_eq!(
        cli.run(&["--profile", "there", "token"]).code,
        2,
        "it has no client id"
    );
    let unknown = cli.run(&["--profile", "nowhere", "token"]);
    assert!(
        unknown.stderr.contains("has: here, there"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn the_emulator_runs_with_the_policy_that_it_is_given() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    let mut running = cli.start(&["emulator", "--policy", "grace:30s", "--behavior", "plain"]);
    let ready = running.stdout_line(LIMIT).unwrap().unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(ready["pid"], running.pid());
    let address = ready["url"].as_str().unwrap().strip_prefix("http://");
    let mut browser = Browser::new(address.unwrap().parse().unwrap());
    let state = browser.get("/_emulator/state");
    let state: Value = serde_json::from_slice(state.body()).unwrap();
    assert_eq!(state["policy"], "grace:30s");
    assert_eq!(state["behavior"], "plain");
}

/// An emulator that runs as a program, and where it is.
fn running_emulator(cli: &Cli, more: &[&str]) -> (Running, String) {
    let mut running = cli.start(&[&["emulator"], more].concat());
    let ready = running.stdout_line(LIMIT).unwrap().unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let url = ready.get("url").and_then(Value::as_str).unwrap();
    (running, url.to_owned())
}

/// The lines that an emulator tells to paste: from the first export to the empty line.
#[cfg(unix)]
fn told_lines(running: &mut Running) -> String {
    let mut told = String::new();
    loop {
        let line = running.stderr_line(LIMIT).unwrap().unwrap();
        if line.is_empty() && !told.is_empty() {
            return told;
        }
        let is_one = ["unset ", "export "]
            .iter()
            .any(|start| line.starts_with(start));
        if is_one || !told.is_empty() {
            told += &line;
            told.push('\n');
        }
    }
}

#[cfg(unix)]
#[test]
fn what_the_emulator_tells_works_in_another_terminal_and_displaces_no_session() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    // The person's own settings, which win over a profile.
    let own = desk.cli(&[]);
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().to_str().unwrap();
    let cli = desk.cli(&[("TMPDIR", folder)]);
    let (mut running, url) = running_emulator(&cli, &["--listen", "127.0.0.1:0"]);
    let lines = told_lines(&mut running);
    let exports = lines.lines().filter(|line| line.starts_with("export "));
    assert_eq!(exports.count(), 3, "{lines}");

    let empty = tempfile::tempdir().unwrap();
    let said = own.paste(empty.path(), &lines).done();
    assert!(said.json()["Products"].is_array(), "{}", said.stderr);
    assert!(said.stderr.contains("logged in as demo@example.com"));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    let mut browser = Browser::new(url.strip_prefix("http://").unwrap().parse().unwrap());
    let journal = browser.get("/_emulator/journal");
    let journal: Value = serde_json::from_slice(journal.body()).unwrap();
    assert_eq!(journal["counts"]["password"], 1);
    assert_eq!(desk.emulator.counts().password, 1, "that of the person");
    assert_eq!(
        own.run(&["status", "--json"]).done().json()["state"],
        "valid"
    );

    let made = fs::read_dir(temporary.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let mode = made.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let profile = fs::read_to_string(made.path().join("config.toml")).unwrap();
    assert!(!profile.contains("myApplicationSecret"), "{profile}");
    running.kill().unwrap();
    // The next emulator removes what that one had to leave.
    let next = running_emulator(&cli, &["--listen", "127.0.0.1:0"]);
    assert!(!made.path().exists());
    drop(next);
}

#[test]
fn the_emulator_takes_its_own_port_or_says_which_other() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    // An emulator of another test may have the port for a while.
    let _first = loop {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", 4280)) {
            break listener;
        }
        thread::yield_now();
    };
    let (mut second, url) = running_emulator(&cli, &[]);
    let (_, port) = url.rsplit_once(':').unwrap();
    assert_ne!(port, "4280");
    assert_eq!(
        second.stderr_line(LIMIT).unwrap().unwrap(),
        format!("Port 4280 is busy; the emulator listens on port {port}.")
    );
    let asked = format!("127.0.0.1:{port}");
    let said = cli.run(&["emulator", "--listen", &asked]);
    assert_eq!(said.code, 2, "{}", said.stderr);
    assert!(said.stderr.contains("cannot start"), "{}", said.stderr);
}

#[test]
fn the_terminal_of_the_emulator_tells_each_request_in_a_line_without_secrets() {
    let desk = Desk::new();
    let cli = Cli::new(desk.home.path(), &[]);
    let asked = ["--listen", "127.0.0.1:0"];
    let (mut running, url) = running_emulator(&cli, &asked);
    let quiet = [&asked[..], &["--quiet"]].concat();
    let (silent, silent_url) = running_emulator(&cli, &quiet);
    let work = |url: &str| {
        let (token, service) = (format!("{url}/OAuth/Token"), format!("{url}/1/json"));
        let client = desk.cli(&[("TWOBA_TOKEN_URL", &token), ("TWOBA_SERVICE_URL", &service)]);
        // In the store of the emulator before.
        client.run(&["login", "--password", "--replace"]).done();
        client.run(&["token", "--force-refresh"]).done();
        client
            .run(&["get", "Product/Search", "query=canary"])
            .done();
        let wrong = [
            ("TWOBA_TOKEN_URL", token.as_str()),
            ("TWOBA_PASSWORD", "canary"),
        ];
        assert_eq!(desk.cli(&wrong).run(&["login", "--password"]).code, 6);
    };
    work(&url);
    let mut lines = Vec::new();
    while lines.len() < 4 {
        let line = running.stderr_line(LIMIT).unwrap().unwrap();
        if line
            .get(10..)
            .is_some_and(|rest| rest.starts_with("POST ") || rest.starts_with("GET "))
        {
            lines.push(line);
        }
    }
    let all = lines.join("\n");
    Canaries::new([
        ("password", PASSWORD),
        ("secret", SECRET),
        ("other", "canary"),
    ])
    .look_in("the terminal", &all)
    .unwrap();
    for (line, parts) in lines.iter().zip([
        ["POST /OAuth/Token ", "200  password, login  f1"],
        ["POST /OAuth/Token ", "200  refresh, rotation  f1"],
        ["GET  /1/json/Product/Search ", "200  served  f1"],
        [
            "POST /OAuth/Token ",
            "400  password, refused: wrong password",
        ],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{all}");
    }
    work(&silent_url);
    assert_eq!(silent.kill().unwrap().stderr, "");
}

#[test]
fn with_a_seed_two_emulators_grant_the_same_tokens_to_anybody() {
    let desk = Desk::new();
    let cli = Cli::new(desk.home.path(), &[]);
    let token = |seed: &str| {
        let asked = [
            "--listen",
            "127.0.0.1:0",
            "--any-user",
            "--clock",
            "manual",
            "--seed",
            seed,
        ];
        let (_running, url) = running_emulator(&cli, &asked);
        let changes = [
            ("TWOBA_TOKEN_URL", &*format!("{url}/OAuth/Token")),
            ("TWOBA_USERNAME", "nobody@example.com"),
            ("TWOBA_PASSWORD", "anything"),
        ];
        let client = desk.cli(&changes);
        client.run(&["login", "--password", "--replace"]).done();
        client.run(&["token"]).done().stdout
    };
    let first = token("7");
    assert_eq!(token("7"), first);
    assert_ne!(token("8"), first);
    for (wrong, clue) in [
        (
            ["--any-user", "--users", "users.toml"],
            "cannot be used with",
        ),
        (
            ["--token-lifetime", "0s", "--quiet"],
            "has to live for some time",
        ),
    ] {
        let said = cli.run(&[&["emulator"], &wrong[..]].concat());
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains(clue), "{}", said.stderr);
    }
}

/// The one example of a users file in the emulator's document.
fn documented_users() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let document = fs::read_to_string(root.join("docs/emulator.md")).unwrap();
    let (_, rest) = document.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_emulator_knows_the_clients_and_users_of_the_documented_file_and_no_others() {
    let desk = Desk::new();
    let file = desk.home.path().join("users.toml");
    fs::write(&file, documented_users()).unwrap();
    let cli = Cli::new(desk.home.path(), &[]);
    let mut running = cli.start(&["emulator", "--users", file.to_str().unwrap()]);
    let ready = running.stdout_line(LIMIT).unwrap().unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let token_url = format!("{}/OAuth/Token", ready["url"].as_str().unwrap());
    let login = |client: &str, secret: &str, user: &str, password: &str| {
        let changes = [
            ("TWOBA_TOKEN_URL", token_url.as_str()),
            ("TWOBA_CLIENT_ID", client),
            ("TWOBA_CLIENT_SECRET", secret),
            ("TWOBA_USERNAME", user),
            ("TWOBA_PASSWORD", password),
        ];
        desk.cli(&changes).run(&["login", "--password"]).code
    };
    assert_eq!(login("shop", "shopSecret", "anna@example.com", "s3cret"), 0);
    assert_eq!(login("shop", "shopSecret", USER, PASSWORD), 6);
    assert_eq!(login(CLIENT, SECRET, "anna@example.com", "s3cret"), 2);
}

#[test]
fn a_wrong_file_of_users_is_told_without_its_secrets() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("users.toml");
    let cli = Cli::new(home.path(), &[]);
    let run = || cli.run(&["emulator", "--users", file.to_str().unwrap()]);
    let missing = run();
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read"), "{}", missing.stderr);
    let text = documented_users().replace("\"s3cret\"", "canary");
    fs::write(&file, text).unwrap();
    let wrong = run();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stdout.is_empty());
    assert!(
        wrong.stderr.contains("users.toml line "),
        "{}",
        wrong.stderr
    );
    assert!(!wrong.stderr.contains("canary"), "{}", wrong.stderr);
}

#[test]
fn a_policy_that_is_not_there_is_a_fault_of_usage() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    for (policy, clue) in [("lenient", "unknown policy"), ("grace", "as in grace:30s")] {
        let said = cli.run(&["emulator", "--policy", policy]);
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains(clue), "{}", said.stderr);
    }
}

#[test]
fn help_texts_are_worth_reading() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[("COLUMNS", "100")]);
    let help = |arguments: &[&str]| cli.run(arguments).done().stdout;
    let mut text = help(&["--help"]);
    for command in [
        "demo", "login", "token", "get", "status", "logout", "profile", "doctor", "emulator",
    ] {
        text.push_str(&format!(
            "\n$ twoba {command} -h\n{}",
            help(&[command, "-h"])
        ));
    }
    insta::assert_snapshot!("cli-help", text);
}

/// Where the records of a desk lie.
fn moved_away<T>(desk: &Desk, meanwhile: impl FnOnce() -> T) -> T {
    let (store, aside) = (
        desk.home.path().join("store"),
        desk.home.path().join("aside"),
    );
    fs::rename(&store, &aside).unwrap();
    fs::write(&store, "").unwrap();
    let outcome = meanwhile();
    fs::remove_file(&store).unwrap();
    fs::rename(&aside, &store).unwrap();
    outcome
}

/// A refresh whose answer is held back until the store is out of order, and a look at it then.
fn refresh_over_a_sick_store(desk: &Desk, meanwhile: impl FnOnce(&mut Running)) -> [Said; 2] {
    let server = desk.emulator.url().trim_start_matches("http://");
    let detour = Detour::to(server.parse().unwrap());
    let url = format!("{}/OAuth/Token", detour.url());
    let cli = desk.cli(&[("TWOBA_TOKEN_URL", &url)]);
    cli.run(&["login", "--password"]).done();
    detour.hold();
    let mut refreshing = cli.start(&["token", "--force-refresh"]);
    detour.wait_for_held(1);
    moved_away(desk, || {
        detour.let_go();
        let said = refreshing.stderr_line(Duration::from_secs(30)).unwrap();
        assert!(said.unwrap().starts_with("the store fails"));
        meanwhile(&mut refreshing);
    });
    [cli.finish(refreshing), cli.run(&["token"])]
}

#[test]
fn a_store_that_fails_in_passing_loses_no_session() {
    let desk = Desk::new();
    let said = refresh_over_a_sick_store(&desk, |_| ());
    let [refreshed, looked] = said.map(|said| said.done().stdout);
    assert_eq!(refreshed.lines().count(), 1);
    assert_eq!(refreshed, looked);
    let counts = desk.emulator.counts();
    assert_eq!((counts.refresh, counts.rotations), (1, 1));
}

#[test]
fn a_store_that_stays_out_of_order_is_said_plainly() {
    let desk = Desk::new();
    let mut told = String::new();
    let [said, _] = refresh_over_a_sick_store(&desk, |refreshing| {
        while let Some(line) = refreshing.stderr_line(Duration::from_secs(30)).unwrap() {
            told.push_str(&line);
        }
    });
    assert_eq!(said.code, 7);
    for words in [
        "the session ends with this program",
        "mend the store",
        "twoba login",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_nightly_job_finds_nothing_to_keep_alive_on_the_first_day() {
    let desk = Desk::new();
    let cli = desk.cli(&[("TWOBA_PROVIDER", "2ba")]);
    cli.run(&["login", "--password"]).done();
    let said = cli.run(&["keep-alive"]).done();
    assert_eq!(said.stderr, "no session has to be kept alive yet\n");
    assert_eq!(desk.emulator.counts().refresh, 0);
}

#[test]
fn a_copied_folder_is_used_only_once_it_is_adopted() {
    let desk = Desk::new();
    let cli = desk.cli(&[("TWOBA_PROVIDER", "2ba")]);
    cli.run(&["login", "--password"]).done();
    let copy = desk.home.path().join("copy");
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([&desk.home.path().join("store"), &copy])
        .status();
    assert!(copied.unwrap().success());
    let copy = copy.to_str().unwrap();
    // What is good is handed out, and nothing is spent.
    cli.run(&["--store", copy, "token"]).done();
    let refused = cli.run(&["--store", copy, "token", "--force-refresh"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.stderr.contains("is a copy"), "{refused:?}");
    assert!(refused.stderr.contains("store adopt`"), "{refused:?}");
    // A store that refuses is not waited for.
    assert!(!refused.stderr.contains("the store fails"), "{refused:?}");
    assert_eq!(desk.emulator.counts().refresh, 0);

    let mistyped = desk.home.path().join("copied");
    let mistyped = mistyped.to_str().unwrap();
    let missing = cli.run(&["--store", mistyped, "store", "adopt"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.stderr.contains(mistyped), "{missing:?}");
    let nothing = cli.run(&["--store", mistyped, "store", "list"]).done();
    assert!(nothing.stderr.contains("nothing is stored"), "{nothing:?}");
    assert!(!desk.home.path().join("copied").exists());
    let adopted = cli.run(&["--store", copy, "store", "adopt"]).done();
    assert!(adopted.stderr.contains("must not be used any more"));
    let again = cli.run(&["--store", copy, "store", "adopt"]).done();
    assert!(again.stderr.contains("is no copy"), "{again:?}");
    cli.run(&["--store", copy, "token", "--force-refresh"])
        .done();
    assert_eq!(desk.emulator.counts().refresh, 1);
    let listed = cli.run(&["--store", copy, "store", "list"]).done();
    assert_eq!(listed.stdout, "default: session\n");
}

#[test]
fn a_plugin_of_kubernetes_answers_in_the_version_that_it_is_asked_in() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let asked = |info: &str| {
        let cli = desk.cli(&[("KUBERNETES_EXEC_INFO", info)]);
        cli.run(&["token", "--format", "exec-credential"])
    };
    for version in ["v1", "v1beta1"] {
        let version = format!("client.authentication.k8s.io/{version}");
        let info = format!(
            r#"{{"apiVersion":"{version}","kind":"ExecCredential","spec":{{"interactive":false}}}}"#
        );
        let answer = asked(&info).done().json();
        assert_eq!(answer["apiVersion"], version);
        assert_eq!(answer["kind"], "ExecCredential");
        assert!(answer["status"]["token"].is_string());
    }
    for info in [
        r#"{"apiVersion":"client.authentication.k8s.io/v1alpha1"}"#,
        "no",
    ] {
        let refused = asked(info);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains("KUBERNETES_EXEC_INFO"),
            "{refused:?}"
        );
    }
}
