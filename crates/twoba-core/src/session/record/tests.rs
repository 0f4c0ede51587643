//! Stored bytes: the round trip, and every way they can be wrong.

use alloc::format;
use alloc::string::ToString;
use core::time::Duration;

use proptest::prelude::*;

use super::*;

fn owner() -> Binding {
    Binding {
        authority: "https://authorize.2ba.nl".to_string(),
        client_id: "myApplication".to_string(),
        key: "default".to_string(),
    }
}

fn held() -> Held {
    Held {
        login: LoginId([7; 16]),
        generation: 3,
        user: Some("demo@example.com".to_string()),
        grant: Grant {
            access_token: Some(AccessToken::parse("gAAAGw231OZXwzMiH_wV").unwrap()),
            refresh_token: Some(RefreshToken::parse("LwfI!IAAAAFLDVUewBJ04M3z8SutDTR").unwrap()),
            scope: None,
            issued_at: Timestamp::from_unix_seconds(1_000_000),
            lifetime: Lifetime::Known(Duration::from_secs(120)),
            refresh_due_at: Some(Timestamp::from_unix_seconds(1_000_090)),
        },
        intent: None,
        trouble: None,
        verdict: None,
        sign_in_at: None,
        rejected_at: None,
        born_of_rejection: false,
    }
}

#[test]
fn a_record_that_is_cut_or_changed_anywhere_is_never_read() {
    let written = write(&owner(), &State::Held(Box::new(held())));
    let bytes = written.expose();
    for end in 0..bytes.len() {
        let cut = StoredGrant::from_bytes(bytes[..end].to_vec());
        assert_eq!(
            parse(&cut, &owner()),
            Err(RecordError::Torn),
            "cut at {end}"
        );
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1 << bit;
            let outcome = parse(&StoredGrant::from_bytes(flipped), &owner());
            assert!(
                matches!(outcome, Err(RecordError::Torn | RecordError::Newer { .. })),
                "bit {bit} of byte {at}"
            );
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
    let written = write(&owner(), &State::Held(Box::new(held())));
    let others = [
        Binding {
            authority: "x".to_string(),
            ..owner()
        },
        Binding {
            client_id: "x".to_string(),
            ..owner()
        },
        Binding {
            key: "x".to_string(),
            ..owner()
        },
    ];
    for other in others {
        let outcome = parse(&written, &other);
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

proptest! {
    #[test]
    fn what_is_written_is_read(
        token in "[!-~]{1,200}",
        refresh in proptest::option::of("[ -~]{1,200}"),
        scope in proptest::option::of(".*"),
        user in proptest::option::of(".*"),
        generation in 1..u64::MAX,
        millis: i64,
        lifetime in proptest::option::of(any::<u32>()),
        rejected in proptest::option::of(any::<i64>()),
    ) {
        let state = State::Held(Box::new(Held {
            generation,
            user,
            grant: Grant {
                access_token: Some(AccessToken::parse(token).unwrap()),
                refresh_token: refresh.map(|token| RefreshToken::parse(token).unwrap()),
                scope,
                issued_at: Timestamp::from_unix_millis(millis),
                lifetime: lifetime.map_or(Lifetime::Unknown, |seconds| {
                    Lifetime::Known(Duration::from_secs(seconds.into()))
                }),
                refresh_due_at: None,
            },
            rejected_at: rejected.map(Timestamp::from_unix_millis),
            ..held()
        }));
        let written = write(&owner(), &state);
        prop_assert_eq!(parse(&written, &owner()), Ok(state));
    }

    #[test]
    fn any_bytes_are_an_error_and_no_panic(bytes: alloc::vec::Vec<u8>) {
        prop_assert!(parse(&StoredGrant::from_bytes(bytes), &owner()).is_err());
    }
}
