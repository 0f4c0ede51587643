//! The session of a program itself, as its callers see it.

use std::sync::Arc;

use twoba_keeper::Keeper;

use crate::home::Home;
use crate::runtime::Threads;
use crate::sessions::Sessions;
use crate::streamed::Streamed;
use crate::waiting::block_on;

twoba_keeper::program!(Sessions => Program { home: Arc<Home> });
twoba_keeper::handle!([] block_on; Program);

impl Program {
    fn keeper(&self) -> &Arc<Keeper<Threads>> {
        &self.home.keeper
    }
}
