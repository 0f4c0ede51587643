//! Faults on request: their kinds and spellings, the requests that they are played on, and when.

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
