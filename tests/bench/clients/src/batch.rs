//! The job of a shop: 10,000 rows of `twoba batch`, beside a client that asks the same and does nothing
//! else.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::Value;
use twoba_bench_clients::Fault;
use twoba_bench_clients::rounds::{Subject, interleaved};
use twoba_bench_clients::row::{Row, job};

/// How many rows are asked, and how many calls are out at once.
const ROWS: usize = 10_000;
const AT_ONCE: usize = 16;
const ROUNDS: usize = 3;

/// The most that is wanted of the time by that of the bare client: 60 % of its requests a second.
const LIMIT: f64 = 1.0 / 0.6;

/// The variable with the program `twoba`, as it was built for this.
const PROGRAM: &str = "TWOBA_PROGRAM";

/// The emulator in a process of its own, and somebody who is logged in there.
struct Scene {
    program: String,
    emulator: Child,
    url: String,
    folder: tempfile::TempDir,
}

impl Drop for Scene {
    fn drop(&mut self) {
        // It holds nothing that could be lost.
        drop(self.emulator.kill());
        drop(self.emulator.wait());
    }
}

impl Scene {
    fn new(program: String) -> Result<Self, Fault> {
        let mut emulator = Command::new(&program)
            .args([
                "emulator",
                "--listen",
                "127.0.0.1:0",
                "--json",
                "--token-lifetime",
                "1h",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let output = emulator.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let url = told
            .get("url")
            .and_then(Value::as_str)
            .ok_or("no address")?;
        let scene = Self {
            url: url.to_owned(),
            program,
            emulator,
            folder: tempfile::tempdir()?,
        };
        let rows: String = (0..ROWS).map(|row| format!("word {row}\n")).collect();
        fs::write(scene.folder.path().join("rows"), rows)?;
        scene.twoba(&["login", "--password"])?;
        Ok(scene)
    }

    /// Runs the program to its end: its output.
    fn twoba(&self, words: &[&str]) -> Result<String, Fault> {
        let said = Command::new(&self.program)
            .args(words)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TWOBA_TOKEN_URL", format!("{}/OAuth/Token", self.url))
            .env("TWOBA_SERVICE_URL", format!("{}/1/json", self.url))
            .env("TWOBA_CLIENT_ID", "myApplication")
            .env("TWOBA_CLIENT_SECRET", "myApplicationSecret")
            .env("TWOBA_USERNAME", "demo@example.com")
            .env("TWOBA_PASSWORD", "myPassword")
            .current_dir(self.folder.path())
            .output()?;
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).into());
        }
        Ok(String::from_utf8(said.stdout)?)
    }

    /// The seconds of a whole call of `twoba batch`.
    fn batch(&self) -> Result<f64, Fault> {
        let since = Instant::now();
        let at_once = AT_ONCE.to_string();
        self.twoba(&[
            "batch",
            "Product/Search",
            "--from",
            "rows",
            "--out",
            "out",
            "--replace",
            "--at-once",
            &at_once,
        ])?;
        let seconds = since.elapsed().as_secs_f64();
        let written = fs::read_to_string(self.folder.path().join("out"))?;
        match written.lines().count() == ROWS {
            true => Ok(seconds),
            false => Err("rows are missing".into()),
        }
    }

    /// The seconds of the same calls by threads that read the answers and drop them.
    fn bare(&self) -> Result<f64, Fault> {
        let token = self.twoba(&["token", "--format", "header"])?;
        let (_, token) = token.trim().split_once(": ").ok_or("no header")?;
        let agent = ureq::Agent::config_builder()
            .max_idle_connections_per_host(AT_ONCE)
            .max_idle_connections(AT_ONCE)
            .build()
            .new_agent();
        let next = AtomicUsize::new(0);
        let ask = || -> Result<(), Fault> {
            loop {
                let row = next.fetch_add(1, Ordering::Relaxed);
                if row >= ROWS {
                    return Ok(());
                }
                let address = format!("{}/1/json/Product/Search?query=word+{row}", self.url);
                let mut answer = agent.get(address).header("Authorization", token).call()?;
                answer.body_mut().read_to_vec()?;
            }
        };
        let since = Instant::now();
        thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().try_for_each(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a thread panicked".into()))
            })
        })?;
        Ok(since.elapsed().as_secs_f64())
    }
}

pub(crate) fn run(_: Option<&str>) -> Result<Value, Fault> {
    let program = std::env::var(PROGRAM).map_err(|_| format!("{PROGRAM} names no program"))?;
    if !Path::new(&program).is_file() {
        return Err(format!("{program} is not there").into());
    }
    let scene = Scene::new(program)?;
    let figures = interleaved(
        ROUNDS,
        vec![
            Subject::new("a bare ureq client", || scene.bare()),
            Subject::new("twoba batch", || scene.batch()),
        ],
    )?;
    let [bare, batch] = &figures[..] else {
        return Err("a subject is missing".into());
    };
    let took = |seconds: f64| format!("{:.0} ms", seconds * 1000.0);
    let rate = |seconds: f64| format!("{:.0} requests a second", ROWS as f64 / seconds);
    let ratio = batch.by(bare);
    let rows = [
        Row::new(bare.who, took(bare.median()))
            .held(1.0, None)
            .drawn(bare.median())
            .and(rate(bare.median())),
        Row::new(batch.who, took(batch.median()))
            .held(ratio, Some(LIMIT))
            .drawn(batch.median())
            .and(format!(
                "{}, {:.0} % of the bare client's",
                rate(batch.median()),
                100.0 / ratio
            )),
    ];
    Ok(job("batch", &rows))
}
