//! `twoba sync` where it is interrupted, shared, or finds its files spoiled: nothing is lost, and who
//! cannot go on is told how to begin again.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs::{self, File};
use std::path::Path;

use twoba_emulator::{Fault, FaultPoint, FaultRule};
use twoba_tests::{CLIENT, Chance, Cli, Desk, SECRET, Said};

/// Somebody who keeps the products in a file.
struct Keeping {
    desk: Desk,
    cli: Cli,
    file: String,
}

impl Keeping {
    fn new() -> Self {
        let desk = Desk::new();
        let url = format!("{}/rest/api/v1", desk.emulator.url());
        let cli = desk.cli(&[
            ("TWOBA_SERVICE_URL", &url),
            ("TWOBA_GRANT", "client-credentials"),
            ("TWOBA_SCOPES", "read:products"),
            ("TWOBA_CLIENT_ID", CLIENT),
            ("TWOBA_CLIENT_SECRET", SECRET),
        ]);
        let file = desk.home.path().join("products.jsonl");
        let file = file.display().to_string();
        Self { desk, cli, file }
    }

    /// The words of a run that asks for five rows at once.
    fn words<'w>(&'w self, more: &[&'w str]) -> Vec<&'w str> {
        let all = [
            "sync",
            "product-data",
            "--into",
            &self.file,
            "--page-size",
            "5",
        ];
        [&all, more].concat()
    }

    fn run(&self, more: &[&str]) -> Said {
        self.cli.run(&self.words(more))
    }

    /// One of the files beside it.
    fn beside(&self, ending: &str) -> String {
        format!("{}{ending}", self.file)
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    fn calls(&self) -> u64 {
        self.desk.emulator.counts().service_calls
    }

    /// Has the third page from now on fail, so that a run is cut off.
    fn cut_off(&self, more: &[&str]) {
        let third = 3.try_into().unwrap();
        let rule = FaultRule::nth(FaultPoint::Service, third, Fault::Status(500));
        self.desk.emulator.add_fault(rule);
        assert_eq!(self.run(more).code, 1);
    }
}

#[test]
fn a_run_that_is_killed_over_and_over_comes_to_its_end() {
    let whole = Keeping::new();
    whole.run(&[]).done();
    let keeping = Keeping::new();
    let chance = Chance::of(13);
    for _ in 0..12 {
        let before = keeping.calls();
        let running = keeping.cli.start(&keeping.words(&[]));
        let calls = 1 + u64::from(chance.draw()[31]) % 3;
        let is_done = || Path::new(&keeping.file).exists();
        while keeping.calls() < before + calls && !is_done() {
            std::thread::yield_now();
        }
        drop(running.kill().unwrap());
    }
    keeping.run(&[]).done();
    let rows = |text: String| {
        text.replace(keeping.desk.emulator.url(), "")
            .replace(whole.desk.emulator.url(), "")
    };
    assert_eq!(rows(keeping.read()), rows(whole.read()));
    assert!(!Path::new(&keeping.beside(".part")).exists());
}

#[test]
fn a_full_disk_costs_no_row() {
    let whole = Keeping::new();
    whole.run(&[]).done();
    let keeping = Keeping::new();
    let words = keeping.words(&[]).join(" ");
    // No file may grow beyond some blocks: writing fails in the middle of a page.
    let limited = format!("trap '' XFSZ; ulimit -f 8; exec twoba {words}");
    let said = keeping.cli.paste(keeping.desk.home.path(), &limited);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("room"), "{said:?}");
    assert!(!Path::new(&keeping.file).exists());
    keeping.run(&[]).done();
    assert_eq!(keeping.read().lines().count(), whole.read().lines().count());
}

#[test]
fn two_runs_on_one_file_are_kept_apart() {
    let keeping = Keeping::new();
    let lock = File::create(keeping.beside(".lock")).unwrap();
    lock.lock().unwrap();
    let refused = keeping.run(&[]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(
        refused.stderr.contains("another twoba works on"),
        "{refused:?}"
    );
    assert_eq!(keeping.calls(), 0);
    drop(lock);
    keeping.run(&[]).done();
    assert_eq!(keeping.read().lines().count(), 42);
}

#[test]
fn what_is_spoiled_is_named_and_begins_again_with_full() {
    let keeping = Keeping::new();
    keeping.run(&[]).done();
    let good = keeping.read();
    let spoiled: [(&str, &dyn Fn()); 4] = [
        ("does not say where", &|| {
            fs::write(keeping.beside(".sync"), "{").unwrap()
        }),
        ("is gone", &|| fs::remove_file(&keeping.file).unwrap()),
        ("has a row that is none", &|| {
            fs::write(&keeping.file, format!("{good}Id;Name\n")).unwrap();
        }),
        ("lacks rows that had come", &|| {
            keeping.cut_off(&["--full"]);
            fs::write(keeping.beside(".part"), "{").unwrap();
        }),
    ];
    for (words, spoil) in spoiled {
        spoil();
        // Twice: to fail changes nothing.
        for _ in 0..2 {
            let refused = keeping.run(&[]);
            assert_eq!(refused.code, 2, "{words}: {refused:?}");
            assert!(refused.stderr.contains(words), "{words}: {refused:?}");
            assert!(refused.stderr.contains("--full"), "{words}: {refused:?}");
        }
        keeping.run(&["--full"]).done();
        assert_eq!(keeping.read(), good, "{words}");
        keeping.run(&[]).done();
        assert_eq!(keeping.read(), good, "{words}");
    }
}

#[test]
fn a_full_run_that_is_cut_off_goes_on_where_it_was() {
    let keeping = Keeping::new();
    keeping.run(&[]).done();
    let good = keeping.read();
    keeping.cut_off(&["--full"]);
    let before = keeping.calls();
    keeping.run(&["--full"]).done();
    // Nine pages there are, and two had come.
    assert_eq!(keeping.calls() - before, 7);
    assert_eq!(keeping.read(), good);
}

#[test]
fn an_end_that_an_editor_left_out_joins_no_two_rows() {
    let keeping = Keeping::new();
    let row = |number: &str| {
        format!("{{\"manufacturerIdGln\":\"1\",\"manufacturerProductNumber\":\"{number}\"}}")
    };
    keeping.run(&[]).done();
    fs::write(&keeping.file, format!("{}\n{}", row("one"), row("two"))).unwrap();
    keeping.run(&[]).done();
    let kept = keeping.read();
    assert_eq!(kept, format!("{}\n{}\n", row("one"), row("two")));
}
