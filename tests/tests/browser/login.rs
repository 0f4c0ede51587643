//! Logins in the browser, from the address that the program opens to the page that it ends on.

use twoba_emulator::{EventKind, Fault, FaultPoint, FaultRule};
use twoba_testkit::Canaries;
use twoba_tests::{ENTER, Habits, PASSWORD, SECRET, TAB, USER};

use crate::seat::{ALERT, CANCEL, NAME, PASSWORD_FIELD, Seat};

const LOGGED_IN: &str = "You are logged in";

// shows: NA1
#[test]
fn a_person_logs_in_after_a_wrong_password_and_the_token_works() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let login = seat.login(&[], &["--json"]);
    let (redirect, state) = (login.redirect_uri(), login.state().to_owned());
    seat.fill_in("mypassword");
    let refused = seat.chromium.text(ALERT);
    assert!(refused.contains("password is wrong"), "{refused}");
    assert_eq!(seat.chromium.property(NAME, "value"), USER);
    assert_eq!(seat.chromium.property(PASSWORD_FIELD, "value"), "");

    seat.fill_in(PASSWORD);
    seat.chromium.await_title(LOGGED_IN);
    assert_eq!(seat.chromium.text("h1"), LOGGED_IN);
    assert!(
        seat.chromium
            .text("main")
            .contains("go back to the terminal")
    );
    let said = login.finish().done();
    assert_eq!(said.json()["state"], "valid");
    // The code has left the address bar, and with it the history.
    assert_eq!(seat.chromium.address(), redirect);

    let token = seat.desk.run(&["token"]).done().stdout;
    let secrets = [
        ("token", token.trim_end()),
        ("state", &state),
        ("password", PASSWORD),
        ("secret", SECRET),
    ];
    let page = seat.chromium.source();
    Canaries::new(secrets).look_in("the page", &page).unwrap();
    assert!(!page.contains("code="), "{page}");

    let found = seat.desk.run(&["get", "Product/Search", "query=kabelgoot"]);
    assert!(found.done().json()["Products"][0]["Description"].is_string());
    let journal = seat.desk.emulator.journal();
    let refusals = journal.events.iter();
    let refusals = refusals.filter(|event| event.kind == EventKind::LoginRefused);
    assert_eq!(refusals.count(), 1);
    let counts = journal.counts;
    assert_eq!((counts.authorization_code, counts.refused), (1, 0));
    assert_eq!((counts.service_calls, counts.service_401), (1, 0));
}

#[test]
fn a_public_client_logs_in_by_pkce_alone() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let public = [
        ("TWOBA_CLIENT_ID", "publicApplication"),
        ("TWOBA_CLIENT_SECRET", ""),
    ];
    let login = seat.login(&public, &[]);
    assert!(login.url().contains("&code_challenge_method=S256"));
    seat.fill_in(PASSWORD);
    seat.chromium.await_title(LOGGED_IN);
    let said = login.finish().done();
    assert!(said.stderr.contains("logged in"), "{}", said.stderr);
    let cli = seat.desk.cli(&public);
    let first = cli.run(&["token"]).done().stdout;
    let second = cli.run(&["token", "--force-refresh"]).done().stdout;
    assert_ne!(first, second);
    assert_eq!(seat.desk.emulator.counts().rotations, 1);
    let call = ["get", "Product/Search", "query=kabelgoot"];
    assert!(cli.run(&call).done().json()["Products"].is_array());
}

