//! Jobs whose outcomes are said by the test: order, stops, and what is asked.

use std::sync::atomic::AtomicUsize;

use clap::Parser as _;

use super::*;
use crate::arguments::{Arguments, Command};
use crate::failure::Kind;

/// What came of a run: the rows as they were written, the end, and how many were asked.
struct Ran {
    written: Vec<String>,
    end: Result<End, Failure>,
    asked: usize,
}

/// Runs over these rows. What comes of each is `came`'s to say, by its text.
fn run(
    rows: &[&str],
    at_once: usize,
    came: impl Fn(&str) -> Outcome + Sync,
    is_told: impl Fn(usize) -> bool + Sync,
) -> Ran {
    let words = ["twoba", "batch", "X/Y", "a={1}", "--from", "x"];
    let Command::Batch(batch) = Arguments::try_parse_from(words).unwrap().command else {
        unreachable!("a batch was asked for");
    };
    let plan = Plan::new(&batch, &["first".to_owned()]).unwrap();
    let asked = AtomicUsize::new(0);
    let mut written = Vec::new();
    let mut rows = rows.iter();
    let end = Crew {
        plan: &plan,
        at_once,
        next: &mut || Ok(rows.next().map(|row| vec![(*row).to_owned()])),
        ask: &|row, _| {
            asked.fetch_add(1, Ordering::SeqCst);
            came(&row.fields[0])
        },
        is_told: &|| is_told(asked.load(Ordering::SeqCst)),
        write: &mut |rows| {
            written.extend(rows.into_iter().map(|row| match row {
                Written::Answered(bytes) => String::from_utf8(bytes).unwrap(),
                Written::Failed(row, reason) => format!("{}!{reason}", row.fields[0]),
            }));
            Ok(())
        },
    }
    .run(1);
    Ran {
        written,
        end,
        asked: asked.into_inner(),
    }
}

/// By the first letter of a row.
fn usual(row: &str) -> Outcome {
    let failure = || Failure::new(Kind::TryLater, "gone");
    match row.as_bytes().first() {
        Some(b'r') => Outcome::Refused("no".to_owned()),
        Some(b'd') => Outcome::Doubtful(failure()),
        Some(b's') => Outcome::Stopped(failure()),
        Some(_) | None => Outcome::Answered(row.into()),
    }
}

#[test]
fn what_comes_is_written_in_the_order_of_the_input() {
    let names: Vec<String> = (0..200)
        .map(|number| match number % 7 {
            3 => format!("r{number}"),
            5 => String::new(),
            _ => format!("a{number}"),
        })
        .collect();
    let rows: Vec<&str> = names.iter().map(String::as_str).collect();
    let expected: Vec<String> = names
        .iter()
        .map(|name| match name.as_bytes().first() {
            Some(b'r') => format!("{name}!no"),
            Some(_) => name.clone(),
            None => "!the column 1 is empty".to_owned(),
        })
        .collect();
    for at_once in [1, 3, 16] {
        // The first rows of each group take the longest.
        let came = |row: &str| {
            for _ in 0..row.len() * 20 {
                thread::yield_now();
            }
            usual(row)
        };
        let ran = run(&rows, at_once, came, |_| false);
        assert!(matches!(ran.end, Ok(End::Done)));
        assert_eq!(ran.written, expected);
    }
}

#[test]
fn a_row_without_an_answer_fails_where_the_service_answers_others() {
    let ran = run(&["a", "d", "", "r", "d", "a", "d"], 1, usual, |_| false);
    assert!(matches!(ran.end, Ok(End::Done)));
    let empty = "!the column 1 is empty";
    assert_eq!(
        ran.written,
        ["a", "d!gone", empty, "r!no", "d!gone", "a", "d!gone"]
    );
}

#[test]
fn a_service_that_answers_nobody_stops_the_job_and_costs_no_row() {
    let many = [&["a"][..], &["d"; 100]].concat();
    let ran = run(&many, 2, usual, |_| false);
    assert!(matches!(ran.end, Ok(End::Stopped(_))), "{:?}", ran.end);
    assert_eq!(ran.written, ["a"]);
    assert!(ran.asked <= 1 + DOUBTFUL_MAX + 2 * AHEAD, "{}", ran.asked);
    // A few rows, none of which is answered.
    let ran = run(&["d", "", "d"], 2, usual, |_| false);
    assert!(matches!(ran.end, Ok(End::Stopped(_))), "{:?}", ran.end);
    assert!(ran.written.is_empty());
}

#[test]
fn a_job_that_cannot_go_on_writes_what_came_and_asks_no_more() {
    for at_once in [1, 4] {
        let rows = [&["a", "", "s"][..], &["a"; 100]].concat();
        let ran = run(&rows, at_once, usual, |_| false);
        assert!(matches!(ran.end, Ok(End::Stopped(_))), "{:?}", ran.end);
        assert_eq!(ran.written, ["a", "!the column 1 is empty"]);
        assert!(ran.asked <= 3 + at_once * AHEAD, "{}", ran.asked);
    }
}

#[test]
fn a_job_that_is_told_to_end_writes_all_that_was_asked() {
    let rows = ["a"; 100];
    for at_once in [1, 4, 16] {
        for most in [0, 1, 5, 30] {
            let ran = run(&rows, at_once, usual, |asked| asked >= most);
            assert!(matches!(ran.end, Ok(End::Told)), "{:?}", ran.end);
            assert_eq!(ran.written.len(), ran.asked, "{at_once} {most}");
        }
    }
}
