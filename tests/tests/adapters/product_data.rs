//! Product Data of the emulator, read by the types of `twoba-services` through both adapters.

use std::collections::BTreeMap;

use twoba_core::Timestamp;
use twoba_services::product_data::{
    Bulk, Call, CurrencyCode, EtimFeature, Implementer, Operation, Outline, Page, ProductStatus,
    Scope, Sync, SyncAnswer, operations,
};
use twoba_services::{Decimal, ServiceError, ServiceErrorKind};
use twoba_store::ErrorKind;
use twoba_tests::{Adapter, Kind, OwnSession, SECRET, World, service_error, session_error};

const MAKER: &str = "2008710000011";
const DUCT: &str = "KG-60040-W";
const SUPPLIER: &str = "2008710000103";
const ITEM: &str = "A00108";
const ALL: [Scope; 4] = [
    Scope::Products,
    Scope::TradeItems,
    Scope::NetPrices,
    Scope::Stock,
];

/// A program that has a token for these, at a new emulator.
fn program(world: &World, scopes: &[Scope]) -> OwnSession {
    let base = world.endpoint("/rest/api/v1");
    let client = World::client_of(world.provider().with_service_base(base), SECRET);
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    world.program_of(client, &scopes)
}

#[test]
fn product_data_is_read_by_either_adapter() {
    for adapter in [Adapter::Blocking, Adapter::Async] {
        let world = World::new(adapter, Kind::Memory);
        let program = program(&world, &ALL);
        every_operation_is_answered(&program);
        members_arrive_as_they_are(&program);
        lists_of_a_whole_have_three_states(&program);
        pages_bring_each_row_once(&program);
        a_synchronization_is_resumed_after_each_page(&program);
        what_is_not_there_is_told(&program);
        people_are_told_of_versions_and_ends(&program);
    }
}

#[test]
fn a_scope_that_is_missing_is_a_problem_and_no_other_token_is_asked_for() {
    for adapter in [Adapter::Blocking, Adapter::Async] {
        let world = World::new(adapter, Kind::Memory);
        let program = program(&world, &[Scope::Stock]);
        let stock = operations::Stock::of(SUPPLIER, ITEM).unwrap();
        assert!(program.ask(&stock).unwrap().body.data.available);
        let error = refused(
            &program,
            &operations::ProductDetails::of(MAKER, DUCT).unwrap(),
        );
        assert_eq!(
            (error.kind, error.status),
            (ServiceErrorKind::Unauthorized, 403)
        );
        assert_eq!(error.problem().unwrap().status, Some(403));
        assert_eq!(world.counts().token_posts, 1);
    }
}

/// Asks, and keeps what was asked.
fn ask<O: Operation>(program: &OwnSession, asked: &mut Vec<Outline>, call: &Call<O>) -> O::Answer {
    asked.push(O::OUTLINE);
    let read = program.ask(call);
    read.unwrap_or_else(|error| panic!("{}: {error}", O::OUTLINE.name))
        .body
}

fn rows<O: Bulk>(program: &OwnSession, asked: &mut Vec<Outline>, call: Call<O>) -> Vec<O::Item> {
    let page: Page<_> = ask(program, asked, &call.with_limit(1000).unwrap());
    assert!(!page.data.is_empty(), "{}", O::OUTLINE.name);
    page.data
}

fn every_operation_is_answered(program: &OwnSession) {
    let asked = &mut Vec::new();
    macro_rules! each {
        ($gln:expr, $number:expr; $($name:ident)*) => {
            $(ask(program, asked, &operations::$name::of($gln, $number).unwrap());)*
        };
        ($($name:ident)*) => { $(rows(program, asked, operations::$name::all());)* };
    }
    each!(MAKER, DUCT; Product ProductDetails ProductDescriptions ProductEtimClassifications
        ProductLcaEnvironmental ProductAttachments);
    each!(SUPPLIER, ITEM; TradeItem TradeItemDetails TradeItemDescriptions TradeItemOrdering
        TradeItemPricings TradeItemRelations TradeItemLogisticDetails TradeItemAttachments
        TradeItemEnclosedItems NetPriceByNumber Stock);
    each!(SUPPLIER, "02008710001001"; NetPriceByGtin);
    each!(BulkProductDetails BulkProductDescriptions BulkProductEtimClassificationFeatures
        BulkProductLcaDeclarations BulkProductAttachments BulkTradeItemDetails
        BulkTradeItemDescriptions BulkTradeItemOrdering BulkTradeItemPricings BulkTradeItemRelations
        BulkTradeItemLogisticDetails BulkTradeItemAttachments BulkTradeItemEnclosedItems);
    let names: BTreeMap<_, _> = asked
        .iter()
        .map(|outline| (outline.name, outline))
        .collect();
    assert_eq!(names.len(), 31);
}

