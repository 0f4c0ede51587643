//! Unifeed: the emulator is started by an address of ours, and what it sends back is received.

use std::thread;
use std::time::{Duration, Instant};

use http::{Request, Response};
use twoba_core::{AccessToken, Endpoint, Origin, Seed};
use twoba_services::{
    Interface, InterfaceType, Received, Reception, SelectedItem, Selection, SelectionError,
    UnifeedReceiver, UnifeedStart,
};
use twoba_testkit::{Act, Canaries, Script, form, hidden_fields};
use twoba_tests::{Adapter, Browser, Kind, PASSWORD, USER, World, location, query_of};

use crate::asking::Asking;

const FORM: &str = "application/x-www-form-urlencoded";

/// A place with a person in front of Unifeed.
struct Scene {
    asking: Asking,
    token: AccessToken,
    receiver: UnifeedReceiver,
    way: InterfaceType,
}

impl Scene {
    fn new(way: InterfaceType, here: &str) -> Self {
        Self::of(Asking::new(), way, here)
    }

    fn of(asking: Asking, way: InterfaceType, here: &str) -> Self {
        let token = asking.session.login(USER, PASSWORD).unwrap();
        let here = Endpoint::parse(here).unwrap();
        let provider = asking.world.provider();
        let seed = Seed::from_bytes([7; 32]);
        let receiver = UnifeedReceiver::new(way, &here, &provider, seed).unwrap();
        Self {
            asking,
            token,
            receiver,
            way,
        }
    }

    fn here(way: InterfaceType) -> Self {
        Self::new(way, "http://127.0.0.1:9/shop/unifeed")
    }

    /// Opens Unifeed, picks ten of the first article and two of the third, and returns them.
    fn pick(&self, interface: Interface) -> Response<Vec<u8>> {
        self.pick_from(UnifeedStart::returning(self.way, interface))
    }

    /// The same with a start that says more.
    fn pick_from(&self, start: UnifeedStart) -> Response<Vec<u8>> {
        let start = start
            .with_hook(self.receiver.hook())
            .with_label("Winkel & Zn.");
        let provider = self.asking.world.provider();
        let address = start.address(&provider, &self.token).unwrap();
        let mut browser = Browser::new(self.asking.world.emulator.addr());
        let page = browser.get(address.expose());
        let text = std::str::from_utf8(page.body()).unwrap();
        assert_eq!(page.status(), 200, "{text}");
        assert!(text.contains("Winkel &amp; Zn."), "{text}");
        let offered: Vec<_> = text
            .split("name=\"pick-")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let picked = [(offered[0], "10"), (offered[2], "2")].map(|(id, quantity)| {
            [
                (format!("pick-{id}"), "1".to_owned()),
                (format!("quantity-{id}"), quantity.to_owned()),
            ]
        });
        browser.post(address.expose(), picked.as_flattened())
    }

    /// What the form of a page brings, posted by a page of this origin.
    fn posted(&self, page: &Response<Vec<u8>>, origin: &str) -> Reception {
        let fields = hidden_fields(std::str::from_utf8(page.body()).unwrap());
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        self.receiver.receive(
            &Request::post(self.receiver.hook())
                .header("content-type", FORM)
                .header("origin", origin)
                .body(form(&fields).into_bytes())
                .unwrap(),
        )
    }

    fn origin(&self) -> String {
        self.asking.world.emulator.url().to_owned()
    }
}

#[track_caller]
fn selected(reception: Reception) -> Selection {
    let Received::Selection(selection) = reception.received else {
        panic!("{reception:?}");
    };
    selection
}

fn quantities(selection: &Selection) -> Vec<&str> {
    let quantity = |item: &'_ SelectedItem| item.quantity.is_some();
    assert!(selection.items.iter().all(quantity), "{selection:?}");
    let items = selection.items.iter();
    items.filter_map(|item| item.quantity.as_deref()).collect()
}

#[test]
fn a_form_brings_articles_or_products() {
    let scene = Scene::here(InterfaceType::Json);
    let page = scene.pick(Interface::ARTICLE | Interface::SELECTION_LIST);
    let foreign = scene.posted(&page, "https://evil.example");
    assert_eq!(
        foreign.received,
        Received::Refused(SelectionError::ForeignOrigin)
    );
    let selection = selected(scene.posted(&page, &scene.origin()));
    assert_eq!(quantities(&selection), ["10", "2"]);
    let first = &selection.items[0];
    assert!(first.supplier_gln.is_some() && first.trade_item_id.is_some());
    assert!(
        first
            .price_per_order_unit
            .as_deref()
            .is_some_and(|price| price.contains('.'))
    );

    let scene = Scene::here(InterfaceType::Json);
    let page = scene.pick(Interface::PRODUCT);
    let selection = selected(scene.posted(&page, &scene.origin()));
    assert_eq!(selection.items.len(), 2);
    assert!(
        selection.items[0]
            .product_id
            .as_deref()
            .is_some_and(|id| id.len() == 36)
    );
}

