//! An imported refresh token while it is exchanged. It stands beside the grant that it will
//! replace.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::intent::Intent;
use crate::secret::RefreshToken;

/// An imported refresh token that will become a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    pub(super) token: RefreshToken,
    pub(super) user: Option<String>,
    pub(super) intent: Intent,
}
