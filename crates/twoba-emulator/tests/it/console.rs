//! The console: its page, the requests that it lists and the updates that it waits for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use twoba_emulator::{
    Clock, Emulator, Fault, FaultPoint, FaultRule, Fingerprint, RegisteredClient, RegisteredUser,
};

use crate::wire::{
    control, encode, exchange, get, log_in, post, post_with, refresh, refresh_form, request,
    search, send, token, token_bytes,
};

fn emulator() -> Emulator {
    Emulator::builder().clock(Clock::Manual).start().unwrap()
}

/// The document of the last requests.
fn requests(emulator: &Emulator, query: &str) -> Value {
    get(emulator, &format!("/_emulator/requests{query}"), &[]).json()
}

/// An update that does not wait.
fn update(emulator: &Emulator, since: &str) -> Value {
    let path = format!("/_emulator/updates?wait=0s&since={since}");
    get(emulator, &path, &[]).json()
}

fn cursor(update: &Value) -> &str {
    update["cursor"].as_str().unwrap()
}

/// The parameters of a request as `name=value`, with the fingerprint where there is one.
fn shown(parameters: &Value) -> Vec<String> {
    let parameters = parameters.as_array().unwrap();
    let shown = parameters.iter().map(|parameter| {
        let text = |name: &str| parameter[name].as_str();
        let value = text("fingerprint").or(text("value")).unwrap();
        format!("{}={value}", text("name").unwrap())
    });
    shown.collect()
}

#[test]
fn the_page_and_its_files_come_from_here_alone_and_are_all_there() {
    let emulator = emulator();
    let page = get(&emulator, "/_emulator/", &[]);
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part}");
    }
    // What the policy would refuse must not be there either.
    for barred in [
        "<script>",
        "<style>",
        " style=",
        " onclick=",
        "src=\"http",
        "href=\"http",
    ] {
        assert!(!page.text().contains(barred), "{barred}");
    }
    let mut files = vec![("style.css".to_owned(), "text/css; charset=utf-8")];
    let mut scripts = vec!["main.js".to_owned()];
    while let Some(name) = scripts.pop() {
        let script = get(&emulator, &format!("/_emulator/{name}"), &[]);
        for import in script.text().split("from \"./").skip(1) {
            scripts.push(import.split('"').next().unwrap().to_owned());
        }
        files.push((name, "text/javascript; charset=utf-8"));
    }
    assert!(files.len() > 9, "{files:?}");
    for (name, media_type) in files {
        let file = get(&emulator, &format!("/_emulator/{name}"), &[]);
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.header("content-type"), Some(media_type), "{name}");
        assert!(!file.text().contains("innerHTML"), "{name}");
    }
}

#[test]
fn the_page_is_found_without_its_slash_and_nothing_else_is_there() {
    let emulator = emulator();
    let reply = get(&emulator, "/_emulator", &[]);
    assert_eq!(reply.status, 308);
    assert_eq!(reply.header("location"), Some("/_emulator/"));
    assert_eq!(get(&emulator, "/_emulator/page.html", &[]).status, 404);
    assert_eq!(get(&emulator, "/_emulator/../main.js", &[]).status, 404);
    assert_eq!(control(&emulator, "main.js", "").status, 405);
    assert_eq!(control(&emulator, "updates", "").status, 405);
    assert_eq!(control(&emulator, "requests", "").status, 405);
}

#[test]
fn pages_of_other_sites_see_neither_requests_nor_updates() {
    let emulator = emulator();
    for path in ["", "main.js", "accounts", "requests", "updates?wait=0s"] {
        let path = format!("/_emulator/{path}");
        let foreign = [("Origin", "https://evil.example")];
        assert_eq!(get(&emulator, &path, &foreign).status, 403, "{path}");
        let rebound = [("Host", "rebound.evil.example")];
        assert_eq!(get(&emulator, &path, &rebound).status, 403, "{path}");
        let own = [("Origin", emulator.url())];
        assert_eq!(get(&emulator, &path, &own).status, 200, "{path}");
    }
}

