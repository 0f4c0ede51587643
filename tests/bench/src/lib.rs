//! What is measured: the same work by ours, by the crate oauth2 and by bare serde_json.
//!
//! Nothing here measures; `benches/time.rs` and `benches/allocations.rs` do, on the same
//! functions and the same bodies. What they come to is told by [`Report`].

use std::cell::RefCell;
use std::hint::black_box;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use oauth2::basic::{
    BasicClient, BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenResponse,
};
use oauth2::{
    AuthType, AuthUrl, Client as Oauth2Client, ClientId, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, RedirectUrl, ResourceOwnerPassword,
    ResourceOwnerUsername, StandardRevocableToken, TokenUrl,
};
use rand::RngCore;
use serde::Deserialize;
use twoba_core::limits::RESPONSE_BODY_MAX;
use twoba_core::{
    Client, ClientSecret, Password, Provider, RedirectUri, RefreshToken, Seed, Timestamp,
    TokenResponse, judge,
};

mod product_data;
mod report;

pub use product_data::{LISTS, List};
pub use report::Report;

/// The time at which everything happens.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

const AUTHORIZE: &str = "https://authorize.2ba.nl/OAuth/Authorize";
const TOKEN: &str = "https://authorize.2ba.nl/OAuth/Token";
const CLIENT_ID: &str = "myApplication";
const CLIENT_SECRET: &str = "myApplicationSecret";
const USERNAME: &str = "me@example.com";
const PASSWORD: &str = "myPassword&+ 1";
const REFRESH_TOKEN: &str = "LwfI!IAAAAFLDVUewBJ04M3z8SutDTRtGzv3JOkF0XG5Qx2TlKWIA";
const REDIRECT: &str = "http://127.0.0.1:43215/tokenreceiver";

/// The answer of a token endpoint, as 2BA documents it.
pub const ANSWER: &str = "{\"access_token\":\"gAAAGw231OZXwzMiH_wV\",\"token_type\":\"bearer\",\
    \"expires_in\":120,\"refresh_token\":\"LwfI!IAAAAFLDVUewBJ04M3z8SutDTR\"}";

/// What can go wrong while the subjects are made.
pub type Fault = Box<dyn std::error::Error>;

/// A response with this body, as JSON.
#[must_use]
pub fn response(status: u16, body: &[u8]) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let json = HeaderValue::from_static("application/json;charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// twoba-core with all that a program makes once.
pub struct Ours {
    client: Client,
    password: Password,
    refresh_token: RefreshToken,
    redirect: RedirectUri,
}

impl Ours {
    /// The subject.
    ///
    /// # Errors
    ///
    /// - never for the constants above: each is what its type asks for
    pub fn new() -> Result<Self, Fault> {
        let secret = ClientSecret::parse(CLIENT_SECRET)?;
        Ok(Self {
            client: Client::confidential(Provider::two_ba(), CLIENT_ID, secret)?,
            password: Password::parse(PASSWORD)?,
            refresh_token: RefreshToken::parse(REFRESH_TOKEN)?,
            redirect: RedirectUri::parse(REDIRECT)?,
        })
    }

    /// Builds the request of the password grant, and drops it as a sender would.
    pub fn build(&self) {
        drop(black_box(
            self.client.password_request(USERNAME, &self.password),
        ));
    }

    /// The password grant: request and judgment.
    #[must_use]
    pub fn password(&self, response: Response<Vec<u8>>) -> Option<TokenResponse> {
        self.build();
        self.judge(&response)
    }

    /// The refresh grant: request and judgment.
    #[must_use]
    pub fn refresh(&self, response: Response<Vec<u8>>) -> Option<TokenResponse> {
        drop(black_box(self.client.refresh_request(&self.refresh_token)));
        self.judge(&response)
    }

    /// The judgment alone.
    #[must_use]
    pub fn judge(&self, response: &Response<Vec<u8>>) -> Option<TokenResponse> {
        judge(self.client.provider(), NOW, response).ok()
    }

    /// Where the browser comes back to: an input of each login.
    #[must_use]
    pub fn redirect(&self) -> RedirectUri {
        self.redirect.clone()
    }

    /// The URL of a login with state and PKCE, and what is remembered of it.
    #[must_use]
    pub fn authorize(&self, redirect: RedirectUri) -> Option<(String, twoba_core::Login)> {
        let mut bytes = [0; 32];
        rand::thread_rng().fill_bytes(&mut bytes);
        let seed = Seed::from_bytes(bytes);
        self.client.authorize(redirect, seed, NOW).ok()
    }
}

type Rival = Oauth2Client<
    BasicErrorResponse,
    BasicTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The crate oauth2 with all that a program makes once.
pub struct Theirs {
    client: Rival,
    username: ResourceOwnerUsername,
    password: ResourceOwnerPassword,
    refresh_token: oauth2::RefreshToken,
}

/// An answer that waits for its request, in memory.
struct Waiting(RefCell<Option<HttpResponse>>);

/// There is nothing to answer with: the request was all that was asked for.
#[derive(Debug)]
struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for NoAnswer {}

impl Waiting {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        drop(black_box(request));
        self.0.borrow_mut().take().ok_or(NoAnswer)
    }
}