#[test]
fn a_form_of_oci_brings_items_by_their_numbers() {
    for way in [InterfaceType::Oci, InterfaceType::Oci2] {
        let scene = Scene::here(way);
        let page = scene.pick(Interface::ARTICLE);
        let selection = selected(scene.posted(&page, &scene.origin()));
        assert_eq!(quantities(&selection), ["10.000", "2.000"]);
        let first = &selection.items[0];
        assert_eq!(first.currency.as_deref(), Some("EUR"));
        let is_number = first.product_id.as_ref().unwrap().parse::<u64>().is_ok();
        assert_eq!(is_number, way == InterfaceType::Oci2);
    }
}

#[test]
fn a_redirect_brings_the_name_of_a_stored_object() {
    let scene = Scene::here(InterfaceType::JsonGet);
    let answer = scene.pick(Interface::DRAWING_64);
    let address = location(&answer);
    assert!(!query_of(address).is_empty());
    let request = Request::get(address).body(Vec::new()).unwrap();
    let selection = selected(scene.receiver.receive(&request));
    let object = selection.object.unwrap();
    assert_eq!(object.kind.as_deref(), Some("composition"));
    assert!(object.id.is_some());
}

#[test]
fn a_script_brings_json_and_without_script_its_form_does() {
    let scene = Scene::here(InterfaceType::JsonPost);
    let page = scene.pick(Interface::ARTICLE);
    let by_form = selected(scene.posted(&page, &scene.origin()));
    // As the script of the page does it, with the preflight that its browser sends before.
    let fields = hidden_fields(std::str::from_utf8(page.body()).unwrap());
    let [(_, json)] = fields.as_slice() else {
        panic!("{fields:?}");
    };
    let preflight = Request::options(scene.receiver.hook())
        .header("origin", scene.origin())
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .body(Vec::new())
        .unwrap();
    let preflight = scene.receiver.receive(&preflight);
    assert_eq!(preflight.received, Received::Preflight);
    let allowed = &preflight.response.headers()["access-control-allow-origin"];
    assert_eq!(allowed, &*scene.origin());
    let post = Request::post(scene.receiver.hook())
        .header("origin", scene.origin())
        .header("content-type", "application/json")
        .body(json.clone().into_bytes())
        .unwrap();
    let by_script = selected(scene.receiver.receive(&post));
    assert_eq!(quantities(&by_script), ["10", "2"]);
    assert_eq!(by_script, by_form);
}

#[test]
fn the_server_brings_json_by_itself() {
    let script = Script::start([Act::respond("204 No Content", &[], "")]).unwrap();
    let scene = Scene::new(
        InterfaceType::ServerJsonPost,
        &format!("{}/in", script.url()),
    );
    assert_eq!(scene.pick(Interface::ARTICLE).status(), 200);
    let selection = selected(scene.receiver.receive(&arrived(&script)));
    assert_eq!(quantities(&selection), ["10", "2"]);
    assert!(selection.items[0].id.is_some());
}

/// The request that the script was sent, waited for.
fn arrived(script: &Script) -> Request<Vec<u8>> {
    let begun = Instant::now();
    loop {
        if let Some(request) = script.requests().pop() {
            break request;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing came");
        thread::yield_now();
    }
}

#[test]
fn unifeeds_server_brings_the_token_of_the_application() {
    let world = World::with(Adapter::Blocking, Kind::Memory, |builder| {
        builder.callback_application("shop", "of-the-shop")
    });
    let script = Script::start([Act::respond("204 No Content", &[], "")]).unwrap();
    let here = format!("{}/in", script.url());
    let scene = Scene::of(Asking::of(world), InterfaceType::ServerJsonPost, &here);
    let start = UnifeedStart::returning(scene.way, Interface::ARTICLE);
    scene.pick_from(start.with_callback_application("shop"));
    let request = arrived(&script);
    let token = |text: &str| AccessToken::parse(text).unwrap();
    let other = scene.receiver.with_bearer(token("of-another"));
    let refused = other.receive(&request).received;
    assert_eq!(refused, Received::Refused(SelectionError::Unauthorized));
    let both = other.with_bearer(token("of-the-shop"));
    assert_eq!(quantities(&selected(both.receive(&request))), ["10", "2"]);
}

#[test]
fn neither_the_token_nor_the_secret_is_in_any_word() {
    let scene = Scene::here(InterfaceType::Json);
    let hook = scene.receiver.hook().to_owned();
    let secret = hook.rsplit('/').next().unwrap();
    let canaries = Canaries::new([("token", scene.token.expose()), ("state", secret)]);
    let start = UnifeedStart::new();
    let address = start
        .address(&scene.asking.world.provider(), &scene.token)
        .unwrap();
    canaries.look_in("Display", &address.to_string()).unwrap();
    canaries.look_in_debug("the address", &address).unwrap();
    canaries
        .look_in_debug("the receiver", &scene.receiver)
        .unwrap();
    let request = Request::post(format!("{hook}x")).body(Vec::new()).unwrap();
    let reception = scene.receiver.receive(&request);
    canaries.look_in_debug("the reception", &reception).unwrap();
    let origin = Origin::of(&hook.parse().unwrap()).unwrap();
    assert_eq!(origin.to_string(), "http://127.0.0.1:9");
}
