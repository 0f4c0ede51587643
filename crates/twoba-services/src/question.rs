//! What the functions of version 1 are asked, as types. How a question is sent, by JSON or by SOAP, is
//! decided elsewhere.

mod filter;
mod value;

use crate::gtin::Gtin;
use crate::known::{KnownFunction, KnownParameter};
use crate::picture::Picture;
use crate::products::{
    Attachment, Filters, Participants, Product, SearchAnswer, TradeItem, TradeItems,
};
use crate::record::Member;

pub use filter::{ListedFilter, NumericFilter, OneClass};
use value::Argument;
pub(crate) use value::Value;

/// A question to one function of version 1, which JSON and SOAP both can carry: each type of question here,
/// and nobody else's.
pub trait Question: Ask {
    /// What the answer is read as.
    type Answer: for<'de> Member<'de>;
}

/// What a question says.
pub trait Ask {
    /// The function.
    const KNOWN: KnownFunction;
    /// What SOAP calls it.
    const OPERATION: &'static str;

    /// The parameters that have a value, in 2BA's spelling.
    fn values(&self) -> Vec<(&'static str, Value)>;
}

/// Declares questions: what they must say goes into `new`, and what they may say into a method each.
macro_rules! questions {
    ($(
        $(#[$note:meta])*
        $name:ident = $function:literal $(as $operation:literal)? => $answer:ty {
            $(must $must:ident: $must_type:ty => $must_label:literal = $must_example:literal,)*
            $($(#[$wish:meta])* may $may:ident: $may_type:ty => $may_label:literal = $may_example:literal, $with:ident;)*
        }
    )*) => {
        $(
            $(#[$note])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $name {
                $($must: $must_type,)*
                $($may: Option<$may_type>,)*
            }

            impl $name {
                /// Makes the question from what it has to say.
                #[must_use]
                #[allow(clippy::new_without_default, reason = "a question is asked on purpose")]
                pub fn new($($must: impl Into<$must_type>),*) -> Self {
                    Self {
                        $($must: $must.into(),)*
                        $($may: None,)*
                    }
                }

                $(
                    $(#[$wish])*
                    #[must_use]
                    pub fn $with(mut self, $may: impl Into<$may_type>) -> Self {
                        self.$may = Some($may.into());
                        self
                    }
                )*
            }

            impl Question for $name {
                type Answer = $answer;
            }

            impl Ask for $name {
                const KNOWN: KnownFunction = KnownFunction {
                    name: $function,
                    parameters: &[
                        $(KnownParameter {
                            name: $must_label,
                            is_required: true,
                            example: $must_example,
                        },)*
                        $(KnownParameter {
                            name: $may_label,
                            is_required: false,
                            example: $may_example,
                        },)*
                    ],
                };
                const OPERATION: &'static str = operation($function, &[$($operation)?]);

                fn values(&self) -> Vec<(&'static str, Value)> {
                    let values = [
                        $(Some(($must_label, self.$must.value())),)*
                        $(self.$may.as_ref().map(|$may| ($may_label, $may.value())),)*
                    ];
                    values.into_iter().flatten().collect()
                }
            }
        )*

        /// Every function that there is a question for.
        static KNOWN: &[KnownFunction] = &[$($name::KNOWN),*];
    };
}

/// What SOAP calls a function: what is said, or the half behind the slash.
const fn operation(function: &'static str, said: &[&'static str]) -> &'static str {
    if let [operation] = said {
        return operation;
    }
    let mut rest = function;
    while let Some((first, behind)) = rest.as_bytes().split_first() {
        // All of it is ASCII, so a byte is a character.
        rest = match std::str::from_utf8(behind) {
            Ok(behind) => behind,
            Err(_) => return function,
        };
        if *first == b'/' {
            return rest;
        }
    }
    function
}

questions! {
    /// A search for products by words.
    ///
    /// 2BA documents the function and its parameter `query`.
    ProductSearch = "Product/Search" => SearchAnswer {
        must query: String => "query" = "kabelgoot",
        /// Sets how many products are wanted at most. Inferred: one client that was never tried against 2BA
        /// sends it.
        may page_size: u32 => "pageSize" = "20", with_page_size;
    }

    /// The question for a product by its GTIN, as 2BA's newest document shows it. The GTIN is in the path.
    ProductDetails = "Product/Details" => Product {
        must gtin: Gtin => "gtin" = "02008710001001",
    }

    /// The question for a product by its GTIN. Seen in clients of others.
    ProductDetailsForProduct = "Product/DetailsForProduct" => Product {
        must gtin: Gtin => "gtin" = "02008710001001",
    }

    /// The question for a product by its GTIN, and for its features. Seen in clients of others.
    ProductByGtin = "Product/DetailsByGtinA" => Product {
        must gtin: Gtin => "gtin" = "02008710001001",
        /// Sets whether the features are wanted.
        may include_features: bool => "includeFeatures" = "true", with_features;
    }

    /// The question for a product by its manufacturer's GLN and code, and for its features. Seen in clients
    /// of others.
    ProductByCode = "Product/DetailsByGLNAndProductcodeA" => Product {
        must gln: String => "gln" = "2008710000011",
        must productcode: String => "productcode" = "KG-60040-W",
        /// Sets whether the features are wanted.
        may include_features: bool => "includeFeatures" = "true", with_features;
    }

    /// The question for a product by a supplier's GLN and number. 2BA documents it.
    ProductByTradeItem = "Product/DetailsByGLNAndTradeItemId" => Product {
        must gln: String => "gln" = "2008710000103",
        must trade_item_id: String => "tradeItemId" = "A00100",
    }

    /// The question for what drawing programs need of a product, by 2BA's number. Seen in a client of others.
    ProductForDrawing = "Product/DetailsRTById" => Product {
        must id: u64 => "id" = "1000001",
    }

    /// The question for the attachments of a product. Seen in a client of others.
    ProductAttachments = "Product/AttachmentsA" => Vec<Attachment> {
        must id: u64 => "id" = "1000001",
        /// Sets the types of attachments that are wanted, such as `PPI` and `PHI` for pictures. They go as a
        /// JSON list.
        may types: Vec<String> => "filterTypes" = "[\"PPI\"]", with_types;
    }

    /// The question for all that a supplier sells. Seen in a client of others.
    TradeItemsOf = "TradeItem/ForGLN" => TradeItems {
        must gln: String => "gln" = "2008710000103",
    }

    /// The question for a trade item by its supplier's GLN and number, after a pick in Unifeed. 2BA names
    /// the function.
    TradeItemByCode = "TradeItem/DetailsByGLNAndTradeItemIdA" => TradeItem {
        must gln: String => "gln" = "2008710000103",
        must trade_item_id: String => "tradeItemId" = "A00100",
    }

    /// The question for the features that products of an ETIM class can be filtered by. 2BA documents the
    /// parameters. SOAP calls the function `GetFeatures`.
    FilterFeatures = "ProductFilter/Features" as "GetFeatures" => Filters {
        must product_class_id: OneClass => "productClassId" = "[\"EC000003\"]",
        /// Sets words that the products must have.
        may query: String => "query" = "kabelgoot", with_query;
        /// Sets which listed values the products must have. The members' names are inferred.
        may listed: Vec<ListedFilter> => "featuresA" =
            "[{\"FeatureId\":\"EF000008\",\"ValueList\":[\"EV000397\"]}]", with_listed;
        /// Sets between which numbers the products must be. The members' names are inferred.
        may numeric: Vec<NumericFilter> => "featuresN" =
            "[{\"FeatureId\":\"EF000008\",\"ValueMin\":1,\"ValueMax\":2}]", with_numeric;
    }

    /// The question for the thumbnail of a product. Seen in clients of others.
    Thumbnail = "Thumbnail/Product" => Picture {
        must gln: String => "gln" = "2008710000011",
        must productcode: String => "productcode" = "KG-60040-W",
    }

    /// The question for the participants of 2BA. One note of others reports it, and that it needs no login.
    ParticipantList = "Participant/List" => Participants {
        /// Sets how many are wanted at most.
        may limit: u32 => "limit" = "50", with_limit;
        /// Sets what kind of participants is wanted, such as `Datasupplier`.
        may kind: String => "type" = "Datasupplier", with_kind;
    }
}

/// The functions of version 1 that this crate knows, by documents of 2BA and by clients of others. 2BA has
/// more, which [`JsonCall`](crate::JsonCall) can call all the same.
#[must_use]
pub fn known_functions() -> &'static [KnownFunction] {
    KNOWN
}

/// The known function of this name, in any letter case.
pub(crate) fn known(name: &str) -> Option<&'static KnownFunction> {
    let is_it = |known: &&KnownFunction| crate::known::is_same(known.name, name);
    KNOWN.iter().find(is_it)
}

/// The known function that a mistyped name is nearest to.
pub(crate) fn nearest(mistyped: &str) -> Option<&'static KnownFunction> {
    let names = KNOWN.iter().map(|known| known.name);
    crate::known::nearest(mistyped, names).and_then(known)
}

#[cfg(test)]
mod tests;
