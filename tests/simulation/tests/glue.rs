//! The clients of the simulation do what the async adapter does: function by function their
//! source is the same, so that a change of the adapter has to be brought over.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

/// Files of the adapter, those that mirror them, and the functions that must be equal.
const MIRRORED: [(&str, &str, &[&str]); 4] = [
    (
        "inner.rs",
        "client/inner.rs",
        &[
            "usable",
            "refresh_early",
            "observe",
            "obtain",
            "renew",
            "renew_under",
            "password",
            "granted",
            "adopt",
            "keep",
            "import",
            "end",
            "give_back",
            "carry_out",
        ],
    ),
    (
        "retry.rs",
        "client/retry.rs",
        &["take", "keep", "claim", "release", "store_unsaved"],
    ),
    ("sign_in.rs", "client/sign_in.rs", &["sign_in", "release"]),
    (
        "session.rs",
        "client.rs",
        &["refresh", "login", "import", "token_with_id", "rejected"],
    ),
];

/// What differs for the sake of who runs the tasks.
const SAME: [(&str, &str); 2] = [
    ("self.detached(", "detached("),
    ("Arc::clone(&self.client)", "Arc::new(self.client.clone())"),
];

fn source(path: &str) -> io::Result<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path)
}

/// The bodies of a file's functions by their names, without white space and comments.
fn functions(text: &str) -> BTreeMap<String, String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut functions = BTreeMap::new();
    for (at, _) in code.match_indices("fn ") {
        let after = &code[at + 3..];
        let name: String = after
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let Some(body) = after.find('{').map(|start| braced(&after[start..])) else {
            continue;
        };
        let mut body: String = body.split_whitespace().collect();
        for (ours, theirs) in SAME {
            body = body.replace(&ours.replace(' ', ""), &theirs.replace(' ', ""));
        }
        functions.insert(name, body);
    }
    functions
}

/// Up to the brace that closes the first one.
fn braced(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..=at];
        }
    }
    text
}

#[test]
fn the_clients_do_what_the_adapter_does() -> io::Result<()> {
    for (theirs, ours, names) in MIRRORED {
        let adapter = functions(&source(&format!("../../crates/twoba-async/src/{theirs}"))?);
        let mirror = functions(&source(&format!("src/{ours}"))?);
        for name in names {
            assert!(
                adapter.contains_key(*name),
                "{theirs} has no {name} any more"
            );
            assert_eq!(
                mirror.get(*name),
                adapter.get(*name),
                "bring {name} of the adapter's {theirs} over into {ours}"
            );
        }
    }
    Ok(())
}
