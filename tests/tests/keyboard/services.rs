//! What a person is told where a service does not answer with data, and where an advice leads.

use std::fs;

use twoba_testkit::{Act, Script};
use twoba_tests::{Desk, SECRET, Said};

use crate::Filed;

const SEARCH: [&str; 3] = ["get", "Product/Search", "query=x"];
const SOAP: [&str; 4] = ["soap", "Product", "Search", "query=x"];

/// What each command says of services that answer like this.
fn asked_at(act: &dyn Fn() -> Act) -> Vec<Said> {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let rows = desk.home.path().join("in");
    fs::write(&rows, "kabelgoot\n").unwrap();
    let rows = rows.display().to_string();
    let batch = ["batch", "Product/Search", "--from", &rows];
    let ask = |words: &[&str]| {
        let script = Script::start([act()]).unwrap();
        let base = [
            ("TWOBA_SERVICE_URL", script.url()),
            ("TWOBA_SOAP_URL", script.url()),
        ];
        desk.cli(&base).run(words)
    };
    vec![ask(&SEARCH), ask(&SOAP), ask(&batch)]
}

#[test]
fn a_service_that_redirects_is_a_wrong_address_and_says_where_it_points() {
    let location = [("Location", "http://u:canary@evil.example/x?canary")];
    for said in asked_at(&|| Act::respond("302 Found", &location, "")) {
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("to evil.example/x)"), "{said:?}");
        assert!(said.stderr.contains("TWOBA_SERVICE_URL"), "{said:?}");
        assert!(!said.stderr.contains("canary"), "{said:?}");
        assert!(!said.stderr.contains("later"), "{said:?}");
    }
}

#[test]
fn the_page_of_a_firewall_is_no_matter_of_rights() {
    let html = [("Content-Type", "text/html")];
    for said in asked_at(&|| Act::respond("403 Forbidden", &html, "<h1>Blocked</h1>")) {
        assert_eq!(said.code, 5, "{said:?}");
        assert!(said.stderr.contains("a web page came"), "{said:?}");
        assert!(!said.stderr.contains("ask 2BA"), "{said:?}");
    }
    for said in asked_at(&|| Act::respond("403 Forbidden", &[], "")) {
        assert_eq!(said.code, 6, "{said:?}");
        assert!(said.stderr.contains("ask 2BA for the right"), "{said:?}");
    }
}

#[test]
fn the_time_of_the_next_attempt_is_told_where_it_is_known() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let busy = || Act::respond("503 Service Unavailable", &[("Retry-After", "3000")], "");
    let script = Script::start([busy(), busy()]).unwrap();
    let at = [
        ("TWOBA_SERVICE_URL", script.url()),
        ("TWOBA_TOKEN_URL", script.url()),
    ];
    let asked = desk.cli(&at[..1]).run(&SEARCH);
    let login = desk
        .cli(&at[1..])
        .run(&["login", "--password", "--replace"]);
    for said in [asked, login] {
        assert_eq!(said.code, 5, "{said:?}");
        assert!(
            said.stderr.contains("try again in 3000 s, at 20"),
            "{said:?}"
        );
        assert!(said.stderr.contains("nothing is lost"), "{said:?}");
    }
}

#[test]
fn an_answer_that_is_no_utf_8_is_no_result() {
    let json = [("Content-Type", "application/json")];
    let latin = b"{\"x\":\"caf\xe9\"}";
    let [get, _, batch]: [Said; 3] = asked_at(&|| Act::respond_bytes("200 OK", &json, latin))
        .try_into()
        .unwrap();
    for said in [get, batch] {
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(said.stdout, "", "{said:?}");
        assert!(
            said.stderr.contains("the service's answer is no UTF-8"),
            "{said:?}"
        );
    }
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let script = Script::start([Act::respond_bytes("200 OK", &json, latin)]).unwrap();
    let out = desk.home.path().join("raw");
    let words = [&SEARCH[..], &["--raw", "-o", out.to_str().unwrap()]].concat();
    desk.cli(&[("TWOBA_SERVICE_URL", script.url())])
        .run(&words)
        .done();
    assert_eq!(fs::read(out).unwrap(), latin);
}

#[test]
fn what_is_wrong_with_a_parameter_is_told() {
    let problem = r#"{"title":"Bad Request","status":400,"detail":"The field `errors` says which.",
        "errors":{"size":["It has to be a whole number from 0 to 1000."]}}"#;
    let headers = [("Content-Type", "application/problem+json")];
    let [get, _, batch]: [Said; 3] =
        asked_at(&|| Act::respond("400 Bad Request", &headers, problem))
            .try_into()
            .unwrap();
    assert_eq!((get.code, batch.code), (6, 1));
    for said in [get, batch] {
        let part = "size: It has to be a whole number from 0 to 1000.";
        assert!(said.stderr.contains(part), "{said:?}");
    }
}

#[test]
fn a_picture_is_kept_as_it_came() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let words = [
        "get",
        "Thumbnail/Product",
        "gln=2008710000011",
        "productcode=KG-60040-W",
    ];
    let said = desk.run(&words);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.stderr
            .contains("it is a picture: keep it with `--raw -o FILE`"),
        "{said:?}"
    );
    let out = desk.home.path().join("picture");
    let words = [&words[..], &["--raw", "-o", out.to_str().unwrap()]].concat();
    desk.run(&words).done();
    assert!(fs::read(out).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_call_by_soap_that_lacks_a_parameter_is_told_which() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let soap = format!("{}/1/soap", desk.emulator.url());
    let cli = desk.cli(&[("TWOBA_SOAP_URL", &soap)]);
    for more in [&[][..], &["qury=x"]] {
        let said = cli.run(&[&["soap", "Product", "Search"], more].concat());
        assert_eq!(said.code, 6, "{said:?}");
        assert!(
            said.stderr
                .contains("needs the parameter query, as in query=kabelgoot"),
            "{said:?}"
        );
    }
}

#[test]
fn a_scope_that_the_server_does_not_know_is_not_sought_in_the_secret() {
    let desk = Desk::new();
    let said = desk
        .cli(&[("TWOBA_SCOPES", "nope")])
        .run(&["login", "--password"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr.contains("check scopes (TWOBA_SCOPES)"),
        "{said:?}"
    );
    assert!(!said.stderr.contains("client-secret"), "{said:?}");
}

#[test]
fn an_advice_names_no_variable_that_is_passed_over() {
    let filed = Filed::with_profile("a", "");
    let words = ["--profile", "a", "login", "--password"];
    let user = [&words[..], &["--username", "x"]].concat();
    for (words, variable, flag) in [
        (&words[..], "TWOBA_USERNAME", "--username"),
        (&user[..], "TWOBA_PASSWORD", "--password-stdin"),
    ] {
        let said = filed.cli(&[]).run(words);
        assert_eq!(said.code, 2, "{said:?}");
        let told = format!(
            "--profile passes {variable} over: use {flag}, or name the profile with TWOBA_PROFILE"
        );
        assert!(said.stderr.contains(&told), "{said:?}");
    }
    // As it is advised.
    let cli = filed.cli(&[("TWOBA_PROFILE", "a"), ("TWOBA_CLIENT_SECRET", SECRET)]);
    cli.run(&["login", "--password"]).done();
}
