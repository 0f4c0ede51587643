//! How the shared methods of all adapters wait in this one: they block the thread.

macro_rules! block_on {
    ($work:expr) => {
        ::twoba_store::block_on($work)
    };
}

/// A future that was already waited for.
macro_rules! waited {
    ($value:expr) => {
        $value
    };
}

pub(crate) use {block_on, waited};
