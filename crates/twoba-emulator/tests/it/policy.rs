//! The policies on the wire: what an answer holds, and how a policy is set.

use std::sync::Barrier;
use std::time::Duration;

use serde_json::json;
use twoba_emulator::{Behavior, Clock, Emulator, EventKind, Policy, Refusal};

use crate::wire::{Reply, control, get, log_in, refresh, search};

/// An emulator on a manual clock with this policy, and the refresh token of a login there.
fn start(policy: &str) -> (Emulator, String) {
    let emulator = Emulator::builder()
        .clock(Clock::Manual)
        .policy(policy.parse().unwrap())
        .start()
        .unwrap();
    let token = log_in(&emulator).member("refresh_token");
    (emulator, token)
}

/// What eight callers get who present one token together.
fn at_once(emulator: &Emulator, token: &str) -> Vec<Reply> {
    const CALLERS: usize = 8;
    let line = Barrier::new(CALLERS);
    std::thread::scope(|scope| {
        let call = || {
            line.wait();
            refresh(emulator, token)
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
        callers.into_iter().map(|c| c.join().unwrap()).collect()
    })
}

fn successes(replies: &[Reply]) -> Vec<&Reply> {
    replies.iter().filter(|reply| reply.status == 200).collect()
}

fn has_refresh_token(reply: &Reply) -> bool {
    reply.json().get("refresh_token").is_some()
}

#[test]
fn under_the_strict_policies_one_of_many_refreshes_at_once_gets_tokens() {
    for policy in [
        "strict",
        "expires:1h",
        "idle:1h",
        "too-early:120s",
        "spent-is-401",
        "one-time-from-now",
    ] {
        let (emulator, token) = start(policy);
        assert_eq!(successes(&at_once(&emulator, &token)).len(), 1, "{policy}");
        assert_eq!(emulator.counts().rotations, 1);
        assert_eq!(emulator.counts().reuse, 7);
    }
}

#[test]
fn inside_a_window_refreshes_at_once_share_one_successor() {
    let (emulator, token) = start("grace:30s");
    let replies = at_once(&emulator, &token);
    let successors: Vec<_> = replies
        .iter()
        .map(|reply| reply.member("refresh_token"))
        .collect();
    assert!(successors.iter().all(|token| *token == successors[0]));
    assert_eq!(emulator.counts().rotations, 1);
    assert_eq!(emulator.counts().reuse, 0);
}

#[test]
fn inside_a_window_refreshes_at_once_get_a_child_each() {
    let (emulator, token) = start("grace-new:30s");
    let replies = at_once(&emulator, &token);
    let children: std::collections::BTreeSet<_> = replies
        .iter()
        .map(|reply| reply.member("refresh_token"))
        .collect();
    assert_eq!(children.len(), 8);
    assert_eq!(emulator.counts().rotations, 8);
}

#[test]
fn inside_a_window_all_but_the_first_get_no_refresh_token() {
    let (emulator, token) = start("grace-access-only:30s");
    let replies = at_once(&emulator, &token);
    assert_eq!(successes(&replies).len(), 8);
    let with_one = replies.iter().filter(|reply| has_refresh_token(reply));
    assert_eq!(with_one.count(), 1);
    for reply in &replies {
        let access = reply.member("access_token");
        assert_eq!(search(&emulator, &access).status, 200);
    }
}

#[test]
fn a_window_ends_by_the_clock_of_the_emulator() {
    for policy in ["grace:30s", "grace-new:30s", "grace-access-only:30s"] {
        for (passed, status) in [(29_999, 200), (30_000, 400)] {
            let (emulator, token) = start(policy);
            assert_eq!(refresh(&emulator, &token).status, 200);
            emulator.advance(Duration::from_millis(passed)).unwrap();
            assert_eq!(refresh(&emulator, &token).status, status, "{policy}");
            let ended = u64::from(status == 400);
            assert_eq!(emulator.counts().reuse, ended);
            assert_eq!(emulator.counts().families_revoked, ended);
        }
    }
}

#[test]
fn a_login_brings_a_refresh_token_under_every_policy_and_a_refresh_under_most() {
    for (policy, brings_one) in [
        ("strict", true),
        ("grace:30s", true),
        ("grace-new:30s", true),
        ("grace-access-only:30s", true),
        ("reusable", true),
        ("no-rotation", false),
        ("expires:15d", true),
    ] {
        let (emulator, token) = start(policy);
        let reply = refresh(&emulator, &token);
        assert_eq!(reply.status, 200, "{policy}");
        assert_eq!(has_refresh_token(&reply), brings_one, "{policy}");
        assert!(reply.is_whole());
        let access = reply.member("access_token");
        assert_eq!(search(&emulator, &access).status, 200, "{policy}");
    }
}

#[test]
fn tokens_that_stay_good_are_good_again_and_again() {
    for policy in ["reusable", "no-rotation"] {
        let (emulator, token) = start(policy);
        assert_eq!(successes(&at_once(&emulator, &token)).len(), 8, "{policy}");
        assert_eq!(refresh(&emulator, &token).status, 200, "{policy}");
        assert_eq!(emulator.counts().reuse, 0);
        assert_eq!(emulator.counts().refused, 0);
    }
}

#[test]
fn a_dead_refresh_token_is_refused_as_any_bad_one() {
    let (emulator, token) = start("expires:90s");
    emulator.advance(Duration::from_secs(90)).unwrap();
    let reply = refresh(&emulator, &token);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.body, b"");
    assert_eq!(emulator.counts().refused, 1);
    assert_eq!(emulator.counts().reuse, 0);
    assert_eq!(emulator.counts().families_revoked, 0);
}

