//! Claims: by the database's clock, one holder each, shared by hosts, and three writes for a refresh.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use twoba_core::{SessionKey, Timestamp};
use twoba_servers::postgres::Postgres;
use twoba_store::conformance::changes::{login, refresh};
use twoba_store::{Due, Lease, Store};
use twoba_store_postgres::BlockingPostgresStore;
use twoba_testkit::Running;

use crate::scene::{DATABASE, Tables, USER, cluster, cluster_with, held_by, key, writes};

const HOSTS: usize = 8;
const SESSIONS: usize = 10_000;

/// How many sessions a host claims at once.
const BATCH: usize = 20;

fn end_of_time() -> Timestamp {
    Timestamp::from_unix_millis(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r"'\x{}'", digits.concat())
}

/// Stores so many logins that are all due, in one statement.
pub(crate) fn fill(cluster: &Postgres, tables: &Tables, count: usize) {
    let rows = (0..count).map(|number| {
        let key = key(&format!("user-{number}"));
        let change = login(&key, None);
        let (record, revision) = (change.record().expose(), change.revision().to_bytes());
        let due = change.due_at().unwrap().unix_millis();
        let key = hex(key.as_str().as_bytes());
        format!("({key}, {}, {}, {due})", hex(record), hex(&revision))
    });
    let rows: Vec<String> = rows.collect();
    let text = format!(
        "INSERT INTO {}.session (key, record, revision, due_at) VALUES {};",
        tables.schema,
        rows.join(",")
    );
    cluster.sql(DATABASE, &text).unwrap();
}

/// Refreshes a claimed session as a program does.
fn refresh_claimed(key: &SessionKey, mut lease: Box<dyn Lease>) {
    let stored = lease.load().unwrap().unwrap();
    let steps = refresh(key, stored);
    lease.apply(&steps.intent).unwrap();
    lease.finish(&steps.rotation).unwrap();
}

/// When the logins of [`fill`] are due.
pub(crate) fn due_at_first() -> Timestamp {
    login(&key("due"), None).due_at().unwrap()
}

/// What one host has refreshed of what was due at the beginning.
pub(crate) fn work(store: &BlockingPostgresStore, before: Timestamp) -> Vec<SessionKey> {
    let mut done = Vec::new();
    loop {
        let claimed = store.claim_due(Due::Refresh, before, BATCH).unwrap();
        if claimed.is_empty() {
            return done;
        }
        for (key, lease) in claimed {
            refresh_claimed(&key, lease);
            done.push(key);
        }
    }
}

#[test]
fn eight_hosts_share_what_is_due_and_none_is_refreshed_twice() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, false);
    fill(&cluster, &tables, SESSIONS);
    let first = due_at_first();
    // A refresh of these changes happens a day later, and its token ends later still.
    let before = first.saturating_add(Duration::from_secs(3_600));
    let start = Barrier::new(HOSTS);
    let host = || {
        let store = tables.open();
        start.wait();
        work(&store, before)
    };
    let shares: Vec<Vec<SessionKey>> = thread::scope(|scope| {
        let hosts: Vec<_> = (0..HOSTS).map(|_| scope.spawn(host)).collect();
        hosts.into_iter().map(|host| host.join().unwrap()).collect()
    });
    let all: BTreeSet<&SessionKey> = shares.iter().flatten().collect();
    let counts: Vec<usize> = shares.iter().map(Vec::len).collect();
    assert_eq!(
        counts.iter().sum::<usize>(),
        SESSIONS,
        "twice or not at all: {counts:?}"
    );
    assert_eq!(all.len(), SESSIONS, "one was refreshed twice");
    let fair = SESSIONS / HOSTS;
    let is_fair = |count: &usize| *count > fair / 5;
    assert!(counts.iter().all(is_fair), "{counts:?}");
}

#[test]
fn what_somebody_has_claimed_is_passed_over() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let store = tables.open();
    for name in ["a", "b", "c"] {
        store.change(&key(name), &login(&key(name), None)).unwrap();
    }
    let _held = store.try_lease(&key("b")).unwrap().unwrap();
    let claimed = store.claim_due(Due::Refresh, end_of_time(), 10).unwrap();
    let keys: BTreeSet<&str> = claimed.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, BTreeSet::from(["a", "c"]));
    assert!(
        store
            .claim_due(Due::Refresh, end_of_time(), 10)
            .unwrap()
            .is_empty()
    );
    assert!(store.try_lease(&key("a")).unwrap().is_none());
    assert!(
        store
            .claim_due(Due::KeepBy, end_of_time(), 10)
            .unwrap()
            .is_empty()
    );
    drop(claimed);
    let again = store.claim_due(Due::Refresh, end_of_time(), 1).unwrap();
    assert_eq!(again.len(), 1);
}

