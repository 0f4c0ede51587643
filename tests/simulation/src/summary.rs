//! Adds up how worlds ended, and says it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::judge::Promised;
use crate::sabotage::Sabotage;
use crate::world;

/// A seed whose world breaks a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Its seed.
    pub seed: u64,
    /// The promise and how it was broken.
    pub words: String,
}

/// How some worlds ended.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    worlds: u64,
    requests: u64,
    rotations: u64,
    reuses: u64,
    steps: u64,
    /// Simulated time, in milliseconds.
    span: u64,
    outcomes: BTreeMap<String, u64>,
    /// By promise: how many worlds broke it, and the first of them.
    broken: BTreeMap<Promised, (u64, Finding)>,
}

/// Runs the worlds of these seeds. With `only_first` it ends at the first that breaks a
/// promise.
#[must_use]
pub fn simulate(seeds: Range<u64>, sabotage: Option<Sabotage>, only_first: bool) -> Summary {
    let mut summary = Summary::default();
    for seed in seeds {
        let ending = world::run(seed, sabotage, false);
        summary.worlds += 1;
        summary.requests += ending.requests;
        summary.rotations += ending.rotations;
        summary.reuses += ending.reuses;
        summary.steps += ending.polls;
        summary.span += ending.span;
        for row in ending.outcomes {
            *summary.outcomes.entry(row).or_default() += 1;
        }
        let Some(violation) = ending.violation else {
            continue;
        };
        let words = format!("{}: {}", violation.promise.words(), violation.words);
        let finding = Finding { seed, words };
        let broken = summary.broken.entry(violation.promise);
        broken.or_insert((0, finding)).0 += 1;
        if only_first {
            break;
        }
    }
    summary
}

/// The whole script of a seed's world, the same each time.
#[must_use]
pub fn script(seed: u64, sabotage: Option<Sabotage>) -> String {
    world::run(seed, sabotage, true).script
}

impl Summary {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.worlds += other.worlds;
        self.requests += other.requests;
        self.rotations += other.rotations;
        self.reuses += other.reuses;
        self.steps += other.steps;
        self.span += other.span;
        for (row, count) in other.outcomes {
            *self.outcomes.entry(row).or_default() += count;
        }
        for (promise, (count, finding)) in other.broken {
            let mine = self.broken.entry(promise).or_insert((0, finding.clone()));
            mine.0 += count;
            if finding.seed < mine.1.seed {
                mine.1 = finding;
            }
        }
        self
    }

    /// How many worlds there were.
    #[must_use]
    pub fn worlds(&self) -> u64 {
        self.worlds
    }

    /// The first seed whose world breaks a promise.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        let findings = self.broken.values().map(|(_, finding)| finding);
        findings.min_by_key(|finding| finding.seed)
    }

    /// How often a session came out this way.
    #[must_use]
    pub fn outcome(&self, row: &str) -> u64 {
        self.outcomes.get(row).copied().unwrap_or(0)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.span / 3_600_000;
        writeln!(
            f,
            "{} worlds, {} polls, {hours} hours of simulated time, {} requests, {} rotations, \
             {} reuses",
            self.worlds, self.steps, self.requests, self.rotations, self.reuses
        )?;
        let mut outcomes: Vec<_> = self.outcomes.iter().collect();
        outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (row, count) in outcomes {
            writeln!(f, "{count:>9}  {row}")?;
        }
        for (count, finding) in self.broken.values() {
            let Finding { seed, words } = finding;
            writeln!(f, "{count:>9}  BROKEN, first by seed {seed}: {words}")?;
        }
        Ok(())
    }
}
