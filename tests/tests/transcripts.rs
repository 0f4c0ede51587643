//! The transcripts of the documents: each `console` block shows what the program prints and its exit
//! code. A block that shows something else fails.

use std::env;
use std::fs;

use twoba_testkit::fixture;
use twoba_tests::program;

/// The documents with transcripts.
const DOCUMENTS: [&str; 3] = ["README.md", "docs/command-line.md", "docs/trouble.md"];

#[test]
fn each_transcript_is_what_the_program_prints() {
    let home = tempfile::tempdir().unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("twoba", program());
    // Nothing of the machine's settings reaches the program: an empty variable counts as unset.
    let of_settings = |name: &String| {
        let name = name.to_ascii_uppercase();
        name.starts_with("TWOBA_") || name.starts_with("XDG_") || name.ends_with("_PROXY")
    };
    for (name, _) in env::vars().filter(|(name, _)| of_settings(name)) {
        cases.env(name, "");
    }
    cases.env("HOME", home.path().display().to_string());
    for document in DOCUMENTS {
        let path = fixture::workspace().join(document);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\n```console\n$ twoba"), "{document}");
        cases.case(path);
    }
}
