//! Draws what a world is made of: server, provider, stores, machines, and which troubles it
//! knows at all. A world that knows few of them goes deeper into those.

use std::time::Duration;

use twoba_core::{Client, ClientSecret, Endpoint, Provider, Replay, Rules};
use twoba_keeper::EarlyRefresh;

use crate::random::Random;
use crate::server::{Policy, Server};
use crate::store::Kind;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// What a world is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) policy: Policy,
    /// How long an access token is good, in milliseconds.
    pub(crate) lifetime: u64,
    /// What the server says of that, in seconds.
    pub(crate) told: Option<u64>,
    pub(crate) replay: Replay,
    /// 2BA's rules and bare refusals, or the standard's.
    pub(crate) two_ba: bool,
    pub(crate) revocation: bool,
    /// Whether programs may log in by themselves.
    pub(crate) hook: bool,
    /// By how much each host's clock is off, in milliseconds.
    pub(crate) hosts: Vec<i64>,
    pub(crate) stores: Vec<StorePlan>,
    pub(crate) troubles: Troubles,
    /// How many things happen.
    pub(crate) operations: u64,
}

/// A store and who shares it.
#[derive(Debug, Clone)]
pub(crate) struct StorePlan {
    pub(crate) kind: Kind,
    pub(crate) processes: Vec<ProcessPlan>,
}

/// A process: where it runs and how each of its clients refreshes early.
#[derive(Debug, Clone)]
pub(crate) struct ProcessPlan {
    pub(crate) host: usize,
    pub(crate) clients: Vec<EarlyRefresh>,
}

/// Which troubles this world knows, and how often requests meet one at worst.
#[derive(Debug, Clone)]
pub(crate) struct Troubles {
    pub(crate) crashes: bool,
    pub(crate) pauses: bool,
    pub(crate) clock_steps: bool,
    pub(crate) logins: bool,
    pub(crate) endings: bool,
    pub(crate) rejections: bool,
    pub(crate) cancels: bool,
    pub(crate) slow_network: bool,
    /// Requests in a thousand.
    pub(crate) network: u64,
    /// Operations of a store in a thousand.
    pub(crate) store: u64,
    pub(crate) slow_store: bool,
    pub(crate) store_outages: bool,
    pub(crate) damage: bool,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let windows = [
            5 * SECOND,
            30 * SECOND,
            30 * SECOND,
            2 * MINUTE,
            10 * MINUTE,
        ];
        let window = random.pick(&windows);
        let policy = random.weighted(&[
            (50, Policy::Strict),
            (25, Policy::Grace(window)),
            (12, Policy::Reusable),
            (13, Policy::NoRotation),
        ]);
        let replay = match policy {
            Policy::Grace(window) if random.chance(500) => {
                Replay::Within(Duration::from_millis(window))
            }
            Policy::Strict | Policy::Grace(_) | Policy::Reusable | Policy::NoRotation => {
                random.weighted(&[(35, Replay::Never), (65, Replay::Once)])
            }
        };
        let seconds = random.pick(&[1, 2, 5, 30, 120, 120, 300, 3600, 0]);
        let told = (!random.chance(120)).then_some(seconds);
        // A server that says nothing, or zero, has a lifetime in mind all the same.
        let lifetime = if seconds == 0 {
            MINUTE
        } else {
            seconds * SECOND
        };
        let mut hosts = Vec::new();
        let mut stores = vec![StorePlan::draw(random, &mut hosts)];
        if random.chance(150) {
            stores.push(StorePlan::draw(random, &mut hosts));
        }
        Self {
            policy,
            lifetime,
            told,
            replay,
            two_ba: random.chance(600),
            revocation: random.chance(500),
            hook: random.chance(150),
            hosts,
            stores,
            troubles: Troubles::draw(random),
            operations: random.spread(8, 120),
        }
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(self.policy, self.lifetime, self.told)
    }

    /// The client that every process is configured with; `None` if the product refuses this
    /// configuration.
    pub(crate) fn client(&self) -> Option<Client> {
        let endpoint = |path: &str| Endpoint::parse(&format!("https://id.example/{path}")).ok();
        let mut provider = if self.two_ba {
            Provider::two_ba().with_token_endpoint(endpoint("token")?)
        } else {
            Provider::custom(endpoint("token")?).with_rules(Rules::standard())
        };
        if self.revocation {
            provider = provider.with_revocation_endpoint(endpoint("revoke")?);
        }
        let secret = ClientSecret::parse("myApplicationSecret").ok()?;
        Client::confidential(provider.with_replay(self.replay), "myApplication", secret).ok()
    }

    /// How many clients there are.
    pub(crate) fn clients(&self) -> usize {
        let processes = self.stores.iter().flat_map(|store| &store.processes);
        processes.map(|process| process.clients.len()).sum()
    }

    /// One line for the head of a script.
    pub(crate) fn words(&self) -> String {
        let stores: Vec<String> = self.stores.iter().map(StorePlan::words).collect();
        let told = match self.told {
            Some(seconds) => format!("{seconds} s"),
            None => "nothing".to_owned(),
        };
        format!(
            "server {:?}, replay {:?}, {} rules, tokens good for {} ms and told {told}, \
             revocation {}, hook {}, clocks off by {:?} ms, {}",
            self.policy,
            self.replay,
            if self.two_ba { "2BA" } else { "standard" },
            self.lifetime,
            self.revocation,
            self.hook,
            self.hosts,
            stores.join("; "),
        )
    }
}

impl StorePlan {
    /// A machine's store is shared by the processes of one host, a fleet's by several hosts.
    fn draw(random: &mut Random, hosts: &mut Vec<i64>) -> Self {
        let kind = random.pick(&[Kind::Machine, Kind::Fleet]);
        let first = hosts.len();
        let machines = match kind {
            Kind::Machine => 1,
            Kind::Fleet => random.pick(&[1, 2, 2, 3]),
        };
        for _ in 0..machines {
            let off = i64::try_from(random.below(400)).unwrap_or(0) - 200;
            hosts.push(off);
        }
        let count = random.pick(&[1, 1, 2, 2, 3]).max(machines);
        let processes = (0..count)
            .map(|number| ProcessPlan {
                host: first + number % machines,
                clients: (0..random.pick(&[1, 1, 1, 2]))
                    .map(|_| {
                        random.weighted(&[(75, EarlyRefresh::Beside), (25, EarlyRefresh::Inline)])
                    })
                    .collect(),
            })
            .collect();
        Self { kind, processes }
    }

    fn words(&self) -> String {
        let processes: Vec<String> = self
            .processes
            .iter()
            .map(|process| format!("{:?} on host {}", process.clients, process.host))
            .collect();
        format!("{:?} store of {}", self.kind, processes.join(" and "))
    }
}

impl Troubles {
    fn draw(random: &mut Random) -> Self {
        let mut often = |permille| random.chance(permille);
        Self {
            crashes: often(600),
            pauses: often(500),
            clock_steps: often(300),
            logins: often(350),
            endings: often(250),
            rejections: often(400),
            cancels: often(400),
            slow_network: often(300),
            slow_store: often(250),
            store_outages: often(350),
            damage: often(60),
            network: random.weighted(&[(20, 0), (30, 100), (30, 300), (20, 700)]),
            store: random.weighted(&[(50, 0), (30, 20), (20, 120)]),
        }
    }
}
