//! What a call must not reach, lose or claim when it is written or ends in an unusual way.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use twoba_emulator::{FaultPoint, FaultRule};
use twoba_tests::{Cli, Desk, SECRET, Said, refresh_token_at};

use crate::Filed;

fn logged_in() -> Desk {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    desk
}

#[track_caller]
fn refused(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{said:?}");
    for word in words {
        assert!(said.stderr.contains(word), "{word}: {said:?}");
    }
}

/// A store whose sessions have moved to a database, and the address of that.
fn moved(desk: &Desk) -> String {
    let folder = desk.home.path().join("database");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let address = format!("sqlite:{}", folder.join("s.db").display());
    let store = desk.home.path().join("store").display().to_string();
    desk.run(&["store", "move", &store, &address]).done();
    address
}

#[test]
fn a_call_on_the_emulator_reaches_no_store_and_no_profile_of_the_person() {
    let desk = logged_in();
    moved(&desk);
    // The person's store has moved, which this would give up.
    let adopted = desk.run(&["--emulator", "store", "adopt"]).done();
    assert!(
        adopted.stderr.contains("nothing had to be changed"),
        "{adopted:?}"
    );
    desk.run(&["--emulator", "store", "check"]).done();
    let listed = desk.run(&["--emulator", "store", "list"]).done();
    assert_eq!(listed.stdout, "emulator: session\n");
    refused(&desk.run(&["token"]), 7, &["have moved to"]);

    for arguments in [
        &["profile", "list"][..],
        &["profile", "show"],
        &["profile", "use", "x"],
        &["store", "move", "a", "b"],
        &["store", "new-key", "key"],
        &["status", "--store", "x"],
        &["--profile", "x", "status"],
    ] {
        let said = desk.run(&[&["--emulator"], arguments].concat());
        refused(&said, 2, &["--emulator", "nothing was done"]);
    }
}

#[test]
fn every_call_on_a_store_that_has_moved_ends_with_the_name_of_the_new_one() {
    let desk = logged_in();
    let address = moved(&desk);
    for arguments in [
        &["token"][..],
        &["status"],
        &["status", "--json", "--check"],
        &["status", "--check"],
        &["keep-alive"],
        &["logout"],
        &["login", "--password"],
        &["login", "--no-browser"],
        &["import"],
        &["store", "make"],
        &["store", "restore", "default"],
    ] {
        let said = desk.run(arguments);
        assert_eq!(said.code, 7, "{arguments:?} {said:?}");
        let told = format!("{}{}", said.stderr, said.stdout);
        assert!(told.contains(&address), "{arguments:?} {said:?}");
        assert!(!told.contains("Log in at"), "{arguments:?} {said:?}");
    }
    let listed = desk.run(&["store", "list"]).done();
    assert!(listed.stderr.contains(&address), "{listed:?}");
    assert!(!listed.stderr.contains("nothing is stored"), "{listed:?}");
    let said = desk.run(&["doctor"]);
    assert_eq!(said.code, 7, "{said:?}");
    let wrong = said.stdout.lines().filter(|line| line.starts_with("wrong"));
    let wrong: Vec<_> = wrong.collect();
    assert_eq!(wrong.len(), 1, "{said:?}");
    assert!(
        wrong[0].contains(" move ") && wrong[0].contains(&address),
        "{said:?}"
    );
    desk.cli(&[("TWOBA_STORE", &address)])
        .run(&["status", "--check"])
        .done();
}

#[test]
fn no_secret_of_the_environment_reaches_the_command_that_fetches_another() {
    let command = format!(
        "client-secret = {{ command = [\"/bin/sh\", \"-c\", \
         \"/usr/bin/env > $HOME/seen; printf {SECRET}\"] }}"
    );
    let filed = Filed::new("");
    let other = "client-secret = { env = \"OF_ANOTHER\" }";
    let both = [
        filed.profile("default", &command),
        filed.profile("other", other),
    ];
    filed.write("config.toml", &both.join("\n"));
    let cli = filed.cli(&[
        ("TWOBA_EMULATOR_SECRET", "canary"),
        ("TWOBA_ACCESS_TOKEN", "canary"),
        ("OF_ANOTHER", "canary"),
        ("PGPASSWORD", "canary"),
        ("HARMLESS", "passed"),
    ]);
    cli.run(&["login", "--password"]).done();
    let seen = fs::read_to_string(filed.path("seen")).unwrap();
    assert!(seen.contains("passed"), "{seen}");
    assert!(!seen.contains("canary"), "{seen}");
}

#[test]
fn a_file_that_cannot_be_written_to_its_end_stays_as_it_was() {
    let desk = logged_in();
    let cli = desk.cli(&[]);
    let folder = desk.home.path().join("results");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("found.json");
    let search = |cli: &Cli, before: &str| {
        let line = format!("{before} exec twoba get Product/Search query=kabelgoot -o found.json");
        cli.paste(&folder, &line)
    };
    search(&cli, "").done();
    let found = fs::read(&file).unwrap();
    assert!(found.len() > 2048, "the limit below would not be met");
    fs::write(&file, "mine").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let said = search(&cli, "trap '' XFSZ; ulimit -f 1;");
    refused(
        &said,
        1,
        &["found.json", "the file that was there stays as it was"],
    );
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing is left beside it"
    );

    search(&cli, "").done();
    assert_eq!(fs::read(&file).unwrap(), found);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);

    // What is no regular file is written into.
    let real = folder.join("real.json");
    fs::rename(&file, &real).unwrap();
    fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink("real.json", &file).unwrap();
    search(&cli, "").done();
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), found);
    let words = [
        "get",
        "Product/Search",
        "query=kabelgoot",
        "-o",
        "/dev/stdout",
    ];
    let shown = cli.run(&words).done().stdout;
    assert_eq!(shown.trim_end().as_bytes(), found.trim_ascii_end());
}

