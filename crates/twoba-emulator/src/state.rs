//! Decides what of the current state can be looked at: everything but tokens, codes and secrets.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::authority::{Authority, Family};
use crate::behavior::Behavior;
use crate::fault::CountedRule;
use crate::grant::Grant;
use crate::identifier::{FamilyId, Fingerprint};
use crate::journal::EndReason;
use crate::policy::Policy;
use crate::timestamp::{self, Timestamp};

/// How many families are listed; a load test makes more than anybody reads.
const MAX_FAMILIES: usize = 1000;

/// Clock, policy, families and faults of an emulator, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct State {
    /// The emulator's time.
    #[serde(serialize_with = "timestamp::serialize")]
    pub now: SystemTime,
    /// `real` or `manual`.
    pub clock: &'static str,
    /// How long access tokens live, in whole seconds.
    pub token_lifetime_seconds: u64,
    /// What becomes of refresh tokens.
    pub policy: Policy,
    /// How bad refresh tokens are refused.
    pub behavior: Behavior,
    /// How many families are kept: the last 100,000, and those that ended are forgotten first.
    pub family_count: usize,
    /// The newest 1,000 families, newest first.
    pub families: Vec<FamilyState>,
    /// The faults in force.
    pub faults: Vec<CountedRule>,
}

/// One login and its newest pair of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FamilyState {
    /// Its name.
    pub family: FamilyId,
    /// Who logged in; absent where a client got tokens for itself.
    pub user: Option<String>,
    /// With which application.
    pub client: String,
    /// By which grant.
    pub grant: Grant,
    /// When.
    #[serde(serialize_with = "timestamp::serialize")]
    pub started_at: SystemTime,
    /// How often it got tokens since the login; it numbers both kinds of token.
    pub generation: u64,
    /// The newest refresh token; absent where a client got tokens for itself.
    pub refresh: Option<Fingerprint>,
    /// The newest access token.
    pub access: Fingerprint,
    /// When the newest access token expires.
    #[serde(serialize_with = "timestamp::serialize")]
    pub access_expires_at: SystemTime,
    /// When and why it ended, if it has.
    pub ended: Option<End>,
}

/// The end of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct End {
    /// When.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: SystemTime,
    /// Why.
    pub reason: EndReason,
}

impl State {
    pub(crate) fn new(
        now: Timestamp,
        clock: &'static str,
        token_lifetime: Duration,
        behavior: Behavior,
        authority: &Authority,
        faults: &[CountedRule],
    ) -> Self {
        let families = authority.families();
        Self {
            now: now.to_system(),
            clock,
            token_lifetime_seconds: token_lifetime.as_secs(),
            policy: authority.policy(),
            behavior,
            family_count: families.len(),
            families: families
                .take(MAX_FAMILIES)
                .map(|(id, family)| FamilyState::new(id, family))
                .collect(),
            faults: faults.to_vec(),
        }
    }
}

impl FamilyState {
    fn new(id: FamilyId, family: &Family) -> Self {
        Self {
            family: id,
            user: family.user.clone(),
            client: family.client.clone(),
            grant: family.grant,
            started_at: family.started.to_system(),
            generation: family.generation,
            refresh: family.current.refresh,
            access: family.current.access,
            access_expires_at: family.current.access_expires.to_system(),
            ended: family.ended.map(|(at, reason)| End {
                at: at.to_system(),
                reason,
            }),
        }
    }
}
