//! Times as servers give them and as clocks show them: no arithmetic breaks, and no token that
//! is usable leads to a refresh per call.

use alloc::collections::BTreeMap;

use proptest::prelude::*;
use twoba_testkit::fixture;

use super::*;
use crate::answer::{Lifetime, judge};

fn body(expires_in: Option<u64>, number: u32) -> Act {
    let lifetime =
        expires_in.map_or_else(String::new, |seconds| format!(r#""expires_in":{seconds},"#));
    let body = format!(
        r#"{{"access_token":"at-{number}","token_type":"bearer",{lifetime}"refresh_token":"rt-{number}"}}"#
    );
    Act::Answer(200, "application/json", body)
}

fn log_in(world: &mut World, session: &mut Session, expires_in: Option<u64>) {
    let fresh = fresh(session.client(), world.now, &body(expires_in, 0));
    let stored = world.stored.clone();
    world.drive(session.adopt(fresh, stored)).unwrap();
}

/// Every `expires_in` of the vectors that comes to a grant.
fn vectors() -> Vec<(String, Response<Vec<u8>>)> {
    let names = fixture::answers_in("vectors/expires-in").unwrap();
    assert!(names.len() > 40);
    let answers = names.into_iter().map(|name| {
        let answer = fixture::answer(&name).unwrap();
        (name, answer)
    });
    answers
        .filter(|(_, answer)| judge(&Provider::two_ba(), START, answer).is_ok())
        .collect()
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    let edge = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0)];
    let near = START.unix_millis() - 10_000_000..START.unix_millis() + 10_000_000;
    prop_oneof![any::<i64>(), edge, near].prop_map(Timestamp::from_unix_millis)
}

proptest! {
    #[test]
    fn no_lifetime_and_no_clock_breaks_the_arithmetic(
        issued in any_time(),
        now in any_time(),
        later in any_time(),
        which: prop::sample::Index,
        seed: [u8; 32],
    ) {
        let vectors = vectors();
        let (name, answer) = which.get(&vectors);
        let client = Arc::clone(&session().client);
        let key = SessionKey::parse("default").unwrap();
        let mut session = Session::new(client, &key, Seed::from_bytes(seed));
        let (_request, reply) = {
            let password = Password::parse("x").unwrap();
            let (request, reply) = session.client().password("x", &password, issued);
            (request, reply.received(issued, answer))
        };
        let lifetime = judge(&Provider::two_ba(), issued, answer).unwrap().lifetime;
        let mut world = World::new();
        world.now = issued;
        world.drive(session.adopt(reply.unwrap(), None)).unwrap();

        let status = session.status(now);
        let due = status.refresh_due_at;
        match lifetime {
            Lifetime::Known(_) => {
                prop_assert!(status.expires_at >= Some(issued), "{name}");
                prop_assert!(due >= Some(issued.min(now)) && due <= status.expires_at, "{name}");
                if session.token(now).is_some() {
                    prop_assert!(Some(now) < status.expires_at, "{name}");
                }
            }
            Lifetime::Unknown => prop_assert!(session.token(now).is_some() && due.is_none()),
            Lifetime::Expired => prop_assert!(session.token(now).is_none() && due.is_none()),
        }
        // Whatever the clock shows next, there is a step and no panic.
        for at in [now, later] {
            world.now = at;
            world.will([granted(1)]);
            drop(world.refresh(&mut session));
            world.acts.clear();
            drop(session.status(at));
        }
    }

    #[test]
    fn a_clock_that_steps_costs_one_refresh_at_most_and_no_storm(
        lifetime in prop::sample::select(alloc::vec![1_u64, 2, 5, 30, 120, 300, 3_600, 86_400]),
        step in -28_800_i64..28_800,
    ) {
        let (mut world, mut session) = (World::new(), session());
        log_in(&mut world, &mut session, Some(lifetime));
        world.now = Timestamp::from_unix_millis(START.unix_millis() + step * 1000);
        world.will([body(Some(lifetime), 1)]);
        for _ in 0..100 {
            world.refresh(&mut session).unwrap();
        }
        prop_assert!(world.presented.len() <= 1);
    }
}

#[test]
fn a_usable_token_leads_to_no_refresh_per_call() {
    let lifetimes = [1, 2, 5, 30, 120, 300, 3_600, 86_400].map(Some);
    for lifetime in lifetimes.into_iter().chain([None]) {
        let (mut world, mut session) = (World::new(), session());
        log_in(&mut world, &mut session, lifetime);
        // A thousand calls within ten lifetimes, or within a day.
        let span = lifetime.unwrap_or(8_640) * 10_000;
        for call in 0..1000 {
            world.now = START.saturating_add(Duration::from_millis(span * call / 1000));
            world.will([body(lifetime, 1)]);
            world.refresh(&mut session).unwrap();
            world.acts.clear();
        }
        // A token lasts half its life at least, and one without an end for ever.
        let most = if lifetime.is_some() { 20 } else { 0 };
        assert!(
            world.presented.len() <= most,
            "{lifetime:?}: {}",
            world.presented.len()
        );
    }
}

#[test]
fn sessions_that_began_together_refresh_apart() {
    for lifetime in [30, 120, 300, 3_600, 86_400] {
        let client = Arc::clone(&session().client);
        let key = SessionKey::parse("default").unwrap();
        let mut by_second: BTreeMap<i64, u32> = BTreeMap::new();
        for number in 0..1000_u32 {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let mut session = Session::new(Arc::clone(&client), &key, Seed::from_bytes(bytes));
            log_in(&mut World::new(), &mut session, Some(lifetime));
            let due = session.refresh_due(START).unwrap();
            *by_second.entry(due.unix_millis() / 1000).or_default() += 1;
        }
        let (first, last) = (by_second.keys().next(), by_second.keys().last());
        let seconds = u32::try_from(last.unwrap() - first.unwrap() + 1).unwrap();
        // Of a day, a tenth of 80 % are 6,912 seconds: more than there are sessions.
        let most = (4 * 1000 / seconds).max(4);
        assert!(
            by_second.values().all(|&count| count <= most),
            "{lifetime}: {by_second:?}"
        );
    }
}
