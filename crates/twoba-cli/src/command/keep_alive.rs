//! `twoba keep-alive`: refreshes the sessions that would expire unused, for a nightly job.

use twoba_blocking::{Clock as _, Error};
use twoba_store::{Due, SystemClock};

use crate::failure::Failure;
use crate::output::Output;
use crate::source::Source;

pub(crate) fn run(source: Source, output: &Output) -> Result<(), Failure> {
    // On most nights nothing needs the client's secret.
    let store = source.settings.store.open()?;
    let due = store.due(Due::KeepBy, SystemClock.now(), 1);
    if due.map_err(Error::from)?.is_empty() {
        output.note("no session has to be kept alive yet");
        return Ok(());
    }
    let source = source.proven()?;
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
