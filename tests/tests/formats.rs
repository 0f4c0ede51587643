//! What the program says to other programs: shells, `man`, and Bazel.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::process::Command;

use twoba_tests::{Cli, Desk, Said};

fn asked_by_bazel(cli: &Cli, request: &str) -> Said {
    let mut helper = cli.start(&["token", "--format", "bazel", "get"]);
    helper.write_line(request).unwrap();
    cli.finish(helper)
}

#[test]
fn a_credential_helper_has_headers_for_the_services_and_for_no_other_address() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let token = desk.run(&["token"]).done().stdout;
    let cli = desk.cli(&[]);
    let url = desk.emulator.url();
    let request = |uri: &str| format!(r#"{{"uri":"{uri}"}}"#);
    let answer = asked_by_bazel(&cli, &request(&format!("{url}/1/json/x"))).done();
    let header = format!("Bearer {}", token.trim_end());
    assert_eq!(answer.json()["headers"]["Authorization"][0], header);
    assert!(answer.json()["expires"].as_str().unwrap().ends_with('Z'));
    let port = desk.emulator.addr().port() - 1;
    for foreign in [
        "https://example.com/",
        &format!("http://127.0.0.1:{port}/1/json/x"),
        "http://127.0.0.1/1/json/x",
    ] {
        let answer = asked_by_bazel(&cli, &request(foreign)).done();
        assert_eq!(answer.stdout, "{\"headers\":{}}\n", "{foreign}");
    }
    for no_request in ["", "{}", "[1]", "{\"uri\":7}"] {
        assert_eq!(asked_by_bazel(&cli, no_request).code, 2, "{no_request}");
    }
    assert_eq!(cli.run(&["token", "--format", "bazel"]).code, 2);
    assert_eq!(cli.run(&["token", "get"]).code, 2);
}

#[test]
fn shells_can_read_their_completions() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let text = cli.run(&["completions", shell]).done().stdout;
        for word in ["login", "keep-alive", "min-validity"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
        let file = home.path().join(shell);
        fs::write(&file, text).unwrap();
        // Where the shell is there, it has to understand it.
        if let Ok(read) = Command::new(shell).arg("-n").arg(&file).output()
            && shell != "powershell"
        {
            assert!(read.status.success(), "{shell}: {read:?}");
        }
    }
}

#[test]
fn each_command_has_a_page_in_the_manual() {
    let home = tempfile::tempdir().unwrap();
    let cli = Cli::new(home.path(), &[]);
    let folder = home.path().join("man");
    cli.run(&["man", folder.to_str().unwrap()]).done();
    for page in [
        "twoba.1",
        "twoba-login.1",
        "twoba-store.1",
        "twoba-store-adopt.1",
        "twoba-doctor.1",
        "twoba-profile-use.1",
    ] {
        let text = fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    assert!(!folder.join("twoba-open-browser.1").exists());
}
