//! A holder is stopped past its claim in the middle of a refresh (`kill -STOP`), and goes on when others
//! have long done so.
//!
//! Nothing is presented twice, and its late answer is stored if it is the successor of what stands
//! there. After a login it is not.

use twoba_tests::{KillPoint, PASSWORD, USER};

use crate::scene::{Begin, Cut, Over, Scene, Told};
use crate::table::{Happened, Rule, Server, happened};

/// Stops the program at a point, lets others act, and returns what it says when it goes on.
fn paused(scene: &Scene, point: KillPoint, meanwhile: impl FnOnce(&Scene)) -> Told {
    let (mut holder, line) = scene.start_at(point, Cut::of(0, 1));
    assert!(line.starts_with(&format!("at {point}")), "{line}");
    holder.signal("STOP").unwrap();
    scene.lapse();
    meanwhile(scene);
    holder.signal("CONT").unwrap();
    holder.write_line("go on").unwrap();
    Scene::told(holder)
}

/// Whether a token is the one that the server has given last, and of a login that lives.
#[track_caller]
fn assert_newest(scene: &Scene, told: &Told, generation: u64, point: KillPoint) {
    let Told::Token(found, token) = told else {
        panic!("{point}: {told:?}");
    };
    let families = scene.world.emulator.state().families;
    let living = families.iter().filter(|family| family.ended.is_none());
    let is_newest = living
        .clone()
        .any(|family| family.access.to_string() == *token);
    assert!(is_newest && *found == generation, "{point}: {told:?}");
}

#[test]
fn a_holder_that_is_stopped_anywhere_presents_nothing_twice_and_its_late_answer_is_stored() {
    let Some(over) = Over::fleet() else { return };
    for point in KillPoint::ALL.into_iter().filter(|point| over.has(*point)) {
        let scene = Scene::new(&over, Server::Strict, Rule::Never, Begin::Late);
        let told = paused(&scene, point, |scene| {
            let others = scene.run();
            match happened(point) {
                Happened::Nothing | Happened::Stored => assert_newest(scene, &others, 2, point),
                Happened::Intended | Happened::Rotated => {
                    // Nobody knows whether the request is still out.
                    assert!(matches!(others, Told::Wait(_)), "{point}: {others:?}");
                    scene.pass(Cut::of(0, 1).wait());
                    let lost = Told::LoginRequired("AnswerLost".to_owned());
                    assert_eq!(scene.run(), lost, "{point}");
                }
            }
        });
        assert_newest(&scene, &told, 2, point);
        assert_eq!(scene.run(), told, "{point}");
        let counts = scene.world.counts();
        let sent = (counts.refresh, counts.rotations, counts.reuse);
        assert_eq!(sent, (1, 1, 0), "{point}");
    }
}

#[test]
fn a_late_answer_of_a_holder_that_was_stopped_takes_nothing_from_a_login() {
    let Some(over) = Over::fleet() else { return };
    for point in KillPoint::ALL.into_iter().filter(|point| over.has(*point)) {
        let scene = Scene::new(&over, Server::Strict, Rule::Never, Begin::Late);
        let told = paused(&scene, point, |scene| {
            scene.world.session().login(USER, PASSWORD).unwrap();
        });
        // The token of the login is there for everybody, and for the holder too, unless its own was
        // stored before the login.
        let other = scene.run();
        assert_newest(&scene, &other, 1, point);
        let is_stored_before = happened(point) == Happened::Stored;
        assert_eq!(told != other, is_stored_before, "{point}: {told:?}");
        assert_eq!(scene.world.counts().reuse, 0, "{point}");
    }
}
