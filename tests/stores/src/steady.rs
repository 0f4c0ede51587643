//! What the tables become under a steady load: their sizes, and the share of updates that stay in their
//! page.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use twoba_measure::Fault;
use twoba_measure::row::{Row, job};

use crate::crew::Crew;
use crate::plan::PER_SECOND;
use crate::say::say;
use crate::scene::Scene;

/// How often the sizes are looked at.
const LOOKS: u32 = 10;

/// The most that the tables may have grown in the second half.
const GROWTH: f64 = 1.05;

/// The most updates that may leave their page, of all.
const MOVED: f64 = 0.5;

/// The least share of the load that has to be served in time.
const SERVED: f64 = 0.98;

/// Sizes in MB, and counts of updates.
#[derive(Debug, Clone, Copy)]
struct Look {
    table: f64,
    indexes: f64,
    updates: f64,
    in_page: f64,
}

impl Look {
    fn at(scene: &Scene) -> Result<Self, Fault> {
        let said = scene.sql(
            "SELECT pg_table_size(relid), pg_indexes_size(relid), n_tup_upd, n_tup_hot_upd \
             FROM pg_stat_user_tables WHERE schemaname = 'twoba' AND relname = 'session';",
        )?;
        let numbers = said.trim().split('|').map(str::parse::<f64>);
        let [table, indexes, updates, in_page] = numbers.collect::<Result<Vec<_>, _>>()?[..] else {
            return Err("the database says something else".into());
        };
        Ok(Self {
            table: table / 1e6,
            indexes: indexes / 1e6,
            updates,
            in_page,
        })
    }

    fn told(self) -> String {
        format!("{:.0} MB and {:.0} MB", self.table, self.indexes)
    }
}

/// Measures it.
pub(crate) fn run(scene: &Scene, minutes: f64) -> Result<Value, Fault> {
    scene.fill()?;
    let span = Duration::from_secs_f64(minutes * 60.0);
    let crew = Crew::start("steady", &scene.access())?;
    let (before, _) = scene.rotations();
    let mut looks = vec![Look::at(scene)?];
    let said = thread::scope(|scope| {
        let began = Instant::now();
        let work = scope.spawn(move || crew.work(span));
        for number in 1..=LOOKS {
            let at = span * number / LOOKS;
            thread::sleep(at.saturating_sub(began.elapsed()));
            looks.push(Look::at(scene)?);
            say(&format!(
                "after {:.0} s: {:?}",
                at.as_secs_f64(),
                looks.last()
            ));
        }
        work.join().map_err(|_| "a thread panicked")?
    })?;
    let (mut served, mut failed) = (0.0, 0.0);
    for line in said {
        let (done, not_done) = line
            .trim()
            .split_once(' ')
            .ok_or("two numbers are missing")?;
        served += done.parse::<f64>()?;
        failed += not_done.parse::<f64>()?;
    }
    // What was written last is counted by now, as its processes have ended.
    looks.push(Look::at(scene)?);
    let (after, _) = scene.rotations();
    let written = after.saturating_sub(before);
    Ok(job(
        "steady",
        &rows(&looks, served, span, (written, failed))?,
    ))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of this size are exact as floating-point numbers"
)]
fn rows(
    looks: &[Look],
    served: f64,
    span: Duration,
    (written, failed): (u64, f64),
) -> Result<Vec<Row>, Fault> {
    let [first, .., last] = looks else {
        return Err("nobody has looked".into());
    };
    let middle = looks.get(looks.len() / 2).ok_or("nobody has looked")?;
    let per_second = served / span.as_secs_f64();
    let minutes = span.as_secs_f64() / 60.0;
    let updates = last.updates - first.updates;
    let moved = 1.0 - (last.in_page - first.in_page) / updates;
    let grown = (last.table + last.indexes) / (middle.table + middle.indexes);
    Ok(vec![
        Row::new("refreshes in time", format!("{per_second:.0} a second"))
            .held(f64::from(PER_SECOND) / per_second, Some(1.0 / SERVED))
            .and(format!("in {minutes:.1} minutes, {failed} failed")),
        Row::new("table and indexes, at the beginning", first.told()),
        Row::new("half way", middle.told()).held(1.0, None),
        Row::new("at the end, by half way", last.told()).held(grown, Some(GROWTH)),
        Row::new(
            "updates that left their page",
            format!("{:.0} %", 100.0 * moved),
        )
        .held(moved, Some(MOVED))
        .and(format!("of {updates:.0}; the others are HOT")),
        Row::new(
            "writes to the row of a session",
            format!("{:.2} a refresh", updates / written as f64),
        )
        .held(updates / written as f64, Some(3.0))
        .and("renewals would count"),
    ])
}
