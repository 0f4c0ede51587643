//! What only some worlds know. It is drawn from a source of its own, so that a world without it is
//! what it was before there was such a thing.

use crate::random::Random;

/// What a world knows besides.
#[derive(Debug, Clone)]
pub(crate) struct Extras {
    /// Programs ask for tokens of their own, without a user.
    pub(crate) own: Option<Own>,
}

/// How a server answers a program itself.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// Whether there is a refresh token in its answers, which nobody has asked for.
    pub(crate) refreshable: bool,
}

impl Extras {
    /// Those of a seed.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut random = Random::new(!seed);
        Self {
            own: random.chance(200).then(|| Own {
                refreshable: random.chance(300),
            }),
        }
    }
}
