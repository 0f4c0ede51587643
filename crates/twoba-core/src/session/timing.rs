//! When a token is no longer handed out, when it is refreshed, how long a failure waits.

use core::time::Duration;

use crate::answer::Lifetime;
use crate::limits::{BACKOFF_FIRST, BACKOFF_MAX};
use crate::seed::Seed;

/// How long before its end a token is no longer handed out: 2 % of the lifetime, at least
/// 1 s and at most 30 s, and never more than half of it.
pub(super) fn margin(lifetime: Duration) -> Duration {
    (lifetime / 50)
        .max(Duration::from_secs(1))
        .min(Duration::from_secs(30))
        .min(lifetime / 2)
}

/// How long after its issue a token is refreshed: at 80 % of its lifetime, earlier by up to
/// a tenth of that so that sessions that began together spread, never inside the margin.
/// A lifetime that is unknown or over has no such time.
pub(super) fn due(lifetime: Lifetime, seed: &mut Seed) -> Option<Duration> {
    let Lifetime::Known(lifetime) = lifetime else {
        return None;
    };
    let at = lifetime / 5 * 4;
    let spread = u64::try_from((at / 10).as_millis()).unwrap_or(u64::MAX);
    let earlier = Duration::from_millis(seed.draw_below(spread));
    Some((at - earlier).min(lifetime - margin(lifetime)))
}

/// How long to wait after this many failures in a row: half a second doubling to a minute,
/// drawn between a quarter and the whole of it.
pub(super) fn backoff(failures: u32, seed: &mut Seed) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let longest = BACKOFF_FIRST
        .saturating_mul(1 << doublings)
        .min(BACKOFF_MAX);
    let shortest = longest / 4;
    let spread = u64::try_from((longest - shortest).as_millis()).unwrap_or(u64::MAX);
    shortest + Duration::from_millis(seed.draw_below(spread.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::LIFETIME_MAX;

    #[test]
    fn margins_leave_short_tokens_usable() {
        for (lifetime, expected) in [
            (1_000, 500),
            (2_000, 1_000),
            (5_000, 1_000),
            (30_000, 1_000),
            (120_000, 2_400),
            (300_000, 6_000),
            (3_600_000, 30_000),
            (86_400_000, 30_000),
        ] {
            assert_eq!(
                margin(Duration::from_millis(lifetime)),
                Duration::from_millis(expected)
            );
        }
    }

    proptest! {
        #[test]
        fn a_refresh_is_due_before_the_margin_and_after_the_issue(
            millis in 1..=u64::try_from(LIFETIME_MAX.as_millis()).unwrap(),
            bytes: [u8; 32],
        ) {
            let lifetime = Duration::from_millis(millis);
            let mut seed = Seed::from_bytes(bytes);
            let due = due(Lifetime::Known(lifetime), &mut seed).unwrap();
            prop_assert!(due + margin(lifetime) <= lifetime);
            prop_assert!(due * 2 + Duration::from_millis(2) >= lifetime);
        }

        #[test]
        fn a_backoff_grows_to_a_minute_and_is_never_nothing(failures: u32, bytes: [u8; 32]) {
            let wait = backoff(failures, &mut Seed::from_bytes(bytes));
            prop_assert!(wait >= BACKOFF_FIRST / 4 && wait <= BACKOFF_MAX);
        }
    }
}
