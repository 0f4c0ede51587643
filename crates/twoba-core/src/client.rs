//! A client's credentials, and the requests that it builds. Nothing is sent here.

mod error;
mod proof;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use http::request::Parts;
use http::{Method, Request};
use zeroize::Zeroizing;

use self::error::CLIENT_ID_MAX;
pub use self::error::ClientError;
use self::proof::{basic, credentials, encoded, headers};
use crate::assertion::{self, ASSERTION_TYPE, Shown, SignError, Signer};
use crate::form::{self, Form};
use crate::provider::{ClientAuthentication, Endpoint, Provider};
use crate::secret::{AccessToken, AuthorizationCode, ClientSecret, Password, RefreshToken};
use crate::seed::Seed;
use crate::time::Timestamp;

/// A registered client of one provider. It builds every request of the protocol.
///
/// Its requests are the lowest layer, and [`judge`](crate::judge) reads the response to each. Most
/// callers use [`Login`](crate::Login) and [`Session`](crate::Session) instead, which keep the order
/// that a rotating refresh token needs.
///
/// ```
/// use twoba_core::{Client, ClientSecret, Password, Provider};
///
/// let secret = ClientSecret::parse("myApplicationSecret")?;
/// let client = Client::confidential(Provider::two_ba(), "myApplication", secret)?;
/// let request = client.password_request("me@example.com", &Password::parse("myPassword")?);
/// assert_eq!(request.uri(), "https://authorize.2ba.nl/OAuth/Token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    provider: Provider,
    id: String,
    secret: Option<ClientSecret>,
    signer: Option<Arc<dyn Signer>>,
    /// A request to the token endpoint without its body, made once. With HTTP Basic it carries the
    /// secret.
    head: Parts,
    /// The form fields that authenticate, encoded once; empty with HTTP Basic.
    credentials: Zeroizing<Vec<u8>>,
    scope: Option<String>,
}

impl Client {
    /// Makes a client that cannot keep a secret, such as an application on a person's machine.
    ///
    /// # Errors
    ///
    /// - the client id is empty, longer than 1,024 bytes or not printable ASCII:
    ///   [`ClientError::Id`]
    pub fn public(provider: Provider, id: impl Into<String>) -> Result<Self, ClientError> {
        Self::new(provider, id.into(), None)
    }

    /// Makes a client with a secret.
    ///
    /// # Errors
    ///
    /// - as for [`public`](Self::public)
    /// - the provider has [`ClientAuthentication::None`]: [`ClientError::Secret`]
    /// - the client id has a colon and the provider has [`ClientAuthentication::BasicRaw`]:
    ///   [`ClientError::Colon`]
    pub fn confidential(
        provider: Provider,
        id: impl Into<String>,
        secret: ClientSecret,
    ) -> Result<Self, ClientError> {
        Self::new(provider, id.into(), Some(secret))
    }

    /// Makes a client with a private key. It authenticates each request with a signed assertion
    /// (RFC 7523 `private_key_jwt`). An assertion names the client and the server. It is valid for
    /// one minute and for one request.
    ///
    /// The key replaces a secret in every grant, whatever [`ClientAuthentication`] the provider has
    /// for secrets. The assertion's audience is the token endpoint, unless
    /// [`Provider::with_assertion_audience`] sets another one.
    ///
    /// # Errors
    ///
    /// - as for [`public`](Self::public)
    /// - the provider has [`ClientAuthentication::None`]: [`ClientError::Secret`]
    pub fn signing(
        provider: Provider,
        id: impl Into<String>,
        signer: Arc<dyn Signer>,
    ) -> Result<Self, ClientError> {
        if provider.authentication() == ClientAuthentication::None {
            return Err(ClientError::Secret);
        }
        let client = Self::new(provider, id.into(), None)?;
        Ok(Self {
            signer: Some(signer),
            ..client
        })
    }

