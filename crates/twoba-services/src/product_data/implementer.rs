//! Who serves Product Data, and where.

use std::borrow::Cow;

use twoba_core::{Endpoint, EndpointError, Provider};

/// Somebody who serves Product Data.
///
/// ```
/// use twoba_services::product_data::Implementer;
///
/// let there = Implementer::at("https://data.example/api/v1")?;
/// assert_eq!(there.base(), "https://data.example/api/v1");
/// assert!(there.provider().is_none(), "nobody has said where its tokens come from");
/// # Ok::<(), twoba_core::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implementer {
    /// An endpoint without a query. That the constants below are is a test's affair.
    base: Cow<'static, str>,
    token_endpoint: Option<Cow<'static, str>>,
}

impl Implementer {
    /// 2BA: `https://rest.2ba.nl/api/v1`, with tokens of `https://identity.2ba.nl/connect/token`.
    #[must_use]
    pub fn two_ba() -> Self {
        Self::documented(
            "https://rest.2ba.nl/api/v1",
            Some("https://identity.2ba.nl/connect/token"),
        )
    }

    /// The acceptance environment of 2BA. The path of its token endpoint is inferred from that of
    /// production.
    #[must_use]
    pub fn two_ba_acceptance() -> Self {
        Self::documented(
            "https://rest.accept.2ba.nl/api/v1",
            Some("https://identity.accept.2ba.nl/connect/token"),
        )
    }

    /// Artikelbeheer, by the address that it is described with: a server before release. It does not
    /// say where its tokens come from.
    #[must_use]
    pub fn artikelbeheer() -> Self {
        Self::documented("https://selectprerelease.artikelbeheer.nl/api/v1", None)
    }

    /// Etimix, by the address that it is described with: an acceptance server. It does not say where
    /// its tokens come from.
    #[must_use]
    pub fn etimix() -> Self {
        Self::documented("https://acceptation-service-api-dsgo.etimix.com/v1", None)
    }

    /// Anybody else, with the paths of the API below `base`.
    ///
    /// # Errors
    ///
    /// - `base` has a query: [`EndpointError::Query`]
    /// - it is no address that a token may be sent to: as [`Endpoint::parse`]
    pub fn at(base: &str) -> Result<Self, EndpointError> {
        if base.contains('?') {
            return Err(EndpointError::Query);
        }
        Endpoint::parse(base)?;
        Ok(Self {
            base: base.to_owned().into(),
            token_endpoint: None,
        })
    }

    /// Sets where tokens come from.
    #[must_use]
    pub fn with_token_endpoint(mut self, endpoint: &Endpoint) -> Self {
        self.token_endpoint = Some(endpoint.as_str().to_owned().into());
        self
    }

    /// The address that the paths of the API are put below.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A provider whose tokens go here and nowhere else; `None` where it is not known where tokens
    /// come from.
    #[must_use]
    pub fn provider(&self) -> Option<Provider> {
        let token_endpoint = Endpoint::parse(self.token_endpoint.as_deref()?).ok()?;
        let base = Endpoint::parse(&self.base).ok()?;
        Some(Provider::custom(token_endpoint).with_service_base(base))
    }

    fn documented(base: &'static str, token_endpoint: Option<&'static str>) -> Self {
        Self {
            base: base.into(),
            token_endpoint: token_endpoint.map(Cow::from),
        }
    }
}
