//! Selections: one comes by the secret and from Unifeed's own page alone, is bounded, and says what was sent.

use http::{Method, Request};
use serde_json::Value;
use twoba_core::{Endpoint, Provider, Seed};
use twoba_services::{InterfaceType, Received, Selection, UnifeedReceiver};

use crate::choice::pick;
use crate::shown::assert_fit_to_print;

/// Eight, so that a digit is a place in here.
const WAYS: [InterfaceType; 8] = [
    InterfaceType::Json,
    InterfaceType::JsonPost,
    InterfaceType::ServerJsonPost,
    InterfaceType::JsonGet,
    InterfaceType::Oci,
    InterfaceType::Oci2,
    InterfaceType::Download,
    InterfaceType::Json,
];

/// Receives a request: the first byte says by which way, the second what kind of content it has, and the rest
/// is the content, or the query where that way has none.
///
/// # Panics
///
/// - a selection is taken without the secret, or from a page of another origin
/// - it has more items than may be, or more text than was sent
/// - the secret stands in an answer, or an error is not fit to be printed
pub fn selection(data: &[u8]) {
    let [way, kind, content @ ..] = data else {
        return;
    };
    let media_types = [
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain",
    ];
    let (Some(&way), Some(media_type)) = (pick(&WAYS, *way), pick(&media_types, *kind)) else {
        return;
    };
    let receiver = receiver(way);
    let request = |uri: &str, origin: &str| -> Option<Request<Vec<u8>>> {
        let by_get = way == InterfaceType::JsonGet;
        let method = if by_get { Method::GET } else { Method::POST };
        let query = if by_get {
            String::from_utf8_lossy(content).into_owned()
        } else {
            String::new()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{uri}?{query}"))
            .header("content-type", *media_type)
            .header("origin", origin);
        request.body(content.to_vec()).ok()
    };
    let unifeed = "https://unifeed.2ba.nl";
    let Some(good) = request(receiver.hook(), unifeed) else {
        return;
    };
    let reception = receiver.receive(&good);
    let answer = String::from_utf8_lossy(reception.response.body()).into_owned();
    let secret = receiver.hook().rsplit('/').next().unwrap_or_default();
    assert!(!answer.contains(secret) && !format!("{reception:?}").contains(secret));
    match reception.received {
        Received::Selection(selection) => sound(&selection, content),
        Received::Refused(error) => {
            assert!(!reception.response.status().is_success());
            assert_fit_to_print(&error);
        }
        received @ (Received::Preflight | _) => panic!("{received:?} to a post"),
    }
    let beside = receiver.hook().replace(secret, "x");
    for foreign in [
        request(&beside, unifeed),
        request(receiver.hook(), "https://evil.example"),
        request(receiver.hook(), "null"),
    ] {
        let foreign = foreign.map(|request| receiver.receive(&request).received);
        assert!(
            matches!(foreign, None | Some(Received::Refused(_))),
            "{foreign:?}"
        );
    }
}

fn receiver(way: InterfaceType) -> UnifeedReceiver {
    let seed = Seed::from_bytes([7; 32]);
    let here = Endpoint::parse("http://127.0.0.1:4281/unifeed");
    let receiver =
        here.and_then(|here| UnifeedReceiver::new(way, &here, &Provider::two_ba(), seed));
    match receiver {
        Ok(receiver) => receiver,
        Err(error) => panic!("{error}"),
    }
}

fn sound(selection: &Selection, content: &[u8]) {
    assert!(selection.items.len() <= 10_000);
    let Ok(json) = serde_json::to_value(selection) else {
        panic!("a selection cannot be written");
    };
    let texts = text(json.get("Items").unwrap_or(&Value::Null));
    // A byte that is no UTF-8 becomes a mark of three.
    assert!(
        texts <= 3 * content.len(),
        "{texts} bytes out of {}",
        content.len()
    );
}

/// How many bytes of text there are, names left out.
fn text(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(text).sum(),
        Value::Object(members) => members.values().map(text).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
