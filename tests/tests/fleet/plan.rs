//! How PostgreSQL finds what is due among a hundred thousand sessions: by the index.

use twoba_core::Timestamp;
use twoba_store::{Due, Store};

use crate::scene::{DATABASE, Tables, cluster_with};

const SESSIONS: usize = 100_000;

/// The plans of all statements, without what differs from machine to machine.
const EXPLAINED: [&str; 3] = [
    "shared_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "log_line_prefix=",
];

#[test]
fn what_is_due_is_found_by_the_index() {
    let Some(cluster) = cluster_with(&EXPLAINED) else {
        return;
    };
    let tables = Tables::new(&cluster, true);
    let fill = format!(
        "INSERT INTO {0}.session (key, record, revision, due_at, keep_by) \
         SELECT ('user-' || n)::bytea, repeat('x', 900)::bytea, '\\x00', 1800000000000 + n, 1900000000000 + n \
         FROM generate_series(1, {SESSIONS}) AS n; ANALYZE {0}.session;",
        tables.schema
    );
    cluster.sql(DATABASE, &fill).unwrap();
    let store = tables.open();
    let before = cluster.log().len();
    let at = Timestamp::from_unix_millis(1_800_000_001_000);
    assert_eq!(store.due(Due::Refresh, at, 50).unwrap().len(), 50);
    let keep = Timestamp::from_unix_millis(1_900_000_001_000);
    assert_eq!(store.due(Due::KeepBy, keep, 50).unwrap().len(), 50);
    let claimed = store.claim_due(Due::Refresh, at, 50).unwrap();
    assert_eq!(claimed.len(), 50);
    let log = cluster.log();
    let plans = plans(&log[before..], &tables.schema);
    let wanted: Vec<&String> = plans.iter().filter(|plan| plan.contains("_at")).collect();
    assert!(
        plans
            .iter()
            .all(|plan| !plan.contains("Seq Scan on session")),
        "{plans:?}"
    );
    assert!(wanted.len() >= 2, "{plans:?}");
    insta::assert_snapshot!("plan-due", plans.join("\n\n"));
}

/// The plans of lists and claims of what is due.
fn plans(log: &str, schema: &str) -> Vec<String> {
    let mut plans = Vec::new();
    for part in log.split("Query Text: ").skip(1) {
        let mut lines = part.lines();
        let query = lines.next().unwrap_or_default();
        if !(query.contains("ORDER BY") && query.contains("LIMIT")) {
            continue;
        }
        let lines = lines.take_while(|line| line.starts_with('\t'));
        let lines = lines.filter(|line| MATTERS.iter().any(|part| line.contains(part)));
        let plan: Vec<String> = lines.map(|line| without_costs(line.trim_end())).collect();
        plans.push(plan.join("\n").replace(schema, "store").replace('\t', ""));
    }
    plans.dedup();
    plans
}

/// What a plan is kept for: how the rows of sessions are found. The rest differs from release to release.
const MATTERS: [&str; 4] = ["session", "Index Cond", "Limit", "LockRows"];

/// A line of a plan without its estimates, and without what depends on when the table was cleaned.
fn without_costs(line: &str) -> String {
    let line = line.split("  (cost=").next().unwrap_or(line);
    line.replace("Index Only Scan", "Index Scan")
}
