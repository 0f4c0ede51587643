//! Very many sessions in one process.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::header::{CONTENT_TYPE, HeaderValue};
use huskarl::cache::TokenSource;
use huskarl::grant::core::RawTokenResponse;
use serde_json::Value;
use tokio::runtime::Runtime;
use twoba_bench_clients::counting::{Allocated, count};
use twoba_bench_clients::go::Go;
use twoba_bench_clients::peers::{self, Huskarl, YupStore};
use twoba_bench_clients::rounds::{Subject, interleaved};
use twoba_bench_clients::row::{Row, job};
use twoba_bench_clients::server::Server;
use twoba_bench_clients::{Fault, ours};
use twoba_core::{
    Change, Client, Durable, Password, Seed, Session, SessionKey, Step, StoredGrant, Timestamp,
};
use twoba_store::{ApplyError, Clock, Due, Lease, Listed, Store, StoreError, SystemClock};

/// How many of ours are open at once.
const SESSIONS: usize = 1_000_000;
/// How many of the peers', which need more memory or a request for each.
const PEERS: usize = 20_000;
const ROUNDS: usize = 7;

/// The most that is wanted: bytes a session, times an insert, and bytes for the first.
const EACH: f64 = 700.0;
const OPENING: f64 = 4.0;
const FIRST: f64 = 108_000.0;

/// The access token of every answer.
const TOKEN: &str = "access-00000000000000000000";
const ANSWER: &str = "{\"access_token\":\"access-00000000000000000000\",\"token_type\":\"bearer\",\
    \"expires_in\":3600,\"refresh_token\":\"refresh-00000000000000000000\"}";

/// A store in which everybody is logged in, and which keeps nothing: its own bytes are none.
struct Everybody {
    client: Arc<Client>,
    password: Password,
}

impl Everybody {
    fn record(&self, key: &SessionKey) -> Option<StoredGrant> {
        let now = SystemClock.now();
        let mut answer = http::Response::new(ANSWER);
        let json = HeaderValue::from_static("application/json");
        answer.headers_mut().insert(CONTENT_TYPE, json);
        let (_, reply) = self.client.password(ours::USER, &self.password, now);
        let fresh = reply.received(now, &answer).ok()?;
        let seed = Seed::from_bytes([1; 32]);
        match Session::new(Arc::clone(&self.client), key, seed).adopt(fresh, None) {
            Step::Save(change, _) => Some(change.record().clone()),
            Step::Send(..) | Step::Done(_) => None,
        }
    }
}

/// Nobody refreshes here.
fn unused<T>() -> Result<T, StoreError> {
    Err(StoreError::NoRescue)
}

impl Store for Everybody {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        Ok(self.record(key))
    }

    fn try_lease(&self, _: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        unused()
    }

    fn change(&self, _: &SessionKey, _: &Change) -> Result<Durable, ApplyError> {
        Ok(unused()?)
    }

    fn probe(&self, _: &SessionKey) -> Result<(), StoreError> {
        unused()
    }

    fn due(&self, _: Due, _: Timestamp, _: usize) -> Result<Vec<SessionKey>, StoreError> {
        unused()
    }

    fn list(&self, _: Option<&SessionKey>, _: usize) -> Result<Vec<Listed>, StoreError> {
        unused()
    }

    fn rescue(&self, _: &SessionKey, _: &StoredGrant) -> Result<(), StoreError> {
        unused()
    }

    fn rescued(&self, _: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        unused()
    }
}

fn key(number: usize) -> String {
    format!("installer-{number:07}")
}

/// The bytes for each of so many, token texts apart.
fn each(allocated: Allocated, count: usize) -> f64 {
    allocated.live as f64 / count as f64 - TOKEN.len() as f64
}

fn bytes(who: &str, bytes: f64, limit: Option<f64>, more: &str) -> Row {
    let row = Row::new(who, format!("{bytes:.0} bytes")).and(more);
    match limit {
        Some(_) => row.held(bytes, limit),
        None => row,
    }
}

/// Measures it.
pub(crate) fn run(go: Option<&str>) -> Result<Value, Fault> {
    let server = Server::start()?;
    let runtime = &Runtime::new()?;
    let mut rows = vec![];
    rows.extend(waiting(&server, runtime)?);
    rows.extend(blocking(&server)?);
    rows.push(huskarl(&server, runtime)?);
    rows.push(yup(&server, runtime)?);
    if let Some(go) = go {
        let job = format!("sessions {PEERS} {}", server.url());
        let live = Go::start(go)?.measured(&job)?;
        let more = "by Go's own count, with its refresh token";
        rows.push(bytes("x/oauth2, a token source", live, None, more));
    }
    rows.extend(opening(&server)?);
    Ok(job("sessions", &rows))
}

fn everybody(server: &Server) -> Result<Everybody, Fault> {
    Ok(Everybody {
        client: Arc::new(ours::client(server)?),
        password: ours::password()?,
    })
}

