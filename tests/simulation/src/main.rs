//! The program: runs the worlds of some seeds on two threads, and shows the script of one that
//! breaks a promise.

use std::io::Write;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use twoba_simulation::{Sabotage, Summary, script, simulate};

const USAGE: &str = "\
Usage: twoba-simulation [--seeds N] [--from S] [--sabotage NAME]

Runs the worlds of N seeds from S on, by default 10,000 from 0, and shows the script of the
first that breaks a promise. With one seed its script is shown in any case.";

/// What was asked for.
struct Order {
    from: u64,
    seeds: u64,
    sabotage: Option<Sabotage>,
}

fn main() -> ExitCode {
    match order(std::env::args().skip(1)) {
        Ok(order) => run(&order),
        Err(why) => {
            let names: Vec<&str> = Sabotage::ALL.iter().map(|one| one.name()).collect();
            say(&format!(
                "{why}\n\n{USAGE}\n\nSabotages: {}",
                names.join(", ")
            ));
            ExitCode::from(2)
        }
    }
}

fn order(mut words: impl Iterator<Item = String>) -> Result<Order, String> {
    let mut order = Order {
        from: 0,
        seeds: 10_000,
        sabotage: None,
    };
    while let Some(name) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{name} wants a value"))?;
        let number = || {
            let read = value.parse::<u64>();
            read.map_err(|_| format!("{name} wants a number"))
        };
        match name.as_str() {
            "--seeds" => order.seeds = number()?,
            "--from" => order.from = number()?,
            "--sabotage" => {
                let sabotage = Sabotage::named(&value);
                order.sabotage = Some(sabotage.ok_or("there is no such sabotage")?);
            }
            other => return Err(format!("{other} is not known")),
        }
    }
    Ok(order)
}

fn run(order: &Order) -> ExitCode {
    let start = Instant::now();
    say(&format!("{} seeds from {} on", order.seeds, order.from));
    let summary = both_halves(order);
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("{summary}{seconds:.1} s"));
    let Some(finding) = summary.first() else {
        if order.seeds == 1 {
            say(&script(order.from, order.sabotage));
        }
        return ExitCode::SUCCESS;
    };
    let seed = finding.seed;
    say(&script(seed, order.sabotage));
    say(&format!("seed {seed} breaks {}", finding.words));
    let sabotage = order
        .sabotage
        .map(|one| format!(" --sabotage {}", one.name()));
    let sabotage = sabotage.unwrap_or_default();
    say(&format!(
        "again: cargo xtask simulate --seeds 1 --from {seed}{sabotage}"
    ));
    ExitCode::FAILURE
}

/// Each thread runs half of the seeds; a world stays on one thread.
fn both_halves(order: &Order) -> Summary {
    let end = order.from.saturating_add(order.seeds);
    let middle = order.from + order.seeds / 2;
    let only_first = order.sabotage.is_some();
    let sabotage = order.sabotage;
    thread::scope(|scope| {
        let first = scope.spawn(move || simulate(order.from..middle, sabotage, only_first));
        let second = simulate(middle..end, sabotage, only_first);
        match first.join() {
            Ok(first) => first.and(second),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Writes to standard output. A reader that went away is no reason to fail.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}
