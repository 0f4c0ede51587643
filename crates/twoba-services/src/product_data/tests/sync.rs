//! Synchronization against a model of a server whose items change while they are read.

use std::collections::BTreeMap;

use http::{Request, Response};
use proptest::prelude::*;
use serde_json::json;
use twoba_core::Timestamp;

use super::super::*;
use super::{GLN, answer, there};
use crate::Function;
use crate::error::ServiceErrorKind;

/// A server with items that each changed at some second, listed in the order of their numbers. It works
/// off a cursor by number, so that an item that changes stays where it is.
#[derive(Debug)]
struct Server {
    changed: BTreeMap<u32, i64>,
    now: i64,
    /// Cursors from before this are refused.
    cursors_since: i64,
}

impl Server {
    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let query = request.uri().query().unwrap_or_default();
        let query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        let limit: usize = query["limit"].parse().unwrap();
        let since = query.get("mutationDateTime").map(|text| text.as_str());
        let begin = match query
            .get("cursor")
            .map(|cursor| cursor.split_once('.').unwrap())
        {
            Some((_, made)) if made.parse::<i64>().unwrap() < self.cursors_since => {
                return answer(
                    400,
                    &json!({"status": 400, "errors": {"cursor": ["unknown"]}}),
                );
            }
            Some((begin, _)) => begin.parse().unwrap(),
            None => 0,
        };
        let is_new =
            |at: i64| since.is_none_or(|since| moment::rfc3339(at_second(at)).as_str() >= since);
        let fits = |(number, at): &(&u32, &i64)| **number >= begin && is_new(**at);
        let found: Vec<_> = self.changed.iter().filter(fits).collect();
        let data: Vec<_> = found
            .iter()
            .take(limit)
            .map(|(number, at)| {
                json!({"manufacturerIdGln": GLN, "manufacturerProductNumber": number.to_string(),
                   "productValidityDate": "2026-01-01", "brandName": at.to_string()})
            })
            .collect();
        let next = found
            .get(limit)
            .map(|(number, _)| format!("{number}.{}", self.now));
        let meta = json!({"cursor": next, "hasNext": next.is_some(), "limit": limit});
        answer(200, &json!({"data": data, "meta": meta}))
    }
}

fn at_second(second: i64) -> Timestamp {
    Timestamp::from_unix_seconds(second)
}

/// What happens beside the next request.
#[derive(Clone, Debug)]
enum Event {
    /// So many seconds pass.
    Time(u8),
    /// An item changes, or is new.
    Change(u8),
    /// The answer is lost, or the program ends before it has stored anything.
    Lost,
    /// Items are stored and the program ends before the state is.
    Half,
    /// The server forgets all cursors.
    Forget,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0..3_u8).prop_map(Event::Time),
        (0..40_u8).prop_map(Event::Change),
        Just(Event::Lost),
        Just(Event::Half),
        Just(Event::Forget),
    ]
}

/// A copy of the list, and the state that was stored with it.
#[derive(Debug)]
struct Mirror {
    items: BTreeMap<u32, i64>,
    stored: Vec<u8>,
}

impl Mirror {
    /// Makes one request; `false` where the last run is done.
    fn step(&mut self, server: &Server, event: Option<&Event>) -> bool {
        let sync: Sync = serde_json::from_slice(&self.stored).unwrap();
        let call = operations::BulkProductDetails::all().with_limit(3).unwrap();
        let turn = sync.turn(&call, at_second(server.now));
        let response = server.answer(&turn.request(&there()).unwrap());
        if let Some(Event::Lost) = event {
            return true;
        }
        let next = match turn.judge(&response) {
            Ok(SyncAnswer::Page { items, next, .. }) => {
                for item in items {
                    let number = item.manufacturer_product_number.parse().unwrap();
                    self.items
                        .insert(number, item.brand_name.unwrap().parse().unwrap());
                }
                next
            }
            Ok(SyncAnswer::Again { next }) => next,
            // The cursor was refused too often in one run: whoever gives up goes on from the start.
            Err(error) => {
                assert_eq!(error.status, 400);
                sync.since()
                    .map_or(Sync::of_everything(), Sync::of_changes_since)
            }
        };
        if let Some(Event::Half) = event {
            return true;
        }
        self.stored = serde_json::to_vec(&next).unwrap();
        !next.is_done()
    }
}

proptest! {
    /// Whatever changes, is lost or forgotten: after a whole run without a change, the copy is the list.
    #[test]
    fn nothing_is_lost(first in 0..40_u32, events in prop::collection::vec(event(), 0..120)) {
        let changed = (0..first).map(|number| (number, i64::from(number % 7))).collect();
        let mut server = Server { changed, now: 10, cursors_since: 0 };
        let stored = serde_json::to_vec(&Sync::of_everything()).unwrap();
        let mut mirror = Mirror { items: BTreeMap::new(), stored };
        for event in &events {
            match event {
                Event::Time(seconds) => server.now += i64::from(*seconds),
                Event::Change(number) => drop(server.changed.insert((*number).into(), server.now)),
                Event::Forget => server.cursors_since = server.now,
                Event::Lost | Event::Half => {}
            }
            mirror.step(&server, Some(event));
        }
        // What is under way comes to its end, and a whole run follows.
        for _ in 0..2 {
            let mut requests = 0;
            while mirror.step(&server, None) {
                requests += 1;
                prop_assert!(requests < 100, "no end");
            }
            server.now += 1;
        }
        prop_assert_eq!(mirror.items, server.changed);
    }
}

