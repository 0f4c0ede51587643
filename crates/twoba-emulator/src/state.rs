//! The current state of an emulator, without tokens, codes and secrets.

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

/// How many families are listed. A load test makes more than anybody reads.
const MAX_FAMILIES: usize = 1000;

/// Clock, policy, families and faults of an emulator at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct State {
    /// The emulator's time.
    #[serde(serialize_with = "timestamp::serialize")]
    pub now: SystemTime,
    /// `real` or `manual`.
    pub clock: &'static str,
    /// The lifetime of access tokens, in whole seconds.
    pub token_lifetime_seconds: u64,
    /// The policy for refresh tokens.
    pub policy: Policy,
    /// How the server refuses invalid refresh tokens.
    pub behavior: Behavior,
    /// How many families are kept. It keeps the last 100,000, and forgets first those that ended.
    pub family_count: usize,
    /// The newest 1,000 families, newest first.
    pub families: Vec<FamilyState>,
    /// The current faults.
    pub faults: Vec<CountedRule>,
}

/// One login and its newest pair of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FamilyState {
    /// The name of the family.
    pub family: FamilyId,
    /// The user; absent if a client got tokens for itself.
    pub user: Option<String>,
    /// The client.
    pub client: String,
    /// The grant.
    pub grant: Grant,
    /// The time of the login.
    #[serde(serialize_with = "timestamp::serialize")]
    pub started_at: SystemTime,
    /// How often it got tokens since the login. It numbers both kinds of token.
    pub generation: u64,
    /// The newest refresh token; absent if a client got tokens for itself.
    pub refresh: Option<Fingerprint>,
    /// The newest access token.
    pub access: Fingerprint,
    /// When the newest access token expires.
    #[serde(serialize_with = "timestamp::serialize")]
    pub access_expires_at: SystemTime,
    /// The time and reason of its end, if it has ended.
    pub ended: Option<End>,
}

/// The end of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct End {
    /// The time of the end.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: SystemTime,
    /// The reason.
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
