//! Where a selection comes back to: which requests are one, and which are refused. Who listens, and how a
//! request is read from a socket, is somebody else's affair.

use std::fmt;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, ORIGIN};
use http::{Method, Request, Response, StatusCode};
use subtle::ConstantTimeEq;
use twoba_core::{AccessToken, Endpoint, EndpointError, Origin, Provider, Seed};
use zeroize::Zeroizing;

use super::interface::InterfaceType;
use super::oci;
use super::reply;
use super::selection::{Selection, Unfit};

/// Longest selection that is read, in bytes.
const LENGTH_MAX: usize = 1024 * 1024;

/// A receiver of one selection.
///
/// Its [address](Self::hook) ends with a secret that is drawn for this receiver alone. A request without
/// the secret is refused, and so is one from a page of another origin than Unifeed's. A refused request
/// changes nothing.
///
/// ```
/// use twoba_core::{Endpoint, Provider, Seed};
/// use twoba_services::{InterfaceType, Received, UnifeedReceiver};
///
/// # let entropy = [7; 32];
/// let here = Endpoint::parse("http://127.0.0.1:4281/unifeed")?;
/// let seed = Seed::from_bytes(entropy);
/// let receiver =
///     UnifeedReceiver::new(InterfaceType::Json, &here, &Provider::two_ba(), seed)?;
///
/// let form = "Json=%5B%7B%22Quantity%22%3A%222%22%7D%5D";
/// let request = http::Request::post(receiver.hook())
///     .header("content-type", "application/x-www-form-urlencoded")
///     .header("origin", "https://unifeed.2ba.nl")
///     .body(form.as_bytes().to_vec())?;
/// let reception = receiver.receive(&request);
/// let Received::Selection(selection) = reception.received else {
///     panic!("refused");
/// };
/// assert_eq!(selection.items[0].quantity.as_deref(), Some("2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UnifeedReceiver {
    way: InterfaceType,
    hook: Zeroizing<String>,
    state: Zeroizing<String>,
    origins: Vec<Origin>,
    takes_opaque: bool,
    /// The tokens of which a post by Unifeed's server has to bring one, if there are any.
    bearers: Vec<AccessToken>,
}

/// What a request was, and what to answer it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reception {
    /// What was received.
    pub received: Received,
    /// What to answer. Instead of the page at the end, another one may be shown.
    pub response: Response<Vec<u8>>,
}

/// What a request was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// The selection. Nothing more will come.
    Selection(Selection),
    /// A browser's question whether it may post; the selection will come behind it.
    Preflight,
    /// Something else, which changes nothing: wait on.
    Refused(SelectionError),
}

/// Why a request is no selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// Its address has not the secret that was drawn for this receiver.
    #[error("the address is not the one that was given to Unifeed")]
    WrongState,
    /// It comes from a page of another origin than Unifeed's, or from one without an origin.
    #[error("the request comes from a page that is not Unifeed's")]
    ForeignOrigin,
    /// It does not bring a token that Unifeed's server was given.
    #[error("the request does not bring the token that was given to Unifeed")]
    Unauthorized,
    /// Its method is not that of this way back.
    #[error("a selection does not come by this method")]
    Method,
    /// Its content is of another kind than this way back has.
    #[error("a selection does not come as this kind of content")]
    MediaType,
    /// It is over 1 MiB.
    #[error("the selection is over 1 MiB")]
    TooLarge,
    /// It has more than 10,000 items, or numbers them higher.
    #[error("the selection has more than 10,000 items")]
    TooMany,
    /// The form or the query has not exactly one field with the selection in it.
    #[error("the form has not the one field that holds the selection")]
    NoSelection,
    /// What should be JSON is none.
    #[error("the selection is not JSON")]
    NotJson,
    /// It is JSON or a form, and no selection.
    #[error("the content is no selection")]
    Unexpected,
}

impl SelectionError {
    fn status(self) -> StatusCode {
        match self {
            Self::WrongState => StatusCode::NOT_FOUND,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge | Self::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoSelection | Self::NotJson | Self::Unexpected => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Unfit> for SelectionError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NotJson => Self::NotJson,
            Unfit::Unexpected => Self::Unexpected,
            Unfit::TooMany => Self::TooMany,
        }
    }
}

