//! The error of a control call, in the same process or over HTTP.

use thiserror::Error;

/// Why a control call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Only a manual clock can be advanced.
    #[error("the emulator runs on the machine's clock, which cannot be advanced")]
    ClockIsReal,
}
