//! Decides what becomes of a test that needs what `cargo xtask test` prepares, on a machine where nobody did.

use std::path::PathBuf;

/// Where it is, as the variable tells, or `None` where nobody has prepared it, which is said.
///
/// In CI it has to be there.
#[must_use]
pub fn prepared(variable: &str) -> Option<PathBuf> {
    if let Some(place) = std::env::var_os(variable) {
        return Some(place.into());
    }
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!in_ci, "{variable} is not set: run `cargo xtask test`");
    say_skipped(&format!(
        "{variable} is not set; `cargo xtask test` sets it"
    ));
    None
}

#[expect(clippy::print_stdout, reason = "a test that did not run has to say so")]
fn say_skipped(why: &str) {
    println!("skipped: {why}");
}
