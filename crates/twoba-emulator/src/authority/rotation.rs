//! Decides what a refresh token is exchanged for: strict rotation, where a spent token ends its family.

use super::family::Family;
use super::mint::Genuine;
use super::{Authority, Granted, Refused};
use crate::identifier::{FamilyId, Fingerprint};
use crate::journal::{EndReason, Entry, EventKind};
use crate::refusal::Refusal;

/// How a genuine refresh token stands to its family.
enum Standing {
    /// It is the newest one of a living family.
    Current,
    /// It was exchanged before, whether or not its family lives.
    Spent,
    /// It was never exchanged, but its family has ended.
    FamilyEnded,
}

impl Standing {
    const fn of(family: &Family, generation: u64) -> Self {
        if generation < family.generation {
            Self::Spent
        } else if family.ended.is_some() {
            Self::FamilyEnded
        } else {
            Self::Current
        }
    }
}

impl Authority {
    /// Exchanges a refresh token for the next pair of its family.
    ///
    /// A token that another client presents is left alone.
    pub(crate) fn refresh(
        &mut self,
        entry: &mut Entry<'_>,
        client: &str,
        presented: &str,
    ) -> Result<Granted, Refused> {
        let Some(Genuine::Refresh {
            family: id,
            generation,
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
        match Standing::of(family, generation) {
            Standing::Current => Ok(self.rotate(entry, id, generation + 1)),
            Standing::FamilyEnded => Err(Refused::of(id, Refusal::FamilyEnded)),
            Standing::Spent => {
                entry.record(EventKind::Reuse {
                    family: id,
                    generation,
                    presented: Fingerprint::of(presented),
                });
                // RFC 9700 section 4.14.2: nobody can tell the thief from the owner, so both lose.
                self.end_family(entry, id, EndReason::Reuse);
                Err(Refused::of(id, Refusal::SpentRefreshToken))
            }
        }
    }

    fn rotate(&mut self, entry: &mut Entry<'_>, id: FamilyId, generation: u64) -> Granted {
        let granted = self.pair(entry.now(), id, generation);
        let current = self.current(&granted, entry.now());
        if let Some(family) = self.families.get_mut(&id) {
            let spent = family.rotated(generation, current);
            entry.record(EventKind::Rotation {
                family: id,
                generation,
                spent,
                refresh: granted.refresh.fingerprint(),
                access: granted.access.fingerprint(),
            });
        }
        granted
    }
}
