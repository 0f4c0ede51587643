//! Exchanges a refresh token under each policy. It does not judge which tokens are valid.

use std::time::Duration;

use super::family::{Current, Family};
use super::mint::{Genuine, Token};
use super::spending::{Spending, Standing};
use super::{Authority, Granted, Refused};
use crate::identifier::{FamilyId, Fingerprint};
use crate::journal::{EndReason, Entry, EventKind};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;

/// A genuine refresh token that its own client presents.
#[derive(Clone, Copy)]
struct Presented {
    family: FamilyId,
    generation: u64,
    issued: Timestamp,
    fingerprint: Fingerprint,
}

impl Authority {
    /// Exchanges a refresh token as the policy says.
    ///
    /// If another client presents the token, nothing changes.
    pub(crate) fn refresh(
        &mut self,
        entry: &mut Entry<'_>,
        client: &str,
        presented: &str,
    ) -> Result<Granted, Refused> {
        let Some(Genuine::Refresh {
            family: id,
            generation,
            issued,
        }) = self.mint.read(presented)
        else {
            return Err(Refusal::UnknownRefreshToken.into());
        };
        let Some(family) = self.families.get(&id) else {
            return Err(Refusal::UnknownRefreshToken.into());
        };
        if family.client != client {
            return Err(Refused::of(id, Refusal::ForeignRefreshToken));
        }
        let ended = family.ended.is_some();
        let presented = Presented {
            family: id,
            generation,
            issued,
            fingerprint: Fingerprint::of(presented),
        };
        let spending = match family.refresh_tokens.standing(generation, entry.now()) {
            Standing::Good => None,
            // A window that began under another policy forgives nothing under one that has none.
            Standing::Recent(spending) if self.policy.window().is_some() => Some(spending),
            Standing::Recent(_) | Standing::Spent => return Err(self.reused(entry, presented)),
        };
        if ended {
            return Err(Refused::of(id, Refusal::FamilyEnded));
        }
        match spending {
            Some(spending) => Ok(self.forgive(entry, presented, spending)),
            None => self.exchange(entry, presented),
        }
    }

    fn reused(&mut self, entry: &mut Entry<'_>, presented: Presented) -> Refused {
        entry.record(EventKind::Reuse {
            family: presented.family,
            generation: presented.generation,
            presented: presented.fingerprint,
        });
        // RFC 9700 section 4.14.2: nobody can tell the thief from the owner, so both lose.
        self.end_family(entry, presented.family, EndReason::Reuse);
        let reason = match self.policy {
            Policy::SpentIs401 => Refusal::SpentAsUnauthorized,
            Policy::Strict
            | Policy::Grace(_)
            | Policy::GraceNew(_)
            | Policy::GraceAccessOnly(_)
            | Policy::Reusable
            | Policy::NoRotation
            | Policy::Expires(_)
            | Policy::Idle(_)
            | Policy::TooEarly(_)
            | Policy::OneTimeFromNow => Refusal::SpentRefreshToken,
        };
        Refused::of(presented.family, reason)
    }

    /// Exchanges a valid token.
    fn exchange(
        &mut self,
        entry: &mut Entry<'_>,
        presented: Presented,
    ) -> Result<Granted, Refused> {
        if let Some(reason) = self.refuses(entry.now(), presented) {
            return Err(Refused::of(presented.family, reason));
        }
        if self.policy == Policy::NoRotation {
            return Ok(self.renew(entry, presented, None));
        }
        let granted = self.another_pair(entry, presented);
        if self.policy != Policy::Reusable {
            let (now, window) = (entry.now(), self.policy.window());
            self.change(presented.family, |family| {
                let spending = window.map(|window| Spending {
                    at: now,
                    successor: family.generation,
                    until: now.plus(window),
                });
                let tokens = &mut family.refresh_tokens;
                tokens.spend(presented.generation, now, spending);
            });
        }
        Ok(granted)
    }

    /// Why a token that was never spent is refused.
    fn refuses(&self, now: Timestamp, presented: Presented) -> Option<Refusal> {
        let family = self.families.get(&presented.family)?;
        match self.policy {
            Policy::Expires(unused) if now >= presented.issued.plus(unused) => {
                Some(Refusal::ExpiredRefreshToken)
            }
            Policy::Idle(_) if self.lay_idle(family, now) => Some(Refusal::IdleRefreshToken),
            Policy::TooEarly(last) if now.plus(last) < family.current.access_expires => {
                Some(Refusal::TooEarly)
            }
            Policy::Strict
            | Policy::Grace(_)
            | Policy::GraceNew(_)
            | Policy::GraceAccessOnly(_)
            | Policy::Reusable
            | Policy::NoRotation
            | Policy::Expires(_)
            | Policy::Idle(_)
            | Policy::TooEarly(_)
            | Policy::SpentIs401
            | Policy::OneTimeFromNow => None,
        }
    }

