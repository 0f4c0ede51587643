//! The environments of 2BA, with their documented endpoints.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use super::{ClientAuthentication, Endpoint, EndpointError, Provider, Replay, Rules};

/// How long after its last refresh an unused grant of 2BA is refreshed: ten days. 2BA documents no
/// expiry of unused grants. The servers to which its tokens point forget one after 15 to 30 days.
const KEEP_ALIVE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A 2BA environment: the addresses of its authorization server and of its services.
struct TwoBa {
    authority: &'static str,
    authorize: &'static str,
    token: &'static str,
    service: &'static str,
    soap: &'static str,
    apix: &'static str,
    unifeed: &'static str,
}

impl Provider {
    /// The production server of 2BA, with its documented endpoints.
    ///
    /// Client credentials go into the form body. A bare 400 in answer to a refresh means that the
    /// person has to log in again. A lost answer is replayed once, because 2BA documents no reuse
    /// policy. The rules are [`Rules::two_ba`].
    #[must_use]
    pub fn two_ba() -> Self {
        Self::documented(&TwoBa {
            authority: "https://authorize.2ba.nl",
            authorize: "https://authorize.2ba.nl/OAuth/Authorize",
            token: "https://authorize.2ba.nl/OAuth/Token",
            service: "https://api.2ba.nl/1/json/",
            soap: "https://api.2ba.nl/1/soap/",
            apix: "https://apix.2ba.nl/api/v1/",
            unifeed: "https://unifeed.2ba.nl/",
        })
    }

    /// The production server of 2BA, with the endpoints in its newest documents.
    ///
    /// Its authority is the same as that of [`Provider::two_ba`], so a session survives the change.
    #[must_use]
    pub fn two_ba_connect() -> Self {
        Self::documented(&TwoBa {
            authority: "https://authorize.2ba.nl",
            authorize: "https://authorize.2ba.nl/connect/authorize",
            token: "https://authorize.2ba.nl/connect/token",
            service: "https://api.2ba.nl/1/json/",
            soap: "https://api.2ba.nl/1/soap/",
            apix: "https://apix.2ba.nl/api/v1/",
            unifeed: "https://unifeed.2ba.nl/",
        })
    }

    /// The beta environment of 2BA.
    #[must_use]
    pub fn two_ba_beta() -> Self {
        Self::documented(&TwoBa {
            authority: "https://authorize.beta.2ba.nl",
            authorize: "https://authorize.beta.2ba.nl/OAuth/Authorize",
            token: "https://authorize.beta.2ba.nl/OAuth/Token",
            service: "https://api.beta.2ba.nl/1/json/",
            soap: "https://api.beta.2ba.nl/1/soap/",
            apix: "https://apix.beta.2ba.nl/api/v1/",
            unifeed: "https://uol-unifeed.beta.2ba.nl/",
        })
    }

    /// A server that stands for 2BA, such as an emulator or a test environment, with 2BA's paths
    /// below one address: `/OAuth/Authorize`, `/OAuth/Token`, `/connect/revocation`, the services
    /// below `/1/json/` and `/1/soap/`, ApiX below `/apix/api/v1/`, and Unifeed at `/unifeed/`.
    ///
    /// It has the rules of [`Provider::two_ba`]. Tokens go only to the origin of `base`. Stored
    /// sessions are bound to `base`, with or without a slash at its end.
    ///
    /// ```
    /// use twoba_core::Provider;
    ///
    /// let provider = Provider::two_ba_at("http://127.0.0.1:4280")?;
    /// assert_eq!(provider.authority(), "http://127.0.0.1:4280");
    /// # Ok::<(), twoba_core::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `base` has a query: [`EndpointError::Query`]
    /// - `base` is no address that may get a secret: as for [`Endpoint::parse`]
    pub fn two_ba_at(base: &str) -> Result<Self, EndpointError> {
        let base = base.strip_suffix('/').unwrap_or(base);
        // What stands alone has to be an address too, so that no path completes it.
        Endpoint::parse(base)?;
        if base.contains('?') {
            return Err(EndpointError::Query);
        }
        let below = |path: &str| Endpoint::parse(&format!("{base}{path}"));
        Ok(Self::custom(below("/OAuth/Token")?)
            .with_authority(base)
            .with_authorization_endpoint(below("/OAuth/Authorize")?)
            .with_revocation_endpoint(below("/connect/revocation")?)
            .with_service_base(below("/1/json/")?)
            .with_apix_base(below("/apix/api/v1/")?)
            .with_unifeed_base(below("/unifeed/")?)
            .with_rules(Rules::two_ba())
            .with_keep_alive(Some(KEEP_ALIVE)))
    }

    fn documented(place: &TwoBa) -> Self {
        Self {
            authority: place.authority.to_string(),
            token_endpoint: Endpoint::documented(place.token),
            authorization_endpoint: Some(Endpoint::documented(place.authorize)),
            revocation_endpoint: None,
            introspection_endpoint: None,
            issuer: None,
            service_base: Some(Endpoint::documented(place.service)),
            soap_base: Some(Endpoint::documented(place.soap)),
            apix_base: Some(Endpoint::documented(place.apix)),
            unifeed_base: Some(Endpoint::documented(place.unifeed)),
            service_origins: Vec::from([
                Endpoint::documented(place.service).origin(),
                Endpoint::documented(place.apix).origin(),
            ]),
            authentication: ClientAuthentication::Form,
            rules: Rules::two_ba(),
            replay: Replay::Once,
            refresh_window: None,
            keep_alive: Some(KEEP_ALIVE),
            callback: None,
            assertion_audience: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_stands_for_2ba_has_its_rules_and_nothing_of_its_addresses() {
        for base in ["http://127.0.0.1:4280", "https://test.example/2ba/"] {
            let provider = Provider::two_ba_at(base).unwrap();
            let base = base.trim_end_matches('/');
            assert_eq!(provider.authority(), base);
            let there = Provider {
                authority: Provider::two_ba().authority,
                token_endpoint: Provider::two_ba().token_endpoint,
                authorization_endpoint: Provider::two_ba().authorization_endpoint,
                revocation_endpoint: None,
                service_base: Provider::two_ba().service_base,
                soap_base: Provider::two_ba().soap_base,
                apix_base: Provider::two_ba().apix_base,
                unifeed_base: Provider::two_ba().unifeed_base,
                service_origins: Provider::two_ba().service_origins,
                ..provider.clone()
            };
            assert_eq!(there, Provider::two_ba(), "all else is the same");
            assert!(!format!("{provider:?}").contains("2ba.nl"));
            let token = Endpoint::parse(&format!("{base}/OAuth/Token")).unwrap();
            assert_eq!(provider.token_endpoint, token);
            let apix = format!("{base}/apix/api/v1/Product/7").parse().unwrap();
            assert!(provider.serves(&apix));
        }
        for (base, expected) in [
            ("http://example.com", EndpointError::PlainHttp),
            ("https://example.com?x", EndpointError::Query),
            ("https://example.com/#x", EndpointError::Fragment),
            ("https://u@example.com", EndpointError::Credentials),
            ("https://", EndpointError::NotAbsolute),
            ("127.0.0.1", EndpointError::NotAbsolute),
        ] {
            assert_eq!(Provider::two_ba_at(base), Err(expected), "{base}");
        }
    }
}
