//! One refresh, and what the bare transport needs for the same request.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huskarl::cache::TokenSource;
use serde_json::Value;
use tokio::runtime::Runtime;
use twoba_bench_clients::counting::count;
use twoba_bench_clients::go::Go;
use twoba_bench_clients::peers::{self, Huskarl, YupStore};
use twoba_bench_clients::rounds::{Subject, interleaved};
use twoba_bench_clients::row::{Row, job};
use twoba_bench_clients::server::Server;
use twoba_bench_clients::{Fault, ours};

const ROUNDS: usize = 301;
const CALLS: u32 = 10;

/// The most that is wanted by the bare transport's.
const LIMIT: f64 = 1.10;

/// How long a connection for token requests may have lain idle.
const IDLE: Duration = Duration::from_millis(250);
const CONNECT: Duration = Duration::from_secs(10);
const TOTAL: Duration = Duration::from_secs(30);

const FORM: &str = "grant_type=refresh_token&refresh_token=refresh-00000000000000000000&\
    client_id=myApplication&client_secret=myApplicationSecret";
const HEADERS: [(&str, &str); 2] = [
    ("accept", "application/json"),
    ("content-type", "application/x-www-form-urlencoded"),
];

/// Microseconds for one call, each in a task of its own.
fn in_tasks<F>(runtime: &Runtime, calls: u32, call: impl Fn() -> F) -> Result<f64, Fault>
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let mut spent = 0.0;
    for _ in 0..calls {
        let work = call();
        let task = runtime.spawn(async move {
            let begin = Instant::now();
            work.await?;
            Ok::<_, Fault>(begin.elapsed().as_secs_f64())
        });
        spent += runtime.block_on(task)??;
    }
    Ok(spent * 1e6 / f64::from(calls))
}

/// The same for calls that block.
fn in_turn(calls: u32, call: impl Fn() -> Result<(), Fault>) -> Result<f64, Fault> {
    let begin = Instant::now();
    for _ in 0..calls {
        call()?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(calls))
}

/// reqwest as the adapter sets it.
fn reqwest() -> Result<reqwest::Client, Fault> {
    let http = reqwest::Client::builder()
        .user_agent("bench")
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(IDLE)
        .connect_timeout(CONNECT)
        .timeout(TOTAL);
    Ok(http.build()?)
}

/// ureq as the adapter sets it.
fn ureq() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .user_agent("bench")
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_age(IDLE)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(TOTAL))
        .proxy(None);
    ureq::Agent::new_with_config(config.build())
}

async fn post(http: reqwest::Client, url: String) -> Result<(), Fault> {
    let mut request = http.post(url);
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    let answer = request.body(FORM).send().await?;
    match answer.bytes().await?.is_empty() {
        false => Ok(()),
        true => Err("no answer".into()),
    }
}

fn post_blocking(agent: &ureq::Agent, url: &str) -> Result<(), Fault> {
    let mut request = agent.post(url);
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    match request.send(FORM)?.into_body().read_to_vec()?.is_empty() {
        false => Ok(()),
        true => Err("no answer".into()),
    }
}

/// A way to do so many calls.
type Calls<'s> = Box<dyn Fn(u32) -> Result<f64, Fault> + 's>;

/// Who refreshes, and who sends the same bare.
struct Pair<'s> {
    who: &'static str,
    bare: &'static str,
    limit: Option<f64>,
    calls: Calls<'s>,
}

/// Measures it.
pub(crate) fn run(go: Option<&str>) -> Result<Value, Fault> {
    let server = Server::start()?;
    let runtime = &Runtime::new()?;
    let password = ours::password()?;
    let waits = twoba_async::Session::builder(ours::client(&server)?).open("default")?;
    runtime.block_on(waits.login(ours::USER, &password))?;
    let blocks = twoba_blocking::Session::builder(ours::client(&server)?).open("default")?;
    blocks.login(ours::USER, &password)?;
    let http = reqwest()?;
    let agent = ureq();
    let huskarl = Huskarl::new(&server, http.clone())?;
    let huskarl = Arc::new(runtime.block_on(huskarl.session())?);
    let store = YupStore::default();
    let yup = runtime.block_on(peers::yup(&server, peers::hyper(), store))?;
    let go = go.map(Go::start).transpose()?.map(RefCell::new);
    let mut pairs = vec![
        Pair {
            who: "bare reqwest",
            bare: "bare reqwest",
            limit: None,
            calls: Box::new(|calls| in_tasks(runtime, calls, || post(http.clone(), server.url()))),
        },
        Pair {
            who: "twoba-async",
            bare: "bare reqwest",
            limit: Some(LIMIT),
            calls: Box::new(|calls| {
                in_tasks(runtime, calls, || {
                    let session = waits.clone();
                    async move { Ok(session.refresh().await.map(drop)?) }
                })
            }),
        },
        Pair {
            who: "bare ureq",
            bare: "bare ureq",
            limit: None,
            calls: Box::new(|calls| in_turn(calls, || post_blocking(&agent, &server.url()))),
        },
        Pair {
            who: "twoba-blocking",
            bare: "bare ureq",
            limit: Some(LIMIT),
            calls: Box::new(|calls| in_turn(calls, || Ok(blocks.refresh().map(drop)?))),
        },
        Pair {
            who: "huskarl",
            bare: "bare reqwest",
            limit: None,
            calls: Box::new(|calls| {
                in_tasks(runtime, calls, || {
                    let session = Arc::clone(&huskarl);
                    async move {
                        session.invalidate();
                        Ok(session.token().await.map(drop)?)
                    }
                })
            }),
        },
        Pair {
            who: "yup-oauth2",
            bare: "bare reqwest",
            limit: None,
            calls: Box::new(|calls| {
                in_tasks(runtime, calls, || {
                    let session = yup.clone();
                    async move { Ok(session.force_refreshed_token(&["all"]).await.map(drop)?) }
                })
            }),
        },
    ];
    if let Some(go) = &go {
        let url = server.url();
        pairs.push(Pair {
            who: "x/oauth2",
            bare: "bare reqwest",
            limit: None,
            calls: Box::new(move |calls| {
                go.borrow_mut().measured(&format!("refresh {calls} {url}"))
            }),
        });
    }
    let mut allocations = Vec::new();
    for pair in &pairs {
        allocations.push(fewest(&pair.calls)?);
    }
    let subjects = pairs
        .iter()
        .map(|Pair { who, calls, .. }| Subject::new(who, move || calls(CALLS)));
    let figures = interleaved(ROUNDS, subjects.collect())?;
    let mut rows = Vec::new();
    for ((pair, its), allocations) in pairs.iter().zip(&figures).zip(allocations) {
        let bare = figures.iter().find(|figures| figures.who == pair.bare);
        let row = Row::new(pair.who, format!("{:.1} µs", its.median())).drawn(its.median());
        let row = row.held(bare.map_or(f64::NAN, |bare| its.by(bare)), pair.limit);
        rows.push(match pair.who {
            "x/oauth2" => row,
            _ => row.and(format!("{allocations} allocations")),
        });
    }
    Ok(job("refresh", &rows))
}

/// The allocations of one call: the fewest of some, because a client makes new room now and then.
fn fewest(calls: &Calls<'_>) -> Result<usize, Fault> {
    calls(1)?;
    let mut fewest = usize::MAX;
    for _ in 0..20 {
        let (done, allocated) = count(|| calls(1));
        done?;
        fewest = fewest.min(allocated.calls);
    }
    Ok(fewest)
}
