//! Logging in: by password, or by a browser's round trip that brings a code back.
//!
//! What comes out is a [`FreshGrant`], which has no getters: its token reaches the caller
//! only after [`Session::adopt`](crate::Session::adopt) has it saved.

mod callback;
mod redirect;

use alloc::string::{String, ToString};
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use http::{Request, Response};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use callback::CallbackError;
pub use redirect::{RedirectUri, RedirectUriError};

use crate::advice::Advice;
use crate::answer::{self, ErrorCode, TokenError, TokenResponse};
use crate::client::{Client, ClientError};
use crate::form::{self, Form};
use crate::limits::LOGIN_MAX_AGE;
use crate::secret::{AuthorizationCode, Password};
use crate::seed::Seed;
use crate::send::SendFailure;
use crate::time::Timestamp;

/// Why a login brought no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The authorization server sent the browser back with an error: the person canceled,
    /// or the client may not do this.
    #[error("the login page says no: {code}{}", described(description.as_deref()))]
    Denied {
        /// The code it gave.
        code: ErrorCode,
        /// Its text, bounded and without control characters.
        description: Option<String>,
    },
    /// The token endpoint refused, was out of order, or broke the protocol.
    #[error("{0}")]
    Token(TokenError),
    /// The browser came back with something that does not answer this login.
    #[error("{0}")]
    Callback(CallbackError),
    /// The browser came back later than
    /// [`LOGIN_MAX_AGE`](crate::limits::LOGIN_MAX_AGE) after the start.
    #[error("the login took too long: start it again")]
    Expired,
    /// The token request did not come through. A code may be spent now: log in anew.
    #[error("{0}")]
    NotDelivered(SendFailure),
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |text| alloc::format!(" ({text})"))
}

impl LoginError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Denied { code, .. } if code.is_configuration() => Advice::FixConfiguration,
            Self::Token(error) => error.advice(),
            Self::Denied { .. } | Self::Callback(_) | Self::Expired | Self::NotDelivered(_) => {
                Advice::LogIn
            }
        }
    }
}

/// What a login granted, on its way to the store. It cannot be read.
#[derive(Clone)]
pub struct FreshGrant {
    pub(crate) granted: TokenResponse,
    pub(crate) user: Option<String>,
    pub(crate) sent_at: Timestamp,
    pub(crate) authority: String,
    pub(crate) client_id: String,
}

impl fmt::Debug for FreshGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreshGrant(redacted)")
    }
}

/// A login whose token request is out; what the answer is judged with.
#[derive(Debug)]
#[must_use = "the answer to the login's request goes here"]
pub struct LoginReply<'c> {
    client: &'c Client,
    user: Option<String>,
    sent_at: Timestamp,
}

impl LoginReply<'_> {
    /// The grant that the answer holds.
    ///
    /// # Errors
    ///
    /// - a refusal, no statement, or a broken success: [`LoginError::Token`]
    pub fn received<B: AsRef<[u8]>>(
        self,
        now: Timestamp,
        response: &Response<B>,
    ) -> Result<FreshGrant, LoginError> {
        let mut granted =
            answer::judge(self.client.provider(), now, response).map_err(LoginError::Token)?;
        // RFC 6749 section 5.1: a scope that is not named is the one asked for.
        if granted.scope.is_none() && !self.client.scope().is_empty() {
            granted.scope = Some(self.client.scope().to_string());
        }
        Ok(FreshGrant {
            granted,
            user: self.user,
            sent_at: self.sent_at,
            authority: self.client.provider().authority().to_string(),
            client_id: self.client.id().to_string(),
        })
    }

    /// The error of a login whose request was not answered.
    #[must_use]
    pub fn failed(self, failure: SendFailure) -> LoginError {
        LoginError::NotDelivered(failure)
    }
}

