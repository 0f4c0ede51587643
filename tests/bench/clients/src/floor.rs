//! The least that a program can do by hand to read a token that others replace: load a pointer,
//! look at the clock.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

/// A token and its end.
#[derive(Debug)]
struct Held {
    token: String,
    until: SystemTime,
}

/// The floor.
#[derive(Debug)]
pub struct Floor(ArcSwap<Held>);

impl Default for Floor {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Held {
            token: "access-00000000000000000000".to_owned(),
            until: SystemTime::now() + Duration::from_secs(3600),
        }))
    }
}

impl Floor {
    /// What `look` makes of the token, if it is usable.
    pub fn look<T>(&self, look: impl FnOnce(&str) -> T) -> Option<T> {
        let held = self.0.load();
        (SystemTime::now() < held.until).then(|| look(&held.token))
    }

    /// The same with a shared count taken and given back, as an owned token needs.
    pub fn share(&self) -> Option<Arc<impl Sized + use<>>> {
        let held = self.0.load_full();
        (SystemTime::now() < held.until).then_some(held)
    }
}
