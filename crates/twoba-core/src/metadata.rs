//! The metadata that a server publishes: where to ask for it, and when to trust it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use http::{HeaderValue, Method, Request, Response, Uri, header};
use serde::Deserialize;

use crate::limits::RESPONSE_BODY_MAX;
use crate::provider::{ClientAuthentication, Endpoint, EndpointError, Provider};

/// The metadata of an authorization server (RFC 8414, OpenID Connect Discovery).
///
/// The lists of supported features are often incomplete. The absence of an entry is therefore no
/// reason to refuse anything.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The server's name. It equals the requested issuer.
    pub issuer: String,
    /// The page where a person logs in.
    pub authorization_endpoint: Option<Endpoint>,
    /// The endpoint that issues tokens.
    pub token_endpoint: Endpoint,
    /// The endpoint that revokes tokens.
    pub revocation_endpoint: Option<Endpoint>,
    /// The endpoint that describes a token.
    pub introspection_endpoint: Option<Endpoint>,
    /// The supported ways of client authentication. It is `client_secret_basic` if the server lists
    /// none.
    pub token_endpoint_auth_methods: Vec<String>,
    /// The supported methods of PKCE. `None` if the server lists none, which may mean that it
    /// ignores the challenge. The state protects a login even then.
    pub code_challenge_methods: Option<Vec<String>>,
    /// Whether every answer of the login page carries `iss`.
    pub iss_in_response: bool,
}

/// Why a server's metadata cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The issuer is no `https` URL (`http` on loopback), has a query or fragment, or its path has
    /// a segment `.` or `..`, even an encoded one.
    #[error("the issuer is not an https URL without query, fragment and dot segments")]
    Issuer,
    /// The server answered with this status instead of 200.
    #[error("the metadata was answered with status {0}")]
    Status(u16),
    /// The answer is not one JSON object with the members of the specification.
    #[error("the metadata is not a JSON object of the specified members")]
    Malformed,
    /// The metadata names another issuer than the requested one. The comparison is exact.
    #[error("the metadata belongs to another issuer")]
    AnotherIssuer,
    /// An endpoint cannot be used.
    #[error("the metadata's {0} cannot be used: {1}")]
    Endpoint(&'static str, EndpointError),
}

/// The requests for an issuer's metadata, in the order in which to send them.
///
/// RFC 8414 section 3.1 puts the well-known part between host and path. `OpenID` Connect puts it
/// after the path. A slash at the end of the issuer belongs to its name, and not to these
/// addresses.
///
/// ```
/// let places = twoba_core::metadata_requests("https://id.example/tenant")?;
/// let places: Vec<_> = places.iter().map(|request| request.uri().to_string()).collect();
/// assert_eq!(places, [
///     "https://id.example/.well-known/oauth-authorization-server/tenant",
///     "https://id.example/.well-known/openid-configuration/tenant",
///     "https://id.example/tenant/.well-known/openid-configuration",
/// ]);
/// # Ok::<(), twoba_core::MetadataError>(())
/// ```
///
/// # Errors
///
/// - the issuer is no `https` URL (`http` on loopback), or has a query, a fragment or dot segments:
///   [`MetadataError::Issuer`]
pub fn metadata_requests(issuer: &str) -> Result<Vec<Request<()>>, MetadataError> {
    let endpoint = checked(issuer)?;
    let uri = endpoint.uri();
    let path = uri.path().trim_end_matches('/');
    let origin = issuer
        .strip_suffix(uri.path())
        .unwrap_or(issuer)
        .trim_end_matches('/');
    let mut places = Vec::from([
        alloc::format!("{origin}/.well-known/oauth-authorization-server{path}"),
        alloc::format!("{origin}/.well-known/openid-configuration{path}"),
    ]);
    if !path.is_empty() {
        places.push(alloc::format!(
            "{origin}{path}/.well-known/openid-configuration"
        ));
    }
    places.iter().map(|place| request(place)).collect()
}

/// The issuer as an address.
fn checked(issuer: &str) -> Result<Endpoint, MetadataError> {
    let endpoint = Endpoint::parse(issuer).map_err(|_| MetadataError::Issuer)?;
    // On its way to the server a dot segment makes another issuer's address of it.
    if endpoint.uri().query().is_some() || has_dot_segment(endpoint.uri().path()) {
        return Err(MetadataError::Issuer);
    }
    Ok(endpoint)
}