impl Client {
    /// Starts a login by password: the request to send now, and what takes its answer.
    /// The password stands in the request alone and is wiped with it.
    pub fn password(
        &self,
        username: &str,
        password: &Password,
        now: Timestamp,
    ) -> (Request<Form>, LoginReply<'_>) {
        let reply = LoginReply {
            client: self,
            user: Some(username.to_string()),
            sent_at: now,
        };
        (self.password_request(username, password), reply)
    }

    /// Starts a login by browser: the URL to open, and what to remember until the browser
    /// comes back to `redirect`.
    ///
    /// State and PKCE verifier hold 256 bits each, drawn from `seed`; the method is S256.
    ///
    /// # Errors
    ///
    /// - a provider without a login page: [`ClientError::NoAuthorizationEndpoint`]
    pub fn authorize(
        &self,
        redirect: RedirectUri,
        mut seed: Seed,
        now: Timestamp,
    ) -> Result<(String, Login), ClientError> {
        let endpoint = self
            .provider()
            .authorization_endpoint()
            .ok_or(ClientError::NoAuthorizationEndpoint)?;
        let state = seed.draw_text();
        let verifier = seed.draw_text();
        let query = form::encode(
            &[
                ("response_type", "code"),
                ("client_id", self.id()),
                ("redirect_uri", redirect.as_str()),
                ("scope", self.scope()),
                ("state", &state),
                ("code_challenge", &challenge(&verifier)),
                ("code_challenge_method", "S256"),
            ]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect::<alloc::vec::Vec<_>>(),
        );
        // RFC 6749 section 3.1: a query part that the endpoint has is kept.
        let joint = match endpoint.uri().query() {
            Some("") => "",
            Some(_) => "&",
            None => "?",
        };
        let url = alloc::format!("{endpoint}{joint}{query}");
        let login = Login {
            state,
            verifier,
            redirect,
            started_at: now,
        };
        Ok((url, login))
    }
}

// RFC 7636 section 4.2: BASE64URL(SHA256(ASCII(verifier))).
fn challenge(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier.as_bytes()))
}

/// A browser login that was started: the state and the verifier to remember.
pub struct Login {
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
    redirect: RedirectUri,
    started_at: Timestamp,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("redirect", &self.redirect)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Whether a redirect's query carries the state of this login. One that does not is not
    /// its answer: a listener goes on waiting.
    #[must_use]
    pub fn is_answered_by(&self, query: &str) -> bool {
        callback::has_state(query, &self.state)
    }

    /// Judges the query that the browser came back with; `?` may stand before it.
    ///
    /// # Errors
    ///
    /// - a parameter repeated, the state missing or another, no code, too long a query:
    ///   [`LoginError::Callback`]
    /// - an error from the login page: [`LoginError::Denied`]
    /// - later than ten minutes after the start: [`LoginError::Expired`]
    pub fn callback(self, now: Timestamp, query: &str) -> Result<CodeExchange, LoginError> {
        let code = callback::judge(query, &self.state)?;
        self.with_code(now, code)
    }

    /// Judges what a person has pasted: the whole URL that the browser came back with, its
    /// query, or the code alone.
    ///
    /// A code alone comes without its state, so only PKCE ties it to this login: take it
    /// from the person who started the login, never from a request.
    ///
    /// # Errors
    ///
    /// - as for [`callback`](Self::callback)
    pub fn pasted(self, now: Timestamp, text: &str) -> Result<CodeExchange, LoginError> {
        let code = callback::judge_pasted(text, &self.state)?;
        self.with_code(now, code)
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

/// A code that came back, to be sent once.
pub struct CodeExchange {
    code: AuthorizationCode,
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
    /// The request that exchanges the code, by the client that started the login, and what
    /// takes its answer. A code is good for one request, so this is the end of it.
    pub fn request(self, client: &Client, now: Timestamp) -> (Request<Form>, LoginReply<'_>) {
        let redirect = self.login.redirect.as_str();
        let request = client.code_request(&self.code, redirect, &self.login.verifier);
        let reply = LoginReply {
            client,
            user: None,
            sent_at: now,
        };
        (request, reply)
    }
}

#[cfg(test)]
mod tests;
