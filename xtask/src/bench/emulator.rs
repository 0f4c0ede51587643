//! `cargo xtask bench emulator`: the emulator under load beside oidc-provider, what it keeps in memory, how
//! fast it starts, and who wins of two refreshes with one token. Only that last one can fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::page::keep_second;
use super::{PAGE, float, machine, number};
use crate::metadata;
use crate::process::{cargo, in_ci, program};
use crate::record::{Running, Start, oidc_provider_with};
use crate::say::say;

mod page;

/// How often each server is measured, in turn with the others.
const ROUNDS: usize = 5;
/// How many connections are kept.
const CONNECTIONS: u64 = 16;
/// How many logins are refreshed in turn.
const FAMILIES: u64 = 1_000;
/// How many refreshes the memory is looked at after.
const MANY: u64 = 1_000_000;
/// How often the program is started.
const STARTS: usize = 21;
/// How many pairs of refreshes run for one token each.
const PAIRS: u64 = 100_000;

/// A server under load.
#[derive(Debug)]
struct Server {
    name: &'static str,
    path: &'static str,
    /// A round takes some seconds.
    refreshes: u64,
    start: fn(&Place) -> Result<Start>,
}

const SERVERS: [Server; 3] = [
    Server {
        name: "twoba emulator",
        path: "/OAuth/Token",
        refreshes: 200_000,
        start: |place| emulator(place).map(Start::Running),
    },
    Server {
        name: "oidc-provider",
        path: "/token",
        refreshes: 10_000,
        start: |place| oidc_provider_with(&place.root, &place.target, &["--store=maps"]),
    },
    Server {
        name: "a fixed answer",
        path: "/",
        refreshes: 200_000,
        start: |place| {
            let mut command = program(&place.root, place.built("twoba-load"));
            Ok(Start::Running(Running::start(command.arg("fixed"))?))
        },
    },
];

/// Where everything is.
#[derive(Debug)]
struct Place {
    root: PathBuf,
    target: PathBuf,
}

impl Place {
    fn built(&self, name: &str) -> PathBuf {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.target.join("release").join(name)
    }
}

/// One round of one server.
#[derive(Debug, Clone, Copy)]
struct Round {
    per_second: f64,
    /// Microseconds of processor time a refresh, of the server and of the load; known on Linux only.
    processor: Option<[f64; 2]>,
}

/// All rounds of one server.
#[derive(Debug)]
struct Rounds {
    name: &'static str,
    median: Round,
    /// Refreshes a second in the best round: what else a machine does makes rounds slower, none faster.
    best: f64,
}

/// All that a run has said.
#[derive(Debug)]
struct Figures {
    /// The servers that run here, ours first.
    servers: Vec<Rounds>,
    /// The most memory that the emulator ever had, in MB, after very many refreshes.
    memory: Option<f64>,
    /// Milliseconds from the start of the program to its line, the median and the longest.
    program: [f64; 2],
    /// The same for an emulator inside a process.
    inside: [f64; 2],
    /// How many of all pairs got one success, two, none, and one with something strange.
    pairs: [u64; 4],
    who: String,
}

/// Runs everything and writes the page.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let place = Place {
        root: root.to_path_buf(),
        target: metadata::target(root)?,
    };
    build(root)?;
    // Before the load of the run itself.
    let who = who(root)?;
    let servers = compared(&place)?;
    say(&format!("{MANY} refreshes"));
    let memory = memory(&place)?;
    say(&format!("{STARTS} starts"));
    let program = spans((0..STARTS).map(|_| start(&place)))?;
    let inside = load(&place, &["start"])?;
    let milliseconds = |name| Ok::<_, anyhow::Error>(float(number(&inside, name)?) / 1e3);
    let inside = [
        milliseconds("/median_microseconds")?,
        milliseconds("/longest_microseconds")?,
    ];
    say(&format!("{PAIRS} pairs"));
    let figures = Figures {
        servers,
        memory,
        program,
        inside,
        pairs: pairs(&place)?,
        who,
    };
    let page = page::written(&figures);
    keep_second(root, &page)?;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        say(line);
    }
    say(&format!("written to {PAGE}"));
    Ok(figures.pairs == [PAIRS, 0, 0, 0])
}

fn build(root: &Path) -> Result<()> {
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--release"]);
    build.args(["--package", "twoba-cli", "--package", "twoba-load"]);
    if in_ci() {
        build.arg("--locked");
    }
    if !build.status()?.success() {
        bail!("the emulator or its load does not build");
    }
    Ok(())
}

/// What was measured with, and how busy the machine was with other things.
fn who(root: &Path) -> Result<String> {
    let package = root.join("tests/servers/oidc-provider/package.json");
    let package: Value = serde_json::from_slice(&fs::read(package)?)?;
    let version = package
        .pointer("/dependencies/oidc-provider")
        .and_then(Value::as_str)
        .context("oidc-provider has no version")?;
    let mut parts = vec![format!("oidc-provider {version}")];
    let node = program(root, "node").arg("--version").output();
    if let Ok(node) = node {
        let version = String::from_utf8_lossy(&node.stdout);
        parts.push(format!("Node {}", version.trim()));
    }
    parts.extend(machine(root)?);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    parts.push(format!("{cores} cores"));
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    if let Some(busy) = busy.split(' ').next().filter(|busy| !busy.is_empty()) {
        parts.push(format!("load average before it {busy}"));
    }
    Ok(parts.join(", "))
}