impl UnifeedReceiver {
    /// Makes a receiver for this way back. Its address is below `here`, and it accepts posts from the
    /// provider's Unifeed. The seed must not have served for anything else.
    ///
    /// # Errors
    ///
    /// - `here` has a query: [`EndpointError::Query`]
    pub fn new(
        way: InterfaceType,
        here: &Endpoint,
        provider: &Provider,
        seed: Seed,
    ) -> Result<Self, EndpointError> {
        if here.uri().query().is_some() {
            return Err(EndpointError::Query);
        }
        let state = seed.into_text();
        let here = here.as_str().trim_end_matches('/');
        Ok(Self {
            way,
            hook: Zeroizing::new(format!("{here}/{}", state.as_str())),
            state,
            origins: provider
                .unifeed_base()
                .map(Endpoint::origin)
                .into_iter()
                .collect(),
            takes_opaque: false,
            bearers: Vec::new(),
        })
    }

    /// Adds an origin whose pages may post a selection.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Sets that posts of pages without an origin (`Origin: null` of a browser) are accepted. Then only
    /// the secret in the address distinguishes Unifeed from others.
    #[must_use]
    pub fn allow_opaque_origin(mut self) -> Self {
        self.takes_opaque = true;
        self
    }

    /// Adds a token that Unifeed's server may bring. With the parameter `cbap`
    /// ([`with_callback_application`](crate::UnifeedStart::with_callback_application)), Unifeed asks
    /// your own token service for a token, and brings it in the header `Authorization` of a
    /// `SERVERJSONPOST`. From the first token on, such a post without one of them is refused. Other
    /// ways back are a browser's, which brings no token.
    #[must_use]
    pub fn with_bearer(mut self, token: AccessToken) -> Self {
        self.bearers.push(token);
        self
    }

    /// The address for [`with_hook`](crate::UnifeedStart::with_hook). It is for Unifeed alone: whoever
    /// knows it can post a selection.
    #[must_use]
    pub fn hook(&self) -> &str {
        &self.hook
    }

    /// Judges a request, and says what to answer.
    #[must_use]
    pub fn receive(&self, request: &Request<Vec<u8>>) -> Reception {
        if let Err(error) = self.may_post(request) {
            let response = reply::refusal(error.status(), &error.to_string());
            return refused(error, reply::challenging(response));
        }
        let origin = request.headers().get(ORIGIN);
        let script = self.way == InterfaceType::JsonPost;
        let shared = |response| reply::shared_with(response, origin.filter(|_| script));
        if script && *request.method() == Method::OPTIONS {
            let asks = request.headers().contains_key(reply::PRIVATE_NETWORK_ASKED);
            return Reception {
                received: Received::Preflight,
                response: shared(reply::preflight(asks)),
            };
        }
        match self.read(request) {
            Ok(selection) => Reception {
                received: Received::Selection(selection),
                response: shared(match (self.way, Kind::of(request.headers())) {
                    // A person sees what a form is answered with.
                    (_, Kind::Form) | (InterfaceType::JsonGet, _) => reply::page(),
                    (_, Kind::Json | Kind::Other) => reply::nothing(),
                }),
            },
            Err(error) => {
                let response = shared(reply::refusal(error.status(), &error.to_string()));
                let response = if error == SelectionError::Method {
                    reply::allowing(response, self.methods())
                } else {
                    response
                };
                refused(error, response)
            }
        }
    }

