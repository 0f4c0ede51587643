//! How sessions end when nobody holds any: what runs beside the callers is waited for.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::block_on;

use crate::runtime::Threads;

/// Where the sessions are kept until nobody holds any.
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
