//! The judge's journal: what left, what the server did, what was durable when. It believes the
//! model server and the bytes in the stores, and no client.

mod caller;
mod closing;
mod copied;
mod driven;
mod ending;
mod intent;
mod keeping;
mod loss;
mod own;
mod request;
mod stored;
mod turns;
mod went_back;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use crate::network::Class;
use crate::record::{Candidate, Intent};
use crate::server::{Granted, Standing};
use crate::sim::{ClientId, Sim, StoreId};
use crate::store::Who;

pub(crate) use ending::{Outcome, Probed};

pub(crate) type RequestId = usize;

/// A promise that was not kept.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) promise: Promised,
    pub(crate) words: String,
}

/// What is promised, as `docs/design.md` and the life cycle of a session name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promised {
    P1,
    P2,
    P3,
    P4,
    P5,
    P6,
    P7,
    P8,
    P9,
    P10,
    P11,
    P12,
    P13,
    P14,
    NoStorm,
    Own,
    Copied,
    SignIn,
    WentBack,
    Kept,
}

/// What the client's side of an exchange has seen of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivered {
    NotSent,
    /// The connection broke, or nothing came in time.
    Nothing,
    Answer(Class),
}

/// Everything the judge has written down.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) violation: Option<Violation>,
    requests: Vec<Request>,
    generations: Vec<Generation>,
    pasts: BTreeMap<StoreId, Past>,
    logins: Vec<Login>,
    logouts: Vec<Logout>,
    /// Access tokens that a service has answered 401 to.
    rejected: BTreeSet<String>,
    /// The tokens of programs themselves that were stored, and until when each is good.
    own_tokens: BTreeMap<String, OwnToken>,
    /// The latest generations of the last logins that each life of a client has seen, the last one
    /// at the end.
    seen: BTreeMap<(ClientId, u32), Vec<(String, u64)>>,
    /// The latest generation of each login that anybody has ever seen.
    once_seen: BTreeMap<String, u64>,
    pub(crate) outcomes: Vec<Outcome>,
    /// How many clients have been asked the last question, and have not answered it yet;
    /// none before.
    pub(crate) probing: Option<usize>,
}

/// A request to the server.
struct Request {
    who: Who,
    /// For a refresh: whose token it presents.
    generation: Option<usize>,
    /// For a login: which one.
    login: Option<usize>,
    revokes: bool,
    /// Whether a program asks for a token of its own.
    own: bool,
    /// The time of its intent, by its host's clock.
    intent_at: i64,
    called_at: u64,
    left_at: Option<u64>,
    /// When its client had last got the lease.
    leased_at: u64,
    /// Whether its process was paused between the look at its intent and the first byte.
    paused: bool,
    /// Whether it may still arrive.
    under_way: bool,
    /// What the server itself made of it.
    outcome: Option<Result<Granted, Standing>>,
    delivered: Option<Delivered>,
    delivered_at: u64,
    /// When what it brought became durable.
    saved_at: Option<u64>,
    /// Whether the store failed its client since the answer came.
    not_written: bool,
    driven: bool,
    /// Whether it was refused because it came too early.
    too_early: bool,
    /// What excuses it, if it has presented a spent token.
    excuse: Option<&'static str>,
}

/// A generation of a login, from when it is first durable.
#[derive(Clone)]
struct Generation {
    store: StoreId,
    login: String,
    generation: u64,
    access: Option<String>,
    refresh: Option<String>,
    lifetime_known: bool,
    /// When a server that refreshes late takes its refresh token.
    late_at: Option<i64>,
    /// Whether an intent of it was caused by a service that rejects its token.
    rejection_asked: bool,
    /// Whether the server refreshes late, as a generation before this has shown.
    refreshes_late: bool,
    /// When the request was made that brought it.
    asked_at: u64,
    /// By how much later its token ends than its client counts, in milliseconds.
    lag: i64,
    /// Whether it brought what is left of a token that was made before.
    is_rest: bool,
    born_of_rejection: bool,
    intents: u32,
    /// Intents that a request has used up.
    used: u32,
    /// Whether one was followed by the next attempt and nothing was sent.
    skipped: bool,
    intent: Option<Intent>,
    /// Whose it is, and in which of its lives.
    intent_of: Option<(ClientId, u32)>,
    /// All that were stored so far, and whose they were.
    past_intents: Vec<(Intent, Option<(ClientId, u32)>)>,
    /// When its last attempt was stored, in true time.
    intent_stored_at: u64,
    /// Who has stored it, and how often that process had been paused.
    intent_by: Option<(Who, u32)>,
    most_attempts: u32,
    requests: Vec<RequestId>,
    verdict_at: Option<u64>,
}

