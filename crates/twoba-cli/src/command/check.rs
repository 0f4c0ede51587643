//! The result of one check, and how it is shown.

use serde_json::{Value, json};

use crate::failure::Failure;

/// One check.
pub(in crate::command) struct Check {
    pub(in crate::command) name: &'static str,
    pub(in crate::command) outcome: Outcome,
}

pub(in crate::command) enum Outcome {
    Good(String),
    /// In order, but worth knowing, with what the person can do about it.
    Note(String, String),
    Bad(Failure),
    /// The reason why it was not checked.
    Unknown(&'static str),
}

impl Check {
    pub(in crate::command) fn good(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Good(text.into()),
        }
    }

    pub(in crate::command) fn note(
        name: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            name,
            outcome: Outcome::Note(text.into(), advice.into()),
        }
    }

    pub(in crate::command) fn bad(name: &'static str, failure: impl Into<Failure>) -> Self {
        Self {
            name,
            outcome: Outcome::Bad(failure.into()),
        }
    }

    pub(in crate::command) fn unknown(name: &'static str, why: &'static str) -> Self {
        Self {
            name,
            outcome: Outcome::Unknown(why),
        }
    }

    /// The failure, if the check found one.
    pub(in crate::command) fn failure(&self) -> Option<Failure> {
        match &self.outcome {
            Outcome::Bad(failure) => Some(failure.clone()),
            Outcome::Good(_) | Outcome::Note(..) | Outcome::Unknown(_) => None,
        }
    }

    fn told(&self) -> (&'static str, &str, Option<&str>) {
        match &self.outcome {
            Outcome::Good(text) => ("ok", text, None),
            Outcome::Note(text, advice) => ("note", text, Some(advice)),
            Outcome::Bad(failure) => ("wrong", failure.message(), failure.advice()),
            Outcome::Unknown(why) => ("unknown", why, None),
        }
    }

    pub(in crate::command) fn line(&self) -> String {
        let (state, text, advice) = self.told();
        let advice = advice.map_or(String::new(), |advice| format!("; {advice}"));
        format!("{state:<8} {:<14} {text}{advice}", self.name)
    }

    pub(in crate::command) fn object(&self) -> Value {
        let (state, text, advice) = self.told();
        json!({"check": self.name, "state": state, "message": text, "advice": advice})
    }
}
