//! What is asked of the emulator alone: its services and its pages, so that a change of them is seen in review.

use http::HeaderName;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};

use super::wire::Asked;

/// A request, by the name of its answer and what was asked.
pub(super) type Sample = (&'static str, &'static str, Asked);

const LOGIN: &str = "/connect/authorize?client_id=publicApplication&response_type=code\
    &redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&state=s&scope=unifeed\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

/// All of them, with this access token.
pub(super) fn samples(access_token: &str) -> Vec<Sample> {
    let mut samples = services();
    samples.extend(soap());
    let bearer = format!("Bearer {access_token}");
    for (.., request) in &mut samples {
        *request = request.clone().with(AUTHORIZATION, &bearer);
    }
    samples.extend(pages());
    samples
}

fn services() -> Vec<Sample> {
    let get = |target| Asked::get(&format!("/1/json/{target}"));
    vec![
        (
            "sample-search",
            "a search of the products",
            get("Product/Search?query=kabelgoot+wit&pageSize=2"),
        ),
        (
            "sample-product",
            "a product with its features",
            get("Product/DetailsByGtinA?gtin=02008710001001&includeFeatures=true"),
        ),
        (
            "sample-attachments",
            "the attachments of a product",
            get("Product/AttachmentsA?id=1000001"),
        ),
        (
            "sample-trade-items",
            "the trade items of a maker",
            get("TradeItem/ForGLN?gln=2008710000035"),
        ),
        (
            "sample-filter",
            "the features of a class of products",
            get("ProductFilter/Features?productClassId=%5B%22EC990001%22%5D"),
        ),
        (
            "sample-bad-parameter",
            "a product by a number that is none",
            get("Product/DetailsByGtinA?gtin=1"),
        ),
        (
            "sample-callback",
            "the same with a callback",
            get("Product/DetailsByGtinA?gtin=1&callback=cb"),
        ),
        (
            "sample-no-function",
            "a function that is not there",
            get("Product/Nothing"),
        ),
    ]
}

fn soap() -> Vec<Sample> {
    let post = |query: &str| {
        let body = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <Search xmlns=\"urn:twoba-emulator:1\"><query>{query}</query></Search>\
             </s:Body></s:Envelope>"
        );
        let request = Asked::post("/1/soap/Product", "text/xml", body);
        request.with(HeaderName::from_static("soapaction"), "\"\"")
    };
    vec![
        ("sample-soap", "a search by SOAP", post("kogelkraan")),
        (
            "sample-soap-fault",
            "a search for nothing by SOAP",
            post(""),
        ),
        (
            "sample-wsdl",
            "the description of a SOAP service",
            Asked::get("/1/soap/TradeItem?singleWsdl"),
        ),
    ]
}

fn pages() -> Vec<Sample> {
    vec![
        ("sample-login-page", "the login page", Asked::get(LOGIN)),
        (
            "sample-login-page-dutch",
            "the login page for a Dutch browser",
            Asked::get(LOGIN).with(ACCEPT_LANGUAGE, "nl-NL,nl;q=0.9,en;q=0.8"),
        ),
        (
            "sample-unifeed-page",
            "Unifeed with an invented token",
            Asked::get("/unifeed/?accessToken=noSuchToken&interfaceType=JSON&interface=1"),
        ),
    ]
}
