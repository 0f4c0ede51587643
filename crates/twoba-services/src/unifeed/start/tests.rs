//! Start addresses, and what nobody may read in them.

use proptest::prelude::*;
use twoba_core::Endpoint;

use super::*;

const TOKEN: &str = "canary-token+/=";

fn address(start: &UnifeedStart) -> Result<UnifeedAddress, CallError> {
    start.address(&Provider::two_ba(), &AccessToken::parse(TOKEN).unwrap())
}

#[test]
fn every_parameter_of_the_table_is_encoded() {
    let filter = UnifeedFilter {
        id: "Brand".to_owned(),
        values: vec!["A&B".to_owned()],
        ..UnifeedFilter::default()
    };
    let start = UnifeedStart::returning(
        InterfaceType::ServerJsonPost,
        Interface::ARTICLE | Interface::SELECTION_LIST,
    )
    .with_hook("https://shop.example/in?a=1&b=2")
    .with_label("Mijn winkel")
    .with_object("7")
    .with_drawing_program("Revit")
    .with_drawing_program_version("2018")
    .with_callback_application("app")
    .with_redirect_after_post("https://shop.example/done")
    .with_query("first")
    .with_query("100% é+")
    .with_filters(&[filter])
    .with_product("1")
    .with_trade_item("2")
    .with_productcode("2008710000011", "KG-60/1")
    .with_trade_item_id("2008710000103", "A00100")
    .with_trade_item_view("true");
    let filter = "%7B%22filters%22%3A%5B%7B%22id%22%3A%22Brand%22%2C%22name%22%3A%22%22%2C\
                  %22type%22%3A%22%22%2C%22values%22%3A%5B%22A%26B%22%5D%2C%22hidden%22%3Afalse\
                  %7D%5D%7D";
    let expected = format!(
        "https://unifeed.2ba.nl/?interface=3&interfaceType=SERVERJSONPOST\
         &hookUrl=https%3A%2F%2Fshop.example%2Fin%3Fa%3D1%26b%3D2&interfaceName=Mijn%20winkel\
         &interfaceObjectId=7&uobApplication=Revit&uobApplicationVersion=2018&cbap=app\
         &RedirectAfterPost=https%3A%2F%2Fshop.example%2Fdone&q=100%25%20%C3%A9%2B\
         &filter={filter}&p=1&a=2&productcode=KG-60%2F1&gln=2008710000103&tradeItemId=A00100\
         &showTradeItemView=true&accessToken="
    );
    let found = address(&start).unwrap();
    assert_eq!(found.expose(), format!("{expected}canary-token%2B%2F%3D"));
    assert_eq!(found.to_string(), format!("{expected}(hidden)"));
}

#[test]
fn the_token_is_in_no_word_but_the_exposed_one() {
    let found = address(&UnifeedStart::new()).unwrap();
    assert!(found.expose().contains("canary"));
    for told in [
        found.to_string(),
        format!("{found:?}"),
        format!("{found:#?}"),
    ] {
        assert!(!told.contains("canary"), "{told}");
        assert!(told.contains("accessToken=(hidden)"), "{told}");
    }
}

#[test]
fn a_start_that_cannot_end_is_refused() {
    for kind in [
        InterfaceType::JsonPost,
        InterfaceType::ServerJsonPost,
        InterfaceType::JsonGet,
        InterfaceType::Oci,
        InterfaceType::Oci2,
    ] {
        let start = UnifeedStart::returning(kind, Interface::ARTICLE);
        let error = address(&start).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Unifeed needs the parameter hookUrl, as in hookUrl=http://127.0.0.1:4281/unifeed"
        );
        assert!(address(&start.with_hook("nl.2ba.uol://request")).is_ok());
    }
    for kind in [InterfaceType::Json, InterfaceType::Download] {
        assert!(address(&UnifeedStart::returning(kind, Interface::PRODUCT)).is_ok());
    }
    let long = UnifeedStart::new().with_query("x".repeat(70_000));
    assert_eq!(address(&long), Err(CallError::TooLong));
    let bare = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    let token = AccessToken::parse(TOKEN).unwrap();
    let error = UnifeedStart::new().address(&bare, &token).unwrap_err();
    assert_eq!(error, CallError::NoUnifeedBase);
    let queried = Endpoint::parse("https://u.example/start?x=1").unwrap();
    let found = UnifeedStart::new()
        .address(&bare.with_unifeed_base(queried), &token)
        .unwrap();
    assert!(
        found
            .expose()
            .starts_with("https://u.example/start?x=1&accessToken=")
    );
}

proptest! {
    #[test]
    fn whatever_is_searched_for_arrives_as_it_was_typed(words in "\\PC{0,40}") {
        let found = address(&UnifeedStart::new().with_query(words.clone())).unwrap();
        let query = found.expose().split_once('?').unwrap().1.to_owned();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query).unwrap();
        let expected = [("q", &*words), ("accessToken", TOKEN)];
        prop_assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
