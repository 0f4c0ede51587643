//! What an installer or a shop does with a list of products, against the emulator: from a file to a
//! file, and on after whatever interrupts it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use twoba_emulator::{Fault, FaultPoint, FaultRule, SeenRequest};
use twoba_testkit::{Act, Running, Script, fixture};
use twoba_tests::{Chance, Desk, PASSWORD, Said, Terminal, USER};

const BY_GTIN: &str = "Product/DetailsByGtinA";

/// Somebody who is logged in, with a folder of files.
struct Shop {
    desk: Desk,
}

impl Shop {
    fn new() -> Self {
        let desk = Desk::new();
        desk.run(&["login", "--password"]).done();
        Self { desk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.home.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.name(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The words of a batch from one file to another.
    fn words(&self, function: &str, from: &str, out: &str, more: &[&str]) -> Vec<String> {
        let (from, out) = (self.name(from), self.name(out));
        let words = [&["batch", function, "--from", &from, "--out", &out], more].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    fn batch(&self, function: &str, from: &str, out: &str, more: &[&str]) -> Said {
        self.desk
            .run(&borrowed(&self.words(function, from, out, more)))
    }

    fn start(&self, words: &[String]) -> Running {
        self.desk.cli(&[]).start(&borrowed(words))
    }

    /// Waits until the emulator has answered so many calls since it had answered `before`.
    fn wait_for_calls(&self, before: u64, calls: u64) {
        while self.desk.emulator.counts().service_calls < before + calls {
            std::thread::yield_now();
        }
    }
}

fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn send(signal: Signal, running: &Running) {
    let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap()).unwrap();
    // It may have ended by itself.
    let _sent: Result<(), _> = kill_process(pid, signal);
}

/// The GTINs of the invented products, by their pictures.
fn gtins() -> Vec<String> {
    let folder = fixture::workspace().join("crates/twoba-sample-services/pictures");
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|name| name.unwrap().file_name().into_string().unwrap());
    let mut gtins: Vec<String> = names
        .filter_map(|name| name.strip_suffix("-PTI.png").map(str::to_owned))
        .collect();
    gtins.sort();
    gtins
}

/// How often each value of a parameter was asked for.
fn asked(requests: &[SeenRequest], parameter: &str) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for seen in requests.iter().flat_map(|request| &request.query) {
        if seen.name == parameter {
            *asked.entry(seen.value.clone()).or_default() += 1;
        }
    }
    asked
}

/// The numbers of the rows in JSON Lines, each of which is whole.
fn numbers(lines: &str) -> Vec<u64> {
    let line = |line| {
        let row: Value = serde_json::from_str(line).unwrap();
        row.get("row").unwrap().as_u64().unwrap()
    };
    lines.lines().map(line).collect()
}

#[test]
fn ten_gtins_become_a_filled_table_in_two_commands() {
    let desk = Desk::new();
    let gtins = gtins();
    let mut table = "Nr;EAN-code\r\n".to_owned();
    for (place, gtin) in gtins.iter().take(10).enumerate() {
        // As under a bar code: 13 digits.
        table.push_str(&format!("{place};{}\r\n", gtin.strip_prefix('0').unwrap()));
    }
    fs::write(desk.home.path().join("gtins.csv"), table).unwrap();
    let lines = "twoba login --password --quiet && twoba batch Product/DetailsByGtinA \
                 --from gtins.csv --out filled.csv --columns input.*,Id,Description,WeightQuantity";
    let said = desk.cli(&[]).paste(desk.home.path(), lines).done();
    assert!(
        said.stderr
            .contains("10 rows: 10 done, 0 failed; filled.csv"),
        "{said:?}"
    );
    let filled = fs::read_to_string(desk.home.path().join("filled.csv")).unwrap();
    let mut lines = filled.lines();
    let head = lines.next();
    assert_eq!(
        head,
        Some("input.Nr;input.EAN-code;Id;Description;WeightQuantity")
    );
    let first = format!(
        "0;{};1000001;Kabelgoot 60x40 wit, lengte 2 m;",
        &gtins[0][1..]
    );
    assert!(lines.next().unwrap().starts_with(&first), "{filled}");
    assert_eq!(lines.count(), 9);
    let left = fs::read_dir(desk.home.path()).unwrap();
    let left: Vec<_> = left.map(|one| one.unwrap().file_name()).collect();
    assert!(
        !left.iter().any(|name| name == "filled.csv.failed.csv"),
        "{left:?}"
    );
}

#[test]
fn every_table_is_read_and_each_bad_row_fails_by_itself() {
    let shop = Shop::new();
    let gtins = gtins();
    let good = &gtins[0];
    let short = &good[1..];
    let wrong = format!("{}{}", &short[..12], (good.as_bytes()[13] - b'0' + 1) % 10);
    for (bytes, done, failed) in [
        (format!("{good}\n{short}\n"), 2, 0),
        (format!("\u{feff}EAN\r\n\r\n{short}\r\n\r\n"), 1, 0),
        (format!("naam\tgtin\n\"a\tb\"\t{short}\n"), 1, 0),
        (format!("\"de \"\"naam\"\"\",ean\n\"a,\nb\",{short}"), 1, 0),
        (
            format!("ean;naam\n{wrong};a\n{short};b\n87x;c\n;d\n{short};e;f\n"),
            1,
            4,
        ),
        // GS1 keeps the prefix 02 for shops: nobody else's product.
        ("0200000000004\n".to_owned(), 0, 1),
        ("ean\n".to_owned(), 0, 0),
    ] {
        shop.write("in.csv", &bytes);
        let said = shop.batch(BY_GTIN, "in.csv", "out.jsonl", &["--replace", "--json"]);
        assert_eq!(said.code, i32::from(failed > 0), "{bytes:?}: {said:?}");
        let told = said.json();
        assert_eq!(
            (&told["done"], &told["failed"]),
            (&done.into(), &failed.into()),
            "{bytes:?}"
        );
        assert_eq!(shop.read("out.jsonl").lines().count(), done, "{bytes:?}");
    }
    let failed = format!("ean;naam\n{wrong};a\n{short};b\n87x;\"d;e\"\n\"\";f\n");
    shop.write("in.csv", failed);
    assert_eq!(shop.batch(BY_GTIN, "in.csv", "o", &[]).code, 1);
    let failed = shop.read("o.failed.csv");
    let lines: Vec<&str> = failed.lines().collect();
    assert_eq!(lines[0], "ean;naam;reason");
    assert!(
        lines[1].starts_with(&format!("{wrong};a;\"not a GTIN: the check digit is")),
        "{failed}"
    );
    assert!(lines[2].starts_with("87x;\"d;e\";not a GTIN"), "{failed}");
    assert_eq!(lines[3], ";f;the column ean is empty");
    // It is an input as it stands.
    let again = shop.batch(BY_GTIN, "o.failed.csv", "o2", &[]);
    assert!(
        again.stderr.contains("3 rows: 0 done, 3 failed"),
        "{again:?}"
    );
}

#[test]
fn what_is_no_table_is_refused_before_anything_is_asked() {
    let shop = Shop::new();
    let before = shop.desk.emulator.counts().service_calls;
    let wide = format!("ean\n\"{}\n", "x\n".repeat(600_000));
    let cases: [(&[u8], &str); 6] = [
        (b"", "has no rows"),
        (b"PK\x03\x04\0\0\0", "save the sheet as CSV"),
        (b"\xff\xfee\0a\0n\0\r\0\n\0", "save the sheet as CSV"),
        (
            b"ean\n\"8711\n2\n",
            "the quote that begins in line 2 is never closed",
        ),
        (wide.as_bytes(), "line 2 has more than 1 MiB"),
        (b"naam;prijs\na;1\n", "needs the parameter gtin"),
    ];
    for (bytes, part) in cases {
        shop.write("in.csv", bytes);
        let said = shop.batch(BY_GTIN, "in.csv", "out", &[]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains(part), "{said:?}");
        assert!(!shop.path("out").exists() && !shop.path("out.batch").exists());
    }
    assert_eq!(shop.batch(BY_GTIN, "none.csv", "out", &[]).code, 2);
    assert_eq!(shop.desk.emulator.counts().service_calls, before);
}

#[test]
fn latin_1_is_read_and_said() {
    let shop = Shop::new();
    shop.write(
        "in.csv",
        [format!("naam;ean\ncaf\u{fffd};{}\n", gtins()[0]).as_bytes()].concat(),
    );
    let bytes = fs::read(shop.path("in.csv")).unwrap();
    let marker = "\u{fffd}".as_bytes();
    let place = bytes.windows(3).position(|three| three == marker).unwrap();
    shop.write(
        "in.csv",
        [&bytes[..place], b"\xe9", &bytes[place + 3..]].concat(),
    );
    let said = shop
        .batch(
            BY_GTIN,
            "in.csv",
            "out.csv",
            &["--columns", "input.naam,ID"],
        )
        .done();
    assert!(said.stderr.contains("line 2 is no UTF-8"), "{said:?}");
    assert_eq!(shop.read("out.csv"), "input.naam;ID\ncafé;1000001\n");
}

#[test]
fn latin_1_is_said_without_a_file_too() {
    let shop = Shop::new();
    let from = shop.write("in.csv", b"naam;query\ncaf\xe9;x\n");
    let said = shop
        .desk
        .run(&["batch", "Product/Search", "--from", &from])
        .done();
    assert!(said.stderr.contains("line 2 is no UTF-8"), "{said:?}");
    assert_eq!(said.stderr.matches("is no UTF-8").count(), 1);
    assert_eq!(said.json()["input"]["naam"], "café");
}

#[test]
fn a_number_of_a_column_makes_no_row_of_a_header_and_no_header_of_a_row() {
    let shop = Shop::new();
    let gtins = gtins();
    let (one, other) = (&gtins[0][1..], &gtins[1]);
    let columns = ["--columns", "input.*,GTIN", "--format", "csv", "--replace"];
    let asked = |input: String, more: &[&str]| {
        shop.write("in", input);
        shop.batch(BY_GTIN, "in", "out", &[more, &columns].concat())
    };
    let said = asked(format!("artikel;naam\n{one};x\n"), &["gtin={1}"]).done();
    assert!(
        said.stderr.contains("is not asked: artikel, naam")
            && said.stderr.contains("1 rows: 1 done"),
        "{said:?}"
    );
    let first = format!("input.artikel;input.naam;GTIN\n{one};x;{}\n", gtins[0]);
    assert_eq!(shop.read("out"), first);

    let rows = format!("{one};x\n{other};y\n");
    let named = format!("gtin={{{one}}}");
    for more in [&[][..], &[named.as_str()]] {
        let said = asked(rows.clone(), more);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(
            said.stderr.contains("its first line is a row")
                && said.stderr.contains("as in gtin={1}"),
            "{said:?}"
        );
        assert!(
            !said.stderr.contains(&format!("as in gtin={{{one}")),
            "{said:?}"
        );
    }
    let said = asked(rows, &["gtin={1}"]).done();
    assert!(
        said.stderr.contains("it is a row and no header"),
        "{said:?}"
    );
    assert!(said.stderr.contains("2 rows: 2 done"), "{said:?}");
    assert!(
        shop.read("out")
            .starts_with(&format!("input.1;input.2;GTIN\n{one};x;"))
    );

    let said = asked(format!("{one};\n{other};\n"), &[]).done();
    assert!(said.stderr.contains("2 rows: 2 done"), "{said:?}");
}

#[test]
fn a_column_of_the_output_that_cannot_be_filled_is_refused_before_anything_is_asked() {
    let shop = Shop::new();
    let from = shop.write("in.csv", format!("naam;ean\nx;{}\n", gtins()[0]));
    let asked = |names: &str, format: &str| {
        let words = [
            "batch",
            BY_GTIN,
            "--from",
            &from,
            "--columns",
            names,
            "--format",
            format,
        ];
        shop.desk.run(&words)
    };
    let before = shop.desk.emulator.counts().service_calls;
    for format in ["csv", "jsonl"] {
        for (names, part) in [
            ("Id,,x", "--columns has an empty name"),
            ("Id,input.naan", "the input has no column naan"),
        ] {
            let said = asked(names, format);
            assert_eq!(said.code, 2, "{said:?}");
            assert!(said.stderr.contains(part), "{said:?}");
        }
    }
    assert_eq!(shop.desk.emulator.counts().service_calls, before);
    let said = asked("Id,input.naam", "jsonl").done();
    assert!(!said.stderr.contains("no answer has"), "{said:?}");
    assert_eq!(said.json()["answer"], serde_json::json!({"Id": 1_000_001}));
}

#[test]
fn a_service_or_an_input_cannot_control_the_terminal() {
    let shop = Shop::new();
    let from = shop.write("in.csv", "naam;query\n\u{1b}[2Jn;x\n");
    let json = [("Content-Type", "application/json")];
    let answer = || Act::respond("200 OK", &json, r#"{"Text":"a\u001b]0;b\u0007c\u202ed"}"#);
    let script = Script::start([answer(), answer()]).unwrap();
    let cli = shop.desk.cli(&[("TWOBA_SERVICE_URL", script.url())]);
    let words = "batch Product/Search --columns input.naam,Text --format csv --from";
    let mut terminal = Terminal::start(
        &cli,
        &["sh"],
        &format!("\"$TWOBA\" {words} '{from}'; echo over"),
    );
    let screen = terminal.wait_for("over");
    let seen = screen.chars().map(u8::try_from);
    let seen = String::from_utf8(seen.map(Result::unwrap).collect()).unwrap();
    assert!(
        seen.contains("\u{fffd}[2Jn;\"a\u{fffd}]0;b\u{fffd}c\u{fffd}d\"")
            && !seen.contains("\u{202e}"),
        "{seen:?}"
    );
    let words: Vec<&str> = words.split(' ').chain([from.as_str()]).collect();
    let piped = cli.run(&words).done();
    assert!(
        piped
            .stdout
            .ends_with("\u{1b}[2Jn;\"a\u{1b}]0;b\u{7}c\u{202e}d\"\n"),
        "{piped:?}"
    );
}

#[test]
fn a_file_that_is_there_is_kept_unless_it_is_to_be_replaced() {
    let shop = Shop::new();
    shop.write("in", &gtins()[0]);
    shop.write("out", "mine");
    let refused = shop.batch(BY_GTIN, "in", "out", &[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--replace"), "{refused:?}");
    assert_eq!(shop.read("out"), "mine");
    shop.batch(BY_GTIN, "in", "out", &["--replace"]).done();
    let calls = || shop.desk.emulator.counts().service_calls;
    let before = calls();
    let again = shop.batch(BY_GTIN, "in", "out", &[]).done();
    assert!(
        again
            .stderr
            .contains("1 rows are there already: nothing is asked"),
        "{again:?}"
    );
    assert_eq!(calls(), before, "a job that is done asks nothing");
    for other in [&["--columns", "Id"][..], &["includeFeatures=true"]] {
        assert_eq!(
            shop.batch(BY_GTIN, "in", "out", other).code,
            2,
            "another job"
        );
    }
    shop.write("in", &gtins()[1]);
    assert_eq!(
        shop.batch(BY_GTIN, "in", "out", &[]).code,
        2,
        "another input"
    );
}

#[test]
fn an_input_is_never_replaced_by_the_output_of_its_own_job() {
    let shop = Shop::new();
    let rows = format!("{}\n123\n", gtins()[0]);
    shop.write("in", &rows);
    std::os::unix::fs::symlink(shop.path("in"), shop.path("link")).unwrap();
    fs::hard_link(shop.path("in"), shop.path("hard")).unwrap();
    for out in ["in", "link", "hard"] {
        for more in [&[][..], &["--replace"]] {
            let refused = shop.batch(BY_GTIN, "in", out, more);
            assert_eq!(refused.code, 2, "{out}: {refused:?}");
            assert!(refused.stderr.contains("is the input"), "{refused:?}");
        }
        assert_eq!(shop.read("in"), rows, "{out}");
    }
    // The failed rows of a job are an input of another one, whose files they must not be.
    assert_eq!(shop.batch(BY_GTIN, "in", "out", &[]).code, 1);
    let failed = shop.read("out.failed.csv");
    let refused = shop.batch(BY_GTIN, "out.failed.csv", "out", &["--replace"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.stderr.contains("choose another --out"),
        "{refused:?}"
    );
    assert_eq!(shop.read("out.failed.csv"), failed);
    assert_eq!(numbers(&shop.read("out")), [1]);
}

/// Words that are searched for, each of its own.
fn searched(of: &str, rows: u64) -> String {
    (1..=rows).map(|row| format!("{of}-{row}\n")).collect()
}

#[test]
fn every_interruption_costs_no_row_and_asks_none_more_than_once_again() {
    const ROWS: u64 = 120;
    let shop = Shop::new();
    let chance = Chance::of(13);
    for moment in 0..20 {
        let draw = chance.draw();
        let place = u64::from(draw[30]) * 256 + u64::from(draw[31]);
        let is_killed = moment % 2 == 0;
        let (from, out) = (format!("in-{moment}"), format!("out-{moment}"));
        shop.write(&from, searched(&format!("m{moment}"), ROWS));
        let words = shop.words("Product/Search", &from, &out, &["--at-once", "4"]);
        let before = shop.desk.emulator.counts().service_calls;
        let mut watch = shop.desk.emulator.watch();
        let running = shop.start(&words);
        shop.wait_for_calls(before, 1 + place % ROWS);
        if is_killed {
            drop(running.kill().unwrap());
        } else {
            send(Signal::INT, &running);
            let said = shop.desk.cli(&[]).finish(running);
            // The signal may come when all is done.
            let is_late = said.stderr.contains("120 rows: 120 done");
            let is_told = said.code == 130 && said.stderr.contains("run the same command again");
            assert!(is_late || is_told, "{said:?}");
        }
        shop.desk.run(&borrowed(&words)).done();
        let lines = shop.read(&out);
        assert_eq!(
            numbers(&lines),
            (1..=ROWS).collect::<Vec<_>>(),
            "moment {moment}"
        );
        let news = watch.news();
        assert_eq!(news.missed, 0);
        let requests: Vec<_> = news.requests.into_iter().map(|one| one.request).collect();
        let asked = asked(&requests, "query");
        assert_eq!(
            asked.len(),
            usize::try_from(ROWS).unwrap(),
            "moment {moment}"
        );
        let most = asked.values().max().copied();
        assert!(
            most <= Some(if is_killed { 2 } else { 1 }),
            "moment {moment}: {asked:?}"
        );
    }
}

#[test]
fn a_job_that_is_killed_over_and_over_comes_to_its_end() {
    const ROWS: u64 = 200;
    let shop = Shop::new();
    shop.write("in", searched("again", ROWS));
    let words = shop.words(
        "Product/Search",
        "in",
        "out.csv",
        &["--columns", "row,Total"],
    );
    let chance = Chance::of(14);
    let is_done = || shop.path("out.csv").exists();
    for _ in 0..20 {
        let before = shop.desk.emulator.counts().service_calls;
        let running = shop.start(&words);
        let calls = before + 1 + u64::from(chance.draw()[31]) % 8;
        while shop.desk.emulator.counts().service_calls < calls && !is_done() {
            std::thread::yield_now();
        }
        drop(running.kill().unwrap());
    }
    shop.desk.run(&borrowed(&words)).done();
    let lines = shop.read("out.csv");
    let found: Vec<u64> = lines
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(found, (1..=ROWS).collect::<Vec<_>>());
}

#[test]
fn a_session_that_ends_in_the_middle_goes_on_after_a_login() {
    const ROWS: u64 = 1_500;
    let shop = Shop::new();
    shop.write("in", searched("session", ROWS));
    let words = shop.words("Product/Search", "in", "out", &[]);
    let mut watch = shop.desk.emulator.watch();
    // As 2BA says it: with a bare 400.
    let cli = shop.desk.cli(&[("TWOBA_PROVIDER", "2ba")]);
    cli.run(&["login", "--password", "--replace"]).done();
    let before = shop.desk.emulator.counts().service_calls;
    let running = cli.start(&borrowed(&words));
    shop.wait_for_calls(before, 20);
    shop.desk.emulator.revoke_user(USER);
    let said = cli.finish(running);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(
        said.stderr.contains("log in with `twoba login`"),
        "{said:?}"
    );
    assert!(
        said.stderr.contains("run the same command again"),
        "{said:?}"
    );
    let so_far = numbers(&shop.read("out")).len();
    // A row waits for the rows before it, so that few may be written by then.
    assert!(so_far < 300, "{so_far}");
    assert_eq!(cli.run(&borrowed(&words)).code, 4, "still without a login");
    cli.run(&["login", "--password"]).done();
    cli.run(&borrowed(&words)).done();
    assert_eq!(numbers(&shop.read("out")), (1..=ROWS).collect::<Vec<_>>());
    let requests: Vec<_> = watch
        .news()
        .requests
        .into_iter()
        .map(|one| one.request)
        .collect();
    let answered: Vec<_> = requests
        .into_iter()
        .filter(|one| one.status == Some(200))
        .collect();
    assert!(asked(&answered, "query").values().all(|times| *times <= 2));
    assert!(!said.stderr.contains(PASSWORD));
}

#[test]
fn a_service_that_is_away_stops_the_job_and_is_asked_again_where_that_helps() {
    let shop = Shop::new();
    shop.write("in", searched("away", 30));
    let words = shop.words("Product/Search", "in", "out", &[]);
    let fault = FaultRule::next(FaultPoint::Service, Fault::Status(503));
    shop.desk.emulator.set_faults([fault]);
    shop.desk.run(&borrowed(&words)).done();
    assert_eq!(numbers(&shop.read("out")).len(), 30);

    let words = shop.words("Product/Search", "in", "out2", &["--at-once", "2"]);
    let fault = FaultRule::every(FaultPoint::Service, Fault::Status(403));
    shop.desk.emulator.set_faults([fault]);
    let said = shop.desk.run(&borrowed(&words));
    assert_eq!(said.code, 6, "{said:?}");
    assert!(
        said.stderr.contains("stopped after 0 of 30 rows"),
        "{said:?}"
    );
    shop.desk.emulator.set_faults([]);
    shop.desk.run(&borrowed(&words)).done();
    assert_eq!(numbers(&shop.read("out2")), (1..=30).collect::<Vec<_>>());
}

#[test]
fn no_more_calls_are_out_at_once_than_asked_for() {
    let shop = Shop::new();
    shop.write("in", searched("once", 12));
    let delay = Duration::from_millis(150);
    let slow = FaultRule::every(FaultPoint::Service, Fault::Delay(delay));
    shop.desk.emulator.set_faults([slow]);
    shop.batch("Product/Search", "in", "out", &["--at-once", "3"])
        .done();
    let requests = shop.desk.emulator.requests();
    let calls = requests.iter().filter(|one| one.path.contains("Search"));
    // For so long a call is out in any case. The emulator itself may be done with it later than the
    // program is.
    let mut changes: Vec<_> = calls
        .flat_map(|one| [(one.at, 1), (one.at + delay, -1)])
        .collect();
    changes.sort();
    let mut out = 0;
    let most = changes.iter().map(|(_, change)| {
        out += change;
        out
    });
    assert_eq!(most.max(), Some(3));
    for bad in ["0", "65", "x"] {
        assert_eq!(
            shop.batch("Product/Search", "in", "o", &["--at-once", bad])
                .code,
            2
        );
    }
}

#[test]
fn pictures_are_saved_beside_the_rows_and_fetched_once() {
    let shop = Shop::new();
    let gtins = gtins();
    shop.write("in", gtins[..3].join("\n"));
    let images = shop.name("images");
    let more = ["--images", &images, "--columns", "GTIN,pictures"];
    shop.batch(BY_GTIN, "in", "out.csv", &more).done();
    for gtin in &gtins[..3] {
        let named = |file: &PathBuf| {
            file.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(gtin)
        };
        let files = fs::read_dir(&images)
            .unwrap()
            .map(|file| file.unwrap().path());
        let files: Vec<PathBuf> = files.filter(named).collect();
        assert_eq!(files.len(), 3, "{files:?}");
        let thumbnail = shop.path("images").join(format!("{gtin}-thumbnail.png"));
        let theirs = fixture::workspace().join("crates/twoba-sample-services/pictures");
        let theirs = fs::read(theirs.join(format!("{gtin}-PTI.png"))).unwrap();
        assert_eq!(fs::read(thumbnail).unwrap(), theirs);
        let line = shop.read("out.csv");
        let line = line
            .lines()
            .find(|line| line.starts_with(gtin))
            .unwrap()
            .to_owned();
        assert!(
            files
                .iter()
                .all(|file| line.contains(file.file_name().unwrap().to_str().unwrap()))
        );
    }
    let thumbnails = || {
        let requests = shop.desk.emulator.requests();
        requests
            .iter()
            .filter(|one| one.path.contains("Thumbnail"))
            .count()
    };
    assert_eq!(thumbnails(), 3);
    shop.batch(
        BY_GTIN,
        "in",
        "out.csv",
        &[&more[..], &["--replace"]].concat(),
    )
    .done();
    assert_eq!(thumbnails(), 3, "what is there is not fetched again");
}

#[test]
fn a_full_disk_loses_nothing() {
    let shop = Shop::new();
    shop.write("in", gtins().join("\n"));
    let words = shop
        .words(BY_GTIN, "in", "out", &["--at-once", "1"])
        .join(" ");
    // No file may grow beyond some blocks: writing fails in the middle of a line.
    let limited = format!("trap '' XFSZ; ulimit -f 20; exec twoba {words}");
    let said = shop.desk.cli(&[]).paste(shop.desk.home.path(), &limited);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.stderr.contains("cannot write") && said.stderr.contains("make room"),
        "{said:?}"
    );
    let so_far = numbers(&shop.read("out")).len();
    assert!(so_far > 0 && so_far < gtins().len(), "{so_far}");
    shop.batch(BY_GTIN, "in", "out", &[]).done();
    let rows = u64::try_from(gtins().len()).unwrap();
    assert_eq!(numbers(&shop.read("out")), (1..=rows).collect::<Vec<_>>());
}

#[test]
fn without_a_file_rows_go_to_stdout_and_failures_to_stderr() {
    let shop = Shop::new();
    let from = shop.write("in", format!("{}\n123\n", gtins()[0]));
    let said = shop.desk.run(&["batch", BY_GTIN, "--from", &from]);
    assert_eq!(said.code, 1);
    let row = said.json();
    assert_eq!(
        (&row["row"], &row["input"]["gtin"]),
        (&1.into(), &gtins()[0].as_str().into())
    );
    assert_eq!(row["answer"]["GTIN"], gtins()[0]);
    assert!(said.stderr.contains("row 2 failed: not a GTIN"), "{said:?}");
    let cli = shop.desk.cli(&[]);
    let mut piped = cli.start(&[
        "batch",
        "Product/Search",
        "--from",
        "-",
        "--columns",
        "Total",
    ]);
    piped.write_line("kabelgoot").unwrap();
    let said = cli.finish(piped).done();
    assert!(
        said.json()["answer"]["Total"].as_u64() > Some(0),
        "{said:?}"
    );
}

#[test]
fn a_million_rows_take_no_more_memory_than_a_few() {
    let shop = Shop::new();
    let mut rows = String::with_capacity(20_000_000);
    rows.push_str("ean;naam\n");
    for row in 0..1_000_000 {
        // The check digit is wrong in all of them but the last.
        rows.push_str(&format!("87{row:010}x;n\n"));
    }
    rows.push_str(&format!("{};last\n", gtins()[0]));
    shop.write("in.csv", rows);
    let words = shop.words(BY_GTIN, "in.csv", "out.csv", &["--columns", "row,Id"]);
    let running = shop.start(&words);
    let status = format!("/proc/{}/status", running.pid());
    let mut peak = 0;
    while let Ok(status) = fs::read_to_string(&status) {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        // A process that has ended has none.
        let Some(kibibytes) = line else {
            break;
        };
        peak = kibibytes
            .trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .unwrap();
        std::thread::yield_now();
    }
    let said = shop.desk.cli(&[]).finish(running);
    assert!(
        said.stderr.contains("1000001 rows: 1 done, 1000000 failed"),
        "{said:?}"
    );
    assert_eq!(shop.read("out.csv"), "row;Id\n1000001;1000001\n");
    assert!(peak > 1000 && peak < 60 * 1024, "{peak} kB");
}

#[test]
fn a_person_at_a_terminal_sees_how_far_it_is() {
    let shop = Shop::new();
    let from = shop.write("in", searched("bar", 60));
    let out = shop.name("out");
    let script = format!(
        "export TERM=xterm; \"$TWOBA\" batch Product/Search --from '{from}' --out '{out}'; echo over"
    );
    let mut terminal = Terminal::start(&shop.desk.cli(&[]), &["sh"], &script);
    terminal.wait_for(" of 60 rows, 0 failed");
    terminal.wait_for("60 rows: 60 done, 0 failed");
    terminal.wait_for("over");
    let quiet = shop
        .batch("Product/Search", "in", "out2", &["--quiet"])
        .done();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}
