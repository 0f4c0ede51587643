//! The session of a program itself: one request for all, in the store for the next one, no user.

use std::sync::Arc;

use twoba_core::{Client, RecordError, RefreshError, SessionState};
use twoba_emulator::{EventKind, Fault, FaultPoint, PublicKey, Refusal, RegisteredClient};
use twoba_keeper::PrivateKey;
use twoba_services::ServiceErrorKind;
use twoba_store::{ErrorKind, Store};
use twoba_tests::{Adapter, CLIENT, Kind, World, service_error};

scenarios! {
    a_thousand_callers_at_once_send_one_request,
    programs_that_share_a_store_ask_once,
    a_token_is_got_anew_at_its_end,
    other_scopes_are_another_session,
    a_token_that_a_service_rejects_is_got_anew_once,
    a_token_that_ended_by_the_servers_clock_alone_is_got_anew_once,
    a_client_that_is_refused_is_refused_once_for_all,
    failures_in_passing_are_waited_for_by_all,
    a_logout_forgets_the_token_and_nothing_else,
    persons_and_programs_share_a_store,
    a_person_has_no_place_under_a_programs_key,
    a_list_shows_it_and_nobody_has_to_keep_it_alive,
    nothing_prints_its_secrets,
}

const SCOPES: [&str; 2] = ["read:products", "read:stock"];
const SEARCH: (&str, &[(&str, &str)]) = ("Product/Search", &[("query", "a")]);

fn a_thousand_callers_at_once_send_one_request(world: &World) {
    let program = world.program(&SCOPES);
    for posts in 1..=3 {
        let tokens = program.tokens_at_once(1000);
        let first = tokens[0].as_ref().unwrap().clone();
        assert_eq!(tokens.len(), 1000);
        for token in tokens {
            assert_eq!(token.unwrap(), first);
        }
        let counts = world.counts();
        assert_eq!(
            (counts.token_posts, counts.client_credentials),
            (posts, posts)
        );
        world.pass(121);
    }
}

fn programs_that_share_a_store_ask_once(world: &World) {
    let programs: Vec<_> = (0..4).map(|_| world.program(&SCOPES)).collect();
    for round in 1..=3 {
        std::thread::scope(|scope| {
            for program in &programs {
                scope.spawn(|| program.token().unwrap());
            }
        });
        // Whoever comes later, with the scopes in another order, finds it there.
        let late = world.program(&[SCOPES[1], SCOPES[0]]).token().unwrap();
        assert_eq!(late, programs[0].token().unwrap());
        assert_eq!(world.counts().token_posts, round);
        world.pass(121);
    }
}

fn a_token_is_got_anew_at_its_end(world: &World) {
    let program = world.program(&SCOPES);
    assert_eq!(program.status().unwrap().state, SessionState::None);
    let first = program.token().unwrap();
    let status = program.status().unwrap();
    assert_eq!(status.state, SessionState::Valid);
    assert_eq!((status.generation, status.user), (Some(1), None));
    world.pass(60);
    assert_eq!(program.token().unwrap(), first);
    assert_eq!(world.counts().token_posts, 1);
    // It is due before its end, and an early failure is nobody's error.
    world.next(FaultPoint::Token, Fault::Status(503));
    world.pass(37);
    assert_eq!(program.token().unwrap(), first);
    world.pass(20);
    let second = program.token().unwrap();
    assert_ne!(second, first);
    world.pass(121);
    assert_eq!(program.status().unwrap().state, SessionState::Stale);
    assert_ne!(program.token().unwrap(), second);
    let counts = world.counts();
    assert_eq!((counts.client_credentials, counts.refresh), (4, 0));
}

fn other_scopes_are_another_session(world: &World) {
    let token = world.program(&SCOPES).token().unwrap();
    let other = world.program(&SCOPES[..1]).token().unwrap();
    assert_ne!(token, other);
    assert_eq!(world.counts().token_posts, 2);
    // Without any they are those that the client has.
    let client = world.client().with_scopes(SCOPES).unwrap();
    assert_eq!(world.program_of(client, &[]).token().unwrap(), token);
    assert_eq!(world.counts().token_posts, 2);
}

fn a_token_that_a_service_rejects_is_got_anew_once(world: &World) {
    let program = world.program(&SCOPES);
    world.every(FaultPoint::Service, Fault::Status(401));
    for _ in 0..4 {
        let error = program.get(SEARCH.0, SEARCH.1).unwrap_err();
        let service = service_error(error);
        assert_eq!(service.kind, ServiceErrorKind::Unauthorized);
    }
    // Another process, and a minute later: still the program's rights.
    world.program(&SCOPES).get(SEARCH.0, SEARCH.1).unwrap_err();
    world.pass(61);
    program.get(SEARCH.0, SEARCH.1).unwrap_err();
    assert_eq!(world.counts().client_credentials, 2);
    world.emulator.set_faults([]);
    program.get(SEARCH.0, SEARCH.1).unwrap();
}

