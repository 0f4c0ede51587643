//! The authorization server: it grants tokens, judges them, and ends families. It has no clock, no
//! randomness and no HTTP of its own.

mod codes;
mod ending;
mod family;
pub(crate) mod introspection;
mod mint;
mod rotation;
mod spending;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::grant::Grant;
use crate::identifier::{FamilyId, Fingerprint};
use crate::journal::{EndReason, Entry, EventKind};
use crate::policy::Policy;
use crate::refusal::{BearerRefusal, Refusal};
use crate::timestamp::Timestamp;

pub(crate) use codes::{CodeRequest, Redemption};
pub(crate) use family::Family;
pub(crate) use mint::Token;

use codes::Codes;
use mint::{Genuine, Mint};

/// How many families are kept. They take some 60 MB, and no test keeps more logins alive at once.
const MAX_FAMILIES: usize = 100_000;

/// The authorization server's state.
///
/// Every method that changes it writes the change into the journal through its [`Entry`], which
/// also holds the current time.
pub(crate) struct Authority {
    mint: Mint,
    lifetime: Duration,
    policy: Policy,
    families: BTreeMap<FamilyId, Family>,
    /// The families that have ended, in the order of their end.
    ended: VecDeque<FamilyId>,
    max_families: usize,
    codes: Codes,
    last_family: u64,
}

/// Tokens that were just granted or made up.
pub(crate) struct Granted {
    pub(crate) access: Token,
    /// The refresh token; absent if the policy grants none.
    pub(crate) refresh: Option<Token>,
    pub(crate) expires_in_seconds: u64,
    /// The scope of the tokens, if one was requested.
    pub(crate) scope: Option<String>,
}

/// A refusal, and the family that it concerns, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: Refusal,
    pub(crate) family: Option<FamilyId>,
}

impl From<Refusal> for Refused {
    fn from(reason: Refusal) -> Self {
        Self {
            reason,
            family: None,
        }
    }
}

impl Refused {
    const fn of(family: FamilyId, reason: Refusal) -> Self {
        Self {
            reason,
            family: Some(family),
        }
    }
}

impl Authority {
    /// Makes a server without logins. All its tokens follow from the seed.
    pub(crate) fn new(seed: [u8; 32], lifetime: Duration, policy: Policy) -> Self {
        Self {
            mint: Mint::new(seed),
            lifetime,
            policy,
            families: BTreeMap::new(),
            ended: VecDeque::new(),
            max_families: MAX_FAMILIES,
            codes: Codes::default(),
            last_family: 0,
        }
    }

    /// The policy for refresh tokens.
    pub(crate) const fn policy(&self) -> Policy {
        self.policy
    }

    /// Sets another policy. Spent tokens stay spent, and a window that has begun keeps its end.
    pub(crate) fn set_policy(&mut self, entry: &mut Entry<'_>, policy: Policy) {
        self.policy = policy;
        entry.record(EventKind::PolicySet { policy });
    }

    /// Starts a family for a user and a client that have both authenticated, or for the client
    /// alone. The words of the scope are known.
    ///
    /// A client alone gets no refresh token, because it can authenticate again (RFC 6749 section
    /// 4.4.3).
    pub(crate) fn login(
        &mut self,
        entry: &mut Entry<'_>,
        user: Option<&str>,
        client: &str,
        grant: Grant,
        scope: Option<String>,
    ) -> (FamilyId, Granted) {
        self.last_family += 1;
        let id = FamilyId(self.last_family);
        let now = entry.now();
        let refresh = user.map(|_| self.mint.refresh(id, 0, now));
        let first = refresh.as_ref().map(Token::fingerprint);
        let granted = Granted {
            scope: scope.clone(),
            ..self.granted(now, id, 0, refresh)
        };
        let current = family::Current {
            refresh: first,
            access: granted.access.fingerprint(),
            access_expires: now.plus(self.lifetime),
            handed_out: now,
        };
        entry.record(EventKind::Login {
            family: id,
            user: user.map(str::to_owned),
            client: client.to_owned(),
            grant,
            refresh: current.refresh,
            access: current.access,
        });
        let mut family = Family::new(now, user, client, grant, current);
        family.scope = scope;
        if self.families.len() >= self.max_families {
            self.forget_a_family();
        }
        self.families.insert(id, family);
        (id, granted)
    }

    /// Forgets the family that ended first, or else the oldest one. Its tokens are unknown from now
    /// on.
    fn forget_a_family(&mut self) {
        match self.ended.pop_front() {
            Some(id) => drop(self.families.remove(&id)),
            None => drop(self.families.pop_first()),
        }
    }

