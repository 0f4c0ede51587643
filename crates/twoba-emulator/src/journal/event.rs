//! What can happen, as it is written down: tokens and codes occur as fingerprints only.

use std::time::SystemTime;

use serde::Serialize;

use crate::fault::{Fault, FaultPoint};
use crate::grant::Grant;
use crate::identifier::{FamilyId, Fingerprint};
use crate::policy::Policy;
use crate::refusal::{BearerRefusal, Refusal};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// Position in the journal: 1, 2, 3, ... without gaps.
    pub sequence: u64,
    /// When, by the emulator's clock.
    #[serde(serialize_with = "crate::timestamp::serialize")]
    pub at: SystemTime,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened. Tokens and codes occur as fingerprints only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A POST reached a token endpoint.
    TokenRequest {
        /// The grant that it asks for.
        grant: Grant,
    },
    /// A token or revocation request was refused by the server's rules.
    Refused {
        /// Which endpoint refused.
        endpoint: Endpoint,
        /// Why.
        reason: Refusal,
        /// The family of the presented token, if it is known.
        family: Option<FamilyId>,
    },
    /// A family was born.
    Login {
        /// The new family.
        family: FamilyId,
        /// Who logged in; absent where the client got tokens for itself.
        user: Option<String>,
        /// With which application.
        client: String,
        /// By which grant.
        grant: Grant,
        /// The first refresh token, generation 0; absent where the client got tokens for itself.
        refresh: Option<Fingerprint>,
        /// The first access token, generation 0.
        access: Fingerprint,
    },
    /// A refresh token was exchanged for a new pair.
    Rotation {
        /// The family.
        family: FamilyId,
        /// The generation of the new pair.
        generation: u64,
        /// The refresh token that was exchanged. It is spent, unless the policy is `reusable`.
        spent: Fingerprint,
        /// The new refresh token.
        refresh: Fingerprint,
        /// The new access token.
        access: Fingerprint,
    },
    /// A refresh token got a new access token, and no new refresh token was made.
    Renewal {
        /// The family.
        family: FamilyId,
        /// The generation of the new access token.
        generation: u64,
        /// The refresh token that was presented.
        presented: Fingerprint,
        /// The refresh token in the answer, if there was one: the successor that the presented one
        /// had led to before.
        refresh: Option<Fingerprint>,
        /// The new access token.
        access: Fingerprint,
    },
    /// A spent refresh token was presented again inside its window; what it got comes next.
    Forgiven {
        /// The family.
        family: FamilyId,
        /// The generation of the presented token.
        generation: u64,
        /// The presented token.
        presented: Fingerprint,
    },
    /// A spent refresh token was presented again, and nothing forgives it.
    Reuse {
        /// The family.
        family: FamilyId,
        /// The generation of the presented token.
        generation: u64,
        /// The presented token.
        presented: Fingerprint,
    },
    /// A family ended: none of its tokens works any more.
    FamilyRevoked {
        /// The family.
        family: FamilyId,
        /// Why.
        reason: EndReason,
    },
    /// One access token was revoked; its family lives on.
    AccessTokenRevoked {
        /// The family.
        family: FamilyId,
        /// The generation of the token.
        generation: u64,
        /// The token.
        access: Fingerprint,
    },
    /// A client asked how a token stands.
    Introspected {
        /// Whether it is good.
        active: bool,
        /// The family of the token, if it is good.
        family: Option<FamilyId>,
    },
    /// The login page sent the browser back with a code.
    CodeIssued {
        /// Who logged in.
        user: String,
        /// For which application.
        client: String,
        /// The code.
        code: Fingerprint,
    },
    /// A used code was presented again.
    CodeReuse {
        /// The code.
        code: Fingerprint,
        /// The family that the code had led to, if it had led to one.
        family: Option<FamilyId>,
    },
    /// A wrong name or password was typed into the login page.
    LoginRefused,
    /// The login was cancelled on the login page.
    LoginCancelled,
    /// A request reached a sample service.
    ServiceCall {
        /// The function, such as `Product/Search`, if there is one of that name.
        function: Option<&'static str>,
    },
    /// A service accepted a Bearer token.
    ServiceServed {
        /// The family of the token.
        family: FamilyId,
        /// The generation of the token.
        generation: u64,
        /// The token.
        access: Fingerprint,
    },
    /// A service refused the caller for the Bearer token.
    ServiceRefused {
        /// Why.
        reason: BearerRefusal,
        /// The family of the token, if it is known.
        family: Option<FamilyId>,
        /// The generation of the token, if it is known.
        generation: Option<u64>,
    },
    /// Unifeed was opened.
    UnifeedOpened {
        /// The interface type that it was asked for, if there is one of that name.
        interface_type: Option<&'static str>,
        /// The access token that it was given.
        access: Option<Fingerprint>,
        /// The family of the token, if it is good.
        family: Option<FamilyId>,
        /// Why the token is not good, if it is not.
        refused: Option<BearerRefusal>,
    },
    /// Unifeed returned a selection, or gave the browser a form that does.
    UnifeedReturned {
        /// By which interface type.
        interface_type: &'static str,
        /// How many articles.
        items: usize,
    },
    /// The emulator posted a selection itself, and waited for the answer's status.
    UnifeedDelivered {
        /// The status; none if there was no answer in time.
        status: Option<u16>,
    },
    /// A fault was played.
    FaultPlayed {
        /// On what kind of request.
        on: FaultPoint,
        /// Which.
        then: Fault,
    },
    /// Another policy holds from here.
    PolicySet {
        /// Which.
        policy: Policy,
    },
    /// The manual clock was moved.
    ClockAdvanced {
        /// By how many milliseconds.
        milliseconds: u64,
    },
}

/// An endpoint that refuses by the rules of OAuth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// Where tokens are handed out.
    Token,
    /// Where tokens are given up.
    Revocation,
    /// Where is asked how a token stands.
    Introspection,
}

/// Why a family ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// A spent refresh token was presented again.
    Reuse,
    /// The code that it came from was presented again.
    CodeReuse,
    /// The client gave its refresh token up at the revocation endpoint.
    RevokedByClient,
    /// The user's authorizations were revoked through the control interface.
    RevokedByUser,
    /// The family was revoked through the control interface.
    RevokedByOperator,
}
