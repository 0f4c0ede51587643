//! The commands, a file each.

pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod generated;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod keep_alive;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod profile;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod token;

use twoba_blocking::Timestamp;

/// A point in time as RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let millis = at.unix_millis();
    jiff::Timestamp::from_millisecond(millis)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        // Beyond the year 9999.
        .unwrap_or_else(|_| format!("{millis} ms"))
}
