//! Unifeed: what it shows of a start URL, and how a selection goes back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use twoba_emulator::{BearerRefusal, Clock, Emulator, EventKind, Fingerprint};

use crate::wire::{Reply, encode, get, log_in, post, post_with, send};

fn emulator() -> Emulator {
    Emulator::builder().clock(Clock::Manual).start().unwrap()
}

/// An emulator and a good access token of it.
fn logged_in() -> (Emulator, String) {
    let emulator = emulator();
    let token = log_in(&emulator).member("access_token");
    (emulator, token)
}

/// A start URL.
fn start(token: &str, more: &str) -> String {
    format!("/unifeed/?accessToken={}&{more}", encode(token))
}

/// The numbers of the articles that a page offers.
fn offered(page: &Reply) -> Vec<u64> {
    page.text()
        .split("name=\"pick-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

/// Ten of the first article and two of the third, as the page of this start URL would send it.
fn picked(emulator: &Emulator, url: &str) -> String {
    let offered = offered(&get(emulator, url, &[]));
    let [first, second, third] = offered[..3] else {
        panic!("{offered:?}")
    };
    format!(
        "pick-{first}=1&quantity-{first}=10&quantity-{second}=1&\
         pick-{third}=1&quantity-{third}=2"
    )
}

/// Something that a page without a form would not offer.
const UNOFFERED: &str = "pick-1=1&quantity-1=1";

/// Opens Unifeed with these parameters and returns two articles.
fn give_back(more: &str) -> Reply {
    let (emulator, token) = logged_in();
    let url = start(&token, more);
    let picked = picked(&emulator, &url);
    post(&emulator, &url, &picked)
}

/// The value of a hidden field, as a browser would send it.
fn field(reply: &Reply, name: &str) -> String {
    let escaped = name.replace('&', "&amp;");
    let before = format!("name=\"{escaped}\" value=\"");
    let (_, rest) = reply.text().split_once(&before).unwrap();
    unescaped(rest.split_once('"').unwrap().0)
}

fn unescaped(html: &str) -> String {
    [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Takes one request, answers it, and tells its bytes.
fn receiver() -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut request = String::new();
        let mut bytes = [0; 4096];
        while !is_whole(&request) {
            let read = stream.read(&mut bytes).unwrap();
            assert_ne!(read, 0, "cut off: {request}");
            request.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
        stream
            .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        request
    });
    (address, received)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let (_, rest) = head.split_once("Content-Length: ").unwrap();
    let promised: usize = rest.lines().next().unwrap().parse().unwrap();
    body.len() == promised
}

/// The last event, once it is one that `wanted` wants.
fn awaited(emulator: &Emulator, wanted: impl Fn(&EventKind) -> bool) -> EventKind {
    let begun = Instant::now();
    loop {
        let kind = emulator.journal().events.last().unwrap().kind.clone();
        if wanted(&kind) {
            return kind;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{kind:?}");
        thread::yield_now();
    }
}

#[test]
fn the_start_page_shows_what_it_was_given_but_not_the_token() {
    let (emulator, token) = logged_in();
    let query = "interface=3&interfaceType=JSON&interfaceName=%3Cb%3Eshop&HOOK_URL=x&filter=y";
    let page = get(&emulator, &start(&token, query), &[]);
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(!text.contains(&token));
    assert!(text.contains(&Fingerprint::of(&token).to_string()));
    assert!(text.contains("&lt;b&gt;shop") && !text.contains("<b>"));
    assert!(text.contains("HOOK_URL</th><td><code>x</code> <small>no effect: unknown"));
    assert!(text.contains("filter</th><td><code>y</code> <small>no effect in the emulator"));
    assert!(text.contains("Goot &amp; Zn.") && !text.contains("Goot & Zn."));
    for id in offered(&page) {
        assert!(text.contains(&format!("<label class=\"what\" for=\"pick-{id}\">")));
        assert!(text.contains(&format!("<label for=\"quantity-{id}\">")));
    }
}

#[test]
fn the_token_is_judged_and_the_verdict_written_down() {
    let (emulator, token) = logged_in();
    let page = get(&emulator, &start(&token, "q=kabelgoot"), &[]);
    assert_eq!(page.status, 200);
    emulator.advance(Duration::from_secs(120)).unwrap();
    let expired = get(&emulator, &start(&token, "q=kabelgoot"), &[]);
    let unknown = get(&emulator, &start("canary", ""), &[]);
    let none = get(&emulator, "/unifeed/?accessToken=", &[]);
    for (page, says) in [
        (&expired, "has expired"),
        (&unknown, "is unknown"),
        (&none, "There is none"),
    ] {
        assert_eq!(page.status, 401);
        assert!(page.text().contains("role=\"alert\""));
        assert!(page.text().contains(says), "{says}");
        assert!(!page.text().contains("<form") && !page.text().contains("canary"));
        assert!(
            page.header("www-authenticate")
                .unwrap()
                .starts_with("Bearer")
        );
    }
    let refusals: Vec<_> = emulator
        .journal()
        .events
        .iter()
        .filter_map(|event| {
            if let EventKind::UnifeedOpened { refused, .. } = &event.kind {
                Some(*refused)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        refusals,
        [
            None,
            Some(BearerRefusal::Expired),
            Some(BearerRefusal::UnknownToken),
            Some(BearerRefusal::NoToken),
        ]
    );
    let journal = serde_json::to_string(&emulator.journal()).unwrap();
    assert!(!journal.contains("canary") && !journal.contains(&token));
}

#[test]
fn a_selection_is_refused_once_the_token_is_over() {
    let (emulator, token) = logged_in();
    let url = start(&token, "interfaceType=JSON&interface=3");
    let picked = picked(&emulator, &url);
    emulator.advance(Duration::from_secs(120)).unwrap();
    let reply = post(&emulator, &url, &picked);
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("location"), None);
}

#[test]
fn the_page_is_strict_about_what_a_browser_may_do_with_it() {
    let (emulator, token) = logged_in();
    let hook = encode("http://localhost:8000/hook?x");
    let query = format!("interfaceType=JSONGET&interface=32&hookUrl={hook}");
    let page = get(&emulator, &start(&token, &query), &[]);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(
        policy.contains("form-action 'self' http://localhost:8000;"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    assert_eq!(page.header("referrer-policy"), Some("origin"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for loader in ["src=", "href=", "url(", "@import", "<script"] {
        assert!(!page.text().contains(loader), "{loader}");
    }
}

#[test]
fn the_page_is_dutch_for_who_reads_dutch() {
    let (emulator, token) = logged_in();
    let url = start(&token, "interfaceType=JSON&interface=3");
    let page = get(&emulator, &url, &[("Accept-Language", "nl")]);
    assert_eq!(page.header("content-language"), Some("nl"));
    assert!(page.text().contains("<html lang=\"nl\">"));
    assert!(page.text().contains("Geef de selectie terug via JSON"));
}

#[test]
fn a_wrong_start_url_is_told_what_is_wrong() {
    let (emulator, token) = logged_in();
    for (query, says) in [
        (
            "interfaceType=XML&interface=3",
            "There is no such interfaceType",
        ),
        ("interfaceType=OCI2&interface=3", "needs a hookUrl"),
        (
            "interfaceType=JSON&interface=3&hookUrl=javascript%3Aalert(1)",
            "whole http or https address",
        ),
        (
            "interfaceType=SERVERJSONPOST&interface=3&hookUrl=http%3A%2F%2F192.0.2.1%2F",
            "to this computer only",
        ),
        ("q=1&q=2", "occurs twice"),
    ] {
        let page = get(&emulator, &start(&token, query), &[]);
        let posted = post(&emulator, &start(&token, query), UNOFFERED);
        for reply in [page, posted] {
            assert_eq!(reply.status, 400, "{query}");
            assert!(reply.text().contains(says), "{says}");
            assert!(!reply.text().contains("<form"));
        }
    }
}

#[test]
fn an_empty_selection_and_a_wrong_quantity_are_announced_and_keep_what_was_filled_in() {
    let (emulator, token) = logged_in();
    let url = start(&token, "interfaceType=JSON&interface=3");
    let offered = offered(&get(&emulator, &url, &[]));
    let (one, two) = (offered[0], offered[1]);
    let empty = post(&emulator, &url, &format!("quantity-{one}=1"));
    assert_eq!(empty.status, 200);
    assert!(
        empty
            .text()
            .contains("role=\"alert\">Pick at least one article.")
    );
    let wrong = post(
        &emulator,
        &url,
        &format!("pick-{one}=1&quantity-{one}=0&pick-{two}=1&quantity-{two}=7"),
    );
    assert!(wrong.text().contains("from 1 to 99999"));
    assert!(wrong.text().contains("<title>Error: "));
    assert_eq!(wrong.text().matches(" checked>").count(), 2);
    assert!(
        wrong
            .text()
            .contains(&format!("name=\"quantity-{two}\" value=\"7\""))
    );
    assert_eq!(wrong.text().matches("aria-invalid=\"true\"").count(), 1);
    assert!(wrong.text().contains(&format!(
        "name=\"quantity-{one}\" value=\"0\" min=\"1\" max=\"99999\" step=\"1\" \
         inputmode=\"numeric\" aria-invalid=\"true\" aria-describedby=\"refused\" autofocus"
    )));
}

#[test]
fn json_without_a_hook_is_the_body_of_a_page_that_is_navigated_to() {
    let (emulator, token) = logged_in();
    for (interface, path) in [("3", "JSON"), ("4", "ProductJSON")] {
        let url = start(&token, &format!("interfaceType=JSON&interface={interface}"));
        let picked = picked(&emulator, &url);
        let reply = post(&emulator, &url, &picked);
        assert_eq!(reply.status, 303);
        let location = reply.header("location").unwrap();
        assert!(location.starts_with(&format!("/unifeed/interface/{path}?")));
        let page = get(&emulator, location, &[]);
        let (_, rest) = page.text().split_once("<body>").unwrap();
        let json: Value = serde_json::from_str(rest.split_once("</body>").unwrap().0).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 2);
        let member = if interface == "3" {
            "SuppliersTradeItemId"
        } else {
            "ProductId"
        };
        assert!(json[0][member].is_string());
    }
}

#[test]
fn json_with_a_hook_is_a_form_to_it() {
    let hook = "http://localhost:8000/hook?a=1&b='2'";
    let reply = give_back(&format!(
        "interfaceType=JSON&interface=3&hookUrl={}",
        encode(hook)
    ));
    assert_eq!(reply.status, 200);
    let before = "<form method=\"post\" action=\"";
    let (_, rest) = reply.text().split_once(before).unwrap();
    let (action, _) = rest.split_once("\">").unwrap();
    assert_eq!(unescaped(action), hook);
    assert!(action.contains("?a=1&amp;b="));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(
        policy.contains("form-action http://localhost:8000;"),
        "{policy}"
    );
    assert!(!policy.contains("script-src"));
    let json: Value = serde_json::from_str(&field(&reply, "Json")).unwrap();
    assert_eq!(json[0]["Quantity"], json!("10"));
    assert_eq!(json[1]["Quantity"], json!("2"));
}

#[test]
fn jsonpost_may_post_to_its_hook_by_its_one_script() {
    let reply = give_back(&format!(
        "interfaceType=JSONPOST&interface=4&hookUrl={}",
        encode("http://localhost:8000/hook")
    ));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains("; script-src 'sha256-"));
    assert!(
        policy.ends_with("; connect-src http://localhost:8000"),
        "{policy}"
    );
    assert_eq!(reply.text().matches("<script").count(), 1);
    assert!(reply.text().contains("<noscript>"));
    let json: Value = serde_json::from_str(&field(&reply, "Json")).unwrap();
    assert_eq!(json[0].as_object().unwrap().len(), 2);
}

#[test]
fn jsonget_is_a_redirect_with_a_reference() {
    let reply = give_back(&format!(
        "interfaceType=JSONGET&interface=32&hookUrl={}",
        encode("http://localhost:8000/hook?session=7")
    ));
    assert_eq!(reply.status, 303);
    let (before, rest) = reply
        .header("location")
        .unwrap()
        .split_once("%22Id%22%3A")
        .unwrap();
    assert_eq!(
        before,
        "http://localhost:8000/hook?session=7&json=%7B%22Type%22%3A%22interface%22%2C"
    );
    let number = rest.strip_suffix("%7D").unwrap();
    assert!(number.parse::<u64>().is_ok(), "{number}");
    assert_eq!(reply.header("referrer-policy"), Some("origin"));
}

#[test]
fn oci_is_a_form_with_one_based_fields() {
    let hook = encode("https://srm.example/inbound");
    for (kind, length) in [("OCI", 36), ("OCI2", 6)] {
        let reply = give_back(&format!("interfaceType={kind}&interface=3&hookUrl={hook}"));
        assert!(
            reply
                .text()
                .contains("action=\"https://srm.example/inbound\"")
        );
        assert_eq!(field(&reply, "NEW_ITEM-QUANTITY[1]"), "10.000");
        assert_eq!(field(&reply, "NEW_ITEM-EXT_PRODUCT_ID[1]").len(), length);
        assert_eq!(field(&reply, "NEW_ITEM-QUANTITY[2]"), "2.000");
    }
}

#[test]
fn download_is_a_file() {
    let reply = give_back("interfaceType=DOWNLOAD&interface=1");
    assert_eq!(
        reply.header("content-disposition"),
        Some("attachment; filename=\"unifeed.json\"")
    );
    assert_eq!(reply.json().as_array().unwrap().len(), 2);
}

#[test]
fn serverjsonpost_posts_to_this_machine_and_sends_the_browser_on() {
    let (emulator, token) = logged_in();
    let (address, received) = receiver();
    let query = format!(
        "interfaceType=SERVERJSONPOST&interface=3&hookUrl={}&RedirectAfterPost={}",
        encode(&format!("http://{address}/hook?s=7")),
        encode("http://localhost:8000/done")
    );
    let url = start(&token, &query);
    let picked = picked(&emulator, &url);
    let reply = post(&emulator, &url, &picked);
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), Some("http://localhost:8000/done"));
    let request = received.join().unwrap();
    assert!(request.starts_with(&format!("POST /hook?s=7 HTTP/1.1\r\nHost: {address}\r\n")));
    assert!(request.contains("Content-Type: application/json"));
    assert!(!request.contains("Authorization") && !request.contains(&token));
    let json: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(json[0]["Quantity"], json!("10"));
    assert_eq!(json[0]["ProductId"], Value::Null);
    let delivered = awaited(&emulator, |kind| {
        matches!(kind, EventKind::UnifeedDelivered { .. })
    });
    assert_eq!(delivered, EventKind::UnifeedDelivered { status: Some(202) });
}

#[test]
fn serverjsonpost_brings_the_token_of_a_known_application() {
    let builder = Emulator::builder().callback_application("shop", "canary-1");
    let emulator = builder.start().unwrap();
    let token = log_in(&emulator).member("access_token");
    for (cbap, header) in [
        ("shop", Some("Authorization: Bearer canary-1\r\n")),
        ("another", None),
    ] {
        let (address, received) = receiver();
        let hook = encode(&format!("http://{address}/hook"));
        let query = format!("interfaceType=SERVERJSONPOST&interface=3&cbap={cbap}&hookUrl={hook}");
        let url = start(&token, &query);
        let page = post(&emulator, &url, &picked(&emulator, &url));
        assert!(page.status == 200 && !page.text().contains("canary-1"));
        let request = received.join().unwrap();
        match header {
            Some(header) => assert!(request.contains(header), "{request}"),
            None => assert!(!request.contains("Authorization"), "{request}"),
        }
    }
    let journal = format!("{:?}{:?}", emulator.journal(), emulator.requests());
    assert!(!journal.contains("canary-1"), "{journal}");
    let unusable = Emulator::builder().callback_application("shop", "a\r\nb");
    assert!(!format!("{unusable:?}").contains("a\\r"), "{unusable:?}");
    let error = unusable.start().map(drop).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn serverjsonpost_waits_for_nobody() {
    let (emulator, token) = logged_in();
    // Connects, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = encode(&format!("http://{}/", silent.local_addr().unwrap()));
    let query = format!("interfaceType=SERVERJSONPOST&interface=3&hookUrl={hook}");
    let url = start(&token, &query);
    let picked = picked(&emulator, &url);
    let reply = post(&emulator, &url, &picked);
    assert_eq!(reply.status, 200);
    assert_eq!(
        emulator.journal().events.last().unwrap().kind,
        EventKind::UnifeedReturned {
            interface_type: "SERVERJSONPOST",
            items: 2
        }
    );
}

#[test]
fn a_receiver_that_is_not_there_is_found_in_the_journal() {
    let (emulator, token) = logged_in();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let query = format!("interfaceType=SERVERJSONPOST&interface=3&hookUrl=http%3A%2F%2F{address}");
    let url = start(&token, &query);
    let picked = picked(&emulator, &url);
    let reply = post(&emulator, &url, &picked);
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("on its way"));
    let delivered = awaited(&emulator, |kind| {
        matches!(kind, EventKind::UnifeedDelivered { .. })
    });
    assert_eq!(delivered, EventKind::UnifeedDelivered { status: None });
}

#[test]
fn the_emulator_does_not_post_to_itself() {
    let (emulator, token) = logged_in();
    let hook = encode(&format!("{}/_emulator/reset", emulator.url()));
    let query = format!("interfaceType=SERVERJSONPOST&interface=3&hookUrl={hook}");
    let reply = post(&emulator, &start(&token, &query), UNOFFERED);
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("does not post to itself"));
    assert_eq!(emulator.counts().token_posts, 1);
}

#[test]
fn a_selection_is_not_taken_from_the_page_of_another_site() {
    let (emulator, token) = logged_in();
    let url = start(&token, "interfaceType=JSON&interface=3");
    let picked = picked(&emulator, &url);
    let reply = post_with(&emulator, &url, ("Origin", "https://evil.example"), &picked);
    assert_eq!(reply.status, 400);
    let reply = post_with(&emulator, &url, ("Origin", emulator.url()), &picked);
    assert_eq!(reply.status, 303);
}

#[test]
fn only_what_unifeed_has_is_answered() {
    let emulator = emulator();
    assert_eq!(get(&emulator, "/unifeed/other", &[]).status, 404);
    assert_eq!(get(&emulator, "/unifeedish", &[]).status, 404);
    assert_eq!(send(&emulator, "PUT", "/unifeed/", &[], "").status, 405);
    assert_eq!(
        send(&emulator, "POST", "/unifeed/interface/JSON", &[], "").status,
        405
    );
    assert_eq!(
        get(&emulator, "/unifeed/interface/JSON?%zz", &[]).status,
        400
    );
    assert_eq!(get(&emulator, "/unifeed", &[]).status, 401);
}
