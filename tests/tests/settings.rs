//! Where the program takes its settings from, and what it says of those that cannot be used.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::Output;

use twoba_tests::{Desk, PASSWORD, SECRET, USER};

/// No text: Latin-1.
const LATIN: &[u8] = b"caf\xe9";

/// A call with one variable or argument that is no text.
fn run_with(desk: &Desk, set: Option<(&str, &OsStr)>, arguments: &[&OsStr]) -> Output {
    run_with_all(desk, set.as_slice(), arguments)
}

fn run_with_all(desk: &Desk, set: &[(&str, &OsStr)], arguments: &[&OsStr]) -> Output {
    // The program itself, found by a shell.
    let mut command = desk.cli(&[]).around(Path::new("/bin/sh"));
    command
        .args(["-c", "exec \"$TWOBA\" \"$@\"", "twoba"])
        .args(arguments);
    command.envs(set.iter().copied());
    command.output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

#[test]
fn a_setting_that_is_no_text_is_named_before_anything_is_sent() {
    for name in [
        "TWOBA_CLIENT_SECRET",
        "TWOBA_CLIENT_ID",
        "TWOBA_PASSWORD",
        "TWOBA_USERNAME",
        "TWOBA_TOKEN_URL",
        "TWOBA_SCOPES",
        "TWOBA_PROFILE",
        "HTTPS_PROXY",
        "all_proxy",
        "NO_PROXY",
    ] {
        let desk = Desk::new();
        let login = ["login", "--password"].map(OsStr::new);
        let output = run_with(&desk, Some((name, OsStr::from_bytes(LATIN))), &login);
        let (code, told) = said(&output);
        assert_eq!(code, Some(2), "{name}: {told}");
        assert!(told.contains(name) && told.contains("UTF-8"), "{told}");
        assert_eq!(desk.emulator.counts().token_posts, 0, "{name}");
    }
}

#[test]
fn a_variable_that_names_no_proxy_is_a_mistake_of_the_settings() {
    for value in [
        "socks5h://127.0.0.1:9",
        "nonsense://x",
        "http://me:canary@:0",
    ] {
        let desk = Desk::new();
        for variable in ["HTTPS_PROXY", "all_proxy"] {
            let login = ["login", "--password"].map(OsStr::new);
            let server = OsStr::new("https://id.example/token");
            let set = [(variable, OsStr::new(value)), ("TWOBA_TOKEN_URL", server)];
            let output = run_with_all(&desk, &set, &login);
            let (code, told) = said(&output);
            assert_eq!(code, Some(2), "{variable}={value}: {told}");
            assert!(told.contains("set it to http://HOST:PORT"), "{told}");
            assert!(!told.contains("canary"), "{told}");
        }
    }
}

#[test]
fn paths_are_used_as_the_system_has_them() {
    let desk = Desk::new();
    let store = desk.home.path().join(OsString::from_vec(LATIN.to_vec()));
    let login = ["login", "--password"].map(OsStr::new);
    let output = run_with(&desk, Some(("TWOBA_STORE", store.as_os_str())), &login);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(store.join("default.grant").exists());
    let status = [
        OsStr::new("--store"),
        store.as_os_str(),
        OsStr::new("status"),
    ];
    let (code, told) = said(&run_with(&desk, None, &status));
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn an_argument_that_is_no_text_is_a_mistake_on_the_command_line() {
    let desk = Desk::new();
    for json in [false, true] {
        let mut arguments = vec![OsStr::new("get"), OsStr::new("Product/Search")];
        let pair = OsString::from_vec([b"query=", LATIN].concat());
        arguments.push(&pair);
        if json {
            arguments.push(OsStr::new("--json"));
        }
        let output = run_with(&desk, None, &arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains("panicked"), "{told}");
    }
}

/// A configuration file in the home folder, and what else belongs to it.
fn configured(desk: &Desk, client_secret: &str, rest: &str) {
    let folder = desk.home.path().join(".config/twoba");
    fs::create_dir_all(&folder).unwrap();
    let url = desk.emulator.url();
    let text = format!(
        "[profile.default]\nprovider = \"2ba\"\nclient-id = \"myApplication\"\n\
         token-endpoint = \"{url}/OAuth/Token\"\nservice-base = \"{url}/1/json\"\n\
         client-secret = {client_secret}\n{rest}"
    );
    fs::write(folder.join("config.toml"), text).unwrap();
    fs::write(folder.join("secret"), format!("\u{feff}{SECRET}\r\n")).unwrap();
}

/// Without the settings of the environment but for the person's.
fn bare(desk: &Desk) -> twoba_tests::Cli {
    let person = [("TWOBA_USERNAME", USER), ("TWOBA_PASSWORD", PASSWORD)];
    twoba_tests::Cli::new(desk.home.path(), &person)
}

#[test]
fn paths_in_the_file_start_at_the_file_or_at_home() {
    for (secret, store, expected) in [
        (
            "{ file = \"secret\" }",
            "sessions",
            ".config/twoba/sessions",
        ),
        ("{ file = \"~/.config/twoba/secret\" }", "~/kept", "kept"),
    ] {
        let desk = Desk::new();
        configured(&desk, secret, &format!("store = \"{store}\"\n"));
        bare(&desk).run(&["login", "--password"]).done();
        let record = desk.home.path().join(expected).join("default.grant");
        assert!(record.exists(), "{record:?}");
    }
}

#[test]
fn a_secrets_command_speaks_to_the_person_and_gets_no_secret() {
    let desk = Desk::new();
    let script = desk.home.path().join("vault");
    let text = format!("echo unlocking >&2\nenv > \"$HOME/env\"\necho {SECRET}\n");
    fs::write(&script, text).unwrap();
    configured(
        &desk,
        &format!("{{ command = [\"/bin/sh\", {script:?}] }}"),
        "",
    );
    let said = bare(&desk).run(&["login", "--password"]).done();
    assert!(said.stderr.starts_with("unlocking\n"), "{said:?}");
    let environment = fs::read_to_string(desk.home.path().join("env")).unwrap();
    assert!(environment.contains("TWOBA_USERNAME"));
    assert!(!environment.contains("TWOBA_PASSWORD"), "{environment}");

    configured(&desk, "{ command = [\"/bin/sh\", \"-c\", \"exit 3\"] }", "");
    let said = bare(&desk).run(&["login", "--password"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("/bin/sh ended with"), "{said:?}");
}

#[test]
fn a_configuration_file_that_is_named_and_not_there_is_told() {
    let desk = Desk::new();
    let said = desk
        .cli(&[("TWOBA_CONFIG", "/nowhere/config.toml")])
        .run(&["status"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr
            .contains("TWOBA_CONFIG names /nowhere/config.toml"),
        "{said:?}"
    );
}

#[test]
fn a_password_and_a_token_from_stdin_lose_their_byte_order_mark() {
    let desk = Desk::new();
    let cli = desk.cli(&[("TWOBA_PASSWORD", "")]);
    let mut asking = cli.start(&["login", "--password", "--password-stdin"]);
    asking.write_line(&format!("\u{feff}{PASSWORD}")).unwrap();
    cli.finish(asking).done();
}

#[test]
fn a_profile_that_is_named_on_the_command_line_passes_the_environment_over() {
    let desk = Desk::new();
    configured(&desk, "{ file = \"secret\" }", "");
    let exports = [
        ("TWOBA_TOKEN_URL", "http://127.0.0.1:1/OAuth/Token"),
        ("TWOBA_CLIENT_ID", "anotherApplication"),
        ("TWOBA_CLIENT_SECRET", "canary"),
        ("TWOBA_STORE", "/nowhere"),
    ];
    let cli = twoba_tests::Cli::new(desk.home.path(), &exports);
    let mut asking = cli.start(&[
        "--profile",
        "default",
        "login",
        "--password",
        "--username",
        USER,
        "--password-stdin",
    ]);
    asking.write_line(PASSWORD).unwrap();
    let said = cli.finish(asking).done();
    let told = said.stderr.lines().next().unwrap();
    for (name, value) in exports {
        assert!(told.contains(name) && !told.contains(value), "{told}");
    }
    assert_eq!(desk.emulator.counts().password, 1);
    let status = cli
        .run(&["--profile", "default", "--quiet", "status", "--json"])
        .done();
    assert_eq!(status.json()["client_id"], "myApplication");
    assert!(status.stderr.is_empty(), "{status:?}");
}

#[test]
fn a_variable_that_contradicts_the_profile_of_the_environment_is_named() {
    let desk = Desk::new();
    configured(&desk, "{ file = \"secret\" }", "");
    let settings = [("TWOBA_PROFILE", "default"), ("TWOBA_CLIENT_ID", "another")];
    let said = twoba_tests::Cli::new(desk.home.path(), &settings).run(&["token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr
            .contains("TWOBA_CLIENT_ID contradicts the profile default")
    );
    assert!(said.stderr.contains("config.toml line 3;"), "{said:?}");
    let settings = [
        ("TWOBA_PROFILE", "default"),
        ("TWOBA_CLIENT_ID", "myApplication"),
    ];
    let said = twoba_tests::Cli::new(desk.home.path(), &settings).run(&["status"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn the_session_of_another_server_is_replaced_only_by_who_means_it() {
    let (desk, other) = (Desk::new(), Desk::new());
    desk.run(&["login", "--password"]).done();
    let store = desk.home.path().join("store");
    let cli = other.cli(&[("TWOBA_STORE", store.to_str().unwrap())]);
    let refused = cli.run(&["login", "--password"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("belongs to another"), "{refused:?}");
    assert!(refused.stderr.contains("--replace"), "{refused:?}");
    assert_eq!(other.emulator.counts().token_posts, 0);
    desk.run(&["token"]).done();
    cli.run(&["login", "--password", "--replace"]).done();
    cli.run(&["token"]).done();
    let listed = cli.run(&["store", "list"]).done().stdout;
    let (session, aside) = listed.trim_end().split_once('\n').unwrap();
    assert_eq!(session, "default: session");
    assert!(
        aside.starts_with("default: kept aside as default.replaced-"),
        "{aside}"
    );
}

#[test]
fn who_only_looks_needs_no_client_secret() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let store = desk.home.path().join("store");
    let script = desk.home.path().join("vault");
    fs::write(&script, "echo asked >> \"$HOME/asked\"; exit 1\n").unwrap();
    let rest = format!("store = {store:?}\n");
    configured(
        &desk,
        &format!("{{ command = [\"/bin/sh\", {script:?}] }}"),
        &rest,
    );
    let cli = bare(&desk);
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["state"], "valid");
    cli.run(&["status", "--check"]).done();
    cli.run(&["logout", "--no-revoke"]).done();
    assert!(!desk.home.path().join("asked").exists());
    let checked = cli.run(&["status", "--check"]);
    assert_eq!(checked.code, 4, "{checked:?}");
    assert!(checked.stdout.is_empty(), "{checked:?}");
    cli.run(&["status"]).done();
}
