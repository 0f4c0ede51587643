//! The record of a login and its rotations. Other files decide when a rotation is allowed.

use std::collections::BTreeSet;

use super::spending::RefreshTokens;
use crate::grant::Grant;
use crate::identifier::Fingerprint;
use crate::journal::EndReason;
use crate::timestamp::Timestamp;

/// One login and all tokens that descend from it.
pub(crate) struct Family {
    /// The user; absent if a client got tokens for itself.
    pub(crate) user: Option<String>,
    pub(crate) client: String,
    /// The scope of its tokens, if one was requested.
    pub(crate) scope: Option<String>,
    pub(crate) grant: Grant,
    pub(crate) started: Timestamp,
    /// How often the family got tokens since the login. It is the generation of the newest tokens.
    pub(crate) generation: u64,
    pub(crate) current: Current,
    pub(super) refresh_tokens: RefreshTokens,
    pub(crate) ended: Option<(Timestamp, EndReason)>,
    revoked_access: BTreeSet<u64>,
}

/// The newest tokens of a family, of both kinds.
#[derive(Clone, Copy)]
pub(crate) struct Current {
    /// The refresh token; absent if none was ever granted.
    pub(crate) refresh: Option<Fingerprint>,
    pub(crate) access: Fingerprint,
    pub(crate) access_expires: Timestamp,
    pub(crate) handed_out: Timestamp,
}

impl Family {
    pub(super) fn new(
        now: Timestamp,
        user: Option<&str>,
        client: &str,
        grant: Grant,
        current: Current,
    ) -> Self {
        Self {
            user: user.map(str::to_owned),
            client: client.to_owned(),
            scope: None,
            grant,
            started: now,
            generation: 0,
            current,
            refresh_tokens: RefreshTokens::of_login(),
            ended: None,
            revoked_access: BTreeSet::new(),
        }
    }

    /// Ends the family. Returns false if it had ended already.
    pub(super) fn end(&mut self, now: Timestamp, reason: EndReason) -> bool {
        if self.ended.is_some() {
            return false;
        }
        self.ended = Some((now, reason));
        true
    }

    /// Revokes one access token. Returns false if it was revoked already.
    pub(super) fn revoke_access(&mut self, generation: u64) -> bool {
        self.revoked_access.insert(generation)
    }

    /// Whether the access token of that generation was revoked on its own.
    pub(super) fn has_revoked_access(&self, generation: u64) -> bool {
        self.revoked_access.contains(&generation)
    }
}
