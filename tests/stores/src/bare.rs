//! The floors: the writes and requests that the work needs in any case, without a store.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Statement;
use tokio::runtime::Runtime;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};
use twoba_core::Change;
use twoba_measure::Fault;

use crate::access::{Access, CLIENT, PASSWORD, SECRET, USER, key};
use crate::plan::{AT_ONCE, GRANTS, PROCESSES};

/// The schema with the same tables, which no store uses.
pub(crate) const SCHEMA: &str = "floor";

/// Replaces a file as a whole, so that either is there after a crash.
pub(crate) fn replace_file(folder: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let writing: PathBuf = folder.join("writing");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).open(&writing)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&writing, folder.join("record"))?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// A value of a statement, with its type.
type Value<'v> = (&'v (dyn ToSql + Sync), Type);

/// The dates of a change as columns.
fn dates(change: &Change) -> [Option<i64>; 2] {
    [change.due_at(), change.keep_by()].map(|date| date.map(|date| date.unix_millis()))
}

/// Replaces a record in the table of a store in SQLite, if it is still the expected one.
pub(crate) const UPDATE_IN_SQLITE: &str =
    "UPDATE session SET record = ?2, due_at = ?3, keep_by = ?4 WHERE key = ?1 AND record = ?5";

/// Carries out that statement.
pub(crate) fn replace_in_sqlite(
    update: &mut Statement<'_>,
    key: &str,
    change: &Change,
    [old, new]: [&[u8]; 2],
) -> Result<(), Fault> {
    let [due_at, keep_by] = dates(change);
    match update.execute((key, new, due_at, keep_by, old))? {
        1 => Ok(()),
        _ => Err("nothing was updated".into()),
    }
}

/// Replaces a record in the table of a store in PostgreSQL, if it is still the expected one.
pub(crate) async fn replace_in_postgres(
    client: &Client,
    key: &str,
    change: &Change,
    record: &[u8],
) -> Result<(), Fault> {
    let expected = change
        .expected()
        .map(|revision| revision.to_bytes().to_vec());
    let [due_at, keep_by] = dates(change);
    let revision = change.revision().to_bytes();
    let update = format!(
        "UPDATE {SCHEMA}.session SET record = $2, revision = $3, due_at = $4, keep_by = $5 \
         WHERE key = $1 AND revision = $6 RETURNING 1::bigint"
    );
    let values: [Value<'_>; 6] = [
        (&key.as_bytes(), Type::BYTEA),
        (&record, Type::BYTEA),
        (&revision.as_slice(), Type::BYTEA),
        (&due_at, Type::INT8),
        (&keep_by, Type::INT8),
        (&expected, Type::BYTEA),
    ];
    match client.query_typed(&update, &values).await?.as_slice() {
        [_] => Ok(()),
        _ => Err("nothing was updated".into()),
    }
}

/// Connects as the store does.
pub(crate) async fn connect(access: &Access) -> Result<Client, Fault> {
    let mut config = Config::new();
    config.host("127.0.0.1").port(access.port);
    config.user("admin").dbname("postgres");
    let (client, connection) = config.connect(NoTls).await?;
    drop(tokio::spawn(connection));
    Ok(client)
}

/// What a refresh is made of: three statements that change the row, and a request.
#[derive(Debug)]
pub(crate) struct Floor {
    lanes: Vec<Lane>,
}

/// One after the other over one connection each.
#[derive(Debug)]
struct Lane {
    client: Client,
    http: reqwest::Client,
    endpoint: String,
    token: String,
}

impl Floor {
    pub(crate) fn open(runtime: &Runtime, access: &Access) -> Result<Self, Fault> {
        // It fails where somebody has done it before, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().build()?;
        let lanes = (0..AT_ONCE).map(|_| {
            runtime.block_on(async {
                let mut lane = Lane {
                    client: connect(access).await?,
                    http: http.clone(),
                    endpoint: access.token_endpoint(),
                    token: String::new(),
                };
                let login = format!("grant_type=password&username={USER}&password={PASSWORD}");
                lane.ask(&login).await?;
                Ok::<_, Fault>(lane)
            })
        });
        Ok(Self {
            lanes: lanes.collect::<Result<_, _>>()?,
        })
    }

    /// How often all of it was done before the time was over.
    pub(crate) fn refresh_for(
        self,
        runtime: &Runtime,
        span: Duration,
        process: usize,
    ) -> Result<u64, Fault> {
        let until = Instant::now() + span;
        runtime.block_on(async {
            let mut tasks = Vec::new();
            for (number, mut lane) in self.lanes.into_iter().enumerate() {
                let first = process + number * PROCESSES;
                tasks.push(tokio::spawn(async move {
                    let mut count = 0;
                    for number in (first..).step_by(AT_ONCE * PROCESSES) {
                        if Instant::now() >= until {
                            break;
                        }
                        lane.refresh(&key(number % GRANTS)).await?;
                        count += 1;
                    }
                    Ok::<_, Fault>(count)
                }));
            }
            let mut all = 0;
            for task in tasks {
                all += task.await??;
            }
            Ok(all)
        })
    }
}

impl Lane {
    async fn refresh(&mut self, key: &str) -> Result<(), Fault> {
        self.update(
            "holder = revision, claimed_until = clock_timestamp(), fence = fence + 1",
            key,
        )
        .await?;
        self.update("record = record || ''::bytea", key).await?;
        let refresh = format!("grant_type=refresh_token&refresh_token={}", self.token);
        self.ask(&refresh).await?;
        let last = "record = record || ''::bytea, due_at = due_at + 1000, claimed_until = NULL";
        self.update(last, key).await
    }

    async fn update(&self, values: &str, key: &str) -> Result<(), Fault> {
        let update = format!("UPDATE {SCHEMA}.session SET {values} WHERE key = $1 RETURNING 1");
        let key = key.as_bytes();
        let values: [Value<'_>; 1] = [(&key, Type::BYTEA)];
        match self.client.query_typed(&update, &values).await?.as_slice() {
            [_] => Ok(()),
            _ => Err("nothing was updated".into()),
        }
    }

    async fn ask(&mut self, grant: &str) -> Result<(), Fault> {
        let form = format!("client_id={CLIENT}&client_secret={SECRET}&{grant}");
        let request = self.http.post(&self.endpoint);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form).send().await?.error_for_status()?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await?)?;
        let token = answer.get("refresh_token").and_then(|token| token.as_str());
        let token = token.ok_or("no refresh token")?;
        self.token.clear();
        for byte in token.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.token.push(char::from(byte));
                }
                other => self.token.push_str(&format!("%{other:02X}")),
            }
        }
        Ok(())
    }
}