fn page(cursor: Option<&str>, has_next: bool) -> Response<Vec<u8>> {
    let meta = json!({"cursor": cursor, "hasNext": has_next, "limit": 1});
    answer(200, &json!({"data": [], "meta": meta}))
}

fn turn(sync: &Sync, now: i64) -> Turn<operations::BulkProductDetails> {
    sync.turn(&operations::BulkProductDetails::all(), at_second(now))
}

fn asked(turn: &Turn<operations::BulkProductDetails>) -> String {
    let request = turn.request(&there()).unwrap();
    request.uri().query().unwrap_or_default().to_owned()
}

fn next(turn: &Turn<operations::BulkProductDetails>, response: &Response<Vec<u8>>) -> Sync {
    match turn.judge(response).unwrap() {
        SyncAnswer::Page { next, .. } | SyncAnswer::Again { next } => next,
    }
}

#[test]
fn the_start_of_a_run_is_where_the_next_one_begins() {
    let first = turn(&Sync::of_everything(), 100);
    assert_eq!(asked(&first), "");
    let under_way = next(&first, &page(Some("c"), true));
    assert!(!under_way.is_done());
    let second = turn(&under_way, 500);
    assert_eq!(asked(&second), "cursor=c");
    let done = next(&second, &page(None, false));
    assert_eq!((done.is_done(), done.since()), (true, Some(at_second(100))));
    let run = turn(&done, 900);
    assert_eq!(asked(&run), "mutationDateTime=1970-01-01T00%3A01%3A40Z");
    let again = turn(&next(&run, &page(Some("d"), true)), 950);
    assert_eq!(
        asked(&again),
        "mutationDateTime=1970-01-01T00%3A01%3A40Z&cursor=d"
    );
}

#[test]
fn a_run_begins_again_where_its_cursor_is_refused_and_not_for_ever() {
    let refused = answer(400, &json!({"errors": {"cursor": ["gone"]}}));
    let mut sync = next(
        &turn(&Sync::of_changes_since(at_second(7)), 100),
        &page(Some("c"), true),
    );
    for _ in 0..3 {
        let again = turn(&sync, 200).judge(&refused).unwrap();
        let SyncAnswer::Again { next: begun } = again else {
            panic!("{again:?}")
        };
        assert_eq!(
            asked(&turn(&begun, 300)),
            "mutationDateTime=1970-01-01T00%3A00%3A07Z"
        );
        sync = next(&turn(&begun, 300), &page(Some("c"), true));
    }
    assert_eq!(turn(&sync, 400).judge(&refused).unwrap_err().status, 400);
    let done = next(&turn(&sync, 400), &page(None, false));
    assert_eq!(
        done.since(),
        Some(at_second(100)),
        "the start of the run stays"
    );
}

#[test]
fn other_refusals_are_errors() {
    let first = turn(&Sync::of_everything(), 1);
    let second = turn(&next(&first, &page(Some("c"), true)), 2);
    let of_limit = answer(400, &json!({"errors": {"limit": ["too much"]}}));
    assert!(second.judge(&of_limit).is_err());
    assert!(second.judge(&answer(404, &json!({}))).is_err());
    assert!(
        first.judge(&answer(400, &json!({}))).is_err(),
        "no cursor was asked with"
    );
    assert!(
        second.judge(&answer(400, &json!({}))).is_ok(),
        "nobody says what is wrong"
    );
}

#[test]
fn a_page_that_leads_nowhere_is_an_error() {
    let first = turn(&Sync::of_everything(), 1);
    let second = turn(&next(&first, &page(Some("c"), true)), 2);
    for (turn, response) in [(&first, page(None, true)), (&second, page(Some("c"), true))] {
        let error = turn.judge(&response).unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::NoNextPage);
    }
}

#[test]
fn a_state_survives_being_stored_and_fields_of_later_versions() {
    for sync in [
        Sync::of_everything(),
        Sync::of_changes_since(at_second(5)),
        next(
            &turn(&Sync::of_changes_since(at_second(5)), 7),
            &page(Some("c"), true),
        ),
    ] {
        let mut stored = serde_json::to_value(&sync).unwrap();
        assert_eq!(
            serde_json::from_value::<Sync>(stored.clone()).unwrap(),
            sync
        );
        stored["later"] = json!(1);
        assert_eq!(serde_json::from_value::<Sync>(stored).unwrap(), sync);
    }
}
