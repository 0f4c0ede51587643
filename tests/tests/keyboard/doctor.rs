//! `twoba doctor` finds what is wrong with a set-up, and says how it is mended.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use twoba_testkit::{Act, Script};
use twoba_tests::{Cli, Desk, Detour, Said};

use crate::Filed;

/// What was found of each thing: how it is, what it is like, and how it is mended.
type Found = BTreeMap<String, (String, String, Option<String>)>;

fn found(said: &Said) -> Found {
    let object = said.json();
    let checks = object.get("checks").unwrap().as_array().unwrap().iter();
    let text = |check: &Value, name: &str| check[name].as_str().map(str::to_owned);
    let rows = checks.map(|check| {
        let of = |name| text(check, name).unwrap();
        (
            of("check"),
            (of("state"), of("message"), text(check, "advice")),
        )
    });
    rows.collect()
}

/// The doctor's findings, which end with this code and name this one thing as wrong.
#[track_caller]
fn wrong(cli: &Cli, code: i32, name: &str) -> (String, String) {
    let said = cli.run(&["doctor", "--json"]);
    assert_eq!(said.code, code, "{said:?}");
    assert!(said.stderr.is_empty(), "{said:?}");
    let found = found(&said);
    let bad: Vec<_> = found.iter().filter(|(_, row)| row.0 == "wrong").collect();
    let [(found_name, (_, message, Some(advice)))] = bad[..] else {
        unreachable!("{bad:?}")
    };
    assert_eq!(found_name, name, "{said:?}");
    (message.clone(), advice.clone())
}

fn logged_in() -> Desk {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    desk
}

#[test]
fn a_set_up_in_order_has_a_line_for_each_thing_and_spends_nothing() {
    let desk = logged_in();
    let counts = desk.emulator.counts();
    let said = desk.run(&["doctor"]).done();
    assert!(said.stderr.is_empty(), "{said:?}");
    for name in [
        "configuration",
        "secret",
        "store",
        "home",
        "permissions",
        "lock",
        "session",
        "kept aside",
        "server",
        "tls",
        "proxy",
    ] {
        let line = said
            .stdout
            .lines()
            .find(|line| line.contains(&format!(" {name} ")));
        assert!(
            line.is_some_and(|line| line.starts_with("ok ")),
            "{name}: {said:?}"
        );
    }
    assert_eq!(desk.emulator.counts().token_posts, counts.token_posts);
    assert!(!said.stdout.contains(twoba_tests::SECRET), "{said:?}");
    desk.cli(&[]).run(&["--emulator", "doctor"]).done();

    // Before the first login nothing is wrong, and no folder is made.
    let fresh = Desk::new();
    let said = fresh.run(&["doctor"]).done();
    assert!(
        said.stdout.contains("is not there yet; a login makes it"),
        "{said:?}"
    );
    assert!(!fresh.home.path().join("store").exists());
}

#[test]
fn settings_that_cannot_be_used_are_the_first_thing_that_is_wrong() {
    let filed = Filed::with_profile("default", "replay = \"twice\"");
    let (message, advice) = wrong(&filed.cli(&[]), 2, "configuration");
    assert!(message.contains("config.toml line 7: replay"), "{message}");
    assert!(advice.contains("never, once"), "{advice}");

    let filed = Filed::with_profile("default", "client-secret = { file = \"secret\" }");
    let (message, _) = wrong(&filed.cli(&[]), 2, "secret");
    assert!(message.contains("client-secret"), "{message}");
    let vault = "client-secret = { command = [\"/bin/sh\", \"-c\", \"touch $HOME/asked\"] }";
    let filed = Filed::with_profile("default", vault);
    filed.cli(&[]).run(&["doctor"]).done();
    assert!(!filed.path("asked").exists());
}

