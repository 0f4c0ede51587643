//! `twoba import`: moves a session here from another client.

use std::io::{self, IsTerminal};

use twoba_blocking::RefreshToken;

use super::login;
use crate::arguments::Import;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

/// The token without the white space, byte order mark and quotes that pasting and other programs
/// put around it.
fn bare(line: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let mut text = line.trim_matches(blank);
    for (open, close) in [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('<', '>'),
    ] {
        let inner = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        text = inner.map_or(text, |inner| inner.trim_matches(blank));
    }
    text
}

pub(crate) fn run(arguments: &Import, source: Source, output: &Output) -> Result<(), Failure> {
    source.session.person()?;
    if io::stdin().is_terminal() {
        // A token that is typed or pasted would stay on the screen.
        return Err(Failure::configuration("no refresh token comes from stdin")
            .advise("pipe it in: `other-client | twoba import`"));
    }
    let line = login::line().map_err(|failure| match failure.is_cancellation() {
        true => failure.advise("pipe the refresh token in: `other-client | twoba import`"),
        false => failure,
    })?;
    let token = RefreshToken::parse(bare(&line)).map_err(|error| {
        Failure::configuration(format!("the refresh token: {error}"))
            .advise("nothing was sent; pipe in the refresh token alone, on one line")
    })?;
    let source = source.proven()?;
    source
        .session
        .person()?
        .import(token, arguments.username.clone())?;
    output.note("the other client must not use its refresh token any more: it is spent");
    login::report("imported", &source, output)
}
