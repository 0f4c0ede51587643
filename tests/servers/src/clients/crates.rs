//! How many crates of others each adapter is built of.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use anyhow::{Result, bail};
use twoba_testkit::fixture;

/// The adapters, and how many there may be: six more than before there was a keeper.
const ADAPTERS: [(&str, usize); 2] = [("twoba-blocking", 65), ("twoba-async", 115)];

/// What the keeper has brought, and why.
const NEW: [(&str, &str); 2] = [
    ("arc-swap", "the token at hand is read without a lock"),
    ("rustversion", "arc-swap is built with it"),
];

/// Crates that do TLS by themselves: one of them is enough.
const TLS: [&str; 5] = ["boring", "native-tls", "openssl", "rustls", "s2n-tls"];

/// The table of them.
pub(super) fn counted() -> Result<String> {
    let mut table = "| crates of others | count | at most | TLS by | new |\n\
         | --- | ---: | ---: | --- | --- |\n"
        .to_owned();
    for (adapter, limit) in ADAPTERS {
        let built = built_of(adapter)?;
        let there = |name: &str| {
            built
                .iter()
                .any(|known| known.starts_with(&format!("{name} ")))
        };
        let tls: Vec<&str> = TLS.into_iter().filter(|name| there(name)).collect();
        let new = NEW.iter().filter(|(name, _)| there(name));
        let new: Vec<String> = new.map(|(name, why)| format!("{name}: {why}")).collect();
        let missed = if built.len() > limit {
            ": not reached"
        } else {
            ""
        };
        table.push_str(&format!(
            "| {adapter} | {} | {limit}{missed} | {} | {} |\n",
            built.len(),
            tls.join(", "),
            new.join("; ")
        ));
    }
    Ok(table)
}

/// Every crate of others that is compiled for it, each with its version.
fn built_of(adapter: &str) -> Result<BTreeSet<String>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.current_dir(fixture::workspace());
    tree.args([
        "tree",
        "--locked",
        "--package",
        adapter,
        "--edges",
        "normal,build",
    ]);
    tree.args(["--prefix", "none", "--format", "{p}"]);
    let output = tree.output()?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout)?;
    let named = lines.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    Ok(named.filter(|name| !name.starts_with("twoba")).collect())
}
