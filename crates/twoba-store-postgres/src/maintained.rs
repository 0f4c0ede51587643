//! The store as a whole: what it says of itself, what was kept aside, how it is sealed again, and how
//! its sessions move.
//!
//! Only a user who may write the row `meta` can adopt, mark or seal a store again.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::types::Type;
use twoba_core::limits::RECORD_MAX;
use twoba_core::{SessionKey, StoredGrant, Timestamp};
use twoba_store::{
    About, Content, DatabaseFailure, Due, KeptAside, KeyId, Label, Lease, Maintained, Mark,
    SEAL_OVERHEAD, StoreError, block_on, is_sealed,
};

use crate::blocking::BlockingPostgresStore;
use crate::claims::{claim, key_of, try_claim};
use crate::failure::Failed;
use crate::shared::{Shared, bytes_of};
use crate::sql::Taking;

const READING: &str = "read from";
const WRITING: &str = "write to";

/// The beginning of the name of bytes that were kept aside.
const NAME: &str = "replaced-";

/// How many rows of kept bytes are read at once.
const PAGE: i64 = 100;

/// The most bytes of a row that are read: one more than a protected record may have.
const READ_MAX: usize = RECORD_MAX + SEAL_OVERHEAD + 1;

/// How often content is sealed anew because the store got another key meanwhile.
const TRIES: usize = 3;

impl Maintained for BlockingPostgresStore {
    fn about(&self) -> Result<About, StoreError> {
        block_on(
            self.store
                .run(async move |shared: Arc<Shared>| about(&shared).await),
        )
    }

    fn adopt(&self) -> Result<(), StoreError> {
        Self::adopt(self)
    }

    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        let of = of.cloned();
        let work = async move |shared: Arc<Shared>| kept_aside(&shared, of.as_ref()).await;
        block_on(self.store.run(work))
    }

    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let kept = kept.clone();
        let work = async move |shared: Arc<Shared>| restore(&shared, &kept).await;
        block_on(self.store.run(work))
    }

    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let kept = kept.clone();
        let work = async move |shared: Arc<Shared>| discard(&shared, &kept).await;
        block_on(self.store.run(work))
    }

    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        self.use_key(with)?;
        // A write that began with the key before has to have ended.
        let work = async move |shared: Arc<Shared>| {
            let statements = shared.statements.writers_end();
            shared.database.locking_batch(WRITING, &statements).await
        };
        block_on(self.store.run(work))?;
        let sealed = self.encrypt_again()?;
        Ok(usize::try_from(sealed).unwrap_or(usize::MAX))
    }

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        let mark = mark.cloned();
        let work = async move |shared: Arc<Shared>| {
            let statements = shared.statements.set_mark(mark.as_ref());
            let set = shared.database.locking_batch(WRITING, &statements).await;
            match set {
                // The answer may be lost, and the mark be there.
                Err(error) => match about(&shared).await {
                    Ok(about) if about.mark == mark => Ok(()),
                    Ok(_) | Err(_) => Err(error),
                },
                Ok(()) => Ok(()),
            }
        };
        block_on(self.store.run(work))
    }

    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let key = key.clone();
        let work = async move |shared: Arc<Shared>| try_claim(&shared, &key, Taking::ToMove).await;
        let lease = block_on(self.store.run(work))?;
        Ok(lease.map(|lease| self.lease(lease)))
    }

    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError> {
        let (key, content, during) = (key.clone(), content.clone(), during.cloned());
        let work =
            async move |shared: Arc<Shared>| put(&shared, &key, &content, during.as_ref()).await;
        block_on(self.store.run(work))
    }

    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError> {
        let (key, during) = (key.clone(), during.cloned());
        let work = async move |shared: Arc<Shared>| remove(&shared, &key, during.as_ref()).await;
        block_on(self.store.run(work))
    }
}

async fn about(shared: &Shared) -> Result<About, StoreError> {
    let database = &shared.database;
    let facts = database
        .row(READING, &shared.statements.facts(), &[])
        .await?;
    let schema: i32 = facts.get(database, READING, 0)?;
    let protection = shared.protection_of(&facts, READING, 2)?;
    let at_home: bool = facts.get(database, READING, 3)?;
    let mut about = About::new("postgresql", &database.address, protection);
    about.is_copy = !at_home;
    about.schema = Some(schema.unsigned_abs());
    about.mark = shared.mark_of(&facts, READING, 4)?;
    Ok(about)
}