impl Theirs {
    /// The subject.
    ///
    /// # Errors
    ///
    /// - never for the constants above: each is what its type asks for
    pub fn new() -> Result<Self, Fault> {
        let client = BasicClient::new(ClientId::new(CLIENT_ID.to_string()))
            .set_client_secret(oauth2::ClientSecret::new(CLIENT_SECRET.to_string()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(AUTHORIZE.to_string())?)
            .set_token_uri(TokenUrl::new(TOKEN.to_string())?)
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_string())?);
        Ok(Self {
            client,
            username: ResourceOwnerUsername::new(USERNAME.to_string()),
            password: ResourceOwnerPassword::new(PASSWORD.to_string()),
            refresh_token: oauth2::RefreshToken::new(REFRESH_TOKEN.to_string()),
        })
    }

    /// Builds the request of the password grant; the crate gives it out only by sending it.
    pub fn build(&self) {
        let waiting = Waiting(RefCell::new(None));
        let client = |request| waiting.send(request);
        let exchange = self
            .client
            .exchange_password(&self.username, &self.password);
        drop(black_box(exchange.request(&client)));
    }

    /// The password grant: request and judgment.
    #[must_use]
    pub fn password(&self, response: Response<Vec<u8>>) -> Option<BasicTokenResponse> {
        let waiting = Waiting(RefCell::new(Some(response)));
        let client = |request| waiting.send(request);
        let exchange = self
            .client
            .exchange_password(&self.username, &self.password);
        exchange.request(&client).ok()
    }

    /// The refresh grant: request and judgment.
    #[must_use]
    pub fn refresh(&self, response: Response<Vec<u8>>) -> Option<BasicTokenResponse> {
        let waiting = Waiting(RefCell::new(Some(response)));
        let client = |request| waiting.send(request);
        let exchange = self.client.exchange_refresh_token(&self.refresh_token);
        exchange.request(&client).ok()
    }

    /// The URL of a login with state and PKCE, and what is remembered of it.
    pub fn authorize(&self) -> (String, CsrfToken, oauth2::PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.client.authorize_url(CsrfToken::new_random);
        let (url, state) = request.set_pkce_challenge(challenge).url();
        (String::from(url), state, verifier)
    }
}

/// A token answer as serde reads it, without a judgment.
#[derive(Debug, Deserialize)]
pub struct Plain {
    /// The token for the services.
    pub access_token: String,
    /// How it is used.
    pub token_type: String,
    /// How long it lives, in seconds.
    pub expires_in: u64,
    /// The token for the next one.
    pub refresh_token: Option<String>,
    /// What it is good for.
    pub scope: Option<String>,
}

/// Reads a token answer by serde_json alone.
#[must_use]
pub fn plain(response: &Response<Vec<u8>>) -> Option<Plain> {
    serde_json::from_slice(response.body()).ok()
}

