//! Which departures from the specification a provider allows, and which an answer has needed.

use crate::provider::{Rule, Rules};

/// The rules of a provider, and those that an answer has used so far.
pub(super) struct Forgiveness {
    rules: Rules,
    pub(super) needed: Rules,
}

impl Forgiveness {
    pub(super) fn by(rules: Rules) -> Self {
        Self {
            rules,
            needed: Rules::strict(),
        }
    }

    /// Whether the provider forgives what this rule names. If so, the rule is noted.
    pub(super) fn forgives(&mut self, rule: Rule) -> bool {
        let forgiven = self.rules.has(rule);
        if forgiven {
            self.needed = self.needed.with(rule);
        }
        forgiven
    }

    /// Whether a success with this status counts as an answer (RFC 6749 section 5.1: 200).
    pub(super) fn takes(&mut self, status: u16) -> bool {
        match status {
            200 => true,
            201 => self.forgives(Rule::AcceptCreated),
            206 => self.forgives(Rule::AcceptPartialContent),
            _ => self.forgives(Rule::AcceptOtherSuccess),
        }
    }
}