/// A token of a program itself that was stored.
struct OwnToken {
    at: u64,
    /// When it ends by the server's word and the clock of whoever has asked.
    ends_at: Option<i64>,
}

/// What one store held, and when.
#[derive(Default)]
struct Past {
    access: BTreeSet<String>,
    states: Vec<(u64, State)>,
    /// The refresh tokens that were to be exchanged.
    candidates: Vec<Candidate>,
    /// When logins became durable.
    logins: Vec<u64>,
    /// When the newest login or logout that is durable was called for.
    newest: u64,
    /// When each login's last rotation for a 401 was decided on, by the host's clock and in
    /// true time.
    rejections: BTreeMap<String, (i64, u64)>,
    /// How often a program has claimed the right to log in by itself, and has done so.
    sign_in_claims: u64,
    sign_ins: u64,
    /// When somebody wanted another token than the current one.
    forced: Vec<u64>,
    /// When somebody began to keep it alive because that was due.
    kept_alive: Vec<(u64, ClientId)>,
    /// How often each login was refreshed as its clock was ahead.
    doubts: BTreeMap<String, u32>,
    /// When the store has failed which client, as it wrote.
    failures: Vec<(u64, ClientId)>,
    /// The same, whatever was asked of it.
    troubles: Vec<(u64, ClientId)>,
    /// The verdicts of which a client has left a word because the store did not take them, with their
    /// times.
    left_verdicts: Vec<(State, Option<i64>)>,
    /// When a client could not leave a rescue.
    rescue_failures: Vec<(u64, ClientId)>,
    /// What was known of the generation in each copy of the store.
    backups: Vec<Option<Generation>>,
    /// When the store has last been set back to one.
    went_back_at: Option<u64>,
}

impl Past {
    /// What was stored at `began` and since.
    fn since(&self, began: u64) -> impl Iterator<Item = &State> {
        let first = self.states.iter().rposition(|(at, _)| *at < began);
        let states = self.states.iter().skip(first.unwrap_or(0));
        let nothing = first.is_none().then_some(&State::Nothing);
        nothing.into_iter().chain(states.map(|(_, state)| state))
    }

    /// Whether this was stored at some moment since then.
    fn held_since(&self, began: u64, state: &State) -> bool {
        self.since(began).any(|other| other == state)
    }

    /// Whether nothing else was stored since then.
    fn only_since(&self, began: u64, state: &State) -> bool {
        self.since(began).all(|other| other == state)
    }
}

/// What a caller can be told of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Nothing,
    Gone,
    Held,
    Dead(String),
    Unreadable,
}

/// Somebody logs in.
struct Login {
    who: Who,
    began: u64,
    /// When the call came back, with or without a token.
    ended: Option<u64>,
    access: Option<String>,
    /// What was brought from elsewhere.
    refresh: Option<String>,
    by_hook: bool,
}

/// Somebody logs out.
struct Logout {
    client: ClientId,
    began: u64,
    done_at: Option<u64>,
}

impl Sim {
    /// A promise is broken; the first one counts.
    pub(crate) fn violated(&mut self, promise: Promised, words: String) {
        if self.over || self.judge.violation.is_some() {
            return;
        }
        self.tell("judge", || format!("{}: {words}", promise.words()));
        self.judge.violation = Some(Violation { promise, words });
    }
}

