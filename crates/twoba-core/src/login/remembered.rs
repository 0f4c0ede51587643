//! A browser login between its start and its answer. Another process can take it up.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::Request;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::callback::{self, Awaited};
use super::error::LoginError;
use super::redirect::RedirectUri;
use super::reply::{LoginReply, Sent};
use crate::client::Client;
use crate::envelope::{Envelope, EnvelopeError};
use crate::form::Form;
use crate::limits::LOGIN_MAX_AGE;
use crate::provider::Issuer;
use crate::secret::AuthorizationCode;
use crate::time::Timestamp;

/// The envelope of a remembered login.
const ENVELOPE: Envelope = Envelope {
    kind: "twoba-login",
    version: 1,
};

/// Longest remembered login, in bytes. It holds a redirect URI and a few texts.
const REMEMBERED_MAX: usize = 64 * 1024;

/// A browser login that has started. It holds the state and the verifier.
///
/// A login is used once. If the callback of a web application comes to another process, the
/// application keeps [`to_bytes`](Self::to_bytes) and rebuilds the login by
/// [`from_bytes`](Self::from_bytes). Keep the bytes in the person's own web session. Never put them
/// into a URL, or where another person's request can find them.
pub struct Login {
    pub(super) state: Zeroizing<String>,
    pub(super) verifier: Zeroizing<String>,
    pub(super) redirect: RedirectUri,
    pub(super) started_at: Timestamp,
    pub(super) authority: String,
    pub(super) client_id: String,
    pub(super) issuer: Option<Issuer>,
}

/// Why bytes cannot be read as a remembered login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RememberedLoginError {
    /// The bytes are damaged, or they are no remembered login.
    #[error("the remembered login is damaged")]
    Torn,
    /// A newer release of this software wrote them.
    #[error("the remembered login was written by a newer release (version {version})")]
    Newer {
        /// The version in the bytes.
        version: u32,
    },
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("redirect", &self.redirect)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct LoginOut<'a> {
    state: &'a str,
    verifier: &'a str,
    redirect: &'a str,
    started_at: Timestamp,
    authority: &'a str,
    client_id: &'a str,
    issuer: Option<&'a Issuer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginIn {
    state: String,
    verifier: String,
    redirect: String,
    started_at: Timestamp,
    authority: String,
    client_id: String,
    issuer: Option<Issuer>,
}

