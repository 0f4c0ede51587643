//! The events of the journal. Tokens and codes occur as fingerprints only.

use std::time::SystemTime;

use serde::Serialize;

use crate::fault::{Fault, FaultPoint};
use crate::grant::Grant;
use crate::identifier::{FamilyId, Fingerprint};
use crate::policy::Policy;
use crate::refusal::{BearerRefusal, Refusal};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// The position in the journal: 1, 2, 3, ... without gaps.
    pub sequence: u64,
    /// The time of the event, by the emulator's clock.
    #[serde(serialize_with = "crate::timestamp::serialize")]
    pub at: SystemTime,
    /// The kind of the event.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kind of an event. Tokens and codes occur as fingerprints only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A POST reached a token endpoint.
    TokenRequest {
        /// The requested grant.
        grant: Grant,
    },
    /// The server's rules refused a token, revocation or introspection request.
    Refused {
        /// The endpoint that refused.
        endpoint: Endpoint,
        /// The reason.
        reason: Refusal,
        /// The family of the presented token, if it is known.
        family: Option<FamilyId>,
    },
    /// A login started a family.
    Login {
        /// The new family.
        family: FamilyId,
        /// The user; absent if the client got tokens for itself.
        user: Option<String>,
        /// The client.
        client: String,
        /// The grant.
        grant: Grant,
        /// The first refresh token, generation 0; absent if the client got tokens for itself.
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
        /// The exchanged refresh token. It is spent, unless the policy is `reusable`.
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
        /// The refresh token in the answer, if it has one. It is the earlier successor of the
        /// presented one.
        refresh: Option<Fingerprint>,
        /// The new access token.
        access: Fingerprint,
    },
    /// A spent refresh token was presented again inside its window. The next event says what it
    /// got.
    Forgiven {
        /// The family.
        family: FamilyId,
        /// The generation of the presented token.
        generation: u64,
        /// The presented token.
        presented: Fingerprint,
    },
    /// A spent refresh token was presented again, outside any window.
    Reuse {
        /// The family.
        family: FamilyId,
        /// The generation of the presented token.
        generation: u64,
        /// The presented token.
        presented: Fingerprint,
    },
    /// A family ended. None of its tokens works any more.
    FamilyRevoked {
        /// The family.
        family: FamilyId,
        /// The reason.
        reason: EndReason,
    },
    /// One access token was revoked. Its family lives on.
    AccessTokenRevoked {
        /// The family.
        family: FamilyId,
        /// The generation of the token.
        generation: u64,
        /// The token.
        access: Fingerprint,
    },
    /// A client asked about a token.
    Introspected {
        /// Whether the token is valid.
        active: bool,
        /// The family of the token, if it is valid.
        family: Option<FamilyId>,
    },
    /// The login page sent the browser back with a code.
    CodeIssued {
        /// The user.
        user: String,
        /// The client.
        client: String,
        /// The code.
        code: Fingerprint,
    },
    /// A used code was presented again.
    CodeReuse {
        /// The code.
        code: Fingerprint,
        /// The family that the code had started, if it had started one.
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
    /// A service refused the caller because of the Bearer token.
    ServiceRefused {
        /// The reason.
        reason: BearerRefusal,
        /// The family of the token, if it is known.
        family: Option<FamilyId>,
        /// The generation of the token, if it is known.
        generation: Option<u64>,
    },
    /// Unifeed was opened.
    UnifeedOpened {
        /// The requested interface type, if there is one of that name.
        interface_type: Option<&'static str>,
        /// The access token in the request.
        access: Option<Fingerprint>,
        /// The family of the token, if it is valid.
        family: Option<FamilyId>,
        /// Why the token is invalid, if it is.
        refused: Option<BearerRefusal>,
    },
    /// Unifeed returned a selection, or gave the browser a form that does so.
    UnifeedReturned {
        /// The interface type.
        interface_type: &'static str,
        /// The number of articles.
        items: usize,
    },
    /// The emulator itself posted a selection, and waited for the status of the answer.
    UnifeedDelivered {
        /// The status; `None` if no answer came in time.
        status: Option<u16>,
    },
    /// A fault was played.
    FaultPlayed {
        /// The kind of request.
        on: FaultPoint,
        /// The fault.
        then: Fault,
    },
    /// Another policy was set.
    PolicySet {
        /// The new policy.
        policy: Policy,
    },
    /// The manual clock was moved.
    ClockAdvanced {
        /// The number of milliseconds.
        milliseconds: u64,
    },
}

/// An endpoint that refuses by the rules of OAuth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// The token endpoint.
    Token,
    /// The revocation endpoint.
    Revocation,
    /// The introspection endpoint.
    Introspection,
}

/// Why a family ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// A spent refresh token was presented again.
    Reuse,
    /// The family's code was presented again.
    CodeReuse,
    /// The client revoked its refresh token at the revocation endpoint.
    RevokedByClient,
    /// A control call revoked the user's authorizations.
    RevokedByUser,
    /// A control call revoked the family.
    RevokedByOperator,
}
