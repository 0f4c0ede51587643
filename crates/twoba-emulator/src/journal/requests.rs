//! Keeps the last requests until somebody looks. `http::shown` selects what may be shown of one.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::timestamp::Timestamp;

/// How many requests are kept for people who watch. They take a few MB at most.
const MAX_REQUESTS: usize = 1_000;

/// The longest form that is kept. Of a longer one, only the size is kept.
const MAX_FORM: usize = 4 * 1024;

/// How many events of one request are kept. A token request causes five at most.
const MAX_EVENTS: usize = 8;

/// The last requests, in the order in which their answers were ready.
#[derive(Default)]
pub(crate) struct Requests {
    kept: VecDeque<Kept>,
    total: u64,
}

/// A request as it came. It holds secrets, so it has no `Debug`, and only `http::shown` reads it.
///
/// To sort out the secrets takes longer than to keep everything, and under load nobody looks.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) head: Head,
    pub(crate) body: Option<Body>,
    /// Its events, as positions in the journal. They need no allocation, because each request has
    /// some.
    pub(crate) events: [Option<NonZeroU64>; MAX_EVENTS],
    /// Absent if there was no answer.
    pub(crate) status: Option<u16>,
}

/// The kept part of a request's head.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) method: &'static str,
    /// Path and query; absent if too long.
    pub(crate) target: Option<Cow<'static, str>>,
    /// Empty if too long.
    pub(crate) authorization: Option<Box<[u8]>>,
    /// Whether the body is declared as a form.
    pub(crate) is_form: bool,
}

/// The kept part of a request's body.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) bytes: usize,
    /// The form; absent if it is none or too long.
    pub(crate) form: Option<Box<[u8]>>,
}

impl Requests {
    /// The number of requests so far.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The kept requests after the first `after`, numbered from 1, oldest first.
    pub(crate) fn after(&self, after: u64) -> Vec<(u64, Kept)> {
        let newest_first = (1..=self.total).rev().zip(self.kept.iter().rev());
        let mut found: Vec<_> = newest_first
            .take_while(|(number, _)| *number > after)
            .map(|(number, kept)| (number, kept.clone()))
            .collect();
        found.reverse();
        found
    }

    fn add(&mut self, kept: Kept) {
        self.total += 1;
        if self.kept.len() == MAX_REQUESTS {
            self.kept.pop_front();
        }
        self.kept.push_back(kept);
    }
}

/// A request that is being answered. It is remembered when this is dropped, answered or not.
pub(crate) struct Visit {
    kept: Option<Kept>,
    began: Instant,
    /// The list that will remember it. After a reset, no list does.
    requests: Arc<Mutex<Requests>>,
}

tokio::task_local! {
    /// The request that the running task answers. Otherwise handlers would have to pass it on to
    /// everything that reads a body or writes into the journal.
    static UNDER_WAY: RefCell<Visit>;
}

impl Visit {
    pub(crate) fn new(requests: &Arc<Mutex<Requests>>, at: Timestamp, head: Head) -> Self {
        Self {
            kept: Some(Kept {
                at,
                took: Duration::ZERO,
                head,
                body: None,
                events: [None; MAX_EVENTS],
                status: None,
            }),
            began: Instant::now(),
            requests: Arc::clone(requests),
        }
    }

    /// Answers the request, and notes its events.
    pub(crate) async fn during<T>(self, answer: impl Future<Output = T>) -> T {
        UNDER_WAY.scope(RefCell::new(self), answer).await
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(mut kept) = self.kept.take() {
            kept.took = self.began.elapsed();
            lock(&self.requests).add(kept);
        }
    }
}

/// The list, held until the guard is dropped.
pub(crate) fn lock(requests: &Mutex<Requests>) -> std::sync::MutexGuard<'_, Requests> {
    requests.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes the body of the current request.
pub(crate) fn heard(body: &[u8]) {
    note(|kept| {
        let fits = kept.head.is_form && body.len() <= MAX_FORM;
        kept.body = Some(Body {
            bytes: body.len(),
            form: fits.then(|| body.into()),
        });
    });
}

/// Notes the events of the current request.
pub(crate) fn caused(events: Range<u64>) {
    note(|kept| {
        let free = kept.events.iter_mut().filter(|event| event.is_none());
        for (event, sequence) in free.zip(events) {
            *event = NonZeroU64::new(sequence);
        }
    });
}

/// Notes the status of the current request.
pub(crate) fn answered(status: u16) {
    note(|kept| kept.status = Some(status));
}

/// Notes something about the current request, if there is one over HTTP.
fn note(change: impl FnOnce(&mut Kept)) {
    let noted = UNDER_WAY.try_with(|visit| {
        if let Some(kept) = &mut visit.borrow_mut().kept {
            change(kept);
        }
    });
    noted.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            method: "POST",
            target: Some("/OAuth/Token".into()),
            authorization: None,
            is_form: true,
        }
    }

    fn visit(requests: &Arc<Mutex<Requests>>) -> Visit {
        Visit::new(requests, Timestamp::from_millis(1), head())
    }

    #[test]
    fn the_last_thousand_requests_are_kept_and_all_are_counted() {
        let requests = Arc::default();
        for _ in 0..1_001 {
            drop(visit(&requests));
        }
        let requests = lock(&requests);
        assert_eq!(requests.total(), 1_001);
        let numbers = |after| -> Vec<u64> {
            let kept = requests.after(after);
            kept.into_iter().map(|(number, _)| number).collect()
        };
        assert_eq!(numbers(0), (2..=1_001).collect::<Vec<_>>());
        assert_eq!(numbers(999), [1_000, 1_001]);
        assert!(numbers(1_001).is_empty());
        assert!(numbers(u64::MAX).is_empty());
    }

    #[test]
    fn what_a_request_says_and_leads_to_is_kept_up_to_a_bound() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let requests = Arc::default();
        for size in [3, MAX_FORM, MAX_FORM + 1] {
            runtime.block_on(visit(&requests).during(async {
                heard(&vec![b'a'; size]);
                caused(4..6);
                caused(9..100);
                answered(200);
            }));
        }
        let requests = lock(&requests).after(0);
        let sizes: Vec<_> = requests
            .iter()
            .map(|(_, kept)| {
                let events = kept.events.map(|event| event.unwrap().get());
                assert_eq!(events, [4, 5, 9, 10, 11, 12, 13, 14]);
                assert_eq!(kept.status, Some(200));
                let body = kept.body.as_ref().unwrap();
                (body.bytes, body.form.as_ref().map(|form| form.len()))
            })
            .collect();
        assert_eq!(
            sizes,
            [
                (3, Some(3)),
                (MAX_FORM, Some(MAX_FORM)),
                (MAX_FORM + 1, None)
            ]
        );
    }

    #[test]
    fn a_request_whose_client_goes_away_is_kept_without_a_status() {
        let requests = Arc::default();
        let under_way = visit(&requests).during(std::future::pending::<()>());
        drop(under_way);
        let kept = lock(&requests).after(0);
        assert!(matches!(kept.as_slice(), [(1, kept)] if kept.status.is_none()));
    }
}
