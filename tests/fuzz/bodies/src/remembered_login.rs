//! A login between two processes: bytes that are ours come back as they were, others do not.

use serde_json::Value;
use twoba_core::limits::CALLBACK_QUERY_MAX;
use twoba_core::{CallbackError, Login, LoginError, Timestamp};

use crate::sealed::sealed;
use crate::shown::assert_fit_to_print;

/// Longest remembered login: the core's own bound.
const REMEMBERED_MAX: usize = 64 * 1024;

/// Reads a remembered login, once as the bytes are and once in a sound envelope.
///
/// # Panics
///
/// - a login that was read and is written again reads as another
/// - a login takes an answer with another state than its own, or not the one with its own
pub fn remembered_login(data: &[u8]) {
    read(data);
    if let Some(login) = read(&sealed("twoba-login", data)) {
        let value: Value = serde_json::from_slice(data).unwrap_or_default();
        let state = value.get("state").and_then(Value::as_str);
        let state = state.unwrap_or_default();
        assert_state(&login, state);
    }
}

/// The login's own bytes, if there is a login.
fn read(bytes: &[u8]) -> Option<Vec<u8>> {
    let login = match Login::from_bytes(bytes) {
        Ok(login) => login,
        Err(error) => {
            assert_fit_to_print(&error);
            return None;
        }
    };
    let written = login.to_bytes();
    if written.len() <= REMEMBERED_MAX {
        let again = Login::from_bytes(&written).map(|login| login.to_bytes());
        assert_eq!(again.as_deref(), Ok(&*written));
        assert_eq!(format!("{login:?}").lines().count(), 1);
    }
    Some(written.to_vec())
}

/// The login takes the answer that carries its state, and no other.
fn assert_state(login: &[u8], state: &str) {
    let encoded: String = state.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let own = format!("code=c&state={encoded}");
    if own.len() > CALLBACK_QUERY_MAX {
        return;
    }
    for (query, given) in [
        ("code=c", ""),
        ("code=c&state=", ""),
        ("code=c&state=other", "other"),
        (&own, state),
    ] {
        let Ok(login) = Login::from_bytes(login) else {
            return;
        };
        assert_eq!(login.is_answered_by(query), given == state, "{query}");
        let outcome = login.callback(Timestamp::from_unix_millis(i64::MIN), query);
        let about_state = match outcome {
            Err(LoginError::Callback(why)) => {
                let missing = CallbackError::StateMissing;
                (why == missing || why == CallbackError::State).then_some(why)
            }
            Ok(_) | Err(_) => None,
        };
        let expected = match given {
            given if given == state => None,
            "" => Some(CallbackError::StateMissing),
            _ => Some(CallbackError::State),
        };
        assert_eq!(about_state, expected, "{query}");
    }
}