#[test]
fn a_server_that_cannot_be_reached_is_told_from_one_that_speaks_no_tls() {
    let desk = logged_in();
    let nowhere = desk.cli(&[
        ("TWOBA_TOKEN_URL", "http://127.0.0.1:1/t"),
        ("TWOBA_STORE", ""),
    ]);
    let (message, advice) = wrong(&nowhere, 5, "server");
    assert!(message.contains("127.0.0.1:1"), "{message}");
    assert!(advice.contains("network"), "{advice}");

    let port = desk.emulator.addr().port();
    let url = format!("https://127.0.0.1:{port}/OAuth/Token");
    let tls = desk.cli(&[("TWOBA_TOKEN_URL", &url), ("TWOBA_STORE", "")]);
    let (_, advice) = wrong(&tls, 5, "tls");
    assert!(advice.contains("speaks no TLS"), "{advice}");
}

#[test]
fn a_clock_that_is_off_is_told_with_how_far() {
    let desk = Desk::new();
    let answer = |date: &str| {
        let script = Script::start([Act::respond("405 No", &[("Date", date)], "")]).unwrap();
        let url = format!("{}/token", script.url());
        let cli = desk.cli(&[("TWOBA_TOKEN_URL", &url)]);
        (script, cli)
    };
    for (date, which) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "ahead of"),
        ("Fri, 06 Nov 2144 08:49:37 GMT", "behind"),
    ] {
        let (script, cli) = answer(date);
        let (message, advice) = wrong(&cli, 1, "clock");
        assert!(message.contains(which), "{message}");
        assert!(advice.contains("set it"), "{advice}");
        let asked = script.requests();
        assert_eq!(asked[0].method(), "GET");
        assert!(asked[0].body().is_empty());
        assert!(!asked[0].headers().contains_key("authorization"));
    }
    // One that agrees, by a server that reads this machine's.
    let date = Command::new("date")
        .env("LC_ALL", "C")
        .args(["-u", "+%a, %d %b %Y %H:%M:%S GMT"])
        .output();
    let date = String::from_utf8(date.unwrap().stdout).unwrap();
    let (_script, cli) = answer(date.trim_end());
    let said = cli.run(&["doctor", "--json"]).done();
    assert_eq!(found(&said)["clock"].0, "ok", "{said:?}");
}

#[test]
fn a_copied_store_and_a_damaged_record_are_told_with_their_mend() {
    let desk = logged_in();
    let store = desk.home.path().join("store");
    let copy = desk.home.path().join("copy");
    fs::create_dir(&copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o700)).unwrap();
    for file in fs::read_dir(&store).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let copied = desk.cli(&[("TWOBA_STORE", copy.to_str().unwrap())]);
    let (message, advice) = wrong(&copied, 7, "home");
    assert!(message.contains("is a copy"), "{message}");
    assert!(advice.contains("twoba store adopt"), "{advice}");

    fs::write(store.join("default.grant"), "no record").unwrap();
    let (_, advice) = wrong(&desk.cli(&[]), 7, "session");
    assert!(advice.contains("twoba login"), "{advice}");

    fs::set_permissions(&store, fs::Permissions::from_mode(0o755)).unwrap();
    let (message, advice) = wrong(&desk.cli(&[]), 7, "store");
    assert!(message.contains("open to other users"), "{message}");
    assert!(advice.contains("chmod 700"), "{advice}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let desk = logged_in();
    let store = desk.home.path().join("store");
    let program = desk.home.path().join("twoba");
    let mut whereis = desk.cli(&[]).around(Path::new("/bin/sh"));
    let copied = whereis
        .args(["-c", "cp \"$TWOBA\" \"$HOME/twoba\""])
        .env("PATH", std::env::var_os("PATH").unwrap())
        .status();
    assert!(copied.unwrap().success());
    // Root may write everywhere: then somebody else runs the program.
    let is_root = rustix::process::geteuid().is_root();
    let nobody = is_root.then_some(65534);
    if nobody.is_some() {
        let files = fs::read_dir(&store).unwrap();
        let files = files.map(|file| file.unwrap().path());
        for path in files.chain([store.clone(), desk.home.path().to_owned()]) {
            chown(path, nobody, nobody).unwrap();
        }
    }
    fs::set_permissions(&store, fs::Permissions::from_mode(0o500)).unwrap();
    let mut command = desk.cli(&[]).around(&program);
    if let Some(nobody) = nobody {
        command.uid(nobody).gid(nobody);
    }
    let said = command.args(["doctor"]).output().unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o700)).unwrap();
    let told = String::from_utf8(said.stdout).unwrap();
    assert_eq!(said.status.code(), Some(7), "{told}");
    let line = told
        .lines()
        .find(|line| line.contains(" permissions "))
        .unwrap();
    assert!(
        line.starts_with("wrong ") && line.contains("Permission denied"),
        "{line}"
    );
}