#[test]
fn a_person_who_cancels_is_told_so_on_the_page_and_in_the_terminal() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let login = seat.login(&[], &[]);
    let redirect = login.redirect_uri();
    seat.chromium.press(CANCEL);
    seat.chromium.await_title("The login was canceled");
    assert!(seat.chromium.text("main").contains("Nothing has changed"));
    assert_eq!(seat.chromium.address(), redirect);
    let said = login.finish();
    assert_eq!(said.code, 3, "{}", said.stderr);
    assert_eq!(
        said.stderr.lines().last(),
        Some(
            "error: the login page says no: access_denied (the user cancelled the login); start \
             again with `twoba login` to log in after all (docs/trouble.md#canceled)"
        )
    );
    let journal = seat.desk.emulator.journal();
    let kinds: Vec<_> = journal.events.iter().map(|event| &event.kind).collect();
    assert_eq!(kinds, [&EventKind::LoginCancelled]);
    assert_eq!(seat.desk.run(&["token"]).code, 4, "nobody is logged in");

    // With JSON the same is told to programs.
    let login = seat.login(&[], &["--json"]);
    seat.chromium.press(CANCEL);
    seat.chromium.await_title("The login was canceled");
    let said = login.finish();
    assert_eq!(said.code, 3);
    assert_eq!(said.json()["error"]["code"], "canceled");
}

#[test]
fn a_login_that_the_server_fails_after_the_page_is_not_called_a_success() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let fault = FaultRule::next(FaultPoint::AuthorizationCode, Fault::Status(503));
    seat.desk.emulator.add_fault(fault);
    let login = seat.login(&[], &[]);
    seat.fill_in(PASSWORD);
    seat.chromium.await_title("The login did not succeed");
    assert!(seat.chromium.text("main").contains("the terminal says why"));
    let said = login.finish();
    assert_eq!(said.code, 5, "{}", said.stderr);
}

#[test]
fn the_keyboard_alone_is_enough() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let login = seat.login(&[], &[]);
    // The page begins where the name is typed.
    seat.chromium.await_focus("username");
    seat.chromium.keys(&format!("{USER}{TAB}wrong{ENTER}"));
    assert!(seat.chromium.text(ALERT).contains("wrong"));
    // The name is there already.
    seat.chromium.await_focus("password");
    seat.chromium.keys(PASSWORD);
    // By the button this time.
    seat.chromium.keys(&format!("{TAB}{ENTER}"));
    seat.chromium.await_title(LOGGED_IN);
    login.finish().done();

    let login = seat.login(&[], &[]);
    seat.chromium.await_focus("username");
    seat.chromium.keys(&format!("{TAB}{TAB}{TAB}{ENTER}"));
    seat.chromium.await_title("The login was canceled");
    assert_eq!(login.finish().code, 3);
}

#[test]
fn a_login_needs_no_script() {
    let habits = Habits {
        script: false,
        ..Habits::default()
    };
    let Some(seat) = Seat::new(habits) else {
        return;
    };
    let login = seat.login(&[], &[]);
    let redirect = login.redirect_uri();
    seat.fill_in("wrong");
    assert!(seat.chromium.text(ALERT).contains("wrong"));
    seat.fill_in(PASSWORD);
    seat.chromium.await_title(LOGGED_IN);
    login.finish().done();
    // No script has run: the address is still there, with a code that is spent.
    let address = seat.chromium.address();
    let query = address.strip_prefix(&format!("{redirect}?")).unwrap();
    let mut pairs = query.split('&');
    let code = pairs.find_map(|pair| pair.strip_prefix("code=")).unwrap();
    assert!(!seat.chromium.source().contains(code));
}

// shows: AZ7
#[test]
fn a_fragment_stays_in_the_browser_and_a_description_does_not_become_markup() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let login = seat.login(&[], &[]);
    let (redirect, state) = (login.redirect_uri(), login.state().to_owned());
    seat.chromium
        .open(&format!("{redirect}#code=a&state={state}"));
    seat.chromium.await_title("This answers another login");
    let markup = "%3Cscript%3Edocument.title='owned'%3C/script%3E%3Cimg%20src=x%3E";
    let query = format!("error=access_denied&error_description={markup}&state={state}");
    seat.chromium.open(&format!("{redirect}?{query}#_=_"));
    seat.chromium.await_title("The login was canceled");
    assert!(!seat.chromium.source().contains("owned"));
    assert_eq!(login.finish().code, 3);
}
