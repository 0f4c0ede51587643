//! A grant that a program has seen in its store, kept small because there may be a million of them.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::held::Held;
use crate::session::grant::Grant;
use crate::session::id::TokenId;
use crate::time::Timestamp;

/// A grant that a program has seen in its store.
/// [`Session::offer_seen`](crate::Session::offer_seen) stores it again if the store goes back. It
/// shares its tokens with the session that saw it.
#[derive(Clone)]
pub struct SeenGrant(Kept);

#[derive(Clone)]
enum Kept {
    Plain(Box<Plain>),
    Whole(Box<Held>),
}

/// All fields of a grant to which nothing has happened.
#[derive(Clone)]
struct Plain {
    id: TokenId,
    user: Option<Box<str>>,
    grant: Grant,
    keep_by: Option<Timestamp>,
}

impl Plain {
    fn held(&self) -> Held {
        let user = self.user.as_deref().map(String::from);
        Held::new(self.id, user, self.grant.clone(), self.keep_by)
    }
}

impl SeenGrant {
    pub(in crate::session) fn of(held: &Held) -> Self {
        let plain = Plain {
            id: held.id(),
            user: held.user.as_deref().map(Box::from),
            grant: held.grant.clone(),
            keep_by: held.beside.keep_by,
        };
        let is_all = plain.held() == *held;
        Self(if is_all {
            Kept::Plain(Box::new(plain))
        } else {
            Kept::Whole(Box::new(held.clone()))
        })
    }

    pub(in crate::session) fn held(&self) -> Held {
        match &self.0 {
            Kept::Plain(plain) => plain.held(),
            Kept::Whole(held) => held.as_ref().clone(),
        }
    }

    /// The id of its token.
    #[must_use]
    pub fn id(&self) -> TokenId {
        match &self.0 {
            Kept::Plain(plain) => plain.id,
            Kept::Whole(held) => held.id(),
        }
    }
}

impl fmt::Debug for SeenGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenGrant")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