#[test]
fn a_policy_can_be_set_while_it_runs() {
    let (emulator, token) = start("strict");
    let call = r#"{"policy":"grace:30s"}"#;
    let reply = control(&emulator, "policy", call);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json(), json!({"policy": "grace:30s"}));
    let state = get(&emulator, "/_emulator/state", &[]);
    assert_eq!(state.member("policy"), "grace:30s");
    let last = emulator.journal().events.pop().unwrap();
    let policy = Policy::Grace(Duration::from_secs(30));
    assert_eq!(last.kind, EventKind::PolicySet { policy });
    assert_eq!(refresh(&emulator, &token).status, 200);
    assert_eq!(refresh(&emulator, &token).status, 200);

    emulator.set_policy(Policy::Strict);
    assert_eq!(emulator.state().policy, Policy::Strict);
    assert_eq!(refresh(&emulator, &token).status, 400);
}

#[test]
fn a_policy_that_is_not_there_is_refused_and_changes_nothing() {
    let (emulator, _) = start("reusable");
    for (body, clue) in [
        (r#"{"policy":"lenient"}"#, "unknown policy"),
        (r#"{"policy":"grace"}"#, "grace:30s"),
        (r#"{"policy":"grace:soon"}"#, "whole number"),
        (r#"{"policy":"strict:1s"}"#, "no value"),
        (r#"{"policy":"strict","also":1}"#, "also"),
        (r#""strict""#, "an object with policy"),
        ("", "not JSON"),
    ] {
        let reply = control(&emulator, "policy", body);
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.member("error");
        assert!(error.contains(clue), "{error}");
    }
    assert_eq!(emulator.state().policy, Policy::Reusable);
}

#[test]
fn after_a_reset_the_policy_is_that_of_the_start() {
    let (emulator, _) = start("no-rotation");
    emulator.set_policy(Policy::Strict);
    emulator.reset();
    assert_eq!(emulator.state().policy, Policy::NoRotation);
}

#[test]
fn a_refresh_that_comes_too_early_is_a_bare_400_or_access_denied() {
    let (emulator, token) = start("too-early:30s");
    let reply = refresh(&emulator, &token);
    assert_eq!((reply.status, reply.text()), (400, ""));
    emulator.advance(Duration::from_secs(90)).unwrap();
    assert_eq!(refresh(&emulator, &token).status, 200);
    let last = emulator
        .journal()
        .events
        .into_iter()
        .map(|event| event.kind);
    let refused = |kind: &EventKind| matches!(kind, EventKind::Refused { reason, .. } if *reason == Refusal::TooEarly);
    assert_eq!(last.filter(refused).count(), 1);

    let emulator = Emulator::builder()
        .clock(Clock::Manual)
        .behavior(Behavior::Plain)
        .policy("too-early:30s".parse().unwrap())
        .start()
        .unwrap();
    let token = log_in(&emulator).member("refresh_token");
    let reply = refresh(&emulator, &token);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "access_denied");
}

#[test]
fn a_spent_token_is_401_where_the_policy_says_so() {
    let (emulator, token) = start("spent-is-401");
    assert_eq!(refresh(&emulator, &token).status, 200);
    let reply = refresh(&emulator, &token);
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json()["error"], "unauthorized_client");
    assert_eq!(emulator.counts().reuse, 1);
}

#[test]
fn reusable_tokens_become_one_time_while_the_server_runs() {
    let (emulator, token) = start("reusable");
    for _ in 0..2 {
        assert_eq!(refresh(&emulator, &token).status, 200);
    }
    let set = control(&emulator, "policy", r#"{"policy":"one-time-from-now"}"#);
    assert_eq!(set.status, 200);
    assert_eq!(refresh(&emulator, &token).status, 200);
    assert_eq!(refresh(&emulator, &token).status, 400);
    assert_eq!(emulator.counts().reuse, 1);
}