    /// The access token of a generation, with the matching refresh token.
    fn granted(
        &self,
        now: Timestamp,
        family: FamilyId,
        generation: u64,
        refresh: Option<Token>,
    ) -> Granted {
        let expires = now.plus(self.lifetime);
        Granted {
            access: self.mint.access(family, generation, expires),
            refresh,
            expires_in_seconds: self.expires_in_seconds(),
            scope: self.scope_of(family),
        }
    }

    /// The lifetime in whole seconds. It is never zero, because `expires_in` is positive.
    fn expires_in_seconds(&self) -> u64 {
        self.lifetime.as_secs().max(1)
    }

    /// A pair that looks right and was never valid.
    pub(crate) fn made_up(&mut self) -> Granted {
        let (access, refresh) = self.mint.made_up();
        Granted {
            access,
            refresh: Some(refresh),
            expires_in_seconds: self.expires_in_seconds(),
            scope: None,
        }
    }

    /// Issues a code for a user who logged in on the login page.
    pub(crate) fn issue_code(&mut self, entry: &mut Entry<'_>, request: CodeRequest) -> Token {
        let (user, client) = (request.user.clone(), request.client.clone());
        let code = self.mint.code(self.codes.issue(entry.now(), request));
        entry.record(EventKind::CodeIssued {
            user,
            client,
            code: code.fingerprint(),
        });
        code
    }

    /// Exchanges a code for the first pair of a new family.
    ///
    /// The first attempt of the code's own client spends the code, right or wrong. A second attempt
    /// ends the family that the first one started.
    pub(crate) fn redeem(
        &mut self,
        entry: &mut Entry<'_>,
        client: &str,
        redemption: &Redemption<'_>,
    ) -> Result<Granted, Refused> {
        let Some(Genuine::Code { number }) = self.mint.read(redemption.code) else {
            return Err(Refusal::UnknownCode.into());
        };
        match self.codes.spend(entry.now(), number, client, redemption) {
            Ok(CodeRequest { user, scope, .. }) => {
                let (user, grant) = (Some(user.as_str()), Grant::AuthorizationCode);
                let (id, granted) = self.login(entry, user, client, grant, scope);
                self.codes.led_to(number, id);
                Ok(granted)
            }
            Err(codes::SpendError::Refused(reason)) => Err(reason.into()),
            Err(codes::SpendError::Spent { family }) => {
                entry.record(EventKind::CodeReuse {
                    code: Fingerprint::of(redemption.code),
                    family,
                });
                // RFC 6749 section 4.1.2: tokens from a code that is used twice should be revoked.
                if let Some(id) = family {
                    self.end_family(entry, id, EndReason::CodeReuse);
                }
                Err(Refused {
                    reason: Refusal::SpentCode,
                    family,
                })
            }
        }
    }

    /// Judges an access token.
    pub(crate) fn bearer(&self, now: Timestamp, presented: &str) -> Result<Bearer, BadBearer> {
        let unknown = BadBearer {
            reason: BearerRefusal::UnknownToken,
            bearer: None,
        };
        let Some(Genuine::Access {
            family: id,
            generation,
            expires,
        }) = self.mint.read(presented)
        else {
            return Err(unknown);
        };
        let Some(family) = self.families.get(&id) else {
            return Err(unknown);
        };
        let bearer = Bearer {
            family: id,
            generation,
        };
        let reason = if family.ended.is_some() || family.has_revoked_access(generation) {
            BearerRefusal::Revoked
        } else if now >= expires {
            BearerRefusal::Expired
        } else {
            return Ok(bearer);
        };
        Err(BadBearer {
            reason,
            bearer: Some(bearer),
        })
    }

    /// What the tokens of a family are for, if that was asked for.
    pub(crate) fn scope_of(&self, family: FamilyId) -> Option<String> {
        self.families.get(&family)?.scope.clone()
    }

    /// All families, the newest first.
    pub(crate) fn families(&self) -> impl ExactSizeIterator<Item = (FamilyId, &Family)> {
        self.families.iter().rev().map(|(id, family)| (*id, family))
    }
}

/// A valid access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) family: FamilyId,
    pub(crate) generation: u64,
}

/// An invalid access token, and its family if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadBearer {
    pub(crate) reason: BearerRefusal,
    pub(crate) bearer: Option<Bearer>,
}

#[cfg(test)]
mod tests;
