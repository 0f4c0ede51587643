//! When a token is no longer handed out, when it is refreshed, and how long to wait after a
//! failure.

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

/// How long after its issue a token is refreshed.
///
/// That is at 80 % of its lifetime. It is earlier by up to a tenth of that, so that sessions that
/// began together spread out. It is never inside the margin. If a server allows a refresh only
/// within a window before the end, it is in the first half of that window, and so possibly inside
/// the margin. A token whose lifetime is unknown or over has no such time.
pub(super) fn due(
    lifetime: Lifetime,
    window: Option<Duration>,
    seed: &mut Seed,
) -> Option<Duration> {
    let Lifetime::Known(lifetime) = lifetime else {
        return None;
    };
    let usual = lifetime / 5 * 4;
    let usable = lifetime - margin(lifetime);
    let begins = window.map_or(Duration::ZERO, |window| lifetime.saturating_sub(window));
    let earliest = (usual - usual / 10).min(usable).max(begins);
    let latest = if begins < usual {
        usual.min(usable)
    } else {
        (begins + (lifetime - begins) / 2).min(usable)
    };
    let spread = u64::try_from(latest.saturating_sub(earliest).as_millis()).unwrap_or(u64::MAX);
    let earlier = Duration::from_millis(seed.draw_below(spread));
    Some(latest.max(earliest) - earlier)
}

/// How long to wait after this many failures in a row. The bound doubles from half a second to a
/// minute. The wait is drawn between a quarter of the bound and the whole.
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
            let due = due(Lifetime::Known(lifetime), None, &mut seed).unwrap();
            prop_assert!(due + margin(lifetime) <= lifetime);
            prop_assert!(due * 2 + Duration::from_millis(2) >= lifetime);
        }

        #[test]
        fn a_refresh_is_due_within_its_window(
            seconds in 2..=100_000_u64,
            window in 1..=1_000_u64,
            bytes: [u8; 32],
        ) {
            let (lifetime, window) = (Duration::from_secs(seconds), Duration::from_secs(window));
            let mut seed = Seed::from_bytes(bytes);
            let due = due(Lifetime::Known(lifetime), Some(window), &mut seed).unwrap();
            prop_assert!(due + window >= lifetime && due < lifetime);
        }

        #[test]
        fn a_backoff_doubles_with_each_failure(bytes: [u8; 32]) {
            let mut seed = Seed::from_bytes(bytes);
            for (failures, longest) in [
                (1, 500), (2, 1_000), (3, 2_000), (4, 4_000), (5, 8_000), (6, 16_000),
                (7, 32_000), (8, 60_000), (9, 60_000), (u32::MAX, 60_000),
            ] {
                let longest = Duration::from_millis(longest);
                let drawn: [Duration; 64] = core::array::from_fn(|_| backoff(failures, &mut seed));
                let all = drawn.iter();
                prop_assert!(all.clone().all(|wait| *wait >= longest / 4 && *wait <= longest));
                // Of 64, the longest is no less than three quarters but once in 10^11.
                prop_assert!(all.max().is_some_and(|wait| *wait > longest / 4 * 3));
            }
        }

        #[test]
        fn a_backoff_grows_to_a_minute_and_is_never_nothing(failures: u32, bytes: [u8; 32]) {
            let wait = backoff(failures, &mut Seed::from_bytes(bytes));
            prop_assert!(wait >= BACKOFF_FIRST / 4 && wait <= BACKOFF_MAX);
        }
    }
}
