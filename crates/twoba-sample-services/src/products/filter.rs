//! The features and values by which the products of a class can be filtered.

use std::collections::BTreeMap;

use super::catalog::{Product, Property, Value};
use super::record::{Decimal, question, record};
use super::vocabulary::Class;

question! {
    /// The product has one of these values for this feature.
    FeatureA {
        feature_id: String => "FeatureId",
        values: Vec<String> => "ValueList",
    }

    /// The product's number for this feature is between these two, inclusive.
    FeatureN {
        feature_id: String => "FeatureId",
        minimum: Decimal => "ValueMin",
        maximum: Decimal => "ValueMax",
    }
}

record! {
    /// The filters for the products of a class.
    FilterList {
        features: Vec<Filter> => "Features",
    }

    /// A feature with its values or its range of numbers among the products.
    Filter {
        feature_id: &'static str => "FeatureID",
        description: &'static str => "Description",
        nature: &'static str => "Type",
        unit: Option<&'static str> => "UnitShortNotation",
        values: Vec<FilterValue> => "Values",
        minimum: Option<Decimal> => "ValueMin",
        maximum: Option<Decimal> => "ValueMax",
    }

    /// A value, and how many products have it.
    FilterValue {
        value_id: &'static str => "ValueID",
        description: &'static str => "ValueDescription",
        count: u64 => "Count",
    }
}

/// Whether a product passes every filter.
pub(super) fn passes(product: &Product, listed: &[FeatureA], numeric: &[FeatureN]) -> bool {
    let has = |code: &str, fits: &dyn Fn(Value) -> bool| {
        product
            .properties
            .iter()
            .any(|property| property.feature.code == code && fits(property.value))
    };
    listed.iter().all(|filter| {
        has(&filter.feature_id, &|value| match value {
            Value::Listed(code, _) => filter.values.iter().any(|wanted| wanted == code),
            Value::Logical(_) | Value::Numeric(_) | Value::Range(..) | Value::Unknown => false,
        })
    }) && numeric.iter().all(|filter| {
        has(&filter.feature_id, &|value| match span(value) {
            Some((lower, upper)) => lower <= filter.maximum && upper >= filter.minimum,
            None => false,
        })
    })
}

/// The features of a class, over these products.
pub(super) fn filters(class: &Class, products: &[&'static Product]) -> FilterList {
    let features = class
        .features
        .iter()
        .filter_map(|code| {
            let of_feature = |property: &&'static Property| property.feature.code == *code;
            let properties: Vec<_> = products
                .iter()
                .flat_map(|product| &product.properties)
                .filter(of_feature)
                .collect();
            filter(&properties)
        })
        .collect();
    FilterList { features }
}

/// The filter of a feature; `None` if no product has the feature.
fn filter(properties: &[&'static Property]) -> Option<Filter> {
    let feature = properties.first()?.feature;
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for property in properties {
        if let Some(value) = choice(property.value) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let spans = || {
        properties
            .iter()
            .filter_map(|property| span(property.value))
    };
    Some(Filter {
        feature_id: feature.code,
        description: feature.description,
        nature: feature.nature.letter(),
        unit: feature.unit,
        values: counts
            .into_iter()
            .map(|((value_id, description), count)| FilterValue {
                value_id,
                description,
                count,
            })
            .collect(),
        minimum: spans().map(|(lower, _)| lower).min(),
        maximum: spans().map(|(_, upper)| upper).max(),
    })
}

/// The code and the meaning of a selectable value.
const fn choice(value: Value) -> Option<(&'static str, &'static str)> {
    match value {
        Value::Listed(code, meaning) => Some((code, meaning)),
        Value::Logical(true) => Some(("true", "Ja")),
        Value::Logical(false) => Some(("false", "Nee")),
        Value::Numeric(_) | Value::Range(..) | Value::Unknown => None,
    }
}

/// The range of a number.
const fn span(value: Value) -> Option<(Decimal, Decimal)> {
    match value {
        Value::Numeric(number) => Some((number, number)),
        Value::Range(lower, upper) => Some((lower, upper)),
        Value::Listed(..) | Value::Logical(_) | Value::Unknown => None,
    }
}
