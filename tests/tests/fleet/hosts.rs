//! Hosts as processes that have a network, a name and process numbers of their own, and one of them
//! a clock that is an hour ahead: no session is claimed by two.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use twoba_core::Timestamp;
use twoba_servers::postgres::Postgres;
use twoba_store::Store;
use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};
use twoba_testkit::Running;
use twoba_tests::prepared;

use crate::claims::{due_at_first, fill, work};
use crate::scene::{DATABASE, Tables, USER, cluster, key};

const HOSTS: usize = 8;
const SESSIONS: usize = 2_000;

/// How often each host has the claim that all of them want.
const TURNS: usize = 10;

/// Tells the test below, as a host, where everything is.
const HOST: &str = "TWOBA_TEST_HOST";

/// How long a host may take: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(120);

/// The hour by which one clock is ahead.
const HOUR: Duration = Duration::from_secs(3_600);

/// What starts a program in namespaces of its own; `None` where this user may not do that, which is
/// said. As root it needs nothing more, and others are root of their namespaces only.
fn namespaces() -> Option<Command> {
    for user in [&[][..], &["--user", "--map-root-user"]] {
        let command = || {
            let mut command = Command::new("unshare");
            command.args(["--net", "--uts", "--pid", "--fork", "--kill-child"]);
            command.args(user).arg("--");
            command
        };
        let works = command().args(["hostname", "host"]).output();
        if works.is_ok_and(|output| output.status.success()) {
            return Some(command());
        }
    }
    println!("skipped: this user may not give a process a network of its own");
    None
}

/// A host by this number. The first one has the clock that is ahead.
fn start(number: usize, place: &str, ahead: &Path) -> Option<Running> {
    let mut command = namespaces()?;
    command.args(["sh", "-c", r#"hostname "$1" && shift && exec "$@""#, "sh"]);
    command.arg(format!("host-{number}"));
    command.arg(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture"]);
    command.arg("hosts::hosts_with_networks_names_and_clocks_of_their_own_claim_nothing_twice");
    command.env(HOST, place);
    if number == 0 {
        command.env("LD_PRELOAD", ahead).env("FAKETIME", "+1h");
        // Time-outs are spans, and no matter of what a clock shows.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
    Some(Running::start(&mut command).unwrap())
}

fn now() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap()
}

#[test]
fn hosts_with_networks_names_and_clocks_of_their_own_claim_nothing_twice() {
    if let Ok(place) = env::var(HOST) {
        return be_a_host(&place);
    }
    let (Some(cluster), Some(ahead)) = (cluster(), prepared("TWOBA_FAKETIME")) else {
        return;
    };
    let tables = Tables::new(&cluster, false);
    fill(&cluster, &tables, SESSIONS);
    let marks = tempfile::tempdir().unwrap();
    let place = place(&cluster, &tables, marks.path());
    let hosts = (0..HOSTS).map(|number| start(number, &place, &ahead));
    let Some(mut hosts) = hosts.collect::<Option<Vec<_>>>() else {
        return;
    };
    let mut clocks = Vec::new();
    for host in &mut hosts {
        let line = host.stdout_behind("ready ", LIMIT).unwrap();
        clocks.push(Duration::from_secs(line.trim().parse().unwrap()));
    }
    let is_ahead = |clock: &Duration| *clock > now() + HOUR / 2;
    let are_ahead: Vec<bool> = clocks.iter().map(is_ahead).collect();
    assert!(
        are_ahead[0] && !are_ahead[1..].contains(&true),
        "{clocks:?}"
    );
    for host in &mut hosts {
        host.write_line("go").unwrap();
    }
    let mut done = Vec::new();
    for host in hosts {
        let ended = host.finish(LIMIT).unwrap();
        assert!(ended.status.success(), "{}", ended.stdout + &ended.stderr);
        let keys = ended
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("refreshed "));
        done.extend(keys.map(str::to_owned));
    }
    let each: BTreeSet<&String> = done.iter().collect();
    assert_eq!((done.len(), each.len()), (SESSIONS, SESSIONS));
}

/// Where a host finds everything: the folder of the server's socket, which is in no network.
fn place(cluster: &Postgres, tables: &Tables, marks: &Path) -> String {
    format!(
        "{} {} {} {}",
        cluster.socket_folder().display(),
        tables.port,
        tables.schema,
        marks.display()
    )
}

fn be_a_host(place: &str) {
    let parts: Vec<&str> = place.split(' ').collect();
    let [socket, port, schema, marks] = parts[..] else {
        panic!("{place}");
    };
    let variable = |name: &str| match name {
        "PGHOST" => Some(socket.to_owned()),
        "PGPORT" => Some(port.to_owned()),
        _ => None,
    };
    let address = Address::parse_in(&format!("postgres://{USER}@/{DATABASE}"), &variable).unwrap();
    let builder = PostgresStore::builder(address).schema(schema);
    let builder = builder.plain_text_that_every_log_can_hold();
    let store = BlockingPostgresStore::open(builder).unwrap();
    println!("\nready {}", now().as_secs());
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let before: Timestamp = due_at_first().saturating_add(HOUR);
    for key in work(&store, before) {
        println!("refreshed {}", key.as_str());
    }
    take_turns(&store, &PathBuf::from(marks).join("held"));
}

/// Has the claim that all hosts want a few times. A file says whether somebody has it.
fn take_turns(store: &BlockingPostgresStore, mark: &Path) {
    let wanted = key("wanted-by-all");
    let mut turns = 0;
    while turns < TURNS {
        let Some(mut lease) = store.try_lease(&wanted).unwrap() else {
            // Whoever has it has the same process number, and is another host.
            assert_eq!(store.holder(&wanted).unwrap(), None);
            continue;
        };
        let marked = OpenOptions::new().write(true).create_new(true).open(mark);
        marked.expect("two hosts have the claim");
        lease.renew().unwrap();
        fs::remove_file(mark).unwrap();
        lease.release();
        turns += 1;
    }
}
