//! How much of everything there is.

/// How many grants there are.
pub(crate) const GRANTS: usize = 100_000;

/// How many processes refresh them.
pub(crate) const PROCESSES: usize = 4;

/// How many sessions one process refreshes at once, over as many connections.
pub(crate) const AT_ONCE: usize = 8;

/// How many refreshes a second all processes make together under the steady load.
pub(crate) const PER_SECOND: u32 = 300;

/// How many sessions one process opens.
pub(crate) const OPENED: usize = 50_000;
