//! The statements for the store as a whole: the mark of a move, what was kept aside, and what is put
//! or removed without a comparison.

use twoba_store::Mark;

use super::{Statements, unmarked};
use crate::schema::KNOWS_MARKS;

impl Statements {
    /// Sets or removes the mark. Nothing writes to the sessions in between: a statement that has not
    /// seen the mark has ended before, and one that begins later sees it.
    ///
    /// The text stands in digits, because several statements take no values.
    pub(crate) fn set_mark(&self, mark: Option<&Mark>) -> String {
        let schema = &self.schema;
        let set = match mark {
            None => format!("mark = NULL, least_program = {}", unmarked()),
            Some(mark) => {
                let text = mark.to_string();
                let digits: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
                let digits = digits.concat();
                format!(
                    "mark = convert_from(decode('{digits}', 'hex'), 'UTF8'), \
                     least_program = greatest(least_program, {KNOWS_MARKS})"
                )
            }
        };
        format!("{} UPDATE {schema}.meta SET {set};", self.writers_end())
    }

    /// Waits until every statement that writes sessions has ended, and holds off later ones until the
    /// transaction ends.
    pub(crate) fn writers_end(&self) -> String {
        let schema = &self.schema;
        format!("LOCK TABLE {schema}.session IN SHARE ROW EXCLUSIVE MODE;")
    }

    /// `$1` key or NULL, `$2` the number before which it goes on, `$3` how many bytes, `$4` how many
    /// rows. Key, number, bytes, and the time in milliseconds; the latest first.
    pub(crate) fn kept_aside(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT key, number, substring(record FROM 1 FOR $3), \
                (extract(epoch FROM kept_at) * 1000)::bigint \
             FROM {schema}.kept_aside WHERE ($1::bytea IS NULL OR key = $1) AND number < $2 \
             ORDER BY number DESC LIMIT $4"
        )
    }

    /// `$1` key, `$2` number, `$3` how many bytes. Protection and bytes.
    pub(crate) fn one_aside(&self) -> String {
        let schema = &self.schema;
        format!(
            "SELECT m.protection, (SELECT substring(a.record FROM 1 FOR $3) \
                FROM {schema}.kept_aside AS a WHERE a.key = $1 AND a.number = $2) \
             FROM {schema}.meta AS m"
        )
    }

    /// `$1` key, `$2` record, `$3` revision, `$4` due, `$5` keep by, `$6` protection, `$7` holder,
    /// `$8` fence, `$9` the number of what is restored. A row if it was. What is replaced is counted
    /// because it has to be read before it is replaced.
    pub(crate) fn restore(&self) -> String {
        let schema = &self.schema;
        format!(
            "WITH replaced AS (SELECT s.record FROM {schema}.session AS s \
                WHERE s.key = $1 AND s.record IS NOT NULL FOR UPDATE), \
             taken AS (DELETE FROM {schema}.kept_aside AS a WHERE a.key = $1 AND a.number = $9 \
                AND (SELECT m.protection FROM {schema}.meta AS m) = $6 \
                AND EXISTS (SELECT FROM {schema}.session AS s \
                    WHERE s.key = $1 AND s.holder = $7 AND s.fence = $8) RETURNING 1), \
             aside AS (INSERT INTO {schema}.kept_aside (key, record) \
                SELECT $1, p.record FROM replaced AS p WHERE EXISTS (SELECT FROM taken)) \
             UPDATE {schema}.session SET record = $2, revision = $3, due_at = $4, keep_by = $5 \
                WHERE key = $1 AND (SELECT count(*) FROM replaced) >= 0 \
                AND EXISTS (SELECT FROM taken) RETURNING 1::bigint"
        )
    }

    /// `$1` key, `$2` number.
    pub(crate) fn discard(&self) -> String {
        let schema = &self.schema;
        format!("DELETE FROM {schema}.kept_aside WHERE key = $1 AND number = $2")
    }

    /// `$1` key, `$2` record or NULL, `$3` revision, `$4` due, `$5` keep by, `$6` protection, `$7`
    /// rescued grant or NULL, `$8` and `$9` what was kept aside, the earliest first: bytes, and
    /// times in milliseconds. `$10` the mark that the store must have, or NULL. A row if it was put.
    pub(crate) fn put(&self) -> String {
        let schema = &self.schema;
        format!(
            "WITH fact AS (SELECT 1 FROM {schema}.meta AS m \
                WHERE m.protection = $6 AND ($10::text IS NULL OR m.mark = $10)), \
             forgotten AS (DELETE FROM {schema}.kept_aside \
                WHERE key = $1 AND EXISTS (SELECT FROM fact)), \
             aside AS (INSERT INTO {schema}.kept_aside (key, record, kept_at) \
                SELECT $1, a.record, to_timestamp(a.since / 1000.0) \
                FROM unnest($8, $9) WITH ORDINALITY AS a (record, since, place) \
                WHERE EXISTS (SELECT FROM fact) ORDER BY a.place), \
             stored AS (INSERT INTO {schema}.session \
                    (key, record, revision, due_at, keep_by, rescued) \
                SELECT $1, $2, $3, $4, $5, $7 FROM fact \
                ON CONFLICT (key) DO UPDATE SET record = EXCLUDED.record, \
                    revision = EXCLUDED.revision, due_at = EXCLUDED.due_at, \
                    keep_by = EXCLUDED.keep_by, rescued = EXCLUDED.rescued) \
             SELECT 1::bigint FROM fact"
        )
    }

    /// `$1` key, `$2` the mark that the store must have, or NULL. A row if it has it. A holder that
    /// comes back finds that it has lost its claim.
    pub(crate) fn remove(&self) -> String {
        let schema = &self.schema;
        format!(
            "WITH fact AS (SELECT 1 FROM {schema}.meta AS m \
                WHERE $2::text IS NULL OR m.mark = $2), \
             aside AS (DELETE FROM {schema}.kept_aside \
                WHERE key = $1 AND EXISTS (SELECT FROM fact)), \
             removed AS (DELETE FROM {schema}.session \
                WHERE key = $1 AND EXISTS (SELECT FROM fact)) \
             SELECT 1::bigint FROM fact"
        )
    }
}
