//! A server's metadata: believed only by the issuer it was asked of, and only in safe places.

use http::{Response, StatusCode, Uri};
use twoba_core::{Endpoint, Metadata, MetadataError, Origin, metadata_requests};

use crate::shown::assert_fit_to_print;

/// Asks an issuer and judges the answer: the issuer on the first line, then the body.
///
/// # Panics
///
/// - the places to ask at are on another server than the issuer
/// - metadata of another issuer is believed, or an endpoint in the clear
/// - another status than 200 is believed
pub fn metadata(data: &[u8]) {
    let end = data.iter().position(|&b| b == b'\n').unwrap_or(data.len());
    let (issuer, body) = data.split_at(end);
    let body = body.get(1..).unwrap_or_default();
    let Ok(issuer) = std::str::from_utf8(issuer) else {
        return;
    };
    assert_places(issuer);

    let mut response = Response::new(body);
    let outcome = Metadata::judge(issuer, &response);
    assert_eq!(outcome, Metadata::judge(issuer, &response));
    match &outcome {
        Ok(metadata) => assert_believed(metadata, issuer),
        Err(error) => assert_fit_to_print(error),
    }
    *response.status_mut() = StatusCode::NOT_FOUND;
    let missing = Metadata::judge(issuer, &response);
    assert_eq!(missing, Err(MetadataError::Status(404)));
}

fn assert_places(issuer: &str) {
    let requests = match metadata_requests(issuer) {
        Ok(requests) => requests,
        Err(error) => return assert_fit_to_print(&error),
    };
    let home = issuer.parse::<Uri>().ok().as_ref().and_then(Origin::of);
    assert!(home.is_some(), "{issuer:?} is no URL");
    assert!((2..=3).contains(&requests.len()), "{issuer:?}");
    for request in &requests {
        let uri = request.uri();
        assert_eq!(Origin::of(uri), home, "{uri} for {issuer:?}");
        assert!(uri.path().contains("/.well-known/"), "{uri}");
        assert_eq!(uri.query(), None, "{uri}");
        assert!(Endpoint::parse(&uri.to_string()).is_ok(), "{uri}");
    }
}

fn assert_believed(metadata: &Metadata, issuer: &str) {
    assert_eq!(metadata.issuer, issuer);
    let provider = metadata.provider();
    assert_eq!(provider.authority(), issuer);
    assert_eq!(provider.token_endpoint(), &metadata.token_endpoint);
    let endpoints = [
        Some(&metadata.token_endpoint),
        metadata.authorization_endpoint.as_ref(),
        metadata.revocation_endpoint.as_ref(),
        metadata.introspection_endpoint.as_ref(),
    ];
    for endpoint in endpoints.into_iter().flatten() {
        assert_eq!(Endpoint::parse(endpoint.as_str()).as_ref(), Ok(endpoint));
        let uri = endpoint.uri();
        let loopback = |host: &str| {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let address = bare.parse::<std::net::IpAddr>();
            host.eq_ignore_ascii_case("localhost")
                || address.is_ok_and(|address| address.is_loopback())
        };
        let safe = uri.scheme_str() == Some("https") || uri.host().is_some_and(loopback);
        assert!(safe, "{uri}");
    }
}