fn emulator(place: &Place) -> Result<Running> {
    let mut command = program(&place.root, place.built("twoba"));
    Running::start(command.args(["emulator", "--quiet"]))
}

/// The rounds of each server that runs here, one server after the other in each.
fn compared(place: &Place) -> Result<Vec<Rounds>> {
    let mut rounds = SERVERS.each_ref().map(|server| (server, Vec::new()));
    for count in 1..=ROUNDS {
        say(&format!("round {count} of {ROUNDS}"));
        for (server, rounds) in &mut rounds {
            match (server.start)(place).with_context(|| server.name)? {
                Start::Running(running) => rounds.push(round(place, server, &running)?),
                Start::Unavailable(why) => say(&format!("{}: skipped, {why}", server.name)),
            }
        }
    }
    let ended = rounds.into_iter();
    Ok(ended
        .filter_map(|(server, rounds)| summed_up(server.name, rounds))
        .collect())
}

/// What counts of the rounds; nothing if there were none.
fn summed_up(name: &'static str, mut rounds: Vec<Round>) -> Option<Rounds> {
    rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    Some(Rounds {
        name,
        median: *rounds.get(rounds.len() / 2)?,
        best: rounds.last()?.per_second,
    })
}

/// Measures a server that was just started, after it has warmed up.
fn round(place: &Place, server: &Server, running: &Running) -> Result<Round> {
    let url = format!("http://{}{}", running.address, server.path);
    refreshes(place, &url, running, server.refreshes / 10)?;
    let said = refreshes(place, &url, running, server.refreshes)?;
    let count = float(server.refreshes);
    let each = |name| Some(float(said.get(name)?.as_u64()?) / count);
    Ok(Round {
        per_second: 1e6 * count / float(number(&said, "/microseconds")?),
        processor: each("server_microseconds")
            .zip(each("our_microseconds"))
            .map(|(server, ours)| [server, ours]),
    })
}

fn refreshes(place: &Place, url: &str, running: &Running, count: u64) -> Result<Value> {
    let text = |number: u64| number.to_string();
    load(
        place,
        &[
            "refreshes",
            url,
            "--connections",
            &text(CONNECTIONS),
            "--families",
            &text(FAMILIES),
            "--refreshes",
            &text(count),
            "--server",
            &text(running.process().into()),
        ],
    )
}

/// What the load says, in one line of JSON.
fn load(place: &Place, words: &[&str]) -> Result<Value> {
    let mut command = program(&place.root, place.built("twoba-load"));
    let said = command.args(words).stderr(Stdio::inherit()).output()?;
    if !said.status.success() {
        bail!("twoba-load {}: {}", words.join(" "), said.status);
    }
    serde_json::from_slice(&said.stdout).context("understand twoba-load")
}

/// The most memory that an emulator had after very many refreshes, in MB; known on Linux only.
fn memory(place: &Place) -> Result<Option<f64>> {
    let running = emulator(place)?;
    let url = format!("http://{}/OAuth/Token", running.address);
    refreshes(place, &url, &running, MANY)?;
    let status = fs::read_to_string(format!("/proc/{}/status", running.process()));
    Ok(peak(&status.unwrap_or_default()).map(|kilobytes| float(kilobytes) / 1024.0))
}

/// The peak of the resident memory in kB.
fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// How long the program takes to say that it is ready.
fn start(place: &Place) -> Result<Duration> {
    let begin = Instant::now();
    let running = emulator(place)?;
    let span = begin.elapsed();
    drop(running);
    Ok(span)
}

/// The median and the longest of some spans, in milliseconds.
fn spans(spans: impl Iterator<Item = Result<Duration>>) -> Result<[f64; 2]> {
    let mut spans = spans.collect::<Result<Vec<_>>>()?;
    spans.sort_unstable();
    let median = spans.get(spans.len() / 2).context("no spans")?;
    let longest = spans.last().context("no spans")?;
    Ok([*median, *longest].map(|span| span.as_secs_f64() * 1e3))
}

fn pairs(place: &Place) -> Result<[u64; 4]> {
    let said = load(place, &["pairs", "--pairs", &PAIRS.to_string()])?;
    let ended = |name| number(&said, name);
    Ok([
        ended("/one")?,
        ended("/both")?,
        ended("/neither")?,
        ended("/strange")?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_the_status_of_a_process() {
        let status = "Name:\ttwoba\nVmPeak:\t  99 kB\nVmHWM:\t    9068 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak(status), Some(9_068));
        assert_eq!(peak("Name:\ttwoba\n"), None);
    }

    #[test]
    fn of_some_rounds_the_median_and_the_best_count() {
        let rounds = [5.0, 1.0, 9.0].map(|per_second| Round {
            per_second,
            processor: None,
        });
        let rounds = summed_up("a", rounds.to_vec()).unwrap();
        assert_eq!([rounds.median.per_second, rounds.best], [5.0, 9.0]);
        assert!(summed_up("a", Vec::new()).is_none());
    }

    #[test]
    fn of_some_spans_the_median_and_the_longest_count() {
        let given = [5, 1, 9].map(|count| Ok(Duration::from_millis(count)));
        assert_eq!(spans(given.into_iter()).unwrap(), [5.0, 9.0]);
        assert!(spans([].into_iter()).is_err());
    }
}
