//! Runs everything that CI runs: all steps in order, each to its end, and a table of how they went.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::in_ci;
use crate::say::say;
use crate::test::steps::{Outcome, Run, STEPS, Step};

mod steps;

/// Runs the named steps, or all of them; false where one failed.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<bool> {
    if words == ["--list"] {
        for step in &STEPS {
            say(&format!("{:<10} {}", step.name, step.what));
        }
        return Ok(true);
    }
    let chosen = choose(words)?;
    let mut run = Run::new(root, chosen.iter().map(|step| step.name).collect());
    let mut results = Vec::new();
    for step in chosen {
        say(&format!("\n== {}: {}", step.name, step.what));
        let start = Instant::now();
        let outcome = (step.run)(&mut run);
        let outcome = outcome.unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        let outcome = judged(outcome, in_ci());
        results.push((step.name, outcome, start.elapsed()));
    }
    say("");
    for line in summary(&results) {
        say(&line);
    }
    Ok(!results
        .iter()
        .any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))))
}

/// The command that runs tests as a test run does, for whoever says which of them.
pub(crate) fn command(root: &Path) -> Command {
    steps::test_command(&Run::new(root, Vec::new())).0
}

/// The steps asked for, in the order in which they run.
fn choose(words: &[&str]) -> Result<Vec<&'static Step>> {
    for word in words {
        if !STEPS.iter().any(|step| step.name == *word) {
            let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            bail!("`{word}` is not a step; there are {}", names.join(", "));
        }
    }
    let all = words.is_empty();
    Ok(STEPS
        .iter()
        .filter(|step| all || words.contains(&step.name))
        .collect())
}

/// What could not be checked must not pass for checked where it counts.
fn judged(outcome: Outcome, in_ci: bool) -> Outcome {
    match outcome {
        Outcome::Skipped(ref why) if in_ci => {
            Outcome::Failed(format!("skipped, which CI does not allow: {why}"))
        }
        Outcome::Passed(_) | Outcome::Failed(_) | Outcome::Skipped(_) => outcome,
    }
}

fn summary(results: &[(&str, Outcome, Duration)]) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, outcome, time) in results {
        let (word, remark) = match outcome {
            Outcome::Passed(remark) => ("ok", remark),
            Outcome::Failed(why) => ("failed", why),
            Outcome::Skipped(why) => ("skipped", why),
        };
        match outcome {
            Outcome::Passed(_) => passed += 1,
            Outcome::Failed(_) => failed += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
        let line = format!(
            "{name:<10} {word:<8} {:>7.1} s  {remark}",
            time.as_secs_f64()
        );
        lines.push(line.trim_end().to_owned());
    }
    lines.push(format!(
        "{passed} passed, {failed} failed, {skipped} skipped"
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_run_in_their_own_order() {
        let names: Vec<&str> = choose(&["tests", "fmt"])
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect();
        assert_eq!(names, ["fmt", "tests"]);
        assert_eq!(choose(&[]).unwrap().len(), STEPS.len());
        assert!(choose(&["fmt", "no-such"]).is_err());
    }

    #[test]
    fn a_skipped_step_fails_in_ci_only() {
        let skipped = || Outcome::Skipped("no python3".to_owned());
        assert_eq!(judged(skipped(), false), skipped());
        let Outcome::Failed(why) = judged(skipped(), true) else {
            panic!("skipped in CI");
        };
        assert!(why.ends_with("no python3"));
    }

    #[test]
    fn the_summary_ends_with_the_counts() {
        let second = Duration::from_millis(1_250);
        let results = [
            ("fmt", Outcome::Passed(String::new()), second),
            ("clippy", Outcome::Failed("twoba-core".to_owned()), second),
            ("interop", Outcome::Skipped("no pip".to_owned()), second),
        ];
        assert_eq!(
            summary(&results),
            [
                "fmt        ok           1.2 s",
                "clippy     failed       1.2 s  twoba-core",
                "interop    skipped      1.2 s  no pip",
                "1 passed, 1 failed, 1 skipped",
            ]
        );
    }
}
