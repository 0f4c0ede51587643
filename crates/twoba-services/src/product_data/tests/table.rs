//! Every answer of the table is read, with all members and with none that may be absent, and written as it came.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::*;
use super::answer;
use crate::Function;

const TABLE: &str = include_str!("../schemas.txt");

/// How much of what may be absent stands in a sample.
#[derive(Clone, Copy, PartialEq)]
enum Fill {
    All,
    Null,
    Nothing,
}

/// The lines of the table by name: the first, and those below.
fn entries() -> BTreeMap<&'static str, (&'static str, Vec<&'static str>)> {
    let (mut entries, mut last) = (BTreeMap::new(), "");
    for line in TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        match line.strip_prefix("  ") {
            Some(below) => entries
                .entry(last)
                .or_insert((last, Vec::new()))
                .1
                .push(below),
            None => {
                let (_, rest) = line.split_once(' ').unwrap();
                last = rest.split([':', ' ']).next().unwrap();
                entries.insert(last, (line, Vec::new()));
            }
        }
    }
    entries
}

/// A sample of the named type.
fn sample(name: &str, fill: Fill) -> Value {
    match name {
        "text" | "uri" | "date" => return json!("te\"xt \u{e9}"),
        "whole" => return json!(12),
        "decimal" => return json!(-12.25),
        "flag" => return json!(true),
        _ => {}
    }
    let entries = entries();
    let (line, below) = &entries[name];
    let (word, rest) = line.split_once(' ').unwrap();
    let of = rest.rsplit(' ').next().unwrap();
    match word {
        "enum" => json!(below[0].split(" | ").next().unwrap()),
        "data" => json!({"data": sample(of, fill)}),
        "page" => {
            json!({"data": [sample(of, fill)], "meta": sample("CursorPaginationMetadata", fill)})
        }
        _ => below
            .iter()
            .filter_map(|line| member(line, fill))
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn member(line: &str, fill: Fill) -> Option<(String, Value)> {
    let (name, kind) = line.split_once(": ").unwrap();
    let (bare, nullable) = (name.trim_end_matches('?'), kind.ends_with(" or null"));
    let kind = kind.trim_end_matches(" or null");
    if (bare != name || nullable) && fill != Fill::All {
        let is_left_out = fill == Fill::Nothing && bare != name;
        return (!is_left_out).then(|| (bare.to_owned(), Value::Null));
    }
    let inside = kind.trim_start_matches('[').trim_end_matches(']');
    let one = sample(inside.split(' ').next().unwrap(), fill);
    let value = if inside == kind {
        one
    } else {
        json!([one.clone(), one])
    };
    Some((bare.to_owned(), value))
}

/// What is left when whatever is null or empty goes.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let bared = members
                .iter()
                .map(|(name, value)| (name.clone(), bare(value)));
            bared
                .filter(|(_, value)| !value.is_null())
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(bare).collect::<Vec<_>>().into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn check<O: Operation>(call: &Call<O>)
where
    O::Answer: serde::Serialize,
{
    let name = O::OUTLINE.answer;
    for fill in [Fill::All, Fill::Null, Fill::Nothing] {
        let sample = sample(name, fill);
        let read = call.judge(&answer(200, &sample));
        let read = read.unwrap_or_else(|error| panic!("{name}: {error}\n{sample:#}"));
        let written = serde_json::to_value(&read.body).unwrap();
        assert_eq!(bare(&written), bare(&sample), "{name}");
    }
}

macro_rules! check_all {
    (of $($one:ident)* ; by gtin $gtin:ident ; all $($many:ident)*) => {
        $(check(&operations::$one::of(super::GLN, "x").unwrap());)*
        check(&operations::$gtin::of(super::GLN, "08710000000001").unwrap());
        $(check(&operations::$many::all());)*
        const CHECKED: &[&str] = &[$(stringify!($one),)* stringify!($gtin), $(stringify!($many),)*];
        assert_eq!(CHECKED.len(), OPERATIONS.len());
    };
}

#[test]
fn every_answer_of_the_table_is_read_and_written_as_it_came() {
    check_all! {
        of Product ProductDetails ProductDescriptions ProductEtimClassifications ProductLcaEnvironmental
           ProductAttachments TradeItem TradeItemDetails TradeItemDescriptions TradeItemOrdering
           TradeItemPricings TradeItemRelations TradeItemLogisticDetails TradeItemAttachments
           TradeItemEnclosedItems NetPriceByNumber Stock;
        by gtin NetPriceByGtin;
        all BulkProductDetails BulkProductDescriptions BulkProductEtimClassificationFeatures
            BulkProductLcaDeclarations BulkProductAttachments BulkTradeItemDetails
            BulkTradeItemDescriptions BulkTradeItemOrdering BulkTradeItemPricings BulkTradeItemRelations
            BulkTradeItemLogisticDetails BulkTradeItemAttachments BulkTradeItemEnclosedItems
    }
}

#[test]
fn every_value_of_the_table_is_known() {
    let entries = entries();
    let of = |name: &str| {
        entries[name]
            .1
            .iter()
            .flat_map(|line| line.split(" | "))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("UnitCodes"), UnitCodes::KNOWN);
    assert_eq!(
        of("AttachmentTypeSpecification"),
        AttachmentTypeSpecification::KNOWN
    );
    assert_eq!(of("LifeCycleStage"), LifeCycleStage::KNOWN);
    let enumerations = entries
        .values()
        .filter(|(line, _)| line.starts_with("enum "));
    assert_eq!(enumerations.count(), 20);
}