fn members_arrive_as_they_are(program: &OwnSession) {
    let whole = program.ask(&operations::Product::of(MAKER, DUCT).unwrap());
    let whole = whole.unwrap().body.data;
    assert_eq!(&*whole.manufacturer_product_number, DUCT);
    assert_eq!(whole.details.product_status, Some(ProductStatus::Active));
    assert_eq!(whole.details.product_gtins, [Box::from("02008710001001")]);
    let factor = whole.details.factor_customs_commodity_code.unwrap();
    assert_eq!(factor.as_str(), "0.125");
    let features = &whole.etim_classifications.unwrap()[0].etim_features;
    let value = |feature: &EtimFeature| feature.etim_value_numeric.clone();
    assert_eq!(features.iter().find_map(value).unwrap().as_str(), "60");
    let declaration = &whole.lca_environmental.unwrap().lca_declaration[0];
    let ozone = declaration.declared_unit_odp.as_ref().unwrap();
    assert_eq!(ozone.as_str(), "1.25e-7");

    let price = operations::NetPriceByNumber::of(SUPPLIER, "A00100").unwrap();
    let price = price.with_quantity(&Decimal::parse("2.5").unwrap());
    let price = program
        .ask(&price.with_currency(&CurrencyCode::Eur))
        .unwrap()
        .body;
    let digits = (
        price.net_price_in_order_unit.as_str(),
        price.quantity.as_str(),
    );
    assert_eq!(
        (digits, price.currency),
        (("10.625", "2.5"), CurrencyCode::Eur)
    );

    let dutch = operations::BulkProductDescriptions::all().with_language("nl");
    let dutch = rows(program, &mut Vec::new(), dutch);
    assert!(
        dutch
            .iter()
            .all(|row| &*row.description_language == "nl-NL")
    );
}

fn lists_of_a_whole_have_three_states(program: &OwnSession) {
    let products = rows(
        program,
        &mut Vec::new(),
        operations::BulkProductDetails::all(),
    );
    let (mut left_out, mut some) = (0, 0);
    for row in products {
        let call =
            operations::Product::of(&row.manufacturer_id_gln, &row.manufacturer_product_number);
        match program.ask(&call.unwrap()).unwrap().body.data.attachments {
            None => left_out += 1,
            Some(attachments) => some += usize::from(!attachments.is_empty()),
        }
    }
    assert!(left_out > 0 && some > 0, "{left_out} {some}");
    let old = operations::Product::of(MAKER, DUCT)
        .unwrap()
        .with_etim_release("8.0");
    let old = program.ask(&old).unwrap().body.data;
    assert_eq!(old.etim_classifications, Some(Vec::new()));
}

fn pages_bring_each_row_once(program: &OwnSession) {
    let call = operations::BulkTradeItemPricings::all()
        .with_limit(7)
        .unwrap();
    let (mut found, mut next) = (Vec::new(), Some(call.clone()));
    while let Some(call) = next {
        let page = program.ask(&call).unwrap().body;
        next = call.after(&page);
        found.extend(page.data);
    }
    assert_eq!(found, rows(program, &mut Vec::new(), call));
}

