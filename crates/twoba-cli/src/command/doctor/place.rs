//! Checks the folder of the sessions, and the current session.

use twoba_blocking::{Error, SessionState};
use twoba_core::SessionKey;
use twoba_store::{ListedKind, Maintained};

use crate::command::check::Check;
use crate::command::store::{told, whereabouts};
use crate::failure::Failure;
use crate::settings::{Grant, Settings};
use crate::source;

/// The most files that are counted.
const PAGE: usize = 1000;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let place = &settings.store.place;
    if !place.exists() {
        let text = format!("{place} is not there yet");
        return vec![Check::note("store", text, "a login makes it")];
    }
    let store = match settings.store.open() {
        Ok(store) => store,
        Err(error) => return vec![Check::bad("store", error)],
    };
    let key = match settings.grant {
        Grant::Code | Grant::Password => SessionKey::parse(&settings.profile),
        Grant::ClientCredentials => {
            let client = &settings.client;
            Ok(SessionKey::of_program(client.id(), client.scope()))
        }
    };
    let key = match key {
        Ok(key) => key,
        Err(error) => {
            return vec![Check::bad(
                "store",
                Failure::configuration(error.to_string()),
            )];
        }
    };
    let mut checks = vec![Check::good("store", place.to_string())];
    let is_used = match store.about().map_err(Error::from) {
        Ok(about) => {
            checks.push(Check::good("protection", told(about.protection)));
            let whereabouts = whereabouts(&about);
            let is_used = whereabouts.iter().all(|check| check.failure().is_none());
            checks.extend(whereabouts);
            is_used
        }
        Err(error) => {
            checks.push(Check::bad("protection", error));
            true
        }
    };
    if is_used {
        checks.push(permissions(&*store, &key, place.is_private()));
        checks.push(lock(&*store, &key));
        checks.push(session(settings));
    } else {
        let why = "not looked at: the sessions are not used here";
        checks.extend(["permissions", "lock", "session"].map(|name| Check::unknown(name, why)));
    }
    checks.push(kept_aside(&*store));
    checks
}

fn permissions(store: &dyn Maintained, key: &SessionKey, is_private: bool) -> Check {
    let name = "permissions";
    match store.probe(key).map_err(Error::from) {
        Ok(()) if is_private => {
            Check::good(name, "it can be written, and nobody else can look into it")
        }
        Ok(()) => Check::good(name, "it can be written"),
        Err(error) => Check::bad(name, error),
    }
}

fn lock(store: &dyn Maintained, key: &SessionKey) -> Check {
    let name = "lock";
    // A lock is a file that stays: for a session that there is not, none is made.
    if matches!(store.read(key), Ok(None)) {
        return Check::good(name, "nothing is stored that could be locked");
    }
    match store.try_lease(key).map_err(Error::from) {
        Ok(Some(_lease)) => Check::good(name, "nobody has it"),
        Ok(None) => {
            let holder = store.holder(key).ok().flatten();
            let who = holder.map_or("another process".to_owned(), |id| format!("process {id}"));
            let text = format!("{who} is busy with the session");
            Check::note(name, text, "wait, or end that process if it hangs")
        }
        Err(error) => Check::bad(name, error),
    }
}

fn session(settings: &Settings) -> Check {
    let name = "session";
    let opened = source::session(settings);
    let status = opened.and_then(|(_, session)| Ok(session.status()?));
    let log_in = "log in with `twoba login`";
    match status.map(|status| status.state) {
        Ok(SessionState::Valid) => Check::good(name, "its token is good"),
        Ok(SessionState::Stale) => Check::good(name, "the next `twoba token` refreshes it"),
        Ok(SessionState::LoginRequired(verdict)) => Check::note(name, verdict.to_string(), log_in),
        Ok(SessionState::None) if settings.grant == Grant::ClientCredentials => {
            Check::good(name, "none yet: `twoba token` gets a token")
        }
        Ok(_) => Check::note(name, "nobody is logged in", log_in),
        Err(error) => Check::bad(name, error),
    }
}

fn kept_aside(store: &dyn Maintained) -> Check {
    let name = "kept aside";
    let listed = match store.list(None, PAGE).map_err(Error::from) {
        Ok(listed) => listed,
        Err(error) => return Check::bad(name, error),
    };
    let count = |kind| listed.iter().filter(|one| one.kind == kind).count();
    match (count(ListedKind::KeptAside), count(ListedKind::Rescue)) {
        (0, 0) => Check::good(name, "nothing"),
        (kept, rescued) => Check::note(
            name,
            format!("{kept} replaced or damaged sessions, {rescued} rescued grants"),
            "`twoba store list` names them",
        ),
    }
}
