//! Draws what happens next and when: mostly callers, about when their token ends, and every
//! trouble that its world knows.

use crate::client::{Close, Leave};
use crate::network::FateKind;
use crate::operation::Operation;
use crate::plan::{HOUR, MINUTE, SECOND};
use crate::sim::{HostId, ProcessId, Sim};
use crate::trigger::Trigger;
use twoba_core::Replay;

/// Kinds of ideas, before their details are drawn.
#[derive(Debug, Clone, Copy)]
enum Idea {
    Call,
    Crowd,
    CallOwn,
    CrowdOwn,
    ReplaceOwn,
    KeepAlive,
    Replace,
    ReplaceAmid,
    LogIn,
    Import,
    LogOut,
    LetGo,
    End,
    Crash,
    Pause,
    Suspend,
    SetClock,
    Fill,
    Tear,
    GoBack,
    Copy,
    Adopt,
    CutOff,
    Weather,
    Always,
    Reject,
    EndFamily,
    Arm,
}

impl Sim {
    /// How long until the next thing happens.
    pub(crate) fn draw_gap(&mut self) -> u64 {
        let lifetime = self.plan.lifetime;
        match self.random.below(100) {
            0..15 => self.random.spread(1, 60),
            15..35 => self.random.spread(60, 3 * SECOND),
            35..60 => self.random.between(lifetime / 2, lifetime),
            60..80 => self
                .random
                .between(lifetime, lifetime + lifetime / 2 + SECOND),
            80..92 => self.random.between(25 * SECOND, 65 * SECOND),
            _ => self.random.spread(MINUTE, 12 * MINUTE),
        }
    }

    /// What happens next.
    pub(crate) fn draw_operation(&mut self) -> Operation {
        let troubles = &self.plan.troubles;
        let when = |known: bool, weight: u64| if known { weight } else { 0 };
        let clones = self.plan.extras.clones;
        let keeps = self.plan.extras.keep_alive.is_some();
        let ends = self.plan.extras.ends.is_some();
        let armed = ends || troubles.crashes || troubles.pauses || troubles.logins;
        let own = self.plan.extras.own.is_some();
        let within = matches!(self.plan.replay, Replay::Within(_));
        let ideas = [
            (34, Idea::Call),
            (10, Idea::Crowd),
            (when(own, 20), Idea::CallOwn),
            (when(own, 8), Idea::CrowdOwn),
            (when(own, 2), Idea::ReplaceOwn),
            (when(keeps, 6), Idea::KeepAlive),
            (3, Idea::Replace),
            (when(within, 5), Idea::ReplaceAmid),
            (when(troubles.logins, 4), Idea::LogIn),
            (when(troubles.logins, 1), Idea::Import),
            (when(troubles.logins, 4), Idea::LogOut),
            (when(troubles.cancels, 3), Idea::LetGo),
            (when(ends, 5), Idea::End),
            (when(troubles.crashes, 4), Idea::Crash),
            (when(troubles.pauses, 4), Idea::Pause),
            (when(troubles.pauses, 1), Idea::Suspend),
            (when(troubles.clock_steps, 5), Idea::SetClock),
            (when(troubles.store_outages, 4), Idea::Fill),
            (when(troubles.store_outages, 3), Idea::CutOff),
            (when(troubles.damage, 1), Idea::Tear),
            (when(troubles.goes_back, 4), Idea::GoBack),
            (when(clones, 5), Idea::Copy),
            (when(clones, 3), Idea::Adopt),
            (when(troubles.network > 0, 12), Idea::Weather),
            (when(troubles.network > 0, 4), Idea::Always),
            (when(troubles.rejections, 4), Idea::Reject),
            (when(troubles.endings, 2), Idea::EndFamily),
            (when(armed, 12), Idea::Arm),
        ];
        let idea = self.random.weighted(&ideas);
        self.detailed(idea)
    }

