//! The statements. Each is one transaction by itself, and holds a row only while it runs.
//!
//! `clock_timestamp()` is the database's clock at that moment. No clock of a program counts for a
//! claim.

mod whole;

use twoba_store::Due;

use crate::schema::{Home, KNOWS_MARKS, LEAST_PROGRAM, SchemaName, VERSION};

/// The statements for the tables of one schema.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) schema: SchemaName,
    pub(crate) home: Home,
}

/// What a write compares before it replaces a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing is stored.
    Nothing,
    /// The record has this revision.
    Revision,
    /// The record is these bytes, whatever revision stands beside them.
    Bytes,
}

/// How a write is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing {
    pub(crate) guard: Guard,
    pub(crate) keeps_replaced: bool,
    pub(crate) ends_rescue: bool,
    pub(crate) releases: bool,
    /// Whether it is a part of a claim. Such a write goes on in a store that was marked since.
    pub(crate) claimed: bool,
}

/// Who claims a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// Somebody who uses it.
    InUse,
    /// Whoever moves the sessions, which are not used meanwhile.
    ToMove,
}

impl Taking {
    /// What a claim compares besides. `m` has the facts.
    fn compared(self) -> &'static str {
        match self {
            Self::InUse => " AND m.mark IS NULL",
            Self::ToMove => "",
        }
    }
}

