//! The lists of sessions in a database.

use rusqlite::Connection;
use twoba_core::{SessionKey, Timestamp};
use twoba_store::{Due, Listed, ListedKind};

/// At most so many sessions whose date is `before` or earlier, the earliest first.
pub(crate) fn due(
    connection: &Connection,
    which: Due,
    before: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<SessionKey>> {
    let mut statement = connection.prepare(match which {
        Due::Refresh => "SELECT key FROM session WHERE due_at <= ?1 ORDER BY due_at, key LIMIT ?2",
        Due::KeepBy => "SELECT key FROM session WHERE keep_by <= ?1 ORDER BY keep_by, key LIMIT ?2",
    })?;
    let values = (before.unix_millis(), number(limit));
    let keys = statement.query_map(values, |row| row.get::<_, String>(0))?;
    parsed(keys)
}

/// Everything that belongs to the first keys after this one.
pub(crate) fn list(
    connection: &Connection,
    after: Option<&SessionKey>,
    limit: usize,
) -> rusqlite::Result<Vec<Listed>> {
    // The numbers of the kinds are in their order.
    let mut statement = connection.prepare(
        "WITH page AS (
             SELECT key FROM session WHERE key > ?1
             UNION SELECT key FROM aside WHERE key > ?1
             UNION SELECT key FROM rescue WHERE key > ?1
             ORDER BY key LIMIT ?2
         )
         SELECT key, 0 FROM session WHERE key IN page
         UNION ALL SELECT key, 1 FROM aside WHERE key IN page
         UNION ALL SELECT key, 2 FROM rescue WHERE key IN page
         ORDER BY 1, 2",
    )?;
    let after = after.map_or("", SessionKey::as_str);
    let found = statement.query_map((after, number(limit)), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    let mut listed = Vec::new();
    for row in found {
        let (key, kind) = row?;
        let kind = match kind {
            0 => ListedKind::Session,
            1 => ListedKind::KeptAside,
            _ => ListedKind::Rescue,
        };
        // What is no key was not written by this program.
        listed.extend(SessionKey::stored(key).map(|key| Listed::new(key, kind)));
    }
    Ok(listed)
}

fn parsed(
    keys: impl Iterator<Item = rusqlite::Result<String>>,
) -> rusqlite::Result<Vec<SessionKey>> {
    let mut parsed = Vec::new();
    for key in keys {
        parsed.extend(SessionKey::stored(key?));
    }
    Ok(parsed)
}

/// A limit as SQLite takes it.
pub(crate) fn number(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
