//! Stored bytes: the round trip, every way they can be wrong, and what other releases wrote.

mod any;
#[path = "../../../tests/kept/reader.rs"]
mod kept;

use alloc::format;
use alloc::string::ToString;
use core::cell::Cell;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// How often this thread has read and written a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::session) struct Counted {
    pub(in crate::session) parsed: usize,
    pub(in crate::session) written: usize,
}

std::thread_local! {
    static COUNTED: Cell<Counted> = Cell::default();
}

pub(super) fn count(one: impl Fn(&mut Counted)) {
    let mut counted = COUNTED.get();
    one(&mut counted);
    COUNTED.set(counted);
}

/// What is read and written while this runs.
pub(in crate::session) fn counted(work: impl FnOnce()) -> Counted {
    COUNTED.take();
    work();
    COUNTED.take()
}

fn owner() -> Binding<'static> {
    Binding {
        authority: "https://authorize.2ba.nl".into(),
        client_id: "myApplication".into(),
        key: "default".into(),
    }
}

/// A record of this JSON, under a sound line.
fn sealed(json: &Value) -> StoredGrant {
    StoredGrant::from_bytes(ENVELOPE.around(json.to_string().as_bytes()))
}

fn json_of(stored: &StoredGrant) -> Value {
    serde_json::from_slice(ENVELOPE.open(stored.expose()).unwrap()).unwrap()
}

fn example() -> Value {
    json!({
        "binding": owner(),
        "state": {"held": {
            "login": "07".repeat(16),
            "generation": 3,
            "user": "demo@example.com",
            "grant": {
                "access_token": "gAAAGw231OZXwzMiH_wV",
                "refresh_token": "LwfI!IAAAAFLDVUewBJ04M3z8SutDTR",
                "scope": null,
                "issued_at": 1_000_000_000,
                "lifetime": {"millis": 120_000},
                "refresh_due_at": 1_000_090_000,
            },
            "intent": null,
            "trouble": null,
            "verdict": null,
            "sign_in_at": null,
            "rejected_at": null,
            "born_of_rejection": false,
        }},
    })
}

fn written(record: &Record) -> StoredGrant {
    write(
        &owner(),
        record.state.by_ref(),
        Aside {
            candidate: record.candidate.as_deref(),
            claim: record.claim,
            extra: &record.extra,
        },
    )
}

fn example_bytes() -> StoredGrant {
    written(&parse(&sealed(&example()), &owner()).unwrap())
}

#[test]
fn a_record_that_is_cut_or_changed_anywhere_is_never_read() {
    let written = example_bytes();
    let bytes = written.expose();
    for end in 0..bytes.len() {
        let cut = StoredGrant::from_bytes(bytes[..end].to_vec());
        assert_eq!(
            parse(&cut, &owner()),
            Err(RecordError::Torn),
            "cut at {end}"
        );
        assert_eq!(cut.schedule(), None);
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1 << bit;
            let outcome = parse(&StoredGrant::from_bytes(flipped), &owner());
            assert!(outcome.is_err(), "bit {bit} of byte {at}");
        }
    }
    let mut longer = bytes.to_vec();
    longer.push(b' ');
    assert!(parse(&StoredGrant::from_bytes(longer), &owner()).is_err());
}

#[test]
fn a_newer_record_is_told_from_a_damaged_one() {
    let newer = StoredGrant::from_bytes(b"twoba-session 2 whatever it has\nfollows".to_vec());
    assert_eq!(
        parse(&newer, &owner()),
        Err(RecordError::Newer { version: 2 })
    );
    for torn in [
        "",
        "twoba-session",
        "twoba-session 1",
        "twoba-session x y\n{}",
        "{}\n",
        "twoba-session 0 x\n{}",
        "twoba-login 2 x\n{}",
    ] {
        let stored = StoredGrant::from_bytes(torn.as_bytes().to_vec());
        assert_eq!(parse(&stored, &owner()), Err(RecordError::Torn), "{torn}");
    }
}

// shows: RF1 RF4
#[test]
fn a_record_is_for_its_owner_only() {
    let others = [
        Binding {
            authority: "x".into(),
            ..owner()
        },
        Binding {
            client_id: "x".into(),
            ..owner()
        },
        Binding {
            key: "x".into(),
            ..owner()
        },
    ];
    for other in others {
        let outcome = parse(&example_bytes(), &other);
        assert!(
            matches!(outcome, Err(RecordError::Foreign(_))),
            "{outcome:?}"
        );
    }
}

