//! What has changed since the last time, page by page: the state between two requests is a value of the caller's.

use http::{Request, Response};
use serde::{Deserialize, Serialize};
use twoba_core::{Provider, Timestamp};

use super::call::{Answer, Call};
use super::notices::Notices;
use super::operation::Bulk;
use super::pagination::CursorPaginationMetadata;
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;

/// How often a run begins again because its cursor is refused, until the refusal is an error. A server
/// that accepts none of its own cursors would be asked for ever.
const RESTARTS_MAX: u8 = 3;

/// Where a synchronization stands: between two runs, or in one. It is small, and can be stored by serde.
///
/// A run reads every page of a list. It begins at a time of the caller's clock, which is taken before
/// the first request leaves, and the next run asks for what has changed since that time. Nothing is
/// subtracted: what changes while a run reads has changed after its start, so the next run has it,
/// whether this one saw it or not. An item may come twice, never not at all. A clock that is behind the
/// server's repeats more; for one that may be ahead, give a `now` that is as much earlier.
///
/// The state moves only when the caller takes the next one. Who stores the items of a page and then the
/// state loses nothing, wherever he is interrupted: the same page is asked for again.
///
/// ```
/// use twoba_core::Timestamp;
/// use twoba_services::product_data::{Sync, SyncAnswer, operations};
/// # use twoba_services::{Function, product_data::{Bulk, ProductDetailsSummary}};
/// # fn ask<F: Function>(function: &F) -> Result<F::Answer, Box<dyn std::error::Error>> {
/// #     let body = br#"{"data":[],"meta":{"cursor":null,"hasNext":false,"limit":100}}"#;
/// #     Ok(function.judge(&http::Response::new(body.to_vec()))?)
/// # }
/// # fn store(items: &[ProductDetailsSummary], state: &Sync) {}
/// # let now = || Timestamp::from_unix_seconds(1_784_678_400);
///
/// let call = operations::BulkProductDetails::all().with_limit(1000)?;
/// let mut sync = Sync::of_everything(); // or the state that was stored
/// loop {
///     // `ask` sends the request of a function and lets it judge the answer, as sessions do.
///     match ask(&sync.turn(&call, now()))? {
///         SyncAnswer::Page { items, next, .. } => {
///             store(&items, &next);
///             sync = next;
///         }
///         SyncAnswer::Again { next, .. } => sync = next,
///     }
///     if sync.is_done() {
///         break;
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// Since when the run asks for changes; everything where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Run>,
}

/// A run that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    started: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(default)]
    restarts: u8,
}

/// One request of a synchronization: a [`Function`] whose answer has the next state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<O> {
    call: Call<O>,
    since: Option<Timestamp>,
    run: Run,
}

/// What a turn has brought. Both have to be gone on from, so another one would stop callers from
/// compiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncAnswer<T> {
    /// A page of items. Store them, then `next`.
    #[non_exhaustive]
    Page {
        /// The items, which may have come before.
        items: Vec<T>,
        /// The state after this page.
        next: Sync,
        /// How many items the server thinks that there are in all, if it says so.
        estimated_total: Option<u64>,
        /// What the headers tell people.
        notices: Notices,
    },
    /// The server no longer knows the cursor. The run begins again from the time that it asked for, so
    /// nothing is lost; items come again.
    #[non_exhaustive]
    Again {
        /// The state to go on with.
        next: Sync,
    },
}

impl Sync {
    /// The state of who has nothing yet.
    #[must_use]
    pub const fn of_everything() -> Self {
        Self {
            since: None,
            run: None,
        }
    }

    /// The state of who has everything as it was at `since`.
    #[must_use]
    pub const fn of_changes_since(since: Timestamp) -> Self {
        Self {
            since: Some(since),
            run: None,
        }
    }

    /// Whether no run is under way: the last one has read its last page, or none has begun.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.run.is_none()
    }

    /// Since when the run under way, or else the next one, asks for changes; `None` for everything.
    #[must_use]
    pub const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// The next request: the next page of the run under way, or the first one of a run that begins at
    /// `now`. `call` says what is wanted and has to be the same until the run is done; a cursor and a
    /// time that it may have do not count.
    #[must_use]
    pub fn turn<O: Bulk>(&self, call: &Call<O>, now: Timestamp) -> Turn<O> {
        let run = self.run.clone().unwrap_or(Run {
            started: now,
            cursor: None,
            restarts: 0,
        });
        let mut call = call.clone().without("cursor").without("mutationDateTime");
        if let Some(since) = self.since {
            call = call.with_changes_since(since);
        }
        if let Some(cursor) = &run.cursor {
            call = call.with_cursor(cursor);
        }
        Turn {
            call,
            since: self.since,
            run,
        }
    }
}

impl<O: Bulk> Turn<O> {
    /// Whether a page is the last one, or says by a new cursor where the next one is.
    fn leads_on(&self, meta: &CursorPaginationMetadata) -> bool {
        !meta.has_next
            || (meta.cursor.is_some() && meta.cursor.as_deref() != self.run.cursor.as_deref())
    }

    /// The state after a page with this cursor of the next one.
    fn next(&self, cursor: Option<&str>) -> Sync {
        match cursor {
            Some(cursor) => Sync {
                since: self.since,
                run: Some(Run {
                    cursor: Some(cursor.to_owned()),
                    ..self.run.clone()
                }),
            },
            None => Sync::of_changes_since(self.run.started),
        }
    }

    /// The state of a run that begins again, if the error is about its cursor.
    fn again(&self, error: &ServiceError) -> Option<Sync> {
        let problem = error.problem();
        // A problem that names parameters and not this one is another one.
        let names_another = problem.is_some_and(|problem| {
            !problem.errors.is_empty() && problem.errors_of("cursor").is_none()
        });
        let is_lost = error.status == 400 && self.run.cursor.is_some() && !names_another;
        (is_lost && self.run.restarts < RESTARTS_MAX).then(|| Sync {
            since: self.since,
            run: Some(Run {
                // The start stays: what has changed since is asked for by the next run, too.
                started: self.run.started,
                cursor: None,
                restarts: self.run.restarts + 1,
            }),
        })
    }
}

impl<O: Bulk> Function for Turn<O> {
    type Answer = SyncAnswer<O::Item>;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call.request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Self::Answer, ServiceError> {
        match self.call.judge(response) {
            Ok(Answer { body, .. }) if !self.leads_on(&body.meta) => Err(ServiceError::bare(
                ServiceErrorKind::NoNextPage,
                response.status().as_u16(),
            )),
            Ok(Answer { body, notices }) => Ok(SyncAnswer::Page {
                next: self.next(body.next_cursor()),
                estimated_total: body.meta.estimated_total,
                items: body.data,
                notices,
            }),
            Err(error) => match self.again(&error) {
                Some(next) => Ok(SyncAnswer::Again { next }),
                None => Err(error),
            },
        }
    }

    /// All operations only read.
    fn is_repeatable(&self) -> bool {
        true
    }
}
