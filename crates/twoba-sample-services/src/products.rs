//! The sample products, and the functions that find them.

mod answer;
mod catalog;
mod filter;
mod function;
mod lookup;
mod picture;
mod problem;
mod question;
mod record;
mod vocabulary;

pub(crate) use answer::ErrorDocument;
pub(crate) use catalog::{Offer, Product, of_maker};
pub(crate) use function::{Found, Function, find, is_named_by, parameter, proof};
pub(crate) use lookup::matching;
pub(crate) use picture::{Size, picture};
pub(crate) use problem::Problem;
pub(crate) use record::{Described, Kind, Member, Shape};
