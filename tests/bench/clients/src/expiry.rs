//! Many callers at the moment when the token expires.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huskarl::cache::TokenSource;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use twoba_bench_clients::go::Go;
use twoba_bench_clients::ours::{self, Time};
use twoba_bench_clients::peers::{self, Huskarl, YupStore};
use twoba_bench_clients::rounds::{Subject, interleaved};
use twoba_bench_clients::row::{Row, job};
use twoba_bench_clients::server::Server;
use twoba_bench_clients::{Fault, thread_of};

const DELAY: Duration = Duration::from_millis(50);
const ROUNDS: usize = 41;
const CALLERS: [usize; 2] = [1_000, 4_000];

/// The most that is wanted by Go's.
const LIMIT: f64 = 1.02;

/// Milliseconds until each of so many tasks has what it calls for.
fn storm<F>(
    runtime: &Runtime,
    callers: usize,
    call: impl Fn() -> F + Send + 'static,
) -> Result<f64, Fault>
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let all = async move {
        let begin = Instant::now();
        let callers: Vec<_> = (0..callers).map(|_| tokio::spawn(call())).collect();
        for caller in callers {
            caller.await??;
        }
        Ok(begin.elapsed().as_secs_f64() * 1e3)
    };
    runtime.block_on(runtime.spawn(all))?
}

/// The same for threads.
fn threads(session: &twoba_blocking::Session, callers: usize) -> Result<f64, Fault> {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let call = || session.token().map(drop);
        let callers = (0..callers).map(|_| thread_of(64).spawn_scoped(scope, call));
        let callers: Vec<_> = callers.collect::<Result<_, _>>()?;
        for caller in callers {
            caller.join().map_err(|_| "a caller panicked")??;
        }
        Ok(begin.elapsed().as_secs_f64() * 1e3)
    })
}

/// A folder for a store, on the disk or in memory, where the machine has such a place.
fn folder(disk: bool) -> Option<TempDir> {
    if disk {
        let program = std::env::current_exe().ok()?;
        return TempDir::new_in(program.parent()?).ok();
    }
    let memory = Path::new("/dev/shm");
    memory.is_dir().then(|| TempDir::new_in(memory).ok())?
}

/// Measures it.
pub(crate) fn run(go: Option<&str>) -> Result<Value, Fault> {
    let server = Server::start()?;
    let runtime = &Runtime::new()?;
    let time = &Time::default();
    let password = ours::password()?;
    let waiting = || {
        let client = ours::client(&server)?;
        Ok::<_, Fault>(twoba_async::Session::builder(client).clock(time.clock()))
    };
    let mut ours = vec![("twoba-async, store in memory", waiting()?.open("default")?)];
    let folders = [true, false].map(folder);
    let names = [
        "twoba-async, files on this disk",
        "twoba-async, files in memory",
    ];
    for (name, folder) in names.into_iter().zip(&folders) {
        if let Some(folder) = folder {
            let store = twoba_async::FileStore::open(folder.path().join("store"))?;
            ours.push((name, waiting()?.blocking_store(store).open("default")?));
        }
    }
    for (_, session) in &ours {
        runtime.block_on(session.login(ours::USER, &password))?;
    }
    let blocks = twoba_blocking::Session::builder(ours::client(&server)?)
        .clock(time.clock())
        .open("default")?;
    blocks.login(ours::USER, &password)?;
    let huskarl = Huskarl::new(&server, reqwest::Client::new())?;
    let huskarl = Arc::new(runtime.block_on(huskarl.session())?);
    let store = YupStore::default();
    let yup = runtime.block_on(peers::yup(&server, peers::hyper(), store.clone()))?;
    let go = go.map(Go::start).transpose()?.map(RefCell::new);
    server.set_delay(DELAY);
    let mut rows = Vec::new();
    for callers in CALLERS {
        let mut subjects = Vec::new();
        for (who, session) in &ours {
            subjects.push(Subject::new(who, || {
                time.expire();
                let session = session.clone();
                storm(runtime, callers, move || {
                    let session = session.clone();
                    async move { Ok(session.token().await.map(drop)?) }
                })
            }));
        }
        subjects.push(Subject::new("huskarl", || {
            huskarl.invalidate();
            let session = Arc::clone(&huskarl);
            storm(runtime, callers, move || {
                let session = Arc::clone(&session);
                async move { Ok(session.token().await.map(drop)?) }
            })
        }));
        subjects.push(Subject::new("yup-oauth2", || {
            store.expire();
            let session = yup.clone();
            storm(runtime, callers, move || {
                let session = session.clone();
                async move { Ok(session.token(&["all"]).await.map(drop)?) }
            })
        }));
        subjects.extend(go.as_ref().map(|go| of_go(go, &server, callers)));
        rows.extend(measured(&server, callers, subjects)?);
    }
    // Behind the others: whatever changes a published token afterwards looks at each thread.
    for callers in CALLERS {
        let mut subjects = vec![Subject::new("twoba-blocking, store in memory", || {
            time.expire();
            threads(&blocks, callers)
        })];
        subjects.extend(go.as_ref().map(|go| of_go(go, &server, callers)));
        rows.extend(measured(&server, callers, subjects)?);
    }
    Ok(job("expiry", &rows))
}

/// The reference.
fn of_go<'s>(go: &'s RefCell<Go>, server: &Server, callers: usize) -> Subject<'s> {
    let job = format!("expiry {callers} {}", server.url());
    Subject::new("x/oauth2", move || go.borrow_mut().measured(&job))
}

/// The rows for so many callers. Who fails is told apart, and keeps nobody else from the job.
fn measured(
    server: &Server,
    callers: usize,
    subjects: Vec<Subject<'_>>,
) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    let mut sound = Vec::new();
    let mut posts = Vec::new();
    for mut subject in subjects {
        let before = server.posts();
        match subject.once() {
            Ok(_) => {
                posts.push(server.posts() - before);
                sound.push(subject);
            }
            Err(fault) => rows.push(
                Row::new(format!("{}, {callers} callers", subject.who), "-").and(fault.to_string()),
            ),
        }
    }
    let figures = interleaved(ROUNDS, sound)?;
    let go = figures.iter().find(|figures| figures.who == "x/oauth2");
    for (its, posts) in figures.iter().zip(posts) {
        let row = Row::new(
            format!("{}, {callers} callers", its.who),
            format!("{:.1} ms", its.median()),
        );
        let wanted = its.who.starts_with("twoba-async").then_some(LIMIT);
        let row = row.drawn(its.median()).and(match posts {
            1 => "1 POST".to_owned(),
            posts => format!("{posts} POSTs"),
        });
        rows.push(match go {
            Some(go) => row.held(its.by(go), wanted),
            None => row,
        });
    }
    Ok(rows)
}
