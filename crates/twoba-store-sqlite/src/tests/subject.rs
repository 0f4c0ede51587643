//! A database as the subject of the suite.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tempfile::TempDir;
use twoba_core::{SessionKey, StoredGrant};
use twoba_store::conformance::{
    AsyncSubject, Awaited, MaintainedSubject, Subject, work_until_killed,
};
use twoba_store::{
    AsyncStore, Direct, Label, ListedKind, Maintained, Protection, Protector, Store, is_sealed,
};

use crate::SqliteStore;

/// Whether a subject is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    None,
    #[cfg(feature = "encryption")]
    Sealed,
}

/// A database in a folder that goes with this value.
#[derive(Debug)]
pub(crate) struct Subjected {
    pub(crate) path: PathBuf,
    protector: Protector,
    _home: TempDir,
}

#[cfg(feature = "encryption")]
pub(crate) fn with_new_key() -> Protector {
    use twoba_store::seal::{EncryptionKey, KeysFrom, Sealer};

    let key = EncryptionKey::random().unwrap();
    let source = KeysFrom::new("the test", move || Ok(vec![key.clone()]));
    Protector::with_keys(Sealer::new(source))
}

impl Subjected {
    pub(crate) fn new(encryption: Encryption) -> Self {
        Self::with(match encryption {
            Encryption::None => Protector::without_keys(),
            #[cfg(feature = "encryption")]
            Encryption::Sealed => with_new_key(),
        })
    }

    pub(crate) fn with(protector: Protector) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            path: home.path().join("store").join("sessions.db"),
            protector,
            _home: home,
        }
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open_with(&self.path, self.protector.clone()).unwrap()
    }

    /// The database, bypassing the store.
    pub(crate) fn bypass(&self) -> Connection {
        drop(self.store());
        Connection::open(&self.path).unwrap()
    }

    fn rows(&self, table: &str, key: &SessionKey) -> Vec<Vec<u8>> {
        let connection = self.bypass();
        let query = format!("SELECT record FROM {table} WHERE key = ?1 ORDER BY id");
        let mut statement = connection.prepare(&query).unwrap();
        let rows = statement.query_map([key.as_str()], |row| row.get(0));
        rows.unwrap().map(Result::unwrap).collect()
    }
}

/// Tells a child its database.
pub(crate) const DATABASE: &str = "TWOBA_TEST_DATABASE";

/// Does nothing unless it is a child.
#[test]
fn a_worker_works_until_it_is_killed() {
    if let Some(path) = env::var_os(DATABASE) {
        work_until_killed(&SqliteStore::open(path).unwrap());
    }
}

/// This program once more, which writes into the database until it is killed.
pub(crate) fn worker(path: &Path) -> Command {
    let test = "tests::subject::a_worker_works_until_it_is_killed";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    command.env(DATABASE, path);
    command
}

impl Subject for Subjected {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.store())
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.plant_all(&[(key.clone(), bytes.to_vec())]);
    }

    fn plant_all(&self, planted: &[(SessionKey, Vec<u8>)]) {
        let protection = self.protector.of_a_new_store().unwrap();
        let mut connection = self.bypass();
        let transaction = connection.transaction().unwrap();
        for (key, bytes) in planted {
            let record = StoredGrant::from_bytes(bytes.clone());
            let label = Label::Record(key);
            let stored = self.protector.protect(protection, "", label, &record);
            let planted = transaction.execute(
                "INSERT OR REPLACE INTO session (key, record) VALUES (?1, ?2)",
                (key.as_str(), &*stored.unwrap()),
            );
            assert_eq!(planted.unwrap(), 1);
        }
        transaction.commit().unwrap();
    }

    fn worker(&self) -> Option<Command> {
        // The key of an encrypted one is in this process only.
        let is_plain = self.protector.of_a_new_store().unwrap() == Protection::Plain;
        is_plain.then(|| worker(&self.path))
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        let protection = self.protector.of_a_new_store().unwrap();
        let opened = |stored| {
            let label = Label::Record(key);
            let record = self.protector.open(protection, "", label, stored);
            record.unwrap().expose().to_vec()
        };
        self.rows("aside", key).into_iter().map(opened).collect()
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        let table = match kind {
            ListedKind::Session => "session",
            ListedKind::KeptAside => "aside",
            ListedKind::Rescue => "rescue",
            _ => panic!("{kind:?}"),
        };
        let sealed: Vec<bool> = self
            .rows(table, key)
            .iter()
            .map(|row| is_sealed(row))
            .collect();
        let mode = fs::metadata(&self.path).unwrap().permissions().mode();
        format!("mode {mode:o}, sealed: {sealed:?}")
    }

    /// Has the database itself refuse every write of this session.
    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        let connection = self.bypass();
        for table in ["session", "rescue", "probe"] {
            for when in ["INSERT", "UPDATE"] {
                let name = format!("obstruct_{table}_{when}");
                let statement = if obstructed {
                    let key = key.as_str().replace('\'', "''");
                    format!(
                        "CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN NEW.key = '{key}'
                         BEGIN SELECT RAISE(FAIL, 'obstructed'); END"
                    )
                } else {
                    format!("DROP TRIGGER {name}")
                };
                connection.execute_batch(&statement).unwrap();
            }
        }
        true
    }

    /// Begins to write, as a program does that is stopped in the middle.
    fn hold_back(&self, _: &SessionKey) -> Option<Box<dyn Send>> {
        let connection = self.bypass();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Some(Box::new(connection))
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        let statement = "UPDATE lease SET until = 0 WHERE key = ?1";
        self.bypass().execute(statement, [key.as_str()]).unwrap() == 1
    }
}

/// The same database, as an async store whose operations block.
pub(crate) struct InPlace(Subjected);

impl InPlace {
    pub(crate) fn new() -> Self {
        Self(Subjected::new(Encryption::None))
    }
}

impl Subject for InPlace {
    fn open(&self) -> Box<dyn Store> {
        Box::new(Awaited::new(Direct::new(self.0.store())))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.0.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.0.kept_aside(key)
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        self.0.protection(key, kind)
    }

    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        self.0.obstruct(key, obstructed)
    }

    fn hold_back(&self, key: &SessionKey) -> Option<Box<dyn Send>> {
        self.0.hold_back(key)
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        self.0.lapse(key)
    }
}

impl AsyncSubject for InPlace {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        Box::new(Direct::new(self.0.store()))
    }
}

impl MaintainedSubject for Subjected {
    fn open_maintained(&self) -> Box<dyn Maintained> {
        Box::new(self.store())
    }
}
