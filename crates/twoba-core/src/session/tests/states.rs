//! The states of one generation, as they are stored: which of them follow on which is compared
//! with what sessions do, and with the words that the picture is drawn from.

use alloc::collections::BTreeSet;
use core::fmt::Write;

use super::transition::{EDGES, Phase};
use super::*;

/// Where a stored session is; `None` where nobody has logged in.
fn phase(stored: &StoredGrant) -> Option<Phase> {
    match record::parse_of_anybody(stored).unwrap().state {
        State::Nobody { .. } => None,
        State::Gone { .. } => Some(Phase::Gone),
        State::Held(held) => Some(Phase::of(&held)),
    }
}

/// What the picture calls a state.
fn word(phase: Option<Phase>) -> &'static str {
    match phase {
        None => "any",
        Some(Phase::Gone) => "Gone",
        Some(Phase::Idle) => "Idle",
        Some(Phase::Intent) => "Intent",
        Some(Phase::Ambiguous) => "Ambiguous",
        Some(Phase::NotSent) => "Not sent",
        Some(Phase::Refused) => "Refused",
        Some(Phase::Transient) => "Transient",
        Some(Phase::Dead) => "Dead",
    }
}

#[test]
fn the_picture_is_drawn_from_the_table() {
    let mut text = String::new();
    for edge in EDGES {
        let (from, to) = (word(edge.from), word(Some(edge.to)));
        writeln!(text, "{from} -> {to}: {}", edge.why).unwrap();
    }
    let kept = include_str!("../transition/edges.txt");
    assert!(
        kept == text,
        "session/transition/edges.txt has to be this; draw the picture anew then:\n{text}"
    );
}

/// A world that notes what each change of the store makes of the one before.
#[derive(Default)]
struct Walk {
    seen: BTreeSet<(Option<Phase>, Phase)>,
}

impl Walk {
    fn noted(&mut self, world: &World, change: &Change) {
        // Over something newer it is refused.
        if world.stored.as_ref().map(StoredGrant::revision) == change.expected() {
            let from = world.stored.as_ref().and_then(phase);
            self.seen.insert((from, phase(change.record()).unwrap()));
        }
    }

    fn drive<T: Goal>(&mut self, world: &mut World, mut step: Step<'_, T>) {
        loop {
            step = match step {
                Step::Save(change, receipt) => {
                    self.noted(world, &change);
                    world.save(&change, receipt)
                }
                Step::Send(request, reply) => world.exchange(&request, reply),
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
        let pause = [0, 1, 31, 70, 119, 3_700][usize::try_from(number / 8 % 6).unwrap()];
        world.now = world.now.saturating_add(Duration::from_secs(pause));
        world.acts.clear();
        world.will([drawn(number / 64)]);
        let (now, stored) = (world.now, world.stored.clone());
        match number % 8 {
            0 => {
                let fresh = fresh(session.client(), now, &granted(1));
                self.drive(world, session.adopt(fresh, stored));
            }
            1 if number.is_multiple_of(5) => {
                self.drive(world, session.forget(now, stored));
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
            3 => {
                // A sender that is paused while another one gives it up and asks itself.
                world.will([drawn(number / 576)]);
                let Step::Save(change, receipt) = session.obtain(Want::Usable, now, stored) else {
                    return;
                };
                self.noted(world, &change);
                let paused = world.save(&change, receipt);
                let mut other = session_of(provider.clone(), secret);
                world.now = world.now.saturating_add(ATTEMPT_MAX);
                let (now, stored) = (world.now, world.stored.clone());
                self.drive(world, other.obtain(Want::Usable, now, stored));
                self.drive(world, paused);
            }
            _ => self.drive(world, session.obtain(Want::Usable, now, stored)),
        }
    }
}

/// What becomes of a request, drawn by `number`.
fn drawn(number: u64) -> Act {
    match number % 9 {
        0 => refusal("invalid_grant"),
        1 => refusal("invalid_client"),
        2 => Act::Answer(503, "text/html", String::new()),
        3 => Act::Answer(200, "application/json", "{".into()),
        4 => Act::Fail(SendFailure::NotSent),
        5 => Act::Fail(SendFailure::MaybeSent),
        _ => granted(2),
    }
}

#[test]
fn the_ways_of_the_table_are_those_that_happen() {
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
    let held = [
        Phase::Idle,
        Phase::Intent,
        Phase::Ambiguous,
        Phase::NotSent,
        Phase::Refused,
        Phase::Transient,
        Phase::Dead,
    ];
    let mut expected = BTreeSet::new();
    for edge in EDGES {
        let begins: Vec<Option<Phase>> = match (edge.from, edge.to) {
            (Some(from), _) => alloc::vec![Some(from)],
            (None, Phase::Gone) => held.map(Some).into(),
            (None, _) => held
                .map(Some)
                .into_iter()
                .chain([None, Some(Phase::Gone)])
                .collect(),
        };
        expected.extend(begins.into_iter().map(|from| (from, edge.to)));
    }
    assert_eq!(walk.seen, expected);
}
