//! What is told of a product, part by part.

use serde_json::{Map, Value, json};

use super::filter::{Filter, RELEASE};
use super::life_cycle;
use super::operation::ProductPart;
use super::whole::{joined, object, rows};
use crate::form::Encoded;
use crate::problem::Problem;
use crate::products::{Measured, Product, Property, Size, address, file_name, of_maker, products};

type Object = Map<String, Value>;

/// The maker whose attachments the whole of a product does not include.
const WITHOUT_ATTACHMENTS: &str = "2008710000059";

/// One product, or a part of it. Without the product a part is empty, and the whole is not found.
pub(super) fn one(
    url: &str,
    (gln, number): (&str, &str),
    part: ProductPart,
    filter: &Filter,
) -> Result<Value, Problem> {
    let product = of_maker(gln, number);
    let members = match (part, product) {
        (ProductPart::Whole, None) => return Err(Problem::not_found()),
        (ProductPart::Whole, Some(product)) => whole(url, product, filter),
        (ProductPart::Details, product) => member("details", product.map(details)),
        (ProductPart::Descriptions, product) => list(
            "descriptions",
            product.map(|product| descriptions(product, filter)),
        ),
        (ProductPart::Classifications, product) => list(
            "etimClassifications",
            product.map(|product| classes(product, filter)),
        ),
        (ProductPart::LifeCycle, product) => member(
            "lcaEnvironmental",
            product.and_then(|product| life_cycle(product, filter)),
        ),
        (ProductPart::Attachments, product) => list(
            "attachments",
            product.map(|product| attachments(url, product)),
        ),
    };
    Ok(json!({ "data": joined([&ids(gln, number), &members]) }))
}

/// The rows of all products that are asked for.
pub(super) fn all(url: &str, part: ProductPart, filter: &Filter) -> Vec<Value> {
    let mut all = Vec::new();
    for product in products()
        .iter()
        .filter(|product| is_wanted(product, filter))
    {
        let is_of = |gln: &str| gln == product.maker.gln;
        if filter.gln.as_deref().is_none_or(is_of) {
            let parts = flat(url, product, part, filter);
            all.extend(rows(&ids(product.maker.gln, product.code), &parts));
        }
    }
    all
}

/// Whether a product is of the selection, and has changed since the time that is asked for.
pub(super) fn is_wanted(product: &Product, filter: &Filter) -> bool {
    let (selection, since) = (filter.selection.as_deref(), filter.since.as_deref());
    selection.is_none_or(|class| class == product.class.code)
        && since.is_none_or(|since| changed(product).as_str() >= since)
}

/// When a product changed last: some time in 2025.
fn changed(product: &Product) -> String {
    let (month, day) = (1 + product.id % 12, 1 + product.id % 28);
    format!("2025-{month:02}-{day:02}T08:30:00Z")
}

fn ids(gln: &str, number: &str) -> Object {
    object([
        ("manufacturerIdGln", json!(gln)),
        ("manufacturerProductNumber", json!(number)),
    ])
}

/// A member that may be null.
fn member(name: &str, value: Option<Object>) -> Object {
    Object::from_iter([(name.to_owned(), value.into())])
}

/// A list, empty where there is no product.
pub(super) fn list(name: &str, values: Option<Vec<Object>>) -> Object {
    Object::from_iter([(name.to_owned(), values.unwrap_or_default().into())])
}

fn whole(url: &str, product: &Product, filter: &Filter) -> Object {
    let mut whole = member("details", Some(details(product)));
    whole.extend(list("descriptions", Some(descriptions(product, filter))));
    whole.extend(list("etimClassifications", Some(classes(product, filter))));
    if let Some(declaration) = life_cycle(product, filter) {
        whole.extend(member("lcaEnvironmental", Some(declaration)));
    }
    let included = product.maker.gln != WITHOUT_ATTACHMENTS;
    let attachments = included.then(|| attachments(url, product));
    whole.insert("attachments".to_owned(), attachments.into());
    whole
}

/// The rows of a part in a list of many.
fn flat(url: &str, product: &Product, part: ProductPart, filter: &Filter) -> Vec<Object> {
    match part {
        ProductPart::Whole | ProductPart::Details => vec![details(product)],
        ProductPart::Descriptions => descriptions(product, filter),
        ProductPart::Classifications => {
            let features = features(product);
            let class = filter.wants_release().then(|| class(product));
            let class = class
                .iter()
                .flat_map(|class| features.iter().map(|feature| merged(class, feature)));
            class.collect()
        }
        ProductPart::LifeCycle => {
            let (declaration, stages) = life_cycle::of(product, filter).unwrap_or_default();
            stages
                .iter()
                .map(|stage| merged(&declaration, stage))
                .collect()
        }
        ProductPart::Attachments => files(url, product)
            .into_iter()
            .zip(1..)
            .map(|(file, order)| merged(&kind(order), &file))
            .collect(),
    }
}

