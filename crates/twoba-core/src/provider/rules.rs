//! The named ways in which a server may depart from the specification.

use core::fmt;

/// One named way in which a server departs from RFC 6749.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A refresh that is answered with status 400 and an empty body means that the person has to
    /// log in again. 2BA documents the status and nothing else.
    BareBadRequestEndsGrant,
    /// A refresh that is answered with `invalid_request` means that the person has to log in again.
    /// The server library to which 2BA's sample tokens point answers so for an expired refresh
    /// token.
    InvalidRequestEndsGrant,
    /// A refresh that is answered with `unauthorized_client` means that the person has to log in
    /// again. Exact Online answers so for a spent refresh token. No set includes this rule.
    UnauthorizedClientEndsGrant,
    /// A refresh that is answered with `access_denied` came too early if the access token is still
    /// valid. Otherwise the person has to log in again. No set includes this rule.
    AccessDeniedIsTooEarly,
    /// An answer without `token_type` counts as a bearer token.
    AcceptMissingTokenType,
    /// `expires_in` may be a string of digits.
    AcceptNumericStringLifetime,
    /// An unreadable `expires_in` counts as absent, so that the token is not lost.
    AcceptUnreadableLifetime,
    /// `null` counts as an absent member.
    AcceptNull,
    /// JSON is read even without a `Content-Type`.
    AcceptMissingMediaType,
    /// A byte order mark before the JSON is skipped.
    AcceptByteOrderMark,
    /// Status 201 is a success like 200. Some servers say that they created a token.
    AcceptCreated,
    /// Any other 2xx status is a success like 200, such as 202 or 203, except 206.
    AcceptOtherSuccess,
    /// Status 206, a partial answer, is a success if the body can be read. No set includes this
    /// rule.
    AcceptPartialContent,
}

impl Rule {
    const ALL: [Self; 13] = [
        Self::BareBadRequestEndsGrant,
        Self::InvalidRequestEndsGrant,
        Self::UnauthorizedClientEndsGrant,
        Self::AccessDeniedIsTooEarly,
        Self::AcceptMissingTokenType,
        Self::AcceptNumericStringLifetime,
        Self::AcceptUnreadableLifetime,
        Self::AcceptNull,
        Self::AcceptMissingMediaType,
        Self::AcceptByteOrderMark,
        Self::AcceptCreated,
        Self::AcceptOtherSuccess,
        Self::AcceptPartialContent,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of [`Rule`]s.
///
/// ```
/// use twoba_core::{Rule, Rules};
///
/// let rules = Rules::standard().with(Rule::AcceptMissingTokenType);
/// assert!(rules.has(Rule::AcceptMissingTokenType));
/// assert!(!Rules::strict().has(Rule::AcceptNull));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rules(u16);

impl Rules {
    /// The empty set. The client refuses everything that the specification does not allow.
    #[must_use]
    pub const fn strict() -> Self {
        Self(0)
    }

    /// The rules that real servers need and that carry no risk. They are the default of
    /// [`Provider::custom`](crate::Provider::custom). In this set, a bare answer is no verdict.
    #[must_use]
    pub const fn standard() -> Self {
        Self::strict()
            .with(Rule::AcceptNumericStringLifetime)
            .with(Rule::AcceptUnreadableLifetime)
            .with(Rule::AcceptNull)
            .with(Rule::AcceptMissingMediaType)
            .with(Rule::AcceptByteOrderMark)
            .with(Rule::AcceptCreated)
            .with(Rule::AcceptOtherSuccess)
    }

    /// The standard rules, and the rules for what 2BA documents or is likely to do.
    #[must_use]
    pub const fn two_ba() -> Self {
        Self::standard()
            .with(Rule::BareBadRequestEndsGrant)
            .with(Rule::InvalidRequestEndsGrant)
            .with(Rule::AcceptMissingTokenType)
    }

    /// This set with `rule`.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | rule.bit())
    }

    /// This set without `rule`.
    #[must_use]
    pub const fn without(self, rule: Rule) -> Self {
        Self(self.0 & !rule.bit())
    }

    /// Whether `rule` is in the set.
    #[must_use]
    pub const fn has(self, rule: Rule) -> bool {
        self.0 & rule.bit() != 0
    }

    /// Iterates over the rules of the set.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |&rule| self.has(rule))
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_switched_alone() {
        for rule in Rule::ALL {
            assert_eq!(
                Rules::strict()
                    .with(rule)
                    .iter()
                    .collect::<alloc::vec::Vec<_>>(),
                [rule]
            );
            assert!(!Rules::two_ba().without(rule).has(rule));
        }
    }

    #[test]
    fn only_2ba_takes_a_bare_answer_for_a_verdict() {
        assert!(Rules::two_ba().has(Rule::BareBadRequestEndsGrant));
        assert!(!Rules::standard().has(Rule::BareBadRequestEndsGrant));
    }
}
