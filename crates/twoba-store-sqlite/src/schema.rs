//! The tables, the steps that lead to them, and the facts of a database that stand in it.

use rusqlite::Connection;
use twoba_store::machine::FileNumber;
use twoba_store::{DatabaseFailure, Mark, Protection, StoreError};

use crate::failure::Fault;

/// The step that leads from each schema to the next. A later step only adds, so that programs of
/// earlier releases go on beside newer ones. A step that they cannot live with raises the fact
/// `needs` to its own number.
const STEPS: [&str; 1] = [
    // `key` is text in the order of its bytes. `record` is what the store protects: as it is, or
    // sealed. Dates are milliseconds since 1970.
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
     CREATE TABLE session (
         id INTEGER PRIMARY KEY,
         key TEXT NOT NULL UNIQUE,
         record BLOB NOT NULL,
         due_at INTEGER,
         keep_by INTEGER
     );
     CREATE INDEX session_due_at ON session (due_at, key) WHERE due_at IS NOT NULL;
     CREATE INDEX session_keep_by ON session (keep_by, key) WHERE keep_by IS NOT NULL;
     CREATE TABLE rescue (
         id INTEGER PRIMARY KEY,
         key TEXT NOT NULL UNIQUE,
         record BLOB NOT NULL
     );
     CREATE TABLE aside (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         key TEXT NOT NULL,
         record BLOB NOT NULL,
         since INTEGER NOT NULL
     );
     CREATE INDEX aside_key ON aside (key);
     CREATE TABLE lease (
         key TEXT PRIMARY KEY NOT NULL,
         holder TEXT NOT NULL,
         number INTEGER NOT NULL,
         process INTEGER NOT NULL,
         taken INTEGER NOT NULL,
         until INTEGER NOT NULL
     ) WITHOUT ROWID;
     CREATE TABLE probe (key TEXT PRIMARY KEY NOT NULL, filler BLOB NOT NULL);
     INSERT INTO meta VALUES ('needs', '1');",
];

/// The newest schema that this program knows.
pub(crate) const KNOWN: u32 = {
    assert!(STEPS.len() == 1, "the number below is the number of steps");
    1
};

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The schema of the tables.
    pub(crate) schema: u32,
    /// The protection of the records.
    pub(crate) protection: Protection,
    /// The mark of the file in which the sessions are at home.
    pub(crate) home: String,
    /// The mark of a move of the sessions.
    pub(crate) mark: Option<Mark>,
}

/// Whether the database holds nothing at all.
pub(crate) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let count: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(count == 0)
}

/// The facts of a database. `place` names it in an error.
pub(crate) fn facts(connection: &Connection, place: &str) -> Result<Facts, Fault> {
    let mut statement = connection.prepare_cached("SELECT name, value FROM meta")?;
    let (mut schema, mut needs, mut protection, mut home, mut mark) =
        (None, None, None, None, None);
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        match row.get_ref(0)?.as_str().unwrap_or_default() {
            "schema" => schema = value.parse().ok(),
            "needs" => needs = value.parse().ok(),
            "protection" => protection = Protection::parse(&value),
            "home" => home = Some(value),
            "moved" => mark = Some(value),
            // Of a newer release.
            _ => {}
        }
    }
    let (Some(schema), Some(needs), Some(protection), Some(home)) =
        (schema, needs, protection, home)
    else {
        return Err(unreadable());
    };
    if needs > KNOWN {
        return Err(Fault::Store(StoreError::SchemaNewer {
            place: place.to_owned(),
            found: needs,
            known: KNOWN,
        }));
    }
    let mark = match mark {
        Some(text) => Some(Mark::parse(&text).ok_or(unreadable())?),
        None => None,
    };
    Ok(Facts {
        schema,
        protection,
        home,
        mark,
    })
}

/// The fault of facts that are missing, or that this program cannot read.
fn unreadable() -> Fault {
    Fault::Sqlite(rusqlite::Error::QueryReturnedNoRows)
}

/// Refuses the database of another program, which stays as it is.
pub(crate) fn check_owner(connection: &Connection, place: &str) -> Result<(), Fault> {
    // One statement sees the tables of one moment: another process may be making them.
    let query = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)
                 OR EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta')";
    if connection.query_row(query, (), |row| row.get(0))? {
        return Ok(());
    }
    Err(Fault::Store(StoreError::Database {
        doing: "use",
        place: place.to_owned(),
        failure: DatabaseFailure::NoTables,
        source: "it has the tables of another program".into(),
    }))
}

/// Makes the tables in an empty database. It runs in a transaction.
pub(crate) fn make(
    connection: &Connection,
    protection: Protection,
    home: FileNumber,
) -> rusqlite::Result<()> {
    migrate(connection, 0)?;
    set(connection, "protection", &protection.to_string())?;
    set(connection, "home", &home.mark())
}

/// Takes the steps that the schema `from` has not seen. It runs in a transaction.
pub(crate) fn migrate(connection: &Connection, from: u32) -> rusqlite::Result<()> {
    let taken = usize::try_from(from).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(taken) {
        connection.execute_batch(step)?;
    }
    set(connection, "schema", &KNOWN.to_string())
}

/// Sets a fact. It runs in a transaction.
pub(crate) fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, value),
        )
        .map(drop)
}

/// Sets or removes the mark of a move. It runs in a transaction.
pub(crate) fn set_mark(connection: &Connection, mark: Option<&Mark>) -> rusqlite::Result<()> {
    match mark {
        Some(mark) => set(connection, "moved", &mark.to_string()),
        None => connection
            .execute("DELETE FROM meta WHERE name = 'moved'", ())
            .map(drop),
    }
}
