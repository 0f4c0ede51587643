//! How many refreshes a second several processes reach, beside the bare statements and requests of as
//! many.

use std::time::Duration;

use serde_json::Value;
use twoba_measure::Fault;
use twoba_measure::rounds::{Subject, interleaved};
use twoba_measure::row::{Row, job};

use crate::access::Access;
use crate::crew::Crew;
use crate::plan::PROCESSES;
use crate::scene::Scene;

const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_secs(8);

/// What is wanted: so many refreshes a second, or this share of the floor's.
const WANTED: f64 = 500.0;
const SHARE: f64 = 0.6;

/// Milliseconds for each refresh of all processes.
fn each(task: &str, access: &Access) -> Result<f64, Fault> {
    let said = Crew::start(task, access)?.work(SPAN)?;
    let mut all = 0.0;
    for line in said {
        all += line.trim().parse::<f64>()?;
    }
    Ok(SPAN.as_secs_f64() * 1e3 / all)
}

/// Measures it.
pub(crate) fn run(scene: &Scene) -> Result<Value, Fault> {
    scene.fill()?;
    let (_, refused) = scene.rotations();
    let (floor, ours) = (scene.access_of_floor(), scene.access());
    let subjects = vec![
        Subject::new("three bare UPDATEs and a POST", || each("floor", &floor)),
        Subject::new("a refresh", || each("refresh", &ours)),
    ];
    let figures = interleaved(ROUNDS, subjects)?;
    let (_, refused_now) = scene.rotations();
    let [floor, ours] = figures.as_slice() else {
        return Err("two subjects have two rows of figures".into());
    };
    let row =
        |who: &str, milliseconds: f64| Row::new(who, format!("{:.0} a second", 1e3 / milliseconds));
    let refused = format!("{PROCESSES} processes, {} refused", refused_now - refused);
    let rows = [
        row(floor.who, floor.median()).held(1.0, None),
        row(ours.who, ours.median())
            .held(ours.by(floor), Some(1.0 / SHARE))
            .and(refused),
        row("as many as are wanted", 1e3 / WANTED).held(ours.median() * WANTED / 1e3, Some(1.0)),
    ];
    Ok(job("refreshes", &rows))
}
