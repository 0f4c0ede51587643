//! Ends tokens and families, on revocation and by control calls.

use super::mint::Genuine;
use super::{Authority, Refused};
use crate::identifier::{FamilyId, Fingerprint};
use crate::journal::{EndReason, Entry, EventKind};
use crate::refusal::Refusal;

impl Authority {
    /// Revokes a token (RFC 7009). A refresh token ends its whole family, an access token only
    /// itself. An unknown token is no error.
    pub(crate) fn revoke(
        &mut self,
        entry: &mut Entry<'_>,
        client: &str,
        presented: &str,
    ) -> Result<(), Refused> {
        let (id, access_generation) = match self.mint.read(presented) {
            Some(Genuine::Refresh { family, .. }) => (family, None),
            Some(Genuine::Access {
                family, generation, ..
            }) => (family, Some(generation)),
            Some(Genuine::Code { .. }) | None => return Ok(()),
        };
        let Some(family) = self.families.get_mut(&id) else {
            return Ok(());
        };
        if family.client != client {
            return Err(Refused::of(id, Refusal::ForeignToken));
        }
        let Some(generation) = access_generation else {
            self.end_family(entry, id, EndReason::RevokedByClient);
            return Ok(());
        };
        if family.ended.is_none() && family.revoke_access(generation) {
            entry.record(EventKind::AccessTokenRevoked {
                family: id,
                generation,
                access: Fingerprint::of(presented),
            });
        }
        Ok(())
    }

    /// Whether a family of this user is remembered, alive or not.
    pub(crate) fn has_family_of(&self, user: &str) -> bool {
        let mut families = self.families.values();
        families.any(|family| family.user.as_deref() == Some(user))
    }

    /// Ends every living family of a user. Returns how many those were.
    pub(crate) fn end_user(&mut self, entry: &mut Entry<'_>, user: &str) -> usize {
        let of_user: Vec<FamilyId> = self
            .families
            .iter()
            .filter(|(_, family)| family.user.as_deref() == Some(user))
            .map(|(id, _)| *id)
            .collect();
        of_user
            .into_iter()
            .filter(|id| self.end_family(entry, *id, EndReason::RevokedByUser))
            .count()
    }

    /// Ends a family. Returns false if there is none of that id or if it has ended already.
    pub(crate) fn end_family(
        &mut self,
        entry: &mut Entry<'_>,
        id: FamilyId,
        reason: EndReason,
    ) -> bool {
        let ended = self
            .families
            .get_mut(&id)
            .is_some_and(|family| family.end(entry.now(), reason));
        if ended {
            self.ended.push_back(id);
            entry.record(EventKind::FamilyRevoked { family: id, reason });
        }
        ended
    }
}
