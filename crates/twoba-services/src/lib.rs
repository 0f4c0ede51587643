//! Requests to the 2BA data services and what their answers say. Nothing is sent here.
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
mod decimal;
mod error;
mod function;
mod json;
mod problem;
pub mod product_data;

pub use decimal::{Decimal, DecimalError};
pub use error::{CallError, GetError, ServiceError, ServiceErrorKind};
pub use function::Function;
pub use json::{JsonAnswer, JsonCall};
pub use problem::Problem;
