//! The emulator under load beside oidc-provider, what it keeps in memory, how fast it starts, and who wins of two
//! refreshes with one token. Only that last one can fail.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use twoba_testkit::fixture;

use crate::prepare::{Prepared, prepare};
use crate::started::{Started, oidc_provider};
use figures::{CONNECTIONS, FAMILIES, Figures, MANY, PAIRS, ROUNDS, Round, Rounds, STARTS};

mod figures;
mod tables;

/// A server under load.
#[derive(Debug)]
struct Server {
    name: &'static str,
    path: &'static str,
    /// A round takes some seconds.
    refreshes: u64,
    /// Starts it; `None` where it cannot run here.
    start: fn(&Place) -> Result<Option<Started>>,
}

const SERVERS: [Server; 3] = [
    Server {
        name: "twoba emulator",
        path: "/OAuth/Token",
        refreshes: 200_000,
        start: |place| emulator(place).map(Some),
    },
    Server {
        name: tables::RIVAL,
        path: "/token",
        refreshes: 10_000,
        start: |place| {
            let packages = place.oidc_provider.as_ref();
            packages
                .map(|packages| oidc_provider(packages, &["--store=maps"]))
                .transpose()
        },
    },
    Server {
        name: "a fixed answer",
        path: "/",
        refreshes: 200_000,
        start: |place| Started::new(Command::new(&place.load).arg("fixed")).map(Some),
    },
];

/// Where everything is.
#[derive(Debug)]
struct Place {
    program: PathBuf,
    load: PathBuf,
    oidc_provider: Option<PathBuf>,
}

impl Place {
    /// `cargo xtask bench emulator` builds our programs and tells where they are.
    fn read() -> Result<Self> {
        let place = |name: &str| {
            let place = env::var_os(name).map(PathBuf::from);
            place.with_context(|| format!("{name} is not set: run `cargo xtask bench emulator`"))
        };
        Ok(Self {
            program: place("TWOBA_PROGRAM")?,
            load: place("TWOBA_LOAD")?,
            oidc_provider: match prepare("oidc")? {
                Prepared::Ready(places) => places.into_iter().map(|(_, place)| place).next(),
                Prepared::Missing(why) => {
                    say(&format!("{}: {why}", tables::RIVAL));
                    None
                }
            },
        })
    }
}

/// Runs everything; the tables for `docs/benchmarks.md`, and whether of each pair exactly one won.
///
/// # Errors
///
/// - a server or the load is not there, does not start, or answers something else
pub fn run() -> Result<(String, bool)> {
    let place = Place::read()?;
    // Before the load of the run itself.
    let who = measured_with()?;
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
    };
    let page = format!("{}\nMeasured: {who}.\n", tables::written(&figures));
    Ok((page, figures.pairs == [PAIRS, 0, 0, 0]))
}

/// Says how far it is; standard output is for the tables.
fn say(line: &str) {
    // Nobody can be told if this fails.
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}

/// What was measured with, and how busy the machine was with other things.
fn measured_with() -> Result<String> {
    let package = fixture::workspace().join("tests/servers/oidc-provider/package.json");
    let package: Value = serde_json::from_slice(&fs::read(package)?)?;
    let version = package
        .pointer("/dependencies/oidc-provider")
        .and_then(Value::as_str)
        .context("oidc-provider has no version")?;
    let mut parts = vec![format!("oidc-provider {version}")];
    if let Ok(node) = Command::new("node").arg("--version").output() {
        let version = String::from_utf8_lossy(&node.stdout);
        parts.push(format!("Node {}", version.trim()));
    }
    parts.extend(env::var("TWOBA_MACHINE").ok());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    parts.push(format!("{cores} cores"));
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    if let Some(busy) = busy.split(' ').next().filter(|busy| !busy.is_empty()) {
        parts.push(format!("load average before it {busy}"));
    }
    Ok(parts.join(", "))
}

fn number(value: &Value, pointer: &str) -> Result<u64> {
    let number = value.pointer(pointer).and_then(Value::as_u64);
    number.with_context(|| format!("the load has not said {pointer}"))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of this size are exact as floating-point numbers"
)]
fn float(number: u64) -> f64 {
    number as f64
}

fn emulator(place: &Place) -> Result<Started> {
    Started::new(Command::new(&place.program).args(["emulator", "--quiet"]))
}

/// The rounds of each server that runs here, one server after the other in each.
fn compared(place: &Place) -> Result<Vec<Rounds>> {
    let mut rounds = SERVERS.each_ref().map(|server| (server, Vec::new()));
    for count in 1..=ROUNDS {
        say(&format!("round {count} of {ROUNDS}"));
        for (server, rounds) in &mut rounds {
            match (server.start)(place).with_context(|| server.name)? {
                Some(started) => rounds.push(round(place, server, &started)?),
                None => say(&format!("{}: skipped, as it is not prepared", server.name)),
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
fn round(place: &Place, server: &Server, started: &Started) -> Result<Round> {
    let url = format!("http://{}{}", started.addr(), server.path);
    refreshes(place, &url, started, server.refreshes / 10)?;
    let said = refreshes(place, &url, started, server.refreshes)?;
    let count = float(server.refreshes);
    let each = |name| Some(float(said.get(name)?.as_u64()?) / count);
    Ok(Round {
        per_second: 1e6 * count / float(number(&said, "/microseconds")?),
        processor: each("server_microseconds")
            .zip(each("our_microseconds"))
            .map(|(server, ours)| [server, ours]),
    })
}

fn refreshes(place: &Place, url: &str, started: &Started, count: u64) -> Result<Value> {
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
            &text(started.pid().into()),
        ],
    )
}

/// What the load says, in one line of JSON.
fn load(place: &Place, words: &[&str]) -> Result<Value> {
    let mut command = Command::new(&place.load);
    let said = command.args(words).stderr(Stdio::inherit()).output()?;
    if !said.status.success() {
        bail!("twoba-load {}: {}", words.join(" "), said.status);
    }
    serde_json::from_slice(&said.stdout).context("understand twoba-load")
}

/// The most memory that an emulator had after very many refreshes, in MB; known on Linux only.
fn memory(place: &Place) -> Result<Option<f64>> {
    let started = emulator(place)?;
    let url = format!("http://{}/OAuth/Token", started.addr());
    refreshes(place, &url, &started, MANY)?;
    let status = fs::read_to_string(format!("/proc/{}/status", started.pid()));
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
    let started = emulator(place)?;
    let span = begin.elapsed();
    drop(started);
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
