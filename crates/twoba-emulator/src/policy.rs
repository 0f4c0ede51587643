//! Decides which ways with refresh tokens there are and how they are spelled; what they come to is decided by `authority`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::duration::{self, Spelled};

/// What becomes of a refresh token that is exchanged, and of one that is presented again.
///
/// Where a policy has a window, that begins when the token is spent and its end is outside: with
/// 30 seconds the last moment inside is a millisecond earlier. A token that is presented again
/// does not begin it anew.
///
/// Written and read as in the control interface:
///
/// ```
/// use std::time::Duration;
/// use twoba_emulator::Policy;
///
/// # fn main() -> Result<(), twoba_emulator::ParsePolicyError> {
/// let policy: Policy = "grace:30s".parse()?;
/// assert_eq!(policy, Policy::Grace(Duration::from_secs(30)));
/// assert_eq!(policy.to_string(), "grace:30s");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// `strict`: each token is good once; one that is presented again ends its family.
    #[default]
    Strict,
    /// `grace:DURATION`: inside the window a spent token gets the same successor again, and outside
    /// it is as under [`Strict`](Self::Strict).
    Grace(Duration),
    /// `grace-new:DURATION`: inside the window a spent token gets another child.
    GraceNew(Duration),
    /// `grace-access-only:DURATION`: inside the window a spent token gets a new access token and no
    /// refresh token.
    GraceAccessOnly(Duration),
    /// `reusable`: each exchange brings another refresh token, and all of them stay good.
    Reusable,
    /// `no-rotation`: an answer has no refresh token, and the old one stays good.
    NoRotation,
    /// `expires:DURATION`: as [`Strict`](Self::Strict), and a token that nobody has exchanged for
    /// this long is dead; at the end of the span it is.
    Expires(Duration),
    /// `idle:DURATION`: as [`Strict`](Self::Strict), and a family that got no tokens for this long
    /// gets none any more; each exchange moves that end.
    Idle(Duration),
    /// `too-early:DURATION`: as [`Strict`](Self::Strict), and a token that is presented before the
    /// newest access token of its family has only this long to live is refused, and not spent.
    TooEarly(Duration),
    /// `spent-is-401`: as [`Strict`](Self::Strict), and a spent token is refused by status 401 and
    /// `unauthorized_client`.
    SpentIs401,
    /// `one-time-from-now`: what [`Reusable`](Self::Reusable) handed out is good once more, and
    /// from here on all is as under [`Strict`](Self::Strict). To be set while a server runs.
    OneTimeFromNow,
}

/// The text does not name a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParsePolicyError {
    /// No policy has this name.
    #[error(
        "unknown policy; there are strict, grace:DURATION, grace-new:DURATION, \
         grace-access-only:DURATION, reusable, no-rotation, expires:DURATION, idle:DURATION, \
         too-early:DURATION, spent-is-401 and one-time-from-now"
    )]
    Unknown,
    /// The policy needs a span of time behind a colon.
    #[error("this policy needs a span of time, as in {0}")]
    MissingValue(&'static str),
    /// The policy takes nothing behind a colon.
    #[error("this policy takes no value")]
    SuperfluousValue,
    /// What stands behind the colon is not a span of time.
    #[error("a span of time is a whole number from 1 with ms, s, m, h or d, as in {0}")]
    Duration(&'static str),
}

impl FromStr for Policy {
    type Err = ParsePolicyError;

    /// Reads the spelling of the control interface.
    ///
    /// # Errors
    ///
    /// - no such name: [`ParsePolicyError::Unknown`]
    /// - a span of time is missing, or one too many: [`ParsePolicyError::MissingValue`],
    ///   [`ParsePolicyError::SuperfluousValue`]
    /// - it is none: [`ParsePolicyError::Duration`]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let alone = |policy| match value {
            None => Ok(policy),
            Some(_) => Err(ParsePolicyError::SuperfluousValue),
        };
        let lasting = |example| {
            let value = value.ok_or(ParsePolicyError::MissingValue(example))?;
            duration::parse_some(value).ok_or(ParsePolicyError::Duration(example))
        };
        match name {
            "strict" => alone(Self::Strict),
            "reusable" => alone(Self::Reusable),
            "no-rotation" => alone(Self::NoRotation),
            "grace" => lasting("grace:30s").map(Self::Grace),
            "grace-new" => lasting("grace-new:30s").map(Self::GraceNew),
            "grace-access-only" => lasting("grace-access-only:30s").map(Self::GraceAccessOnly),
            "expires" => lasting("expires:15d").map(Self::Expires),
            "idle" => lasting("idle:15d").map(Self::Idle),
            "too-early" => lasting("too-early:30s").map(Self::TooEarly),
            "spent-is-401" => alone(Self::SpentIs401),
            "one-time-from-now" => alone(Self::OneTimeFromNow),
            _ => Err(ParsePolicyError::Unknown),
        }
    }
}

