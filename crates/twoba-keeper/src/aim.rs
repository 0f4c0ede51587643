//! What a flight is for, and what it brings.

use twoba_core::{AccessToken, TokenId, Want};
use twoba_store::Error;

/// What a flight is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// A token.
    Token(Want),
    /// What the store has not taken is stored, or revoked. Nothing new is asked for.
    Settled,
}

impl From<Want> for Aim {
    fn from(want: Want) -> Self {
        Self::Token(want)
    }
}

impl Aim {
    /// Whether a flight with this aim may end with this token.
    pub(crate) fn is_met_by(self, named: &Named) -> bool {
        match self {
            Self::Token(Want::Usable) | Self::Settled => true,
            Self::Token(Want::Other(id) | Want::Rejected(id)) => named.id != Some(id),
        }
    }
}

/// A token and its id.
#[derive(Debug, Clone)]
#[allow(clippy::exhaustive_structs, reason = "it is a pair with names")]
pub struct Named {
    /// The token.
    pub token: AccessToken,
    /// The id of the token. A rejection by a service names it.
    pub id: Option<TokenId>,
}

impl Named {
    pub(crate) fn of(token: &AccessToken, id: TokenId) -> Self {
        Self {
            token: token.clone(),
            id: Some(id),
        }
    }
}

pub(crate) type Outcome = Result<Named, Error>;
