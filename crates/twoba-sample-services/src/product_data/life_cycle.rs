//! What the invented cable ducts do to the environment. The numbers are as invented as the products.

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::whole::object;
use crate::products::Product;

type Object = Map<String, Value>;

/// The declaration and its stages, for the products of makers who have one.
pub(super) fn of(product: &Product, filter: &Filter) -> Option<(Object, Vec<Object>)> {
    if product.maker.gln != "2008710000011" {
        return None;
    }
    let declaration = object([
        ("declaredUnitUnit", json!("PCE")),
        ("declaredUnitQuantity", json!(1)),
        ("lcaReferenceLifetime", json!(50)),
        ("thirdPartyVerification", json!("externally")),
        ("epdValidityStartDate", json!("2025-01-01")),
        ("epdValidityExpiryDate", json!("2029-12-31")),
        ("epdOperatorName", json!("Verklaringen & Co. (verzonnen)")),
        ("epdOperatorUri", json!("https://example.com/epd")),
        ("operatorEpdId", json!(format!("EPD-{}", product.id))),
        (
            "productCategoryRulesDescription",
            json!("Regels voor kabelgoten (verzonnen)"),
        ),
    ]);
    let kilograms = product.grams as f64 / 1000.0;
    let stages = [
        // More than comes out of the chimney is taken up by what grows again.
        (
            "A1-A3",
            json!({"declaredUnitGwpTotal": 2.5 * kilograms, "declaredUnitGwpBiogenic": -0.125 * kilograms, "declaredUnitOdp": 1.25e-7}),
        ),
        ("A4", json!({"declaredUnitGwpTotal": 0.0625 * kilograms})),
        ("C4", json!({})),
        ("D", json!({"declaredUnitGwpTotal": -0.5 * kilograms})),
    ];
    let stages = stages
        .into_iter()
        .filter(|(stage, _)| filter.wants_stage(stage));
    let stages = stages.map(|(stage, indicators)| {
        let indicators = indicators.as_object().cloned().unwrap_or_default();
        let indicator = if indicators.is_empty() { "MND" } else { "MDE" };
        let mut declared = object([
            ("lifeCycleStage", json!(stage)),
            ("lcaDeclarationIndicator", json!(indicator)),
        ]);
        declared.extend(indicators);
        declared
    });
    Some((declaration, stages.collect()))
}
