//! A future that is dropped while the store is at it: no grant is lost.

use super::program::{own, program, usable};
use super::unsent::{due, failed_and_written};
use super::*;

/// Carries out steps until the store is asked to save something for the `last` time, counted from
/// none. That is `written` or not, and nobody waits for it any more. The outcome, if it does not come
/// to that.
fn cut_off<T: Goal>(
    world: &mut World,
    mut step: Step<'_, T>,
    last: usize,
    written: bool,
) -> Option<Result<T, RefreshError>> {
    let mut saves = 0;
    loop {
        step = match step {
            Step::Save(change, receipt) if saves == last => {
                if written {
                    world.stored = Some(change.record().clone());
                }
                drop(receipt);
                return None;
            }
            Step::Save(change, receipt) => {
                saves += 1;
                world.save(&change, receipt)
            }
            Step::Send(request, reply) => world.exchange(&request, reply),
            Step::Done(outcome) => return Some(outcome),
        };
    }
}

#[test]
fn a_rotation_whose_save_is_cut_off_is_stored_by_the_next_call() {
    // The intent is saved, and then the rotation; what is left over is saved before anything else.
    let cuts: [&[usize]; 3] = [&[1], &[1, 0], &[1, 0, 0]];
    for (cuts, written) in cuts
        .into_iter()
        .flat_map(|cuts| [(cuts, false), (cuts, true)])
    {
        let (mut world, mut session) = due();
        world.will([granted(2)]);
        for last in cuts {
            let stored = world.stored.clone();
            let step = session.obtain(Want::Usable, world.now, stored);
            if let Some(outcome) = cut_off(&mut world, step, *last, written) {
                assert!(written, "{cuts:?}");
                assert_eq!(outcome.unwrap().expose(), "at-2");
            }
        }
        assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
        assert_eq!(world.presented, ["rt-1"], "{cuts:?} {written}");
        assert!(world.revoked.is_empty());
        assert!(!session.has_unsaved() && !session.has_unsent());
        // Another process finds it.
        assert_eq!(world.refresh(&mut super::session()), Ok("at-2".into()));
    }
}

#[test]
fn a_token_of_a_program_whose_save_is_cut_off_is_stored_by_the_next_call() {
    for written in [false, true] {
        let mut world = World::new();
        world.will([own(1)]);
        let mut session = program();
        let step = session.obtain_own(Want::Usable, world.now, None);
        assert!(cut_off(&mut world, step, 0, written).is_none());
        assert!(session.has_unsaved());
        assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
        assert!(!session.has_unsaved());
    }
}

#[test]
fn an_intent_that_never_left_is_still_known_if_its_taking_back_is_cut_off() {
    for written in [false, true] {
        let (mut world, mut session) = due();
        let before = world.stored.clone();
        failed_and_written(&mut world, &mut session);
        let stored = world.stored.clone();
        let step = session.take_back(stored);
        assert!(cut_off(&mut world, step, 0, written).is_none());
        assert!(session.has_unsent());
        let stored = world.stored.clone();
        world.drive(session.take_back(stored)).unwrap();
        assert!(!session.has_unsent());
        assert_eq!(world.stored, before);
    }
}

/// What a login brings is its caller's, who is gone.
#[test]
fn a_login_whose_save_is_cut_off_leaves_nothing_to_come_back() {
    for written in [false, true] {
        let (mut world, mut session) = (World::new(), session());
        let login = fresh(session.client(), world.now, &granted(1));
        let step = session.adopt(login, None);
        assert!(cut_off(&mut world, step, 0, written).is_none());
        assert!(!session.has_unsaved() && session.rescue().is_none());
        assert_eq!(world.refresh(&mut session).is_ok(), written);
    }
}