impl Login {
    /// The login as bytes. They are secret until the login ends.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let out = LoginOut {
            state: &self.state,
            verifier: &self.verifier,
            redirect: self.redirect.as_str(),
            started_at: self.started_at,
            authority: &self.authority,
            client_id: &self.client_id,
            issuer: self.issuer.as_ref(),
        };
        let mut bytes = ENVELOPE.start(2048);
        // Writing texts and numbers into memory cannot fail; nothing would be refused below.
        if serde_json::to_writer(&mut bytes, &out).is_err() {
            bytes.clear();
        }
        Envelope::seal(&mut bytes);
        Zeroizing::new(bytes)
    }

    /// Reads a login that [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// - the bytes are cut, changed or something else: [`RememberedLoginError::Torn`]
    /// - a newer release wrote the bytes: [`RememberedLoginError::Newer`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RememberedLoginError> {
        if bytes.len() > REMEMBERED_MAX {
            return Err(RememberedLoginError::Torn);
        }
        let json = ENVELOPE.open(bytes).map_err(|error| match error {
            EnvelopeError::Torn | EnvelopeError::OtherKind => RememberedLoginError::Torn,
            EnvelopeError::Newer(version) => RememberedLoginError::Newer { version },
        })?;
        let read: LoginIn = serde_json::from_slice(json).map_err(|_| RememberedLoginError::Torn)?;
        // Without them any answer would be this login's.
        if read.state.is_empty() || read.verifier.is_empty() {
            return Err(RememberedLoginError::Torn);
        }
        Ok(Self {
            state: Zeroizing::new(read.state),
            verifier: Zeroizing::new(read.verifier),
            redirect: RedirectUri::parse(read.redirect).map_err(|_| RememberedLoginError::Torn)?,
            started_at: read.started_at,
            authority: read.authority,
            client_id: read.client_id,
            issuer: read.issuer,
        })
    }

    /// Whether a redirect's query carries the state of this login. If it does not, the query is no
    /// answer to this login, and a listener goes on waiting.
    #[must_use]
    pub fn is_answered_by(&self, query: &str) -> bool {
        callback::has_state(query, &self.state)
    }

    /// Judges the query that the browser came back with. A `?` or the rest of the URL may precede
    /// it. A fragment after it is ignored.
    ///
    /// This method does not look at the address before the query. The caller has compared it with
    /// the redirect URI, as a listener does by its port and path (RFC 9700 section 4.4.2.2).
    ///
    /// # Errors
    ///
    /// - a parameter is repeated, the state is missing or wrong, the issuer is wrong, there is no
    ///   code, or the query is too long: [`LoginError::Callback`]
    /// - the login page reported an error: [`LoginError::Denied`]
    /// - more than ten minutes have passed since the start: [`LoginError::Expired`]
    pub fn callback(self, now: Timestamp, query: &str) -> Result<CodeExchange, LoginError> {
        let code = callback::judge(query, &self.awaited())?;
        self.with_code(now, code)
    }

    /// Judges a text that a person has pasted: the whole URL that the browser came back with, its
    /// query, or the code alone. White space around the text is ignored, and so are quotes around a
    /// URL or a query.
    ///
    /// A URL is judged like a [`callback`](Self::callback). So is a text in which a parameter of an
    /// answer (`code`, `state`, `error`, `error_description`, `iss`) is followed by `=`. If the
    /// text has an address before the query, it must agree with the redirect URI. Any other text is
    /// taken as the code itself.
    ///
    /// A code alone comes without its state, so only PKCE ties it to this login. Take it from the
    /// person who started the login, and never from a request.
    ///
    /// # Errors
    ///
    /// - as for [`callback`](Self::callback)
    /// - the pasted address is not the redirect URI: [`LoginError::Callback`]
    pub fn pasted(self, now: Timestamp, text: &str) -> Result<CodeExchange, LoginError> {
        let code = callback::judge_pasted(text, &self.awaited())?;
        self.with_code(now, code)
    }

    fn awaited(&self) -> Awaited<'_> {
        Awaited {
            redirect: &self.redirect,
            state: &self.state,
            issuer: self.issuer.as_ref(),
        }
    }

    fn with_code(
        self,
        now: Timestamp,
        code: AuthorizationCode,
    ) -> Result<CodeExchange, LoginError> {
        if now.saturating_since(self.started_at) > LOGIN_MAX_AGE {
            return Err(LoginError::Expired);
        }
        Ok(CodeExchange { code, login: self })
    }
}

/// A code from the browser. It is sent once.
pub struct CodeExchange {
    pub(super) code: AuthorizationCode,
    login: Login,
}

impl fmt::Debug for CodeExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeExchange")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl CodeExchange {
    /// Builds the request that exchanges the code, and the reply that takes its answer. `client`
    /// must be the one that started the login. A code is valid for one request, so this method
    /// consumes the exchange.
    ///
    /// # Errors
    ///
    /// - another client, or a client of another provider: [`LoginError::AnotherClient`]
    pub fn request(
        self,
        client: &Client,
        now: Timestamp,
    ) -> Result<(Request<Form>, LoginReply<'_>), LoginError> {
        let login = &self.login;
        // RFC 9700 section 4.4: a code goes to the server that the login was started at.
        if login.authority != client.provider().authority() || login.client_id != client.id() {
            return Err(LoginError::AnotherClient);
        }
        let redirect = login.redirect.as_str();
        let request = client.code_request(&self.code, redirect, &login.verifier);
        let reply = LoginReply {
            client,
            user: None,
            sent_at: now,
            secrets: Sent::Code(self.code),
        };
        Ok((request, reply))
    }
}
