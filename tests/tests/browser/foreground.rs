//! A browser that is shown in the terminal, and ends with its last page: w3m, by its keys.

use twoba_tests::{Desk, Terminal, prepared};

#[test]
fn a_person_logs_in_with_a_browser_that_has_the_terminal_for_itself() {
    let Some(w3m) = prepared("TWOBA_W3M") else {
        return;
    };
    let desk = Desk::new();
    let browser = [
        ("BROWSER", w3m.to_str().unwrap()),
        ("TERM", "xterm"),
        ("LANG", "C"),
    ];
    let script = "\"$TWOBA\" login; echo code $?";
    let mut terminal = Terminal::start(&desk.cli(&browser), &["sh"], script);
    terminal.wait_for("Viewing <Log in");
    terminal.press("\t\r");
    terminal.wait_for("TEXT:");
    terminal.press("demo@example.com\r");
    terminal.wait_for("Viewing <Log in");
    terminal.press("\t\r");
    terminal.wait_for("Password:");
    terminal.press("myPassword\r");
    terminal.wait_for("Viewing <Log in");
    terminal.press("\t\r");
    let until_then = terminal.wait_for("Viewing <You are logged in");
    assert!(!until_then.contains("code"), "w3m has the terminal");
    terminal.press("Q");
    terminal.wait_for("logged in; the token is good until");
    terminal.wait_for("code 0");
    assert_eq!(desk.emulator.counts().authorization_code, 1);
}
