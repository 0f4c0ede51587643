//! Calls of JSON services with the token of a session.

use twoba_store::Error;

use crate::program::Program;
use crate::session::Session;
use crate::waiting::waited;

twoba_services::calling!([] waited; Session);
twoba_services::calling!([] waited; Program);

/// Why a JSON service returned no data.
pub type GetError = twoba_services::GetError<Error>;
