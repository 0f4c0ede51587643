//! `twoba import`: moves a session here from another client.

use std::io::{self, IsTerminal};

use twoba_blocking::{Error, ErrorKind, RefreshError, RefreshToken};
use twoba_core::RecordError;

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

/// The failure of an import. A session that this one must not replace stands there, and nothing was
/// sent for it.
fn stands_there(source: &Source, error: Error) -> Failure {
    let is_refused = matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Record(
            RecordError::Foreign(_) | RecordError::Newer { .. }
        ))
    );
    let failure = source.told(error);
    match is_refused {
        true => failure.advise(
            "nothing was sent, and the imported refresh token is still good; take another --profile \
             or --store, or run `twoba logout` first, which keeps what stands there aside",
        ),
        false => failure,
    }
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
    let imported = source
        .session
        .person()?
        .import(token, arguments.username.clone());
    imported.map_err(|error| stands_there(&source, error))?;
    output.note("the other client must not use its refresh token any more: it is spent");
    login::report("imported", &source, output)
}
