//! Items of an OCI form: a field for each property of each item, with one-based numbers in brackets.

use std::collections::BTreeMap;

use super::selection::{ITEMS_MAX, SelectedItem, Unfit};

/// The items of a form's fields, in the order of their numbers. Fields that are none are passed over.
pub(super) fn items(fields: Vec<(String, String)>) -> Result<Vec<SelectedItem>, Unfit> {
    let mut items: BTreeMap<usize, SelectedItem> = BTreeMap::new();
    for (name, value) in fields {
        let Some((property, number)) = property(&name) else {
            continue;
        };
        if !(1..=ITEMS_MAX).contains(&number) {
            return Err(Unfit::TooMany);
        }
        put(items.entry(number).or_default(), &property, value);
    }
    if items.is_empty() {
        return Err(Unfit::Unexpected);
    }
    Ok(items.into_values().collect())
}

/// `NEW_ITEM-QUANTITY[3]` is the quantity of item 3. A long text has its number in its name:
/// `NEW_ITEM-LONGTEXT_3:132[]`.
fn property(name: &str) -> Option<(String, usize)> {
    let name = name.to_ascii_uppercase();
    let rest = name.strip_prefix("NEW_ITEM-")?;
    if let Some(text) = rest.strip_prefix("LONGTEXT_") {
        let (number, _) = text.split_once(':')?;
        return Some(("LONGTEXT".to_owned(), number.parse().ok()?));
    }
    let (property, number) = rest.strip_suffix(']')?.split_once('[')?;
    // A number that nobody can count to is one over the most.
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| number.parse().unwrap_or(usize::MAX))?;
    Some((property.to_owned(), number))
}

fn put(item: &mut SelectedItem, property: &str, value: String) {
    let member = match property {
        "DESCRIPTION" => &mut item.description,
        "MATNR" => &mut item.material_number,
        "QUANTITY" => &mut item.quantity,
        "UNIT" => &mut item.unit,
        "PRICE" => &mut item.price,
        "CURRENCY" => &mut item.currency,
        "PRICEUNIT" => &mut item.price_unit,
        "VENDORMAT" => &mut item.trade_item_id,
        "MANUFACTMAT" => &mut item.productcode,
        "EXT_PRODUCT_ID" => &mut item.product_id,
        "LONGTEXT" => &mut item.long_text,
        _ => return,
    };
    // An empty field says nothing.
    if !value.is_empty() {
        *member = Some(value);
    }
}

#[cfg(test)]
mod tests;