/// The members of both.
pub(super) fn merged(one: &Object, other: &Object) -> Object {
    one.iter()
        .chain(other)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn details(product: &Product) -> Object {
    // Each eleventh is not made any more.
    let is_over = product.id.is_multiple_of(11);
    object([
        ("productGtins", json!([product.gtin])),
        ("unbrandedProduct", json!(false)),
        ("brandName", json!(product.maker.name)),
        ("productValidityDate", json!("2024-01-01")),
        (
            "productObsolescenceDate",
            if is_over {
                json!("2025-12-31")
            } else {
                Value::Null
            },
        ),
        ("customsCommodityCode", json!("39259020")),
        ("factorCustomsCommodityCode", json!(0.125)),
        ("countryOfOrigin", json!(["NL"])),
        (
            "productStatus",
            json!(if is_over {
                "PLANNED WITHDRAWAL"
            } else {
                "ACTIVE"
            }),
        ),
        ("productType", json!("PHYSICAL")),
        ("customisableProduct", json!(false)),
        ("hasSerialNumber", json!(false)),
        ("warrantyConsumer", json!(24)),
        (
            "relatedManufacturerProductGroup",
            json!([product.class.code]),
        ),
    ])
}

/// In Dutch, and in a few words of English.
fn descriptions(product: &Product, filter: &Filter) -> Vec<Object> {
    let page = format!("https://example.com/{}", Encoded(product.code));
    let dutch = object([
        ("descriptionLanguage", json!("nl-NL")),
        ("minimalProductDescription", json!(product.description)),
        (
            "uniqueMainProductDescription",
            json!(format!("{} ({})", product.description, product.code)),
        ),
        ("fullProductDescription", json!(product.long_description)),
        (
            "productKeyword",
            json!([product.class.description, product.model]),
        ),
        ("productPageUrl", json!(page)),
    ]);
    let english = object([
        ("descriptionLanguage", json!("en-GB")),
        (
            "minimalProductDescription",
            json!(format!("{} ({})", product.model, product.maker.name)),
        ),
    ]);
    let all = [("nl-NL", dutch), ("en-GB", english)].into_iter();
    all.filter(|(tag, _)| filter.wants_language(tag))
        .map(|(_, text)| text)
        .collect()
}

fn class(product: &Product) -> Object {
    object([
        ("etimClassCode", json!(product.class.code)),
        ("etimClassVersion", json!(1)),
        ("etimReleaseVersion", json!(RELEASE)),
    ])
}

fn classes(product: &Product, filter: &Filter) -> Vec<Object> {
    let features: Value = features(product).into();
    let with_features = |mut class: Object| {
        class.insert("etimFeatures".to_owned(), features);
        class
    };
    filter
        .wants_release()
        .then(|| class(product))
        .map(with_features)
        .into_iter()
        .collect()
}

fn features(product: &Product) -> Vec<Object> {
    product.properties.iter().map(feature).collect()
}

fn feature(property: &Property) -> Object {
    let code = ("etimFeatureCode", json!(property.feature.code));
    match property.value {
        Measured::Listed(value, meaning) => {
            let details = json!([{"language": "nl-NL", "etimValueDetails": meaning}]);
            object([
                code,
                ("etimValueCode", json!(value)),
                ("etimValueDetails", details),
            ])
        }
        Measured::Logical(value) => object([code, ("etimValueLogical", json!(value))]),
        Measured::Numeric(value) => object([code, ("etimValueNumeric", json!(value))]),
        Measured::Range(lower, upper) => object([
            code,
            ("etimValueRangeLower", json!(lower)),
            ("etimValueRangeUpper", json!(upper)),
        ]),
        Measured::Unknown => object([code, ("reasonNoValue", json!("UN"))]),
    }
}

fn life_cycle(product: &Product, filter: &Filter) -> Option<Object> {
    let (mut declaration, stages) = life_cycle::of(product, filter)?;
    declaration.insert("lcaDeclaration".to_owned(), stages.into());
    Some(declaration)
}

fn kind(order: u64) -> Object {
    object([
        ("attachmentType", json!("ATX015")),
        (
            "attachmentTypeSpecification",
            if order > 1 {
                json!("MDX002")
            } else {
                Value::Null
            },
        ),
        ("attachmentOrder", json!(order)),
    ])
}

fn attachments(url: &str, product: &Product) -> Vec<Object> {
    let files = files(url, product).into_iter().zip(1..);
    let attachment = |(mut file, order): (Object, u64)| {
        file.insert("attachmentLanguage".to_owned(), json!(["nl-NL"]));
        let text = json!([{"language": "nl-NL", "attachmentDescription": product.description}]);
        file.insert("attachmentDescription".to_owned(), text);
        merged(
            &kind(order),
            &object([("attachmentDetails", json!([file]))]),
        )
    };
    files.map(attachment).collect()
}

/// The pictures of a product, as the JSON services have them.
pub(super) fn files(url: &str, product: &Product) -> Vec<Object> {
    let file = |size: Size| {
        object([
            ("attachmentFilename", json!(file_name(product, size))),
            ("attachmentUri", json!(address(url, product, size))),
            ("attachmentIssueDate", json!("2025-01-01")),
        ])
    };
    [Size::Plain, Size::Large].map(file).into()
}
