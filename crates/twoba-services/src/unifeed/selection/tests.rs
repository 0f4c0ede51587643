//! Selections as JSON, as 2BA documents them and as they might come.

use serde_json::json;

use super::*;

fn read(json: &str) -> Result<Selection, Unfit> {
    Selection::of_json(InterfaceType::Json, json.as_bytes())
}

#[test]
fn articles_products_and_objects_are_one_type() {
    let articles = read(
        "\u{feff} [{\"Id\":7,\"ProductId\":null,\"Description\":\"Goot\",\"SupplierGLN\":\"1\",\
         \"SuppliersTradeItemId\":\"A\",\"PricePerOrderUnit\":\"12.50\",\"Method\":\"BRUTO\",\
         \"Quantity\":\"2\",\"New\":[1]}]",
    )
    .unwrap();
    let item = &articles.items[0];
    assert_eq!((item.id, &item.product_id), (Some(7), &None));
    assert_eq!(item.price_per_order_unit.as_deref(), Some("12.50"));
    assert_eq!(item.trade_item_id.as_deref(), Some("A"));
    let products = read(r#"{"ProductId":"0f8b","Description":"Goot"}"#).unwrap();
    assert_eq!(products.items[0].product_id.as_deref(), Some("0f8b"));
    let object = read(r#"{"type":"composition","Id":"12"}"#).unwrap();
    assert!(object.items.is_empty());
    let expected = json!({
        "InterfaceType": "JSON", "Items": [], "Object": {"Type": "composition", "Id": 12},
    });
    assert_eq!(serde_json::to_value(&object).unwrap(), expected);
    assert!(read("[]").unwrap().items.is_empty());
}

#[test]
fn what_is_no_selection_is_refused() {
    let many = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    assert_eq!(read(&many(ITEMS_MAX)).unwrap().items.len(), ITEMS_MAX);
    for (json, unfit) in [
        (many(ITEMS_MAX + 1).as_str(), Unfit::TooMany),
        ("", Unfit::NotJson),
        ("[", Unfit::NotJson),
        ("[{}]]", Unfit::NotJson),
        ("<html>", Unfit::NotJson),
        ("[7]", Unfit::Unexpected),
        ("7", Unfit::Unexpected),
        ("null", Unfit::Unexpected),
        ("[{\"Id\":\"x\"}]", Unfit::Unexpected),
        ("[[{}]]", Unfit::Unexpected),
    ] {
        assert_eq!(read(json), Err(unfit), "{json:.40}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep).is_err());
    // What nobody reads is passed over without a stack.
    assert!(read(&format!("[{{\"x\":{deep}}}]")).is_ok());
}
