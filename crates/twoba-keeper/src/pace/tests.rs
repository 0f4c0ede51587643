//! Turns: how many are out, who goes first, and who gives up.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake};

use super::*;

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll<F: Future>(future: Pin<&mut F>, bell: &Arc<Bell>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::clone(bell));
    future.poll(&mut Context::from_waker(&waker))
}

#[test]
fn no_more_calls_are_out_than_may_be_and_who_came_first_goes_first() {
    let pace = Pace::new(1, 1);
    let bells: [Arc<Bell>; 3] = Default::default();
    let mut first = pin!(pace.turn());
    let Poll::Ready(turn) = poll(first.as_mut(), &bells[0]) else {
        panic!("nobody is out");
    };
    let mut second = pin!(pace.turn());
    let mut third = pin!(pace.turn());
    assert!(poll(second.as_mut(), &bells[1]).is_pending());
    assert!(poll(third.as_mut(), &bells[2]).is_pending());
    drop(turn);
    assert_eq!(bells[1].0.load(Ordering::Relaxed), 1);
    // Who is polled without being woken does not overtake.
    assert!(poll(third.as_mut(), &bells[2]).is_pending());
    let Poll::Ready(turn) = poll(second.as_mut(), &bells[1]) else {
        panic!("it is the turn of the second");
    };
    assert!(poll(third.as_mut(), &bells[2]).is_pending());
    drop(turn);
    assert!(poll(third.as_mut(), &bells[2]).is_ready());
}

#[test]
fn who_gives_up_holds_up_nobody() {
    let pace = Pace::new(1, 1);
    let bell = Arc::new(Bell::default());
    let mut first = pin!(pace.turn());
    let Poll::Ready(turn) = poll(first.as_mut(), &bell) else {
        panic!("nobody is out");
    };
    let mut second = Box::pin(pace.turn());
    assert!(poll(second.as_mut(), &bell).is_pending());
    let mut third = pin!(pace.turn());
    let woken = Arc::new(Bell::default());
    assert!(poll(third.as_mut(), &woken).is_pending());
    drop(turn);
    // It was woken, and does not come.
    drop(second);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert!(poll(third.as_mut(), &woken).is_ready());
    assert_eq!(pace.turns.lock().waiting.len(), 0);
    assert_eq!(pace.turns.lock().out, 0);
}

#[test]
fn the_latest_time_that_a_service_asks_for_counts() {
    let pace = Pace::default();
    let at = Duration::from_secs;
    pace.close(at(10));
    pace.close(at(5));
    assert_eq!(pace.opens_in(at(3)), at(7));
    assert_eq!(pace.opens_in(at(11)), Duration::ZERO);
}
