//! Invented products behind the services that 2BA has: JSON, SOAP 1.1, ApiX, attachments, Unifeed and
//! Product Data.
//!
//! The trait [`Mount`] mounts [`SampleServices`] into a token server. The server reads and writes,
//! checks tokens and keeps the journal. The services get a request and its sender, but never a
//! token. They return the next thing that they need as a [`Step`]:
//!
//! ```
//! use http::{HeaderMap, Method};
//! use twoba_sample_services::form::Parameters;
//! use twoba_sample_services::{Content, Head, Mount, SampleServices, Step, Work};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let services = SampleServices::new("http://127.0.0.1:4280", 4280);
//! let (query, headers) = (Parameters::parse(b"query=kabelgoot")?, HeaderMap::new());
//! let head = Head {
//!     method: &Method::GET,
//!     path: "/1/json/Product/Search",
//!     query: Ok(&query),
//!     headers: &headers,
//!     is_foreign: false,
//! };
//! let Ok(Step::Asked(asked)) = services.begin(head) else {
//!     return Err("a call of JSON needs no body".into());
//! };
//! let Work::Judge(_proof, then) = asked.work else {
//!     return Err("a search is not for everybody".into());
//! };
//! // Here a server judges the token that the caller brought.
//! let answer = then.with(Ok(None));
//! assert!(matches!(answer.content, Content::Text { .. }));
//! # Ok(())
//! # }
//! ```
//!
//! Form encoding, JSONP and the frame of the pages are public, because the server's own endpoints
//! and pages use them too.

mod answer;
mod apix;
mod attachment;
mod caller;
mod json;
mod mount;
mod problem;
mod product_data;
mod products;
mod services;
mod soap;
mod unifeed;

pub mod form;
pub mod jsonp;
pub mod language;
pub mod page;

pub use answer::{Answer, Content, Delivery, Happened};
pub use caller::{Caller, LINK_TOKEN, Proof, Unauthorized, Verdict};
pub use mount::{Asked, Head, Missing, Mount, Step, Subject, Then, Unread, Work};
pub use services::SampleServices;
