//! temp
use std::hint::black_box;
use std::time::Instant;
use twoba_bench::*;
fn t(n: u32, mut f: impl FnMut()) -> f64 {
    let s = Instant::now();
    for _ in 0..n {
        f()
    }
    s.elapsed().as_nanos() as f64 / n as f64
}
fn tb(n: usize, mut f: impl FnMut(http::Response<Vec<u8>>)) -> f64 {
    let v: Vec<_> = (0..n).map(|_| response(200, ANSWER.as_bytes())).collect();
    let s = Instant::now();
    for r in v {
        f(r)
    }
    s.elapsed().as_nanos() as f64 / n as f64
}
fn ta(n: usize, o: &Ours) -> f64 {
    let v: Vec<_> = (0..n).map(|_| o.redirect()).collect();
    let s = Instant::now();
    for r in v {
        black_box(o.authorize(r));
    }
    s.elapsed().as_nanos() as f64 / n as f64
}
fn main() {
    let o = Ours::new().unwrap();
    let t_ = Theirs::new().unwrap();
    let a = response(200, ANSWER.as_bytes());
    let args: Vec<String> = std::env::args().collect();
    if args.len() > 1 {
        for _ in 0..400000 {
            match args[1].as_str() {
                "judge" => {
                    black_box(o.judge(&a));
                }
                "plain" => {
                    black_box(plain(&a));
                }
                "build" => o.build(),
                "auth" => {
                    black_box(o.authorize(o.redirect()));
                }
                "oauth" => {
                    black_box(t_.authorize());
                }
                "obuild" => t_.build(),
                _ => {}
            }
        }
        return;
    }
    let mut m = [f64::MAX; 10];
    for _ in 0..3000 {
        let r = [
            tb(100, |r| {
                black_box(o.password(r));
            }),
            tb(100, |r| {
                black_box(t_.password(r));
            }),
            tb(100, |r| {
                black_box(o.refresh(r));
            }),
            tb(100, |r| {
                black_box(t_.refresh(r));
            }),
            t(100, || o.build()),
            t(100, || t_.build()),
            t(100, || {
                black_box(o.judge(&a));
            }),
            t(100, || {
                black_box(plain(&a));
            }),
            ta(100, &o),
            t(100, || {
                black_box(t_.authorize());
            }),
        ];
        for i in 0..10 {
            if r[i] < m[i] {
                m[i] = r[i]
            }
        }
    }
    for (i, n) in ["password", "refresh", "build", "judge", "authorize"]
        .iter()
        .enumerate()
    {
        println!(
            "{n:10} {:7.0} {:7.0} {:.2}",
            m[2 * i],
            m[2 * i + 1],
            m[2 * i + 1] / m[2 * i]
        );
    }
}
