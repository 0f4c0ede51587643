//! The environments of 2BA, by their documented endpoints.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use super::{ClientAuthentication, Endpoint, Provider, Replay, Rules};

/// After how long a grant of 2BA that nobody uses is refreshed: ten days. 2BA documents no end of
/// an unused grant; the servers that its tokens point to forget one after 15 to 30 days.
const KEEP_ALIVE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A 2BA environment: where it authorizes and where its services are.
struct TwoBa {
    authority: &'static str,
    authorize: &'static str,
    token: &'static str,
    service: &'static str,
    apix: &'static str,
}

impl Provider {
    /// The production server of 2BA by its documented endpoints.
    ///
    /// Client credentials go into the form body, a refresh that is answered with a bare 400
    /// means that the user has to log in again, and a lost answer is replayed once, because
    /// 2BA documents no reuse policy. The rules are [`Rules::two_ba`].
    #[must_use]
    pub fn two_ba() -> Self {
        Self::two_ba_at(&TwoBa {
            authority: "https://authorize.2ba.nl",
            authorize: "https://authorize.2ba.nl/OAuth/Authorize",
            token: "https://authorize.2ba.nl/OAuth/Token",
            service: "https://api.2ba.nl/1/json/",
            apix: "https://apix.2ba.nl",
        })
    }

    /// The production server of 2BA by the endpoints that its newest documents name.
    ///
    /// It is the same authority as [`Provider::two_ba`]: a session survives the change.
    #[must_use]
    pub fn two_ba_connect() -> Self {
        Self::two_ba_at(&TwoBa {
            authority: "https://authorize.2ba.nl",
            authorize: "https://authorize.2ba.nl/connect/authorize",
            token: "https://authorize.2ba.nl/connect/token",
            service: "https://api.2ba.nl/1/json/",
            apix: "https://apix.2ba.nl",
        })
    }

    /// The beta environment of 2BA.
    #[must_use]
    pub fn two_ba_beta() -> Self {
        Self::two_ba_at(&TwoBa {
            authority: "https://authorize.beta.2ba.nl",
            authorize: "https://authorize.beta.2ba.nl/OAuth/Authorize",
            token: "https://authorize.beta.2ba.nl/OAuth/Token",
            service: "https://api.beta.2ba.nl/1/json/",
            apix: "https://apix.beta.2ba.nl",
        })
    }

    fn two_ba_at(place: &TwoBa) -> Self {
        Self {
            authority: place.authority.to_string(),
            token_endpoint: Endpoint::documented(place.token),
            authorization_endpoint: Some(Endpoint::documented(place.authorize)),
            revocation_endpoint: None,
            introspection_endpoint: None,
            issuer: None,
            service_base: Some(Endpoint::documented(place.service)),
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
