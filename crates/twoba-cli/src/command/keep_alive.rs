//! `twoba keep-alive`: for a nightly job, refreshes the sessions that die if nobody uses them.

use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(source: &Source, output: &Output) -> Result<(), Failure> {
    let kept = source.sessions.keep_alive()?;
    match kept.refreshed {
        0 if kept.failed.is_empty() => output.note("no session has to be kept alive yet"),
        1 => output.note("1 session was kept alive"),
        many => output.note(&format!("{many} sessions were kept alive")),
    }
    let mut failed = kept.failed.into_iter();
    let Some((key, error)) = failed.next() else {
        return Ok(());
    };
    for (key, error) in failed {
        let failure = Failure::from(error);
        output.note(&format!("session {}: {}", key.as_str(), failure.message()));
    }
    let failure = Failure::from(error);
    Err(failure.about(&format!("session {}", key.as_str())))
}
