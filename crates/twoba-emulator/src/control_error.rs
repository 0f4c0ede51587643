//! Why a call that controls the emulator cannot be followed, in-process as over HTTP.

use thiserror::Error;

/// A control call that cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Only a manual clock can be advanced.
    #[error("the emulator runs on the machine's clock, which cannot be advanced")]
    ClockIsReal,
}