fn a_token_that_ended_by_the_servers_clock_alone_is_got_anew_once(world: &World) {
    let program = world.program(&SCOPES);
    program.get(SEARCH.0, SEARCH.1).unwrap();
    world.pass_for_the_server(121);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| program.get(SEARCH.0, SEARCH.1).unwrap());
        }
    });
    assert_eq!(world.counts().client_credentials, 2);
}

fn a_client_that_is_refused_is_refused_once_for_all(world: &World) {
    let wrong = || World::client_of(world.provider(), "another");
    let program = world.program_of(wrong(), &SCOPES);
    for refused in program.tokens_at_once(100) {
        let error = refused.unwrap_err();
        let refused = matches!(
            error.kind(),
            ErrorKind::Refresh(RefreshError::Misconfigured(_))
        );
        assert!(refused, "{error}");
    }
    world.program_of(wrong(), &SCOPES).token().unwrap_err();
    assert_eq!(world.counts().token_posts, 1);
    // The right secret is tried at once, and is kept by all.
    world.program(&SCOPES).token().unwrap();
    assert_eq!(world.counts().token_posts, 2);
    program.token().unwrap();
    assert_eq!(world.counts().token_posts, 2);
}

fn failures_in_passing_are_waited_for_by_all(world: &World) {
    let program = world.program(&SCOPES);
    world.next(FaultPoint::Token, Fault::RetryAfter(30));
    for failed in program.tokens_at_once(20) {
        failed.unwrap_err();
    }
    world.pass(29);
    world.program(&SCOPES).token().unwrap_err();
    assert_eq!(world.counts().token_posts, 1);
    world.pass(2);
    // What is lost on its way does no harm: the next request brings another.
    world.next(FaultPoint::Token, Fault::DropAfterCommit);
    program.token().unwrap_err();
    world.pass(2);
    program.token().unwrap();
    assert_eq!(world.counts().token_posts, 3);
}

fn a_logout_forgets_the_token_and_nothing_else(world: &World) {
    let program = world.program(&SCOPES);
    let first = program.token().unwrap();
    program.logout().unwrap();
    assert_eq!(program.status().unwrap().state, SessionState::None);
    assert_eq!(world.counts().token_posts, 1);
    assert_ne!(program.token().unwrap(), first);
    assert!(!program.save().unwrap());
}

fn persons_and_programs_share_a_store(world: &World) {
    let person = world.logged_in();
    let program = world.program(&SCOPES);
    let own = program.token().unwrap();
    assert_ne!(person.token().unwrap(), own);
    person.logout().unwrap();
    assert_eq!(program.token().unwrap(), own);
    let mut users = Vec::new();
    for event in world.emulator.journal().events {
        if let EventKind::Login { user, .. } = event.kind {
            users.push(user.is_some());
        }
    }
    assert_eq!(users, [true, false]);
}

fn a_person_has_no_place_under_a_programs_key(world: &World) {
    let Some(folder) = world.place.folder() else {
        // A store in memory has no files that somebody could exchange.
        return;
    };
    drop(world.logged_in());
    let program = world.program(&SCOPES);
    program.token().unwrap();
    let grant = |start: &str| {
        let files = std::fs::read_dir(&folder).unwrap();
        let mut paths = files.map(|file| file.unwrap().path());
        paths
            .find(|path| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with(start) && name.ends_with(".grant")
            })
            .unwrap()
    };
    let (person, own) = (grant("default"), grant("program%09"));
    let (a, b) = (
        std::fs::read(&person).unwrap(),
        std::fs::read(&own).unwrap(),
    );
    std::fs::write(&person, &b).unwrap();
    std::fs::write(&own, &a).unwrap();
    let kind = RecordError::Foreign("kind of session");
    let errors = [
        world.session().token().unwrap_err(),
        world.program(&SCOPES).token().unwrap_err(),
    ];
    for error in errors {
        let found = matches!(
            error.kind(),
            ErrorKind::Refresh(RefreshError::Record(found)) if *found == kind
        );
        assert!(found, "{error}");
    }
    assert_eq!(std::fs::read(&own).unwrap(), a);
    assert_eq!(world.counts().token_posts, 2);
}

