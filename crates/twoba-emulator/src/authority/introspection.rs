//! Describes a token (RFC 7662). The endpoint decides who may ask.

use super::Authority;
use super::mint::Genuine;
use super::spending::Standing;
use crate::identifier::FamilyId;
use crate::journal::{Entry, EventKind};
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// A token that would be accepted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Introspection {
    pub(crate) kind: TokenKind,
    /// The user; absent if the client got the token for itself.
    pub(crate) user: Option<String>,
    pub(crate) client: String,
    pub(crate) scope: Option<String>,
    pub(crate) issued: Timestamp,
    /// When the token expires, if it does.
    pub(crate) expires: Option<Timestamp>,
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Access,
    Refresh,
}

/// The facts in a valid token.
struct Good {
    family: FamilyId,
    kind: TokenKind,
    issued: Timestamp,
    expires: Option<Timestamp>,
}

impl Authority {
    /// Describes a token. `None` if it would not be accepted.
    pub(crate) fn introspect(
        &self,
        entry: &mut Entry<'_>,
        presented: &str,
    ) -> Option<Introspection> {
        let good = match self.mint.read(presented) {
            Some(Genuine::Access {
                family, expires, ..
            }) => self.bearer(entry.now(), presented).is_ok().then_some(Good {
                family,
                kind: TokenKind::Access,
                issued: expires.minus(self.lifetime),
                expires: Some(expires),
            }),
            Some(Genuine::Refresh {
                family,
                generation,
                issued,
            }) => self
                .is_good_refresh_token(entry.now(), family, generation, issued)
                .then(|| Good {
                    family,
                    kind: TokenKind::Refresh,
                    issued,
                    expires: self.end_of_unused(issued),
                }),
            Some(Genuine::Code { .. }) | None => None,
        };
        entry.record(EventKind::Introspected {
            active: good.is_some(),
            family: good.as_ref().map(|good| good.family),
        });
        let good = good?;
        let family = self.families.get(&good.family)?;
        Some(Introspection {
            kind: good.kind,
            user: family.user.clone(),
            client: family.client.clone(),
            scope: family.scope.clone(),
            issued: good.issued,
            expires: good.expires,
        })
    }

    /// Whether its own client would get tokens for it.
    fn is_good_refresh_token(
        &self,
        now: Timestamp,
        family: FamilyId,
        generation: u64,
        issued: Timestamp,
    ) -> bool {
        let Some(family) = self.families.get(&family) else {
            return false;
        };
        let stands = match family.refresh_tokens.standing(generation, now) {
            Standing::Good => {
                let unused = self.end_of_unused(issued).is_none_or(|end| now < end);
                unused && !self.lay_idle(family, now)
            }
            Standing::Recent(_) => self.policy.window().is_some(),
            Standing::Spent => false,
        };
        stands && family.ended.is_none()
    }

    /// When a refresh token of that age expires if nobody uses it.
    fn end_of_unused(&self, issued: Timestamp) -> Option<Timestamp> {
        match self.policy {
            Policy::Expires(unused) => Some(issued.plus(unused)),
            Policy::Strict
            | Policy::Idle(_)
            | Policy::TooEarly(_)
            | Policy::SpentIs401
            | Policy::OneTimeFromNow
            | Policy::Grace(_)
            | Policy::GraceNew(_)
            | Policy::GraceAccessOnly(_)
            | Policy::Reusable
            | Policy::NoRotation => None,
        }
    }
}
