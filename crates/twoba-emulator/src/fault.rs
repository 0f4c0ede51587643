//! Misbehavior on request: which there is and how it is spelled, when it is to be played, and which request meets it.

mod kind;
mod plan;
mod rule;
mod spelling;

pub use kind::Fault;
pub use plan::CountedRule;
pub(crate) use plan::{Arrival, FaultPlan};
pub use rule::{FaultPoint, FaultRule, Occurrence};
pub use spelling::ParseFaultError;
pub(crate) use spelling::SMALLEST_HUGE_BODY;
