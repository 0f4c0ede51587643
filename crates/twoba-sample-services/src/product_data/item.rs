//! What is told of a trade item, part by part, and of its price and stock.

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::operation::{ItemPart, Operation};
use super::product::{files, is_wanted, list, merged};
use super::whole::{joined, object, rows, ten_thousandths};
use crate::problem::Problem;
use crate::products::{Measured, Offer, Product, all_sold};

type Object = Map<String, Value>;
type Sold = (&'static Product, &'static Offer);

/// The supplier whose prices the whole of a trade item does not include.
const WITHOUT_PRICES: &str = "2008710000134";

/// One trade item, or a part of it. Without the item a part is empty, and the whole is not found.
pub(super) fn one(
    url: &str,
    (gln, number): (&str, &str),
    part: ItemPart,
    filter: &Filter,
) -> Result<Value, Problem> {
    let sold = find(gln, number);
    let members = match (part, sold) {
        (ItemPart::Whole, None) => return Err(Problem::not_found()),
        (ItemPart::Whole, Some(sold)) => whole(url, sold, filter),
        (ItemPart::Details, sold) => maybe("details", sold.map(details)),
        (ItemPart::Ordering, sold) => maybe("ordering", sold.map(ordering)),
        (part, sold) => {
            let values = sold.map(|sold| values(url, sold, part, filter));
            list(name(part), values)
        }
    };
    Ok(json!({ "data": joined([&ids(gln, number), &members]) }))
}

/// The rows of all trade items that are asked for.
pub(super) fn all(url: &str, part: ItemPart, filter: &Filter) -> Vec<Value> {
    let mut all = Vec::new();
    for sold in all_sold().filter(|(product, _)| is_wanted(product, filter)) {
        let (
            _,
            Offer {
                supplier,
                trade_item_id,
                ..
            },
        ) = sold;
        if filter.gln.as_deref().is_none_or(|gln| gln == supplier.gln) {
            let parts = if part == ItemPart::Pricings {
                flat_prices(sold)
            } else {
                values(url, sold, part, filter)
            };
            all.extend(rows(&ids(supplier.gln, trade_item_id), &parts));
        }
    }
    all
}

/// What a quantity costs whoever asks: 15 % less than the list says.
pub(super) fn net_price(operation: &Operation, filter: &Filter) -> Result<Value, Problem> {
    let (gln, number) = operation.numbers()?;
    let sold = match operation.is_by_gtin() {
        true => all_sold().find(|(product, offer)| {
            offer.supplier.gln == gln
                && product.gtin.trim_start_matches('0') == number.trim_start_matches('0')
        }),
        false => find(gln, number),
    };
    let name = if operation.is_by_gtin() {
        "itemGtin"
    } else {
        "supplierItemNumber"
    };
    let (_, offer) =
        sold.ok_or_else(|| Problem::wrong(name, "The supplier sells no such item."))?;
    let price = offer.price.in_thousandths() * 85 / 10;
    Ok(json!({
        "netPriceInOrderUnit": ten_thousandths(price),
        "currency": "EUR",
        "quantity": ten_thousandths(filter.quantity.unwrap_or(10_000)),
    }))
}

/// What the supplier has, which is nothing of what he does not sell.
pub(super) fn stock((gln, number): (&str, &str)) -> Value {
    let quantity = find(gln, number).map_or(0, |(_, offer)| offer.id % 7 * 5);
    json!({ "data": { "quantity": quantity, "available": quantity > 0 } })
}

fn find(gln: &str, number: &str) -> Option<Sold> {
    all_sold().find(|(_, offer)| offer.supplier.gln == gln && offer.trade_item_id == number)
}

fn ids(gln: &str, number: &str) -> Object {
    object([
        ("supplierIdGln", json!(gln)),
        ("supplierItemNumber", json!(number)),
    ])
}

/// A member that may be null.
fn maybe(name: &str, value: Option<Object>) -> Object {
    Object::from_iter([(name.to_owned(), value.into())])
}