    /// This client with the authentication for one request at `now`. A client that
    /// [signs](Self::signing) gets an assertion. Any other client is returned unchanged. `seed`
    /// feeds the assertion's number, by which a server recognizes a repeated assertion.
    ///
    /// A session calls this method itself. A signing client that was not prepared by this method
    /// builds requests without authentication.
    ///
    /// # Errors
    ///
    /// - the key did not sign: [`SignError`]
    pub fn signed(&self, now: Timestamp, seed: &mut Seed) -> Result<Cow<'_, Self>, SignError> {
        let Some(signer) = &self.signer else {
            return Ok(Cow::Borrowed(self));
        };
        let audience = self.provider.assertion_audience();
        let assertion = assertion::assertion(&**signer, &self.id, audience, now, seed)?;
        let fields = [
            ("client_id", self.id.as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        Ok(Cow::Owned(Self {
            credentials: encoded(&fields),
            ..self.clone()
        }))
    }

    fn new(
        provider: Provider,
        id: String,
        secret: Option<ClientSecret>,
    ) -> Result<Self, ClientError> {
        // RFC 6749 appendix A.1: a client id is made of VSCHAR.
        let printable = id.bytes().all(|b| matches!(b, b' '..=b'~'));
        if id.is_empty() || id.len() > CLIENT_ID_MAX || !printable {
            return Err(ClientError::Id);
        }
        let (basic, credentials) = match (&secret, provider.authentication()) {
            (Some(secret), ClientAuthentication::Basic) => (
                basic(&id, secret.expose(), form::push_encoded),
                Zeroizing::default(),
            ),
            (Some(_), ClientAuthentication::BasicRaw) if id.contains(':') => {
                return Err(ClientError::Colon);
            }
            (Some(secret), ClientAuthentication::BasicRaw) => (
                basic(&id, secret.expose(), |out, text| {
                    out.extend_from_slice(text.as_bytes())
                }),
                Zeroizing::default(),
            ),
            (Some(_), ClientAuthentication::None) => return Err(ClientError::Secret),
            (Some(_), ClientAuthentication::Form) | (None, _) => {
                (None, credentials(&id, secret.as_ref()))
            }
        };
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = Method::POST;
        head.uri = provider.token_endpoint().uri().clone();
        head.headers = headers(basic);
        Ok(Self {
            provider,
            id,
            secret,
            signer: None,
            head,
            credentials,
            scope: None,
        })
    }

    /// Sets the scopes that this client asks for at each login. Without them, the server's default
    /// applies.
    ///
    /// # Errors
    ///
    /// - a scope is empty, or has a space, `"`, `\` or anything but printable ASCII:
    ///   [`ClientError::Scope`]
    pub fn with_scopes<S: AsRef<str>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Self, ClientError> {
        let mut joined = String::new();
        for scope in scopes {
            let scope = scope.as_ref();
            // RFC 6749 section 3.3: scope-token.
            let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if scope.is_empty() || !scope.bytes().all(allowed) {
                return Err(ClientError::Scope);
            }
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(scope);
        }
        self.scope = Some(joined).filter(|scope| !scope.is_empty());
        Ok(self)
    }

    /// The provider that this client is registered with.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The client id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret, if it has one.
    pub(crate) fn secret(&self) -> Option<&ClientSecret> {
        self.secret.as_ref()
    }

    /// The key that it signs with, if it has one.
    pub(crate) fn signer(&self) -> Option<&dyn Signer> {
        self.signer.as_deref()
    }

    /// The requested scopes, joined by spaces. It is empty for the server's default.
    #[must_use]
    pub fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or_default()
    }

    /// Builds the request of the password grant (RFC 6749 section 4.3.2).
    ///
    /// RFC 9700 section 2.4 forbids this grant. 2BA documents it for applications on the person's
    /// own machine, so this crate has it. Prefer the browser login where it works.
    #[must_use]
    pub fn password_request(&self, username: &str, password: &Password) -> Request<Form> {
        self.token_request(
            "grant_type=password",
            &[
                ("username", username),
                ("password", password.expose()),
                ("scope", self.scope()),
            ],
        )
    }

