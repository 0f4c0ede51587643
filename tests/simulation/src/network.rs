//! A model of the network between clients and the server: what arrives, when, and what comes
//! back instead of an answer.

mod answer;
mod fate;
mod transport;

pub(crate) use answer::{Answer, Class};
pub(crate) use fate::{Fate, FateKind, Weather};
pub(crate) use transport::{HOOK_USER, Transport};

use crate::judge::RequestId;
use crate::plan::SECOND;
use crate::sabotage::Sabotage;
use crate::server::{Ended, Standing};
use crate::sim::Sim;
use crate::store::Who;
use crate::task::Promise;
use crate::trigger::Trigger;

/// How long a request may take in all; the transport gives up then.
pub(crate) const TOTAL: u64 = 30 * SECOND;

/// What a request asks for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// By a person, or by a program that asks its vault.
    Login { by_hook: bool },
    /// With this refresh token.
    Refresh(String),
    /// By a program itself.
    Own,
    /// Of this token.
    Revocation(String),
}

impl Ask {
    /// Whether it is for another token of a session that is there.
    fn is_for_token(&self) -> bool {
        matches!(self, Self::Refresh(_) | Self::Own)
    }
}

/// A request on its way: its two moments for the task that waits.
pub(crate) struct Call {
    pub(crate) id: RequestId,
    /// Whether there is a connection.
    pub(crate) connected: Promise<bool>,
    pub(crate) ended: Promise<Wire>,
    who: Who,
    ask: Ask,
    fate: Fate,
    called_at: u64,
    pauses: u32,
}

/// How an exchange ended on the wire.
#[derive(Debug, Clone)]
pub(crate) enum Wire {
    Answer(Answer),
    /// The connection broke.
    Broken,
    TimedOut,
}

impl Sim {
    /// A client begins to send.
    fn call(&mut self, who: Who, ask: Ask) -> Call {
        let who = match ask {
            Ask::Own => Who {
                store: self.own_store(who.store),
                ..who
            },
            Ask::Login { .. } | Ask::Refresh(_) | Ask::Revocation(_) => who,
        };
        let mut fate = self.draw_fate();
        if self.has(Sabotage::RequestHeldBack) && self.random.chance(200) {
            fate.connect += self.random.between(11 * SECOND, 25 * SECOND);
        }
        if matches!(ask, Ask::Refresh(_)) && !self.weather.healed {
            fate.kind = self.weather.next_refresh.take().unwrap_or(fate.kind);
        }
        let id = self.judge_called(who, &ask, &fate);
        let call = Call {
            id,
            connected: Promise::new(),
            ended: Promise::new(),
            who,
            ask,
            fate,
            called_at: self.now,
            pauses: self.processes[who.process].pauses,
        };
        if call.ask.is_for_token() {
            self.pull(Trigger::Called, who.process);
        }
        let connected = call.connected.clone();
        let there = call.fate.kind != FateKind::NotSent;
        self.after(call.fate.connect, move |sim| connected.fulfil(sim, there));
        call
    }

    /// The first byte leaves, if the transport still wants that.
    fn leave(&mut self, call: &Call) {
        let since = self.now - call.called_at;
        let paused = self.processes[call.who.process].pauses != call.pauses;
        if since >= TOTAL && paused && self.random.chance(500) {
            return call.ended.fulfil(self, Wire::TimedOut);
        }
        self.judge_left(call.id, paused);
        let (id, who, ask) = (call.id, call.who, call.ask.clone());
        let fate = call.fate.clone();
        let ended = call.ended.clone();
        if ask.is_for_token() {
            self.pull(Trigger::Left, who.process);
        }
        // What is given up arrives while the request is awaited, or not at all.
        let left = TOTAL.saturating_sub(since).saturating_sub(1);
        let up = fate.up.min(left.max(5 * SECOND));
        self.after(left + 1, move |sim| {
            sim.end(id, who, &ended, Wire::TimedOut)
        });
        let ended = call.ended.clone();
        self.after(up, move |sim| sim.arrive(id, who, &ask, &fate, &ended));
    }

    /// A request arrives at the server, or at what stands before it.
    fn arrive(&mut self, id: RequestId, who: Who, ask: &Ask, fate: &Fate, ended: &Promise<Wire>) {
        self.judge_arrived(id);
        let wire = match answer::instead(fate) {
            Some(before) => before,
            None => {
                let answer = self.answered(id, ask);
                if ask.is_for_token() {
                    self.pull(Trigger::Committed, who.process);
                }
                answer::distorted(answer, fate)
            }
        };
        if let Wire::Answer(answer) = &wire {
            let class = answer.class.clone();
            self.tell("server", || format!("answers request {id}: {class:?}"));
        }
        if fate.hangs {
            return;
        }
        let ended = ended.clone();
        self.after(fate.down, move |sim| {
            sim.end(id, who, &ended, wire.clone());
            if fate_repeats(sim) {
                sim.end(id, who, &ended, wire);
            }
        });
    }

    /// What the server itself says.
    fn answered(&mut self, id: RequestId, ask: &Ask) -> Answer {
        let now = self.now;
        match ask {
            Ask::Login { .. } => Answer::granted(self.server.log_in(now)),
            Ask::Own => {
                let own = self.plan.extras.own.as_ref();
                let refreshable = own.is_some_and(|own| own.refreshable);
                Answer::granted(self.server.own_token(now, refreshable))
            }
            Ask::Revocation(token) => {
                self.server.revoke(token, Ended::Revoked);
                Answer::done()
            }
            Ask::Refresh(token) => {
                let outcome = self.server.refresh(now, token, id);
                self.judge_answered(id, &outcome);
                match (outcome, self.plan.late) {
                    (Ok(granted), _) => Answer::granted(granted),
                    (Err(Standing::TooEarly), Some((_, word))) => Answer::refused(word),
                    (Err(_), _) => Answer::refused(self.plan.last_word),
                }
            }
        }
    }

    /// An end comes to the client's machine. The first one counts, unless the process is
    /// paused: then both lie there when it goes on, and nobody knows which one it sees.
    fn end(&mut self, id: RequestId, who: Who, ended: &Promise<Wire>, wire: Wire) {
        if self.judge.is_ended(id) || !self.lives(who.process, who.life) {
            return;
        }
        if ended.is_fulfilled() && self.random.chance(500) {
            return;
        }
        ended.fulfil(self, wire);
    }
}

/// Whether an answer comes twice, which must harm nobody.
fn fate_repeats(sim: &mut Sim) -> bool {
    !sim.weather.healed && sim.random.chance(20)
}
