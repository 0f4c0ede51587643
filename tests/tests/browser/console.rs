//! The emulator's console, while other programs log in and refresh.

use twoba_emulator::{Fault, FaultPoint, FaultRule};
use twoba_tests::{Habits, until};

use crate::pages::looked_at;
use crate::seat::Seat;

const POLICY: &str = "#policy";

/// A seat whose browser shows the console.
fn seat() -> Option<Seat> {
    seat_with(Habits::default())
}

fn seat_with(habits: Habits) -> Option<Seat> {
    let seat = Seat::new(habits)?;
    let url = format!("{}/_emulator/", seat.desk.emulator.url());
    seat.chromium.open(&url);
    await_text(&seat, "#live", "live");
    Some(seat)
}

/// Waits until an element says this.
#[track_caller]
fn await_text(seat: &Seat, css: &str, part: &str) {
    until(&format!("{css} to say {part:?}"), || {
        let text = seat.chromium.text(css);
        if text.contains(part) {
            Ok(())
        } else {
            Err(text)
        }
    });
}

/// How often a selector is there.
fn count(seat: &Seat, css: &str) -> i64 {
    let expression = format!("document.querySelectorAll({css:?}).length");
    seat.chromium.evaluate(&expression).as_i64().unwrap()
}

#[track_caller]
fn await_count(seat: &Seat, css: &str, expected: i64) {
    until(&format!("{expected} of {css}"), || {
        let found = count(seat, css);
        if found == expected {
            Ok(())
        } else {
            Err(found.to_string())
        }
    });
}

#[test]
fn the_console_shows_the_rotation_that_just_happened() {
    let Some(seat) = seat() else {
        return;
    };
    assert!(
        seat.chromium
            .text("#empty")
            .contains("Nobody has logged in yet")
    );
    seat.desk.run(&["login", "--password"]).done();
    await_text(&seat, "[data-family=f1] .generation", "generation 0");
    await_text(&seat, "[data-count=rotations] dd", "0");
    assert_eq!(
        count(&seat, "[data-family=f1] .mark[data-kinds~=rotation]"),
        0
    );

    let token = seat.desk.run(&["token", "--force-refresh"]).done().stdout;
    await_text(&seat, "[data-family=f1] .generation", "generation 1");
    await_text(&seat, "[data-count=rotations] dd", "1");
    await_count(&seat, "[data-family=f1] .mark[data-kinds~=rotation]", 1);
    await_count(&seat, "#request-rows tr[data-request]", 2);
    assert!(
        seat.chromium
            .text("#request-rows")
            .contains("refresh_token")
    );
    assert!(!seat.chromium.source().contains(token.trim_end()));
}

#[test]
fn the_buttons_of_the_console_control_the_emulator() {
    let Some(seat) = seat() else {
        return;
    };
    let emulator = &seat.desk.emulator;
    seat.chromium.type_into(POLICY, "reusable");
    seat.chromium.press("#policy-form button");
    await_text(&seat, "#policy-now", "reusable");
    assert_eq!(emulator.state().policy.to_string(), "reusable");

    seat.chromium.press("#fault-form .row:last-child button");
    await_text(&seat, "#faults-in-force", "drop-before");
    assert_eq!(
        emulator.state().faults[0].rule,
        FaultRule::next(FaultPoint::Refresh, Fault::DropBefore)
    );
    seat.chromium.press("#clear-faults");
    await_text(&seat, "#faults-now", "none");
    assert!(emulator.state().faults.is_empty());

    // The machine's clock cannot be moved, and the page says so.
    assert!(seat.chromium.text("#clock-why").contains("--clock manual"));
    assert_eq!(count(&seat, "#clock-fields[disabled]"), 1);

    seat.desk.run(&["login", "--password"]).done();
    seat.desk.run(&["token", "--force-refresh"]).done();
    await_text(&seat, "[data-family=f1] .generation", "generation 1");
    emulator.reset();
    await_text(&seat, "#empty", "Nobody has logged in yet");
    assert_eq!(count(&seat, "#chart[hidden]"), 1);
    seat.desk.run(&["login", "--password"]).done();
    await_text(&seat, "[data-family=f1] .generation", "generation 0");
    assert_eq!(count(&seat, "[data-family]"), 1);
}

#[test]
fn the_console_fits_narrow_and_wide_windows_in_light_and_dark() {
    let Some(seat) = seat() else {
        return;
    };
    looked_at(&seat, "console-empty");
    for _ in 0..3 {
        seat.desk.run(&["login", "--password"]).done();
        for _ in 0..4 {
            seat.desk.run(&["token", "--force-refresh"]).done();
        }
        seat.desk
            .run(&["get", "Product/Search", "query=kabelgoot"])
            .done();
    }
    seat.desk.emulator.revoke_user("demo@example.com");
    await_text(&seat, "[data-count=families_revoked] dd", "3");
    looked_at(&seat, "console");

    // No name is cut, and the way to the controls goes along.
    seat.chromium.look_through(1280, "light");
    let cut = "[...document.querySelectorAll('.whose')].filter((name) => name.scrollWidth > name.clientWidth).length";
    assert_eq!(seat.chromium.evaluate(cut).as_i64(), Some(0));
    assert!(
        seat.chromium
            .text("[data-family=f1] .whose")
            .contains("myApplication")
    );
    seat.chromium.look_through(400, "light");
    let half = "window.scrollTo({ top: document.body.scrollHeight / 2, behavior: 'instant' }), 0";
    assert_eq!(seat.chromium.evaluate(half).as_i64(), Some(0));
    let top = "Math.round(document.querySelector('nav').getBoundingClientRect().top)";
    assert_eq!(seat.chromium.evaluate(top).as_i64(), Some(0));
    seat.chromium.press("nav a[href='#controls']");
    until("the controls to come into sight", || {
        let top = "document.querySelector('#controls').getBoundingClientRect().top";
        let top = seat.chromium.evaluate(top).as_f64().unwrap();
        if (0.0..400.0).contains(&top) {
            Ok(())
        } else {
            Err(top.to_string())
        }
    });
}

