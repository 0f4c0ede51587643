//! An allocator that passes everything on to the system's, and counts while it is told to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicIsize = AtomicIsize::new(0);

/// What was allocated while something was done.
#[derive(Debug, Clone, Copy)]
pub struct Allocated {
    /// How often memory was got or grown.
    pub calls: usize,
    /// How many bytes more there are than before.
    pub live: isize,
}

/// Counts what is allocated, on all threads, while `work` is done.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    CALLS.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let output = work();
    COUNTS.store(false, Relaxed);
    let (calls, live) = (CALLS.load(Relaxed), LIVE.load(Relaxed));
    (output, Allocated { calls, live })
}

fn changed(calls: usize, bytes: isize) {
    if COUNTS.load(Relaxed) {
        CALLS.fetch_add(calls, Relaxed);
        LIVE.fetch_add(bytes, Relaxed);
    }
}

#[allow(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; every call goes on to the system's as it came"
)]
// SAFETY: each method hands its arguments to `System`, whose contract is the same. No block is
// larger than `isize::MAX`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        changed(1, layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        changed(0, -layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        changed(1, size.cast_signed() - layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