impl Statements {
    /// `$1` key. Protection, record and mark.
    pub(crate) fn read(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT m.protection, s.record, m.mark FROM {schema}.meta AS m \
             LEFT JOIN {schema}.session AS s ON s.key = $1"
        )
    }

    /// `$1` key, `$2` holder, `$3` fence. Protection, record, mark, and whether the claim is still
    /// held.
    pub(crate) fn read_claimed(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT m.protection, s.record, m.mark, \
                (s.holder = $2 AND s.fence = $3 AND s.claimed_until IS NOT NULL) IS TRUE \
             FROM {schema}.meta AS m LEFT JOIN {schema}.session AS s ON s.key = $1"
        )
    }

    /// `$1` key. The name of the process that has the claim, or had it last.
    pub(crate) fn holder(&self) -> String {
        let schema = &self.schema;
        format!("SELECT holder_place FROM {schema}.session WHERE key = $1")
    }

    /// The facts of the store: version, least program, protection, whether this is its home, and the
    /// mark of a move.
    pub(crate) fn facts(&self) -> String {
        let (schema, here) = (&self.schema, self.home.sql());
        format!(
            "SELECT m.schema_version, m.least_program, m.protection, m.home = {here}, m.mark \
             FROM {schema}.meta AS m"
        )
    }

    /// A row if the tables have everything that this release makes. It fails if a table is missing.
    pub(crate) fn is_whole(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT 1::bigint FROM {schema}.meta AS m \
             WHERE m.schema_version >= {VERSION} AND m.mark IS NOT DISTINCT FROM m.mark \
                AND NOT EXISTS (SELECT s.rescued FROM {schema}.session AS s WHERE false) \
                AND NOT EXISTS (SELECT a.number FROM {schema}.kept_aside AS a WHERE false) \
                AND 16 <= (SELECT count(*) FROM {schema}.probe) \
                AND 2 = (SELECT count(*) FROM pg_indexes AS i WHERE i.schemaname = '{schema}' \
                    AND i.indexname IN ('session_due_at', 'session_keep_by'))"
        )
    }

    pub(crate) fn adopt(&self) -> String {
        let (schema, here, unmarked) = (&self.schema, self.home.sql(), unmarked());
        format!(
            "UPDATE {schema}.meta AS m SET home = {here}, mark = NULL, \
                least_program = {unmarked} RETURNING 1::bigint"
        )
    }

    /// `$1` the protection that it is from now on.
    pub(crate) fn use_key(&self) -> String {
        let schema = &self.schema;
        format!(
            "UPDATE {schema}.meta SET protection = $1 WHERE protection LIKE 'encrypted %' \
             RETURNING 1::bigint"
        )
    }

    /// `$1` key, `$2` which row. Rows written, least program, protection, record, mark.
    pub(crate) fn probe(&self) -> String {
        let schema = &self.schema;
        format!(
            "WITH written AS (UPDATE {schema}.probe SET written_at = clock_timestamp() \
                WHERE slot = $2 RETURNING 1) \
             SELECT (SELECT count(*) FROM written), m.least_program, m.protection, s.record, \
                m.mark \
             FROM {schema}.meta AS m LEFT JOIN {schema}.session AS s ON s.key = $1"
        )
    }

    /// `$1` key, `$2` holder, `$3` its place, `$4` seconds, `$5` schema of this program.
    ///
    /// A row if the claim was made: protection, record, mark, rescued grant and fence, all of them
    /// as the row has them under the claim. Who is refused writes nothing, so that waiting costs no
    /// commit. [`refusal`](Self::refusal) says why.
    pub(crate) fn claim(&self, taking: Taking) -> String {
        let (schema, here, used) = (&self.schema, self.home.sql(), taking.compared());
        format!(
            "UPDATE {schema}.session AS s SET {CLAIM} FROM {schema}.meta AS m \
             WHERE s.key = $1 AND m.home = {here} AND m.least_program <= $5{used} AND {FREE} \
             RETURNING m.protection, s.record, m.mark, s.rescued, s.fence"
        )
    }

    /// `$1` key. What a claim compares: least program, protection, whether this is the home, the
    /// mark, and whether the row exists.
    pub(crate) fn refusal(&self) -> String {
        let (schema, here) = (&self.schema, self.home.sql());
        format!(
            "SELECT m.least_program, m.protection, m.home = {here}, m.mark, \
                EXISTS (SELECT FROM {schema}.session AS s WHERE s.key = $1) \
             FROM {schema}.meta AS m"
        )
    }

    /// `$1` to `$5` as in [`claim`](Self::claim), for a key that has no row. No row if another
    /// caller was first, or if the facts have changed since.
    pub(crate) fn first_claim(&self, taking: Taking) -> String {
        let (schema, here, used) = (&self.schema, self.home.sql(), taking.compared());
        format!(
            "INSERT INTO {schema}.session (key, holder, holder_place, claimed_until, fence) \
             SELECT $1, $2, $3, clock_timestamp() + $4 * interval '1 second', 1 \
                FROM {schema}.meta AS m WHERE m.home = {here} AND m.least_program <= $5{used} \
             ON CONFLICT (key) DO NOTHING RETURNING fence"
        )
    }

    /// `$1` key, `$2` holder. The fence of a claim whose answer was lost.
    pub(crate) fn claimed(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT s.fence FROM {schema}.session AS s \
             WHERE s.key = $1 AND s.holder = $2 AND s.claimed_until > clock_timestamp()"
        )
    }

    /// `$1` the time, `$2` to `$5` as in [`claim`](Self::claim), `$6` how many. Keys, fences and
    /// dates; several hosts get different ones, and none waits for another.
    pub(crate) fn claim_due(&self, which: Due) -> String {
        let (schema, here, date) = (&self.schema, self.home.sql(), date(which));
        format!(
            "WITH due AS (SELECT s.key FROM {schema}.session AS s \
                WHERE s.{date} <= $1 AND {FREE} AND EXISTS (SELECT FROM {schema}.meta AS m \
                    WHERE m.home = {here} AND m.least_program <= $5 AND m.mark IS NULL) \
                ORDER BY s.{date}, s.key LIMIT $6 FOR UPDATE SKIP LOCKED) \
             UPDATE {schema}.session AS s SET {CLAIM} FROM due AS d WHERE s.key = d.key \
             RETURNING s.key, s.fence, s.{date}"
        )
    }

    /// `$1` key, `$2` holder, `$3` fence, `$4` seconds.
    pub(crate) fn renew(&self) -> String {
        let schema = &self.schema;
        format!(
            "UPDATE {schema}.session SET claimed_until = clock_timestamp() + $4 * interval '1 second' \
             WHERE key = $1 AND holder = $2 AND fence = $3 RETURNING 1::bigint"
        )
    }

    /// `$1` key, `$2` holder. The holder's name stays, so that a write of its own that comes late
    /// still meets another fence.
    pub(crate) fn release(&self) -> String {
        let schema = &self.schema;
        format!(
            "UPDATE {schema}.session SET claimed_until = NULL, fence = fence + 1 \
             WHERE key = $1 AND holder = $2 AND claimed_until IS NOT NULL RETURNING 1::bigint"
        )
    }

    /// `$1` key, `$2` holder. Raises the fence, so that a write whose answer was lost cannot come
    /// late, and returns it behind the protection and the record.
    pub(crate) fn settle(&self) -> String {
        let schema = &self.schema;
        format!(
            "UPDATE {schema}.session AS s SET fence = s.fence + 1 FROM {schema}.meta AS m \
             WHERE s.key = $1 AND s.holder = $2 RETURNING m.protection, s.record, m.mark, s.fence"
        )
    }

    /// `$1` key, `$2` record, `$3` revision, `$4` due, `$5` keep by, `$6` protection, `$7` holder or
    /// NULL, `$8` fence, `$9` what the guard compares. A row if it was written.
    ///
    /// The statement is planned each time, so it has no part that it can do without.
    pub(crate) fn write(&self, how: Writing) -> String {
        let schema = &self.schema;
        let update = self.update(how);
        let Some(compared) = compared(how.guard).filter(|_| how.keeps_replaced) else {
            return update;
        };
        format!(
            "WITH replaced AS (SELECT s.record FROM {schema}.session AS s \
                WHERE s.key = $1 AND {compared} FOR UPDATE), \
             written AS ({update}), {} \
             SELECT w.done FROM written AS w",
            self.keep_aside("written")
        )
    }

    /// Keeps aside the bytes in `replaced`, if `written` has a row. The last few are kept, and the
    /// same bytes once only.
    fn keep_aside(&self, written: &str) -> String {
        let (schema, others) = (&self.schema, ASIDE_MAX - 1);
        format!(
            "forgotten AS (DELETE FROM {schema}.kept_aside AS a USING replaced AS p \
                WHERE a.key = $1 AND EXISTS (SELECT FROM {written}) \
                AND (a.record = p.record OR a.number NOT IN (\
                    SELECT b.number FROM {schema}.kept_aside AS b \
                    WHERE b.key = $1 AND b.record <> p.record \
                    ORDER BY b.number DESC LIMIT {others}))), \
             aside AS (INSERT INTO {schema}.kept_aside (key, record) \
                SELECT $1, p.record FROM replaced AS p WHERE EXISTS (SELECT FROM {written}))"
        )
    }

    fn update(&self, how: Writing) -> String {
        let schema = &self.schema;
        let releases = if how.releases { RELEASED } else { "" };
        let ends = if how.ends_rescue {
            ", rescued = NULL"
        } else {
            ""
        };
        let used = if how.claimed {
            ""
        } else {
            " AND m.mark IS NULL"
        };
        let Some(compared) = compared(how.guard) else {
            return format!(
                "INSERT INTO {schema}.session AS s (key, record, revision, due_at, keep_by) \
                 SELECT $1, $2, $3, $4, $5 FROM {schema}.meta AS m \
                    WHERE m.protection = $6{used} \
                 ON CONFLICT (key) DO UPDATE SET record = EXCLUDED.record, \
                    revision = EXCLUDED.revision, due_at = EXCLUDED.due_at, \
                    keep_by = EXCLUDED.keep_by{ends}{releases} \
                 WHERE s.record IS NULL AND {OURS} RETURNING true AS done"
            );
        };
        // What is kept aside has to be read before it is replaced.
        let after = if how.keeps_replaced {
            " AND EXISTS (SELECT FROM replaced)"
        } else {
            ""
        };
        format!(
            "UPDATE {schema}.session AS s SET record = $2, revision = $3, due_at = $4, \
                keep_by = $5{ends}{releases} FROM {schema}.meta AS m \
             WHERE s.key = $1 AND {compared} AND m.protection = $6{used} AND {OURS}{after} \
             RETURNING true AS done"
        )
    }

    /// `$1` before, `$2` how many.
    pub(crate) fn due(&self, which: Due) -> String {
        let (schema, date) = (&self.schema, date(which));
        format!("SELECT key FROM {schema}.session WHERE {date} <= $1 ORDER BY {date}, key LIMIT $2")
    }

    /// `$1` after, `$2` how many. Keys, and how many of each kind each has.
    pub(crate) fn list(&self) -> String {
        let schema = &self.schema;
        format!(
            "WITH page AS (SELECT key FROM (\
                (SELECT key FROM {schema}.session WHERE key > $1 \
                    AND (record IS NOT NULL OR rescued IS NOT NULL) ORDER BY key LIMIT $2) \
                UNION (SELECT DISTINCT key FROM {schema}.kept_aside WHERE key > $1 \
                    ORDER BY key LIMIT $2)\
                ) AS found ORDER BY key LIMIT $2) \
             SELECT p.key, \
                (SELECT count(*) FROM {schema}.session AS s \
                    WHERE s.key = p.key AND s.record IS NOT NULL), \
                (SELECT count(*) FROM {schema}.kept_aside AS a WHERE a.key = p.key), \
                (SELECT count(*) FROM {schema}.session AS s \
                    WHERE s.key = p.key AND s.rescued IS NOT NULL) \
             FROM page AS p ORDER BY p.key"
        )
    }

    /// `$1` key, `$2` record, `$3` protection.
    pub(crate) fn rescue(&self) -> String {
        let schema = &self.schema;
        format!(
            "INSERT INTO {schema}.session (key, rescued) \
             SELECT $1, $2 FROM {schema}.meta AS m WHERE m.protection = $3 \
             ON CONFLICT (key) DO UPDATE SET rescued = EXCLUDED.rescued RETURNING 1::bigint"
        )
    }

    /// `$1` key. Protection and record.
    pub(crate) fn rescued(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT m.protection, s.rescued FROM {schema}.meta AS m \
             LEFT JOIN {schema}.session AS s ON s.key = $1"
        )
    }
}

