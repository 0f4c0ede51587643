//! The store: each operation of the contract as a statement or two.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::types::Type;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{
    ApplyError, AsyncLease, AsyncStore, DatabaseFailure, Due, Label, Listed, ListedKind,
    Protection, StoreError,
};

use crate::claims::{claim_due, key_of, try_claim};
use crate::failure::Failed;
use crate::shared::{Shared, bytes_of};
use crate::sql::Taking;
use crate::tasks::run;

/// How often a rescue is sealed anew because the store got another key meanwhile.
const TRIES: usize = 3;

/// How many rows a probe may choose from, so that programs do not wait for each other.
const PROBED_ROWS: u32 = 16;

/// Sessions with their claims.
pub type Claimed<L> = Vec<(SessionKey, Box<L>)>;

/// Sessions in a PostgreSQL database. Its clones share the connections.
///
/// Each operation uses the Tokio runtime on which the store was opened. Its futures can be polled
/// anywhere, and dropping one does not end the operation: the runtime carries it on. An operation
/// keeps its connection for as long as it is neither polled nor dropped.
///
/// See the [documentation of this crate](crate) for what the store promises and needs.
#[derive(Clone)]
pub struct PostgresStore {
    pub(crate) shared: Arc<Shared>,
}

impl PostgresStore {
    /// Claims at most `limit` sessions whose date is `before` or earlier, the earliest first.
    /// Sessions that somebody has claimed are passed over, and no host waits for another. Several
    /// hosts that call this method therefore share the work, and none gets what another has.
    ///
    /// The claims expire unless they are renewed or released: claim no more than you can refresh
    /// within 45 seconds.
    ///
    /// # Errors
    ///
    /// - the database is a copy: [`StoreError::Copied`]
    /// - it needs a newer program: [`StoreError::SchemaNewer`]
    /// - its sessions have moved, or are moving: [`StoreError::Moved`], [`StoreError::Arriving`]
    /// - the key of the store is missing: [`StoreError::KeyUnknown`] or another
    /// - it cannot be used: [`StoreError::Database`]
    pub async fn claim_due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Claimed<dyn AsyncLease>, StoreError> {
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            claim_due(&shared, which, before, limit).await
        })
        .await
    }

    /// Declares this database the home of its sessions. Until then, a copy of the tables in another
    /// database or cluster refreshes nothing. Call it only if the original is out of use: two
    /// databases that both refresh end each other's sessions. It also removes the mark of a move.
    ///
    /// # Errors
    ///
    /// - the database cannot be used: [`StoreError::Database`]
    pub async fn adopt(&self) -> Result<(), StoreError> {
        const DOING: &str = "adopt";
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            let statement = shared.statements.adopt();
            shared.database.row(DOING, &statement, &[]).await.map(drop)
        })
        .await
    }

    /// Whether this database is a copy: its tables were made in another database or cluster.
    ///
    /// # Errors
    ///
    /// - the database cannot be used: [`StoreError::Database`]
    pub async fn is_copy(&self) -> Result<bool, StoreError> {
        const DOING: &str = "read from";
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            let facts = shared.statements.facts();
            let row = shared.database.row(DOING, &facts, &[]).await?;
            let at_home: bool = row.get(&shared.database, DOING, 3)?;
            Ok(!at_home)
        })
        .await
    }

    /// How the store protects its records, as it says now.
    ///
    /// # Errors
    ///
    /// - the database cannot be used: [`StoreError::Database`]
    pub async fn protection(&self) -> Result<Protection, StoreError> {
        const DOING: &str = "read from";
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            let facts = shared.statements.facts();
            let row = shared.database.row(DOING, &facts, &[]).await?;
            shared.protection_of(&row, DOING, 2)
        })
        .await
    }

    /// Runs an operation to its end.
    pub(crate) async fn run<T: Send + 'static, E: From<StoreError> + Send + 'static, F>(
        &self,
        work: impl FnOnce(Arc<Shared>) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        run(&self.shared, work(Arc::clone(&self.shared))).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("place", &self.shared.database)
            .field("schema", &self.shared.statements.schema)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl AsyncStore for PostgresStore {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = key.clone();
        self.run(async move |shared: Arc<Shared>| Ok(shared.read(&key).await?.record))
            .await
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let key = key.clone();
        self.run(async move |shared| try_claim(&shared, &key, Taking::InUse).await)
            .await
    }

    /// `None` if the process runs on another machine: its number would mislead.
    async fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        let key = key.clone();
        self.run(async move |shared| holder(&shared, &key).await)
            .await
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let (key, change) = (key.clone(), change.clone());
        self.run(async move |shared: Arc<Shared>| shared.apply(&key, &change, None, false).await)
            .await
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.run(async move |shared| probe(&shared, &key).await)
            .await
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.run(async move |shared| due(&shared, which, before, limit).await)
            .await
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let after = after.cloned();
        self.run(async move |shared| list(&shared, after.as_ref(), limit).await)
            .await
    }

    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let (key, record) = (key.clone(), record.clone());
        self.run(async move |shared| rescue(&shared, &key, &record).await)
            .await
    }

    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = key.clone();
        self.run(async move |shared| rescued(&shared, &key).await)
            .await
    }
}

