//! A store in which another server's session stands: what was kept aside, and what a person learns of it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use serde_json::Value;
use twoba_tests::{Desk, Said, USER};

/// Two servers whose sessions take each other's place in one store.
struct Rivals {
    mine: Desk,
    other: Desk,
}

impl Rivals {
    /// The other's session stands there, and mine is kept aside.
    fn new() -> Self {
        let rivals = Self {
            mine: Desk::new(),
            other: Desk::new(),
        };
        rivals.mine.run(&["login", "--password"]).done();
        rivals.log_in_at_the_other();
        rivals
    }

    fn at_the_other(&self, arguments: &[&str]) -> Said {
        let store = self.mine.home.path().join("store");
        let cli = self.other.cli(&[("TWOBA_STORE", store.to_str().unwrap())]);
        cli.run(arguments)
    }

    fn log_in_at_the_other(&self) {
        self.at_the_other(&["login", "--password", "--replace"])
            .done();
    }

    /// The rows of what is kept aside.
    fn kept(&self) -> Vec<Value> {
        let listed = self.mine.run(&["store", "list", "--json"]).done().json();
        let rows = listed.as_array().unwrap().iter();
        let kept = rows.filter(|row| row["kind"] == "kept_aside");
        kept.cloned().collect()
    }
}

#[test]
fn a_session_that_was_kept_aside_is_taken_back() {
    let rivals = Rivals::new();
    let kept = rivals.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["owner"]["user"], USER);
    let authority = kept[0]["owner"]["authority"].as_str().unwrap();
    assert!(
        authority.starts_with(rivals.mine.emulator.url()),
        "{authority}"
    );
    let said = rivals.mine.run(&["store", "restore", "default"]).done();
    assert!(said.stderr.contains(USER), "{}", said.stderr);
    rivals.mine.run(&["token", "--force-refresh"]).done();
    assert_eq!(rivals.mine.emulator.counts().reuse, 0);
    // The other's is kept aside in its turn, and comes back by its own name.
    let kept = rivals.kept();
    assert_eq!(kept.len(), 1);
    let name = kept[0]["name"].as_str().unwrap();
    rivals.mine.run(&["store", "restore", name]).done();
    rivals.at_the_other(&["token"]).done();
    let missing = rivals.mine.run(&["store", "restore", "nothing"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("store list"), "{}", missing.stderr);
}

#[test]
fn a_logout_ends_what_was_kept_aside() {
    let rivals = Rivals::new();
    // The other's is kept aside too, and one of mine of another login.
    rivals
        .mine
        .run(&["login", "--password", "--replace"])
        .done();
    assert_eq!(rivals.kept().len(), 2);
    let said = rivals.mine.run(&["logout", "--json"]).done();
    assert_eq!(said.json()["revocation"], "revoked");
    assert_eq!(said.json()["kept_aside"]["removed"], 2);
    assert_eq!(said.json()["kept_aside"]["revoked"], 1);
    assert!(
        said.stderr.contains("1 of them could not be revoked"),
        "{}",
        said.stderr
    );
    assert_eq!(rivals.kept(), Vec::<Value>::new());
    // Both of mine have ended at my server; the other server was not told of anything.
    assert_eq!(rivals.mine.emulator.counts().families_revoked, 2);
    assert_eq!(rivals.other.emulator.counts().families_revoked, 0);
    assert_eq!(rivals.other.emulator.counts().refused, 0);
}

#[test]
fn a_logout_over_anothers_session_keeps_that_aside() {
    let rivals = Rivals::new();
    let said = rivals.mine.run(&["logout"]).done();
    assert!(
        said.stderr.contains("could not be ended"),
        "{}",
        said.stderr
    );
    let kept = rivals.kept();
    assert_eq!(kept.len(), 1);
    rivals.mine.run(&["store", "restore", "default"]).done();
    rivals.at_the_other(&["token", "--force-refresh"]).done();
}

#[test]
fn a_handful_is_kept_aside_and_no_more() {
    let rivals = Rivals::new();
    for _ in 0..3 {
        rivals
            .mine
            .run(&["login", "--password", "--replace"])
            .done();
        rivals.log_in_at_the_other();
    }
    assert_eq!(rivals.kept().len(), 4);
    let several = rivals.mine.run(&["store", "restore", "default"]);
    assert_eq!(several.code, 2);
    assert!(
        several.stderr.contains("default.replaced-"),
        "{}",
        several.stderr
    );
}

#[test]
fn status_tells_of_anothers_session_what_it_is() {
    let rivals = Rivals::new();
    let said = rivals.mine.run(&["status"]).done().stdout;
    assert!(said.contains("belongs to another"), "{said}");
    assert!(said.contains(rivals.other.emulator.url()), "{said}");
    let object = rivals.mine.run(&["status", "--json"]).done().json();
    assert_eq!(object["state"], "foreign");
    assert_eq!(object["owner"]["user"], USER);
    assert_eq!(object["user"], Value::Null);
    let checked = rivals.mine.run(&["status", "--check"]);
    assert_eq!(checked.code, 4, "{checked:?}");
    assert!(checked.stderr.contains("--replace"), "{checked:?}");
}

#[test]
fn status_tells_addresses_and_how_long_it_is_until_then() {
    let desk = Desk::new();
    desk.run(&["login", "--password"]).done();
    let url = desk.emulator.url();
    let said = desk.run(&["status"]).done().stdout;
    assert!(said.contains(&format!("{url}/OAuth/Token")), "{said}");
    let expires = said
        .lines()
        .find(|line| line.starts_with("expires"))
        .unwrap();
    assert!(expires.ends_with("Z (in 1 min)"), "{said}");
    let object = desk.run(&["status", "--json"]).done().json();
    let token = object["addresses"]["token"].as_str().unwrap();
    assert_eq!(token, format!("{url}/OAuth/Token"));
    assert!(object["expires_at"].as_str().unwrap().ends_with('Z'));
}
