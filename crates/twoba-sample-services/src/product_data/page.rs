//! How a list is cut into pages. A cursor is opaque to callers: the place in the list, and a digest of what was asked.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::filter::Filter;
use crate::problem::Problem;

/// Items of a page, where nothing is said.
const USUAL: usize = 100;

/// The page that is asked for.
pub(super) fn cut(name: &str, rows: Vec<Value>, filter: &Filter) -> Result<Value, Problem> {
    let digest = digest(name, filter);
    let begin = match &filter.cursor {
        None => 0,
        Some(cursor) => place(cursor, &digest)
            .filter(|place| *place < rows.len())
            .ok_or_else(|| {
                Problem::wrong("cursor", "It is unknown, or belongs to another question.")
            })?,
    };
    let (limit, total) = (filter.limit.unwrap_or(USUAL), rows.len());
    let end = begin.saturating_add(limit).min(total);
    let cursor =
        |place: usize| Base64UrlUnpadded::encode_string(format!("{place}.{digest}").as_bytes());
    let (next, before) = (end < total, begin > 0);
    let data: Vec<Value> = rows.into_iter().take(end).skip(begin).collect();
    Ok(json!({
        "data": data,
        "meta": {
            "cursor": next.then(|| cursor(end)),
            "prevCursor": before.then(|| cursor(begin.saturating_sub(limit))),
            "hasNext": next,
            "hasPrev": before,
            "limit": limit,
            // Who asks for changes is not told how many there are.
            "estimatedTotal": filter.since.is_none().then_some(total),
        },
    }))
}

fn digest(name: &str, filter: &Filter) -> String {
    let digest = Sha256::digest(format!("{name}?{}", filter.fingerprint()));
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn place(cursor: &str, digest: &str) -> Option<usize> {
    let text = String::from_utf8(Base64UrlUnpadded::decode_vec(cursor).ok()?).ok()?;
    let (place, of) = text.split_once('.')?;
    (of == digest).then(|| place.parse().ok())?
}
