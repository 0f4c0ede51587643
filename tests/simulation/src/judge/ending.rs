//! What must have become of a session once nothing fails any more, and by which row of the
//! table one was lost.

use super::{Generation, Promised};
use crate::record::{Intent, Record};
use crate::server::{Ended, Standing};
use crate::sim::{Sim, StoreId};
use crate::store::{Store, Who};
use twoba_core::{Cause, Replay};

/// By how much less than a second the server's end of a token is behind ours where clocks agree.
const LAG: i64 = 500;

/// How a session of one store ended, in a row of the summary.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) store: StoreId,
    pub(crate) row: String,
}

/// What a client has come to in a world without troubles.
#[derive(Debug, Clone)]
pub(crate) enum Probed {
    /// A token that a service takes.
    Good,
    /// Somebody has to log in.
    Lost(Cause),
    /// What is stored cannot be read, and is left as it is.
    Unreadable,
    /// Nothing, in hours.
    Nothing(String),
}

impl Sim {
    /// Whether the server leaves this client a way back to its session, and the replay rule
    /// allows to take it.
    pub(crate) fn has_way_back(&self, who: Who) -> bool {
        let store = who.store;
        let Record::Held(held) = &self.stores[store].record else {
            return false;
        };
        if self.is_copy(store) {
            return false;
        }
        // Who has seen a later generation stores that again, whatever has come of it.
        if self.is_seen_later(held) {
            return false;
        }
        let good = |token: &str| self.server.standing(self.now, token) == Standing::Good;
        // Whoever comes next takes up what was left there.
        let rescued = self
            .rescued(store)
            .map(|(held, _)| &held.grant.refresh_token);
        if rescued.is_some_and(|token| token.as_deref().is_some_and(good)) {
            return true;
        }
        let Some(refresh) = &held.grant.refresh_token else {
            return false;
        };
        let its = |facts: &&Generation| {
            facts.store == store && facts.login == held.login && facts.generation == held.generation
        };
        let facts = self.judge.generations.iter().rev().find(its);
        let requests = facts.into_iter().flat_map(|facts| &facts.requests);
        // What it has in its hands, it will store.
        let in_hand = requests.copied().any(|id| {
            let request = &self.judge.requests[id];
            let dropped = self.is_void_forgotten(store, request);
            let mine = request.is_of(who) && !dropped && !self.claim_lost_since(id);
            let brought = request.brought();
            let brought = brought.filter(|_| mine && request.saved_at.is_none());
            brought.is_some_and(|brought| good(brought.refresh.as_ref().unwrap_or(refresh)))
        });
        // A window that is open now may be over when a wait is.
        if held.verdict.is_some() || !good(refresh) || self.server.is_spent(refresh) {
            return in_hand;
        }
        let left = self.leaves_attempt(held.intent.as_ref());
        left.unwrap_or(in_hand)
    }

    /// Whether the replay rule allows an attempt after this intent; `None` where it never does.
    pub(super) fn leaves_attempt(&self, intent: Option<&Intent>) -> Option<bool> {
        match (intent, self.plan.replay) {
            (None, _) => Some(true),
            (Some(intent), Replay::Once) => Some(intent.attempt < 2),
            (Some(intent), Replay::Within(window)) => {
                let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
                Some(intent.at.saturating_sub(intent.first_at) < window)
            }
            (Some(_), _) => None,
        }
    }

    /// A client has come to its end of the world.
    pub(crate) fn judge_probed(&mut self, who: Who, owed: bool, probed: &Probed) {
        self.judge.probing = self.judge.probing.map(|left| left.saturating_sub(1));
        if self.is_copy(who.store) {
            return self.come_out(who.store, "in a copy that is not adopted".to_owned());
        }
        if self.is_own(who.store) {
            return self.judge_own_probed(who, probed);
        }
        self.tell_of(who.process, || {
            format!("client {} ends with {probed:?}", who.client)
        });
        match probed {
            Probed::Good => self.come_out(who.store, "kept".to_owned()),
            Probed::Unreadable => match &self.stores[who.store].record {
                Record::Unreadable => self.come_out(who.store, "unreadable".to_owned()),
                record => {
                    let words = format!("client {} cannot read {}", who.client, record.words());
                    self.violated(Promised::P13, words);
                }
            },
            Probed::Nothing(_) if self.is_over_a_login(who) => {
                self.come_out(who.store, "back over another login".to_owned());
            }
            Probed::Nothing(words) => {
                let words = format!("client {} gets nothing: {words}", who.client);
                self.violated(Promised::Kept, words);
            }
            Probed::Lost(_) if owed && self.is_refused_early(who.store) => {
                self.come_out(who.store, "refused: too early".to_owned());
            }
            Probed::Lost(Cause::Refused) if owed && self.is_presented_meanwhile(who.store) => {
                self.come_out(who.store, "refused: its successor came late".to_owned());
            }
            Probed::Lost(cause) if owed => {
                let words = format!("client {} has lost its session: {cause:?}", who.client);
                self.violated(Promised::Kept, words);
            }
            Probed::Lost(cause) => match self.row(who.store, *cause) {
                Ok(Some(row)) => self.come_out(who.store, row),
                // Another client has had something in hand; it has its own say.
                Ok(None) => {}
                Err(words) => self.violated(Promised::Kept, words),
            },
        }
    }