async fn kept_aside(
    shared: &Shared,
    of: Option<&SessionKey>,
) -> Result<Vec<KeptAside>, StoreError> {
    let database = &shared.database;
    let facts = database
        .row(READING, &shared.statements.facts(), &[])
        .await?;
    let protection = shared.protection_of(&facts, READING, 2)?;
    let mut kept = Vec::new();
    let mut before = i64::MAX;
    loop {
        let values = [
            (&of.map(bytes_of) as _, Type::BYTEA),
            (&before as _, Type::INT8),
            (&read_max() as _, Type::INT4),
            (&PAGE as _, Type::INT8),
        ];
        let statement = shared.statements.kept_aside();
        let rows = database.rows(READING, &statement, &values).await?;
        let Some(last) = rows.last() else {
            return Ok(kept);
        };
        before = last.get(database, READING, 1)?;
        for row in &rows {
            // What is no key was not written by this program.
            let Some(key) = key_of(shared, row, READING)? else {
                continue;
            };
            let number: i64 = row.get(database, READING, 1)?;
            let raw: Vec<u8> = row.get(database, READING, 2)?;
            let since = time(row.get(database, READING, 3)?);
            let record = shared.open(protection, Label::Record(&key), raw)?;
            kept.push(KeptAside::new(
                key,
                format!("{NAME}{number}"),
                since,
                record,
            ));
        }
    }
}

async fn restore(shared: &Shared, kept: &KeptAside) -> Result<(), StoreError> {
    let claimed = claim(shared, &kept.key, Taking::InUse).await?;
    let (holder, _) = claimed.ok_or(StoreError::Busy)?;
    let restored = restore_under(shared, kept, holder.name, holder.fence).await;
    shared.release(&kept.key, holder.name).await;
    restored
}

async fn restore_under(
    shared: &Shared,
    kept: &KeptAside,
    name: [u8; 16],
    fence: i64,
) -> Result<(), StoreError> {
    let (database, key, number) = (&shared.database, &kept.key, number_of(kept));
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&number as _, Type::INT8),
        (&read_max() as _, Type::INT4),
    ];
    let row = database
        .row(WRITING, &shared.statements.one_aside(), &values)
        .await?;
    let protection = shared.protection_of(&row, WRITING, 0)?;
    let raw: Option<Vec<u8>> = row.get(database, WRITING, 1)?;
    let raw = raw.ok_or_else(|| refused(shared, "what was kept aside is not there any more"))?;
    if cannot_be_a_record(&raw) {
        return Err(refused(shared, "what was kept aside cannot be a record"));
    }
    let record = shared.open(protection, Label::Record(key), raw)?;
    let sealed = shared.protect(protection, Label::Record(key), &record)?;
    let [due_at, keep_by] = dates(&record);
    let (sealed, revision) = (sealed.as_ref(), record.revision().to_bytes());
    let (revision, protected) = (revision.as_slice(), protection.to_string());
    let (key_bytes, name) = (bytes_of(key), name.as_slice());
    let values = [
        (&key_bytes as _, Type::BYTEA),
        (&sealed as _, Type::BYTEA),
        (&revision as _, Type::BYTEA),
        (&due_at as _, Type::INT8),
        (&keep_by as _, Type::INT8),
        (&protected as _, Type::TEXT),
        (&name as _, Type::BYTEA),
        (&fence as _, Type::INT8),
        (&number as _, Type::INT8),
    ];
    match database
        .attempt(&shared.statements.restore(), &values)
        .await
    {
        Ok(rows) if rows.is_empty() => Err(refused(
            shared,
            "the session or the store changed meanwhile",
        )),
        Ok(_) => Ok(()),
        Err(failed) if failed.in_doubt && shared.read(key).await?.is(Some(record.revision())) => {
            Ok(())
        }
        Err(failed) => Err(failed.into_error(WRITING, &database.place)),
    }
}

