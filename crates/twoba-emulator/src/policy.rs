//! The policies for refresh tokens, and their names. `authority` carries them out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::duration::{self, Spelled};

/// What happens to a refresh token when it is exchanged, and when it is presented again.
///
/// The window of a policy begins when the token is spent. Its end is exclusive: with 30 seconds,
/// the last moment inside is a millisecond earlier. Presenting the token again does not restart the
/// window.
///
/// A policy is written and read as in the control interface:
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
    /// `strict`: each token is valid once. Presenting it again ends its family.
    #[default]
    Strict,
    /// `grace:DURATION`: inside the window, a spent token gets the same successor again. Outside
    /// it, the policy is like [`Strict`](Self::Strict).
    Grace(Duration),
    /// `grace-new:DURATION`: inside the window, a spent token gets another new pair.
    GraceNew(Duration),
    /// `grace-access-only:DURATION`: inside the window, a spent token gets a new access token and
    /// no refresh token.
    GraceAccessOnly(Duration),
    /// `reusable`: each exchange issues another refresh token, and all of them stay valid.
    Reusable,
    /// `no-rotation`: an answer has no refresh token, and the old one stays valid.
    NoRotation,
    /// `expires:DURATION`: like [`Strict`](Self::Strict), and a token expires if nobody exchanges
    /// it for this long. The end of the span is exclusive.
    Expires(Duration),
    /// `idle:DURATION`: like [`Strict`](Self::Strict), and a family expires if it gets no tokens
    /// for this long. Each exchange starts the span again.
    Idle(Duration),
    /// `too-early:DURATION`: like [`Strict`](Self::Strict), but a token is refused while the newest
    /// access token of its family lives longer than this. A refused token is not spent.
    TooEarly(Duration),
    /// `spent-is-401`: like [`Strict`](Self::Strict), but a spent token is refused by status 401
    /// and `unauthorized_client`.
    SpentIs401,
    /// `one-time-from-now`: tokens that [`Reusable`](Self::Reusable) issued are valid once more,
    /// and from now on the policy is like [`Strict`](Self::Strict). Set it while a server runs.
    OneTimeFromNow,
}

/// Why a text is no name of a policy.
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
    /// The policy needs a span of time after a colon.
    #[error("this policy needs a span of time, as in {0}")]
    MissingValue(&'static str),
    /// The policy takes no value after a colon.
    #[error("this policy takes no value")]
    SuperfluousValue,
    /// The text after the colon is no span of time.
    #[error("a span of time is a whole number from 1 with ms, s, m, h or d, as in {0}")]
    Duration(&'static str),
}

impl FromStr for Policy {
    type Err = ParsePolicyError;

    /// Reads the name of a policy, as in the control interface.
    ///
    /// # Errors
    ///
    /// - there is no such name: [`ParsePolicyError::Unknown`]
    /// - a span of time is missing, or there is one too many: [`ParsePolicyError::MissingValue`],
    ///   [`ParsePolicyError::SuperfluousValue`]
    /// - the value is no span of time: [`ParsePolicyError::Duration`]
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
    /// Writes the name of a policy, as in the control interface.
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