#[test]
fn a_lock_that_somebody_has_is_told_with_whose_it_is() {
    let desk = Desk::new();
    let detour = Detour::to(desk.emulator.addr());
    let url = format!("{}/OAuth/Token", detour.url());
    let cli = desk.cli(&[("TWOBA_TOKEN_URL", &url)]);
    cli.run(&["login", "--password"]).done();
    detour.hold();
    let running = cli.start(&["token", "--force-refresh"]);
    detour.wait_for_held(1);
    let pid = running.pid();
    let said = cli.run(&["doctor", "--json"]).done();
    detour.let_go();
    cli.finish(running).done();
    let (state, message, _) = &found(&said)["lock"];
    assert_eq!(state, "note", "{said:?}");
    assert!(
        message.contains(&format!("process {pid} is busy")),
        "{said:?}"
    );
}

#[test]
fn what_is_kept_aside_is_counted() {
    let desk = logged_in();
    let other = Desk::new();
    let store = desk.home.path().join("store");
    let cli = other.cli(&[("TWOBA_STORE", store.to_str().unwrap())]);
    cli.run(&["login", "--password", "--replace"]).done();
    let said = cli.run(&["doctor", "--json"]).done();
    let (state, message, advice) = &found(&said)["kept aside"];
    assert_eq!(state, "note", "{said:?}");
    assert!(message.starts_with("1 replaced"), "{message}");
    assert!(advice.as_ref().unwrap().contains("twoba store list"));
}

#[test]
fn a_proxy_is_told_without_its_password() {
    let desk = logged_in();
    let cli = |proxy: &str| {
        desk.cli(&[
            ("HTTPS_PROXY", proxy),
            ("TWOBA_TOKEN_URL", "https://host.invalid/t"),
            ("TWOBA_STORE", ""),
        ])
    };
    let said = cli("http://me:canary@127.0.0.1:1").run(&["doctor", "--json"]);
    assert_eq!(said.code, 5, "{said:?}");
    let found = found(&said);
    assert_eq!(found["proxy"].1, "requests go through 127.0.0.1:1");
    assert!(
        found["server"].1.contains("through the proxy 127.0.0.1:1"),
        "{said:?}"
    );
    assert!(!said.stdout.contains("canary"), "{said:?}");
    let said = cli("socks5://canary@127.0.0.1:1").run(&["doctor"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stdout.contains("HTTPS_PROXY names a kind of proxy"),
        "{said:?}"
    );
    assert!(!said.stdout.contains("canary"), "{said:?}");
}

#[test]
fn a_certificate_that_nobody_trusts_is_told_and_one_of_ones_own_authority_is_good() {
    let desk = Desk::new();
    let running = twoba_emulator::Emulator::builder().tls().start().unwrap();
    let url = format!("{}/OAuth/Token", running.url());
    let settings = [("TWOBA_TOKEN_URL", url.as_str()), ("TWOBA_STORE", "")];
    let (_, advice) = wrong(&desk.cli(&settings), 5, "tls");
    assert!(advice.contains("does not trust"), "{advice}");
    let file = desk.home.path().join("authority.pem");
    fs::write(&file, running.authority().unwrap()).unwrap();
    let trusting = [&settings[..], &[("TWOBA_CA_FILE", file.to_str().unwrap())]].concat();
    let said = desk.cli(&trusting).run(&["doctor"]).done();
    assert!(
        said.stdout.contains("the certificate is trusted"),
        "{said:?}"
    );
}
