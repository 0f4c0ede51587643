//! Who asks something of a session: callers, persons who come and go, and in the end everybody.

use super::World;
use crate::client::{Manners, Session};
use crate::plan::SECOND;
use crate::sim::{ClientId, StoreId};

impl World {
    /// Starts a task of a client, if its process lives.
    pub(super) fn with_client<F>(&mut self, id: ClientId, task: impl FnOnce(Session) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(client) = self.alive(id) else {
            return;
        };
        let process = client.who().process;
        let future = task(client);
        self.sim.with(|sim| sim.spawn(process, future));
    }

    /// One login at a time, as a person does it.
    pub(super) fn log_in(&mut self, id: ClientId) {
        let Some(client) = self.alive(id) else {
            return;
        };
        let who = client.who();
        let call = self.sim.with(|sim| {
            let idle = !sim.judge.is_logging_in(who);
            idle.then(|| sim.judge_logging_in(who, None))
        });
        if let Some(call) = call {
            self.with_client(id, |client| client.come(call));
        }
    }

    /// A refresh token that was got elsewhere, and is nobody else's.
    pub(super) fn import(&mut self, id: ClientId) {
        let Some(session) = self.alive(id) else {
            return;
        };
        let who = session.who();
        let brought = self.sim.with(|sim| {
            let refresh = sim.server.log_in(sim.now).refresh?;
            let idle = !sim.judge.is_logging_in(who);
            let call = idle.then(|| sim.judge_logging_in(who, Some(refresh.clone())))?;
            Some((call, refresh))
        });
        if let Some((call, token)) = brought {
            self.with_client(id, |session| session.take_over(call, token));
        }
    }

    pub(super) fn alive(&self, id: ClientId) -> Option<Session> {
        let client = self.seats[id].session.clone()?;
        let who = client.who();
        let lives = self.sim.with(|sim| sim.lives(who.process, who.life));
        lives.then_some(client)
    }

    pub(super) fn replace_own(&mut self, id: ClientId) {
        if let Some(own) = self.alive(id).and_then(|session| session.own()) {
            self.with_client(id, |_| own.replace());
        }
    }

    /// One caller, who may lose interest.
    pub(super) fn call(&mut self, id: ClientId, which: impl FnOnce(Session) -> Option<Session>) {
        let Some(client) = self.alive(id).and_then(which) else {
            return;
        };
        let process = client.who().process;
        let manners = self.sim.with(|sim| Manners {
            presents: sim.random.chance(600),
            returns: sim.random.pick(&[0, 0, 1, 3]),
        });
        let future = client.call(manners);
        self.sim.with(|sim| {
            let task = sim.spawn(process, future);
            if sim.plan.troubles.cancels && sim.random.chance(250) {
                let patience = sim.random.spread(1, 20 * SECOND);
                sim.after(patience, move |sim| sim.tasks.condemn_task(task));
            }
        });
    }

    pub(super) fn probe(&mut self) {
        self.sim.with(|sim| sim.judge.probing = Some(0));
        for id in 0..self.seats.len() {
            let who = self.seats[id].session.as_ref().map(Session::who);
            let owed = who.is_some_and(|who| {
                self.sim.with(|sim| sim.has_way_back(who)) || self.is_healed_by_all(who.store)
            });
            if self.alive(id).is_some() {
                self.sim
                    .with(|sim| sim.judge.probing = sim.judge.probing.map(|left| left + 1));
                self.with_client(id, |client| client.probe(owed));
                self.probe_own(id);
            }
        }
    }

    fn probe_own(&mut self, id: ClientId) {
        let knows = self.sim.with(|sim| sim.plan.extras.own.is_some());
        let session = self.alive(id).filter(|_| knows);
        if let Some(own) = session.and_then(|session| session.own()) {
            self.sim
                .with(|sim| sim.judge.probing = sim.judge.probing.map(|left| left + 1));
            self.with_client(id, |_| own.probe(true));
        }
    }

    /// Whether everybody at a store that went back has seen what it has lost, so that nobody can
    /// present what it holds now.
    fn is_healed_by_all(&self, store: StoreId) -> bool {
        let sessions = self.seats.iter().filter_map(|seat| seat.session.as_ref());
        let mut whos = sessions.map(Session::who).filter(|who| who.store == store);
        self.sim.with(|sim| whos.all(|who| sim.would_heal(who)))
    }
}