impl fmt::Display for Policy {
    /// Writes the spelling of the control interface.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strict => f.write_str("strict"),
            Self::Grace(window) => write!(f, "grace:{}", Spelled(*window)),
            Self::GraceNew(window) => write!(f, "grace-new:{}", Spelled(*window)),
            Self::GraceAccessOnly(window) => write!(f, "grace-access-only:{}", Spelled(*window)),
            Self::Reusable => f.write_str("reusable"),
            Self::NoRotation => f.write_str("no-rotation"),
            Self::Expires(unused) => write!(f, "expires:{}", Spelled(*unused)),
            Self::Idle(unused) => write!(f, "idle:{}", Spelled(*unused)),
            Self::TooEarly(last) => write!(f, "too-early:{}", Spelled(*last)),
            Self::SpentIs401 => f.write_str("spent-is-401"),
            Self::OneTimeFromNow => f.write_str("one-time-from-now"),
        }
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_contract_reads_and_writes_the_same() {
        for text in [
            "strict",
            "grace:30s",
            "grace-new:30s",
            "grace-access-only:30s",
            "grace:250ms",
            "reusable",
            "no-rotation",
            "expires:3600s",
            "idle:3600s",
            "too-early:30s",
            "spent-is-401",
            "one-time-from-now",
        ] {
            let policy: Policy = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(policy.to_string(), text);
            let json = serde_json::to_value(policy).unwrap();
            assert_eq!(json, text);
            assert_eq!(serde_json::from_value::<Policy>(json).unwrap(), policy);
        }
        assert_eq!(
            "expires:15d".parse(),
            Ok(Policy::Expires(Duration::from_secs(15 * 86_400)))
        );
    }

    #[test]
    fn a_bad_spelling_is_refused_with_what_is_wrong_about_it() {
        use ParsePolicyError as E;
        for (text, error) in [
            ("", E::Unknown),
            ("Strict", E::Unknown),
            ("grace-old:30s", E::Unknown),
            ("strict:30s", E::SuperfluousValue),
            ("reusable:", E::SuperfluousValue),
            ("no-rotation:1s", E::SuperfluousValue),
            ("grace", E::MissingValue("grace:30s")),
            ("grace:", E::Duration("grace:30s")),
            ("grace:30", E::Duration("grace:30s")),
            ("grace:-30s", E::Duration("grace:30s")),
            ("grace-new:soon", E::Duration("grace-new:30s")),
            (
                "grace-access-only:1h30m",
                E::Duration("grace-access-only:30s"),
            ),
            ("expires", E::MissingValue("expires:15d")),
            ("idle:", E::Duration("idle:15d")),
            ("too-early", E::MissingValue("too-early:30s")),
            ("spent-is-401:1s", E::SuperfluousValue),
            ("one-time-from-now:1s", E::SuperfluousValue),
        ] {
            assert_eq!(text.parse::<Policy>(), Err(error), "{text}");
        }
    }
}
