//! The functions of version 1, by JSON.

use twoba_services::{
    Decimal, FilterFeatures, Gtin, JsonCall, ListedFilter, NumericFilter, ParticipantList,
    ProductAttachments, ProductByCode, ProductByGtin, ProductByTradeItem, ProductDetails,
    ProductDetailsForProduct, ProductForDrawing, ProductSearch, ServiceErrorKind, Thumbnail,
    TradeItemByCode, TradeItemsOf,
};

use crate::asking::Asking;

const MAKER: &str = "2008710000011";
const SUPPLIER: &str = "2008710000103";

fn gtin() -> Gtin {
    Gtin::parse("2008710001001").unwrap()
}

fn decimal(text: &str) -> Option<Decimal> {
    Some(Decimal::parse(text).unwrap())
}

#[test]
fn a_product_is_found_whichever_function_is_asked() {
    let asking = Asking::new();
    let found = asking.ask(&ProductSearch::new("kabelgoot wit").with_page_size(2_u32));
    let found = found.unwrap();
    assert_eq!((found.total, found.products.len()), (Some(5), 2));
    let first = &found.products[0];
    assert_eq!(first.gtin.as_deref(), Some(gtin().as_str()));
    for product in [
        asking.ask(&ProductDetails::new(gtin())),
        asking.ask(&ProductDetailsForProduct::new(gtin())),
        asking.ask(&ProductByGtin::new(gtin())),
        asking.ask(&ProductByCode::new(MAKER, "KG-60040-W")),
        asking.ask(&ProductByTradeItem::new(SUPPLIER, "A00100")),
        asking.ask(&ProductForDrawing::new(first.id.unwrap())),
    ] {
        let product = product.unwrap();
        assert_eq!(product.id, first.id);
        assert_eq!(product.gtin, first.gtin);
        assert_eq!(product.manufacturer_name, first.manufacturer_name);
    }
    let full = asking
        .ask(&ProductByGtin::new(gtin()).with_features(true))
        .unwrap();
    assert_eq!(full.weight_quantity, decimal("1.18"));
    assert_eq!(full.features[0].numeric_value, decimal("60"));
    assert_eq!(full.features[4].logical_value, Some(true));
    let drawn = asking.ask(&ProductForDrawing::new(1_000_012_u64)).unwrap();
    assert_eq!(drawn.modelling_class.as_deref(), Some("MC990010"));
    assert_eq!(drawn.modelling_features[0].portcode, Some(1));
}

#[test]
fn trade_items_filters_pictures_and_participants_are_found() {
    let asking = Asking::new();
    let items = asking
        .ask(&TradeItemsOf::new(SUPPLIER))
        .unwrap()
        .trade_items;
    assert!(
        items
            .iter()
            .all(|item| item.supplier_gln.as_deref() == Some(SUPPLIER))
    );
    let item = asking
        .ask(&TradeItemByCode::new(SUPPLIER, "A00100"))
        .unwrap();
    assert_eq!(item.gross_price, decimal("12.5"));
    assert!(items.contains(&item));

    let asked = FilterFeatures::new("EC990001")
        .with_listed(vec![ListedFilter::new(
            "EF990004",
            vec!["EV990002".to_owned()],
        )])
        .with_numeric(vec![NumericFilter::new("EF990001", 150_u8, 250_u8)]);
    let filters = asking.ask(&asked).unwrap().features;
    assert_eq!(
        (&filters[0].value_min, &filters[0].value_max),
        (&decimal("200"), &decimal("200"))
    );
    assert_eq!(filters[3].values[0].count, Some(1));

    let asked = ProductAttachments::new(1_000_001_u64).with_types(vec!["PHI".to_owned()]);
    let files = asking.ask(&asked).unwrap();
    assert_eq!(files[0].file_name.as_deref(), Some("KG-60040-W-PHI.png"));
    let picture = asking.ask(&Thumbnail::new(MAKER, "KG-60040-W")).unwrap();
    assert_eq!(picture.media_type, "image/png");
    assert!(picture.bytes.starts_with(b"\x89PNG"));
    let asked = ParticipantList::new()
        .with_limit(2_u32)
        .with_kind("Datasupplier");
    let suppliers = asking.ask(&asked).unwrap().participants;
    assert_eq!(
        (suppliers.len(), &suppliers[0].step_4),
        (2, &decimal("70.75"))
    );
}

#[test]
fn a_service_says_what_is_wrong_and_what_was_perhaps_meant() {
    let asking = Asking::new();
    let other = Gtin::parse("4006381333931").unwrap();
    let error = asking.ask(&ProductByGtin::new(other)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 400, BadRequest: There is no product with this \
         GTIN.)"
    );
    let error = asking.ask(&Thumbnail::new(MAKER, "x")).unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Refused);
    assert!(error.message.unwrap().contains("no product"));
    let error = asking
        .ask(&JsonCall::new("Product/Serach").unwrap())
        .unwrap_err();
    assert!(
        error.to_string().ends_with("did you mean Product/Search?"),
        "{error}"
    );
}
