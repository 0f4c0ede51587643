//! What the program of commit 8d3c7b9 has stored stays readable, and it reads what is stored
//! today, as long as no member is used that it does not know.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

mod reader;
mod walk;

use std::sync::Arc;

use reader::State;
use twoba_core::{
    Client, Provider, Seed, Session, SessionKey, SessionState, StoredGrant, Timestamp,
};
use walk::{REPLAYS, Walk};

/// What the walks wrote when that program took them: two lines a record.
const RECORDS: &[u8] = include_bytes!("8d3c7b9.records");

fn records() -> Vec<StoredGrant> {
    let lines: Vec<&[u8]> = RECORDS.split(|byte| *byte == b'\n').collect();
    let (records, rest) = lines.as_chunks::<2>();
    assert_eq!(rest, [b""]);
    let whole = records.iter().map(|two| two.join(&b'\n'));
    whole.map(StoredGrant::from_bytes).collect()
}

#[test]
fn whatever_8d3c7b9_has_stored_is_read() {
    let client = Client::public(Provider::two_ba(), "myApplication").unwrap();
    let (client, key) = (Arc::new(client), SessionKey::parse("default").unwrap());
    let mut states = [0; 4];
    for stored in records() {
        let mut session = Session::new(Arc::clone(&client), &key, Seed::from_bytes([1; 32]));
        assert_eq!(session.observe(Some(&stored)), Ok(()));
        // Before any of their times, so that no token has ended by itself.
        let status = session.status(Timestamp::from_unix_seconds(0));
        let (which, held) = match reader::read(stored.expose()).unwrap().state {
            State::Nobody { .. } => (0, None),
            State::Gone { .. } => (1, None),
            State::Held(held) if held.verdict.is_none() => (2, Some(held)),
            State::Held(held) => (3, Some(held)),
        };
        states[which] += 1;
        assert_eq!(status.generation, held.as_ref().map(|held| held.generation));
        assert_eq!(
            status.trouble.map(|trouble| trouble.failures),
            held.as_ref()
                .and_then(|held| Some(held.trouble.as_ref()?.failures))
        );
        assert_eq!(
            session.token_id().map(|id| id.login.to_string()),
            held.as_ref().map(|held| held.login.clone())
        );
        let dead = matches!(status.state, SessionState::LoginRequired(_));
        assert_eq!(dead, which == 3);
        assert_eq!(status.user, held.and_then(|held| held.user));
    }
    assert!(states.iter().all(|count| *count > 3), "{states:?}");
}

/// Whether a record uses a member that the kept program does not know.
fn uses_new_member(stored: &StoredGrant) -> bool {
    let text = String::from_utf8_lossy(stored.expose());
    let members = [
        "keep_by",
        "refreshes_late",
        "rejected",
        "clock_doubted",
        "candidate",
        "sign_in_claim",
    ];
    members
        .iter()
        .any(|name| text.contains(&format!("\"{name}\":")))
}

#[test]
fn the_program_of_8d3c7b9_reads_whatever_is_written() {
    for number in 100..104 {
        for replay in REPLAYS {
            let old = |stored: &StoredGrant| !uses_new_member(stored);
            for stored in Walk::records(number, 500, replay).into_iter().filter(old) {
                let read = reader::read(stored.expose());
                assert!(read.is_ok(), "{read:?} of {stored:?}");
                assert_eq!(reader::write(&read.unwrap()), stored.expose());
            }
        }
    }
}
