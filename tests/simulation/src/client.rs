//! A client as an adapter makes one: the product's keeper, run by this world. What callers do with
//! it stands in `caller` and `probe`.

mod caller;
mod ending;
mod probe;
mod runtime;

use std::sync::Arc;

use twoba_core::{Client, SessionKey};
use twoba_keeper::{EarlyRefresh, Entry, Keeper};

pub(crate) use caller::{Close, Leave, Manners};

use crate::sabotage::Sabotage;
use crate::sim::Handle;
use crate::store::Who;
use runtime::Simulated;

/// One session of a process. Its clones are the same session.
#[derive(Clone)]
pub(crate) struct Session {
    keeper: Arc<Keeper<Simulated>>,
    entry: Arc<Entry>,
    /// A second state of the same session, where the client is sabotaged.
    twin: Option<Box<Session>>,
    sim: Handle,
    who: Who,
    early: EarlyRefresh,
}

impl Session {
    /// A session that has just been opened; `None` if the product refuses the key.
    pub(crate) fn open(
        sim: &Handle,
        who: Who,
        client: &Client,
        early: EarlyRefresh,
    ) -> Option<Self> {
        let mut session = Self::opened(sim, who, client, early)?;
        if sim.with(|sim| sim.has(Sabotage::TwoStates)) {
            session.twin = Self::opened(sim, who, client, early).map(Box::new);
        }
        Some(session)
    }

    fn opened(sim: &Handle, who: Who, client: &Client, early: EarlyRefresh) -> Option<Self> {
        let key = SessionKey::parse("default").ok()?;
        let runtime = Simulated::new(sim, who, early, key.clone());
        let keeper = Keeper::new(client.clone(), runtime);
        Some(Self {
            entry: keeper.open(key.as_str()).ok()?,
            keeper,
            twin: None,
            sim: sim.clone(),
            who,
            early,
        })
    }

    /// The session of the program itself; `None` if the product refuses one.
    pub(crate) fn own(&self) -> Option<Self> {
        let none: [&str; 0] = [];
        let store = self.sim.with(|sim| sim.own_store(self.who.store));
        Some(Self {
            entry: self.keeper.open_program(none).ok()?,
            twin: None,
            who: Who { store, ..self.who },
            ..self.clone()
        })
    }

    pub(crate) fn who(&self) -> Who {
        self.who
    }
}
