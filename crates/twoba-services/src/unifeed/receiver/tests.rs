//! Requests that are a selection, and those that are none.

use http::request::Builder;
use http::{HeaderValue, header};

use super::*;

const UNIFEED: &str = "https://unifeed.2ba.nl";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json; charset=utf-8";
const ITEM: &str = "Json=%5B%7B%22Quantity%22%3A%222%22%7D%5D";

fn receiver(way: InterfaceType) -> UnifeedReceiver {
    let here = Endpoint::parse("http://127.0.0.1:4281/unifeed/").unwrap();
    let seed = Seed::from_bytes([7; 32]);
    UnifeedReceiver::new(way, &here, &Provider::two_ba(), seed).unwrap()
}

fn post(receiver: &UnifeedReceiver, origin: &str, media_type: &str) -> Builder {
    Request::post(receiver.hook())
        .header("content-type", media_type)
        .header("origin", origin)
}

fn received(receiver: &UnifeedReceiver, request: Builder, body: &str) -> Reception {
    receiver.receive(&request.body(body.as_bytes().to_vec()).unwrap())
}

fn refused(reception: &Reception) -> (SelectionError, u16) {
    let Received::Refused(error) = &reception.received else {
        panic!("{reception:?}");
    };
    (*error, reception.response.status().as_u16())
}

fn quantity(reception: &Reception) -> &str {
    let Received::Selection(selection) = &reception.received else {
        panic!("{reception:?}");
    };
    selection.items[0].quantity.as_deref().unwrap()
}

#[test]
fn each_way_back_is_received() {
    use InterfaceType::{Json, JsonGet, JsonPost, Oci, Oci2, ServerJsonPost};
    let list = r#"[{"Quantity":"2"}]"#;
    let oci = "NEW_ITEM-QUANTITY%5B1%5D=2";
    for (way, media_type, body, status) in [
        (Json, FORM, ITEM, 200),
        (JsonPost, JSON, list, 204),
        (JsonPost, FORM, ITEM, 200),
        (ServerJsonPost, JSON, list, 204),
        (Oci, FORM, oci, 200),
        (
            Oci2,
            "Application/X-WWW-Form-urlencoded;charset=utf-8",
            oci,
            200,
        ),
    ] {
        let receiver = receiver(way);
        let found = received(&receiver, post(&receiver, UNIFEED, media_type), body);
        assert_eq!(quantity(&found), "2", "{way:?}");
        assert_eq!(found.response.status(), status);
        let without = Request::post(receiver.hook()).header("content-type", media_type);
        assert_eq!(quantity(&received(&receiver, without, body)), "2");
    }
    let receiver = receiver(JsonGet);
    let query = "?json=%7B%22Type%22%3A%22composition%22%2C%22Id%22%3A7%7D";
    let found = received(
        &receiver,
        Request::get(format!("{}{query}", receiver.hook())),
        "",
    );
    let Received::Selection(selection) = found.received else {
        panic!("{found:?}");
    };
    assert_eq!(selection.object.unwrap().id, Some(7));
    assert_eq!(selection.way, JsonGet);
}

#[test]
fn who_does_not_know_the_secret_is_refused() {
    let receiver = receiver(InterfaceType::Json);
    let hook = receiver.hook().to_owned();
    let cut = hook.get(..hook.len() - 1).unwrap();
    let other = format!("{cut}{}", if hook.ends_with('A') { 'B' } else { 'A' });
    for uri in [
        "http://127.0.0.1:4281/unifeed",
        "http://127.0.0.1:4281/unifeed/",
        "/",
        cut,
        &other,
        &format!("{hook}/"),
        &format!("{hook}/x"),
        &format!("http://127.0.0.1:4281/x?{hook}"),
    ] {
        let request = Request::post(uri).header("content-type", FORM);
        let found = received(&receiver, request, ITEM);
        assert_eq!(refused(&found), (SelectionError::WrongState, 404), "{uri}");
    }
    // The path before the secret may be another one behind a proxy.
    let secret = hook.rsplit('/').next().unwrap();
    let request = Request::post(format!("/shop/{secret}")).header("content-type", FORM);
    assert_eq!(quantity(&received(&receiver, request, ITEM)), "2");
    assert!(!format!("{receiver:?}").contains(secret));
    let drawn = UnifeedReceiver::new(
        InterfaceType::Json,
        &Endpoint::parse("http://127.0.0.1:4281/").unwrap(),
        &Provider::two_ba(),
        Seed::from_bytes([8; 32]),
    )
    .unwrap();
    assert!(!drawn.hook().ends_with(secret));
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let judge = |receiver: &UnifeedReceiver, origin: &str| {
        let found = received(receiver, post(receiver, origin, FORM), ITEM);
        match found.received {
            Received::Selection(_) => Ok(()),
            Received::Preflight => panic!("a preflight"),
            Received::Refused(error) => Err(error),
        }
    };
    let plain = receiver(InterfaceType::Json);
    for good in [UNIFEED, "https://UNIFEED.2ba.nl:443"] {
        assert_eq!(judge(&plain, good), Ok(()), "{good}");
    }
    for foreign in [
        "https://evil.example",
        "http://unifeed.2ba.nl",
        "https://unifeed.2ba.nl.evil.example",
        "https://unifeed.2ba.nl:444",
        "null",
        "",
        "x",
    ] {
        assert_eq!(
            judge(&plain, foreign),
            Err(SelectionError::ForeignOrigin),
            "{foreign}"
        );
    }
    let twice = post(&plain, UNIFEED, FORM).header("origin", UNIFEED);
    let found = received(&plain, twice, ITEM);
    assert_eq!(refused(&found), (SelectionError::ForeignOrigin, 403));
    let shop = Origin::of(&"https://shop.example".parse().unwrap()).unwrap();
    let wide = receiver(InterfaceType::Json)
        .with_origin(shop)
        .allow_opaque_origin();
    assert_eq!(judge(&wide, "https://shop.example"), Ok(()));
    assert_eq!(judge(&wide, "null"), Ok(()));
    assert_eq!(
        judge(&wide, "https://evil.example"),
        Err(SelectionError::ForeignOrigin)
    );
}

