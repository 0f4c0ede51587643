//! ApiX's search for products: what it is asked and what it answers with.

use http::{Request, Response};
use serde::Serialize;
use twoba_core::Provider;

use super::call::ApixCall;
use crate::decimal::Decimal;
use crate::error::{CallError, ServiceError};
use crate::function::Function;
use crate::record::record;

/// The most products that one answer may have.
const SIZE_MAX: u32 = 1000;

/// A search for products by words.
///
/// ```
/// use twoba_core::Provider;
/// use twoba_services::{ApixSearch, Function};
///
/// let asked = ApixSearch::new("NL").with_words("pomp").with_page(20, 10);
/// let request = asked.request(&Provider::two_ba())?;
/// assert_eq!(
///     request.body(),
///     br#"{"from":20,"size":10,"languagecode":"NL","searchString":"pomp"}"#
/// );
/// # Ok::<(), twoba_services::CallError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApixSearch {
    from: u32,
    size: u32,
    languagecode: String,
    #[serde(rename = "searchString", skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    #[serde(rename = "onlyModelling", skip_serializing_if = "Option::is_none")]
    only_modelling: Option<bool>,
}

impl ApixSearch {
    /// Makes a search for the first ten products, in this language. 2BA's file names no languages; `NL` was
    /// seen.
    #[must_use]
    pub fn new(languagecode: impl Into<String>) -> Self {
        Self {
            from: 0,
            size: 10,
            languagecode: languagecode.into(),
            words: None,
            only_modelling: None,
        }
    }

    /// Sets the words that are searched for.
    #[must_use]
    pub fn with_words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// Sets how many products are passed over and how many are wanted, up to 1000.
    #[must_use]
    pub fn with_page(mut self, from: u32, size: u32) -> Self {
        (self.from, self.size) = (from, size);
        self
    }

    /// Sets whether only products with a modelling class are wanted.
    #[must_use]
    pub fn with_only_modelling(mut self, only: bool) -> Self {
        self.only_modelling = Some(only);
        self
    }

    fn call(&self) -> Result<ApixCall, CallError> {
        if self.size > SIZE_MAX {
            return Err(CallError::TooMany {
                parameter: "size",
                most: SIZE_MAX,
            });
        }
        Ok(ApixCall::post("Product/Search", self)?.repeatable())
    }
}

impl Function for ApixSearch {
    type Answer = ApixSearchAnswer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call()?.request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<ApixSearchAnswer, ServiceError> {
        crate::json::judge_by(response, |reader| serde::Deserialize::deserialize(reader))
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

record! {
    /// What a search of ApiX found.
    ApixSearchAnswer {
        /// How many products there are in all.
        total: Option<u64> => "total",
        /// How long the search took, in milliseconds.
        took: Option<u64> => "took",
        /// The products of this answer.
        items: Vec<ApixProduct> => "items",
    }

    /// A product of ApiX.
    ApixProduct {
        /// 2BA's number of the product.
        id: Option<u64> => "id",
        /// A short description.
        short_description: Option<String> => "shortDescription",
        /// A long description.
        long_description: Option<String> => "longDescription",
        /// The manufacturer's GLN.
        manufacturer_gln: Option<String> => "manufacturerGln",
        /// The manufacturer's name.
        manufacturer_name: Option<String> => "manufacturerName",
        /// The manufacturer's code of the product.
        product_code: Option<String> => "productCode",
        /// The GTIN.
        gtin: Option<String> => "gtin",
        /// An address with more about the product.
        deeplink: Option<String> => "deeplink",
        /// The brand.
        brand: Option<String> => "brand",
        /// The model.
        model: Option<String> => "model",
        /// The version of the model.
        version: Option<String> => "version",
        /// The ETIM class.
        etim_class: Option<ApixClass> => "etimClass",
        /// The ETIM modelling class.
        modelling_class: Option<ApixClass> => "modellingClass",
        /// Whether the product is still made.
        status: Option<ApixClass> => "status",
        /// The net weight.
        weight_quantity: Option<Decimal> => "weightQuantity",
        /// The unit of the weight.
        weight_unit: Option<ApixClass> => "weightMeasureUnit",
        /// The GTIN of the product that follows it.
        successor_gtin: Option<String> => "successorGtin",
        /// The code of the product that follows it.
        successor_product_code: Option<String> => "successorProductCode",
        /// The GTIN of the product before it.
        predecessor_gtin: Option<String> => "predecessorGtin",
        /// The code of the product before it.
        predecessor_product_code: Option<String> => "predecessorProductCode",
        /// When it was changed, as the service writes it.
        change_date: Option<String> => "changeDate",
        /// Since when it is there, as the service writes it.
        start_date: Option<String> => "startDate",
        /// Whether it is there no more.
        is_deleted: Option<bool> => "isDeleted",
        /// Whether it is no real product.
        is_dummy: Option<bool> => "isDummy",
        /// Whether there is a picture of it.
        has_image: Option<bool> => "hasImage",
        /// Its features, of the class and of the modelling class.
        features: Vec<ApixFeature> => "features",
        /// Its files.
        attachments: Vec<ApixAttachment> => "attachments",
    }

    /// The value of one feature. Its type says which member holds the value.
    ApixFeature {
        /// The code of ETIM.
        code: Option<String> => "code",
        /// The meaning.
        description: Option<String> => "description",
        /// The type, such as `Numeric`. That the others are `AlphaNumeric`, `Range`, `Logical`,
        /// `Coordinate` and `Matrix` is inferred from the texts of 2BA's file.
        kind: Option<String> => "type",
        /// The unit of the numbers.
        unit: Option<ApixUnit> => "unit",
        /// The value, if it is one of a list.
        listed_value: Option<ApixClass> => "alphaNumericValue",
        /// The value, if it is one number.
        numeric_value: Option<Decimal> => "numericValue",
        /// The value, if it is a range.
        range_value: Option<ApixRange> => "rangeValue",
        /// The value, if it is yes or no.
        logical_value: Option<bool> => "logicalValue",
        /// Whether the modelling class has the feature.
        is_modelling: Option<bool> => "isModelling",
        /// Whether the class has the feature.
        is_regular: Option<bool> => "isRegular",
        /// The port that it belongs to; 0 for the product as a whole.
        port_code: Option<u64> => "portCode",
    }

    /// A unit of ETIM.
    ApixUnit {
        /// The code.
        code: Option<String> => "code",
        /// The meaning.
        description: Option<String> => "description",
        /// The sign, such as `mm`.
        abbreviation: Option<String> => "abbreviation",
    }

    /// Two numbers, and all between them.
    ApixRange {
        /// The lower one.
        min: Option<Decimal> => "min",
        /// The upper one.
        max: Option<Decimal> => "max",
    }

    /// A file that belongs to a product.
    ApixAttachment {
        /// The type, such as `PPI`.
        kind: Option<String> => "type",
        /// Its address.
        location: Option<String> => "location",
        /// The title.
        title: Option<String> => "title",
        /// What it shows.
        description: Option<String> => "description",
        /// Its place among the others.
        presentation_order: Option<u64> => "presentationOrder",
    }

    /// A code, with its meaning.
    ApixClass {
        /// The code.
        code: Option<String> => "code",
        /// The meaning.
        description: Option<String> => "description",
    }
}
