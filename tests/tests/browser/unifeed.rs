//! Unifeed in a real browser: a person selects articles on its page, and `twoba unifeed --receive`
//! prints them, by each way back that a browser has a part in.

use std::time::Duration;

use twoba_testkit::{Act, Running, Script};
use twoba_tests::{Cli, Habits, Said, until};

use crate::seat::Seat;

/// How long the program may take for a line.
const LINE_LIMIT: Duration = Duration::from_secs(20);

const PICK: &str = "input[type=checkbox]";
const QUANTITY: &str = "input[type=number]";
const SEND: &str = "button[type=submit]";
const OUTCOME: &str = "#outcome";

/// How many are picked.
const PICKED: &str = "21";

/// A person in front of Unifeed, and the program that waits for what is selected.
struct Scene {
    seat: Seat,
    cli: Cli,
    running: Running,
}

impl Scene {
    /// Opens Unifeed with this way back, or `None` where this machine has no browser.
    fn open(habits: Habits, arguments: &[&str]) -> Option<Self> {
        let seat = Seat::new(habits)?;
        let url = format!("{}/unifeed/", seat.desk.emulator.url());
        let cli = seat.desk.cli(&[("TWOBA_UNIFEED_URL", &url)]);
        cli.run(&["login", "--password"]).done();
        let words = [
            "unifeed",
            "--receive",
            "--print-url",
            "--query",
            "kabelgoot",
        ];
        let mut running = cli.start(&[&words[..], arguments].concat());
        let mut line = || running.stderr_line(LINE_LIMIT).unwrap();
        assert_eq!(line().as_deref(), Some("Open Unifeed at:"));
        let address = line().expect("an address");
        assert!(line().unwrap().contains("Waiting for the selection"));
        seat.chromium.open(&address);
        Some(Self { seat, cli, running })
    }

    /// Picks some of the first article, and sends the page of Unifeed.
    fn pick(&self) {
        let chromium = &self.seat.chromium;
        chromium.press(PICK);
        // In front of the 1 that stands there: a field for numbers has no end to go to.
        chromium.type_into(QUANTITY, "2");
        chromium.press(SEND);
    }

    /// What the program prints at its end.
    fn said(self) -> Said {
        self.cli.finish(self.running).done()
    }
}

fn without_script() -> Habits {
    Habits {
        script: false,
        ..Habits::default()
    }
}

#[test]
fn a_script_at_another_origin_posts_the_selection_after_its_preflight() {
    let Some(scene) = Scene::open(Habits::default(), &["--way", "jsonpost"]) else {
        return;
    };
    scene.pick();
    let chromium = &scene.seat.chromium;
    chromium.await_title("Return the selection");
    chromium.press(SEND);
    // The script may read the status only because the receiver has allowed its origin.
    until("the script to be answered", || {
        let outcome = chromium.text(OUTCOME);
        match outcome.contains("204") {
            true => Ok(()),
            false => Err(outcome),
        }
    });
    let selection = scene.said().json();
    assert_eq!(selection["InterfaceType"], "JSONPOST");
    assert_eq!(selection["Items"][0]["Quantity"], PICKED);
    assert_eq!(selection["Items"][0]["SuppliersTradeItemId"], "A00100");
}

#[test]
fn a_script_of_any_other_page_is_held_back_by_the_browser() {
    let Some(scene) = Scene::open(Habits::default(), &["--way", "jsonpost"]) else {
        return;
    };
    scene.pick();
    let chromium = &scene.seat.chromium;
    chromium.await_title("Return the selection");
    let unifeed = chromium.address();
    let hook = chromium.property("form", "action");
    // A page that has got hold of the address, and is none of Unifeed's.
    let page = "<!DOCTYPE html><title>Elsewhere</title>";
    let page = Act::respond("200 OK", &[("Content-Type", "text/html")], page);
    let elsewhere = Script::start([page]).unwrap();
    chromium.open(elsewhere.url());
    chromium.await_title("Elsewhere");
    let post = |mode: &str, media_type: &str| {
        chromium.evaluate(&format!(
            "fetch('{hook}',{{method:'POST',mode:'{mode}',headers:{{'Content-Type':\
             '{media_type}'}},body:'Json=[]'}}).then(answer=>'answered',()=>'held back')"
        ))
    };
    assert_eq!(post("cors", "application/json"), "held back");
    // What needs no preflight is sent, and refused by its origin.
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post("no-cors", form), "answered");
    // The person goes on where they were.
    chromium.open(&unifeed);
    scene.pick();
    chromium.await_title("Return the selection");
    chromium.press(SEND);
    let said = scene.said();
    assert_eq!(said.json()["Items"][0]["Quantity"], PICKED);
    let refused = said.stderr.matches("a page that is not Unifeed's").count();
    assert_eq!(refused, 2, "the preflight and the form: {}", said.stderr);
}

#[test]
fn without_script_a_form_brings_the_same() {
    let Some(scene) = Scene::open(without_script(), &["--way", "jsonpost"]) else {
        return;
    };
    scene.pick();
    scene.seat.chromium.await_title("Return the selection");
    scene.seat.chromium.press(SEND);
    until("the form to arrive", || {
        let page = scene.seat.chromium.source();
        match page.contains("The selection has arrived") {
            true => Ok(()),
            false => Err(page),
        }
    });
    let selection = scene.said().json();
    assert_eq!(selection["Items"][0]["Quantity"], PICKED);
}

#[test]
fn forms_and_redirects_bring_the_selection_too() {
    for (way, more, has_form) in [
        ("json", &[][..], true),
        ("oci2", &[], true),
        ("jsonget", &["--select", "list"], false),
    ] {
        let arguments = [&["--way", way], more].concat();
        let Some(scene) = Scene::open(Habits::default(), &arguments) else {
            return;
        };
        scene.pick();
        let chromium = &scene.seat.chromium;
        if has_form {
            chromium.await_title("Return the selection");
            chromium.press(SEND);
        }
        until("the selection to arrive", || {
            let page = chromium.source();
            match page.contains("The selection has arrived") {
                true => Ok(()),
                false => Err(page),
            }
        });
        let selection = scene.said().json();
        assert_eq!(
            selection["InterfaceType"],
            way.to_ascii_uppercase(),
            "{selection}"
        );
        match has_form {
            // OCI has three decimals.
            true => {
                let quantity = selection["Items"][0]["Quantity"].as_str().unwrap();
                assert_eq!(quantity.strip_suffix(".000").unwrap_or(quantity), PICKED);
            }
            false => assert_eq!(selection["Object"]["Type"], "productselection"),
        }
    }
}
