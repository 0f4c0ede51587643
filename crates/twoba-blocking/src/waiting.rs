//! How the methods that all adapters share wait here: the thread does.

macro_rules! block_on {
    ($work:expr) => {
        ::twoba_store::block_on($work)
    };
}

/// What has been waited for already.
macro_rules! waited {
    ($value:expr) => {
        $value
    };
}

pub(crate) use {block_on, waited};
