//! What ApiX tells of a product.

use serde_json::{Value, json};

use super::class::kind;
use crate::products::{Measured, Product, Property, Size, address, file_name};

/// A product with its features and attachments. Members that the emulator has nothing for are null.
pub(super) fn told(url: &str, product: &Product) -> Value {
    let class = product.class;
    let modelling = class.modelling;
    let modelling = modelling.map(|code| json!({ "code": code, "description": class.description }));
    json!({
        "id": product.id,
        "shortDescription": product.description,
        "longDescription": product.long_description,
        "manufacturerGln": product.maker.gln,
        "manufacturerName": product.maker.name,
        "productCode": product.code,
        "gtin": product.gtin,
        "deeplink": format!("{url}/unifeed/?p={}", product.product_id),
        "brand": product.maker.name,
        "model": product.model,
        "version": null,
        "etimClass": { "code": class.code, "description": class.description },
        "modellingClass": modelling,
        "status": { "code": "126", "description": "regular" },
        "weightQuantity": product.grams as f64 / 1000.0,
        "weightMeasureUnit": { "code": "KGM", "description": "Kilogram" },
        "successorGtin": null,
        "successorProductCode": null,
        "predecessorGtin": null,
        "predecessorProductCode": null,
        "features": product.properties.iter().zip(1..).map(feature).collect::<Value>(),
        "changeDate": null,
        "startDate": "2025-01-01T00:00:00",
        "isDeleted": false,
        "isDummy": true,
        "hasImage": true,
        "attachments": attachments(url, product),
    })
}

fn feature((property, order): (&Property, u64)) -> Value {
    let feature = property.feature;
    let mut told = json!({
        "code": feature.code,
        "description": feature.description,
        "unit": feature.unit.map(|unit| json!({ "abbreviation": unit })),
        "alphaNumericValue": null,
        "numericValue": null,
        "rangeValue": null,
        "logicalValue": null,
        "type": kind(feature.nature),
        "isModelling": false,
        "isRegular": true,
        "orderNumberModelling": 0,
        "orderNumberRegular": order,
        "portCode": 0,
    });
    let value = match property.value {
        Measured::Listed(code, meaning) => Some((
            "alphaNumericValue",
            json!({ "code": code, "description": meaning }),
        )),
        Measured::Logical(value) => Some(("logicalValue", json!(value))),
        Measured::Numeric(value) => Some(("numericValue", json!(value))),
        Measured::Range(lower, upper) => {
            Some(("rangeValue", json!({ "min": lower, "max": upper })))
        }
        Measured::Unknown => None,
    };
    if let (Some((name, value)), Some(members)) = (value, told.as_object_mut()) {
        members.insert(name.to_owned(), value);
    }
    told
}

/// The pictures of a product, as the JSON services have them.
fn attachments(url: &str, product: &Product) -> Value {
    let attachment = |(size, order): (Size, u64)| {
        json!({
            "type": size.kind(),
            "location": address(url, product, size),
            "title": file_name(product, size),
            "description": product.description,
            "presentationOrder": order,
        })
    };
    [Size::Plain, Size::Large]
        .into_iter()
        .zip(1..)
        .map(attachment)
        .collect()
}
