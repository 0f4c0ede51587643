//! What every store promises.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};

/// A place that keeps sessions.
pub trait Store: Send + Sync {
    /// What is stored, read without a lock and never torn; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// The exclusive right to refresh this session, waited for no longer than `patience`.
    /// Dropping it gives it back.
    ///
    /// # Errors
    ///
    /// - another holder keeps it for longer: [`StoreError::Busy`]
    /// - the place cannot be used: [`StoreError::Io`]
    fn lease(&self, key: &SessionKey, patience: Duration) -> Result<Box<dyn Lease>, StoreError>;

    /// Applies a change without the lease, for a login or a logout: it must not wait for a
    /// refresh that is out. Success means that it survives a crash.
    ///
    /// # Errors
    ///
    /// - something else is stored than the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// Whether a change could be written now; asked before a password or a code leaves.
    ///
    /// # Errors
    ///
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;
}

/// The exclusive right to refresh one session.
pub trait Lease: Apply + Send {
    /// What is stored now.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;
}

/// What a drive loop needs of a store: changes of one session applied, one at a time.
pub trait Apply {
    /// Applies a change; success means that it survives a crash.
    ///
    /// # Errors
    ///
    /// - something else is stored than the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}

/// Applies changes without the lease, by [`Store::change`]: for logins and logouts.
pub struct Unleased<'a, S: ?Sized> {
    /// The store.
    pub store: &'a S,
    /// The session.
    pub key: &'a SessionKey,
}

impl<S: ?Sized> fmt::Debug for Unleased<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unleased")
            .field("key", self.key)
            .finish_non_exhaustive()
    }
}

impl<S: Store + ?Sized> Apply for Unleased<'_, S> {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.change(self.key, change)
    }
}

#[async_trait]
impl<S: AsyncStore + ?Sized> AsyncApply for Unleased<'_, S> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.change(self.key, change).await
    }
}

/// A [`Store`] whose operations are awaited.
#[async_trait]
pub trait AsyncStore: Send + Sync {
    /// As [`Store::read`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// As [`Store::lease`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn lease(
        &self,
        key: &SessionKey,
        patience: Duration,
    ) -> Result<Box<dyn AsyncLease>, StoreError>;

    /// As [`Store::change`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// As [`Store::probe`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;
}

/// A [`Lease`] whose operations are awaited.
#[async_trait]
pub trait AsyncLease: AsyncApply {
    /// As [`Lease::load`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;
}

/// An [`Apply`] that is awaited.
#[async_trait]
pub trait AsyncApply: Send {
    /// As [`Apply::apply`].
    ///
    /// # Errors
    ///
    /// - as there
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process or thread refreshes this session and takes its time.
    #[error("another process is busy with this session")]
    Busy,
    /// The operating system said no.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder can be read or written by other users of this machine.
    #[error("the store's folder {} is open to other users", .path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// What is stored is too large to be a session.
    #[error("{} is too large to be a stored session", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A store's own task came to an end before it answered.
    #[error("the store's work was cut off: the program is shutting down")]
    CutOff,
}

/// Why a change was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// This is stored instead of what the change expects.
    #[error("another writer was first")]
    Conflict(Option<StoredGrant>),
    /// The store could not be used.
    #[error("{0}")]
    Store(#[from] StoreError),
}
