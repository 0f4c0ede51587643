//! One save of each store beside the bare write of as many bytes: an intent or a new grant, as a
//! refresh stores them, under a lease that was taken before.

use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;
use serde_json::Value;
use twoba_core::{Change, SessionKey, StoredGrant};
use twoba_measure::Fault;
use twoba_measure::rounds::{Figures, Subject, interleaved};
use twoba_measure::row::{Row, job};
use twoba_store::conformance::changes::{login, refresh};
use twoba_store::{AsyncStore, FileStore, Protector, SEAL_OVERHEAD, Store};
use twoba_store_sqlite::SqliteStore;

use crate::bare::{self, UPDATE_IN_SQLITE, replace_file, replace_in_postgres, replace_in_sqlite};
use crate::scene::Scene;

/// A round is some saves of each subject.
const ROUNDS: usize = 101;
/// How many refreshes a round has. Each is two saves.
const REFRESHES: usize = 10;

/// The most that is wanted of a file store by its floor, and of a database by its own.
const FILE_LIMIT: f64 = 1.10;
const DATABASE_LIMIT: f64 = 1.25;

/// A session whose saves are made before they are measured.
struct Saves {
    key: SessionKey,
    stored: StoredGrant,
}

impl Saves {
    /// A session, and the login that has to be stored first.
    fn new() -> Result<(Self, Change), Fault> {
        let key = SessionKey::parse("installer")?;
        let first = login(&key, None);
        let stored = first.record().clone();
        Ok((Self { key, stored }, first))
    }

    /// The saves of the next round, each with what it replaces.
    fn next(&mut self) -> Vec<(StoredGrant, Change)> {
        let mut saves = Vec::new();
        for _ in 0..REFRESHES {
            let steps = refresh(&self.key, self.stored.clone());
            for change in [steps.intent, steps.rotation] {
                let new = change.record().clone();
                saves.push((std::mem::replace(&mut self.stored, new), change));
            }
        }
        saves
    }
}

/// Microseconds for each of the saves since then.
fn microseconds(since: Instant) -> f64 {
    let saves = u32::try_from(2 * REFRESHES).unwrap_or(u32::MAX);
    since.elapsed().as_secs_f64() * 1e6 / f64::from(saves)
}

/// A blocking store.
fn stored<'s>(who: &'static str, store: impl Store + 's) -> Result<Subject<'s>, Fault> {
    let (mut saves, first) = Saves::new()?;
    store.change(&saves.key, &first)?;
    Ok(Subject::new(who, move || {
        let round = saves.next();
        let lease = store.try_lease(&saves.key)?;
        let mut lease = lease.ok_or("somebody has the lease")?;
        let since = Instant::now();
        for (_, change) in &round {
            lease.apply(change)?;
        }
        Ok(microseconds(since))
    }))
}

/// As many bytes as the store writes for a record.
fn padded(record: &StoredGrant, encrypted: bool) -> Vec<u8> {
    let mut bytes = record.expose().to_vec();
    bytes.resize(
        bytes.len() + if encrypted { SEAL_OVERHEAD } else { 0 },
        b'x',
    );
    bytes
}

/// The padded bytes of a round: what is replaced, and by what.
fn padded_round(saves: &mut Saves, encrypted: bool) -> Vec<(Vec<u8>, Change, Vec<u8>)> {
    let pad = |(old, change): (StoredGrant, Change)| {
        let new = padded(change.record(), encrypted);
        (padded(&old, encrypted), change, new)
    };
    saves.next().into_iter().map(pad).collect()
}

fn files<'s>(who: &'static str, folder: &'s Path, encrypted: bool) -> Result<Subject<'s>, Fault> {
    let (mut saves, _) = Saves::new()?;
    Ok(Subject::new(who, move || {
        let round = padded_round(&mut saves, encrypted);
        let since = Instant::now();
        for (_, _, new) in &round {
            replace_file(folder, new)?;
        }
        Ok(microseconds(since))
    }))
}

