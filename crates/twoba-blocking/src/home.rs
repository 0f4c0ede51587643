//! How sessions end when nobody holds any. The work beside the callers is waited for.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::block_on;

use crate::runtime::Threads;

/// The place that keeps the sessions until nobody holds any.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) keeper: Arc<Keeper<Threads>>,
}

impl Drop for Home {
    fn drop(&mut self) {
        self.keeper.runtime().end();
        block_on(self.keeper.close());
    }
}
