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
pub(crate) use catalog::{Offer, Product, Property, Value as Measured, of_maker, products};
pub(crate) use function::{Found, Function, find, is_named_by, parameter, proof};
pub(crate) use lookup::{all_sold, matching};
pub(crate) use picture::{Size, address, file_name, picture};
pub(crate) use problem::Problem;
pub(crate) use record::{Described, Kind, Member, Shape};
pub(crate) use vocabulary::{CLASSES, Nature, feature_of};
