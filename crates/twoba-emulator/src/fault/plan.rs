//! Finds the fault that a request meets.

use serde::Serialize;

use super::kind::Fault;
use super::rule::{FaultPoint, FaultRule, Occurrence};
use crate::grant::Grant;

/// The current rules, each with its own count.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    rules: Vec<CountedRule>,
}

/// A rule, and how many matching requests it has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CountedRule {
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// The number of matching requests since the rule was set.
    pub seen: u64,
}

/// The kind of an arriving request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival {
    Token(Grant),
    Service,
    Revocation,
}

impl FaultPlan {
    /// Replaces all rules.
    pub(crate) fn set(&mut self, rules: Vec<FaultRule>) {
        self.rules.clear();
        rules.into_iter().for_each(|rule| self.add(rule));
    }

    /// Adds a rule after the present ones.
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(CountedRule { rule, seen: 0 });
    }

    /// The current rules with their counts.
    pub(crate) fn rules(&self) -> &[CountedRule] {
        &self.rules
    }

    /// Counts a request and returns the fault that it meets.
    pub(crate) fn meet(&mut self, arrival: Arrival) -> Option<(FaultPoint, Fault)> {
        let mut met = None;
        for counted in &mut self.rules {
            if !matches(counted.rule.on, arrival) {
                continue;
            }
            counted.seen += 1;
            let fires = match counted.rule.nth {
                Occurrence::Every => true,
                Occurrence::Nth(nth) => nth.get() == counted.seen,
            };
            if fires && met.is_none() {
                met = Some((counted.rule.on, counted.rule.then.clone()));
            }
        }
        met
    }
}

fn matches(on: FaultPoint, arrival: Arrival) -> bool {
    match on {
        FaultPoint::Token => matches!(arrival, Arrival::Token(_)),
        FaultPoint::Refresh => matches!(arrival, Arrival::Token(Grant::Refresh)),
        FaultPoint::Password => matches!(arrival, Arrival::Token(Grant::Password)),
        FaultPoint::AuthorizationCode => {
            matches!(arrival, Arrival::Token(Grant::AuthorizationCode))
        }
        FaultPoint::Service => matches!(arrival, Arrival::Service),
        FaultPoint::Revocation => matches!(arrival, Arrival::Revocation),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    fn plan(rules: impl IntoIterator<Item = FaultRule>) -> FaultPlan {
        let mut plan = FaultPlan::default();
        plan.set(rules.into_iter().collect());
        plan
    }

    fn met(plan: &mut FaultPlan, arrival: Arrival) -> Option<Fault> {
        plan.meet(arrival).map(|(_, fault)| fault)
    }

    #[test]
    fn the_nth_request_is_counted_from_when_the_fault_was_set() {
        let mut plan = plan([]);
        assert_eq!(met(&mut plan, Arrival::Token(Grant::Refresh)), None);
        plan.add(FaultRule::nth(
            FaultPoint::Refresh,
            NonZeroU64::new(2).unwrap(),
            Fault::DropBefore,
        ));
        assert_eq!(met(&mut plan, Arrival::Token(Grant::Refresh)), None);
        assert_eq!(met(&mut plan, Arrival::Token(Grant::Password)), None);
        assert_eq!(
            met(&mut plan, Arrival::Token(Grant::Refresh)),
            Some(Fault::DropBefore)
        );
        assert_eq!(met(&mut plan, Arrival::Token(Grant::Refresh)), None);
    }

    #[test]
    fn every_means_every_matching_request() {
        let mut plan = plan([FaultRule::every(FaultPoint::Service, Fault::Bare400)]);
        for _ in 0..3 {
            assert_eq!(met(&mut plan, Arrival::Service), Some(Fault::Bare400));
        }
        assert_eq!(met(&mut plan, Arrival::Revocation), None);
    }

    #[test]
    fn the_first_fitting_rule_plays_and_all_count() {
        let mut plan = plan([
            FaultRule::next(FaultPoint::Refresh, Fault::Html200),
            FaultRule::next(FaultPoint::Token, Fault::Html502),
            FaultRule::nth(
                FaultPoint::Token,
                NonZeroU64::new(2).unwrap(),
                Fault::Bare400,
            ),
        ]);
        let refresh = Arrival::Token(Grant::Refresh);
        assert_eq!(met(&mut plan, refresh), Some(Fault::Html200));
        assert_eq!(met(&mut plan, refresh), Some(Fault::Bare400));
        assert!(plan.rules().iter().all(|counted| counted.seen == 2));
    }

    #[test]
    fn setting_replaces_what_was_set() {
        let mut plan = plan([FaultRule::every(FaultPoint::Token, Fault::DropBefore)]);
        plan.set(Vec::new());
        assert_eq!(met(&mut plan, Arrival::Token(Grant::Password)), None);
    }
}