const fn name(part: ItemPart) -> &'static str {
    match part {
        ItemPart::Whole | ItemPart::Details => "details",
        ItemPart::Descriptions => "descriptions",
        ItemPart::Ordering => "ordering",
        ItemPart::Pricings => "pricings",
        ItemPart::Relations => "relations",
        ItemPart::Logistics => "logisticDetails",
        ItemPart::Attachments => "attachments",
        ItemPart::Enclosed => "enclosedItems",
    }
}

fn values(url: &str, sold: Sold, part: ItemPart, filter: &Filter) -> Vec<Object> {
    match part {
        ItemPart::Whole | ItemPart::Details => vec![details(sold)],
        ItemPart::Descriptions => descriptions(sold, filter),
        ItemPart::Ordering => vec![ordering(sold)],
        ItemPart::Pricings => vec![price(sold)],
        ItemPart::Relations => relations(sold),
        ItemPart::Logistics => vec![sizes(sold.0)],
        ItemPart::Attachments => attachments(url, sold),
        ItemPart::Enclosed => enclosed(sold),
    }
}

fn whole(url: &str, sold: Sold, filter: &Filter) -> Object {
    let mut whole = object([
        ("details", details(sold).into()),
        ("ordering", ordering(sold).into()),
    ]);
    for part in [
        ItemPart::Descriptions,
        ItemPart::Relations,
        ItemPart::Logistics,
        ItemPart::Attachments,
    ] {
        whole.extend(list(name(part), Some(values(url, sold, part, filter))));
    }
    let prices = (sold.1.supplier.gln != WITHOUT_PRICES).then(|| vec![price_with_surcharges(sold)]);
    whole.insert("pricings".to_owned(), prices.into());
    whole.extend(list("packagingUnits", Some(packages(sold))));
    whole
}

fn details((product, offer): Sold) -> Object {
    object([
        ("manufacturerItemNumber", json!(product.code)),
        ("manufacturerIdGln", json!(product.maker.gln)),
        ("manufacturerProductNumber", json!(product.code)),
        ("itemGtins", json!([product.gtin])),
        ("discountGroupId", json!(product.class.code)),
        ("itemValidityDate", json!("2024-01-01")),
        ("itemStatus", json!("ACTIVE")),
        ("itemCondition", json!("NEW")),
        ("stockItem", json!(offer.packing == 1)),
    ])
}

fn descriptions((product, _): Sold, filter: &Filter) -> Vec<Object> {
    let text = object([
        ("descriptionLanguage", json!("nl-NL")),
        ("minimalItemDescription", json!(product.description)),
        ("uniqueMainItemDescription", json!(product.long_description)),
        ("discountGroupDescription", json!(product.class.description)),
    ]);
    filter
        .wants_language("nl-NL")
        .then_some(text)
        .into_iter()
        .collect()
}

/// Pieces, or packages of several.
const fn unit(offer: &Offer) -> &'static str {
    if offer.packing == 1 { "C62" } else { "PK" }
}

fn ordering((_, offer): Sold) -> Object {
    object([
        ("orderUnit", json!(unit(offer))),
        ("minimumOrderQuantity", json!(1)),
        ("orderStepSize", json!(1)),
        ("standardOrderLeadTime", json!(2)),
        ("useUnit", json!("C62")),
        ("useUnitConversionFactor", json!(offer.packing)),
    ])
}

fn price((_, offer): Sold) -> Object {
    object([
        ("priceUnit", json!(unit(offer))),
        ("priceQuantity", json!(1)),
        ("currencyCode", json!("EUR")),
        ("priceOnRequest", json!(false)),
        ("grossListPrice", json!(offer.price)),
        ("vat", json!(21)),
        ("priceValidityDate", json!("2026-01-01")),
    ])
}

/// Two of them, for what comes in packages.
fn surcharges((_, offer): Sold) -> Vec<Object> {
    let surcharges = [
        object([
            ("allowanceSurchargeIndicator", json!("SURCHARGE")),
            ("allowanceSurchargeType", json!("PAD")),
            ("allowanceSurchargeAmount", json!(0.35)),
            ("allowanceSurchargeSequenceNumber", json!(1)),
        ]),
        object([
            ("allowanceSurchargeIndicator", json!("ALLOWANCE")),
            ("allowanceSurchargeType", json!("QD")),
            ("allowanceSurchargePercentage", json!(2.5)),
            ("allowanceSurchargeMinimumQuantity", json!(10)),
            ("allowanceSurchargeSequenceNumber", json!(2)),
        ]),
    ];
    if offer.packing > 1 {
        surcharges.into()
    } else {
        Vec::new()
    }
}