    fn detailed(&mut self, idea: Idea) -> Operation {
        let process = self.random.index(self.processes.len());
        let store = self.processes[process].store;
        let host = self.processes[process].host;
        let clients = self.plan.clients();
        let client = self.random.index(clients);
        match idea {
            Idea::Call => Operation::Call(client, 1),
            Idea::Crowd => Operation::Call(client, self.random.spread(2, 12)),
            Idea::CallOwn => Operation::CallOwn(client, 1),
            Idea::CrowdOwn => Operation::CallOwn(client, self.random.spread(2, 12)),
            Idea::ReplaceOwn => Operation::ReplaceOwn(client),
            Idea::KeepAlive => Operation::KeepAlive(client),
            Idea::Replace => Operation::Replace(client),
            Idea::ReplaceAmid => {
                let lost = [
                    FateKind::LostBefore,
                    FateKind::LostAfter,
                    FateKind::BrokenAfter,
                    FateKind::HalfAfter,
                ];
                Operation::ReplaceAmid(client, self.random.pick(&lost))
            }
            Idea::LogIn => Operation::LogIn(client),
            Idea::Import => Operation::Import(client),
            Idea::LogOut => {
                let how = self.random.pick(&[Leave::Revoke, Leave::Forget]);
                Operation::LogOut(client, how)
            }
            Idea::LetGo => Operation::LetGo(client),
            Idea::End => self.draw_end(process),
            Idea::Crash => self.draw_crash(process),
            Idea::Pause => self.draw_pause(process),
            Idea::Suspend => Operation::Suspend(host, self.random.pick(&[20 * MINUTE, 8 * HOUR])),
            Idea::SetClock => self.draw_clock(host),
            Idea::Fill => Operation::Fill(store, self.random.spread(20, 5 * MINUTE)),
            Idea::Tear => Operation::Tear(store),
            Idea::Copy => Operation::Copy,
            Idea::Adopt => Operation::Adopt,
            Idea::GoBack => Operation::GoBack(store),
            Idea::CutOff => Operation::CutOff(host, self.random.spread(50, 3 * MINUTE)),
            Idea::Weather => {
                let worst = self.plan.troubles.network;
                let bad = self.random.below(worst + 1);
                Operation::Weather(if self.random.chance(300) { 0 } else { bad })
            }
            Idea::Always => {
                let kind = FateKind::trouble(self);
                Operation::Always(kind, self.random.spread(100, 5 * MINUTE))
            }
            Idea::Reject => Operation::Reject(self.random.spread(SECOND, 3 * MINUTE)),
            Idea::EndFamily => Operation::EndFamily(store),
            Idea::Arm => self.draw_armed(process, client),
        }
    }

    fn draw_clock(&mut self, host: HostId) -> Operation {
        let by = i64::try_from(self.random.spread(500, HOUR)).unwrap_or(0);
        let by = if self.random.chance(300) {
            3_600_000
        } else {
            by
        };
        Operation::SetClock(host, if self.random.chance(500) { by } else { -by })
    }

    fn draw_crash(&mut self, process: ProcessId) -> Operation {
        Operation::Crash(process, self.random.spread(1, 2 * MINUTE))
    }

    /// The store works, or works again within the tries, or not.
    fn draw_end(&mut self, process: ProcessId) -> Operation {
        let how = self.random.pick(&[Close::Saying, Close::Silent]);
        let fails = match self.random.below(4) {
            0 => 0,
            1 => self.random.between(6 * SECOND, 30 * SECOND),
            _ => self.random.spread(20, 5 * SECOND),
        };
        Operation::End(process, how, fails, self.random.spread(1, MINUTE))
    }

    /// A moment's pause, or one past a claim's life and a request's.
    fn draw_pause(&mut self, process: ProcessId) -> Operation {
        let short = self.random.spread(5, 30 * SECOND);
        let long = self.random.between(31 * SECOND, 3 * MINUTE);
        Operation::Pause(process, self.random.pick(&[short, long, long]))
    }

    fn draw_armed(&mut self, process: ProcessId, client: usize) -> Operation {
        let trigger = self.random.pick(&Trigger::ALL);
        let store = self.processes[process].store;
        let troubles = &self.plan.troubles;
        let when = |known: bool, weight: u64| if known { weight } else { 0 };
        let ends = self.plan.extras.ends.is_some();
        let ideas = [
            (when(ends, 8), Idea::End),
            (when(troubles.crashes, 4), Idea::Crash),
            (when(troubles.pauses, 4), Idea::Pause),
            (when(troubles.logins, 2), Idea::LogIn),
            (when(troubles.logins, 2), Idea::LogOut),
            (when(troubles.store_outages, 3), Idea::Fill),
            (when(troubles.clock_steps, 2), Idea::SetClock),
            (when(troubles.cancels, 2), Idea::LetGo),
            (2, Idea::Call),
        ];
        let then = match self.random.weighted(&ideas) {
            Idea::Crash => self.draw_crash(process),
            Idea::Pause => self.draw_pause(process),
            Idea::Call => Operation::Call(client, 1),
            // Longer than the first try to save what has come, and longer than a claim lives.
            Idea::Fill => Operation::Fill(store, self.random.spread(5 * SECOND, 6 * MINUTE)),
            other => self.detailed(other),
        };
        let after = match self.random.below(3) {
            0 => self.random.below(3),
            1 => self.random.spread(1, 100),
            _ => self.random.spread(1, 40 * SECOND),
        };
        Operation::Arm(trigger, process, after, Box::new(then))
    }
}
