use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use twoba_bench_clients::floor::Floor;
use twoba_bench_clients::server::Server;
use twoba_bench_clients::{Fault, ours};
#[inline(always)] fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
fn main() -> Result<(), Fault> {
    let job = std::env::args().nth(1).unwrap();
    let count: u64 = std::env::args().nth(2).unwrap().parse()?;
    let server = Server::start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let password = ours::password()?;
    let waits = twoba_async::Session::builder(ours::client(&server)?).open("default")?;
    runtime.block_on(waits.login(ours::USER, &password))?;
    let blocks = twoba_blocking::Session::builder(ours::client(&server)?).open("default")?;
    blocks.login(ours::USER, &password)?;
    let floor = Floor::default();
    let begin = Instant::now();
    match job.as_str() {
        "floor" => for _ in 0..count { black_box(floor.look(str::len)); },
        "now" => for _ in 0..count { black_box(std::time::SystemTime::now()); },
        "ab" => for _ in 0..count { { let f = pin!(waits.with_token(|token| token.expose().len())); match f.poll(&mut Context::from_waker(Waker::noop())) { Poll::Ready(Ok(n)) => { black_box(n); } _ => panic!() } } },
        "ao" => for _ in 0..count { { let f = pin!(waits.token()); match f.poll(&mut Context::from_waker(Waker::noop())) { Poll::Ready(Ok(n)) => { black_box(n); } _ => panic!() } } },
        "bb" => for _ in 0..count { black_box(blocks.with_token(|token| token.expose().len()).ok()); },
        "bo" => for _ in 0..count { black_box(blocks.token().ok()); },
        "ar" => runtime.block_on(async move { tokio::spawn(async move { for _ in 0..count { waits.refresh().await.unwrap(); } }).await })?,
        "bare" | "one" => { let bare = job == "bare";
            let http = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(30)).build()?;
            for _ in 0..count { let (http, url, waits) = (http.clone(), server.url(), waits.clone());
              runtime.block_on(runtime.spawn(async move {
                if bare { let r = http.post(&url).header("content-type", "application/x-www-form-urlencoded").body("grant_type=refresh_token&refresh_token=refresh-00000000000000000000&client_id=myApplication&client_secret=myApplicationSecret").send().await.unwrap(); r.bytes().await.unwrap(); }
                else { waits.refresh().await.unwrap(); } }))?; } }
        "br" => for _ in 0..count { blocks.refresh()?; },
        "core" => {
            use twoba_store::{MemoryStore, Store, SystemClock, Clock, drive};
            let store = MemoryStore::new();
            let client = std::sync::Arc::new(ours::client(&server)?);
            let key = twoba_core::SessionKey::parse("default")?;
            let answer = |n: u64| { let mut r = http::Response::new(format!("{{\"access_token\":\"access-{n:020}\",\"token_type\":\"bearer\",\"expires_in\":3600,\"refresh_token\":\"refresh-{n:020}\"}}").into_bytes()); r.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json")); r };
            let (_request, reply) = client.password("me", &password, SystemClock.now());
            let fresh = reply.received(SystemClock.now(), &answer(0)).map_err(|e| format!("{e:?}"))?;
            let mut session = twoba_core::Session::new(std::sync::Arc::clone(&client), &key, twoba_core::Seed::from_bytes([1;32]));
            let mut lease = store.try_lease(&key)?.unwrap();
            drive(session.adopt(fresh, None), &SystemClock, &mut *lease, |_| unreachable!())?;
            drop(lease);
            for n in 0..count {
                let mut session = twoba_core::Session::new(std::sync::Arc::clone(&client), &key, twoba_core::Seed::from_bytes([1;32]));
                let stored = store.read(&key)?;
                session.observe(stored.as_ref())?;
                let id = session.token_id().unwrap();
                let mut lease = store.try_lease(&key)?.unwrap();
                let stored = lease.load()?;
                drive(session.obtain(twoba_core::Want::Other(id), SystemClock.now(), stored), &SystemClock, &mut *lease, |r| { black_box(r); Ok(answer(n)) })?;
            }
        }
        _ => panic!(),
    }
    println!("{job} {:.1} ns", begin.elapsed().as_secs_f64() * 1e9 / count as f64);
    Ok(())
}