fn waiting(server: &Server, runtime: &Runtime) -> Result<[Row; 2], Fault> {
    let client = ours::client(server)?;
    let (one, first) = count(|| twoba_async::Session::builder(client).open("default"));
    let one = one?;
    let store = twoba_store::Direct::new(everybody(server)?);
    let sessions = twoba_async::Sessions::builder(ours::client(server)?)
        .store(store)
        .build()?;
    let (all, allocated) = count(|| {
        runtime.block_on(async {
            let mut all = Vec::with_capacity(SESSIONS);
            for number in 0..SESSIONS {
                let session = sessions.open(&key(number))?;
                session.token().await?;
                all.push(session);
            }
            Ok::<_, Fault>(all)
        })
    });
    drop((all?, one));
    Ok(ours("twoba-async", first, allocated))
}

fn blocking(server: &Server) -> Result<[Row; 2], Fault> {
    let client = ours::client(server)?;
    let (one, first) = count(|| twoba_blocking::Session::builder(client).open("default"));
    let one = one?;
    let sessions = twoba_blocking::Sessions::builder(ours::client(server)?)
        .store(everybody(server)?)
        .build();
    let (all, allocated) = count(|| {
        let mut all = Vec::with_capacity(SESSIONS);
        for number in 0..SESSIONS {
            let session = sessions.open(&key(number))?;
            session.token()?;
            all.push(session);
        }
        Ok::<_, Fault>(all)
    });
    drop((all?, one));
    Ok(ours("twoba-blocking", first, allocated))
}

fn ours(who: &str, first: Allocated, allocated: Allocated) -> [Row; 2] {
    let many = format!("{SESSIONS} open at once, a token published of each");
    [
        bytes(
            &format!("{who}, one of many sessions"),
            each(allocated, SESSIONS),
            Some(EACH),
            &many,
        ),
        bytes(
            &format!("{who}, the first session of a client"),
            first.live as f64,
            Some(FIRST),
            "",
        ),
    ]
}

fn huskarl(server: &Server, runtime: &Runtime) -> Result<Row, Fault> {
    let huskarl = Huskarl::new(server, reqwest::Client::new())?;
    let (all, allocated) = count(|| {
        runtime.block_on(async {
            let mut all = Vec::with_capacity(PEERS);
            for _ in 0..PEERS {
                let session = huskarl.session().await?;
                let answer: RawTokenResponse = serde_json::from_str(ANSWER)?;
                let answer = answer.into_token_response(None, SystemTime::now())?;
                session.source().prime(answer).await?;
                session.token().await?;
                all.push(session);
            }
            Ok::<_, Fault>(all)
        })
    });
    drop(all?);
    let live = each(allocated, PEERS);
    let more = "with its refresh token, which it keeps in memory";
    Ok(bytes("huskarl, a cache with its source", live, None, more))
}

fn yup(server: &Server, runtime: &Runtime) -> Result<Row, Fault> {
    let http = peers::hyper();
    let (all, allocated) = count(|| {
        runtime.block_on(async {
            let mut all = Vec::with_capacity(PEERS);
            for _ in 0..PEERS {
                let session = peers::yup(server, http.clone(), YupStore::default()).await?;
                session.token(&["all"]).await?;
                all.push(session);
            }
            Ok::<_, Fault>(all)
        })
    });
    drop(all?);
    let live = each(allocated, PEERS);
    let more = "with its refresh token, which its store keeps";
    Ok(bytes("yup-oauth2, an authenticator", live, None, more))
}

/// Opening as many sessions, beside as many inserts into a map.
fn opening(server: &Server) -> Result<Vec<Row>, Fault> {
    let each = |begin: Instant| begin.elapsed().as_secs_f64() * 1e9 / SESSIONS as f64;
    let inserts = Subject::new("an insert into a hash map", || {
        let mut map = HashMap::<String, usize, RandomState>::new();
        let begin = Instant::now();
        for number in 0..SESSIONS {
            map.insert(key(number), number);
        }
        Ok(each(begin))
    });
    let waits = Subject::new("twoba-async, opening a session", || {
        let sessions = twoba_async::Sessions::builder(ours::client(server)?).build()?;
        let begin = Instant::now();
        for number in 0..SESSIONS {
            drop(sessions.open(&key(number))?);
        }
        Ok(each(begin))
    });
    let blocks = Subject::new("twoba-blocking, opening a session", || {
        let sessions = twoba_blocking::Sessions::builder(ours::client(server)?).build();
        let begin = Instant::now();
        for number in 0..SESSIONS {
            drop(sessions.open(&key(number))?);
        }
        Ok(each(begin))
    });
    let figures = interleaved(ROUNDS, vec![inserts, waits, blocks])?;
    let rows = figures.iter().map(|its| {
        let limit = its.who.starts_with("twoba").then_some(OPENING);
        Row::new(its.who, format!("{:.0} ns", its.median()))
            .held(its.by(&figures[0]), limit)
            .and("the first time, of as many")
    });
    Ok(rows.collect())
}
