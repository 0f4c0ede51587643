//! Reads a selection, and writes it in the form of each interface type.

use serde::Serialize;

use super::assortment::{Article, euros};
use super::interface::{Content, ProductName};
use crate::form::Parameters;

/// The largest quantity. It is more than anybody orders, and small enough for a multiplication.
const MOST: u64 = 99_999;

/// The greatest length of an OCI description.
const OCI_DESCRIPTION: usize = 40;

/// An article and its quantity.
#[derive(Clone, Copy)]
pub(super) struct Picked {
    pub(super) article: Article,
    pub(super) quantity: u64,
}

/// Why a selection cannot be returned yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    NothingPicked,
    /// The quantity of this article is no whole number from 1 to 99999.
    Quantity(u64),
}

/// The name of an article's checkbox.
pub(super) fn pick_field(article: Article) -> String {
    format!("pick-{}", article.id())
}

/// The name of an article's quantity field.
pub(super) fn quantity_field(article: Article) -> String {
    format!("quantity-{}", article.id())
}

/// The selection that a submitted page makes among the offered articles.
pub(super) fn read(form: &Parameters, offered: &[Article]) -> Result<Vec<Picked>, Mistake> {
    let picked: Vec<Picked> = offered
        .iter()
        .filter(|article| form.get(&pick_field(**article)).is_some())
        .map(|article| {
            form.get(&quantity_field(*article))
                .and_then(|text| text.trim().parse().ok())
                .filter(|quantity| (1..=MOST).contains(quantity))
                .map(|quantity| Picked {
                    article: *article,
                    quantity,
                })
                .ok_or(Mistake::Quantity(article.id()))
        })
        .collect::<Result<_, _>>()?;
    if picked.is_empty() {
        return Err(Mistake::NothingPicked);
    }
    Ok(picked)
}

/// A selection as a query, for [`from_query`].
pub(super) fn to_query(picked: &[Picked]) -> String {
    picked
        .iter()
        .map(|item| format!("{}={}", item.article.id(), item.quantity))
        .collect::<Vec<_>>()
        .join("&")
}

/// Reads the result of [`to_query`]. Unknown articles are left out.
pub(super) fn from_query(query: &Parameters, all: &[Article]) -> Vec<Picked> {
    all.iter()
        .filter_map(|article| {
            let quantity = query.get(&article.id().to_string())?.parse().ok()?;
            (1..=MOST).contains(&quantity).then_some(Picked {
                article: *article,
                quantity,
            })
        })
        .collect()
}

/// An article in JSON and JSONPOST.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ArticleDocument {
    #[serde(rename = "SupplierGLN")]
    supplier_gln: &'static str,
    supplier_name: &'static str,
    suppliers_trade_item_id: String,
    price_per_order_unit: String,
    method: &'static str,
    quantity: String,
}

/// An article in SERVERJSONPOST.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PostedArticle {
    id: u64,
    /// Null in 2BA's example. 2BA does not document which number it would be.
    product_id: Option<u64>,
    description: &'static str,
    #[serde(rename = "SupplierGLN")]
    supplier_gln: &'static str,
    suppliers_trade_item_id: String,
    price_per_order_unit: String,
    method: &'static str,
    quantity: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProductDocument {
    product_id: String,
    description: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReferenceDocument {
    r#type: &'static str,
    id: u64,
}

/// One of the methods that 2BA's examples name.
const METHOD: &str = "OriginalGrossPrice";

/// The selection in JSON, JSONPOST, JSONGET and DOWNLOAD.
pub(super) fn json(content: Content, picked: &[Picked]) -> String {
    match content {
        Content::Articles => array(picked, |item| ArticleDocument {
            supplier_gln: item.article.supplier_gln(),
            supplier_name: item.article.supplier_name(),
            suppliers_trade_item_id: item.article.trade_item_id(),
            price_per_order_unit: euros(item.article.price()),
            method: METHOD,
            quantity: item.quantity.to_string(),
        }),
        Content::Products => array(picked, |item| ProductDocument {
            product_id: item.article.product_guid(),
            description: item.article.description(),
        }),
        // No object is stored, so the number is that of the first item.
        Content::Reference(r#type) => picked.first().map_or_else(String::new, |item| {
            text(&ReferenceDocument {
                r#type,
                id: item.article.id(),
            })
        }),
    }
}

/// The selection in SERVERJSONPOST.
pub(super) fn posted_json(picked: &[Picked]) -> String {
    array(picked, |item| PostedArticle {
        id: item.article.id(),
        product_id: None,
        description: item.article.description(),
        supplier_gln: item.article.supplier_gln(),
        suppliers_trade_item_id: item.article.trade_item_id(),
        price_per_order_unit: euros(item.article.price()),
        method: METHOD,
        quantity: item.quantity.to_string(),
    })
}

fn array<T: Serialize>(picked: &[Picked], document: impl Fn(&Picked) -> T) -> String {
    text(&picked.iter().map(document).collect::<Vec<_>>())
}

fn text(document: &impl Serialize) -> String {
    // Only maps with odd keys and failing writers fail; there are none.
    serde_json::to_string(document).unwrap_or_default()
}

