//! Why a session may be lost: the rows of the life cycle's table, and nothing else.

use twoba_core::Replay;

use super::{Delivered, Promised, RequestId};
use crate::network::Class;
use crate::server::{Ended, Policy, Standing};
use crate::sim::{ClientId, Sim};

/// How long after its intent a request leaves at the latest, in milliseconds.
const TIME_TO_LEAVE: u64 = 5_000;

impl Sim {
    /// A spent token was presented: by whose fault, if anybody's?
    pub(super) fn judge_reuse(&mut self, id: RequestId) {
        match self.why_reused(id) {
            Ok(excuse) => self.judge.requests[id].excuse = Some(excuse),
            Err(words) => self.violated(Promised::P6, words),
        }
    }

    /// What excuses this reuse, as a row of the table; else what was done wrong.
    fn why_reused(&self, id: RequestId) -> Result<&'static str, String> {
        let request = &self.judge.requests[id];
        let presented = request.generation.map(|at| &self.judge.generations[at]);
        let intent_stored_at = presented.map_or(0, |generation| generation.intent_stored_at);
        let token = presented.and_then(|generation| generation.refresh.as_deref());
        let standing = token.map(|token| self.server.standing(self.now, token));
        let Some(Standing::Over(Ended::Reuse {
            spent_by: Some(spent_by),
            ..
        })) = standing
        else {
            return Err(format!(
                "request {id} presents a spent token, nobody knows whose"
            ));
        };
        let spender = &self.judge.requests[spent_by];
        let decided_at = spender.called_at.saturating_sub(TIME_TO_LEAVE);
        if self.went_back_since(request.who.store, decided_at) {
            return Ok("the store went back");
        }
        if request.paused || spender.paused {
            return Ok("paused with the request in hand: no client can fence a server");
        }
        self.why_spent_again(id, spent_by, intent_stored_at)
    }

    /// The same of a request and of the one that has spent its token.
    fn why_spent_again(
        &self,
        id: RequestId,
        spent_by: RequestId,
        intent_stored_at: u64,
    ) -> Result<&'static str, String> {
        let (request, spender) = (&self.judge.requests[id], &self.judge.requests[spent_by]);
        let who = spender.who;
        let since = request.called_at.min(spender.called_at);
        let agree = self.clocks_agree_on(who.store, since);
        let lost = match &spender.delivered {
            Some(Delivered::Answer(Class::Transient(_))) => {
                return Ok("a 5xx or a page was sent after the commit");
            }
            Some(Delivered::Nothing | Delivered::Answer(Class::Truncated)) => {
                "strict, once: rotated and the answer lost"
            }
            _ if self.claim_lost_since(spent_by)
                && spender.saved_at.is_none_or(|at| at >= intent_stored_at) =>
            {
                "paused past its claim with the answer"
            }
            _ if spender.saved_at.is_some() && !agree => {
                return Ok("a clock was set while the earlier request was out");
            }
            // A declared window is used at once. Waiting would save no session that this loses.
            _ if self.is_within(request.called_at, spender.left_at.unwrap_or(0)) => {
                return Ok("grace, within: a request of the window came after it");
            }
            _ if spender.saved_at.is_some() => {
                let words = format!("request {id} presents what request {spent_by} has replaced");
                return Err(words);
            }
            _ if !self.lives(who.process, who.life) => {
                "strict, once: rotated and the process killed"
            }
            _ if spender.was_tried_in_vain(request.called_at) => {
                "strict, once: rotated and the store out of order for five minutes"
            }
            _ if !agree => return Ok("a clock was set while the earlier request was out"),
            Some(_) | None => {
                let words = format!("request {id} presents what {spent_by} is exchanging");
                return Err(words);
            }
        };
        if self.plan.replay == Replay::Never {
            return Err(format!(
                "request {id} presents a token whose answer was lost"
            ));
        }
        Ok(lost)
    }

    /// Whether a request was sent before the declared window of the one that spent its token was
    /// over.
    fn is_within(&self, called_at: u64, spent_at: u64) -> bool {
        let Replay::Within(window) = self.plan.replay else {
            return false;
        };
        let window = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        called_at < spent_at.saturating_add(window)
    }

    /// How an answer of this generation was lost, if one was.
    pub(super) fn why_lost(&self, generation: usize) -> Option<&'static str> {
        let facts = &self.judge.generations[generation];
        let requests = facts.requests.iter().copied();
        let why = requests.filter_map(|id| self.why_request_lost(id)).next();
        // An intent without a request: killed between the two, or the store said that it had
        // failed and had not.
        let unused = facts.used < facts.intents || facts.skipped;
        why.or_else(|| unused.then_some("nothing was sent"))
    }

    fn why_request_lost(&self, id: RequestId) -> Option<&'static str> {
        let request = &self.judge.requests[id];
        let who = request.who;
        let killed = !self.lives(who.process, who.life);
        let rotated = matches!(&request.outcome, Some(Ok(_)));
        match &request.delivered {
            Some(Delivered::NotSent) if killed => Some("not sent, and the process killed"),
            Some(Delivered::NotSent) if self.claim_lost_since(id) => {
                Some("not sent, and the process paused")
            }
            Some(Delivered::NotSent) if self.could_tell_nobody(id) => {
                Some("not sent, and the store out of order")
            }
            Some(Delivered::NotSent) => None,
            None if request.left_at.is_none() => Some("nothing was sent"),
            None | Some(Delivered::Nothing) if !rotated => Some("not seen by the server"),
            None if killed => Some("rotated, and the process killed"),
            None => Some("rotated, and the process paused"),
            Some(Delivered::Nothing | Delivered::Answer(Class::Truncated)) => {
                Some("rotated, and the answer lost")
            }
            Some(Delivered::Answer(Class::Granted(_))) if request.saved_at.is_some() => None,
            Some(Delivered::Answer(_)) if !killed && self.claim_lost_since(id) => {
                Some("answered, and the process paused")
            }
            Some(Delivered::Answer(_)) if killed => Some("answered, and the process killed"),
            Some(Delivered::Answer(_)) if self.could_tell_nobody(id) => {
                Some("answered, and the store out of order")
            }
            // What a login or logout had made void was dropped, and the store forgot that.
            Some(Delivered::Answer(_)) if self.went_back_since(who.store, request.called_at) => {
                Some("answered, and the store went back behind what overtook it")
            }
            Some(Delivered::Answer(_)) => None,
        }
    }

    /// Whether the store took neither what came of this request, nor that once more under the lease,
    /// nor a word of it in its place for rescued grants.
    fn could_tell_nobody(&self, id: RequestId) -> bool {
        let request = &self.judge.requests[id];
        let who = request.who;
        let troubles = self.judge.pasts.get(&who.store).map(|past| &past.troubles);
        let later =
            |(at, client): &&(u64, ClientId)| *at >= request.delivered_at && *client == who.client;
        let failed = troubles.map_or(0, |troubles| troubles.iter().filter(later).count());
        let most = if self.plan.extras.rescues() { 3 } else { 2 };
        request.not_written && failed >= most
    }

    /// The row of the table for a generation whose answer was lost for good.
    pub(super) fn row_of_loss(&self, generation: usize) -> String {
        let policy = match self.plan.policy {
            Policy::Strict => "strict",
            Policy::Grace(_) => "grace",
            Policy::Reusable => "reusable",
            Policy::NoRotation => "no rotation",
        };
        let replay = match self.plan.replay {
            Replay::Never => "never",
            Replay::Once => "once",
            _ => "within",
        };
        let why = self.why_lost(generation).unwrap_or("not by a lost answer");
        format!("{policy}, {replay}: {why}")
    }
}
