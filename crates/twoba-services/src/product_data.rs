//! Product Data: the newer REST API that 2BA and others serve, as of 1.0.0-Preview3 of 22 July 2026.
//!
//! **This is a preview, as the API itself is.** The module stands outside the stability promise of
//! this crate: types and members follow the API, and any release may change them.
//!
//! Tokens come by client credentials, without a user. An [`Implementer`] says where the API is, and
//! each operation of the [table](OPERATIONS) is a type in [`operations`]:
//!
//! ```
//! use twoba_services::Function;
//! use twoba_services::product_data::{Implementer, operations};
//!
//! let there = Implementer::two_ba();
//! let provider = there.provider().ok_or("2BA's token endpoint is documented")?;
//! let call = operations::ProductDetails::of("2008710000011", "KG 60/40")?;
//! assert_eq!(
//!     call.request(&provider)?.uri(),
//!     "https://rest.2ba.nl/api/v1/products/2008710000011/KG%2060%2F40/details"
//! );
//!
//! let newest = operations::BulkProductDetails::all().with_limit(1000)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Pages follow each other by [`Call::after`]. What has changed since the last time is asked for by a
//! [`Sync`], whose state is the caller's to keep.
//!
//! # How the types read
//!
//! - Unknown members are passed over. Unknown values of an enumeration are kept as text.
//! - An optional member is `None` where it is absent or null: servers of older previews write null. An
//!   optional list is empty then. The lists of [`ProductResponseData`] and [`TradeItemResponseData`] have
//!   three states: `None` where the server did not include them, empty where there are none.
//! - A required member that is missing is an error: the answer is not what was promised.
//! - Texts are not measured. The bounds in the documentation are the API's.
//! - A [`Decimal`](crate::Decimal) has all digits of the answer, which are more than an `f64` keeps.
//!
//! Names, types and bounds are those of the public description of the API (2BABV/product-data-openapi).
//! Nothing was tried against a live server. What is inferred says so.

#[macro_use]
mod enumeration;
#[macro_use]
mod operation;

mod answers;
pub(crate) mod argument;
mod call;
mod enumerations;
mod envelope;
mod etim;
mod handle;
mod implementer;
mod lca;
mod lists;
mod logistics;
mod moment;
mod notices;
pub mod operations;
mod pagination;
mod paging;
mod product;
mod raw;
mod single;
mod sync;
mod terms;
mod trade_item;

pub use answers::*;
pub use argument::ArgumentError;
pub use call::{Answer, Call};
pub use enumerations::*;
pub use envelope::{Data, Page};
pub use etim::*;
pub use implementer::Implementer;
pub use lca::*;
pub use logistics::*;
pub use notices::Notices;
pub use operation::{
    AsksCurrency, AsksEtimRelease, AsksLanguage, AsksLifeCycleStage, Bulk, Operation, Outline,
    Scope,
};
pub use operations::OPERATIONS;
pub use pagination::*;
#[doc(hidden)]
pub use paging::Paging;
pub use product::*;
pub use raw::Raw;
pub use single::Single;
pub use sync::{Sync, SyncAnswer, Turn};
pub use terms::*;
pub use trade_item::*;

#[cfg(test)]
mod tests;
