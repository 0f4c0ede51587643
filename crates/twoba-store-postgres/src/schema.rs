//! The tables, and how those of an earlier release become those of this one.
//!
//! A migration only adds, so that programs of the earlier release go on beside those of this one.
//! When it must shut out earlier programs, it raises `least_program` in the row `meta`, which each
//! claim reads.

use std::fmt;

use twoba_store::Protection;

/// The schema that this program knows and needs.
pub(crate) const VERSION: i32 = 2;

/// The schema that brought the mark of a move. Programs that know only the one before do not look
/// at it, so that they are shut out as long as a store is marked.
pub(crate) const KNOWS_MARKS: i32 = 2;

/// The least program of a store that is not marked. No migration has raised it yet.
pub(crate) const LEAST_PROGRAM: i32 = 1;

/// The schema of the database with the tables, unless the program or the address names another one.
pub(crate) const SCHEMA: &str = "twoba";

/// The longest name that PostgreSQL does not cut.
const NAME_MAX: usize = 63;

/// The name of a schema, which needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaName(String);

/// The text is no name of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a schema has 1 to {NAME_MAX} of the characters a to z, 0 to 9 and _, and begins with a letter"
)]
pub(crate) struct SchemaNameError;

impl SchemaName {
    pub(crate) fn parse(text: &str) -> Result<Self, SchemaNameError> {
        let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if !begins || text.len() > NAME_MAX || !text.bytes().all(good) || text.starts_with("pg_") {
            return Err(SchemaNameError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells a database from its copies: the cluster and the database in it. A dump carries
/// neither.
///
/// They are functions and no queries, because each claim asks for them and is planned each time: a
/// query in it costs four times as much to plan as to run.
const HERE: &str = "(pg_control_system()).system_identifier::text || '/' || \
                    (pg_get_object_address('database', ARRAY[current_database()]::text[], \
                        '{}'::text[])).objid::text";

/// The same where the server does not name its cluster: whatever stands in `meta` is believed.
const HERE_WITHOUT_CLUSTER: &str = "split_part(m.home, '/', 1) || '/' || \
                    (SELECT d.oid::text FROM pg_database AS d WHERE d.datname = current_database())";

/// How a database is told from its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// By the cluster and the database.
    ClusterAndDatabase,
    /// By the database only, as the server does not tell this user its cluster.
    DatabaseOnly,
}

impl Home {
    /// The expression of this fact. `m` is the row `meta`.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::ClusterAndDatabase => HERE,
            Self::DatabaseOnly => HERE_WITHOUT_CLUSTER,
        }
    }

    /// The same where there is no row `meta` yet.
    fn first_sql(self) -> String {
        match self {
            Self::ClusterAndDatabase => HERE.to_owned(),
            Self::DatabaseOnly => {
                HERE_WITHOUT_CLUSTER.replace("split_part(m.home, '/', 1)", "'unknown'")
            }
        }
    }
}

/// The tables of this release, with places for what differs from store to store.
const TABLES: &str = include_str!("schema/tables.sql");

/// The statements that make the tables, or bring those of an earlier release up to date. Running
/// them again changes nothing.
pub(crate) fn sql(schema: &SchemaName, protection: Protection, home: Home) -> String {
    let values = [
        ("{schema}", schema.to_string()),
        ("{version}", VERSION.to_string()),
        ("{least_program}", LEAST_PROGRAM.to_string()),
        ("{protection}", protection.to_string()),
        ("{home}", home.first_sql()),
    ];
    let tables = TABLES.to_owned();
    values
        .iter()
        .fold(tables, |text, (place, value)| text.replace(place, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_need_quotes_is_refused() {
        for good in ["twoba", "a", "sessions_2", &"a".repeat(63)] {
            assert!(SchemaName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "A",
            "2a",
            "_a",
            "a b",
            "a;b",
            "a\"",
            "pg_x",
            &"a".repeat(64),
        ] {
            assert_eq!(SchemaName::parse(bad), Err(SchemaNameError), "{bad}");
        }
    }
}