fn price_with_surcharges(sold: Sold) -> Object {
    let mut price = price(sold);
    let surcharges = surcharges(sold);
    if !surcharges.is_empty() {
        price.insert("allowanceSurcharges".to_owned(), surcharges.into());
    }
    price
}

/// A row for each surcharge, or one without.
fn flat_prices(sold: Sold) -> Vec<Object> {
    let (price, surcharges) = (price(sold), surcharges(sold));
    match surcharges.is_empty() {
        true => vec![price],
        false => surcharges
            .iter()
            .map(|surcharge| merged(&price, surcharge))
            .collect(),
    }
}

/// What the same supplier sells of the same class.
fn relations((product, offer): Sold) -> Vec<Object> {
    let others = all_sold().filter(|(other, of)| {
        other.class.code == product.class.code
            && of.supplier.gln == offer.supplier.gln
            && of.id != offer.id
    });
    let relation = |(other, of): Sold| {
        object([
            ("relatedSupplierItemNumber", json!(of.trade_item_id)),
            ("relatedManufacturerItemNumber", json!(other.code)),
            ("relatedItemGtins", json!([other.gtin])),
            ("relationType", json!("SIMILAR")),
            ("relatedItemQuantity", json!(1)),
        ])
    };
    others.map(relation).collect()
}

/// Weight, and what the features say of its size.
fn sizes(product: &Product) -> Object {
    let measure = |code: &str| {
        let mut properties = product.properties.iter();
        match properties
            .find(|property| property.feature.code == code)
            .map(|found| found.value)
        {
            Some(Measured::Numeric(value)) => json!(value),
            _ => Value::Null,
        }
    };
    let (width, height, length) = (
        measure("EF990001"),
        measure("EF990002"),
        measure("EF990003"),
    );
    let is_measured = [&width, &height, &length]
        .iter()
        .any(|measure| !measure.is_null());
    object([
        ("baseItemNetLength", length),
        ("baseItemNetWidth", width),
        ("baseItemNetHeight", height),
        (
            "netDimensionUnit",
            if is_measured {
                json!("MMT")
            } else {
                Value::Null
            },
        ),
        ("baseItemNetWeight", json!(product.grams)),
        ("netWeightUnit", json!("GRM")),
    ])
}

fn attachments(url: &str, (product, _): Sold) -> Vec<Object> {
    let kind = object([
        ("attachmentType", json!("ATX015")),
        ("attachmentLanguages", json!(["nl-NL"])),
        ("attachmentDescription", json!(product.description)),
    ]);
    files(url, product)
        .iter()
        .map(|file| merged(&kind, file))
        .collect()
}

fn contents((product, offer): Sold) -> Object {
    object([
        ("enclosedSupplierItemNumber", json!(offer.trade_item_id)),
        ("enclosedManufacturerItemNumber", json!(product.code)),
        ("enclosedItemGtins", json!([product.gtin])),
        ("enclosedItemQuantity", json!(offer.packing)),
    ])
}

/// What lies in the package, where there is one.
fn enclosed(sold: Sold) -> Vec<Object> {
    let kind = object([("packagingTypeCode", json!("PK"))]);
    if sold.1.packing > 1 {
        vec![merged(&kind, &contents(sold))]
    } else {
        Vec::new()
    }
}

fn packages(sold: Sold) -> Vec<Object> {
    let (product, offer) = sold;
    if offer.packing == 1 {
        return Vec::new();
    }
    vec![object([
        ("packagingTypeCode", json!("PK")),
        ("packagingQuantity", json!(offer.packing)),
        ("tradeItemPrimaryPackaging", json!(true)),
        ("grossWeight", json!(product.grams * offer.packing)),
        ("grossWeightUnit", json!("GRM")),
        ("tradeItemEnclosed", json!([contents(sold)])),
    ])]
}
