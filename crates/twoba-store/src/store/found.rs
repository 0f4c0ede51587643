//! What comes with a lease.

use twoba_core::StoredGrant;

/// What a store has read in the operation that took a lease.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The stored bytes. `None` if nothing is stored.
    pub record: Option<StoredGrant>,
    /// The grant that [`Store::rescue`](crate::Store::rescue) has kept.
    pub rescued: Option<StoredGrant>,
}