/// A body of the largest size that is judged, or of a part of it, in a shape that could
/// cost more than its length.
pub struct Shape {
    /// What it is.
    pub name: &'static str,
    /// The status that it comes with.
    pub status: u16,
    before: &'static str,
    unit: &'static [u8],
    after: &'static str,
}

/// The shapes: a unit between two texts, repeated until the body is as long as wanted.
pub const SHAPES: [Shape; 18] = [
    shape(
        "one long unknown member",
        200,
        "{\"x\":\"",
        b"abcdefgh",
        "\"}",
    ),
    shape(
        "one long token",
        200,
        "{\"token_type\":\"bearer\",\"access_token\":\"",
        b"abcdefgh",
        "\"}",
    ),
    shape(
        "one long scope",
        200,
        "{\"token_type\":\"bearer\",\"access_token\":\"a\",\"scope\":\"",
        b"abcdefgh",
        "\"}",
    ),
    shape(
        "many small members",
        200,
        "{",
        b"\"key\":1,",
        "\"access_token\":\"a\",\"token_type\":\"bearer\"}",
    ),
    shape(
        "many members with escapes",
        200,
        "{",
        b"\"\\u006b\":\"\\n\",",
        "\"access_token\":\"a\",\"token_type\":\"bearer\"}",
    ),
    shape("many small arrays", 200, "{\"x\":[", b"[],", "[]]}"),
    shape("deep nesting", 200, "{\"x\":", b"[", ""),
    shape("a string of escapes", 200, "{\"x\":\"", b"\\n", "\"}"),
    shape(
        "a token of escapes",
        200,
        "{\"token_type\":\"bearer\",\"access_token\":\"",
        b"\\u0061",
        "\"}",
    ),
    shape("one long number", 200, "{\"expires_in\":", b"12345678", "}"),
    shape(
        "a description in plain letters",
        400,
        "{\"error\":\"e\",\"error_description\":\"",
        b"abcdefgh",
        "\"}",
    ),
    shape(
        "a description of escapes",
        400,
        "{\"error\":\"e\",\"error_description\":\"",
        b"\\n",
        "\"}",
    ),
    shape(
        "a description of which all is stripped",
        400,
        "{\"error\":\"e\",\"error_description\":\"",
        b"\\u0007",
        "\"}",
    ),
    shape(
        "a description that is not UTF-8",
        400,
        "{\"error\":\"e\",\"error_description\":\"",
        b"\xff",
        "\"}",
    ),
    shape(
        "a scope with escapes in it",
        200,
        "{\"token_type\":\"bearer\",\"access_token\":\"a\",\"scope\":\"",
        b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij\\n",
        "\"}",
    ),
    shape(
        "a description with escapes in it",
        400,
        "{\"error\":\"e\",\"error_description\":\"",
        b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij\\n",
        "\"}",
    ),
    shape("a refusal that is not UTF-8 nor JSON", 400, "", b"\xff", ""),
    shape(
        "a member name that is not UTF-8",
        400,
        "{\"",
        b"\xff",
        "\":1}",
    ),
];

const fn shape(
    name: &'static str,
    status: u16,
    before: &'static str,
    unit: &'static [u8],
    after: &'static str,
) -> Shape {
    Shape {
        name,
        status,
        before,
        unit,
        after,
    }
}

/// The largest body that is judged: 1 MiB.
pub const LARGEST: usize = RESPONSE_BODY_MAX;

impl Shape {
    /// A response whose body is `length` bytes, or less by part of a unit.
    #[must_use]
    pub fn response(&self, length: usize) -> Response<Vec<u8>> {
        let room = length.saturating_sub(self.before.len() + self.after.len());
        let units = room.checked_div(self.unit.len()).unwrap_or(0);
        let mut body = Vec::with_capacity(length);
        body.extend_from_slice(self.before.as_bytes());
        body.extend_from_slice(&self.unit.repeat(units));
        body.extend_from_slice(self.after.as_bytes());
        response(self.status, &body)
    }
}