#[test]
fn a_session_that_was_logged_out_is_no_session_of_the_store() {
    let desk = logged_in();
    desk.run(&["logout"]).done();
    let listed = desk.run(&["store", "list"]).done();
    assert_eq!(listed.stdout, "default: ended\n");
    let checked = desk.run(&["store", "check", "--json"]).done().json();
    assert_eq!(
        (&checked["sessions"], &checked["ended"]),
        (&0.into(), &1.into())
    );
    desk.run(&["login", "--password"]).done();
    let listed = desk.run(&["store", "list"]).done();
    assert_eq!(listed.stdout, "default: session\n");
}

#[test]
fn what_an_option_lacks_is_told_before_anything_is_sent() {
    let desk = logged_in();
    let sent = desk.emulator.counts().service_calls;
    let url = format!("{}/unifeed/", desk.emulator.url());
    let cli = desk.cli(&[("TWOBA_UNIFEED_URL", &url)]);
    let gln = cli.run(&["unifeed", "--gln", "8711389000001", "--print-url"]);
    refused(&gln, 2, &["--productcode or --trade-item-id is missing"]);
    refused(
        &cli.run(&["sync", "product-data", "--into", "-"]),
        2,
        &["--into", "stdout"],
    );
    assert_eq!(desk.emulator.counts().service_calls, sent);

    let lacks = cli.run(&["--json", "get"]);
    assert_eq!(lacks.code, 2, "{lacks:?}");
    let lacks = lacks.json();
    assert_eq!(
        lacks["error"]["message"],
        "the following required arguments were not provided: <SERVICE/FUNCTION>"
    );
    let wrong = cli.run(&["--json", "token", "--format", "yaml"]).json();
    let message = wrong["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("'yaml'") && message.contains("curl-config"),
        "{message}"
    );
    assert!(
        !message.contains('\n') && !message.contains("Usage"),
        "{message}"
    );
}

#[test]
fn a_login_whose_token_has_ended_already_says_that_it_will_be_refreshed() {
    let desk = Desk::new();
    let ended = "after-commit:expires-in:0".parse().unwrap();
    desk.emulator
        .add_fault(FaultRule::next(FaultPoint::Password, ended));
    let said = desk.run(&["login", "--password"]).done();
    assert!(said.stderr.contains("has ended already"), "{said:?}");
    assert!(
        said.stderr.contains("`twoba token` refreshes it"),
        "{said:?}"
    );
    assert!(!said.stderr.contains("cannot be refreshed"), "{said:?}");
}

#[test]
fn unifeed_without_a_browser_ends_at_once() {
    let desk = logged_in();
    let url = format!("{}/unifeed/", desk.emulator.url());
    let cli = desk.cli(&[
        ("BROWSER", "false"),
        ("PATH", ""),
        ("TWOBA_UNIFEED_URL", &url),
    ]);
    for arguments in [&["unifeed"][..], &["unifeed", "--receive"]] {
        let said = cli.run(arguments);
        refused(&said, 2, &["no browser could be opened", "--print-url"]);
    }
}

#[test]
fn an_import_over_anothers_session_sends_nothing_and_says_what_to_do() {
    let desk = logged_in();
    let other = Desk::new();
    let store = desk.home.path().join("store").display().to_string();
    let cli = other.cli(&[("TWOBA_STORE", &store)]);
    let token = refresh_token_at(other.emulator.url());
    let import = || {
        let mut importing = cli.start(&["import"]);
        importing.write_line(token.expose()).unwrap();
        cli.finish(importing)
    };
    let said = import();
    refused(
        &said,
        7,
        &[
            "belongs to another",
            "nothing was sent",
            "`twoba logout` first",
        ],
    );
    assert_eq!(other.emulator.counts().refresh, 0);
    desk.run(&["token", "--force-refresh"]).done();

    cli.run(&["logout"]).done();
    import().done();
    desk.run(&["store", "restore", "default"]).done();
    desk.run(&["token", "--force-refresh"]).done();
    assert_eq!(desk.emulator.counts().reuse, 0);
}

#[test]
fn a_batch_to_a_dash_goes_to_stdout() {
    let desk = logged_in();
    let rows = desk.home.path().join("gtins");
    std::fs::write(&rows, "2008710001001\n").unwrap();
    let rows = rows.display().to_string();
    let batch = [
        "batch",
        "Product/DetailsByGtinA",
        "--from",
        &rows,
        "-o",
        "-",
    ];
    let said = desk.cli(&[]).run(&batch).done();
    assert!(said.stdout.contains("1000001"), "{said:?}");
}
