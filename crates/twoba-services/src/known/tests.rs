//! Mistyped names and what they are taken for.

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 4] = [
    "Product/Search",
    "Product/DetailsByGtinA",
    "TradeItem/ForGLN",
    "Participant/List",
];

fn found(mistyped: &str) -> Option<&'static str> {
    nearest(mistyped, NAMES.into_iter())
}

#[test]
fn a_mistyped_name_is_taken_for_the_nearest() {
    for (mistyped, name) in [
        ("Product/Serach", Some("Product/Search")),
        ("product.search", Some("Product/Search")),
        ("Search", Some("Product/Search")),
        ("Products/Search", Some("Product/Search")),
        ("Product/DetailsByGtin", Some("Product/DetailsByGtinA")),
        ("TradeItems/ForGln", Some("TradeItem/ForGLN")),
        ("List", Some("Participant/List")),
        ("", None),
        ("/", None),
        ("x", None),
        ("Thumbnail/Product", None),
        ("UOB/Interface", None),
    ] {
        assert_eq!(found(mistyped), name, "{mistyped}");
    }
    assert_eq!(found(&"Product/Search".repeat(9)), None);
}

proptest! {
    #[test]
    fn an_edit_costs_one_whatever_it_is(name in "[a-z]{3,12}", at in 0_usize..12, letter in "[a-z]") {
        let at = at.min(name.len() - 1);
        let (before, behind) = name.split_at(at);
        let changed = format!("{before}{letter}{}", &behind[1..]);
        let more = format!("{before}{letter}{behind}");
        let less = format!("{before}{}", &behind[1..]);
        prop_assert!(edits(name.as_bytes(), changed.as_bytes()) <= 1);
        prop_assert_eq!(edits(name.as_bytes(), more.as_bytes()), 1);
        prop_assert_eq!(edits(name.as_bytes(), less.as_bytes()), 1);
        prop_assert_eq!(edits(name.as_bytes(), name.as_bytes()), 0);
    }
}
