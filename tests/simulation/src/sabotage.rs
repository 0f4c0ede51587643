//! Promises that can be switched off, each in the store, the transport or the runtime of this
//! package and never in the product: a simulation that cannot see one of them broken proves
//! nothing about it.

/// What is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sabotage {
    /// The store says that an intent is saved and keeps nothing.
    NoIntent,
    /// A session is handed what its process read first, not what stands under the lease.
    NoReread,
    /// The store says that a rotation is saved before it is.
    SaveAfterHandOut,
    /// The transport repeats a request that was answered with a 5xx.
    RetryServerFault,
    /// The transport repeats a request whose answer broke off.
    RetryBrokenAnswer,
    /// Who does not get the lease goes on without it.
    RefreshWithoutLease,
    /// The store replaces whatever stands there.
    LostConflict,
    /// A record that is read says that its intent is the first attempt.
    AttemptNotCounted,
    /// The store takes a generation for the successor of another login's.
    GenerationWithoutLogin,
    /// A logout deletes the record, and whoever comes next may write.
    TombstoneForgotten,
    /// A record that is read says that no 401 has caused a refresh.
    RejectionForgotten,
    /// A caller who gives up ends the exchange that it waited for.
    LateAnswerDropped,
    /// A record that is read has no verdict.
    VerdictForgotten,
    /// A record that is read asks for no wait.
    BackoffForgotten,
    /// Callers wait for an early refresh.
    EarlyRefreshBlocksCallers,
    /// The transport says of every failure that nothing was sent.
    EveryFailureIsNotSent,
    /// The transport takes an outage for a refusal.
    OutageIsRefusal,
    /// The transport keeps a request back for some seconds.
    RequestHeldBack,
    /// The store takes bytes that it cannot read for nothing.
    DamageIsNothing,
    /// A client with an unsaved rotation gives its lease back.
    LeaseGivenUp,
    /// A caller who waits is served by what comes over the wire, before it is stored.
    WaiterServedEarly,
    /// A refresh's failure is that of everybody who comes after it too.
    FailureForLatecomers,
    /// Two handles of one session have two states.
    TwoStates,
    /// The lease that is kept for an unsaved rotation ends when it is renewed.
    KeptLeaseDropped,
    /// The transport takes a refusal that names no grant for one that does.
    EarlyIsVerdict,
    /// A record that is read does not say that its server refreshes late.
    LatenessForgotten,
    /// A record that is read does not say that its clock was doubted.
    DoubtForgotten,
    /// A client does not know of its server's window.
    WindowNotUsed,
    /// A client forgets which generations it has seen.
    SeenForgotten,
    /// What is stored of a program itself is shown to nobody.
    OwnNotShared,
    /// A record of a program itself that is read does not say when its token ends.
    OwnEndForgotten,
    /// A program that ends does not try to store again what its store has not taken.
    EndsWithoutRetry,
    /// A store says that a rescue lies there, and keeps nothing.
    RescueNotLeft,
    /// Nobody looks for what was rescued.
    RescueIgnored,
    /// A client takes it that a grant is to be kept alive long before that is due.
    KeptAliveTooEarly,
    /// A store names none.
    NotKeptAlive,
    /// The store says that an intent which never left is taken back, and keeps it.
    NotTakenBack,
    /// A copy of a store does not say that it is one.
    CopyNotTold,
}

impl Sabotage {
    /// Every one of them.
    pub const ALL: [Self; 38] = [
        Self::NoIntent,
        Self::NoReread,
        Self::SaveAfterHandOut,
        Self::RetryServerFault,
        Self::RetryBrokenAnswer,
        Self::RefreshWithoutLease,
        Self::LostConflict,
        Self::AttemptNotCounted,
        Self::GenerationWithoutLogin,
        Self::TombstoneForgotten,
        Self::RejectionForgotten,
        Self::LateAnswerDropped,
        Self::VerdictForgotten,
        Self::BackoffForgotten,
        Self::EarlyRefreshBlocksCallers,
        Self::EveryFailureIsNotSent,
        Self::OutageIsRefusal,
        Self::RequestHeldBack,
        Self::DamageIsNothing,
        Self::LeaseGivenUp,
        Self::WaiterServedEarly,
        Self::FailureForLatecomers,
        Self::TwoStates,
        Self::KeptLeaseDropped,
        Self::EarlyIsVerdict,
        Self::LatenessForgotten,
        Self::DoubtForgotten,
        Self::WindowNotUsed,
        Self::SeenForgotten,
        Self::OwnNotShared,
        Self::OwnEndForgotten,
        Self::EndsWithoutRetry,
        Self::RescueNotLeft,
        Self::RescueIgnored,
        Self::KeptAliveTooEarly,
        Self::NotKeptAlive,
        Self::NotTakenBack,
        Self::CopyNotTold,
    ];

    /// What it is called on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoIntent => "no-intent",
            Self::NoReread => "no-reread",
            Self::SaveAfterHandOut => "save-after-hand-out",
            Self::RetryServerFault => "retry-500-without-backoff",
            Self::RetryBrokenAnswer => "success-body-retried",
            Self::RefreshWithoutLease => "unguarded-refresh-after-lease-timeout",
            Self::LostConflict => "lost-conflict",
            Self::AttemptNotCounted => "attempt-not-counted",
            Self::GenerationWithoutLogin => "generation-without-login",
            Self::TombstoneForgotten => "tombstone-forgotten",
            Self::RejectionForgotten => "401-without-60s-rule",
            Self::LateAnswerDropped => "late-answer-dropped",
            Self::VerdictForgotten => "verdict-forgotten",
            Self::BackoffForgotten => "backoff-forgotten",
            Self::EarlyRefreshBlocksCallers => "early-refresh-blocks-callers",
            Self::EveryFailureIsNotSent => "every-failure-is-not-sent",
            Self::OutageIsRefusal => "outage-is-refusal",
            Self::RequestHeldBack => "request-held-back",
            Self::DamageIsNothing => "damage-is-nothing",
            Self::LeaseGivenUp => "lease-given-up",
            Self::WaiterServedEarly => "waiter-served-before-the-save",
            Self::FailureForLatecomers => "failure-shared-with-latecomers",
            Self::TwoStates => "two-handles-with-two-states",
            Self::KeptLeaseDropped => "kept-lease-dropped-early",
            Self::EarlyIsVerdict => "too-early-is-a-verdict",
            Self::LatenessForgotten => "asked-again-before-the-end",
            Self::DoubtForgotten => "clock-doubted-each-time",
            Self::WindowNotUsed => "no-repetition-in-the-window",
            Self::SeenForgotten => "seen-generations-forgotten",
            Self::OwnNotShared => "own-token-of-each-process",
            Self::OwnEndForgotten => "own-token-without-end",
            Self::EndsWithoutRetry => "ends-without-retry",
            Self::RescueNotLeft => "rescue-not-left",
            Self::RescueIgnored => "rescue-ignored",
            Self::KeptAliveTooEarly => "kept-alive-too-early",
            Self::NotKeptAlive => "not-kept-alive",
            Self::NotTakenBack => "intent-not-taken-back",
            Self::CopyNotTold => "copy-not-told",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}
