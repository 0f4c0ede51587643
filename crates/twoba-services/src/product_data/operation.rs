//! What an operation is, and how the table of them becomes types.

use std::fmt;

use serde::de::DeserializeOwned;

use super::envelope::Page;

/// One operation of the API; the types of [`operations`](super::operations) are all there are.
pub trait Operation: sealed::Sealed + Send + Sync + 'static {
    /// What is answered.
    type Answer: DeserializeOwned + Send + 'static;

    /// The operation's row of the table.
    const OUTLINE: Outline;
}

/// An operation that answers with pages of a list.
pub trait Bulk: Operation<Answer = Page<Self::Item>> {
    /// What the list consists of.
    type Item: Send + 'static;
}

/// An operation that can be asked for texts of some languages only.
pub trait AsksLanguage: Operation {}

/// An operation that can be asked for the classes of one release of ETIM.
pub trait AsksEtimRelease: Operation {}

/// An operation that can be asked for some stages of a product's life only.
pub trait AsksLifeCycleStage: Operation {}

/// An operation that can be asked for a price of a quantity, in a currency.
pub trait AsksCurrency: Operation {}

/// A row of the table of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// The name of its type.
    pub name: &'static str,
    /// The path below the base, with the names of its parts in braces.
    pub path: &'static str,
    /// The parameters of the query; all may be left out.
    pub query: &'static [&'static str],
    /// The schema of the answer.
    pub answer: &'static str,
}

/// What a token has to be for. That the start of a path says which scope it takes is inferred from the
/// names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// `read:products`.
    Products,
    /// `read:tradeitems`.
    TradeItems,
    /// `read:netprices`.
    NetPrices,
    /// `read:stock`.
    Stock,
}

impl Scope {
    /// The scope as a token is asked for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Products => "read:products",
            Self::TradeItems => "read:tradeitems",
            Self::NetPrices => "read:netprices",
            Self::Stock => "read:stock",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Outline {
    /// The scope that the operation asks for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self.path.split('/').nth(1) {
            Some("products") => Scope::Products,
            Some("netprices") => Scope::NetPrices,
            Some("stock") => Scope::Stock,
            Some(_) | None => Scope::TradeItems,
        }
    }
}

pub(super) mod sealed {
    //! Why nobody else can add an operation.

    /// Only the table implements it.
    pub trait Sealed {}
}

/// Makes a type of each row, and the table of all of them.
macro_rules! operations {
    ($($name:ident $path:literal [$($query:ident)*] -> $answer:ident $made:tt;)*) => {
        $(
            #[doc = concat!("`GET ", $path, "`, which answers with [`", stringify!($answer), "`](super::", stringify!($answer), ").")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl super::operation::sealed::Sealed for $name {}

            impl Operation for $name {
                type Answer = super::$answer;

                const OUTLINE: Outline = Outline {
                    name: stringify!($name),
                    path: $path,
                    query: &[$(stringify!($query)),*],
                    answer: stringify!($answer),
                };
            }

            operations!(@made $name $made);
            $(operations!(@query $name $query);)*
        )*

        /// All operations, in the order of the API's description.
        pub const OPERATIONS: [Outline; [$(stringify!($name)),*].len()] = [$($name::OUTLINE),*];
    };
    (@made $name:ident (of $first:ident $second:ident)) => {
        impl $name {
            /// The call about what these two numbers name.
            ///
            /// # Errors
            ///
            /// - one is no such number: [`ArgumentError`]
            pub fn of(gln: &str, number: &str) -> Result<Call<Self>, ArgumentError> {
                Ok(Call::new(&[argument::$first(gln)?, argument::$second(number)?]))
            }
        }

        impl Single for $name {
            fn call(gln: &str, number: &str) -> Result<Call<Self>, ArgumentError> {
                Self::of(gln, number)
            }
        }
    };
    (@made $name:ident (each $item:ident)) => {
        impl $name {
            /// The call for all that there are, in pages.
            #[must_use]
            pub fn all() -> Call<Self> {
                Call::new(&[])
            }
        }

        impl Bulk for $name {
            type Item = super::$item;
        }
    };
    (@query $name:ident language) => { impl AsksLanguage for $name {} };
    (@query $name:ident etimReleaseVersion) => { impl AsksEtimRelease for $name {} };
    (@query $name:ident lifeCycleStage) => { impl AsksLifeCycleStage for $name {} };
    (@query $name:ident currency) => { impl AsksCurrency for $name {} };
    (@query $name:ident $other:ident) => {};
}
