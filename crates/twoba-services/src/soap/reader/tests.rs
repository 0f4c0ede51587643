//! Values of many types, out of XML.

use serde::Deserialize;
use serde_json::json;

use super::super::xml::parse;
use super::*;
use crate::decimal::Decimal;
use crate::products::{Product, SearchAnswer, TradeItems};

fn read<T: for<'de> Deserialize<'de>>(xml: &str) -> Result<T, Unfit> {
    let nil = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance'";
    let element = parse(xml.replacen('>', &format!(" {nil}>"), 1).as_bytes()).unwrap();
    T::deserialize(Node(&element))
}

#[derive(Debug, Deserialize, PartialEq)]
enum Color {
    White,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Own {
    number: i64,
    share: f64,
    flag: bool,
    price: Decimal,
    none: Option<String>,
    codes: Vec<String>,
    color: Color,
}

#[test]
fn any_type_of_a_caller_is_read() {
    let own: Own = read(
        "<r><number> -7 </number><share>0.5</share><flag>1</flag><price>12.50</price>\
         <none i:nil='true'/><codes><string>a</string><string/></codes>\
         <color>White</color><unknown><x/></unknown></r>",
    )
    .unwrap();
    let expected = Own {
        number: -7,
        share: 0.5,
        flag: true,
        price: Decimal::parse("12.50").unwrap(),
        none: None,
        codes: vec!["a".to_owned(), String::new()],
        color: Color::White,
    };
    assert_eq!(own, expected);
    for bad in [
        "<r></r>",
        "<r><number>x</number></r>",
        "<r><flag>yes</flag></r>",
        "<r><price>12,50</price></r>",
        "<r><price><x/></price></r>",
        "<r><color>Red</color></r>",
    ] {
        assert!(read::<Own>(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_records_of_the_services_are_read() {
    let found: SearchAnswer = read(
        "<r><Total>8</Total><Products><ProductSummary><ID>7</ID><GTIN>0200</GTIN>\
         <WeightQuantity>1.180</WeightQuantity><Features i:nil='true'/></ProductSummary>\
         <ProductSummary/></Products></r>",
    )
    .unwrap();
    assert_eq!(found.total, Some(8));
    assert_eq!(found.products.len(), 2);
    assert_eq!(found.products[0].id, Some(7));
    assert_eq!(found.products[0].gtin.as_deref(), Some("0200"));
    assert_eq!(
        found.products[0].weight_quantity,
        Some(Decimal::parse("1.180").unwrap())
    );
    assert_eq!(found.products[1], Product::default());
    assert_eq!(
        read::<TradeItems>("<r></r>").unwrap(),
        TradeItems::default()
    );
    assert_eq!(
        read::<TradeItems>("<r>\n</r>").unwrap(),
        TradeItems::default()
    );
    assert!(read::<TradeItems>("<r>x</r>").is_err());
    assert!(read::<SearchAnswer>("<r><Total>many</Total></r>").is_err());
}

#[test]
fn without_a_type_elements_are_objects_lists_and_texts() {
    let nil = "http://www.w3.org/2001/XMLSchema-instance";
    let xml = format!(
        "<r xmlns:i='{nil}'><a>1</a><b><c>x</c><c>y</c><c>z</c></b><d i:nil='1'/><e/>\
         <f><g/></f></r>"
    );
    assert_eq!(
        to_value(&parse(xml.as_bytes()).unwrap()),
        json!({"a": "1", "b": {"c": ["x", "y", "z"]}, "d": null, "e": "", "f": {"g": ""}})
    );
}
