//! The answer to a login's request, by password or with a code, and the resulting grant.

use alloc::string::{String, ToString};
use core::fmt;

use http::{Request, Response};

use super::error::LoginError;
use crate::answer::{self, TokenResponse};
use crate::client::Client;
use crate::form::Form;
use crate::secret::{AuthorizationCode, ClientSecret, Password};
use crate::send::SendFailure;
use crate::time::Timestamp;

/// The grant of a login before it is stored. It cannot be read.
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

/// A login whose token request is out. It judges the answer.
#[derive(Debug)]
#[must_use = "the answer to the login's request goes here"]
pub struct LoginReply<'c> {
    pub(super) client: &'c Client,
    pub(super) user: Option<String>,
    pub(super) sent_at: Timestamp,
    /// The secrets that were sent, so that no error repeats them. They are wiped with the reply.
    pub(super) secrets: Sent,
}

/// The secrets of a login's request.
#[derive(Debug)]
pub(super) enum Sent {
    Password(Password),
    Code(AuthorizationCode),
}

impl Sent {
    fn expose(&self) -> &str {
        match self {
            Self::Password(password) => password.expose(),
            Self::Code(code) => code.expose(),
        }
    }
}

impl LoginReply<'_> {
    /// Judges the answer, and takes the grant out of it.
    ///
    /// # Errors
    ///
    /// - the server refused, said nothing about the login, or broke the protocol:
    ///   [`LoginError::Token`]
    pub fn received<B: AsRef<[u8]>>(
        self,
        now: Timestamp,
        response: &Response<B>,
    ) -> Result<FreshGrant, LoginError> {
        let provider = self.client.provider();
        let mut granted = answer::judge(provider, now, response).map_err(|error| {
            let secret = self.client.secret().map_or("", ClientSecret::expose);
            LoginError::Token(error.without(&[self.secrets.expose(), secret]))
        })?;
        // RFC 6749 section 5.1: a scope that is not named is the one asked for.
        if granted.scope.is_none() && !self.client.scope().is_empty() {
            granted.scope = Some(self.client.scope().to_string());
        }
        Ok(FreshGrant {
            granted,
            user: self.user,
            sent_at: self.sent_at,
            authority: provider.authority().to_string(),
            client_id: self.client.id().to_string(),
        })
    }

    /// The error for a login whose request got no answer.
    #[must_use]
    pub fn failed(self, failure: SendFailure) -> LoginError {
        LoginError::NotDelivered(failure)
    }
}

impl Client {
    /// Starts a login by password. It returns the request to send now, and the reply that takes its
    /// answer. Both wipe the password when they are dropped.
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
            secrets: Sent::Password(password.clone()),
        };
        (self.password_request(username, password), reply)
    }
}