#[test]
fn every_fault_and_policy_on_the_page_is_one_that_the_emulator_has() {
    let emulator = emulator();
    let page = get(&emulator, "/_emulator/", &[]);
    let options = |id: &str| -> Vec<(String, String)> {
        let (_, rest) = page.text().split_once(&format!("id=\"{id}\"")).unwrap();
        let (select, _) = rest.split_once("</select>").unwrap();
        let options = select.split("<option").skip(1).map(|option| {
            let (attributes, text) = option.split_once('>').unwrap();
            let name = text.split("</option>").next().unwrap().to_owned();
            let example = attributes.split_once("data-value=\"").map(|(_, rest)| {
                let example = rest.split('"').next().unwrap();
                format!("{name}:{}", example.replace("&quot;", "\""))
            });
            (name.clone(), example.unwrap_or(name))
        });
        options.collect()
    };
    let mut faults: Vec<String> = Vec::new();
    for (name, spelled) in options("fault-then") {
        let fault = spelled.parse::<Fault>();
        assert!(fault.is_ok(), "{spelled}: {fault:?}");
        faults.push(name);
    }
    // And the other way round: the emulator's own words for an unknown fault name all of them.
    let unknown = "nothing".parse::<Fault>().unwrap_err().to_string();
    let (_, list) = unknown.split_once("there are ").unwrap();
    let mut known: Vec<String> = list
        .split([',', ' '])
        .filter(|word| !word.is_empty() && *word != "and")
        .map(|word| word.split(':').next().unwrap().to_owned())
        .filter(|name| name != "after-commit")
        .collect();
    faults.sort();
    known.sort();
    assert_eq!(faults, known);
    for (_, policy) in options("policy") {
        let body = json!({ "policy": policy }).to_string();
        assert_eq!(control(&emulator, "policy", &body).status, 200, "{policy}");
    }
    for (point, _) in options("fault-on") {
        let body = json!([{ "on": point, "nth": "every", "then": "bare-400" }]).to_string();
        assert_eq!(control(&emulator, "faults", &body).status, 200, "{point}");
    }
}

