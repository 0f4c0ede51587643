//! Wall time, by criterion. What each group compares stands in `cargo xtask bench`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use twoba_bench::{ANSWER, Fault, LARGEST, LISTS, Ours, SHAPES, Theirs, plain, response};

fn main() -> Result<(), Fault> {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    compare(&mut criterion, &Ours::new()?, &Theirs::new()?);
    large(&mut criterion, &Ours::new()?);
    lists(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

fn compare(criterion: &mut Criterion, ours: &Ours, theirs: &Theirs) {
    let answer = || response(200, ANSWER.as_bytes());
    assert!(ours.password(answer()).is_some() && theirs.password(answer()).is_some());
    assert!(plain(&answer()).is_some());

    let mut group = criterion.benchmark_group("password");
    group.bench_function("twoba", |b| {
        b.iter_batched(
            answer,
            |answer| ours.password(answer),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("oauth2", |b| {
        b.iter_batched(
            answer,
            |answer| theirs.password(answer),
            BatchSize::SmallInput,
        );
    });
    group.finish();

    let mut group = criterion.benchmark_group("refresh");
    group.bench_function("twoba", |b| {
        b.iter_batched(answer, |answer| ours.refresh(answer), BatchSize::SmallInput);
    });
    group.bench_function("oauth2", |b| {
        b.iter_batched(
            answer,
            |answer| theirs.refresh(answer),
            BatchSize::SmallInput,
        );
    });
    group.finish();

    let mut group = criterion.benchmark_group("build");
    group.bench_function("twoba", |b| b.iter(|| ours.build()));
    group.bench_function("oauth2", |b| b.iter(|| theirs.build()));
    group.finish();

    let answer = answer();
    let mut group = criterion.benchmark_group("judge");
    group.bench_function("twoba", |b| b.iter(|| ours.judge(black_box(&answer))));
    group.bench_function("serde_json", |b| b.iter(|| plain(black_box(&answer))));
    group.finish();

    let mut group = criterion.benchmark_group("authorize");
    group.bench_function("twoba", |b| {
        b.iter_batched(
            || ours.redirect(),
            |uri| ours.authorize(uri),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("oauth2", |b| b.iter(|| theirs.authorize()));
    group.finish();
}

/// Pages of 1,000 items.
fn lists(criterion: &mut Criterion) -> Result<(), Fault> {
    let mut group = criterion.benchmark_group("lists");
    group.sample_size(50);
    for (place, list) in LISTS.iter().enumerate() {
        let page = list.page()?;
        group.throughput(Throughput::Bytes(page.body().len() as u64));
        let id = |who| BenchmarkId::new(place.to_string(), who);
        group.bench_function(id("twoba"), |b| b.iter(|| list.ours(black_box(&page))));
        group.bench_function(id("serde_json"), |b| {
            b.iter(|| list.plain(black_box(&page)))
        });
    }
    group.finish();
    Ok(())
}

/// A quarter and the whole of the largest body: four times the time where it is linear.
fn large(criterion: &mut Criterion, ours: &Ours) {
    let mut group = criterion.benchmark_group("large");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    for (place, shape) in SHAPES.iter().enumerate() {
        for length in [LARGEST / 4, LARGEST] {
            let response = shape.response(length);
            group.throughput(Throughput::Bytes(response.body().len() as u64));
            let id = BenchmarkId::new(format!("{place:02}"), length);
            group.bench_function(id, |b| b.iter(|| ours.judge(black_box(&response))));
        }
    }
    group.finish();
}