#[test]
fn an_error_about_a_record_repeats_nothing_of_it() {
    let stored = StoredGrant::from_bytes(b"canary-token".to_vec());
    let error = parse(&stored, &owner()).unwrap_err();
    assert!(!format!("{error} {error:?} {stored:?}").contains("canary"));
}

#[test]
fn members_that_nobody_knows_yet_are_kept_and_not_printed() {
    let mut json = example();
    json["later"] = json!({"token": "canary", "intent": [1, null, {"a": 2.5}]});
    json["candidate"] = json!({"token": "canary", "user": null, "intent": {"attempt": 1,
        "first_at": 5, "at": 5, "over": false, "rejection": false, "token_digest": 7}});
    json["rescued"] = json!({"attempt": 1, "first_at": 5, "at": 5, "over": false,
        "rejection": false, "token_digest": 7});
    json["refreshes_late"] = json!(2);
    json["rejected"] = json!(3);
    json["clock_doubted"] = json!(true);
    json["sign_in_claim"] = json!(u64::MAX);
    json["keep_by"] = json!(1_000_864_000_000_i64);
    let record = parse(&sealed(&json), &owner()).unwrap();
    assert_eq!(json_of(&written(&record)), json);
    assert!(!format!("{record:?}").contains("canary"));
    let schedule = sealed(&json).schedule().unwrap();
    assert_eq!(
        schedule.due_at,
        Some(Timestamp::from_unix_millis(1_000_090_000))
    );
    let keep_by = Timestamp::from_unix_millis(1_000_864_000_000);
    assert_eq!(schedule.keep_by, Some(keep_by));
    assert_eq!(example_bytes().schedule().unwrap().keep_by, None);
}

#[test]
fn a_member_that_would_have_two_meanings_is_read_by_nobody() {
    let text = example().to_string();
    for members in [
        r#","keep_by":"soon"}"#,
        r#","refreshes_late":true}"#,
        r#","rejected":-1}"#,
        r#","clock_doubted":1}"#,
        r#","sign_in_claim":"mine"}"#,
        r#","keep_by":1,"keep_by":2}"#,
        r#","new":1,"new":2}"#,
        r#","state":{"nobody":{"sign_in_at":null}}}"#,
    ] {
        let json = format!("{}{members}", text.strip_suffix('}').unwrap());
        let stored = StoredGrant::from_bytes(ENVELOPE.around(json.as_bytes()));
        assert_eq!(parse(&stored, &owner()), Err(RecordError::Torn), "{json}");
    }
    let mut inside = example();
    inside["state"]["held"]["new"] = json!(1);
    assert_eq!(parse(&sealed(&inside), &owner()), Err(RecordError::Torn));
}

#[test]
fn the_program_of_8d3c7b9_refuses_a_new_member() {
    let mut json = example();
    json["keep_by"] = json!(1);
    let stored = sealed(&json);
    assert_eq!(kept::read(stored.expose()), Err(kept::Unreadable::Torn));
    let newer = b"twoba-session 2 x\n{}";
    assert_eq!(kept::read(newer), Err(kept::Unreadable::Newer(2)));
}

fn kept_owner() -> kept::Binding {
    kept::Binding {
        authority: owner().authority.into(),
        client_id: owner().client_id.into(),
        key: owner().key.into(),
    }
}

proptest! {
    /// Whatever it stored is read, and written as it wrote it: so it reads whatever is written
    /// without a new member.
    #[test]
    fn records_without_new_members_are_the_same_as_those_of_8d3c7b9(
        record in any::record(kept_owner()),
    ) {
        let stored = StoredGrant::from_bytes(kept::write(&record));
        let read = parse(&stored, &owner());
        prop_assert!(read.is_ok(), "{:?}", read);
        let again = written(&read.unwrap());
        prop_assert_eq!(again.expose(), stored.expose());
        prop_assert_eq!(kept::read(again.expose()), Ok(record));
    }

    #[test]
    fn any_bytes_are_an_error_and_no_panic(bytes: alloc::vec::Vec<u8>) {
        prop_assert!(parse(&StoredGrant::from_bytes(bytes), &owner()).is_err());
    }
}
