//! ApiX: 2BA's services with camel-case JSON, which take POST as well. Their addresses and members are
//! those of an OpenAPI file in 2BA's demo program; 2BA documents none of them.

mod call;
mod known;
mod search;

pub use call::{ApixCall, ApixReading};
pub use search::{
    ApixAttachment, ApixClass, ApixFeature, ApixProduct, ApixRange, ApixSearch, ApixSearchAnswer,
    ApixUnit,
};
