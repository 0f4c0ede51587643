//! Small things that go wrong at a keyboard every day, told without jargon.

use std::net::TcpListener;
use std::path::Path;

use twoba_tests::{Desk, Login, Terminal};

use crate::Filed;

#[test]
fn a_second_logout_says_that_there_is_nothing_to_end() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    desk.run(&["logout"]).done();
    let said = desk.run(&["logout"]).done();
    assert_eq!(
        said.stderr,
        "nobody is logged in: there is nothing to end\n"
    );
    let said = desk.run(&["logout", "--json"]).done();
    assert_eq!(said.json()["revocation"], "not_asked");
}

#[test]
fn a_name_of_a_profile_that_is_none_is_told_with_those_that_there_are() {
    let desk = Desk::new();
    let said = desk.run(&["--profile", "", "token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr
            .contains("--profile: the name of the profile is empty"),
        "{said:?}"
    );

    // Without a file and without a client, a name can only be a mistake.
    let alone = desk.cli(&[("TWOBA_CLIENT_ID", "")]);
    let said = alone.run(&["--profile", "prodution", "token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr.contains("there is no profile named prodution"),
        "{said:?}"
    );
    assert!(said.stderr.contains("config.toml"), "{said:?}");

    let filed = Filed::with_profile("production", "");
    for (set, arguments, origin) in [
        ("", &["--profile", "prodution", "token"][..], "--profile: "),
        ("prodution", &["token"], "TWOBA_PROFILE: "),
    ] {
        let said = filed.cli(&[("TWOBA_PROFILE", set)]).run(arguments);
        assert_eq!(said.code, 2, "{said:?}");
        let told = format!("{origin}there is no profile named prodution");
        assert!(said.stderr.contains(&told), "{said:?}");
        assert!(said.stderr.contains("has: production"), "{said:?}");
    }
}

#[test]
fn a_port_that_another_program_has_is_told_as_that() {
    let desk = Desk::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = desk.run(&["emulator", "--listen", &address]);
    assert_eq!(said.code, 2, "{said:?}");
    let uri = format!("http://{address}/callback");
    let login = desk.run(&["login", "--redirect-uri", &uri]);
    assert_eq!(login.code, 2, "{login:?}");
    for said in [said, login] {
        assert!(
            said.stderr.contains("another program listens on"),
            "{said:?}"
        );
        assert!(!said.stderr.contains("os error"), "{said:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_program_without_a_word() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    for (arguments, code) in [
        (&["status"][..], 141),
        (&["token"], 141),
        (&["completions", "bash"], 141),
        (&["status", "--json"], 141),
        (&["--help"], 0),
    ] {
        // Whoever reads is gone before anything is written.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = desk.cli(&[]).around(Path::new("/bin/sh"));
        command
            .args(["-c", "exec \"$TWOBA\" \"$@\"", "twoba"])
            .args(arguments)
            .stdout(writer);
        let said = command.output().unwrap();
        assert_eq!(said.status.code(), Some(code), "{said:?}");
        assert!(said.stderr.is_empty(), "{said:?}");
    }
}

#[test]
fn a_dumb_terminal_gets_no_colors() {
    let desk = Desk::new();
    for (term, colored) in [("xterm", true), ("dumb", false)] {
        let cli = desk.cli(&[("TERM", term)]);
        let mut terminal = Terminal::start(&cli, &["sh"], "\"$TWOBA\" token; echo over");
        let shown = terminal.wait_for("over");
        assert!(shown.contains("error:"), "{shown}");
        assert_eq!(shown.contains('\u{1b}'), colored, "{term}: {shown}");
    }
}

#[test]
fn a_login_can_wait_on_a_port_while_another_one_does() {
    let desk = Desk::new();
    let login = Login::start(desk.cli(&[]), &[]);
    let uri = login.redirect_uri();
    let said = desk.run(&["login", "--redirect-uri", &uri]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("another `twoba login`"), "{said:?}");
}

#[test]
fn the_command_that_is_advised_is_about_the_same_session() {
    let filed = Filed::with_profile("'my work'", "");
    let store = filed.path("other store").display().to_string();
    let said = filed
        .cli(&[])
        .run(&["--profile", "my work", "--store", &store, "token"]);
    assert_eq!(said.code, 4, "{said:?}");
    let advised = format!("`twoba --profile 'my work' --store '{store}' login`");
    assert!(said.stderr.contains(&advised), "{said:?}");
    let said = filed.cli(&[]).run(&["token"]);
    assert!(
        said.stderr.contains("log in with `twoba login`"),
        "{said:?}"
    );
}

#[test]
fn errors_of_the_system_are_told_in_words() {
    let desk = Desk::new();
    let nowhere = desk.cli(&[("TWOBA_TOKEN_URL", "http://127.0.0.1:1/t")]);
    let said = nowhere.run(&["login", "--password"]);
    assert!(
        said.stderr.contains("Connection refused; nothing was sent"),
        "{said:?}"
    );
    let port = desk.emulator.addr().port();
    let url = format!("https://127.0.0.1:{port}/OAuth/Token");
    let said = desk
        .cli(&[("TWOBA_TOKEN_URL", &url)])
        .run(&["login", "--password"]);
    assert!(said.stderr.contains("speaks no TLS"), "{said:?}");
}

/// A terminal takes lines of 4,095 bytes on Linux, and of 1,023 elsewhere.
#[test]
fn an_address_that_the_terminal_has_cut_is_noticed() {
    let desk = Desk::new();
    let script = "echo begun; \"$TWOBA\" login --no-browser; echo code $?";
    let mut terminal = Terminal::start(&desk.cli(&[]), &["sh"], script);
    terminal.wait_for("or the code in it:");
    let long = format!("http://127.0.0.1:1/callback?code={}", "a".repeat(4_200));
    terminal.press(&format!("{long}\n"));
    terminal.wait_for("the terminal has cut what was entered");
    terminal.wait_for("paste the code alone");
    terminal.wait_for("code 2");
    assert_eq!(desk.emulator.counts().token_posts, 0);
}