#[test]
fn an_answer_that_was_lost_looks_like_one() {
    let Some(seat) = seat() else {
        return;
    };
    seat.desk.run(&["login", "--password"]).done();
    let fault = FaultRule::next(FaultPoint::Refresh, Fault::DropAfterCommit);
    seat.desk.emulator.add_fault(fault);
    let lost = seat.desk.run(&["token", "--force-refresh"]);
    assert_eq!(lost.code, 5, "{lost:?}");
    await_count(&seat, "[data-family=f1] .mark[data-kinds~=answer_lost]", 1);
    await_text(&seat, "#request-rows .status.none", "answer lost");
    assert!(
        seat.chromium
            .text("#request-rows")
            .contains("rotation to generation 1, and the answer was lost")
    );
    looked_at(&seat, "console-lost");
    // Where nothing was done nothing is lost.
    let fault = FaultRule::next(FaultPoint::Password, Fault::DropBefore);
    seat.desk.emulator.add_fault(fault);
    assert_eq!(seat.desk.run(&["login", "--password"]).code, 5);
    await_text(&seat, "#request-rows .status.none", "no answer");
    assert_eq!(count(&seat, ".mark[data-kinds~=answer_lost]"), 1);
}

#[test]
fn a_dutch_browser_gets_a_dutch_console() {
    let habits = Habits {
        languages: "nl-NL,nl,en",
        ..Habits::default()
    };
    let Some(seat) = seat_with(habits) else {
        return;
    };
    assert_eq!(seat.chromium.property("html", "lang"), "nl");
    let empty = seat.chromium.text("#empty");
    assert!(empty.contains("Nog niemand is ingelogd"), "{empty}");
    seat.desk.run(&["login", "--password"]).done();
    seat.desk.run(&["token", "--force-refresh"]).done();
    await_text(&seat, "[data-family=f1] .generation", "generatie 1");
    await_text(&seat, "#request-rows", "rotatie naar generatie 1");
    looked_at(&seat, "console-dutch");
    seat.chromium.look_through(1280, "light");
    let cut = "[...document.querySelectorAll('.counts div')].filter((one) => one.scrollWidth > one.clientWidth).length";
    assert_eq!(seat.chromium.evaluate(cut).as_i64(), Some(0));
    seat.chromium.type_into(POLICY, "reusable");
    seat.chromium.press("#policy-form button");
    await_text(&seat, "#said", "Het beleid is reusable.");
    assert_eq!(seat.desk.emulator.state().policy.to_string(), "reusable");
}

#[test]
fn a_dutch_console_says_in_dutch_what_was_refused() {
    let habits = Habits {
        languages: "nl-NL,nl,en",
        ..Habits::default()
    };
    let Some(seat) = seat_with(habits) else {
        return;
    };
    let refused = seat.desk.cli(&[("TWOBA_PASSWORD", "wrong")]);
    assert_eq!(refused.run(&["login", "--password"]).code, 6);
    await_text(
        &seat,
        "#request-rows",
        "tokenverzoek geweigerd: verkeerde naam of wachtwoord",
    );

    seat.chromium.type_into(POLICY, "idle");
    seat.chromium.type_into("#policy-value", "x");
    seat.chromium.press("#policy-form button");
    await_text(&seat, "#said", "een duur is een geheel getal vanaf 1 ");
    await_text(&seat, "#said", "zoals in idle:15d");
    seat.chromium.type_into("#fault-then", "status");
    seat.chromium.type_into("#fault-value", "0");
    seat.chromium.press("#fault-form .row:last-child button");
    await_text(&seat, "#said", "een status is een getal van 200");
    seat.chromium.type_into("#user", "nobody@example.com");
    for width in [1280, 400] {
        seat.chromium.look_through(width, "light");
        seat.chromium.press("#revoke-form button");
        await_text(&seat, "#said", "hier is niemand met deze naam bekend");
        // It is where the person looks who has pressed the button.
        let place = "document.querySelector('#said').getBoundingClientRect()";
        let is_seen = format!("{place}.top >= 0 && {place}.bottom <= window.innerHeight");
        assert_eq!(seat.chromium.evaluate(&is_seen).as_bool(), Some(true));
    }
    // The person who typed one word is told nothing of the call's fields.
    assert!(!seat.chromium.text("#said").contains("user:"));
    looked_at(&seat, "console-dutch-refused");
}
