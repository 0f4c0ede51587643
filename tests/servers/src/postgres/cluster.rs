//! A cluster: made, started, stopped in different ways, frozen, and asked by `psql`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use twoba_testkit::Running;

use super::user::{User, free_port};

/// A cluster is made and started in about a second.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts a cluster, says its process id, and stops it at the end of the input.
const SCRIPT: &str = r#"
"$1/pg_ctl" -w -s -D "$2" -l "$3" -o "$4" start || exit 1
head -n 1 "$2/postmaster.pid"
read -r how
"$1/pg_ctl" -w -s -D "$2" -m "${how:-immediate}" stop
"#;

/// A cluster of PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    user: User,
    port: u16,
    settings: Vec<String>,
    running: Option<(Running, u32)>,
}

/// How a cluster is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Clients are told, and everything is written.
    Fast,
    /// As by a crash.
    Immediate,
}

impl Postgres {
    /// Makes and starts a cluster with the programs in a folder, and with these settings: `NAME=VALUE` each. Its
    /// superuser is `admin`, and nobody has a password.
    ///
    /// # Errors
    ///
    /// - a program of PostgreSQL fails
    pub fn start(programs: &Path, settings: &[&str]) -> Result<Self> {
        let mut cluster = Self::folder_for(programs, settings)?;
        let mut init = cluster.program("initdb");
        init.args([
            "--auth=trust",
            "--username=admin",
            "--encoding=UTF8",
            "--no-locale",
        ]);
        init.args(["--no-sync", "--wal-segsize=1", "--pgdata"])
            .arg(cluster.data());
        succeed(&mut init, "")?;
        cluster.go_on()?;
        Ok(cluster)
    }

    /// Starts a replica of it.
    ///
    /// # Errors
    ///
    /// - a program of PostgreSQL fails
    pub fn replica(&self) -> Result<Self> {
        let mut replica = Self::folder_for(&self.programs, &[])?;
        let mut copy = self.program("pg_basebackup");
        copy.arg("--host").arg(self.folder.path());
        copy.args(["--port", &self.port.to_string(), "--username=admin"]);
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        succeed(copy.arg("--pgdata").arg(replica.data()), "")?;
        replica.go_on()?;
        Ok(replica)
    }

    fn folder_for(programs: &Path, settings: &[&str]) -> Result<Self> {
        let user = User::find()?;
        let folder = tempfile::Builder::new()
            .prefix("twoba-postgres-")
            .tempdir()?;
        user.own(folder.path())?;
        Ok(Self {
            programs: programs.to_path_buf(),
            folder,
            user,
            port: free_port()?,
            settings: settings
                .iter()
                .map(|setting| (*setting).to_owned())
                .collect(),
            running: None,
        })
    }

    /// The folder of the server's Unix socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it again after it was stopped.
    ///
    /// # Errors
    ///
    /// - a program of PostgreSQL fails; the error has the end of its log
    pub fn go_on(&mut self) -> Result<()> {
        let mut options = format!(
            "-k {} -p {} -c listen_addresses=127.0.0.1 -c max_connections=200",
            self.folder.path().display(),
            self.port
        );
        for setting in &self.settings {
            options.push_str(&format!(" -c {setting}"));
        }
        let mut shell = self.user.command(Path::new("sh"));
        shell
            .args(["-c", SCRIPT, "sh"])
            .arg(&self.programs)
            .arg(self.data());
        shell
            .arg(self.log_file())
            .arg(options)
            .current_dir(self.folder.path());
        let mut running = Running::start(&mut shell).context("start a shell")?;
        let line = running
            .stdout_line(LIMIT)
            .context("PostgreSQL was not ready in time")?;
        let Some(pid) = line.and_then(|line| line.trim().parse().ok()) else {
            bail!("PostgreSQL does not start: {}", self.log());
        };
        self.running = Some((running, pid));
        Ok(())
    }

    /// Stops it.
    ///
    /// # Errors
    ///
    /// - it does not end
    pub fn stop(&mut self, how: Stop) -> Result<()> {
        let Some((mut running, _)) = self.running.take() else {
            return Ok(());
        };
        running.write_line(match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        })?;
        let ended = running.finish(LIMIT)?;
        ensure!(
            ended.status.success(),
            "PostgreSQL does not stop: {}",
            ended.stderr
        );
        Ok(())
    }

    /// Stops all its processes where they are (`SIGSTOP`), or has them go on.
    ///
    /// # Errors
    ///
    /// - they are not there
    pub fn freeze(&self, frozen: bool) -> Result<()> {
        let (_, pid) = self.running.as_ref().context("it does not run")?;
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let signal = if frozen { "-STOP" } else { "-CONT" };
        succeed(Command::new("kill").arg(signal).arg(pid.to_string()), "")?;
        for child in children.split_ascii_whitespace() {
            let sent = succeed(Command::new("kill").arg(signal).arg(child), "");
            // It may have come to its end meanwhile.
            if Path::new("/proc").join(child).exists() {
                sent?;
            }
        }
        Ok(())
    }

    /// The port on which it listens, at 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with its socket, its log and its data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder with its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A program of PostgreSQL, run by the user of the cluster.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        let mut command = self.user.command(&self.programs.join(name));
        command.current_dir(self.folder.path());
        command
    }

    /// A program of PostgreSQL that logs in at a database as `admin`.
    #[must_use]
    pub fn client(&self, name: &str, database: &str) -> Command {
        let mut command = self.program(name);
        command.arg("--host").arg(self.folder.path());
        command.args(["--port", &self.port.to_string(), "--username=admin"]);
        command.args(["--dbname", database]);
        command
    }

    /// Runs SQL as `admin`; what it says, a line for each row, with `|` between columns.
    ///
    /// # Errors
    ///
    /// - a statement fails
    pub fn sql(&self, database: &str, text: &str) -> Result<String> {
        let mut psql = self.client("psql", database);
        psql.args(["-XAtq", "--set=ON_ERROR_STOP=1"]);
        succeed(&mut psql, text)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its folder goes in any case.
        self.freeze(false).unwrap_or_default();
        self.stop(Stop::Immediate).unwrap_or_default();
    }
}

/// Runs a command that has to succeed, with this input; its standard output.
pub(super) fn succeed(command: &mut Command, input: &str) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().with_context(|| format!("start {name}"))?;
    let mut stdin = child.stdin.take().context("no input")?;
    let input = input.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    drop(writing.join());
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} fails: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
