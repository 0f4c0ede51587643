//! A refresh token that is being exchanged, beside the grant that it is to replace.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::intent::Intent;
use crate::secret::RefreshToken;

/// A refresh token from elsewhere that is to become a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    pub(super) token: RefreshToken,
    pub(super) user: Option<String>,
    pub(super) intent: Intent,
}