    /// Whether every client has said how it ends, and one that has a rotation in its hands goes
    /// on only because it cannot store it over what it cannot read.
    pub(crate) fn is_told(&self) -> bool {
        let unreadable = |store: &Store| matches!(store.record, Record::Unreadable);
        self.judge.probing == Some(0) && self.stores.iter().any(unreadable)
    }

    /// Whether what a store has given up last was refused too early, and could not be known to be.
    fn is_refused_early(&self, store: StoreId) -> bool {
        let given_up = |facts: &Generation| facts.store == store && facts.verdict_at.is_some();
        let generation = self.judge.generations.iter().rposition(given_up);
        let early = generation.and_then(|at| self.why_refused_early(at));
        early.is_some_and(|early| early.is_ok())
    }

    /// Whether the grant that a store holds ended as somebody presented the one before it again,
    /// which he may once this one could not be stored for as long as that is tried.
    fn is_presented_meanwhile(&self, store: StoreId) -> bool {
        let held = self.stores[store].record.held();
        let token = held.and_then(|held| held.grant.refresh_token.as_deref());
        let standing = token.map(|token| self.server.standing(self.now, token));
        let Some(Standing::Over(Ended::Reuse {
            by,
            spent_by: Some(spent_by),
        })) = standing
        else {
            return false;
        };
        let presented_at = self.judge.requests[by].called_at;
        self.judge.requests[spent_by].was_tried_in_vain(presented_at)
    }

    /// Why a verdict came of a refusal by a server that would refresh later; `None` where none did,
    /// and what was done wrong where nothing excuses it.
    fn why_refused_early(&self, generation: usize) -> Option<Result<&'static str, String>> {
        let facts = &self.judge.generations[generation];
        let mut requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let last = requests.rfind(|request| request.is_refused())?;
        if last.outcome != Some(Err(Standing::TooEarly)) {
            return None;
        }
        Some(if facts.rejection_asked {
            Ok("refused: too early, but a service had rejected the token")
        } else if facts.late_at.is_none() {
            Ok("refused: too early, and nobody knew the end of the token")
        } else if !self.clocks_agree_on(facts.store, facts.asked_at) {
            Ok("refused: too early by the server's clock")
        } else if facts.lag >= LAG {
            Ok("refused: too early, as the token took long to be made")
        } else {
            Err(format!(
                "{} is given up by a refusal that came too early",
                facts.name()
            ))
        })
    }

    pub(super) fn come_out(&mut self, store: StoreId, row: String) {
        if self
            .judge
            .outcomes
            .iter()
            .all(|outcome| outcome.store != store)
        {
            self.judge.outcomes.push(Outcome { store, row });
        }
    }

    /// The row of the table for a session that is over; else what was done wrong.
    fn row(&self, store: StoreId, cause: Cause) -> Result<Option<String>, String> {
        let held = match (&self.stores[store].record, cause) {
            (Record::Nothing | Record::Nobody(_), Cause::NoLogin) => {
                return Ok(Some("nobody logged in".to_owned()));
            }
            (Record::Gone, Cause::LoggedOut) => return Ok(Some("logged out".to_owned())),
            (Record::Held(held), Cause::Refused | Cause::AnswerLost) => held,
            (Record::Held(held), _) if held.verdict.is_none() => return Ok(None),
            (record, cause) => {
                return Err(format!("{cause:?} is said of {}", record.words()));
            }
        };
        if held.verdict.is_none() {
            return Ok(None);
        }
        let generation = self.judge.generations.iter().rposition(|facts| {
            facts.store == store && facts.login == held.login && facts.generation == held.generation
        });
        if cause == Cause::AnswerLost {
            let row = generation.map(|at| self.row_of_loss(at));
            let row = row.ok_or_else(|| format!("{} was never stored", held.name()));
            return row.map(Some);
        }
        if let Some(early) = generation.and_then(|at| self.why_refused_early(at)) {
            return early.map(|row| Some(row.to_owned()));
        }
        let token = held.grant.refresh_token.as_deref().unwrap_or_default();
        match self.server.standing(self.now, token) {
            Standing::Over(Ended::ByOwner) => Ok(Some("ended by the server".to_owned())),
            Standing::Over(Ended::Idle) => Ok(Some("ended unused".to_owned())),
            Standing::Over(Ended::Revoked) => Ok(Some("revoked".to_owned())),
            Standing::Over(Ended::Reuse { by, .. }) => {
                let excuse = self.judge.requests[by]
                    .excuse
                    .unwrap_or("by nobody's fault");
                Ok(Some(format!("refused: {excuse}")))
            }
            standing @ (Standing::Good
            | Standing::TooEarly
            | Standing::Spent
            | Standing::Unknown) => Err(format!("{token} counts as refused and is {standing:?}")),
        }
    }
}
