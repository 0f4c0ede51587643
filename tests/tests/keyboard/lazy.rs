//! The client's secret is fetched when a request needs it, and at no other time.

use std::fs;

use twoba_tests::SECRET;

use crate::Filed;

/// A vault that counts how often it is asked.
fn with_vault() -> Filed {
    let filed = Filed::new("");
    filed.write(
        "vault",
        &format!("echo asked >> \"$HOME/asked\"\nprintf {SECRET}\n"),
    );
    let vault = filed.path("vault");
    let secret = format!("client-secret = {{ command = [\"/bin/sh\", {vault:?}] }}");
    filed.write("config.toml", &filed.profile("default", &secret));
    filed
}

fn asked(filed: &Filed) -> usize {
    let asked = fs::read_to_string(filed.path("asked")).unwrap_or_default();
    asked.lines().count()
}

#[test]
fn a_token_that_is_fresh_asks_no_vault() {
    let filed = with_vault();
    let cli = filed.cli(&[]);
    cli.run(&["login", "--password"]).done();
    assert_eq!(asked(&filed), 1);
    let search = ["get", "Product/Search", "query=kabelgoot"];
    let first = cli.run(&["token"]).done().stdout;
    for arguments in [
        &["token", "--json"][..],
        &["token", "--min-validity", "10s"],
        // No token of this server lives so long.
        &["token", "--min-validity", "1h"],
        &search,
        &["status"],
    ] {
        cli.run(arguments).done();
    }
    assert_eq!(asked(&filed), 1);
    let second = cli.run(&["token", "--force-refresh"]).done().stdout;
    assert_ne!(first, second);
    assert_eq!(asked(&filed), 2);

    assert_eq!(filed.desk.emulator.counts().refresh, 1);
    cli.run(&["logout"]).done();
    assert_eq!(asked(&filed), 3);
    let again = cli.run(&["logout"]).done();
    assert_eq!(
        again.stderr,
        "nobody is logged in: there is nothing to end\n"
    );
    assert_eq!(asked(&filed), 3);
    assert_eq!(filed.desk.emulator.counts().reuse, 0);
}

#[test]
fn a_call_whose_token_the_service_rejects_fetches_the_secret_and_refreshes() {
    use twoba_emulator::{Fault, FaultPoint, FaultRule};

    let filed = with_vault();
    let cli = filed.cli(&[]);
    cli.run(&["login", "--password"]).done();
    let refusal = FaultRule::every(FaultPoint::Service, Fault::Status(401));
    filed.desk.emulator.add_fault(refusal);
    let search = ["get", "Product/Search", "query=kabelgoot"];
    assert_eq!(cli.run(&search).code, 6);
    assert_eq!(asked(&filed), 2);
    assert_eq!(filed.desk.emulator.counts().refresh, 1);
}

#[test]
fn who_is_not_logged_in_hears_that_and_asks_no_vault() {
    let filed = with_vault();
    let cli = filed.cli(&[("TWOBA_USERNAME", "")]);
    assert_eq!(cli.run(&["logout"]).done().stdout, "");
    assert_eq!(cli.run(&["status", "--check"]).code, 4);
    assert_eq!(asked(&filed), 0);
}

#[test]
fn a_secret_that_cannot_be_fetched_fails_only_what_needs_it() {
    let filed = Filed::with_profile("default", "client-secret = { file = \"secret\" }");
    filed.write("secret", SECRET);
    let cli = filed.cli(&[]);
    cli.run(&["login", "--password"]).done();
    fs::remove_file(filed.path("secret")).unwrap();
    cli.run(&["token"]).done();
    let said = cli.run(&["token", "--force-refresh"]);
    assert_eq!(said.code, 2, "{said:?}");
    let place = format!("{} line 7", filed.path("config.toml").display());
    assert!(said.stderr.contains(&place), "{said:?}");
    assert!(said.stderr.contains("client-secret: "), "{said:?}");
    assert_eq!(filed.desk.emulator.counts().refresh, 0);
    cli.run(&["token"]).done();
}
