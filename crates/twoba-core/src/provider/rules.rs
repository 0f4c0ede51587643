//! The named ways in which a server may differ from the specification.

use core::fmt;

/// One way in which a server differs from RFC 6749, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A refresh that is answered with status 400 and an empty body means that the user has
    /// to log in again. 2BA documents the status and nothing else.
    BareBadRequestEndsGrant,
    /// `invalid_request` as the answer to a refresh means the same. The server library that
    /// 2BA's sample tokens point to says so for an expired refresh token.
    InvalidRequestEndsGrant,
    /// `unauthorized_client` as the answer to a refresh means the same. Exact Online says so for a
    /// refresh token that was spent. In no set.
    UnauthorizedClientEndsGrant,
    /// `access_denied` as the answer to a refresh means that it is too early while the access
    /// token lives, and that the user has to log in again after that. In no set.
    AccessDeniedIsTooEarly,
    /// An answer without `token_type` is taken for a bearer token.
    AcceptMissingTokenType,
    /// `expires_in` may be a string of digits.
    AcceptNumericStringLifetime,
    /// `expires_in` that cannot be read counts as not given, instead of losing the token.
    AcceptUnreadableLifetime,
    /// `null` counts as a member that is not there.
    AcceptNull,
    /// JSON without a `Content-Type` is read all the same.
    AcceptMissingMediaType,
    /// A byte order mark before the JSON is passed over.
    AcceptByteOrderMark,
    /// Status 201 is a success as 200 is: some servers have created a token.
    AcceptCreated,
    /// Any other success is one as 200 is, 202 or 203 say, but for 206.
    AcceptOtherSuccess,
    /// Status 206, a part of an answer, is taken for the whole if it can be read. In no set.
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
    /// No rule at all: what the specification does not allow is refused.
    #[must_use]
    pub const fn strict() -> Self {
        Self(0)
    }

    /// What real servers need and what puts nothing at risk: the default of
    /// [`Provider::custom`](crate::Provider::custom). No bare answer is a verdict here.
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

    /// The standard rules and what 2BA is documented, or likely, to do besides.
    #[must_use]
    pub const fn two_ba() -> Self {
        Self::standard()
            .with(Rule::BareBadRequestEndsGrant)
            .with(Rule::InvalidRequestEndsGrant)
            .with(Rule::AcceptMissingTokenType)
    }

    /// This set and `rule`.
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

    /// The rules of the set.
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
