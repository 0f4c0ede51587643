//! Builds requests to the 2BA data services, and reads their answers. Nothing is sent here.
//!
//! ```
//! use twoba_core::Provider;
//! use twoba_services::JsonCall;
//!
//! let call = JsonCall::new("Product/Search")?.with_parameter("query", "kabelgoot");
//! let request = call.request(&Provider::two_ba())?;
//! assert_eq!(
//!     request.uri(),
//!     "https://api.2ba.nl/1/json/Product/Search?query=kabelgoot"
//! );
//! # Ok::<(), twoba_services::CallError>(())
//! ```

mod calling;
mod error;
mod json;

pub use error::{CallError, GetError, ServiceError, ServiceErrorKind};
pub use json::{JsonAnswer, JsonCall};
