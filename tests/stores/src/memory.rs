//! What many sessions of one process take in memory.

use std::time::Duration;

use serde_json::Value;
use twoba_measure::Fault;
use twoba_measure::row::{Row, job};

use crate::crew::Crew;
use crate::plan::OPENED;
use crate::scene::Scene;

/// The most that a second token of each may add.
const GROWTH: f64 = 1.05;

/// Measures it.
pub(crate) fn run(scene: &Scene) -> Result<Value, Fault> {
    scene.fill()?;
    let said = Crew::of(1, "memory", &scene.access())?
        .work(Duration::ZERO)?
        .concat();
    let kilobytes = said.split_whitespace().map(str::parse::<f64>);
    let [empty, opened, once, twice] = kilobytes.collect::<Result<Vec<_>, _>>()?[..] else {
        return Err("the process says something else".into());
    };
    let count = u32::try_from(OPENED)?;
    let row = |who: &str, kilobytes: f64| {
        let more = (kilobytes - empty) * 1024.0 / f64::from(count);
        let row = Row::new(who, format!("{:.0} MB", kilobytes / 1024.0));
        row.and(format!("{more:.0} bytes more a session"))
    };
    let rows = [
        Row::new(
            "the process with its store",
            format!("{:.0} MB", empty / 1024.0),
        ),
        row("all sessions are open", opened),
        row("a token of each was read", once).held(1.0, None),
        row("and once more", twice).held(twice / once, Some(GROWTH)),
    ];
    Ok(job("memory", &rows))
}