    /// Builds the request that exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    pub(crate) fn code_request(
        &self,
        code: &AuthorizationCode,
        redirect_uri: &str,
        verifier: &str,
    ) -> Request<Form> {
        self.token_request(
            "grant_type=authorization_code",
            &[
                ("code", code.expose()),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier),
            ],
        )
    }

    /// Builds the request that refreshes (RFC 6749 section 6).
    ///
    /// If refresh tokens rotate, sending it spends the token. [`Session`](crate::Session) saves
    /// what must be saved first.
    #[must_use]
    pub fn refresh_request(&self, token: &RefreshToken) -> Request<Form> {
        self.token_request(
            "grant_type=refresh_token",
            &[("refresh_token", token.expose())],
        )
    }

    /// Builds the request that revokes a refresh token (RFC 7009 section 2.1). `None` if the
    /// provider has no revocation endpoint.
    #[must_use]
    pub fn refresh_token_revocation_request(&self, token: &RefreshToken) -> Option<Request<Form>> {
        self.revocation_request(token.expose(), "refresh_token")
    }

    /// Builds the request that revokes an access token (RFC 7009 section 2.1). `None` if the
    /// provider has no revocation endpoint.
    #[must_use]
    pub fn access_token_revocation_request(&self, token: &AccessToken) -> Option<Request<Form>> {
        self.revocation_request(token.expose(), "access_token")
    }

    fn revocation_request(&self, token: &str, hint: &str) -> Option<Request<Form>> {
        let endpoint = self.provider.revocation_endpoint()?;
        Some(self.post(endpoint, &[("token", token), ("token_type_hint", hint)]))
    }

    /// Builds the request of the client credentials grant (RFC 6749 section 4.4.2). It gets a token
    /// for the client itself, without a person.
    #[must_use]
    pub fn client_credentials_request(&self) -> Request<Form> {
        self.token_request("grant_type=client_credentials", &[("scope", self.scope())])
    }

    /// Builds the request that asks the server about an access token (RFC 7662 section 2.1). `None`
    /// if the provider has no introspection endpoint. [`judge_introspection`] reads the answer.
    ///
    /// [`judge_introspection`]: crate::judge_introspection
    #[must_use]
    pub fn introspection_request(&self, token: &AccessToken) -> Option<Request<Form>> {
        let endpoint = self.provider.introspection_endpoint()?;
        let fields = [
            ("token", token.expose()),
            ("token_type_hint", "access_token"),
        ];
        Some(self.post(endpoint, &fields))
    }

    /// A request to the token endpoint. `start` is a field that is already encoded.
    #[inline]
    fn token_request(&self, start: &str, fields: &[(&str, &str)]) -> Request<Form> {
        let form = match self.provider.callback() {
            None => self.form(start, fields),
            Some(callback) => {
                let mut fields = Vec::from(fields);
                fields.push(("callback", callback.as_str()));
                self.form(start, &fields)
            }
        };
        Request::from_parts(self.head.clone(), form)
    }

    /// A request to another endpoint of the provider.
    fn post(&self, endpoint: &Endpoint, fields: &[(&str, &str)]) -> Request<Form> {
        let mut request = Request::from_parts(self.head.clone(), self.form("", fields));
        *request.uri_mut() = endpoint.uri().clone();
        request
    }

    /// A form with the client's authentication. The authentication stands either here or in the
    /// headers, never in both.
    fn form(&self, start: &str, fields: &[(&str, &str)]) -> Form {
        Form::new(start, fields, &self.credentials)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("authority", &self.provider.authority())
            .field("id", &self.id)
            .field("secret", &self.secret)
            .field("signer", &self.signer.as_deref().map(Shown))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use base64ct::{Base64, Encoding};
    use http::header::AUTHORIZATION;

    use super::*;

    fn client(authentication: ClientAuthentication) -> Client {
        let provider = Provider::two_ba().with_authentication(authentication);
        let secret = ClientSecret::parse("s:e cret+%").unwrap();
        // Raw Basic cannot say the colon.
        let raw = authentication == ClientAuthentication::BasicRaw;
        let id = if raw { "my-app id" } else { "my:app id" };
        Client::confidential(provider, id, secret).unwrap()
    }

    fn body(request: &Request<Form>) -> &str {
        core::str::from_utf8(request.body().as_ref()).unwrap()
    }

    // shows: TK3 TK4 TK5
    #[test]
    fn a_client_authenticates_in_one_way_only() {
        let password = Password::parse("p@ss word+&=%\u{e9}").unwrap();
        let request = client(ClientAuthentication::Form).password_request("me@x", &password);
        assert_eq!(
            body(&request),
            "grant_type=password&username=me%40x&password=p%40ss+word%2B%26%3D%25%C3%A9\
             &client_id=my%3Aapp+id&client_secret=s%3Ae+cret%2B%25"
        );
        assert!(!request.headers().contains_key(AUTHORIZATION));

        for (authentication, pair) in [
            (ClientAuthentication::Basic, "my%3Aapp+id:s%3Ae+cret%2B%25"),
            (ClientAuthentication::BasicRaw, "my-app id:s:e cret+%"),
        ] {
            let request = client(authentication).password_request("me", &password);
            let header = &request.headers()[AUTHORIZATION];
            let encoded = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
            assert_eq!(Base64::decode_vec(encoded).unwrap(), pair.as_bytes());
            assert!(header.is_sensitive());
            assert!(!body(&request).contains("client_"), "{}", body(&request));
        }
    }

    // shows: TK6 NA4
    #[test]
    fn a_public_client_says_its_id_and_no_secret() {
        let client = Client::public(Provider::two_ba(), "app").unwrap();
        let token = RefreshToken::parse("a!b").unwrap();
        assert_eq!(
            body(&client.refresh_request(&token)),
            "grant_type=refresh_token&refresh_token=a%21b&client_id=app"
        );
    }

    #[test]
    fn a_secret_goes_to_no_provider_that_takes_none() {
        let provider = Provider::two_ba().with_authentication(ClientAuthentication::None);
        let secret = ClientSecret::parse("secret").unwrap();
        let client = Client::confidential(provider.clone(), "app", secret);
        assert_eq!(client.err(), Some(ClientError::Secret));
        assert!(Client::public(provider, "app").is_ok());
    }

    // shows: TK6
    #[test]
    fn raw_basic_takes_no_colon_in_the_client_id() {
        let made = |authentication, id: &str| {
            let secret = ClientSecret::parse("s:ecret").unwrap();
            let provider = Provider::two_ba().with_authentication(authentication);
            Client::confidential(provider, id, secret).err()
        };
        let raw = ClientAuthentication::BasicRaw;
        for id in ["a:b", ":", "a:", "urn:x"] {
            assert_eq!(made(raw, id), Some(ClientError::Colon), "{id}");
            for other in [ClientAuthentication::Basic, ClientAuthentication::Form] {
                assert_eq!(made(other, id), None, "{id}");
            }
        }
        assert_eq!(made(raw, "app"), None);
    }

    #[test]
    fn scopes_are_checked_and_joined() {
        let client = client(ClientAuthentication::Form);
        let scoped = client.clone().with_scopes(["read", "write:all"]).unwrap();
        assert_eq!(scoped.scope(), "read write:all");
        for bad in ["", "a b", "a\"", "\u{e9}"] {
            assert_eq!(
                client.clone().with_scopes([bad]).err(),
                Some(ClientError::Scope)
            );
        }
    }

    #[test]
    fn a_client_prints_no_secret() {
        let printed = format!("{:?}", client(ClientAuthentication::Basic));
        assert!(!printed.contains("cret+"), "{printed}");
    }
}
