//! Calls of services with the token of a session.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_services::product_data::Bulk;
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

impl<O: Bulk> Pages<O> {
    /// Waits for the next page. `None` after the last one. Dropping the future loses nothing: the
    /// same page is asked for again.
    ///
    /// # Errors
    ///
    /// - as for [`Service::ask`]
    pub async fn next(&mut self) -> Option<Result<O::Answer, GetError>> {
        self.next_page().await
    }
}

/// Why a service returned no data.
pub type GetError = twoba_services::GetError<Error>;