async fn discard(shared: &Shared, kept: &KeptAside) -> Result<(), StoreError> {
    let values = [
        (&bytes_of(&kept.key) as _, Type::BYTEA),
        (&number_of(kept) as _, Type::INT8),
    ];
    let statement = shared.statements.discard();
    let discarded = shared.database.rows(WRITING, &statement, &values).await;
    discarded.map(drop)
}

async fn remove(
    shared: &Shared,
    key: &SessionKey,
    during: Option<&Mark>,
) -> Result<(), StoreError> {
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&during.map(Mark::to_string) as _, Type::TEXT),
    ];
    let statement = shared.statements.remove();
    let rows = shared.database.rows(WRITING, &statement, &values).await?;
    match rows.first() {
        Some(_) => Ok(()),
        None => Mark::check(None, during, &shared.database.place),
    }
}

async fn put(
    shared: &Shared,
    key: &SessionKey,
    content: &Content,
    during: Option<&Mark>,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        if try_put(shared, key, content, during).await? {
            return Ok(());
        }
        // The move is over, or the store has got another key since it was asked last.
        let stored = shared.read(key).await?;
        Mark::check(stored.mark.as_ref(), during, &shared.database.place)?;
    }
    Err(refused(
        shared,
        "the key of the store changed again and again",
    ))
}

/// Whether everything was put. Otherwise the store is protected with another key.
async fn try_put(
    shared: &Shared,
    key: &SessionKey,
    content: &Content,
    during: Option<&Mark>,
) -> Result<bool, StoreError> {
    let protection = shared.protection();
    let seal = |label, record: &StoredGrant| -> Result<Vec<u8>, StoreError> {
        let protected = shared.protect(protection, label, record)?;
        Ok(protected.into_owned())
    };
    let record = content.record.as_ref();
    let sealed = record.map(|record| seal(Label::Record(key), record));
    let rescued = content.rescued.as_ref();
    let rescued = rescued.map(|rescued| seal(Label::Rescue(key), rescued));
    let (mut aside, mut since) = (Vec::new(), Vec::new());
    for kept in content.kept_aside.iter().rev() {
        aside.push(seal(Label::Record(key), &kept.record)?);
        since.push(millis(kept.since));
    }
    let revision = record.map(|record| record.revision().to_bytes());
    let revision = revision.as_ref().map(<[u8; 16]>::as_slice);
    let (sealed, rescued) = (sealed.transpose()?, rescued.transpose()?);
    let [due_at, keep_by] = record.map_or([None; 2], dates);
    let protected = protection.to_string();
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&sealed as _, Type::BYTEA),
        (&revision as _, Type::BYTEA),
        (&due_at as _, Type::INT8),
        (&keep_by as _, Type::INT8),
        (&protected as _, Type::TEXT),
        (&rescued as _, Type::BYTEA),
        (&aside as _, Type::BYTEA_ARRAY),
        (&since as _, Type::INT8_ARRAY),
        (&during.map(Mark::to_string) as _, Type::TEXT),
    ];
    let statement = shared.statements.put();
    let rows = shared.database.rows(WRITING, &statement, &values).await?;
    Ok(!rows.is_empty())
}

fn refused(shared: &Shared, why: &'static str) -> StoreError {
    let failed = Failed::unsent(DatabaseFailure::Other, why);
    failed.into_error(WRITING, &shared.database.place)
}

/// The number in the name of kept bytes. No row has the number 0.
fn number_of(kept: &KeptAside) -> i64 {
    let number = kept.name.strip_prefix(NAME);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn read_max() -> i32 {
    i32::try_from(READ_MAX).unwrap_or(i32::MAX)
}

/// Whether bytes that were read are only the beginning of what cannot be a record.
fn cannot_be_a_record(raw: &[u8]) -> bool {
    let overhead = if is_sealed(raw) { SEAL_OVERHEAD } else { 0 };
    raw.len() > RECORD_MAX + overhead
}

/// The dates of a record, if it can be read, in milliseconds since 1970.
fn dates(record: &StoredGrant) -> [Option<i64>; 2] {
    let schedule = record.schedule();
    [Due::Refresh, Due::KeepBy].map(|which| {
        let date = which.in_schedule(schedule.as_ref()?);
        date.map(Timestamp::unix_millis)
    })
}

fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
