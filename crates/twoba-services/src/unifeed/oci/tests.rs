//! OCI forms.

use super::*;

fn read(fields: &[(&str, &str)]) -> Result<Vec<SelectedItem>, Unfit> {
    let owned = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    items(owned.collect())
}

#[test]
fn fields_of_one_number_are_one_item() {
    let found = read(&[
        ("NEW_ITEM-DESCRIPTION[2]", "Buis"),
        ("~OkCode", "ADDI"),
        ("NEW_ITEM-DESCRIPTION[1]", "Goot"),
        ("new_item-quantity[1]", "2.000"),
        ("NEW_ITEM-MATNR[1]", ""),
        ("NEW_ITEM-PRICE[1]", "25.00"),
        ("NEW_ITEM-PRICEUNIT[1]", "1"),
        ("NEW_ITEM-VENDORMAT[1]", "A"),
        ("NEW_ITEM-MANUFACTMAT[1]", "KG"),
        ("NEW_ITEM-EXT_PRODUCT_ID[1]", "17"),
        ("NEW_ITEM-LONGTEXT_1:132[]", "Lang"),
        ("NEW_ITEM-OWN[1]", "x"),
        ("NEW_ITEM-UNIT[a]", "x"),
        ("NEW_ITEM-UNIT", "x"),
    ])
    .unwrap();
    let [first, second] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(second.description.as_deref(), Some("Buis"));
    let texts = [
        (&first.description, "Goot"),
        (&first.quantity, "2.000"),
        (&first.price, "25.00"),
        (&first.price_unit, "1"),
        (&first.trade_item_id, "A"),
        (&first.productcode, "KG"),
        (&first.product_id, "17"),
        (&first.long_text, "Lang"),
    ];
    for (found, expected) in texts {
        assert_eq!(found.as_deref(), Some(expected));
    }
    assert_eq!((&first.material_number, &first.unit), (&None, &None));
}

#[test]
fn numbers_are_bounded_and_one_item_is_a_must() {
    for name in [
        "NEW_ITEM-UNIT[0]",
        "NEW_ITEM-UNIT[10001]",
        "NEW_ITEM-UNIT[99999999999999999999]",
    ] {
        assert_eq!(read(&[(name, "x")]), Err(Unfit::TooMany), "{name}");
    }
    assert_eq!(read(&[("NEW_ITEM-UNIT[10000]", "x")]).unwrap().len(), 1);
    assert_eq!(read(&[]), Err(Unfit::Unexpected));
    assert_eq!(read(&[("Json", "[]")]), Err(Unfit::Unexpected));
}