fn a_synchronization_is_resumed_after_each_page(program: &OwnSession) {
    let call = operations::BulkProductDetails::all().with_limit(5).unwrap();
    // Some have changed since; all of them are from 2025.
    let since = Timestamp::from_unix_seconds(1_748_736_000);
    let mut stored = serde_json::to_value(Sync::of_changes_since(since)).unwrap();
    let now = Timestamp::from_unix_seconds(1_780_000_000);
    let (mut found, mut requests, mut lost) = (BTreeMap::new(), 0, 0);
    loop {
        // Each round is a new process.
        let mut sync: Sync = serde_json::from_value(stored.clone()).unwrap();
        if requests == 3 {
            stored["run"]["cursor"] = "of an earlier server".into();
            sync = serde_json::from_value(stored).unwrap();
        }
        requests += 1;
        sync = match program.ask(&sync.turn(&call, now)).unwrap() {
            SyncAnswer::Page { items, next, .. } => {
                found.extend(
                    items
                        .into_iter()
                        .map(|item| (item.manufacturer_product_number.clone(), item)),
                );
                next
            }
            SyncAnswer::Again { next, .. } => {
                lost += 1;
                next
            }
        };
        stored = serde_json::to_value(&sync).unwrap();
        if sync.is_done() {
            assert_eq!(sync.since(), Some(now));
            break;
        }
    }
    let changed = operations::BulkProductDetails::all().with_changes_since(since);
    let changed = rows(program, &mut Vec::new(), changed);
    let numbers = changed
        .into_iter()
        .map(|item| (item.manufacturer_product_number.clone(), item));
    assert_eq!((found, lost), (numbers.collect(), 1));
    let sync: Sync = serde_json::from_value(stored).unwrap();
    match program.ask(&sync.turn(&call, now)).unwrap() {
        SyncAnswer::Page { items, next, .. } => assert!(items.is_empty() && next.is_done()),
        again @ SyncAnswer::Again { .. } => panic!("{again:?}"),
    }
}

fn refused<O: Operation>(program: &OwnSession, call: &Call<O>) -> ServiceError
where
    O::Answer: std::fmt::Debug,
{
    service_error(program.ask(call).unwrap_err())
}

fn what_is_not_there_is_told(program: &OwnSession) {
    let error = refused(program, &operations::Product::of(MAKER, "none").unwrap());
    assert_eq!((error.kind, error.status), (ServiceErrorKind::Refused, 404));
    let kind = error.problem().unwrap().kind.as_deref();
    assert_eq!(kind, Some("https://example.com/problems/not-found"));
    let details = operations::ProductDetails::of(MAKER, "none").unwrap();
    assert_eq!(program.ask(&details).unwrap().body.data.details, None);
    let prices = operations::TradeItemPricings::of(SUPPLIER, "none").unwrap();
    assert_eq!(program.ask(&prices).unwrap().body.data.pricings, []);
    let error = refused(
        program,
        &operations::BulkProductDetails::all().with_cursor("x"),
    );
    assert_eq!(error.status, 400);
    assert!(error.problem().unwrap().errors_of("cursor").is_some());
}

fn people_are_told_of_versions_and_ends(program: &OwnSession) {
    let call = operations::Product::of(MAKER, DUCT).unwrap();
    let notices = program.ask(&call).unwrap().notices;
    assert_eq!(notices.api_version.as_deref(), Some("1.0.0-Preview3"));
    assert_eq!(notices.sunset, None);
    let notices = program.ask(&call.with_etim_release("8.0")).unwrap().notices;
    assert_eq!(notices.deprecation.as_deref(), Some("@1767225600"));
    assert_eq!(
        notices.sunset_link.as_deref(),
        Some("https://example.com/etim-8")
    );
}

#[test]
fn an_implementer_is_where_a_provider_does_not_say_it() {
    let world = World::new(Adapter::Blocking, Kind::Memory);
    let there = Implementer::at(&format!("{}/rest/api/v1", world.emulator.url())).unwrap();
    let program = world.program(&[Scope::Stock.as_str()]);
    let call = operations::Stock::of(SUPPLIER, ITEM).unwrap().at(&there);
    assert!(program.ask(&call).unwrap().body.data.available);
    let elsewhere = call.at(&Implementer::two_ba());
    let error = program.ask(&elsewhere).unwrap_err();
    let error = session_error(error);
    assert!(matches!(error.kind(), ErrorKind::ForeignOrigin), "{error}");
}
