//! What ApiX tells of an ETIM class.

use serde_json::{Value, json};

use crate::products::{CLASSES, Nature, feature_of};

/// The class of this code, with the features of its products.
pub(super) fn told(code: &str) -> Option<Value> {
    let class = CLASSES.iter().find(|class| class.code == code)?;
    let features = class.features.iter().filter_map(|code| feature_of(code));
    let features = features.zip(1..).map(|(feature, order): (_, u64)| {
        json!({
            "code": feature.code,
            "description": feature.description,
            "portCode": 0,
            "type": kind(feature.nature),
            "unit": feature.unit.map(|unit| json!({ "abbreviation": unit })),
            "orderNumber": order,
        })
    });
    Some(json!({
        "code": class.code,
        "version": 1,
        "description": class.description,
        "synonyms": [],
        "isModelling": false,
        "features": features.collect::<Value>(),
    }))
}

/// ApiX's word for the nature of a feature, as the texts of 2BA's file spell it.
pub(super) const fn kind(nature: Nature) -> &'static str {
    match nature {
        Nature::Alphanumeric => "AlphaNumeric",
        Nature::Logical => "Logical",
        Nature::Numeric => "Numeric",
        Nature::Range => "Range",
    }
}