async fn holder(shared: &Shared, key: &SessionKey) -> Result<Option<u32>, StoreError> {
    const DOING: &str = "read from";
    let values = [(&bytes_of(key) as _, Type::BYTEA)];
    let rows = shared
        .database
        .rows(DOING, &shared.statements.holder(), &values)
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let place: Option<&str> = row.get(&shared.database, DOING, 0)?;
    let parts = place.and_then(|place| place.split_once(" at "));
    let ours = shared.here.split_once(" at ").map(|(_, host)| host);
    let here = parts.filter(|(_, host)| Some(*host) == ours);
    Ok(here.and_then(|(process, _)| process.parse().ok()))
}

async fn probe(shared: &Shared, key: &SessionKey) -> Result<(), StoreError> {
    const DOING: &str = "write to";
    let database = &shared.database;
    let row_number = key.as_str().bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % PROBED_ROWS;
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&row_number.cast_signed() as _, Type::INT4),
    ];
    let row = database
        .row(DOING, &shared.statements.probe(), &values)
        .await?;
    let written: i64 = row.get(database, DOING, 0)?;
    if written == 0 {
        return Err(database.odd(DOING));
    }
    shared.check_least_program(row.get(database, DOING, 1)?)?;
    let protection = shared.protection_of(&row, DOING, 2)?;
    shared.protector.check(protection, &database.place)?;
    shared.check_mark(shared.mark_of(&row, DOING, 4)?.as_ref())?;
    let raw: Option<Vec<u8>> = row.get(database, DOING, 3)?;
    if let Some(raw) = raw {
        shared.open(protection, Label::Record(key), raw)?;
    }
    Ok(())
}

async fn due(
    shared: &Shared,
    which: Due,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<SessionKey>, StoreError> {
    const DOING: &str = "read from";
    let values = [
        (&before.unix_millis() as _, Type::INT8),
        (&i64::try_from(limit).unwrap_or(i64::MAX) as _, Type::INT8),
    ];
    let rows = shared
        .database
        .rows(DOING, &shared.statements.due(which), &values)
        .await?;
    let keys = rows.iter().map(|row| key_of(shared, row, DOING));
    keys.filter_map(Result::transpose).collect()
}

async fn list(
    shared: &Shared,
    after: Option<&SessionKey>,
    limit: usize,
) -> Result<Vec<Listed>, StoreError> {
    const DOING: &str = "read from";
    let values = [
        (&after.map_or(&[][..], bytes_of) as _, Type::BYTEA),
        (&i64::try_from(limit).unwrap_or(i64::MAX) as _, Type::INT8),
    ];
    let rows = shared
        .database
        .rows(DOING, &shared.statements.list(), &values)
        .await?;
    let mut listed = Vec::new();
    for row in &rows {
        let Some(key) = key_of(shared, row, DOING)? else {
            continue;
        };
        let kinds = [
            (1, ListedKind::Session),
            (2, ListedKind::KeptAside),
            (3, ListedKind::Rescue),
        ];
        for (column, kind) in kinds {
            let count: i64 = row.get(&shared.database, DOING, column)?;
            listed.extend((0..count).map(|_| Listed::new(key.clone(), kind)));
        }
    }
    Ok(listed)
}

async fn rescue(shared: &Shared, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
    const DOING: &str = "write to";
    for _ in 0..TRIES {
        let protection = shared.protection();
        let sealed = shared.protect(protection, Label::Rescue(key), record)?;
        let values = [
            (&bytes_of(key) as _, Type::BYTEA),
            (&sealed.as_ref() as _, Type::BYTEA),
            (&protection.to_string() as _, Type::TEXT),
        ];
        let kept = shared
            .database
            .rows(DOING, &shared.statements.rescue(), &values)
            .await?;
        if !kept.is_empty() {
            return Ok(());
        }
        // The store has got another key since it was asked last.
        rescued(shared, key).await?;
    }
    let failed = Failed::unsent(
        DatabaseFailure::Busy,
        "the key of the store changed again and again",
    );
    Err(failed.into_error(DOING, &shared.database.place))
}

async fn rescued(shared: &Shared, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
    const DOING: &str = "read from";
    let values = [(&bytes_of(key) as _, Type::BYTEA)];
    let row = shared
        .database
        .row(DOING, &shared.statements.rescued(), &values)
        .await?;
    let protection = shared.protection_of(&row, DOING, 0)?;
    let raw: Option<Vec<u8>> = row.get(&shared.database, DOING, 1)?;
    let opened = raw.map(|raw| shared.open(protection, Label::Rescue(key), raw));
    opened.transpose()
}
