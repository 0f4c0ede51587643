//! What interruptions leave in the files of a job, and what becomes of it.

use super::*;

fn page(out: &str, failed: &str) -> Page {
    Page {
        rows: 1,
        failed: u64::from(!failed.is_empty()),
        out: out.into(),
        failed_out: failed.into(),
    }
}

/// The files of a job with two rows done and one failed.
fn begun() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let mut ledger = Ledger::open(&path, "d1", false).unwrap();
    for page in [page("a\n", ""), page("", "b\n"), page("c\n", "")] {
        ledger.commit(&page).unwrap();
    }
    drop(ledger);
    (folder, path)
}

/// What stands in the files, and how far the job is, after it goes on with another row.
fn gone_on(path: &Path) -> (String, String, u64) {
    let mut ledger = Ledger::open(path, "d1", false).unwrap();
    let rows = ledger.reached.rows;
    ledger.commit(&page("d\n", "")).unwrap();
    drop(ledger);
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    (read(path), read(&beside(path, ".failed.csv")), rows)
}

#[test]
fn every_torn_end_is_cut_off() {
    let whole = {
        let (_folder, path) = begun();
        fs::read(beside(&path, ".batch")).unwrap()
    };
    let head = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for length in head..=whole.len() {
        let (_folder, path) = begun();
        let journal = OpenOptions::new()
            .write(true)
            .open(beside(&path, ".batch"))
            .unwrap();
        journal.set_len(u64::try_from(length).unwrap()).unwrap();
        let (out, failed, rows) = gone_on(&path);
        let lines = whole[head..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        assert_eq!(rows, u64::try_from(lines).unwrap());
        assert_eq!(
            out,
            ["d\n", "a\nd\n", "a\nd\n", "a\nc\nd\n"][lines],
            "{length}"
        );
        assert_eq!(failed, ["", "", "b\n", "b\n"][lines], "{length}");
    }
}

#[test]
fn a_file_that_lost_its_end_goes_back_to_what_is_left() {
    for (bytes, rows, out) in [
        (4, 3, "a\nc\nd\n"),
        (3, 2, "a\nd\n"),
        (1, 0, "d\n"),
        (0, 0, "d\n"),
    ] {
        let (_folder, path) = begun();
        OpenOptions::new()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(bytes)
            .unwrap();
        let (found, _, reached) = gone_on(&path);
        assert_eq!((found.as_str(), reached), (out, rows));
    }
}

#[test]
fn the_files_of_others_are_left_alone() {
    let (_folder, path) = begun();
    let before = fs::read(&path).unwrap();
    let failure = Ledger::open(&path, "d2", false).unwrap_err();
    assert_eq!(failure.exit(), 2, "{failure:?}");
    let held = Ledger::open(&path, "d1", false).unwrap();
    assert_eq!(Ledger::open(&path, "d1", false).unwrap_err().exit(), 7);
    drop(held);
    assert_eq!(fs::read(&path).unwrap(), before);
    let replaced = Ledger::open(&path, "d2", true).unwrap();
    assert_eq!(replaced.reached, Reached::default());
    assert!(fs::read(&path).unwrap().is_empty());

    let folder = tempfile::tempdir().unwrap();
    for name in ["x", "x.failed.csv"] {
        fs::write(folder.path().join(name), "mine").unwrap();
        let failure = Ledger::open(&folder.path().join("x"), "d", false).unwrap_err();
        assert_eq!(failure.exit(), 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    for journal in ["no journal\n", &"x".repeat(1000)] {
        fs::write(folder.path().join("x.batch"), journal).unwrap();
        assert_eq!(
            Ledger::open(&folder.path().join("x"), "d", false)
                .unwrap_err()
                .exit(),
            2
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("x.batch")).unwrap(),
            journal
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    assert_eq!(
        Ledger::open(&folder.path().join("no/x"), "d", false)
            .unwrap_err()
            .exit(),
        1
    );
}

#[test]
fn a_job_that_was_interrupted_while_it_began_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for torn in ["", "twoba ba"] {
        fs::write(beside(&path, ".batch"), torn).unwrap();
        assert_eq!(gone_on(&path).2, 0);
        fs::remove_file(&path).unwrap();
    }
}
