//! How the pages of a login look and read: in both languages, aloud, in narrow and wide windows,
//! by day and by night.

use std::fs;

use twoba_emulator::{Fault, FaultPoint, FaultRule};
use twoba_testkit::fixture;
use twoba_tests::{Habits, PASSWORD};

use crate::seat::{ALERT, CANCEL, Seat};

/// Names a folder, from the workspace on, that keeps the pictures of all pages for a person to look at.
const PICTURES: &str = "TWOBA_PICTURES";

/// What a person can act on.
const CONTROLS: &str = "a, button, input:not([type=hidden]), select, textarea";

#[test]
fn a_dutch_browser_gets_a_dutch_page() {
    let habits = Habits {
        languages: "nl-NL,nl,en",
        ..Habits::default()
    };
    let Some(seat) = Seat::new(habits) else {
        return;
    };
    let login = seat.login(&[], &[]);
    assert_eq!(seat.chromium.property("html", "lang"), "nl");
    assert!(seat.chromium.title().contains("Inloggen"));
    let names: Vec<_> = seat
        .chromium
        .spoken(CONTROLS)
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(
        names,
        [
            "Gebruikersnaam",
            "Wachtwoord",
            "Inloggen",
            "Annuleren",
            "Naam kopiëren demo@example.com",
            "Wachtwoord kopiëren demo@example.com",
            "Naam kopiëren tricky@example.com",
            "Wachtwoord kopiëren tricky@example.com",
        ]
    );
    seat.fill_in("wrong");
    let refused = seat.chromium.text(ALERT);
    assert!(refused.contains("onjuist"), "{refused}");
    seat.fill_in(PASSWORD);
    seat.chromium.await_title("You are logged in");
    login.finish().done();
}

#[test]
fn everything_on_the_pages_can_be_read_aloud() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let controls = |expected: &[(&str, &str)]| {
        let spoken = seat.chromium.spoken(CONTROLS);
        let spoken: Vec<_> = spoken
            .iter()
            .map(|(role, name)| (role.as_str(), name.as_str()))
            .collect();
        assert_eq!(spoken, expected);
        let one = |css: &str| {
            let spoken = seat.chromium.spoken(css);
            assert_eq!(spoken.len(), 1, "{css}: {spoken:?}");
            spoken.into_iter().next().unwrap()
        };
        assert_eq!(one("main").0, "main");
        assert_eq!(one("h1").0, "heading");
        assert!(!one("h1").1.is_empty());
        assert_eq!(seat.chromium.property("html", "lang"), "en");
    };
    let of_the_login_page = [
        ("textbox", "User name"),
        ("textbox", "Password"),
        ("button", "Log in"),
        ("button", "Cancel"),
        ("button", "Copy name demo@example.com"),
        ("button", "Copy password demo@example.com"),
        ("button", "Copy name tricky@example.com"),
        ("button", "Copy password tricky@example.com"),
    ];
    let login = seat.login(&[], &[]);
    controls(&of_the_login_page);
    seat.fill_in("wrong");
    assert!(seat.chromium.text(ALERT).contains("wrong"));
    controls(&of_the_login_page);
    seat.fill_in(PASSWORD);
    seat.chromium.await_title("You are logged in");
    controls(&[]);
    login.finish().done();
}

#[test]
fn every_page_fits_narrow_and_wide_windows_in_light_and_dark() {
    let Some(seat) = Seat::new(Habits::default()) else {
        return;
    };
    let login = seat.login(&[], &[]);
    looked_at(&seat, "login");
    seat.fill_in("wrong");
    assert!(seat.chromium.text(ALERT).contains("wrong"));
    looked_at(&seat, "refused");
    seat.chromium.open(&login.redirect_uri());
    seat.chromium.await_title("This answers another login");
    looked_at(&seat, "another-login");
    seat.chromium.open(login.url());
    seat.fill_in(PASSWORD);
    seat.chromium.await_title("You are logged in");
    looked_at(&seat, "logged-in");
    login.finish().done();

    let login = seat.login(&[], &[]);
    seat.chromium.press(CANCEL);
    seat.chromium.await_title("The login was canceled");
    looked_at(&seat, "canceled");
    assert_eq!(login.finish().code, 3);

    let fault = FaultRule::next(FaultPoint::AuthorizationCode, Fault::Status(503));
    seat.desk.emulator.add_fault(fault);
    let login = seat.login(&[], &[]);
    seat.fill_in(PASSWORD);
    seat.chromium.await_title("The login did not succeed");
    looked_at(&seat, "failed");
    assert_eq!(login.finish().code, 5);

    let foreign = login_page_of_nobody(&seat);
    seat.chromium.open(&foreign);
    looked_at(&seat, "cannot-start");
}

/// A request for a code from a client that the emulator does not know.
fn login_page_of_nobody(seat: &Seat) -> String {
    let url = seat.desk.emulator.url();
    format!("{url}/OAuth/Authorize?response_type=code&client_id=nobody")
}

/// Looks at the page through each window; what does not fit into it is a fault.
#[track_caller]
pub(crate) fn looked_at(seat: &Seat, name: &str) {
    for width in [1280, 400] {
        let pictures = ["light", "dark"].map(|scheme| {
            seat.chromium.look_through(width, scheme);
            let overflow = "document.documentElement.scrollWidth - window.innerWidth";
            let overflow = seat.chromium.evaluate(overflow).as_i64();
            assert!(
                overflow <= Some(0),
                "{name} at {width}: {overflow:?} too wide"
            );
            let picture = seat.chromium.picture();
            if let Some(folder) = std::env::var_os(PICTURES) {
                let folder = fixture::workspace().join(folder);
                fs::create_dir_all(&folder).unwrap();
                fs::write(
                    folder.join(format!("{name}-{width}-{scheme}.png")),
                    &picture,
                )
                .unwrap();
            }
            picture
        });
        assert!(
            pictures
                .iter()
                .all(|picture| picture.starts_with(b"\x89PNG"))
        );
        assert_ne!(pictures[0], pictures[1], "{name} is as light in the dark");
    }
}
