//! The programs of the README, run as they stand there against the emulator.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use twoba_emulator::{Emulator, RegisteredUser};
use twoba_testkit::{Ended, Running};
use twoba_tests::SECRET;

const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// The programs, and where their text is.
const PROGRAMS: [(&str, &str); 2] = [
    (env!("CARGO_BIN_EXE_readme_blocking"), "readme_blocking.rs"),
    (env!("CARGO_BIN_EXE_readme_async"), "readme_async.rs"),
];

fn run(program: &str, folder: &Path, url: &str, secret: &str) -> Ended {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    command.envs([
        ("TWOBA_URL", url),
        ("TWOBA_CLIENT_SECRET", secret),
        ("TWOBA_PASSWORD", "anything"),
    ]);
    Running::start(&mut command).unwrap().finish(LIMIT).unwrap()
}

#[test]
fn the_programs_are_those_of_the_readme() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(tests.join("../README.md")).unwrap();
    let blocks: Vec<_> = readme
        .split("```rust,no_run\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), PROGRAMS.len());
    for ((_, file), block) in PROGRAMS.iter().zip(blocks) {
        let program = fs::read_to_string(tests.join("src/bin").join(file)).unwrap();
        assert!(program.ends_with(&format!("\n\n{block}")), "{file}");
    }
}

#[test]
fn they_run_against_an_emulator_and_keep_their_session() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    for (program, _) in PROGRAMS {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let ended = run(program, folder.path(), emulator.url(), SECRET);
            assert!(ended.status.success(), "{}", ended.stderr);
            assert!(ended.stdout.contains("Kabelgoot"), "{}", ended.stdout);
        }
    }
    let counts = emulator.counts();
    assert_eq!((counts.password, counts.service_calls), (2, 4));
}

#[test]
fn what_main_returns_is_a_sentence() {
    let user = RegisteredUser::new("me@example.com", "another");
    let emulator = Emulator::builder().users([user]).start().unwrap();
    for (program, _) in PROGRAMS {
        let folder = tempfile::tempdir().unwrap();
        let refused = run(program, folder.path(), emulator.url(), SECRET);
        let gone = run(program, folder.path(), "http://127.0.0.1:9", SECRET);
        for ended in [refused, gone] {
            assert_eq!(ended.status.code(), Some(1));
            let told = ended.stderr.trim_end();
            assert!(told.starts_with("Error: "), "{told}");
            assert_eq!(told.lines().count(), 1, "{told}");
            assert!(
                !told.contains('{') && !told.contains("Some(") && !told.contains("Kind"),
                "{told}"
            );
            assert!(!told.contains(SECRET), "{told}");
        }
    }
}
