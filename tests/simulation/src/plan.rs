//! Draws what a world is made of: server, provider, stores, machines, and which troubles it
//! knows at all. A world that knows few of them goes deeper into those.

mod extras;

use std::time::Duration;

use twoba_core::{Client, ClientSecret, Endpoint, Provider, Replay, Rule, Rules};
use twoba_keeper::EarlyRefresh;

use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::server::{Policy, Server};
use crate::store::Kind;

pub(crate) use extras::Extras;

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
    /// Servers that refresh only near the end of an access token: how near, and what they say
    /// before that.
    pub(crate) late: Option<(u64, Word)>,
    /// How long a grant lives that nobody refreshes.
    pub(crate) idle: Option<u64>,
    /// When the provider is said to refresh.
    pub(crate) window: Option<u64>,
    /// What is said of a grant that is over.
    pub(crate) last_word: Word,
    pub(crate) replay: Replay,
    /// 2BA's rules, or the standard's.
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
    pub(crate) extras: Extras,
}

/// How a server refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// With status 400 and nothing else.
    Bare,
    InvalidRequest,
    AccessDenied,
    InvalidGrant,
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
    /// Whether stores are set back to what they held before.
    pub(crate) goes_back: bool,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random, extras: Extras) -> Self {
        let policy = Policy::draw(random);
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
        let two_ba = random.chance(600);
        let one_time = matches!(policy, Policy::Strict | Policy::Grace(_));
        let late = random
            .chance(if one_time && told != Some(0) { 200 } else { 0 })
            .then(|| Self::draw_late(random, two_ba, lifetime));
        let window = Self::draw_window(random, late, lifetime);
        let mut hosts = Vec::new();
        let mut stores = vec![StorePlan::draw(random, &mut hosts)];
        if random.chance(150) {
            stores.push(StorePlan::draw(random, &mut hosts));
        }
        if extras.clones {
            stores.push(StorePlan::of_clone(&mut hosts));
        }
        let idle = random
            .chance(120)
            .then(|| lifetime + random.spread(MINUTE, 16 * HOUR));
        let last_word = Word::draw_last(random, two_ba);
        let (revocation, hook) = (random.chance(500), random.chance(150));
        let troubles = Troubles::draw(random);
        Self {
            policy,
            lifetime,
            told,
            late,
            idle,
            window,
            last_word,
            replay,
            two_ba,
            revocation,
            hook,
            hosts,
            stores,
            // What is rescued or copied says nothing of a store that goes back or is damaged beside it.
            troubles: Troubles {
                goes_back: troubles.goes_back && !extras.rescues() && !extras.clones,
                damage: troubles.damage && !extras.rescues() && !extras.clones,
                ..troubles
            },
            operations: random.spread(8, 120),
            extras,
        }
    }

    fn draw_window(random: &mut Random, late: Option<(u64, Word)>, lifetime: u64) -> Option<u64> {
        match late {
            Some((before, _)) if before > 0 && random.chance(500) => Some(before),
            Some(_) => None,
            None => random
                .chance(80)
                .then(|| random.spread(SECOND, 2 * lifetime)),
        }
    }

    /// From the last part of a token's life on, or only when it is over.
    fn draw_late(random: &mut Random, two_ba: bool, lifetime: u64) -> (u64, Word) {
        let before = random.pick(&[0, lifetime / 20, lifetime / 4]);
        let words = [
            Word::AccessDenied,
            Word::InvalidRequest,
            Word::Bare,
            Word::Bare,
        ];
        // Of the standard's rules one can be told to take this for too early, and no other.
        let known = if two_ba { words.len() } else { 1 };
        (before, random.pick(&words[..known]))
    }

    pub(crate) fn server(&self) -> Server {
        let mut server = Server::new(self.policy, self.lifetime, self.told);
        server.late = self.late.map(|(before, _)| before);
        server.idle = self.idle;
        server
    }

    /// The client that every process is configured with; `None` if the product refuses this
    /// configuration.
    pub(crate) fn client(&self, sabotage: Option<Sabotage>) -> Option<Client> {
        let endpoint = |path: &str| Endpoint::parse(&format!("https://id.example/{path}")).ok();
        let mut provider = if self.two_ba {
            Provider::two_ba().with_token_endpoint(endpoint("token")?)
        } else {
            Provider::custom(endpoint("token")?).with_rules(Rules::standard())
        };
        if let Some((_, Word::AccessDenied)) = self.late {
            let rules = provider.rules().with(Rule::AccessDeniedIsTooEarly);
            provider = provider.with_rules(rules);
        }
        if let Some(window) = self.window {
            provider = provider.with_refresh_window(Duration::from_millis(window));
        }
        if let Some(after) = self.extras.keep_alive {
            let early = sabotage == Some(Sabotage::KeptAliveTooEarly);
            let after = if early { after / 8 } else { after };
            provider = provider.with_keep_alive(Some(Duration::from_millis(after)));
        }
        if self.revocation {
            provider = provider.with_revocation_endpoint(endpoint("revoke")?);
        }
        let replay = match (self.replay, sabotage) {
            (Replay::Within(_), Some(Sabotage::WindowNotUsed)) => Replay::Once,
            (replay, _) => replay,
        };
        let secret = ClientSecret::parse("myApplicationSecret").ok()?;
        Client::confidential(provider.with_replay(replay), "myApplication", secret).ok()
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
            "server {:?}, late {:?}, idle {:?}, window {:?}, last word {:?}, replay {:?}, {} rules, \
             tokens good for {} ms and told {told}, revocation {}, hook {}, clocks off by {:?} ms, {:?}, {}",
            self.policy,
            self.late,
            self.idle,
            self.window,
            self.last_word,
            self.replay,
            if self.two_ba { "2BA" } else { "standard" },
            self.lifetime,
            self.revocation,
            self.hook,
            self.hosts,
            self.extras,
            stores.join("; "),
        )
    }
}

impl Policy {
    fn draw(random: &mut Random) -> Self {
        let windows = [
            5 * SECOND,
            30 * SECOND,
            30 * SECOND,
            2 * MINUTE,
            10 * MINUTE,
        ];
        let window = random.pick(&windows);
        random.weighted(&[
            (50, Self::Strict),
            (25, Self::Grace(window)),
            (12, Self::Reusable),
            (13, Self::NoRotation),
        ])
    }
}

impl Word {
    /// What a server says of a grant that is over.
    fn draw_last(random: &mut Random, two_ba: bool) -> Self {
        if !two_ba {
            return Self::InvalidGrant;
        }
        random.weighted(&[
            (70, Self::Bare),
            (10, Self::InvalidRequest),
            (20, Self::InvalidGrant),
        ])
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
        // Somebody has set a clock by hand, to another zone perhaps.
        if machines > 1 && random.chance(150) {
            let apart = random.pick(&[3_600_000, -3_600_000]);
            hosts[first + 1] += apart;
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

    /// Where a copy of another store will lie.
    fn of_clone(hosts: &mut Vec<i64>) -> Self {
        hosts.push(0);
        Self {
            kind: Kind::Machine,
            processes: vec![ProcessPlan {
                host: hosts.len() - 1,
                clients: vec![EarlyRefresh::Beside],
            }],
        }
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
            goes_back: random.chance(80),
        }
    }
}
