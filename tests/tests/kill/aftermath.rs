//! What stands in the journal and the store after a kill, and how the next process goes on from there.

use std::fmt::Debug;
use std::time::Duration;

use twoba_core::limits::{ATTEMPT_MAX, BACKOFF_FIRST};
use twoba_tests::KillPoint;

use crate::scene::{Begin, Cut, Over, Scene, Told};
use crate::table::{Column, Ending, Happened, Rule, happened};

/// The smallest step of the clock.
const TICK: Duration = Duration::from_millis(1);

/// How long behind the end of the old token a server is asked again.
const BEHIND: Duration = Duration::from_secs(1);

/// What a comparison found: nothing, or what is otherwise.
type Checked = Result<(), String>;

fn same<T: PartialEq + Debug>(what: &str, found: T, promised: T) -> Checked {
    if found == promised {
        return Ok(());
    }
    Err(format!("{what}: {found:?}, but promised is {promised:?}"))
}

/// Plays one run of a cell: kills a process at `point`, and lets others go on.
pub(crate) fn play(over: &Over, column: Column, point: KillPoint, cut: Cut) -> Checked {
    let scene = Scene::new(over, column.server, column.rule, cut.begin);
    let before = scene.record();
    scene.kill_at(point, cut)?;
    journal(&scene, "at the kill", at_the_kill(happened(point)))?;
    record(&scene, happened(point), &before)?;
    folder(&scene, cut_writes(point))?;

    match (happened(point), column.rule) {
        (Happened::Nothing | Happened::Stored, _) => {}
        // A window is used at once, whatever the old token is good for: what is repeated in it
        // gets the same answer.
        (Happened::Intended | Happened::Rotated, Rule::Within(_)) => scene.pass(BACKOFF_FIRST),
        (Happened::Intended | Happened::Rotated, Rule::Never | Rule::Once) => {
            wait(&scene, cut, happened(point))?;
        }
    }
    let told = scene.run();
    if cut.begin == Begin::Forced && happened(point) == Happened::Nothing {
        // Nobody else wants another token than the one that is fresh.
        let first = Told::Token(1, scene.first.clone());
        same("the session", told, first)?;
        journal(&scene, "in the end", at_the_kill(Happened::Nothing))?;
        return folder(&scene, cut_writes(point));
    }
    let ending = column.ending(happened(point), cut.wait());
    end(&scene, ending, &told)?;
    journal(&scene, "in the end", ending)?;

    // It stays so, for whoever comes later, and nothing more is sent.
    if !ending.kept {
        scene.pass(Duration::from_secs(3600));
    }
    same("a later process", scene.run(), told)?;
    journal(&scene, "after a later process", ending)?;
    // Whoever wrote next has removed what was cut.
    folder(&scene, 0)
}

/// How many files a kill at this point leaves half written.
fn cut_writes(point: KillPoint) -> usize {
    usize::from(matches!(
        point,
        KillPoint::IntentHalfWritten | KillPoint::RotationHalfWritten
    ))
}

/// What has been sent by then.
const fn at_the_kill(happened: Happened) -> Ending {
    let sent = match happened {
        Happened::Nothing | Happened::Intended => 0,
        Happened::Rotated | Happened::Stored => 1,
    };
    Ending {
        kept: true,
        refreshes: sent,
        rotations: sent,
        reuse: 0,
    }
}

fn journal(scene: &Scene, when: &str, promised: Ending) -> Checked {
    let counts = scene.world.counts();
    same(
        &format!("refreshes, rotations, reuse and ended families {when}"),
        (
            counts.refresh,
            counts.rotations,
            counts.reuse,
            counts.families_revoked,
        ),
        (
            promised.refreshes,
            promised.rotations,
            promised.reuse,
            promised.reuse,
        ),
    )
}

fn record(scene: &Scene, happened: Happened, before: &[u8]) -> Checked {
    let state = scene.state();
    let found = (
        scene.record() == before,
        state["generation"].as_u64(),
        state["intent"]["attempt"].as_u64(),
    );
    let promised = match happened {
        Happened::Nothing => (true, Some(1), None),
        Happened::Intended | Happened::Rotated => (false, Some(1), Some(1)),
        Happened::Stored => (false, Some(2), None),
    };
    let what = "the record at the kill (untouched, generation, attempt)";
    same(what, found, promised)
}

/// Nothing lies there but the record, its two locks, the mark of a sweep, and what so many cut writes have left.
fn folder(scene: &Scene, cut_writes: usize) -> Checked {
    let Some(files) = scene.files() else {
        return Ok(());
    };
    let (left, named): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|name| name.starts_with(".writing-"));
    same("temporary files", left.len(), cut_writes)?;
    let others: Vec<&str> = named
        .iter()
        .map(String::as_str)
        .filter(|name| {
            ![
                "default.grant",
                "default.lease",
                "default.write",
                ".swept",
                ".home",
                ".protection",
                ".protection.lock",
            ]
            .contains(name)
        })
        .collect();
    same("other files", others, Vec::new())
}

/// Until the time of a replay nobody sends anything; the old token serves while it is usable.
fn wait(scene: &Scene, cut: Cut, happened: Happened) -> Checked {
    let serves = cut.begin != Begin::Late;
    let promised = if serves {
        Told::Token(1, scene.first.clone())
    } else {
        Told::Wait(scene.now() + i64::try_from(cut.wait().as_millis()).unwrap())
    };
    same("a process at once", scene.run(), promised.clone())?;
    // The old token serves to its end; a repetition comes a second behind that.
    let behind = if serves { BEHIND } else { TICK };
    scene.pass(cut.wait() - behind - TICK);
    same("a process too early", scene.run(), promised)?;
    journal(scene, "during the wait", at_the_kill(happened))?;
    scene.pass(behind + TICK);
    Ok(())
}

fn end(scene: &Scene, ending: Ending, told: &Told) -> Checked {
    if !ending.kept {
        let lost = Told::LoginRequired("AnswerLost".to_owned());
        return same("the session", told, &lost);
    }
    let Told::Token(generation, token) = told else {
        return Err(format!("the session is lost: {told:?}"));
    };
    let family = scene.family();
    same("the generation", *generation, 2)?;
    let newest = *token == family.access.to_string();
    same("the token is the newest of the server", newest, true)?;
    same("the end of its family", family.ended, None)
}

/// Kills one process after the other, each as soon as it may send again, and lets the last one live.
#[track_caller]
pub(crate) fn crash_loop(column: Column, points: &[KillPoint], ending: Ending) {
    let cut = Cut::of(0, 1);
    let scene = Scene::new(&Over::Folder, column.server, column.rule, cut.begin);
    for point in points {
        scene.kill_at(*point, cut).unwrap();
        scene.pass(ATTEMPT_MAX);
    }
    let told = scene.run();
    end(&scene, ending, &told).unwrap();
    journal(&scene, "in the end", ending).unwrap();
}
