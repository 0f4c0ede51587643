//! What was selected, whichever way it came.

use serde::Serialize;
use serde::de::{Deserializer as _, Error, SeqAccess, Visitor};
use serde_json::Deserializer;
use std::fmt;

use super::interface::InterfaceType;
use crate::record::{Read, record};

/// How many items a selection may have.
pub(super) const ITEMS_MAX: usize = 10_000;

/// What was selected in Unifeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Selection {
    /// By which way it came.
    #[serde(rename = "InterfaceType")]
    pub way: InterfaceType,
    /// The articles or products, in Unifeed's order.
    #[serde(rename = "Items")]
    pub items: Vec<SelectedItem>,
    /// The object that Unifeed has stored, with `JSONGET`.
    #[serde(rename = "Object")]
    pub object: Option<UnifeedObject>,
}

record! {
    /// An article or a product that was selected. Which members are there depends on the way that it came.
    ///
    /// Numbers are texts, as Unifeed sends them; [`Decimal::parse`](crate::Decimal::parse) reads them.
    SelectedItem {
        /// 2BA's number of the article, with `SERVERJSONPOST`.
        id: Option<u64> => "Id",
        /// The product: a GUID or a number.
        product_id: Option<String> => "ProductId",
        /// A description.
        description: Option<String> => "Description",
        /// The supplier's GLN.
        supplier_gln: Option<String> => "SupplierGLN",
        /// The supplier's name.
        supplier_name: Option<String> => "SupplierName",
        /// The supplier's number of the article.
        trade_item_id: Option<String> => "SuppliersTradeItemId",
        /// The price of one order unit.
        price_per_order_unit: Option<String> => "PricePerOrderUnit",
        /// How the price was found, such as `OriginalGrossPrice`.
        method: Option<String> => "Method",
        /// How many.
        quantity: Option<String> => "Quantity",
        /// The unit of the quantity, with `OCI`.
        unit: Option<String> => "Unit",
        /// The price of all pieces together, with `OCI`.
        price: Option<String> => "Price",
        /// How many the price is for, with `OCI`.
        price_unit: Option<String> => "PriceUnit",
        /// The currency of the price, with `OCI`.
        currency: Option<String> => "Currency",
        /// The manufacturer's code of the product, with `OCI`.
        productcode: Option<String> => "Productcode",
        /// The buyer's own number of the article, with `OCI`.
        material_number: Option<String> => "MaterialNumber",
        /// A longer description, with `OCI`.
        long_text: Option<String> => "LongText",
    }

    /// An object that Unifeed has stored.
    UnifeedObject {
        /// What kind of object: `interface`, `productselection` or `composition` were seen.
        kind: Option<String> => "Type",
        /// Its number.
        id: Option<u64> => "Id",
    }
}

/// Why a text is no selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    NotJson,
    Unexpected,
    TooMany,
}

impl Selection {
    /// What a text of JSON says: a list of items, one item, or the object that Unifeed has stored.
    pub(super) fn of_json(way: InterfaceType, json: &[u8]) -> Result<Self, Unfit> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
        let mut selection = Self {
            way,
            items: Vec::new(),
            object: None,
        };
        if first == Some(&b'[') {
            selection.items = list(json)?;
            return Ok(selection);
        }
        let object: UnifeedObject = serde_json::from_slice(json).map_err(|error| unfit(&error))?;
        if object.kind.is_some() {
            selection.object = Some(object);
        } else {
            let item = serde_json::from_slice(json).map_err(|error| unfit(&error))?;
            selection.items.push(item);
        }
        Ok(selection)
    }
}

/// The items of a list, as many as may be.
fn list(json: &[u8]) -> Result<Vec<SelectedItem>, Unfit> {
    struct Items<'m>(&'m mut bool);

    impl<'de> Visitor<'de> for Items<'_> {
        type Value = Vec<SelectedItem>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = list.next_element_seed(Read::new())? {
                if items.len() == ITEMS_MAX {
                    *self.0 = true;
                    return Err(A::Error::custom("too many"));
                }
                items.push(item);
            }
            Ok(items)
        }
    }

    let mut are_too_many = false;
    let mut reader = Deserializer::from_slice(json);
    let items = reader.deserialize_seq(Items(&mut are_too_many));
    let items = items.and_then(|items| reader.end().map(|()| items));
    items.map_err(|error| {
        if are_too_many {
            Unfit::TooMany
        } else {
            unfit(&error)
        }
    })
}

fn unfit(error: &serde_json::Error) -> Unfit {
    if error.is_data() {
        Unfit::Unexpected
    } else {
        Unfit::NotJson
    }
}

#[cfg(test)]
mod tests;
