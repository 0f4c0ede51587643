CREATE SCHEMA IF NOT EXISTS {schema};

-- Facts of the store. The one row is made once, and never by a program that only uses the store.
CREATE TABLE IF NOT EXISTS {schema}.meta (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- The newest schema that these tables have.
    schema_version integer NOT NULL,
    -- The oldest schema that a program has to know to refresh sessions here.
    least_program integer NOT NULL,
    -- How records are protected, and with which key they are written.
    protection text NOT NULL,
    -- The cluster and the database. A copy of the tables says something else than its server.
    home text NOT NULL
);

-- Since schema 2: the mark of a move. As long as it is there, no session is claimed, and no login or
-- logout is written. Programs of schema 1 do not look at it: whoever sets it raises least_program.
ALTER TABLE {schema}.meta ADD COLUMN IF NOT EXISTS mark text;

-- Sessions. A refresh updates its row three times: the claim and the intent stay in their page
-- (HOT), if there is room in it.
CREATE TABLE IF NOT EXISTS {schema}.session (
    -- In UTF-8, whatever the encoding of the database is.
    key bytea PRIMARY KEY,
    -- NULL: nobody has logged in, and somebody has claimed the key.
    record bytea,
    -- 16 bytes of the digest of the record, before it was sealed.
    revision bytea,
    -- Milliseconds since 1970.
    due_at bigint,
    keep_by bigint,
    -- A grant that could not be stored in its place. It stands in the same row, so that a claim
    -- sees it, and the change that ends it removes it.
    rescued bytea,
    -- The claim: a random name, the process for people, until when, and a number that each claim
    -- raises.
    holder bytea,
    holder_place text,
    claimed_until timestamptz,
    fence bigint NOT NULL DEFAULT 0
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 1
);
ALTER TABLE {schema}.session ADD COLUMN IF NOT EXISTS rescued bytea;
CREATE INDEX IF NOT EXISTS session_due_at
    ON {schema}.session (due_at, key) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS session_keep_by
    ON {schema}.session (keep_by, key) WHERE keep_by IS NOT NULL;

-- Bytes that no session could read, replaced by a login or a logout.
CREATE TABLE IF NOT EXISTS {schema}.kept_aside (
    key bytea NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    kept_at timestamptz NOT NULL DEFAULT now(),
    record bytea NOT NULL,
    PRIMARY KEY (key, number)
);

-- Rows to write where a program asks whether it could.
CREATE TABLE IF NOT EXISTS {schema}.probe (
    slot integer PRIMARY KEY,
    written_at timestamptz
) WITH (fillfactor = 10);
INSERT INTO {schema}.probe (slot) SELECT generate_series(0, 15) ON CONFLICT DO NOTHING;

INSERT INTO {schema}.meta (schema_version, least_program, protection, home)
    SELECT {version}, {least_program}, '{protection}', {home}
    ON CONFLICT DO NOTHING;
UPDATE {schema}.meta SET schema_version = {version} WHERE schema_version < {version};