/// The selection as an OCI form: fields with one-based indexes.
pub(super) fn oci(name: ProductName, picked: &[Picked]) -> Vec<(String, String)> {
    (1_usize..)
        .zip(picked)
        .flat_map(|(index, item)| {
            let article = item.article;
            let description = article.description().chars().take(OCI_DESCRIPTION);
            let product = match name {
                ProductName::Guid => article.product_guid(),
                ProductName::Number => article.product_id().to_string(),
            };
            [
                ("DESCRIPTION", description.collect()),
                ("MATNR", String::new()),
                ("QUANTITY", format!("{}.000", item.quantity)),
                ("UNIT", "PCE".to_owned()),
                // As documented: that of all pieces, although OCI has it per price unit.
                ("PRICE", euros(article.price() * item.quantity)),
                ("CURRENCY", "EUR".to_owned()),
                ("PRICEUNIT", "1".to_owned()),
                ("VENDORMAT", article.trade_item_id()),
                ("MANUFACTMAT", article.productcode().to_owned()),
                ("EXT_PRODUCT_ID", product),
            ]
            .map(|(name, value)| (format!("NEW_ITEM-{name}[{index}]"), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::assortment::articles;
    use super::super::start::Narrowing;
    use super::*;

    fn two() -> Vec<Picked> {
        let all = articles(&Narrowing::default());
        [(all[3], 2), (all[0], 10)]
            .map(|(article, quantity)| Picked { article, quantity })
            .to_vec()
    }

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn articles_have_the_documented_members_as_strings() {
        let article = two()[0].article;
        let first = &parsed(&super::json(Content::Articles, &two()))[0];
        assert_eq!(
            *first,
            json!({
                "SupplierGLN": article.supplier_gln(),
                "SupplierName": article.supplier_name(),
                "SuppliersTradeItemId": article.trade_item_id(),
                "PricePerOrderUnit": euros(article.price()),
                "Method": "OriginalGrossPrice",
                "Quantity": "2",
            })
        );
    }

    #[test]
    fn what_the_server_posts_has_a_number_and_no_product() {
        let second = &parsed(&posted_json(&two()))[1];
        assert_eq!(second["Id"], json!(two()[1].article.id()));
        assert_eq!(second["ProductId"], Value::Null);
        assert_eq!(second["Quantity"], json!("10"));
        assert_eq!(second.as_object().unwrap().len(), 8);
    }

    #[test]
    fn products_and_references_have_the_documented_members() {
        let products = parsed(&super::json(Content::Products, &two()));
        assert_eq!(products[0].as_object().unwrap().len(), 2);
        assert_eq!(products[0]["ProductId"].as_str().unwrap().len(), 36);
        let reference = parsed(&super::json(Content::Reference("interface"), &two()));
        assert_eq!(
            reference,
            json!({"Type": "interface", "Id": two()[0].article.id()})
        );
    }

    #[test]
    fn oci_counts_from_one_and_differs_in_one_field() {
        let (one, two) = (
            oci(ProductName::Guid, &two()),
            oci(ProductName::Number, &two()),
        );
        assert_eq!(one[0].0, "NEW_ITEM-DESCRIPTION[1]");
        assert!(one.iter().any(|(name, _)| name == "NEW_ITEM-QUANTITY[2]"));
        let differing: Vec<&str> = one
            .iter()
            .zip(&two)
            .filter(|(one, two)| one != two)
            .map(|(one, _)| one.0.as_str())
            .collect();
        assert_eq!(
            differing,
            ["NEW_ITEM-EXT_PRODUCT_ID[1]", "NEW_ITEM-EXT_PRODUCT_ID[2]"]
        );
        let number = self::two()[1].article.product_id().to_string();
        assert!(two.contains(&("NEW_ITEM-EXT_PRODUCT_ID[2]".into(), number)));
        for (name, value) in two {
            let bound = if name.contains("DESCRIPTION") { 40 } else { 36 };
            assert!(value.chars().count() <= bound, "{name}");
        }
    }

    #[test]
    fn a_filled_in_page_is_read_strictly() {
        let all = articles(&Narrowing::default());
        let (id, other) = (all[1].id(), all[0].id());
        let read = |form: String| {
            let form = Parameters::parse(form.as_bytes()).unwrap();
            super::read(&form, &all).map(|picked| {
                picked
                    .iter()
                    .map(|p| (p.article.id(), p.quantity))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            read(format!("pick-{id}=on&quantity-{id}=+3+&quantity-{other}=1")),
            Ok(vec![(id, 3)])
        );
        assert_eq!(
            read(format!("quantity-{id}=3")),
            Err(Mistake::NothingPicked)
        );
        for quantity in ["", "0", "-1", "1.5", "100000", "x", "99999999999999999999"] {
            assert_eq!(
                read(format!("pick-{id}=on&quantity-{id}={quantity}")),
                Err(Mistake::Quantity(id)),
                "{quantity}"
            );
        }
    }

    #[test]
    fn a_selection_survives_its_query() {
        let all = articles(&Narrowing::default());
        let query = format!("{}&7=1&{}=x", to_query(&two()), all[1].id());
        let query = Parameters::parse(query.as_bytes()).unwrap();
        let pairs = |picked: &[Picked]| {
            let mut pairs: Vec<_> = picked
                .iter()
                .map(|p| (p.article.id(), p.quantity))
                .collect();
            pairs.sort_unstable();
            pairs
        };
        assert_eq!(pairs(&from_query(&query, &all)), pairs(&two()));
    }
}
