//! ApiX of the emulator, asked through both adapters: by a person, and by a program for itself.

use serde_json::{Value, json};
use twoba_services::{
    ApixCall, ApixProduct, ApixSearch, Decimal, Function, ServiceError, ServiceErrorKind,
};
use twoba_tests::{Adapter, Kind, Subject, World, service_error};

const GTIN: &str = "02008710001001";

#[test]
fn apix_is_searched_by_either_adapter() {
    for adapter in [Adapter::Blocking, Adapter::Async] {
        let world = World::new(adapter, Kind::Memory);
        let session = world.logged_in();
        let ask = |search: &ApixSearch| ask(&world, &*session, search).unwrap();
        let search = ApixSearch::new("NL").with_words("kabelgoot wit");
        let found = ask(&search);
        assert_eq!((found.total, found.items.len()), (Some(5), 5));
        let first = &found.items[0];
        assert_eq!(first.gtin.as_deref(), Some(GTIN));
        assert_eq!(first.weight_quantity, Some(Decimal::parse("1.18").unwrap()));
        let width = &first.features[0];
        assert_eq!(width.numeric_value, Some(Decimal::parse("60").unwrap()));
        let unit = width.unit.as_ref().unwrap();
        assert_eq!(unit.abbreviation.as_deref(), Some("mm"));
        assert_eq!(first.attachments[0].kind.as_deref(), Some("PPI"));
        // The next page goes on where the last one has ended.
        let (page, next) = (search.clone().with_page(0, 2), search.with_page(2, 2));
        let ids: Vec<_> = [ask(&page), ask(&next)]
            .into_iter()
            .flat_map(|page| page.items)
            .map(|product| product.id)
            .collect();
        let all: Vec<_> = found.items.iter().take(4).map(|item| item.id).collect();
        assert_eq!(ids, all);
        let drawn = ApixSearch::new("NL").with_only_modelling(true);
        let drawn = ask(&drawn.with_page(0, 1000)).items;
        assert!(drawn.iter().all(|item| item.modelling_class.is_some()));
    }
}

#[test]
fn apix_is_asked_by_path_by_either_adapter() {
    for adapter in [Adapter::Blocking, Adapter::Async] {
        let world = World::new(adapter, Kind::Memory);
        let session = world.logged_in();
        let product = ApixCall::get("Product/1000001").unwrap();
        let product = product.with_parameter("languagecode", "NL");
        let typed = ask(&world, &*session, &product.reading::<ApixProduct>()).unwrap();
        assert_eq!(typed.gtin.as_deref(), Some(GTIN));
        let asked = json!({
            "languagecode": "NL",
            "manufacturerGln": typed.manufacturer_gln,
            "productCode": typed.product_code,
        });
        let by_code = ApixCall::post("Product/GetOnGlnAndProductCode", &asked).unwrap();
        let by_code = ask(&world, &*session, &by_code.reading::<ApixProduct>());
        assert_eq!(by_code, Ok(typed));
        let class = ApixCall::get("etim/Class/EC990001").unwrap();
        let class: Value = ask(&world, &*session, &class.reading()).unwrap();
        assert_eq!(class["description"], "Kabelgoten");
        let refused = |path: &str| {
            let call = ApixCall::get(path).unwrap();
            ask(&world, &*session, &call).unwrap_err()
        };
        let nothing = refused("Product/7");
        assert_eq!(
            (nothing.kind, nothing.status),
            (ServiceErrorKind::Refused, 404)
        );
        let title = nothing.problem().and_then(|problem| problem.title.clone());
        assert_eq!(title.as_deref(), Some("Not found"));
        let mistyped = refused("Product/Serach").to_string();
        assert!(
            mistyped.ends_with("did you mean Product/Search?"),
            "{mistyped}"
        );
    }
}

#[test]
fn a_program_needs_the_scope_of_apix() {
    for adapter in [Adapter::Blocking, Adapter::Async] {
        let world = World::new(adapter, Kind::Memory);
        let search = ApixSearch::new("NL").with_words("pomp");
        let found = world.program(&["apix"]).ask(&search).unwrap();
        assert!(found.total > Some(0));
        let refused = world.program(&["read:stock"]).ask(&search).unwrap_err();
        let refused = service_error(refused);
        assert_eq!(
            (refused.kind, refused.status),
            (ServiceErrorKind::Unauthorized, 403)
        );
        assert_eq!(world.counts().service_calls, 2);
    }
}

fn ask<F: Function>(
    world: &World,
    session: &dyn Subject,
    function: &F,
) -> Result<F::Answer, ServiceError> {
    let request = function.request(&world.provider()).unwrap();
    function.judge(&session.call(&request).unwrap())
}
