//! The session of a program itself, as its callers see it.

use std::sync::Arc;

use twoba_keeper::Keeper;

use crate::runtime::Tokio;
use crate::sessions::Sessions;
use crate::streamed::Streamed;
use crate::waiting::awaited;

twoba_keeper::program!(Sessions => Program { keeper: Arc<Keeper<Tokio>> });
twoba_keeper::handle!([async] awaited; Program);

impl Program {
    fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
    }
}
