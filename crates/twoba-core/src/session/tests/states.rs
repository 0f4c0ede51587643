//! The states of one generation, as they are stored: which of them follow on which is read
//! from the notes in `transition.rs` and compared with what sessions do.

use alloc::collections::BTreeSet;

use super::*;

const STATES: [&str; 9] = [
    "Nobody",
    "Gone",
    "Idle",
    "Intent",
    "Ambiguous",
    "Not sent",
    "Refused",
    "Transient",
    "Dead",
];

/// The words of the notes, and of the diagram that is drawn from them.
fn state(state: &State) -> &'static str {
    let held = match state {
        State::Nobody { .. } => return "Nobody",
        State::Gone { .. } => return "Gone",
        State::Held(held) => held,
    };
    let reason = held.trouble.as_ref().map(|trouble| trouble.reason);
    match (&held.verdict, &held.intent, reason) {
        (Some(_), _, _) => "Dead",
        (None, Some(intent), _) if intent.over => "Ambiguous",
        (None, Some(_), _) => "Intent",
        (None, None, None) => "Idle",
        (None, None, Some(TroubleReason::NotSent)) => "Not sent",
        (None, None, Some(TroubleReason::Configuration)) => "Refused",
        (None, None, Some(_)) => "Transient",
    }
}

/// The notes: `// edge: FROM -> TO: why`.
fn noted() -> BTreeSet<(String, String)> {
    let mut noted = BTreeSet::new();
    for line in include_str!("../transition.rs").lines() {
        let Some(note) = line.trim().strip_prefix("// edge: ") else {
            continue;
        };
        let (from, rest) = note.split_once(" -> ").expect(note);
        let (to, why) = rest.split_once(": ").expect(note);
        assert!(!why.is_empty());
        noted.insert((from.into(), to.into()));
    }
    noted
}

/// A world that notes what each change of the store makes of the one before.
#[derive(Default)]
struct Walk {
    seen: BTreeSet<(String, String)>,
}

impl Walk {
    fn drive<T: Goal>(&mut self, world: &mut World, mut step: Step<'_, T>, owner: &Binding) {
        loop {
            step = match step {
                Step::Save(change, receipt) => {
                    let kind = |stored: &StoredGrant| {
                        let parsed = record::parse(stored, owner).unwrap();
                        state(&parsed).to_string()
                    };
                    let from = world.stored.as_ref().map_or_else(|| "Nobody".into(), kind);
                    self.seen.insert((from, kind(change.record())));
                    world.save(&change, receipt)
                }
                Step::Send(request, reply) => match world.answer(&request) {
                    Act::Answer(status, media_type, body) => {
                        let response = Response::builder()
                            .status(status)
                            .header(CONTENT_TYPE, media_type)
                            .body(body)
                            .unwrap();
                        reply.received(world.now, &response)
                    }
                    Act::Fail(failure) => reply.failed(world.now, failure),
                },
                Step::Done(_) => return,
            };
        }
    }

    /// One event of those that can happen, drawn by `number`.
    fn event(&mut self, world: &mut World, provider: &Provider, number: u64) {
        let secret = if number.is_multiple_of(7) {
            "other"
        } else {
            "secret"
        };
        let mut session = session_of(provider.clone(), secret);
        let owner = session.binding.clone();
        let pause = [0, 1, 31, 70, 119, 3_700][usize::try_from(number / 8 % 6).unwrap()];
        world.now = world.now.saturating_add(Duration::from_secs(pause));
        world.acts.clear();
        world.will([match number / 64 % 9 {
            0 => refusal("invalid_grant"),
            1 => refusal("invalid_client"),
            2 => Act::Answer(503, "text/html", String::new()),
            3 => Act::Answer(200, "application/json", "{".into()),
            4 => Act::Fail(SendFailure::NotSent),
            5 => Act::Fail(SendFailure::MaybeSent),
            _ => granted(2),
        }]);
        let (now, stored) = (world.now, world.stored.clone());
        match number % 8 {
            0 => {
                let fresh = fresh(session.client(), now, &granted(1));
                self.drive(world, session.adopt(fresh, stored), &owner);
            }
            1 if number.is_multiple_of(5) => {
                self.drive(world, session.forget(now, stored), &owner);
            }
            2 if number.is_multiple_of(3) => {
                // A crash between the intent and the answer.
                if let Step::Save(change, receipt) = session.obtain(Want::Usable, now, stored) {
                    let from = world.stored.as_ref().map(StoredGrant::revision);
                    assert_eq!(from, change.expected());
                    drop(receipt);
                    world.stored = Some(change.record().clone());
                }
            }
            _ => self.drive(world, session.obtain(Want::Usable, now, stored), &owner),
        }
    }
}

#[test]
fn the_noted_transitions_are_those_that_happen() {
    let mut walk = Walk::default();
    let mut number = 1_u64;
    let within = Replay::Within(Duration::from_secs(60));
    for replay in [Replay::Once, Replay::Never, within] {
        let provider = Provider::two_ba().with_replay(replay);
        let mut world = World::new();
        for _ in 0..5_000 {
            // A generator of 64 bits, by Knuth's constants; its upper bits are the good ones.
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            walk.event(&mut world, &provider, number >> 33);
        }
    }
    // Nobody logs out who has not logged in, and who is gone is gone.
    let mut expected = BTreeSet::new();
    for (from, to) in noted() {
        let begins: Vec<&str> = match (&*from, &*to) {
            ("any", "Gone") => STATES[2..].into(),
            ("any", _) => STATES.into(),
            (from, _) => alloc::vec![from],
        };
        expected.extend(
            begins
                .into_iter()
                .map(|from| (from.to_string(), to.clone())),
        );
    }
    assert_eq!(walk.seen, expected);
}
