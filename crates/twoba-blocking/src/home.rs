//! How sessions end when nobody holds any: what runs beside the callers is waited for.

use std::ops::Deref;
use std::sync::Arc;

use twoba_keeper::Keeper;

use crate::block_on::block_on;
use crate::runtime::Threads;

/// Where the sessions are kept until nobody holds any.
pub(crate) struct Home(pub(crate) Arc<Keeper<Threads>>);

impl Deref for Home {
    type Target = Arc<Keeper<Threads>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.runtime().end();
        block_on(self.close());
    }
}