impl Judge {
    fn past(&mut self, store: StoreId) -> &mut Past {
        self.pasts.entry(store).or_default()
    }

    pub(crate) fn is_ended(&self, request: RequestId) -> bool {
        self.requests[request].delivered.is_some()
    }

    /// Whether a client is about to log in.
    pub(crate) fn is_logging_in(&self, who: Who) -> bool {
        let its = |login: &Login| (login.who.client, login.who.life) == (who.client, who.life);
        let mut logins = self.logins.iter();
        logins.any(|login| its(login) && login.ended.is_none() && !login.by_hook)
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.len()
    }
}

impl Request {
    /// Whether nobody can tell from its end what the server did.
    fn is_lost(&self) -> bool {
        match &self.delivered {
            None => true,
            Some(Delivered::NotSent) => false,
            Some(Delivered::Nothing) => true,
            Some(Delivered::Answer(class)) => *class == Class::Truncated,
        }
    }

    fn is_of(&self, who: Who) -> bool {
        (self.who.client, self.who.life) == (who.client, who.life)
    }

    fn is_transient(&self) -> bool {
        matches!(
            &self.delivered,
            Some(Delivered::Answer(Class::Transient(_)))
        )
    }

    fn brought(&self) -> Option<&Granted> {
        match &self.delivered {
            Some(Delivered::Answer(Class::Granted(granted))) => Some(granted),
            Some(_) | None => None,
        }
    }

    fn is_refused(&self) -> bool {
        let answers = [Class::Refused, Class::RefusedBare].map(Delivered::Answer);
        self.delivered
            .as_ref()
            .is_some_and(|end| answers.contains(end))
    }

    /// Whether it was refused in a way that can mean that it came too early for this generation,
    /// and came before the server's end of its token.
    fn came_too_early(&self, facts: &Generation) -> bool {
        let bare = self.delivered == Some(Delivered::Answer(Class::RefusedBare));
        let early = facts.late_at.is_some_and(|late| self.intent_at < late);
        bare && early && !facts.rejection_asked
    }
}

impl Generation {
    /// An intent that was stored before stands there again: a later one that never left was taken
    /// back.
    fn restore(&mut self, past: usize) {
        let (intent, owner) = self.past_intents[past].clone();
        self.intent = Some(intent);
        self.intent_of = owner;
        self.intent_by = None;
    }

    fn name(&self) -> String {
        let login = self.login.get(..4).unwrap_or_default();
        format!("{login} generation {}", self.generation)
    }
}

impl Promised {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::P1 => "P1, a token is handed out only after the grant that carries it is durable",
            Self::P2 => "P2, a refresh leaves only after a durable intent of its own, and soon",
            Self::P3 => "P3, before a refresh the record is read again under the lease",
            Self::P4 => "P4, one refresh a generation, and beyond it what the replay rule allows",
            Self::P5 => "P5, nobody's cancellation ends an exchange that has left",
            Self::P6 => "P6, a spent refresh token is never presented",
            Self::P7 => "P7, a grant is dead only by the server's word, or by a lost answer",
            Self::P8 => "P8, a dead grant is latched durably and never presented again",
            Self::P9 => "P9, a passing failure never kills a grant, and is waited for",
            Self::P10 => "P10, callers get a usable token at once",
            Self::P11 => "P11, a 401 causes a refresh only of the current token, and seldom",
            Self::P12 => "P12, what the server has answered is stored, or kept until it can be",
            Self::P13 => "P13, what cannot be read is kept, and replaced by a login or logout only",
            Self::P14 => "P14, a newer login or logout wins",
            Self::Own => {
                "a program's own session asks once for all, in its own name, until its end"
            }
            Self::Copied => "nothing is spent from a copy of a store until that is adopted",
            Self::SignIn => "a program logs in by itself at most once for each end of a grant",
            Self::WentBack => {
                "a store that goes back makes nobody present what he has seen replaced"
            }
            Self::NoStorm => "no storm: a generation is not presented again and again",
            Self::Kept => "a session is kept wherever the server leaves a way back",
        }
    }
}