#[test]
fn a_refresh_is_three_writes_and_holds_nothing_while_its_request_is_out() {
    let settings = ["log_statement=all", "log_duration=off"];
    let Some(cluster) = cluster_with(&settings) else {
        return;
    };
    let tables = Tables::new(&cluster, true);
    let store = tables.open();
    store.change(&key("a"), &login(&key("a"), None)).unwrap();
    let before = cluster.log().len();
    let mut lease = store.try_lease(&key("a")).unwrap().unwrap();
    let stored = lease.load().unwrap().unwrap();
    let steps = refresh(&key("a"), stored);
    lease.apply(&steps.intent).unwrap();
    // The request would be out now.
    assert_eq!(cluster.sql(DATABASE, &held_by(USER)).unwrap(), "0\n0\n");
    lease.finish(&steps.rotation).unwrap();
    drop(lease);
    drop(store.try_lease(&key("a")).unwrap().unwrap());
    let log = cluster.log();
    let writes = writes(&log[before..]);
    // The last two are the claim and the release that showed that it was free.
    assert_eq!(writes.len(), 3 + 2, "{}", writes.join("\n"));
}

/// Names the test below, in the process that is killed.
const CLAIMANT: &str = "TWOBA_TEST_CLAIMANT";

const LIFETIME: Duration = Duration::from_secs(6);

fn short_claims(tables: &Tables) -> BlockingPostgresStore {
    BlockingPostgresStore::open(tables.builder().claim_lifetime(LIFETIME)).unwrap()
}

#[test]
fn after_the_holder_was_killed_the_next_goes_on_when_the_claim_ends() {
    if let Ok(place) = env::var(CLAIMANT) {
        return claim_and_wait(&place);
    }
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, false);
    let store = short_claims(&tables);
    let first = login(&key("a"), None);
    store.change(&key("a"), &first).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture"]);
    command.arg("claims::after_the_holder_was_killed_the_next_goes_on_when_the_claim_ends");
    command.env(CLAIMANT, format!("{} {}", tables.port, tables.schema));
    let mut holder = Running::start(&mut command).unwrap();
    while holder
        .stdout_line(Duration::from_secs(20))
        .unwrap()
        .as_deref()
        != Some("claimed")
    {}
    assert_eq!(store.holder(&key("a")).unwrap(), Some(holder.pid()));
    assert!(store.try_lease(&key("a")).unwrap().is_none());
    holder.kill().unwrap();
    let killed = Instant::now();
    let mut lease = loop {
        if let Some(lease) = store.try_lease(&key("a")).unwrap() {
            break lease;
        }
        assert!(killed.elapsed() < 2 * LIFETIME, "the claim does not end");
    };
    assert!(
        killed.elapsed() > LIFETIME / 2,
        "the claim ended with its holder"
    );
    let stored = lease.load().unwrap().unwrap();
    assert_ne!(
        &stored,
        first.record(),
        "the intent of the dead holder is there"
    );
}

fn claim_and_wait(place: &str) {
    let (port, schema) = place.split_once(' ').unwrap();
    let tables = Tables {
        schema: schema.to_owned(),
        keys: None,
        port: port.parse().unwrap(),
    };
    let store = short_claims(&tables);
    let mut lease = store.try_lease(&key("a")).unwrap().unwrap();
    let stored = lease.load().unwrap().unwrap();
    lease.apply(&refresh(&key("a"), stored).intent).unwrap();
    println!("\nclaimed");
    loop {
        thread::park();
    }
}

/// The clock of the database decides: a claim ends by it, whatever the clocks of hosts say.
#[test]
fn a_claim_that_is_renewed_outlives_its_time() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let store = short_claims(&tables);
    let mut lease = store.try_lease(&key("a")).unwrap().unwrap();
    let began = Instant::now();
    while began.elapsed() < LIFETIME + LIFETIME / 2 {
        lease.renew().unwrap();
        assert!(store.try_lease(&key("a")).unwrap().is_none());
    }
    let left = "SELECT extract(epoch FROM claimed_until - clock_timestamp()) > 1 FROM {}.session;";
    let left = left.replace("{}", &tables.schema);
    assert_eq!(cluster.sql(DATABASE, &left).unwrap(), "t\n");
}