fn a_list_shows_it_and_nobody_has_to_keep_it_alive(world: &World) {
    let Some(folder) = world.place.folder() else {
        return;
    };
    world.program(&SCOPES).token().unwrap();
    let store = twoba_store::FileStore::open(folder).unwrap();
    let listed = store.list(None, 10).unwrap();
    assert_eq!(listed.len(), 1);
    let key = &listed[0].key;
    assert!(key.is_of_program());
    assert_eq!(
        key.as_str(),
        "program\tmyApplication\tread:products read:stock"
    );
    let later = (world.clock())().saturating_add(std::time::Duration::from_secs(1 << 40));
    let due = |which| store.due(which, later, 10).unwrap().len();
    assert_eq!(due(twoba_store::Due::Refresh), 1);
    assert_eq!(due(twoba_store::Due::KeepBy), 0);
    // Nor can a person's session be opened under it.
    let sessions = twoba_blocking::Sessions::builder(world.client())
        .store(store)
        .build();
    let error = sessions.open(key.as_str()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Key(_)));
    assert_eq!(sessions.keep_alive().unwrap().refreshed, 0);
}

fn nothing_prints_its_secrets(world: &World) {
    let program = world.program(&SCOPES);
    let token = program.token().unwrap();
    let printed = format!("{program:?} {:?} {token:?}", program.status().unwrap());
    assert!(!printed.contains(token.expose()), "{printed}");
    assert!(!printed.contains(twoba_tests::SECRET), "{printed}");
}

/// Private keys, and the public halves of them, which RFC 7515 has in its appendices.
const KEYS: [(&str, &str); 2] = [
    (
        include_str!("../../../crates/twoba-keeper/src/private_key/rfc-7515-a3.pem"),
        "-----BEGIN PUBLIC KEY-----\n\
         MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n\
         6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n\
         -----END PUBLIC KEY-----\n",
    ),
    (
        include_str!("../../../crates/twoba-keeper/src/private_key/rfc-7515-a2.pem"),
        "-----BEGIN PUBLIC KEY-----\n\
         MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n\
         NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n\
         P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n\
         9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n\
         EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n\
         FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n\
         oQIDAQAB\n\
         -----END PUBLIC KEY-----\n",
    ),
];

fn signing(world: &World, key: &str) -> Client {
    let key = PrivateKey::from_pem(key).unwrap().with_key_id("key-1");
    Client::signing(world.provider(), CLIENT, Arc::new(key)).unwrap()
}

// shows: TK9
#[test]
fn a_key_proves_programs_and_persons_at_each_request() {
    Adapter::each(|adapter| {
        for (private, public) in KEYS {
            let world = World::with(adapter, Kind::Memory, |builder| {
                let public = PublicKey::from_pem(public).unwrap();
                builder.clients([RegisteredClient::signing(CLIENT, public)])
            });
            let program = world.program_of(signing(&world, private), &SCOPES);
            program.token().unwrap();
            let person = world.logged_in_with(signing(&world, private));
            world.pass(121);
            program.token().unwrap();
            person.token().unwrap();
            let counts = world.counts();
            assert_eq!((counts.token_posts, counts.refused), (4, 0));
            let printed = format!("{program:?} {person:?} {:?}", world.emulator.requests());
            assert!(!printed.contains("eyJ"), "{printed}");
        }
    });
}

#[test]
fn a_key_that_is_another_ones_is_refused_once_for_all() {
    Adapter::each(|adapter| {
        let [(private, _), (_, public)] = KEYS;
        let world = World::with(adapter, Kind::Memory, |builder| {
            let public = PublicKey::from_pem(public).unwrap();
            builder.clients([RegisteredClient::signing(CLIENT, public)])
        });
        let program = world.program_of(signing(&world, private), &SCOPES);
        for _ in 0..3 {
            let error = program.token().unwrap_err();
            let refused = matches!(
                error.kind(),
                ErrorKind::Refresh(RefreshError::Misconfigured(_))
            );
            assert!(refused, "{error}");
        }
        let mut reasons = Vec::new();
        for event in world.emulator.journal().events {
            if let EventKind::Refused { reason, .. } = event.kind {
                reasons.push(reason);
            }
        }
        assert_eq!(reasons, [Refusal::WrongAssertionSignature]);
    });
}

#[test]
fn a_scope_that_the_server_does_not_know_is_refused_once_for_all() {
    Adapter::each(|adapter| {
        let world = World::new(adapter, Kind::Memory);
        let program = world.program(&["read:everything"]);
        for _ in 0..3 {
            let error = program.token().unwrap_err();
            assert!(error.to_string().contains("invalid_scope"), "{error}");
        }
        assert_eq!(world.counts().token_posts, 1);
        assert_eq!(
            program
                .status()
                .unwrap()
                .trouble
                .unwrap()
                .code
                .unwrap()
                .as_str(),
            "invalid_scope"
        );
    });
}