/// Whether a segment of the path is `.` or `..`, however its dots and slashes are encoded.
fn has_dot_segment(path: &str) -> bool {
    let mut path = path.to_ascii_lowercase();
    for (encoded, meant) in [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("\\", "/")] {
        path = path.replace(encoded, meant);
    }
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn request(place: &str) -> Result<Request<()>, MetadataError> {
    let mut request = Request::new(());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = place.parse::<Uri>().map_err(|_| MetadataError::Issuer)?;
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let identity = HeaderValue::from_static("identity");
    headers.insert(header::ACCEPT_ENCODING, identity);
    Ok(request)
}

/// The members that are read. Others are skipped.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl Metadata {
    /// Judges the answer to one of [`metadata_requests`] for this issuer.
    ///
    /// # Errors
    ///
    /// - [`metadata_requests`] refuses the issuer: [`MetadataError::Issuer`]
    /// - the status is not 200: [`MetadataError::Status`]
    /// - the body is no JSON object with `issuer` and `token_endpoint`, or has more than 1 MiB:
    ///   [`MetadataError::Malformed`]
    /// - the `issuer` differs in any letter: [`MetadataError::AnotherIssuer`]
    /// - an endpoint is not `https` (`http` on loopback): [`MetadataError::Endpoint`]
    pub fn judge<B: AsRef<[u8]>>(
        issuer: &str,
        response: &Response<B>,
    ) -> Result<Self, MetadataError> {
        // RFC 8414 section 3.2: a success is 200.
        if response.status().as_u16() != 200 {
            return Err(MetadataError::Status(response.status().as_u16()));
        }
        let body = response.body().as_ref();
        if body.len() > RESPONSE_BODY_MAX {
            return Err(MetadataError::Malformed);
        }
        let document: Document =
            serde_json::from_slice(body).map_err(|_| MetadataError::Malformed)?;
        checked(issuer)?;
        // RFC 8414 section 3.3: identical, or the metadata must not be used.
        if document.issuer != issuer {
            return Err(MetadataError::AnotherIssuer);
        }
        let endpoint = |name: &'static str, text: &str| {
            Endpoint::parse(text).map_err(|error| MetadataError::Endpoint(name, error))
        };
        let optional =
            |name, text: Option<String>| text.map(|text| endpoint(name, &text)).transpose();
        Ok(Self {
            issuer: document.issuer,
            authorization_endpoint: optional(
                "authorization_endpoint",
                document.authorization_endpoint,
            )?,
            token_endpoint: endpoint("token_endpoint", &document.token_endpoint)?,
            revocation_endpoint: optional("revocation_endpoint", document.revocation_endpoint)?,
            introspection_endpoint: optional(
                "introspection_endpoint",
                document.introspection_endpoint,
            )?,
            // RFC 8414 section 2: the default where it is omitted.
            token_endpoint_auth_methods: document
                .token_endpoint_auth_methods_supported
                .unwrap_or_else(|| Vec::from(["client_secret_basic".to_string()])),
            code_challenge_methods: document.code_challenge_methods_supported,
            iss_in_response: document
                .authorization_response_iss_parameter_supported
                .unwrap_or_default(),
        })
    }

    /// Makes a provider with these endpoints and the rules of RFC 6749. Its authority is the
    /// issuer.
    ///
    /// The client secret goes into the form body if the server accepts that, because all servers
    /// decode the form in the same way. Otherwise it goes into HTTP Basic.
    #[must_use]
    pub fn provider(&self) -> Provider {
        let takes = |method: &str| {
            self.token_endpoint_auth_methods
                .iter()
                .any(|supported| supported == method)
        };
        let basic_only = takes("client_secret_basic") && !takes("client_secret_post");
        let authentication = if basic_only {
            ClientAuthentication::Basic
        } else {
            ClientAuthentication::Form
        };
        let mut provider = Provider::custom(self.token_endpoint.clone())
            .with_authority(self.issuer.clone())
            .with_authentication(authentication);
        provider = if self.iss_in_response {
            provider.with_announced_issuer(self.issuer.clone())
        } else {
            provider.with_issuer(self.issuer.clone())
        };
        if let Some(endpoint) = &self.authorization_endpoint {
            provider = provider.with_authorization_endpoint(endpoint.clone());
        }
        if let Some(endpoint) = &self.revocation_endpoint {
            provider = provider.with_revocation_endpoint(endpoint.clone());
        }
        if let Some(endpoint) = &self.introspection_endpoint {
            provider = provider.with_introspection_endpoint(endpoint.clone());
        }
        provider
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn places(issuer: &str) -> Result<Vec<String>, MetadataError> {
        let requests = metadata_requests(issuer)?;
        Ok(requests.iter().map(|one| one.uri().to_string()).collect())
    }

    // shows: MD1
    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        for issuer in ["https://id.example", "https://id.example/"] {
            assert_eq!(
                places(issuer).unwrap(),
                [
                    "https://id.example/.well-known/oauth-authorization-server",
                    "https://id.example/.well-known/openid-configuration",
                ]
            );
        }
        for issuer in ["https://id.example/a/b", "https://id.example/a/b/"] {
            assert_eq!(
                places(issuer).unwrap(),
                [
                    "https://id.example/.well-known/oauth-authorization-server/a/b",
                    "https://id.example/.well-known/openid-configuration/a/b",
                    "https://id.example/a/b/.well-known/openid-configuration",
                ]
            );
        }
        for bad in [
            "http://id.example",
            "https://id.example/?a",
            "id.example",
            "https://a/#b",
        ] {
            assert_eq!(places(bad), Err(MetadataError::Issuer), "{bad}");
        }
    }

    // shows: MD1 MD2
    #[test]
    fn an_issuer_with_dot_segments_is_refused() {
        for path in [
            "/.",
            "/..",
            "/./a",
            "/a/../b",
            "/a/.",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e",
            "/a%2f..%2Fb",
            "/a%5c..",
            "/a%2F.",
        ] {
            let issuer = format!("https://id.example{path}");
            assert_eq!(places(&issuer), Err(MetadataError::Issuer), "{issuer}");
            let judged = Metadata::judge(&issuer, &document(&issuer));
            assert_eq!(judged, Err(MetadataError::Issuer), "{issuer}");
        }
        for path in ["/...", "/a.b", "/.well", "/a..", "/%2ea", "/%252e%252e"] {
            let issuer = format!("https://id.example{path}");
            assert!(places(&issuer).is_ok(), "{issuer}");
        }
    }

    fn answer(body: &str) -> Response<String> {
        Response::new(body.to_string())
    }

    fn document(issuer: &str) -> Response<String> {
        answer(&format!(
            r#"{{"issuer":"{issuer}","token_endpoint":"https://id.example/t/","unknown":[{{}}]}}"#
        ))
    }

    // shows: MD2
    #[test]
    fn the_issuer_is_compared_to_the_letter() {
        let asked = "https://id.example/tenant";
        assert!(Metadata::judge(asked, &document(asked)).is_ok());
        for other in [
            "https://id.example/tenant/",
            "https://ID.example/tenant",
            "https://id.example:443/tenant",
            "https://evil.example/tenant",
        ] {
            let outcome = Metadata::judge(asked, &document(other));
            assert_eq!(outcome, Err(MetadataError::AnotherIssuer), "{other}");
        }
    }

    // shows: MD4 AZ6
    #[test]
    fn absent_members_take_their_defaults() {
        let read = Metadata::judge("https://id.example", &document("https://id.example")).unwrap();
        assert_eq!(read.token_endpoint_auth_methods, ["client_secret_basic"]);
        assert_eq!(read.code_challenge_methods, None);
        assert_eq!(read.token_endpoint.as_str(), "https://id.example/t/");
        let provider = read.provider();
        assert_eq!(provider.authentication(), ClientAuthentication::Basic);
        assert_eq!(provider.authority(), "https://id.example");
        assert!(provider.revocation_endpoint().is_none());
        let post = Metadata {
            token_endpoint_auth_methods: Vec::from(["client_secret_post".to_string()]),
            ..read
        };
        assert_eq!(post.provider().authentication(), ClientAuthentication::Form);
    }

    // shows: MD3
    #[test]
    fn endpoints_may_be_on_another_host_and_never_in_the_clear() {
        let body = |endpoint: &str| {
            answer(&format!(
                r#"{{"issuer":"https://id.example","token_endpoint":"{endpoint}"}}"#
            ))
        };
        let elsewhere = Metadata::judge("https://id.example", &body("https://tokens.example/"));
        assert!(elsewhere.is_ok());
        let clear = Metadata::judge("https://id.example", &body("http://id.example/"));
        assert_eq!(
            clear,
            Err(MetadataError::Endpoint(
                "token_endpoint",
                EndpointError::PlainHttp
            ))
        );
    }

    #[test]
    fn what_is_not_metadata_is_an_error() {
        for body in [
            "",
            "[]",
            "null",
            "{}",
            "<html>",
            r#"{"issuer":1,"token_endpoint":2}"#,
        ] {
            let outcome = Metadata::judge("https://id.example", &answer(body));
            assert_eq!(outcome, Err(MetadataError::Malformed), "{body}");
        }
        let mut missing = answer("");
        *missing.status_mut() = http::StatusCode::NOT_FOUND;
        let outcome = Metadata::judge("https://id.example", &missing);
        assert_eq!(outcome, Err(MetadataError::Status(404)));
        let huge = " ".repeat(RESPONSE_BODY_MAX + 1);
        let outcome = Metadata::judge("https://id.example", &answer(&huge));
        assert_eq!(outcome, Err(MetadataError::Malformed));
    }
}
