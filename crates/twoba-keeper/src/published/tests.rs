//! What is published when looks at the store overlap: never what is older than what a caller was told.

use std::time::Duration;

use super::*;
use crate::prepared::{NOW, logged_in, nobody, refreshed};

fn at_hand(published: &Published) -> Option<TokenId> {
    match published.look(NOW, |_, id| id) {
        AtHand::Fresh(id) | AtHand::Due(id) => Some(id),
        AtHand::Nothing => None,
    }
}

#[test]
fn of_looks_that_overlap_and_find_different_logins_none_is_published() {
    let [one, other] = [1, 2].map(logged_in);
    for (first, second) in [(&nobody(), &one), (&one, &nobody()), (&one, &other)] {
        let published = Published::new();
        let readings = [(); 3].map(|()| published.begin_reading());
        published.show(readings[0], first, NOW);
        assert_eq!(at_hand(&published), first.token_id());
        published.show(readings[1], second, NOW);
        assert_eq!(at_hand(&published), None);
        // Nor by another look that began as early.
        published.show(readings[2], first, NOW);
        assert_eq!(at_hand(&published), None);
        let alone = published.begin_reading();
        published.show(alone, second, NOW);
        assert_eq!(at_hand(&published), second.token_id());
    }
}

#[test]
fn of_looks_that_overlap_and_find_one_login_the_newest_generation_is_published() {
    let (old, new) = (logged_in(1), refreshed(1));
    for (first, second, newest) in [(&old, &new, &new), (&new, &old, &new), (&old, &old, &old)] {
        let published = Published::new();
        let readings = [(); 2].map(|()| published.begin_reading());
        published.show(readings[0], first, NOW);
        published.show(readings[1], second, NOW);
        assert_eq!(at_hand(&published), newest.token_id());
    }
}

/// A refresh of it may be published before the login itself is.
#[test]
fn a_login_never_takes_the_place_of_its_own_successor() {
    let published = Published::new();
    let [login, flight] = [(); 2].map(|()| published.begin_reading());
    published.show(flight, &refreshed(1), NOW);
    published.replace(login, &logged_in(1), NOW);
    assert_eq!(at_hand(&published), refreshed(1).token_id());
}

#[test]
fn a_login_takes_the_place_of_what_it_replaces() {
    let published = Published::new();
    published.show(published.begin_reading(), &logged_in(1), NOW);
    let login = published.begin_reading();
    published.replace(login, &logged_in(2), NOW);
    assert_eq!(at_hand(&published), logged_in(2).token_id());
}

#[test]
fn only_a_token_that_is_of_no_more_use_is_forgotten() {
    let published = Published::new();
    published.show(published.begin_reading(), &logged_in(1), NOW);
    published.forget_unusable(NOW);
    assert!(at_hand(&published).is_some());
    published.forget_unusable(NOW.saturating_add(Duration::from_secs(121)));
    assert_eq!(at_hand(&published), None);
}
