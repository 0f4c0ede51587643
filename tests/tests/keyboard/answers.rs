//! What a person is told of answers that are not what the program has asked for.

use twoba_testkit::{Act, Script};
use twoba_tests::{Desk, Login, Said, Terminal};

use crate::Filed;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

const FORM: [&str; 2] = ["login", "--password"];

/// A login by password at a token endpoint that answers like this.
fn logged_in_at(act: Act, arguments: &[&str]) -> Said {
    let script = Script::start([act]).unwrap();
    let desk = Desk::new();
    let url = format!("{}/token", script.url());
    desk.cli(&[("TWOBA_TOKEN_URL", &url)]).run(arguments)
}

#[test]
fn the_page_of_a_firewall_is_no_wrong_password() {
    for status in ["403 Forbidden", "200 OK"] {
        let page = Act::respond(status, &[("Content-Type", "text/html")], "<h1>Blocked</h1>");
        let said = logged_in_at(page, &FORM);
        assert_eq!(said.code, 5, "{said:?}");
        assert!(said.stderr.contains("a web page came"), "{said:?}");
        assert!(!said.stderr.contains("check user name"), "{said:?}");
    }
    let refused = Act::respond("400 Bad Request", &[], "");
    let said = logged_in_at(refused, &FORM);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(
        said.stderr.contains("check user name and password"),
        "{said:?}"
    );
}

#[test]
fn a_redirect_is_a_wrong_address_and_says_where_it_points() {
    for (to, told) in [
        (
            "https://u:canary@id.example:8443/connect/token?canary",
            "id.example:8443/connect/token",
        ),
        ("/login?canary", "/login"),
    ] {
        let act = || Act::respond("302 Found", &[("Location", to)], "");
        let said = logged_in_at(act(), &FORM);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains(&format!(" to {told})")), "{said:?}");
        assert!(said.stderr.contains("TWOBA_TOKEN_URL"), "{said:?}");
        assert!(!said.stderr.contains("canary"), "{said:?}");

        // The same of a refresh, which loses nothing by it.
        let granted =
            r#"{"access_token":"a","token_type":"Bearer","expires_in":120,"refresh_token":"r"}"#;
        let granted = || Act::respond("200 OK", &JSON, granted);
        let script = Script::start([granted(), act(), granted()]).unwrap();
        let desk = Desk::new();
        let url = format!("{}/token", script.url());
        let cli = desk.cli(&[("TWOBA_TOKEN_URL", &url)]);
        cli.run(&FORM).done();
        let said = cli.run(&["token", "--force-refresh"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(
            said.stderr.contains(&format!("redirects to {told})")),
            "{said:?}"
        );
        assert!(said.stderr.contains("nothing is lost"), "{said:?}");
        assert!(!said.stderr.contains("canary"), "{said:?}");
        cli.run(&["token"]).done();
    }
}

#[test]
fn a_refused_code_is_no_wrong_password() {
    let desk = Desk::new();
    let invalid = r#"{"error":"invalid_grant"}"#;
    let script = Script::start([Act::respond("400 Bad Request", &JSON, invalid)]).unwrap();
    let url = format!("{}/token", script.url());
    let cli = desk.cli(&[("TWOBA_TOKEN_URL", &url)]);
    let mut asking = cli.start(&["login", "--no-browser"]);
    asking.write_line("a-code-that-is-spent").unwrap();
    let said = cli.finish(asking);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(said.stderr.contains("no longer takes the code"), "{said:?}");
    assert!(!said.stderr.contains("password"), "{said:?}");
}

#[test]
fn a_session_without_a_refresh_token_promises_no_refresh() {
    let granted = r#"{"access_token":"abc","token_type":"Bearer","expires_in":120}"#;
    let said = logged_in_at(Act::respond("200 OK", &JSON, granted), &FORM).done();
    assert!(said.stderr.contains("cannot be refreshed"), "{said:?}");
    assert!(!said.stderr.contains("refreshes itself"), "{said:?}");
}

#[test]
fn a_login_page_that_is_asked_for_by_a_profile_with_a_password_comes_by_a_flag_only() {
    let filed = Filed::with_profile(
        "default",
        "grant = \"password\"\nclient-secret = { env = \"S\" }",
    );
    let cli = filed.cli(&[("S", twoba_tests::SECRET)]);
    let said = cli.run(&["login"]).done();
    assert!(said.stderr.starts_with("logged in as"), "{said:?}");
    assert_eq!(filed.desk.emulator.counts().password, 1);
    let url = filed.desk.emulator.url();
    let page = format!("{url}/OAuth/Authorize");
    let cli = filed.cli(&[("S", twoba_tests::SECRET), ("TWOBA_AUTHORIZE_URL", &page)]);
    let login = Login::start(cli, &["--redirect-uri", "http://127.0.0.1:0/callback"]);
    assert!(login.url().starts_with(&page));
}

#[test]
fn a_long_list_is_a_table_where_a_person_looks_and_json_where_a_program_reads() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let script = "stty cols 90; \"$TWOBA\" get Product/Search query=kabel; echo over; \
                  \"$TWOBA\" --json get Product/Search query=kabel; echo over; \
                  \"$TWOBA\" get Product/Search query=kabel | cat; echo over";
    let mut terminal = Terminal::start(&desk.cli(&[]), &["sh"], script);
    let table = terminal.wait_for("over");
    assert!(
        table.contains("LongDescription") && !table.contains('{'),
        "{table}"
    );
    assert!(table.contains("--json shows everything"), "{table}");
    assert!(table.contains("not shown: LongDescription"), "{table}");
    for _ in 0..2 {
        let json = terminal.wait_for("over");
        assert!(json.contains("\"GTIN\":"), "{json}");
    }
}
