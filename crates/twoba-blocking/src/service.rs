//! Calls of services with the token of a session.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_services::product_data::Bulk;
use twoba_store::Error;

use crate::home::Home;
use crate::program::Program;
use crate::runtime::Threads;
use crate::session::Session;
use crate::waiting::{block_on, waited};

twoba_services::calling!([] waited; Session { home });
twoba_services::calling!([] waited; Program { home });
twoba_services::service!([] block_on waited; Service { home: Arc<Home> });

impl Service {
    fn keeper(&self) -> &Arc<Keeper<Threads>> {
        &self.home.keeper
    }
}

impl<O: Bulk> Iterator for Pages<O> {
    type Item = Result<O::Answer, GetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_page()
    }
}

/// Why a service returned no data.
pub type GetError = twoba_services::GetError<Error>;
