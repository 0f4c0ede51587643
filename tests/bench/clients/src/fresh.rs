//! The job of nearly every call: a token that is usable and not due.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use huskarl::cache::TokenSource;
use serde_json::Value;
use tokio::runtime::Runtime;
use twoba_bench_clients::counting::count;
use twoba_bench_clients::floor::Floor;
use twoba_bench_clients::go::Go;
use twoba_bench_clients::peers::{self, Huskarl, HuskarlSession, YupSession, YupStore};
use twoba_bench_clients::rounds::{Subject, interleaved, nanoseconds};
use twoba_bench_clients::row::{Row, job};
use twoba_bench_clients::server::Server;
use twoba_bench_clients::{Fault, ours};

const ROUNDS: usize = 401;
const CALLS: u32 = 20_000;

/// The most that is wanted by the floor's: of a token that is borrowed with one thread and with
/// two, and of one that is owned.
const BORROWED: [f64; 2] = [1.2, 1.2];
const OWNED: [f64; 2] = [1.4, 2.4];

/// Something to measure, by how many threads call it and how often.
type Timed<'s> = Box<dyn Fn(usize, u32) -> f64 + 's>;

/// Who does the job, how one call of it is measured and counted, and the most that is wanted.
struct Contender<'s> {
    who: &'static str,
    timed: Timed<'s>,
    calls: Option<usize>,
    limits: [Option<f64>; 2],
}

/// Takes one call and makes the ways to measure it.
macro_rules! contender {
    ($who:expr, $limits:expr, $call:expr) => {{
        // What is made once a thread is not counted.
        std::hint::black_box($call);
        let (output, allocated) = count(|| $call);
        std::hint::black_box(output);
        Contender {
            who: $who,
            timed: Box::new(|threads, calls| nanoseconds(threads, calls, || $call)),
            calls: Some(allocated.calls),
            limits: $limits,
        }
    }};
}

/// What a future brings that is ready when it is polled once; else this panics. A macro, so that
/// the future lies where it was made, as behind `.await`.
macro_rules! at_once {
    ($future:expr) => {
        match pin!($future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(output)) => output,
            Poll::Ready(Err(_)) | Poll::Pending => panic!("no token at once"),
        }
    };
}

/// All sessions, each with a token.
struct Sessions {
    waits: twoba_async::Session,
    blocks: twoba_blocking::Session,
    huskarl: HuskarlSession,
    yup: YupSession,
}

impl Sessions {
    fn new(server: &Server, runtime: &Runtime) -> Result<Self, Fault> {
        let password = ours::password()?;
        let waits = twoba_async::Session::builder(ours::client(server)?).open("default")?;
        runtime.block_on(waits.login(ours::USER, &password))?;
        let blocks = twoba_blocking::Session::builder(ours::client(server)?).open("default")?;
        blocks.login(ours::USER, &password)?;
        let huskarl = Huskarl::new(server, reqwest::Client::new())?;
        let huskarl = runtime.block_on(huskarl.session())?;
        runtime.block_on(huskarl.token())?;
        let yup = peers::yup(server, peers::hyper(), YupStore::default());
        let yup = runtime.block_on(yup)?;
        runtime.block_on(yup.token(&["all"]))?;
        Ok(Self {
            waits,
            blocks,
            huskarl,
            yup,
        })
    }
}

/// Measures it.
pub(crate) fn run(go: Option<&str>) -> Result<Value, Fault> {
    let server = Server::start()?;
    let runtime = Runtime::new()?;
    let Sessions {
        waits,
        blocks,
        huskarl,
        yup,
    } = &Sessions::new(&server, &runtime)?;
    let floor = &Floor::default();
    let none = [None; 2];
    let go = go.map(Go::start).transpose()?.map(RefCell::new);
    let mut contenders = vec![
        contender!("the floor", none, floor.look(str::len)),
        contender!(
            "twoba-async, borrowed",
            BORROWED.map(Some),
            at_once!(waits.with_token(|token| token.expose().len()))
        ),
        contender!(
            "twoba-async, owned",
            OWNED.map(Some),
            at_once!(waits.token())
        ),
        contender!(
            "twoba-blocking, borrowed",
            BORROWED.map(Some),
            blocks.with_token(|token| token.expose().len()).ok()
        ),
        contender!(
            "twoba-blocking, owned",
            OWNED.map(Some),
            blocks.token().ok()
        ),
        contender!("huskarl, a shared answer", none, at_once!(huskarl.token())),
        contender!("yup-oauth2, a copy", none, at_once!(yup.token(&["all"]))),
    ];
    if let Some(go) = &go {
        let url = server.url();
        let timed = move |threads, calls| {
            let job = format!("fresh {threads} {calls} {url}");
            go.borrow_mut().measured(&job).unwrap_or(f64::NAN)
        };
        contenders.push(Contender {
            who: "x/oauth2, a shared pointer",
            timed: Box::new(timed),
            calls: None,
            limits: none,
        });
    }
    let mut rows = Vec::new();
    for (place, words) in ["1 thread", "2 threads"].into_iter().enumerate() {
        let subjects = contenders.iter().map(|Contender { who, timed, .. }| {
            Subject::new(who, move || Ok(timed(place + 1, CALLS)))
        });
        let figures = interleaved(ROUNDS, subjects.collect())?;
        for (contender, its) in contenders.iter().zip(&figures) {
            let row = Row::new(
                format!("{}, {words}", contender.who),
                format!("{:.1} ns", its.median()),
            );
            let calls = contender.calls.map(|calls| match calls {
                1 => "1 allocation".to_owned(),
                calls => format!("{calls} allocations"),
            });
            let row = row
                .held(its.by(&figures[0]), contender.limits[place])
                .and(calls.unwrap_or_default());
            rows.push(if place == 0 {
                row.drawn(its.median())
            } else {
                row
            });
        }
    }
    Ok(job("fresh", &rows))
}
