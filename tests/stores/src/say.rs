//! Tells a person how far it is.

use std::io::{self, Write as _};

/// Says how far it is. Standard output is for what was measured.
pub(crate) fn say(line: &str) {
    // Nobody can be told if this fails.
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}