#[test]
fn a_request_is_listed_with_what_it_said_and_what_it_led_to() {
    let emulator = emulator();
    let granted = log_in(&emulator);
    let old = granted.member("refresh_token");
    let access = refresh(&emulator, &old).member("access_token");
    refresh(&emulator, &old);
    search(&emulator, &access);
    let document = requests(&emulator, "");
    assert_eq!(document["total"], 4);
    let list = document["requests"].as_array().unwrap();
    assert_eq!(
        shown(&list[0]["form"]),
        [
            "client_id=myApplication",
            "client_secret=[redacted]",
            "grant_type=password",
            "username=demo@example.com",
            "password=[redacted]",
        ]
    );
    let print = Fingerprint::of(&old).to_string();
    for again in &list[1..3] {
        let form = shown(&again["form"]);
        assert_eq!(form.last().unwrap(), &format!("refresh_token={print}"));
    }
    assert_eq!(list[3]["path"], "/1/json/Product/Search");
    assert_eq!(shown(&list[3]["query"]), ["query=kabelgoot"]);
    assert_eq!(
        list[3]["authorization"],
        json!({ "scheme": "bearer", "fingerprint": Fingerprint::of(&access).to_string() })
    );
    let journal = serde_json::to_value(emulator.journal()).unwrap();
    let outcome = |request: &Value| -> Vec<String> {
        let events = request["events"].as_array().unwrap().iter();
        events
            .map(|sequence| {
                let index = usize::try_from(sequence.as_u64().unwrap() - 1).unwrap();
                journal["events"][index]["kind"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(outcome(&list[0]), ["token_request", "login"]);
    assert_eq!(outcome(&list[1]), ["token_request", "rotation"]);
    let reuse = ["token_request", "reuse", "family_revoked", "refused"];
    assert_eq!(outcome(&list[2]), reuse);
    assert_eq!(outcome(&list[3]), ["service_call", "service_refused"]);
    let statuses: Vec<_> = list.iter().map(|request| &request["status"]).collect();
    assert_eq!(statuses, [200, 200, 400, 401]);
    let in_process = serde_json::to_value(emulator.requests()).unwrap();
    assert_eq!(in_process, document["requests"]);
}

#[test]
fn requests_can_be_asked_for_from_a_number_on() {
    let emulator = emulator();
    for _ in 0..3 {
        log_in(&emulator);
    }
    let numbers = |query: &str| -> Vec<u64> {
        let document = requests(&emulator, query);
        let list = document["requests"].as_array().unwrap().iter();
        list.map(|request| request["number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(""), [1, 2, 3]);
    assert_eq!(numbers("?after=2"), [3]);
    assert!(numbers("?after=3").is_empty());
    let reply = get(&emulator, "/_emulator/requests?after=x", &[]);
    assert_eq!(reply.status, 400);
}

#[test]
fn a_request_without_an_answer_is_listed_too() {
    let emulator = emulator();
    emulator.add_fault(FaultRule::next(FaultPoint::Token, Fault::DropBefore));
    let login = "grant_type=password&username=demo%40example.com&password=myPassword";
    assert!(token_bytes(&emulator, login).is_empty());
    let seen = emulator.requests();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].status, None);
    assert_eq!(seen[0].form.len(), 5);
    assert_eq!(seen[0].events, [1, 2]);
}

#[test]
fn of_an_odd_request_only_its_size_is_told() {
    let emulator = emulator();
    let long = format!("grant_type=password&password={}", "x".repeat(5_000));
    post(&emulator, "/OAuth/Token", &long);
    let json_type = [("Content-Type", "application/json")];
    let body = "{\"password\":\"x\"}";
    send(&emulator, "POST", "/OAuth/Token", &json_type, body);
    let long_path = format!("/{}", "p/".repeat(2_000));
    get(&emulator, &long_path, &[]);
    let many = "scope=openid&".repeat(100);
    post(&emulator, "/OAuth/Token", &many);
    let seen = emulator.requests();
    assert_eq!(seen[0].body_bytes, Some(long.len()));
    assert!(seen[0].form.is_empty());
    assert_eq!(seen[1].body_bytes, Some(body.len()));
    assert!(seen[1].form.is_empty());
    assert_eq!(seen[2].path, "[redacted]");
    assert_eq!(seen[3].form.len(), 32);
    assert_eq!(seen[3].other_parameters, 68);
}

/// Secrets that stand nowhere else, so that finding one means that it came from a request.
const CLIENT_SECRET: &str = "canaryClientSecret";
const PASSWORD: &str = "canary p@ss+%/";
const TYPED: [&str; 5] = [
    "canaryTyped",
    "canary-typed.com",
    "canaryStateOrVerifierThatIsLongEnoughForAnything",
    "/canaryPath?code=canaryQuery#canaryFragment",
    "canary\u{e9}<script>",
];

/// Where a caller writes what he likes; short plain text is shown there unless it is a secret here.
const PLAIN: [&str; 5] = ["callback", "query", "gtin", "gln", "productcode"];

const GUARDED: [&str; 25] = [
    "grant_type",
    "response_type",
    "response_mode",
    "scope",
    "client_id",
    "client_secret",
    "username",
    "password",
    "redirect_uri",
    "refresh_token",
    "access_token",
    "token",
    "token_type_hint",
    "code",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "state",
    "nonce",
    "prompt",
    "action",
    "assertion",
    "client_assertion",
    "login_hint",
    "unheard_of",
];

/// Fills these parameters and every other place that a request has with a secret.
fn send_everywhere(emulator: &Emulator, names: &[&str], secret: &str) {
    let encoded = encode(secret);
    for path in [
        "/OAuth/Token",
        "/OAuth/Authorize",
        "/connect/revocation",
        "/1/json/Product/Search",
        "/nothing",
    ] {
        for name in names {
            let pair = format!("{name}={encoded}");
            post(emulator, path, &pair);
            post(emulator, &format!("{path}?{pair}"), "");
            get(emulator, &format!("{path}?{pair}"), &[]);
            // Encoded twice, as careless clients do.
            post(emulator, path, &format!("{name}={}", encode(&encoded)));
        }
        // A name instead of a value, a body that is no form, a segment of the path.
        post(emulator, path, &encoded);
        post(emulator, path, &format!("{encoded}={encoded}"));
        post(emulator, path, &format!("a={secret}%"));
        send(emulator, "POST", path, &[("Content-Type", secret)], secret);
        get(emulator, &format!("{path}/{encoded}"), &[]);
        get(emulator, &format!("/{encoded}{path}"), &[]);
        for header in [
            "Authorization",
            "Cookie",
            "User-Agent",
            "Referer",
            "Accept-Language",
        ] {
            for value in [
                secret.to_owned(),
                format!("Bearer {secret}"),
                format!("Basic {secret}"),
            ] {
                post_with(emulator, path, (header, &value), "grant_type=password");
            }
        }
    }
    // A method is made of fewer characters.
    let method: String = secret.chars().filter(char::is_ascii_alphanumeric).collect();
    exchange(
        emulator.addr(),
        &request(emulator, &method, "/OAuth/Token", &[], ""),
    );
}

/// All that can be seen of an emulator.
fn everything_seen(emulator: &Emulator) -> String {
    let mut seen = format!("{:?} {:?}", emulator.requests(), emulator.journal());
    for path in [
        "",
        "main.js",
        "state",
        "journal",
        "requests",
        "updates?wait=0s",
    ] {
        seen += get(emulator, &format!("/_emulator/{path}"), &[]).text();
    }
    seen
}

#[test]
fn no_secret_can_be_seen_wherever_a_request_puts_it() {
    let emulator = Emulator::builder()
        .clients([RegisteredClient::confidential("c", CLIENT_SECRET)])
        .users([RegisteredUser::new("u", PASSWORD)])
        .start()
        .unwrap();
    let login = format!(
        "client_id=c&client_secret={CLIENT_SECRET}&grant_type=password&username=u&password={}",
        encode(PASSWORD)
    );
    let granted = post(&emulator, "/OAuth/Token", &login);
    let tokens = ["access_token", "refresh_token"].map(|name| granted.member(name));
    let own = [CLIENT_SECRET, PASSWORD, &tokens[0], &tokens[1]];
    let everywhere = [&GUARDED[..], &PLAIN].concat();
    let places = own.map(|secret| (secret, &everywhere[..]));
    let typed = TYPED.map(|secret| (secret, &GUARDED[..]));
    for (secret, names) in places.into_iter().chain(typed) {
        send_everywhere(&emulator, names, secret);
        let seen = everything_seen(&emulator);
        // Whole, or the start or the middle of it, encoded or not.
        let count = secret.chars().count();
        let part = |start: usize| -> String { secret.chars().skip(start).take(12).collect() };
        for part in [part(0), part((count / 2).min(count - 10))] {
            for spelled in [encode(&part), encode(&part).to_uppercase(), part] {
                assert!(!seen.contains(&spelled), "{spelled} of {secret}");
            }
        }
        assert!(emulator.requests().len() > 400);
    }
}

#[test]
fn of_a_redirect_uri_only_its_origin_on_this_machine_is_shown() {
    let emulator = emulator();
    for (uri, expected) in [
        (
            "http://127.0.0.1:4711/callback",
            "http://127.0.0.1:4711/callback",
        ),
        ("http://[::1]:4711", "http://[::1]:4711"),
        (
            "http://localhost:4711/canary?code=canary",
            "http://localhost:4711/[redacted]",
        ),
        ("http://127.0.0.1:canary/", "[redacted]"),
        ("http://127.0.0.1.canary.example/", "[redacted]"),
        ("http://canary@127.0.0.1/", "[redacted]"),
        ("https://canary.example/callback", "[redacted]"),
    ] {
        let path = format!("/OAuth/Authorize?redirect_uri={}", encode(uri));
        get(&emulator, &path, &[]);
        let seen = emulator.requests().pop().unwrap();
        assert_eq!(seen.query[0].value, expected, "{uri}");
    }
}

#[test]
fn a_short_text_has_no_fingerprint_from_which_it_could_be_guessed() {
    let emulator = emulator();
    token(&emulator, &refresh_form("hunter2"));
    search(&emulator, "hunter2");
    let print = Fingerprint::of("hunter2").to_string();
    assert!(!requests(&emulator, "").to_string().contains(&print));
}

#[test]
fn the_client_of_a_basic_header_is_shown_by_its_id_alone() {
    let emulator = emulator();
    // myApplication:myApplicationSecret, and nobody:myApplicationSecret.
    for (credentials, client) in [
        (
            "bXlBcHBsaWNhdGlvbjpteUFwcGxpY2F0aW9uU2VjcmV0",
            "myApplication",
        ),
        ("bm9ib2R5Om15QXBwbGljYXRpb25TZWNyZXQ=", "[redacted]"),
    ] {
        let value = format!("Basic {credentials}");
        let form = "grant_type=client_credentials";
        post_with(&emulator, "/OAuth/Token", ("Authorization", &value), form);
        let document = requests(&emulator, "");
        let last = document["requests"].as_array().unwrap().last().unwrap();
        assert_eq!(
            last["authorization"],
            json!({ "scheme": "basic", "client": client })
        );
        assert!(!document.to_string().contains(credentials));
    }
}

#[test]
fn an_update_tells_what_is_new_and_only_that() {
    let emulator = emulator();
    let before = update(&emulator, "");
    assert_eq!(before["all"], true);
    let nothing = update(&emulator, cursor(&before));
    assert_eq!(nothing["all"], false);
    assert_eq!(nothing["cursor"], before["cursor"]);
    assert_eq!(nothing["events"], json!([]));
    let first = log_in(&emulator);
    log_in(&emulator);
    let both = update(&emulator, cursor(&nothing));
    assert_eq!(both["state"]["families"].as_array().unwrap().len(), 2);
    refresh(&emulator, &first.member("refresh_token"));
    let after = update(&emulator, cursor(&both));
    assert_eq!(after["counts"]["rotations"], 1);
    let kinds: Vec<_> = after["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["kind"])
        .collect();
    assert_eq!(kinds, ["token_request", "rotation"]);
    assert_eq!(after["requests"].as_array().unwrap().len(), 1);
    // Only the family that something happened to.
    let families = after["state"]["families"].as_array().unwrap();
    assert_eq!(families.len(), 1);
    assert_eq!(families[0]["family"], "f1");
    assert_eq!(after["state"]["family_count"], 2);
    let all = update(&emulator, "");
    assert_eq!(all["state"]["families"].as_array().unwrap().len(), 2);
    assert_eq!(all["events"].as_array().unwrap().len(), 6);
}

#[test]
fn after_a_reset_or_under_another_emulator_an_update_tells_everything() {
    let one = emulator();
    log_in(&one);
    let before = update(&one, "");
    one.reset();
    let after = update(&one, cursor(&before));
    assert_eq!(after["all"], true);
    assert_eq!(after["events"], json!([]));
    assert_eq!(after["requests"], json!([]));
    assert_ne!(after["cursor"], before["cursor"]);
    let other = emulator();
    assert_eq!(update(&other, cursor(&after))["all"], true);
}

#[test]
fn an_update_after_more_than_it_can_tell_says_so_and_lists_every_family() {
    let emulator = emulator();
    log_in(&emulator);
    let before = update(&emulator, "");
    log_in(&emulator);
    for _ in 0..2_100 {
        emulator.advance(Duration::from_secs(1)).unwrap();
    }
    let after = update(&emulator, cursor(&before));
    assert_eq!(after["events"].as_array().unwrap().len(), 2_000);
    assert_eq!(after["skipped_events"], 102);
    assert_eq!(after["state"]["families"].as_array().unwrap().len(), 2);
}

/// A connection on which an update waits; nothing has come back yet.
fn waiting(emulator: &Emulator) -> TcpStream {
    let since = update(emulator, "")["cursor"].as_str().unwrap().to_owned();
    let mut stream = TcpStream::connect(emulator.addr()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(15)))
        .unwrap();
    let path = format!("/_emulator/updates?since={since}");
    let request = request(emulator, "GET", &path, &[], "");
    stream.write_all(&request).unwrap();
    // Whoever is answered later came later, so the emulator has this request by then.
    get(emulator, "/_emulator/state", &[]);
    stream
}

#[test]
fn an_update_comes_as_soon_as_there_is_something_to_tell() {
    for change in [
        (|emulator: &Emulator| drop(log_in(emulator))) as fn(&Emulator),
        |emulator| drop(get(emulator, "/nothing", &[])),
        |emulator| emulator.add_fault(FaultRule::next(FaultPoint::Token, Fault::Bare400)),
        |emulator| emulator.set_faults([]),
        |emulator| emulator.reset(),
        |emulator| assert!(emulator.advance(Duration::from_secs(1)).is_ok()),
    ] {
        let emulator = emulator();
        let mut stream = waiting(&emulator);
        change(&emulator);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[test]
fn dropping_the_emulator_does_not_wait_for_those_who_watch() {
    let emulator = emulator();
    let mut watching: Vec<_> = (0..20).map(|_| waiting(&emulator)).collect();
    let begin = Instant::now();
    drop(emulator);
    assert!(begin.elapsed() < Duration::from_secs(5));
    for stream in &mut watching {
        // Closed or reset, without an answer.
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap_or_default();
        assert!(rest.is_empty());
    }
}

#[test]
fn who_only_watches_is_not_among_the_requests() {
    let emulator = emulator();
    for path in [
        "",
        "state",
        "journal",
        "requests",
        "updates?wait=0s",
        "nothing",
    ] {
        get(&emulator, &format!("/_emulator/{path}"), &[]);
    }
    control(&emulator, "reset", "");
    assert!(emulator.requests().is_empty());
}

#[test]
fn the_root_leads_to_the_console_which_names_the_documented_clients_and_users_only() {
    let emulator = Emulator::builder()
        .users([RegisteredUser::new("anna@example.com", "canary")])
        .start()
        .unwrap();
    let reply = get(&emulator, "/", &[]);
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), Some("/_emulator/"));
    assert_eq!(post(&emulator, "/", "").status, 405);
    let accounts = get(&emulator, "/_emulator/accounts", &[]).json();
    assert_eq!(
        accounts,
        json!({
            "clients": [
                {"id": "myApplication", "secret": "myApplicationSecret"},
                {"id": "publicApplication", "secret": null},
            ],
            "users": [],
        })
    );
    let demo = self::emulator();
    let accounts = get(&demo, "/_emulator/accounts", &[]).json();
    assert_eq!(accounts["users"][0]["name"], "demo@example.com");
    assert_eq!(accounts["users"][0]["password"], "myPassword");
}
