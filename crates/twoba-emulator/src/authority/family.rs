//! Decides what is remembered of a login and its rotations; not when a rotation is allowed.

use std::collections::BTreeSet;

use super::spending::RefreshTokens;
use crate::grant::Grant;
use crate::identifier::Fingerprint;
use crate::journal::EndReason;
use crate::timestamp::Timestamp;

/// One login and everything that descends from it.
pub(crate) struct Family {
    /// Absent where a client got tokens for itself.
    pub(crate) user: Option<String>,
    pub(crate) client: String,
    /// What its tokens are for, if that was asked for.
    pub(crate) scope: Option<String>,
    pub(crate) grant: Grant,
    pub(crate) started: Timestamp,
    /// How often the family got tokens since the login, and so the generation of the newest ones.
    pub(crate) generation: u64,
    pub(crate) current: Current,
    pub(super) refresh_tokens: RefreshTokens,
    pub(crate) ended: Option<(Timestamp, EndReason)>,
    revoked_access: BTreeSet<u64>,
}

/// The newest tokens of a family, of either kind.
#[derive(Clone, Copy)]
pub(crate) struct Current {
    /// Absent where none was ever handed out.
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

    /// Ends the family; false if it had ended already.
    pub(super) fn end(&mut self, now: Timestamp, reason: EndReason) -> bool {
        if self.ended.is_some() {
            return false;
        }
        self.ended = Some((now, reason));
        true
    }

    /// Revokes one access token; false if it was revoked already.
    pub(super) fn revoke_access(&mut self, generation: u64) -> bool {
        self.revoked_access.insert(generation)
    }

    /// Whether the access token of that generation was revoked by itself.
    pub(super) fn has_revoked_access(&self, generation: u64) -> bool {
        self.revoked_access.contains(&generation)
    }
}