/// The table of a store, without the store.
fn rows(who: &'static str, path: &Path, encrypted: bool) -> Result<Subject<'static>, Fault> {
    let (mut saves, first) = Saves::new()?;
    SqliteStore::open(path)?.change(&saves.key, &first)?;
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;")?;
    let all = "UPDATE session SET record = ?1";
    connection.execute(all, [padded(first.record(), encrypted)])?;
    Ok(Subject::new(who, move || {
        let round = padded_round(&mut saves, encrypted);
        let mut update = connection.prepare(UPDATE_IN_SQLITE)?;
        let since = Instant::now();
        for (old, change, new) in &round {
            replace_in_sqlite(&mut update, saves.key.as_str(), change, [old, new])?;
        }
        Ok(microseconds(since))
    }))
}

fn postgres(scene: &Scene) -> Result<[Subject<'_>; 2], Fault> {
    let (runtime, access) = (scene.runtime(), scene.access());
    let builder = access.builder()?.runtime(runtime.handle().clone());
    let store = runtime.block_on(builder.open())?;
    let client = runtime.block_on(runtime.spawn(async move { bare::connect(&access).await }))??;
    let client = std::sync::Arc::new(client);
    let (mut saves, first) = Saves::new()?;
    runtime.block_on(store.change(&saves.key, &first))?;
    scene.sql(&format!(
        "INSERT INTO {}.session SELECT * FROM twoba.session;",
        bare::SCHEMA
    ))?;
    let mut same = Saves {
        key: saves.key.clone(),
        stored: saves.stored.clone(),
    };
    let floor = Subject::new("a bare UPDATE in PostgreSQL", move || {
        let (round, client) = (
            padded_round(&mut same, true),
            std::sync::Arc::clone(&client),
        );
        let key = same.key.clone();
        runtime.block_on(runtime.spawn(async move {
            let since = Instant::now();
            for (_, change, new) in &round {
                replace_in_postgres(&client, key.as_str(), change, new).await?;
            }
            Ok(microseconds(since))
        }))?
    });
    let ours = Subject::new("the store in PostgreSQL, encrypted", move || {
        let (round, store, key) = (saves.next(), store.clone(), saves.key.clone());
        runtime.block_on(runtime.spawn(async move {
            let lease = store.try_lease(&key).await?;
            let mut lease = lease.ok_or("somebody has the claim")?;
            let since = Instant::now();
            for (_, change) in &round {
                lease.apply(change).await?;
            }
            let figure = microseconds(since);
            lease.release().await;
            Ok(figure)
        }))?
    });
    Ok([floor, ours])
}

/// Measures it.
pub(crate) fn run(scene: &Scene) -> Result<Value, Fault> {
    let keys = || Protector::with_keys(scene.access().sealer());
    let folder = |name| scene.folder(name);
    let (plain, sealed) = (folder("floor-plain")?, folder("floor-sealed")?);
    let rows_in = |name: &str| Ok::<_, Fault>(private(scene, name)?.join("sessions.db"));
    let ours = |name: &str| private(scene, name);
    let [in_postgres, by_postgres] = postgres(scene)?;
    let subjects = vec![
        files("write, sync, rename, sync of the folder", &plain, false)?,
        stored("the file store", FileStore::open(ours("files")?)?)?,
        files("the same of as many bytes", &sealed, true)?,
        stored(
            "the file store, encrypted",
            FileStore::open_with(ours("sealed-files")?, keys())?,
        )?,
        rows("a bare UPDATE in SQLite", &rows_in("floor-rows")?, false)?,
        stored("the store in SQLite", SqliteStore::open(rows_in("rows")?)?)?,
        rows(
            "the same of as many bytes, in SQLite",
            &rows_in("floor-sealed-rows")?,
            true,
        )?,
        stored(
            "the store in SQLite, encrypted",
            SqliteStore::open_with(rows_in("sealed-rows")?, keys())?,
        )?,
        in_postgres,
        by_postgres,
    ];
    let figures = interleaved(ROUNDS, subjects)?;
    let mut told = Vec::new();
    for pair in figures.chunks_exact(2) {
        if let [floor, ours] = pair {
            told.extend(rows_of(floor, ours));
        }
    }
    Ok(job("save", &told))
}

/// A folder of this name for a store.
fn private(scene: &Scene, name: &str) -> Result<std::path::PathBuf, Fault> {
    Ok(scene.folder("stores")?.join(name))
}

fn rows_of(floor: &Figures, ours: &Figures) -> [Row; 2] {
    let row = |figures: &Figures| Row::new(figures.who, format!("{:.0} µs", figures.median()));
    let limit = if ours.who.contains("file") {
        FILE_LIMIT
    } else {
        DATABASE_LIMIT
    };
    [
        row(floor).held(1.0, None),
        row(ours).held(ours.by(floor), Some(limit)),
    ]
}