    fn methods(&self) -> &'static str {
        match self.way {
            InterfaceType::JsonGet => "GET",
            InterfaceType::JsonPost => "POST, OPTIONS",
            InterfaceType::Json
            | InterfaceType::ServerJsonPost
            | InterfaceType::Oci
            | InterfaceType::Oci2
            | InterfaceType::Download => "POST",
        }
    }

    /// Whether the request knows the secret and comes from no other page.
    fn may_post(&self, request: &Request<Vec<u8>>) -> Result<(), SelectionError> {
        let last = request.uri().path().rsplit('/').next().unwrap_or_default();
        if !bool::from(last.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(SelectionError::WrongState);
        }
        let mut origins = request.headers().get_all(ORIGIN).iter();
        let (first, second) = (origins.next(), origins.next());
        let is_known = match (first, second) {
            // No page sends it: a server, or a browser that goes to an address.
            (None, _) => true,
            (Some(origin), None) if origin == "null" => self.takes_opaque,
            (Some(origin), None) => {
                let uri = origin.to_str().ok().and_then(|origin| origin.parse().ok());
                let origin = uri.as_ref().and_then(Origin::of);
                origin.is_some_and(|origin| self.origins.contains(&origin))
            }
            (Some(_), Some(_)) => false,
        };
        match (is_known, self.brings_token(request.headers())) {
            (false, _) => Err(SelectionError::ForeignOrigin),
            (true, false) => Err(SelectionError::Unauthorized),
            (true, true) => Ok(()),
        }
    }

    /// Whether the header has a token that Unifeed's server was given, if it was given any.
    fn brings_token(&self, headers: &HeaderMap) -> bool {
        if self.bearers.is_empty() || self.way != InterfaceType::ServerJsonPost {
            return true;
        }
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(only), None) = (all.next(), all.next()) else {
            return false;
        };
        // RFC 9110 section 11.1: the scheme has any letter case.
        let Some((scheme, token)) = only.to_str().ok().and_then(|said| said.split_once(' ')) else {
            return false;
        };
        let is = |known: &AccessToken| known.expose().as_bytes().ct_eq(token.as_bytes()).into();
        scheme.eq_ignore_ascii_case("Bearer") && self.bearers.iter().any(is)
    }

    fn read(&self, request: &Request<Vec<u8>>) -> Result<Selection, SelectionError> {
        let by_get = self.way == InterfaceType::JsonGet;
        let expected = if by_get { Method::GET } else { Method::POST };
        if *request.method() != expected {
            return Err(SelectionError::Method);
        }
        let body = request.body();
        if body.len() > LENGTH_MAX {
            return Err(SelectionError::TooLarge);
        }
        let kind = Kind::of(request.headers());
        let json = match (self.way, kind) {
            (InterfaceType::JsonGet, _) => {
                let query = request.uri().query().unwrap_or_default();
                field(query.as_bytes(), "json")?
            }
            (InterfaceType::Oci | InterfaceType::Oci2, Kind::Form) => {
                let items = oci::items(fields(body)?)?;
                return Ok(Selection {
                    way: self.way,
                    items,
                    object: None,
                });
            }
            // A page whose script does not run posts its form instead.
            (InterfaceType::Json | InterfaceType::JsonPost, Kind::Form) => field(body, "json")?,
            (InterfaceType::JsonPost | InterfaceType::ServerJsonPost, Kind::Json) => {
                return Ok(Selection::of_json(self.way, body)?);
            }
            (_, Kind::Form | Kind::Json | Kind::Other) => return Err(SelectionError::MediaType),
        };
        Ok(Selection::of_json(self.way, json.as_bytes())?)
    }
}

impl fmt::Debug for UnifeedReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnifeedReceiver")
            .field("way", &self.way)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

fn refused(error: SelectionError, response: Response<Vec<u8>>) -> Reception {
    Reception {
        received: Received::Refused(error),
        response,
    }
}

/// The kinds of content that selections come as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Form,
    Json,
    Other,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Self {
        if twoba_core::is_json(headers) {
            return Self::Json;
        }
        let said = headers
            .get(CONTENT_TYPE)
            .and_then(|said| said.to_str().ok());
        let media_type = said.and_then(|said| said.split(';').next());
        let is_form = media_type.is_some_and(|media_type| {
            media_type
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if is_form { Self::Form } else { Self::Other }
    }
}

fn fields(form: &[u8]) -> Result<Vec<(String, String)>, SelectionError> {
    serde_urlencoded::from_bytes(form).map_err(|_| SelectionError::NoSelection)
}

/// The one field of this name, in any letter case.
fn field(form: &[u8], name: &str) -> Result<String, SelectionError> {
    let mut found = fields(form)?
        .into_iter()
        .filter(|(given, _)| given.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Ok(value),
        (Some(_) | None, _) => Err(SelectionError::NoSelection),
    }
}

#[cfg(test)]
mod tests;
