//! What becomes of one request, drawn when it is made, and how bad the times are.

use crate::plan::SECOND;
use crate::sim::Sim;

/// How bad the times are.
#[derive(Debug)]
pub(crate) struct Weather {
    /// Requests in a thousand that meet a trouble.
    pub(crate) bad: u64,
    /// A trouble that every request meets while this is set.
    pub(crate) always: Option<FateKind>,
    /// What the next refresh meets.
    pub(crate) next_refresh: Option<FateKind>,
    /// Until when a service rejects every token.
    pub(crate) rejects_until: u64,
    /// Whether nothing fails now.
    pub(crate) healed: bool,
    /// Whether nothing will fail any more.
    pub(crate) settled: bool,
}

impl Weather {
    pub(crate) fn calm() -> Self {
        Self {
            bad: 0,
            always: None,
            next_refresh: None,
            rejects_until: 0,
            healed: false,
            settled: false,
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    pub(crate) kind: FateKind,
    /// Until there is a connection, in milliseconds.
    pub(crate) connect: u64,
    /// From the first byte to the server.
    pub(crate) up: u64,
    /// From there back.
    pub(crate) down: u64,
    /// Whether the client hears nothing at all.
    pub(crate) hangs: bool,
    /// Seconds that the answer asks to wait for.
    pub(crate) retry_after: Option<u64>,
    pub(crate) status: u16,
}

/// Which trouble a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FateKind {
    /// None.
    Fine,
    /// No connection.
    NotSent,
    /// The connection breaks and the server has seen nothing.
    LostBefore,
    /// The connection breaks after the server has done it.
    LostAfter,
    /// So does it in the middle of the answer.
    BrokenAfter,
    /// Half of the answer comes and seems to be all of it.
    HalfAfter,
    /// A 5xx, and nothing was done.
    FaultBefore,
    /// A 5xx, and it was done.
    FaultAfter,
    /// A proxy's page, and nothing was done.
    PageBefore,
    /// A proxy's page, and it was done.
    PageAfter,
    /// A 429.
    Busy,
    Redirect,
    /// The answer of another service: a success that is no JSON.
    WrongType,
    /// The server dislikes the client.
    Misconfigured,
}

const TROUBLES: [(u64, FateKind); 13] = [
    (10, FateKind::NotSent),
    (14, FateKind::LostBefore),
    (14, FateKind::LostAfter),
    (6, FateKind::BrokenAfter),
    (6, FateKind::HalfAfter),
    (14, FateKind::FaultBefore),
    (4, FateKind::FaultAfter),
    (8, FateKind::PageBefore),
    (3, FateKind::PageAfter),
    (8, FateKind::Busy),
    (4, FateKind::Redirect),
    (4, FateKind::WrongType),
    (4, FateKind::Misconfigured),
];

impl FateKind {
    /// A trouble by chance.
    pub(crate) fn trouble(sim: &mut Sim) -> Self {
        sim.random.weighted(&TROUBLES)
    }

    /// Whether the server does what it is asked to, whatever the client hears of it.
    pub(crate) fn commits(self) -> bool {
        match self {
            Self::Fine
            | Self::LostAfter
            | Self::BrokenAfter
            | Self::HalfAfter
            | Self::FaultAfter
            | Self::PageAfter => true,
            Self::NotSent
            | Self::LostBefore
            | Self::FaultBefore
            | Self::PageBefore
            | Self::Busy
            | Self::Redirect
            | Self::WrongType
            | Self::Misconfigured => false,
        }
    }
}

impl Sim {
    /// What becomes of the next request.
    pub(super) fn draw_fate(&mut self) -> Fate {
        let healed = self.weather.healed;
        let bad = !healed && self.random.chance(self.weather.bad);
        let kind = match self.weather.always {
            Some(kind) if !healed => kind,
            Some(_) | None if bad => FateKind::trouble(self),
            Some(_) | None => FateKind::Fine,
        };
        let slow = !healed && self.plan.troubles.slow_network;
        let connect = if slow && self.random.chance(50) {
            self.random.spread(SECOND, 10 * SECOND)
        } else {
            self.random.between(1, 40)
        };
        let mut way = |longest| {
            if slow && self.random.chance(100) {
                self.random.spread(500, longest)
            } else {
                self.random.between(2, 80)
            }
        };
        let (up, down) = (way(40 * SECOND), way(60 * SECOND));
        let asks = self.random.chance(500);
        let retry_after = asks.then(|| self.random.pick(&[0, 1, 5, 60, 600, 7200]));
        Fate {
            kind,
            connect,
            up,
            down,
            hangs: !healed && kind != FateKind::Fine && self.random.chance(100),
            retry_after,
            status: self.random.pick(&[500, 502, 503, 504]),
        }
    }
}
