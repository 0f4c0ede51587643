//! What one process of several does: it opens its store, says that it is ready, and works when it is told to.

use std::fs;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};
use twoba_async::Sessions;
use twoba_measure::Fault;

use crate::access::{Access, USER, key};
use crate::bare;
use crate::plan::{AT_ONCE, GRANTS, OPENED, PER_SECOND, PROCESSES};

/// How many logins of a process are under way at once. They wait for each other's commits.
const LOGINS_AT_ONCE: usize = 4 * AT_ONCE;

/// Works as `task` says, which ends with the number of this process.
pub(crate) fn run(task: &str, access: &[&str]) -> Result<(), Fault> {
    let access = Access::parse(access)?;
    let (task, number) = task.split_once(':').ok_or("no number of a process")?;
    let number: usize = number.parse()?;
    let runtime = Runtime::new()?;
    if task == "floor" {
        let floor = bare::Floor::open(&runtime, &access)?;
        let span = told_to_begin()?;
        return say(&floor.refresh_for(&runtime, span, number)?.to_string());
    }
    let sessions = access.sessions(&runtime)?;
    let turns = Turns::of(number);
    match task {
        "fill" => {
            told_to_begin()?;
            runtime.block_on(log_in(&sessions, number))
        }
        "refresh" => {
            let until = Instant::now() + told_to_begin()?;
            say(&runtime
                .block_on(refresh_until(&sessions, &turns, until))?
                .to_string())
        }
        "steady" => {
            let span = told_to_begin()?;
            let steady = refresh_steadily(&sessions, &turns, span);
            let (done, failed) = runtime.block_on(steady)?;
            say(&format!("{done} {failed}"))
        }
        "memory" => {
            told_to_begin()?;
            runtime.block_on(open_all(&sessions))
        }
        other => Err(format!("no such task: {other}").into()),
    }
}

fn say(line: &str) -> Result<(), Fault> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

/// Says that this process is ready. How long it has to work, once it is told to begin.
fn told_to_begin() -> Result<Duration, Fault> {
    say("ready")?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(Duration::from_secs_f64(line.trim().parse().unwrap_or(0.0)))
}

/// The sessions of one process, again and again in turn.
#[derive(Debug, Clone)]
struct Turns {
    process: usize,
    next: Arc<AtomicUsize>,
}

impl Turns {
    fn of(process: usize) -> Self {
        Self {
            process,
            next: Arc::default(),
        }
    }

    fn next(&self) -> usize {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        (turn * PROCESSES + self.process) % GRANTS
    }
}

async fn log_in(sessions: &Sessions, process: usize) -> Result<(), Fault> {
    let mut tasks = Vec::new();
    for first in 0..LOGINS_AT_ONCE {
        let sessions = sessions.clone();
        let numbers = (first * PROCESSES + process..GRANTS).step_by(LOGINS_AT_ONCE * PROCESSES);
        tasks.push(tokio::spawn(async move {
            let password = Access::password()?;
            for number in numbers {
                let session = sessions.open(&key(number))?;
                session.login(USER, &password).await?;
            }
            Ok::<_, Fault>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// How many sessions were refreshed, some at once, before the time was over.
async fn refresh_until(sessions: &Sessions, turns: &Turns, until: Instant) -> Result<u64, Fault> {
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let (sessions, turns) = (sessions.clone(), turns.clone());
        tasks.push(tokio::spawn(async move {
            let mut count = 0;
            while Instant::now() < until {
                sessions.open(&key(turns.next()))?.refresh().await?;
                count += 1;
            }
            Ok::<_, Fault>(count)
        }));
    }
    let mut all = 0;
    for task in tasks {
        all += task.await??;
    }
    Ok(all)
}

/// How many sessions were refreshed at an even pace, and how many were not. What fails is said, as the
/// machine may be too slow for the pace.
async fn refresh_steadily(
    sessions: &Sessions,
    turns: &Turns,
    span: Duration,
) -> Result<(u64, u64), Fault> {
    let every = Duration::from_secs(1) * u32::try_from(PROCESSES)? / PER_SECOND;
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let done = Arc::new(AtomicU64::new(0));
    let mut failed = 0;
    let (until, mut tasks) = (Instant::now() + span, tokio::task::JoinSet::new());
    while Instant::now() < until {
        ticks.tick().await;
        let (sessions, turns, done) = (sessions.clone(), turns.clone(), Arc::clone(&done));
        tasks.spawn(async move {
            sessions.open(&key(turns.next()))?.refresh().await?;
            done.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Fault>(())
        });
        while let Some(ended) = tasks.try_join_next() {
            failed += u64::from(has_failed(ended?));
        }
    }
    // What is under way now is late.
    let count = done.load(Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        failed += u64::from(has_failed(ended?));
    }
    Ok((count, failed))
}

/// Whether a refresh has failed, which is said.
fn has_failed(ended: Result<(), Fault>) -> bool {
    // Nobody can be told if this fails.
    let say = |fault: &Fault| writeln!(io::stderr(), "{fault}").unwrap_or_default();
    ended.inspect_err(say).is_err()
}

/// Opens many sessions, takes a token of each, and then once more. Says the memory before and after
/// each step, in kB.
async fn open_all(sessions: &Sessions) -> Result<(), Fault> {
    say(&resident()?.to_string())?;
    let opened = (0..OPENED).map(|number| sessions.open(&key(number)));
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    say(&resident()?.to_string())?;
    for _ in 0..2 {
        for part in opened.chunks(LOGINS_AT_ONCE) {
            let mut tasks = tokio::task::JoinSet::new();
            for session in part {
                let session = session.clone();
                tasks.spawn(async move { session.token().await.map(drop) });
            }
            while let Some(ended) = tasks.join_next().await {
                ended??;
            }
        }
        say(&resident()?.to_string())?;
    }
    Ok(())
}

/// The memory of this process that is in use, in kB.
fn resident() -> Result<u64, Fault> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number
        .ok_or("the system does not tell the memory")?
        .parse()?)
}
