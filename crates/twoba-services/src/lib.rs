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

mod apix;
mod calling;
mod decimal;
mod error;
mod function;
mod gtin;
mod json;
mod known;
mod picture;
mod problem;
pub mod product_data;
mod products;
mod question;
mod record;
mod refusal;
mod soap;
mod soap_error;
mod unifeed;

#[doc(hidden)]
pub use serde::de::DeserializeOwned;

pub use apix::{
    ApixAttachment, ApixCall, ApixClass, ApixFeature, ApixProduct, ApixRange, ApixReading,
    ApixSearch, ApixSearchAnswer, ApixUnit,
};
pub use decimal::{Decimal, DecimalError};
pub use error::{CallError, GetError, ServiceError, ServiceErrorKind};
pub use function::Function;
pub use gtin::{Gtin, GtinError};
pub use json::{JsonAnswer, JsonCall, Reading};
#[doc(hidden)]
pub use known::nearest;
pub use known::{KnownFunction, KnownParameter};
pub use picture::Picture;
pub use problem::Problem;
pub use products::{
    Attachment, Feature, Filter, FilterValue, Filters, Participant, Participants, Product,
    SearchAnswer, TradeItem, TradeItems,
};
pub use question::{
    FilterFeatures, ListedFilter, NumericFilter, OneClass, ParticipantList, ProductAttachments,
    ProductByCode, ProductByGtin, ProductByTradeItem, ProductDetails, ProductDetailsForProduct,
    ProductForDrawing, ProductSearch, Question, Thumbnail, TradeItemByCode, TradeItemsOf,
    known_functions,
};
pub use soap::{Soap, SoapAnswer, SoapCall, SoapDescription, SoapDescriptionOf};
pub use soap_error::SoapError;
pub use unifeed::{
    Interface, InterfaceType, Received, Reception, SelectedItem, Selection, SelectionError,
    UnifeedAddress, UnifeedFilter, UnifeedObject, UnifeedReceiver, UnifeedStart,
};
