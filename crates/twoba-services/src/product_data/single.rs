//! What operations that tell of one thing have in common.

use super::argument::ArgumentError;
use super::call::Call;
use super::operation::Operation;

/// An operation that tells of one thing, which two numbers name: the GLN of a manufacturer or supplier,
/// and that party's number of the product or trade item, or a GTIN.
pub trait Single: Operation + Sized {
    /// The call about this thing; the same as `of` of the operation's type.
    ///
    /// # Errors
    ///
    /// - one is no such number: [`ArgumentError`]
    fn call(gln: &str, number: &str) -> Result<Call<Self>, ArgumentError>;
}
