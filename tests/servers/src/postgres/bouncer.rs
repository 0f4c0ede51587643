//! PgBouncer before a cluster, in transaction mode: each statement may get another connection.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use twoba_testkit::Running;

use super::cluster::Postgres;
use super::user::{User, free_port};

const LIMIT: Duration = Duration::from_secs(30);

/// Starts a pooler, and stops it at the end of the input.
const SCRIPT: &str = r#"
"$1" "$2" & pid=$!
read -r _
kill "$pid"
wait "$pid"
"#;

/// A pooler.
#[derive(Debug)]
pub struct PgBouncer {
    running: Option<Running>,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts a pooler for all databases of a cluster and for these users, who need no password. It has few
    /// connections, so that clients have to share them.
    ///
    /// # Errors
    ///
    /// - it does not start
    pub fn start(program: &Path, cluster: &Postgres, users: &[&str]) -> Result<Self> {
        let user = User::find()?;
        let folder = tempfile::Builder::new()
            .prefix("twoba-pgbouncer-")
            .tempdir()?;
        let port = free_port()?;
        let write = |name: &str, text: String| -> Result<_> {
            let path = folder.path().join(name);
            fs::write(&path, text)?;
            user.own(&path)?;
            Ok(path)
        };
        let names: Vec<String> = users
            .iter()
            .map(|name| format!("\"{name}\" \"\"\n"))
            .collect();
        let names = write("users", names.concat())?;
        let settings = write(
            "settings",
            format!(
                "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\n\
                 unix_socket_dir=\nauth_type=trust\nauth_file={}\npool_mode=transaction\ndefault_pool_size=3\n\
                 max_client_conn=500\nquery_wait_timeout=20\n",
                cluster.folder().display(),
                cluster.port(),
                names.display(),
            ),
        )?;
        user.own(folder.path())?;
        let mut shell = user.command(Path::new("sh"));
        shell.args(["-c", SCRIPT, "sh"]).arg(program).arg(settings);
        let mut running = Running::start(&mut shell).context("start a shell")?;
        loop {
            let line = running
                .stderr_line(LIMIT)
                .context("PgBouncer was not ready in time")?;
            let line = line.context("PgBouncer does not start")?;
            if line.contains("process up") {
                break;
            }
        }
        Ok(Self {
            running: Some(running),
            port,
            _folder: folder,
        })
    }

    /// The port on which it listens, at 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.finish(LIMIT));
        }
    }
}
