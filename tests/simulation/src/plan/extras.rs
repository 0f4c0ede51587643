//! What only some worlds know. It is drawn from a source of its own, so that a world without it is
//! what it was before there was such a thing.

use crate::random::Random;

/// What a world knows besides.
#[derive(Debug, Clone)]
pub(crate) struct Extras {
    /// Programs ask for tokens of their own, without a user.
    pub(crate) own: Option<Own>,
    /// Programs end in good order, as a command line does after each call.
    pub(crate) ends: Option<Ends>,
    /// So long after its last refresh a grant is to be kept alive, in milliseconds, and somebody
    /// does that now and then.
    pub(crate) keep_alive: Option<u64>,
    /// A store is copied to another host, where nobody has logged in, and may be adopted there.
    pub(crate) clones: bool,
}

/// How a server answers a program itself.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// Whether there is a refresh token in its answers, which nobody has asked for.
    pub(crate) refreshable: bool,
}

/// How the stores serve programs that end.
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    /// Whether they have a place for what cannot be stored.
    pub(crate) rescues: bool,
}

impl Extras {
    /// Whether stores have a place for what cannot be stored.
    pub(crate) fn rescues(&self) -> bool {
        self.ends.as_ref().is_some_and(|ends| ends.rescues)
    }

    /// Those of a seed.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut random = Random::new(!seed);
        Self {
            own: random.chance(200).then(|| Own {
                refreshable: random.chance(300),
            }),
            ends: random.chance(250).then(|| Ends {
                rescues: random.chance(700),
            }),
            keep_alive: random.chance(200).then(|| random.spread(10_000, 7_200_000)),
            clones: random.chance(120),
        }
    }
}
