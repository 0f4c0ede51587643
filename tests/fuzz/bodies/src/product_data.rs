//! Product Data: every answer is read the same each time and written as it was read, and a synchronization goes on
//! from every state.

use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use twoba_core::Timestamp;
use twoba_services::product_data::{Bulk, Call, Operation, Sync, SyncAnswer, operations};
use twoba_services::{Function, ServiceErrorKind};

use crate::choice::pick;
use crate::soap::printable;

/// Reads an answer: the first byte says to which operation, the second of which status, the third of which
/// headers, and the rest is the body.
///
/// # Panics
///
/// - an answer is read otherwise the second time, or is no JSON
/// - what was read is written in a way that is read otherwise
/// - a synchronization ends in the middle, or its state does not survive being stored
/// - an error is not fit to be printed
pub fn product_data(data: &[u8]) {
    let [choice, status, headers, body @ ..] = data else {
        return;
    };
    let statuses = [
        StatusCode::OK,
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::FORBIDDEN,
    ];
    let links = [
        "<https://a.example/>; rel=\"sunset\"",
        "<a>; rel=\"x deprecation\", <b>;rel=sunset",
        "<, \"<>",
    ];
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = pick(&statuses, *status).copied().unwrap_or_default();
    if let Some(link) = pick(&links, *headers) {
        let headers = response.headers_mut();
        headers.insert("link", HeaderValue::from_static(link));
        headers.insert("sunset", HeaderValue::from_static("Fri, 01 Jan 2027"));
    }
    if let Some(read) = pick(&READ, *choice) {
        read(&response);
    }
}

type Read = fn(&Response<Vec<u8>>);

/// Answers with each kind of type in them: wholes, parts, pages, and those without an envelope.
const READ: [Read; 16] = [
    |response| one(operations::Product::of(GLN, "x").ok(), response),
    |response| one(operations::TradeItem::of(GLN, "x").ok(), response),
    |response| one(operations::ProductDetails::of(GLN, "x").ok(), response),
    |response| {
        one(
            operations::ProductLcaEnvironmental::of(GLN, "x").ok(),
            response,
        )
    },
    |response| {
        one(
            operations::TradeItemLogisticDetails::of(GLN, "x").ok(),
            response,
        )
    },
    |response| one(operations::NetPriceByNumber::of(GLN, "x").ok(), response),
    |response| one(operations::Stock::of(GLN, "x").ok(), response),
    |response| page(&operations::BulkProductDetails::all(), response),
    |response| page(&operations::BulkProductDescriptions::all(), response),
    |response| {
        page(
            &operations::BulkProductEtimClassificationFeatures::all(),
            response,
        )
    },
    |response| page(&operations::BulkProductLcaDeclarations::all(), response),
    |response| page(&operations::BulkProductAttachments::all(), response),
    |response| page(&operations::BulkTradeItemPricings::all(), response),
    |response| page(&operations::BulkTradeItemOrdering::all(), response),
    |response| page(&operations::BulkTradeItemRelations::all(), response),
    |response| page(&operations::BulkTradeItemEnclosedItems::all(), response),
];

const GLN: &str = "2008710000011";

fn one<O: Operation>(call: Option<Call<O>>, response: &Response<Vec<u8>>)
where
    O::Answer: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let Some(call) = call else {
        panic!("{} cannot be called", O::OUTLINE.name);
    };
    let outcome = call.judge(response);
    assert_eq!(outcome, call.judge(response));
    match outcome {
        Ok(answer) => {
            assert!(response.status().is_success());
            let body = response.body();
            let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
            assert!(serde_json::from_slice::<serde::de::IgnoredAny>(json).is_ok());
            let Ok(written) = serde_json::to_vec(&answer.body) else {
                panic!("{answer:?} cannot be written");
            };
            assert_eq!(serde_json::from_slice(&written).ok(), Some(answer.body));
        }
        Err(error) => {
            printable(&error);
            assert_eq!(error.status, response.status().as_u16());
            if let Some(problem) = error.problem() {
                assert!(problem.errors.len() <= 50);
                let texts = problem.errors.iter().flat_map(|(_, texts)| texts);
                assert!(texts.into_iter().all(|text| text.chars().count() <= 500));
            }
        }
    }
}

fn page<O: Bulk>(call: &Call<O>, response: &Response<Vec<u8>>)
where
    O::Answer: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    O::Item: std::fmt::Debug,
{
    one(Some(call.clone()), response);
    let (start, now) = (
        Timestamp::from_unix_millis(0),
        Timestamp::from_unix_millis(9),
    );
    let mut sync = Sync::of_changes_since(start);
    // The same answer again and again: it is the last page, leads on once, or is refused.
    for _ in 0..12 {
        let turn = sync.turn(call, now);
        match turn.judge(response) {
            Ok(SyncAnswer::Page { next, .. } | SyncAnswer::Again { next, .. }) => {
                assert!(sync.is_done() || next.since() == Some(now) || next.since() == Some(start));
                sync = stored(&next);
                assert_eq!(sync, next);
            }
            Err(error) => {
                printable(&error);
                return;
            }
        }
        if sync.is_done() {
            assert_eq!(sync.since(), Some(now));
            return;
        }
    }
    panic!("no end of {:?}", ServiceErrorKind::NoNextPage);
}

fn stored(sync: &Sync) -> Sync {
    let stored = serde_json::to_value(sync).unwrap_or(Value::Null);
    match serde_json::from_value(stored) {
        Ok(sync) => sync,
        Err(error) => panic!("{sync:?}: {error}"),
    }
}