#[test]
fn a_script_asks_first_and_may_look_at_the_answer() {
    let receiver = receiver(InterfaceType::JsonPost);
    let ask = |origin: &str| {
        let request = Request::options(receiver.hook())
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-private-network", "true");
        received(&receiver, request, "")
    };
    let found = ask(UNIFEED);
    assert_eq!(found.received, Received::Preflight);
    let headers = found.response.headers();
    for (name, value) in [
        ("access-control-allow-origin", UNIFEED),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "Content-Type"),
        ("access-control-allow-private-network", "true"),
        ("vary", "Origin"),
    ] {
        assert_eq!(headers.get(name).unwrap(), value);
    }
    let allow = header::ACCESS_CONTROL_ALLOW_ORIGIN;
    let foreign = ask("https://evil.example");
    assert_eq!(refused(&foreign), (SelectionError::ForeignOrigin, 403));
    assert!(!foreign.response.headers().contains_key(&allow));
    let bad = received(&receiver, post(&receiver, UNIFEED, JSON), "{");
    assert_eq!(refused(&bad), (SelectionError::NotJson, 400));
    assert_eq!(
        bad.response.headers().get(&allow),
        Some(&HeaderValue::from_static(UNIFEED))
    );
    let quiet = super::tests::receiver(InterfaceType::Json);
    let request = Request::options(quiet.hook()).header("origin", UNIFEED);
    let found = received(&quiet, request, "");
    assert_eq!(refused(&found), (SelectionError::Method, 405));
    assert_eq!(found.response.headers()[header::ALLOW], "POST");
}

#[test]
fn what_is_no_selection_is_refused_with_its_reason() {
    use InterfaceType::{Download, Json, JsonGet, Oci, ServerJsonPost};
    let long = "x".repeat(LENGTH_MAX + 1);
    for (way, media_type, body, error) in [
        (Json, FORM, "", SelectionError::NoSelection),
        (Json, FORM, "Json=[]&json=[]", SelectionError::NoSelection),
        (Json, FORM, "Json=", SelectionError::NotJson),
        (Json, FORM, "Json=7", SelectionError::Unexpected),
        (Json, FORM, &long, SelectionError::TooLarge),
        (Json, JSON, "[]", SelectionError::MediaType),
        (Json, "text/plain", "[]", SelectionError::MediaType),
        (ServerJsonPost, FORM, ITEM, SelectionError::MediaType),
        (Oci, FORM, ITEM, SelectionError::Unexpected),
        (Oci, FORM, "NEW_ITEM-UNIT[0]=x", SelectionError::TooMany),
        (Download, FORM, ITEM, SelectionError::MediaType),
        (JsonGet, FORM, ITEM, SelectionError::Method),
    ] {
        let receiver = receiver(way);
        let found = received(&receiver, post(&receiver, UNIFEED, media_type), body);
        let (found, status) = refused(&found);
        assert_eq!(
            (found, status),
            (error, error.status().as_u16()),
            "{way:?} {body:.20}"
        );
    }
    let query = Endpoint::parse("http://127.0.0.1:1/?x").unwrap();
    let seed = Seed::from_bytes([7; 32]);
    let error = UnifeedReceiver::new(Json, &query, &Provider::two_ba(), seed).unwrap_err();
    assert_eq!(error, EndpointError::Query);
}

#[test]
fn what_unifeeds_server_brings_is_held_against_the_tokens_that_it_was_given() {
    let list = r#"[{"Quantity":"2"}]"#;
    let token = |text: &str| AccessToken::parse(text).unwrap();
    let receiver = receiver(InterfaceType::ServerJsonPost)
        .with_bearer(token("canary-old"))
        .with_bearer(token("canary-new"));
    let posted = |headers: &[&str]| {
        let request = Request::post(receiver.hook()).header("content-type", JSON);
        let add = |request: Builder, value: &&str| request.header(AUTHORIZATION, *value);
        received(&receiver, headers.iter().fold(request, add), list)
    };
    for good in ["Bearer canary-old", "bearer canary-new"] {
        assert_eq!(quantity(&posted(&[good])), "2", "{good}");
    }
    for bad in [
        &[][..],
        &["Bearer canary-other"],
        &["Bearer canary-ol"],
        &["Bearer canary-old "],
        &["Basic canary-old"],
        &["canary-old"],
        &["Bearer"],
        &["Bearer canary-old", "Bearer canary-old"],
    ] {
        let reception = posted(bad);
        assert_eq!(refused(&reception), (SelectionError::Unauthorized, 401));
        assert_eq!(reception.response.headers()["www-authenticate"], "Bearer");
        assert!(!format!("{receiver:?}{reception:?}").contains("canary"));
    }
    // Who does not know the address hears nothing of tokens.
    let guess = Request::post("http://127.0.0.1:4281/unifeed/guess");
    let found = received(&receiver, guess, list);
    assert_eq!(refused(&found), (SelectionError::WrongState, 404));
    assert!(!found.response.headers().contains_key("www-authenticate"));
    // A browser brings no token.
    let form = self::receiver(InterfaceType::Json).with_bearer(token("canary-old"));
    assert_eq!(
        quantity(&received(&form, post(&form, UNIFEED, FORM), ITEM)),
        "2"
    );
}
