//! How long it takes to find and to claim what is due next among all grants.

use std::time::Instant;

use serde_json::Value;
use twoba_core::Timestamp;
use twoba_measure::Fault;
use twoba_measure::rounds::{Subject, interleaved};
use twoba_measure::row::{Row, job};
use twoba_store::{AsyncStore, Due};

use crate::plan::GRANTS;
use crate::scene::Scene;

const ROUNDS: usize = 41;
/// How many are asked for.
const LIMIT: usize = 50;

/// Measures it.
pub(crate) fn run(scene: &Scene) -> Result<Value, Fault> {
    scene.fill()?;
    let runtime = scene.runtime();
    let builder = scene.access().builder()?.runtime(runtime.handle().clone());
    let store = runtime.block_on(builder.open())?;
    let before = Timestamp::from_unix_millis(i64::MAX);
    let whole = "SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = 'twoba' AND relname = 'session'";
    let scans = scene.number(whole)?;
    let milliseconds = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
    let listing = Subject::new("list", || {
        let since = Instant::now();
        let found = runtime.block_on(store.due(Due::Refresh, before, LIMIT))?;
        let figure = milliseconds(since);
        (found.len() == LIMIT)
            .then_some(figure)
            .ok_or_else(|| "too few are due".into())
    });
    let claiming = Subject::new("claim", || {
        let since = Instant::now();
        let claimed = runtime.block_on(store.claim_due(Due::Refresh, before, LIMIT))?;
        let figure = milliseconds(since);
        let all = claimed.len() == LIMIT;
        for (_, lease) in claimed {
            runtime.block_on(lease.release());
        }
        all.then_some(figure)
            .ok_or_else(|| "too few are due".into())
    });
    let figures = interleaved(ROUNDS, vec![listing, claiming])?;
    scene.sql("SELECT pg_stat_force_next_flush();")?;
    let scans = scene.number(whole)? - scans;
    let rows = figures.iter().map(|figures| {
        let row = Row::new(
            format!("{} {LIMIT} of {GRANTS}", figures.who),
            format!("{:.2} ms", figures.median()),
        );
        row.and(format!(
            "{scans:.0} scans of the whole table in {ROUNDS} rounds"
        ))
    });
    Ok(job("due", &rows.collect::<Vec<_>>()))
}