/// How many kept bytes of one session there are. A person who wants one back has put it aside
/// lately.
const ASIDE_MAX: u32 = 4;

/// The least program of a store whose mark is removed. A later migration may have raised it more.
fn unmarked() -> String {
    format!("CASE WHEN least_program = {KNOWS_MARKS} THEN {LEAST_PROGRAM} ELSE least_program END")
}

/// What is compared with a record that is there.
fn compared(guard: Guard) -> Option<&'static str> {
    match guard {
        Guard::Nothing => None,
        Guard::Revision => Some("s.revision = $9"),
        Guard::Bytes => Some("s.record = $9"),
    }
}

/// The values of a claim.
const CLAIM: &str = "holder = $2, holder_place = $3, \
                     claimed_until = clock_timestamp() + $4 * interval '1 second', \
                     fence = s.fence + 1";

/// Whether nobody has the claim.
const FREE: &str = "(s.claimed_until IS NULL OR s.claimed_until <= clock_timestamp())";

/// Whether the writer has not fenced off this write itself. Who lost the claim to another holder is
/// held back by the compared record only: its late answer may be the successor.
const OURS: &str = "($7::bytea IS NULL OR s.holder IS DISTINCT FROM $7 OR s.fence = $8)";

/// The end of the writer's own claim.
const RELEASED: &str = ", claimed_until = CASE WHEN s.holder = $7 THEN NULL ELSE s.claimed_until END, \
                        fence = CASE WHEN s.holder = $7 THEN s.fence + 1 ELSE s.fence END";

fn date(which: Due) -> &'static str {
    match which {
        Due::Refresh => "due_at",
        Due::KeepBy => "keep_by",
    }
}
