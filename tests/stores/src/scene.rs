//! A PostgreSQL with the tables of a store and those of its floor, an emulator, and a folder on the same disk.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use twoba_emulator::Emulator;
use twoba_measure::Fault;
use twoba_servers::postgres::Postgres;
use twoba_store::Protection;
use twoba_store::seal::EncryptionKey;
use twoba_store_postgres::PostgresStore;

use crate::access::Access;
use crate::bare::SCHEMA;
use crate::crew::Crew;
use crate::plan::GRANTS;
use crate::say::say;

/// No token ends while something is measured.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);

/// Servers and a folder, which end with this value.
#[derive(Debug)]
pub(crate) struct Scene {
    cluster: Postgres,
    folder: TempDir,
    emulator: Emulator,
    /// That of the floor, whose logins would let the other one forget grants.
    second: Emulator,
    runtime: Runtime,
    filled: OnceLock<()>,
}

impl Scene {
    pub(crate) fn start() -> Result<Self, Fault> {
        let programs = env::var_os("TWOBA_POSTGRES").map(PathBuf::from);
        let programs =
            programs.ok_or("TWOBA_POSTGRES is not set: run `cargo xtask bench stores`")?;
        let scene = Self {
            cluster: Postgres::start(&programs, &["max_wal_size=2GB"])?,
            folder: tempfile::Builder::new().prefix("twoba-stores-").tempdir()?,
            emulator: Emulator::builder().token_lifetime(TOKEN_LIFETIME).start()?,
            second: Emulator::builder().start()?,
            runtime: Runtime::new()?,
            filled: OnceLock::new(),
        };
        scene.make_key()?;
        let builder = scene
            .access()
            .builder()?
            .runtime(scene.runtime.handle().clone());
        drop(scene.runtime.block_on(builder.migrate())?);
        let floor = PostgresStore::migrations(SCHEMA, Protection::Plain)?;
        scene.sql(&floor)?;
        Ok(scene)
    }

    fn make_key(&self) -> Result<(), Fault> {
        let key = EncryptionKey::random()?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600);
        writeln!(file.open(self.keys())?, "{}", *key.to_base64())?;
        Ok(())
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(crate) fn access(&self) -> Access {
        Access {
            port: self.cluster.port(),
            keys: self.keys(),
            url: self.emulator.url().to_owned(),
        }
    }

    /// The same for the floor.
    pub(crate) fn access_of_floor(&self) -> Access {
        Access {
            url: self.second.url().to_owned(),
            ..self.access()
        }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A folder of this name that is there.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf, Fault> {
        let path: &Path = self.folder.path();
        let path = path.join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Runs SQL; what it says.
    pub(crate) fn sql(&self, text: &str) -> Result<String, Fault> {
        Ok(self.cluster.sql("postgres", text)?)
    }

    /// One number that SQL says.
    pub(crate) fn number(&self, text: &str) -> Result<f64, Fault> {
        Ok(self.sql(text)?.trim().parse()?)
    }

    /// How many refreshes the emulator has granted, and how many it has refused.
    pub(crate) fn rotations(&self) -> (u64, u64) {
        let counts = self.emulator.counts();
        (counts.rotations, counts.refused + counts.reuse)
    }

    /// Logs in everybody, once in a run.
    pub(crate) fn fill(&self) -> Result<(), Fault> {
        if self.filled.get().is_none() {
            say(&format!("{GRANTS} logins"));
            Crew::start("fill", &self.access())?.work(Duration::ZERO)?;
            self.sql(&format!(
                "INSERT INTO {SCHEMA}.session SELECT * FROM twoba.session ON CONFLICT DO NOTHING; \
                 VACUUM ANALYZE; CHECKPOINT;"
            ))?;
            self.filled.get_or_init(|| ());
        }
        Ok(())
    }
}
