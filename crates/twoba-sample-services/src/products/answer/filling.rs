//! Fills the members of an answer from a product, an offer or a supplier.

use super::{
    Attachment, ErrorDocument, FeatureValue, ModellingFeature, ModellingProduct, Participant,
    ProductByGtin, ProductDetails, ProductOfTradeItem, ProductSummary, TradeItem,
};
use crate::products::catalog::{Offer, Product, Property, Value};
use crate::products::picture::{Size, address, file_name};
use crate::products::problem::Problem;
use crate::products::record::Decimal;
use crate::products::vocabulary::{Nature, Party};

impl ErrorDocument {
    pub(crate) fn of(problem: Problem) -> Self {
        Self {
            is_error: true,
            error_message: problem.message,
            status: problem.name,
        }
    }
}

impl ProductSummary {
    pub(in crate::products) fn of(product: &'static Product) -> Self {
        Self {
            id: product.id,
            product_id: product.product_id,
            description: product.description,
            long_description: product.long_description,
            gtin: &product.gtin,
            productcode: product.code,
            manufacturer_gln: product.maker.gln,
            manufacturer_name: product.maker.name,
            model: product.model,
            product_class_id: product.class.code,
            product_class_description: product.class.description,
        }
    }
}

impl ProductDetails {
    pub(in crate::products) fn of(
        product: &'static Product,
        url: &str,
        with_features: bool,
    ) -> Self {
        let grams = i64::try_from(product.grams).unwrap_or(i64::MAX);
        Self {
            id: product.id,
            product_id: product.product_id,
            description: product.description,
            long_description: product.long_description,
            gtin: &product.gtin,
            productcode: product.code,
            manufacturer_gln: product.maker.gln,
            manufacturer_name: product.maker.name,
            model: product.model,
            version: None,
            weight_quantity: Decimal::thousandths(grams),
            weight_unit: "kg",
            product_class_id: product.class.code,
            product_class_description: product.class.description,
            deeplink: format!("{url}/unifeed/?p={}", product.product_id),
            features: with_features.then(|| features(product)),
        }
    }
}

impl ProductByGtin {
    pub(in crate::products) fn of(product: &'static Product) -> Self {
        Self {
            id: product.id,
            description: product.description,
            gtin: &product.gtin,
            productcode: product.code,
            manufacturer_gln: product.maker.gln,
            manufacturer_name: product.maker.name,
        }
    }
}

impl ProductOfTradeItem {
    pub(in crate::products) fn of(product: &'static Product) -> Self {
        Self {
            id: product.id,
            product_id: product.product_id,
            description: product.description,
            gtin: &product.gtin,
            productcode: product.code,
            manufacturer_gln: product.maker.gln,
            manufacture: product.maker.name,
        }
    }
}

impl ModellingProduct {
    pub(in crate::products) fn of(product: &'static Product) -> Self {
        let drawn = product.class.modelling.is_some();
        Self {
            id: product.id,
            brand: product.maker.name,
            description: product.description,
            gtin: &product.gtin,
            productcode: product.code,
            manufacturer_gln: product.maker.gln,
            manufacturer_name: product.maker.name,
            model: product.model,
            product_class_id: product.class.code,
            modelling_class: product.class.modelling,
            features: features(product),
            modelling_features: if drawn { measures(product) } else { Vec::new() },
        }
    }
}

fn features(product: &'static Product) -> Vec<FeatureValue> {
    product.properties.iter().map(FeatureValue::of).collect()
}

impl FeatureValue {
    fn of(property: &'static Property) -> Self {
        let mut answer = Self {
            feature_id: property.feature.code,
            description: property.feature.description,
            nature: property.feature.nature.letter(),
            logical: None,
            numeric: None,
            lower: None,
            upper: None,
            value_id: None,
            value_description: None,
            unit: property.feature.unit,
        };
        match property.value {
            Value::Listed(code, meaning) => {
                answer.value_id = Some(code);
                answer.value_description = Some(meaning);
            }
            Value::Logical(value) => answer.logical = Some(value),
            Value::Numeric(value) => answer.numeric = Some(value),
            Value::Range(lower, upper) => {
                answer.lower = Some(lower);
                answer.upper = Some(upper);
            }
            Value::Unknown => {}
        }
        answer
    }
}

/// The numeric features as measurements of the first port, which is at the origin.
fn measures(product: &'static Product) -> Vec<ModellingFeature> {
    let numeric = |property: &&Property| property.feature.nature == Nature::Numeric;
    let zero = Some(Decimal::thousandths(0));
    product
        .properties
        .iter()
        .filter(numeric)
        .zip('A'..='Z')
        .map(|(property, letter)| ModellingFeature {
            feature_id: property.feature.code,
            description: property.feature.description,
            nature: property.feature.nature.letter(),
            numeric: match property.value {
                Value::Numeric(value) => Some(value),
                Value::Listed(..) | Value::Logical(_) | Value::Range(..) | Value::Unknown => None,
            },
            unit: property.feature.unit,
            portcode: 1,
            drawing_code: letter.to_string(),
            x: zero,
            y: zero,
            z: zero,
        })
        .collect()
}

impl Attachment {
    pub(in crate::products) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// The attachments of a product: a picture (`PPI`) and a larger one (`PHI`).
    pub(in crate::products) fn all(product: &'static Product, url: &str) -> Vec<Self> {
        [
            (Size::Plain, "Productfoto"),
            (Size::Large, "Productfoto, groot"),
        ]
        .into_iter()
        .zip(1..)
        .map(|((size, description), presentation_order)| Self {
            kind: size.kind(),
            title: format!("{description} {}", product.model),
            description,
            url: address(url, product, size),
            file_name: file_name(product, size),
            language_code: "nl-NL",
            presentation_order,
        })
        .collect()
    }
}

impl TradeItem {
    pub(in crate::products) fn of(product: &'static Product, offer: &'static Offer) -> Self {
        Self {
            id: offer.id,
            product_id: product.product_id,
            trade_item_id: &offer.trade_item_id,
            description: product.description,
            gtin: &product.gtin,
            supplier_gln: offer.supplier.gln,
            supplier_name: offer.supplier.name,
            manufacturer_gln: product.maker.gln,
            productcode: product.code,
            gross_price: offer.price,
            price_unit: "PCE",
            price_unit_factor: offer.packing,
            order_unit: "PCE",
            minimum_order_quantity: offer.packing,
            order_step_size: offer.packing,
        }
    }
}

impl Participant {
    pub(in crate::products) fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    /// The qualities of a supplier's data. They rise with its place in the list.
    pub(in crate::products) fn of(supplier: &'static Party, place: i64) -> Self {
        Self {
            gln: supplier.gln,
            name: supplier.name,
            kind: "Datasupplier",
            step_four: Decimal::thousandths(61_500 + place * 9_250),
            step_five: Decimal::thousandths(40_000 + place * 12_500),
        }
    }
}
