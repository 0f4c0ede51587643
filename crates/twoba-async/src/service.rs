//! Calls of services with the token of a session.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::Error;

use crate::program::Program;
use crate::runtime::Tokio;
use crate::session::Session;
use crate::waiting::awaited;

twoba_services::calling!([async] awaited; Session { keeper });
twoba_services::calling!([async] awaited; Program { keeper });
twoba_services::service!([async] awaited awaited; Service { keeper: Arc<Keeper<Tokio>> });

impl Service {
    fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
    }
}

/// Why a service returned no data.
pub type GetError = twoba_services::GetError<Error>;
