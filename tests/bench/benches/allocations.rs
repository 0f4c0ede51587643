//! Allocations, counted exactly by an allocator that passes everything on to the system's.
//!
//! What is counted is what one call does: its inputs are made before. The counts go as JSON
//! to the file that `TWOBA_BENCH_ALLOCATIONS` names, or to standard output.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::{Value, json};
use twoba_bench::{ANSWER, Fault, LARGEST, LISTS, Ours, SHAPES, Theirs, plain, response};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static CALLS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

impl Counting {
    fn grown(size: usize) {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(size, Relaxed);
        let live = LIVE.fetch_add(size, Relaxed) + size;
        PEAK.fetch_max(live, Relaxed);
    }
}

#[allow(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; every call goes on to the system's as it came"
)]
// SAFETY: each method hands its arguments to `System`, whose contract is the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::grown(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    /// Counts as one call, and the block at its new size: large ones are grown in place, by
    /// pages.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size(), Relaxed);
        Self::grown(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What one call allocated: how often, how many bytes in all, and how many at once.
fn count<T>(call: impl FnOnce() -> T) -> Value {
    let live = LIVE.load(Relaxed);
    CALLS.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    PEAK.store(live, Relaxed);
    let outcome = black_box(call());
    // Read before anything is put together, which allocates too.
    let (calls, bytes, peak) = (CALLS.load(Relaxed), BYTES.load(Relaxed), PEAK.load(Relaxed));
    drop(outcome);
    json!({ "calls": calls, "bytes": bytes, "peak": peak - live })
}

/// The same call twice, so that what is made once a thread is not counted.
fn settled<T>(mut input: impl FnMut() -> T, mut call: impl FnMut(T)) -> Value {
    call(input());
    let made = input();
    count(|| call(made))
}

fn main() -> Result<(), Fault> {
    let (ours, theirs) = (Ours::new()?, Theirs::new()?);
    let answer = || response(200, ANSWER.as_bytes());
    let one = answer();
    let mut large = Vec::new();
    for shape in &SHAPES {
        let response = shape.response(LARGEST);
        let mut counts = settled(|| (), |()| drop(black_box(ours.judge(&response))));
        counts["name"] = json!(shape.name);
        counts["body"] = json!(response.body().len());
        large.push(counts);
    }
    let mut lists = Vec::new();
    for list in &LISTS {
        let page = list.page()?;
        lists.push(json!({
            "name": list.name,
            "twoba": settled(|| (), |()| drop(black_box(list.ours(&page)))),
            "serde_json": settled(|| (), |()| drop(black_box(list.plain(&page)))),
        }));
    }
    let counts = json!({
        "password": {
            "twoba": settled(answer, |a| drop(black_box(ours.password(a)))),
            "oauth2": settled(answer, |a| drop(black_box(theirs.password(a)))),
        },
        "refresh": {
            "twoba": settled(answer, |a| drop(black_box(ours.refresh(a)))),
            "oauth2": settled(answer, |a| drop(black_box(theirs.refresh(a)))),
        },
        "build": {
            "twoba": settled(|| (), |()| ours.build()),
            "oauth2": settled(|| (), |()| theirs.build()),
        },
        "judge": {
            "twoba": settled(|| (), |()| drop(black_box(ours.judge(&one)))),
            "serde_json": settled(|| (), |()| drop(black_box(plain(&one)))),
        },
        "authorize": {
            "twoba": settled(|| ours.redirect(), |uri| drop(black_box(ours.authorize(uri)))),
            "oauth2": settled(|| (), |()| drop(black_box(theirs.authorize()))),
        },
        "largest": LARGEST,
        "large": large,
        "lists": lists,
    });
    let text = serde_json::to_string_pretty(&counts)?;
    match std::env::var_os("TWOBA_BENCH_ALLOCATIONS") {
        Some(path) => std::fs::write(path, text)?,
        None => println!("{text}"),
    }
    Ok(())
}
