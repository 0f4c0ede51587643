//! The program `twoba-load`: it reads the command line, puts load on a server, and prints one line of JSON.

use std::io::{self, Error, ErrorKind, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use twoba_emulator::Emulator;
use twoba_load::{Endpoint, fixed, pairs, refreshes};

const USAGE: &str = "\
Load for token endpoints that know 2BA's documented client and the emulator's user.

Usage: twoba-load refreshes URL [--connections 16] [--families 1000] [--refreshes 100000] [--server PID]
       twoba-load pairs [--pairs 100000]    two refreshes with one token, at an emulator of its own
       twoba-load start [--starts 100]      how long an emulator in this process takes to start
       twoba-load fixed                     serve one and the same answer until interrupted
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match words.as_slice() {
        ["refreshes", url, options @ ..] => measure(url, options),
        ["pairs", options @ ..] => race(options),
        ["start", options @ ..] => start(options),
        ["fixed"] => serve_fixed(),
        _ => Err(Error::new(ErrorKind::InvalidInput, USAGE)),
    };
    match said.and_then(|line| writeln!(io::stdout(), "{line}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody can be told if this fails too.
            writeln!(io::stderr(), "twoba-load: {error}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

/// The number behind an option, or `otherwise` where the option is not given.
fn option(options: &[&str], name: &str, otherwise: u64) -> io::Result<u64> {
    let place = options.iter().position(|word| *word == name);
    let Some(place) = place else {
        return Ok(otherwise);
    };
    let number = options.get(place + 1).and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{name} needs a number")))
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn measure(url: &str, options: &[&str]) -> io::Result<String> {
    let endpoint = Endpoint::parse(url)
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "not http://ADDRESS:PORT/PATH"))?;
    let server = option(options, "--server", 0)?;
    let plan = refreshes::Plan {
        connections: size(option(options, "--connections", 16)?).max(1),
        families: size(option(options, "--families", 1000)?),
        refreshes: option(options, "--refreshes", 100_000)?,
        server: u32::try_from(server).ok().filter(|server| *server > 0),
    };
    let measured = refreshes::run(&endpoint, &plan)?;
    Ok(format!(
        r#"{{"refreshes":{},"microseconds":{},"our_microseconds":{},"server_microseconds":{}}}"#,
        plan.refreshes,
        measured.elapsed.as_micros(),
        json(measured.ours),
        json(measured.servers),
    ))
}

fn json(span: Option<Duration>) -> String {
    span.map_or_else(|| "null".to_owned(), |span| span.as_micros().to_string())
}

fn race(options: &[&str]) -> io::Result<String> {
    let races = option(options, "--pairs", 100_000)?;
    let emulator = Emulator::builder().start()?;
    let endpoint = Endpoint::parse(&format!("{}/OAuth/Token", emulator.url()));
    let endpoint = endpoint.ok_or(ErrorKind::InvalidInput)?;
    let tally = pairs::run(&endpoint, races)?;
    let counts = emulator.counts();
    Ok(format!(
        r#"{{"one":{},"both":{},"neither":{},"strange":{},"won_by_the_last":{},"rotations":{},"reuse":{}}}"#,
        tally.one,
        tally.both,
        tally.neither,
        tally.strange,
        tally.won_by_the_last,
        counts.rotations,
        counts.reuse,
    ))
}

fn start(options: &[&str]) -> io::Result<String> {
    let mut spans = Vec::new();
    for _ in 0..option(options, "--starts", 100)?.max(1) {
        let begin = Instant::now();
        let emulator = Emulator::builder().start()?;
        spans.push(begin.elapsed().as_micros());
        drop(emulator);
    }
    spans.sort_unstable();
    let (median, longest) = (spans.get(spans.len() / 2), spans.last());
    Ok(format!(
        r#"{{"median_microseconds":{},"longest_microseconds":{}}}"#,
        median.copied().unwrap_or_default(),
        longest.copied().unwrap_or_default(),
    ))
}

fn serve_fixed() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    let (address, process) = (listener.local_addr()?, std::process::id());
    writeln!(out, r#"{{"url":"http://{address}","pid":{process}}}"#)?;
    out.flush()?;
    fixed::serve(&listener)?;
    Ok(String::new())
}