    /// Whether the policy ends families that got no tokens for this long.
    pub(super) fn lay_idle(&self, family: &Family, now: Timestamp) -> bool {
        match self.policy {
            Policy::Idle(unused) => now >= family.current.handed_out.plus(unused),
            Policy::Strict
            | Policy::Grace(_)
            | Policy::GraceNew(_)
            | Policy::GraceAccessOnly(_)
            | Policy::Reusable
            | Policy::NoRotation
            | Policy::Expires(_)
            | Policy::TooEarly(_)
            | Policy::SpentIs401
            | Policy::OneTimeFromNow => false,
        }
    }

    /// Answers a token that is presented again inside its window.
    fn forgive(
        &mut self,
        entry: &mut Entry<'_>,
        presented: Presented,
        spending: Spending,
    ) -> Granted {
        entry.record(EventKind::Forgiven {
            family: presented.family,
            generation: presented.generation,
            presented: presented.fingerprint,
        });
        match self.policy {
            Policy::Grace(_) => {
                let issued = spending.at;
                let successor = self
                    .mint
                    .refresh(presented.family, spending.successor, issued);
                self.renew(entry, presented, Some(successor))
            }
            Policy::GraceNew(_) => self.another_pair(entry, presented),
            Policy::GraceAccessOnly(_)
            | Policy::Strict
            | Policy::Reusable
            | Policy::NoRotation
            | Policy::Expires(_)
            | Policy::Idle(_)
            | Policy::TooEarly(_)
            | Policy::SpentIs401
            | Policy::OneTimeFromNow => self.renew(entry, presented, None),
        }
    }

    /// Grants a new pair for a token.
    fn another_pair(&mut self, entry: &mut Entry<'_>, presented: Presented) -> Granted {
        let (id, now) = (presented.family, entry.now());
        let generation = self.next_generation(id);
        let refresh = self.mint.refresh(id, generation, now);
        let made = refresh.fingerprint();
        let granted = self.granted(now, id, generation, Some(refresh));
        let access = granted.access.fingerprint();
        self.hand_out(id, generation, now, Some(made), access);
        entry.record(EventKind::Rotation {
            family: id,
            generation,
            spent: presented.fingerprint,
            refresh: made,
            access,
        });
        granted
    }

    /// Grants a new access token, with a refresh token that was granted before, or with none.
    fn renew(
        &mut self,
        entry: &mut Entry<'_>,
        presented: Presented,
        refresh: Option<Token>,
    ) -> Granted {
        let (id, now) = (presented.family, entry.now());
        let generation = self.next_generation(id);
        let again = refresh.as_ref().map(Token::fingerprint);
        let granted = self.granted(now, id, generation, refresh);
        let access = granted.access.fingerprint();
        self.hand_out(id, generation, now, None, access);
        entry.record(EventKind::Renewal {
            family: id,
            generation,
            presented: presented.fingerprint,
            refresh: again,
            access,
        });
        granted
    }

    /// The next generation. Each answer has one of its own, so that no two access tokens share one.
    fn next_generation(&self, id: FamilyId) -> u64 {
        let family = self.families.get(&id);
        family.map_or(0, |family| family.generation + 1)
    }

    /// Notes what a family gets, with the refresh token that was made for it, if one was.
    fn hand_out(
        &mut self,
        id: FamilyId,
        generation: u64,
        now: Timestamp,
        made: Option<Fingerprint>,
        access: Fingerprint,
    ) {
        let access_expires = now.plus(self.lifetime);
        self.change(id, |family| {
            family.generation = generation;
            if made.is_some() {
                family.refresh_tokens.add(generation);
            }
            family.current = Current {
                refresh: made.or(family.current.refresh),
                access,
                access_expires,
                handed_out: now,
            };
        });
    }

    fn change(&mut self, id: FamilyId, change: impl FnOnce(&mut Family)) {
        if let Some(family) = self.families.get_mut(&id) {
            change(family);
        }
    }
}

impl Policy {
    /// How long a spent token is forgiven.
    pub(super) const fn window(self) -> Option<Duration> {
        match self {
            Self::Grace(window) | Self::GraceNew(window) | Self::GraceAccessOnly(window) => {
                Some(window)
            }
            Self::Strict
            | Self::Reusable
            | Self::NoRotation
            | Self::Expires(_)
            | Self::Idle(_)
            | Self::TooEarly(_)
            | Self::SpentIs401
            | Self::OneTimeFromNow => None,
        }
    }
}
