//! Product Data by the handle of both adapters, and its pages as an iterator and as a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;
use twoba_core::{Client, Timestamp};
use twoba_emulator::{Fault, FaultPoint};
use twoba_services::product_data::{
    ArgumentError, Implementer, ProductDetailsSummary, Scope, Sync, SyncAnswer, operations,
};
use twoba_services::{CallError, GetError, ServiceErrorKind};
use twoba_tests::{Adapter, Kind, SECRET, World};

const MAKER: &str = "2008710000011";
const DUCT: &str = "KG-60040-W";
const SCOPES: [&str; 1] = [Scope::Products.as_str()];
const NOW: Timestamp = Timestamp::from_unix_seconds(1_780_000_000);

/// A client of a provider whose services are Product Data.
fn client(world: &World) -> Client {
    let base = world.endpoint("/rest/api/v1");
    World::client_of(world.provider().with_service_base(base), SECRET)
}

fn on_threads(world: &World, client: Client) -> twoba_blocking::ProductData {
    let builder = twoba_blocking::Sessions::builder(client).clock(world.clock());
    let sessions = builder.http(|http| http.proxy(None)).build();
    sessions.program(SCOPES).unwrap().service().product_data()
}

fn on_tokio(world: &World, client: Client) -> twoba_async::ProductData {
    let builder = twoba_async::Sessions::builder(client).clock(world.clock());
    let sessions = builder.http(|http| http.no_proxy()).build().unwrap();
    sessions.program(SCOPES).unwrap().service().product_data()
}

/// What can be wrong before anything is sent.
fn argument<E: std::fmt::Debug>(error: &GetError<E>) -> ArgumentError {
    let GetError::Call(CallError::Argument(error)) = error else {
        panic!("{error:?}");
    };
    *error
}

fn numbers(items: Vec<ProductDetailsSummary>) -> Vec<String> {
    let items = items.into_iter();
    items
        .map(|item| item.manufacturer_product_number.to_string())
        .collect()
}

#[test]
fn product_data_is_asked_by_the_handle_on_threads() {
    let world = World::new(Adapter::Blocking, Kind::Memory);
    let products = on_threads(&world, client(&world));
    let product = products.get::<operations::Product>(MAKER, DUCT).unwrap();
    assert_eq!(&*product.body.data.manufacturer_product_number, DUCT);
    let bad = products.get::<operations::Product>("1", DUCT).unwrap_err();
    assert_eq!(argument(&bad), ArgumentError::Gln);
    let old = operations::Product::of(MAKER, DUCT).unwrap();
    let old = products.ask(&old.with_etim_release("8.0")).unwrap();
    assert!(old.notices.sunset.is_some());

    let all = operations::BulkProductDetails::all();
    let mut found = Vec::new();
    for page in products.pages(all.clone().with_limit(5).unwrap()) {
        found.extend(numbers(page.unwrap().data));
    }
    assert_eq!(found.len(), 42);
    let sync = Sync::of_everything();
    let SyncAnswer::Page { items, next, .. } = products
        .sync(&sync, &all.with_limit(1000).unwrap(), NOW)
        .unwrap()
    else {
        panic!("the first page has no cursor that could be refused");
    };
    assert_eq!(numbers(items), found);
    assert_eq!(next.since(), Some(NOW));
    // Whoever else serves it is named; the token goes there because the provider does so too.
    let there = Implementer::at(world.endpoint("/rest/api/v1").as_str()).unwrap();
    let elsewhere = on_threads(&world, world.client());
    let error = elsewhere.get::<operations::Product>(MAKER, DUCT);
    assert!(matches!(error, Err(GetError::Service(_))), "{error:?}");
    let same = elsewhere.at(&there).get::<operations::Product>(MAKER, DUCT);
    assert_eq!(same.unwrap().body, product.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn product_data_is_asked_by_the_handle_on_tokio() {
    let world = World::new(Adapter::Async, Kind::Memory);
    let products = on_tokio(&world, client(&world));
    let product = products.get::<operations::Product>(MAKER, DUCT);
    let product = product.await.unwrap();
    assert_eq!(&*product.body.data.manufacturer_product_number, DUCT);
    let bad = products.get::<operations::Product>(MAKER, "").await;
    assert_eq!(argument(&bad.unwrap_err()), ArgumentError::Number);
    let all = operations::BulkProductDetails::all();
    let all = all.with_limit(1000).unwrap();
    let sync = Sync::of_everything();
    let answer = products.sync(&sync, &all, NOW).await.unwrap();
    assert!(matches!(answer, SyncAnswer::Page { items, .. } if items.len() == 42));
    let there = Implementer::at(world.endpoint("/rest/api/v1").as_str()).unwrap();
    let elsewhere = on_tokio(&world, world.client()).at(&there);
    let same = elsewhere.get::<operations::Product>(MAKER, DUCT).await;
    assert_eq!(same.unwrap().body, product.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_a_stream() {
    let world = World::new(Adapter::Async, Kind::Memory);
    let products = on_tokio(&world, client(&world));
    let call = operations::BulkProductDetails::all();
    let call = call.with_limit(5).unwrap();
    let mut by_next = Vec::new();
    let mut pages = products.pages(call.clone());
    while let Some(page) = pages.next().await {
        by_next.extend(numbers(page.unwrap().data));
    }
    let mut by_stream = Vec::new();
    let mut pages = products.pages(call);
    while let Some(page) = poll_fn(|context| Pin::new(&mut pages).poll_next(context)).await {
        by_stream.extend(numbers(page.unwrap().data));
    }
    assert_eq!(by_stream.len(), 42);
    assert_eq!(by_stream, by_next);
    let end = poll_fn(|context| Pin::new(&mut pages).poll_next(context)).await;
    assert!(end.is_none() && pages.following().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_or_is_not_waited_for_is_asked_for_again() {
    let world = World::new(Adapter::Async, Kind::Memory);
    let products = on_tokio(&world, client(&world));
    let mut pages = products.pages(
        operations::BulkProductDetails::all()
            .with_limit(30)
            .unwrap(),
    );
    world.next(FaultPoint::Service, Fault::Status(400));
    let failed = poll_fn(|context| Pin::new(&mut pages).poll_next(context)).await;
    let Some(Err(GetError::Service(error))) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(error.kind, ServiceErrorKind::Refused);
    // The stream is polled once, and then the page is taken by the method, as if nothing had been.
    let polled = poll_fn(|context| {
        let polled = Pin::new(&mut pages).poll_next(context);
        Poll::Ready(polled.is_pending())
    });
    assert!(polled.await, "an answer takes its time");
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!(first.data.len(), 30);
    // A future of the method that is dropped takes nothing with it.
    let mut next = Box::pin(pages.next());
    let polled = poll_fn(|context| Poll::Ready(next.as_mut().poll(context).is_pending()));
    assert!(polled.await, "an answer takes its time");
    drop(next);
    let last = pages.next().await.unwrap().unwrap();
    assert_eq!(last.data.len(), 12);
    assert!(pages.next().await.is_none());
}
