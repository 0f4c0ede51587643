//! Tracks which refresh tokens of a family are valid and which are spent. Other files decide the
//! answer to each.

use std::collections::BTreeMap;

use crate::timestamp::Timestamp;

/// The refresh tokens of one family, by generation.
///
/// A spent token is remembered only while its window lasts. After that, it is recognized because it
/// is not among the valid ones: a genuine token was granted once.
pub(super) struct RefreshTokens {
    /// Ranges of valid generations, from first to last. If tokens are spent, there is one range of
    /// one. If they are reusable, there is one range of all.
    good: BTreeMap<u64, u64>,
    /// The spent tokens, while their windows last. Some stay a little longer.
    recent: BTreeMap<u64, Spending>,
}

/// The record of a spent refresh token that has a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spending {
    /// The time when it was spent and its successor was issued.
    pub(super) at: Timestamp,
    /// The generation of the token that it led to.
    pub(super) successor: u64,
    /// The end of the window, exclusive.
    pub(super) until: Timestamp,
}

/// The status of a refresh token in its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was never spent.
    Good,
    /// It was spent, and its window lasts.
    Recent(Spending),
    /// It was spent, and has no window any more, or never had one.
    Spent,
}

impl RefreshTokens {
    /// The only token of a login, generation 0.
    pub(super) fn of_login() -> Self {
        Self {
            good: BTreeMap::from([(0, 0)]),
            recent: BTreeMap::new(),
        }
    }

    /// The status of the token of that generation, which must have been granted.
    pub(super) fn standing(&self, generation: u64, now: Timestamp) -> Standing {
        if self.run_of(generation).is_some() {
            return Standing::Good;
        }
        match self.recent.get(&generation) {
            Some(spending) if now < spending.until => Standing::Recent(*spending),
            Some(_) | None => Standing::Spent,
        }
    }

    /// The range of valid generations with this one.
    fn run_of(&self, generation: u64) -> Option<(u64, u64)> {
        let (first, last) = self.good.range(..=generation).next_back()?;
        (generation <= *last).then_some((*first, *last))
    }

    /// Adds another token, the newest.
    pub(super) fn add(&mut self, generation: u64) {
        match self.good.last_entry() {
            Some(mut run) if run.get().checked_add(1) == Some(generation) => {
                run.insert(generation);
            }
            Some(_) | None => {
                self.good.insert(generation, generation);
            }
        }
    }

    /// Marks a token as spent, with or without a window.
    pub(super) fn spend(&mut self, generation: u64, now: Timestamp, spending: Option<Spending>) {
        if let Some((first, last)) = self.run_of(generation) {
            self.good.remove(&first);
            if first < generation {
                self.good.insert(first, generation - 1);
            }
            if generation < last {
                self.good.insert(generation + 1, last);
            }
        }
        while let Some(oldest) = self.recent.first_entry() {
            if now < oldest.get().until {
                break;
            }
            oldest.remove();
        }
        if let Some(spending) = spending {
            self.recent.insert(generation, spending);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);
    const UNTIL: Timestamp = Timestamp::from_millis(31_000);

    fn spending(successor: u64) -> Spending {
        Spending {
            at: NOW,
            successor,
            until: UNTIL,
        }
    }

    #[test]
    fn a_window_lasts_until_its_end_and_not_at_it() {
        let mut tokens = RefreshTokens::of_login();
        assert_eq!(tokens.standing(0, NOW), Standing::Good);
        tokens.add(1);
        tokens.spend(0, NOW, Some(spending(1)));
        let last = Timestamp::from_millis(30_999);
        assert_eq!(tokens.standing(0, NOW), Standing::Recent(spending(1)));
        assert_eq!(tokens.standing(0, last), Standing::Recent(spending(1)));
        assert_eq!(tokens.standing(0, UNTIL), Standing::Spent);
        assert_eq!(tokens.standing(1, UNTIL), Standing::Good);
    }

    #[test]
    fn a_token_without_a_window_is_spent_at_once() {
        let mut tokens = RefreshTokens::of_login();
        tokens.add(1);
        tokens.spend(0, NOW, None);
        assert_eq!(tokens.standing(0, NOW), Standing::Spent);
    }

    #[test]
    fn one_token_is_spent_out_of_many_good_ones() {
        let mut tokens = RefreshTokens::of_login();
        // Some generations are those of access tokens alone.
        for generation in [1, 2, 3, 4, 7, 8] {
            tokens.add(generation);
        }
        let good = |tokens: &RefreshTokens| -> Vec<u64> {
            (0..10)
                .filter(|generation| tokens.standing(*generation, NOW) == Standing::Good)
                .collect()
        };
        assert_eq!(good(&tokens), [0, 1, 2, 3, 4, 7, 8]);
        for (spent, left) in [
            (2, &[0, 1, 3, 4, 7, 8][..]),
            (0, &[1, 3, 4, 7, 8]),
            (8, &[1, 3, 4, 7]),
            (8, &[1, 3, 4, 7]),
            (1, &[3, 4, 7]),
            (7, &[3, 4]),
            (4, &[3]),
            (3, &[]),
        ] {
            tokens.spend(spent, NOW, None);
            assert_eq!(good(&tokens), left);
        }
        tokens.add(9);
        assert_eq!(good(&tokens), [9]);
    }

    #[test]
    fn reusable_tokens_are_remembered_in_no_room() {
        let mut tokens = RefreshTokens::of_login();
        for generation in 1..1_000 {
            tokens.add(generation);
        }
        assert_eq!(tokens.standing(500, NOW), Standing::Good);
        assert_eq!(tokens.standing(1_000, NOW), Standing::Spent);
        assert_eq!(tokens.good.len(), 1);
    }

    #[test]
    fn what_is_remembered_does_not_grow_with_the_rotations() {
        let mut tokens = RefreshTokens::of_login();
        for generation in 0..1_000 {
            let now = Timestamp::from_millis(generation * 1_000);
            tokens.add(generation + 1);
            let spending = Spending {
                at: now,
                successor: generation + 1,
                until: Timestamp::from_millis(generation * 1_000 + 30_000),
            };
            tokens.spend(generation, now, Some(spending));
            assert_eq!(tokens.good.len(), 1);
            assert!(tokens.recent.len() <= 30);
        }
        assert_eq!(tokens.standing(0, NOW), Standing::Spent);
    }
}
