//! Decides how a server is started and where it listens; what it is asked is the caller's part.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use twoba_testkit::{Running, fixture};

/// Servers take a second or less.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server's process; it ends with this value.
#[derive(Debug)]
pub struct Started {
    process: Running,
    address: SocketAddr,
}

impl Started {
    /// Starts a server that says by one line of JSON where it listens: `{"url": "http://ADDRESS"}`.
    ///
    /// # Errors
    ///
    /// - the command cannot be started, or ends or says something else before it is ready
    pub fn new(command: &mut Command) -> Result<Self> {
        let mut process = Running::start(command).context("start the server")?;
        let line = process.stdout_line(START_LIMIT);
        let line = line.context("the server was not ready in time")?;
        let line = line.context("the server ended before it was ready")?;
        let ready: Value = serde_json::from_str(&line).context("the server says something else")?;
        let url = ready.get("url").and_then(Value::as_str);
        let address = url.and_then(|url| url.strip_prefix("http://"));
        let address = address.context("the server has no address")?.parse()?;
        Ok(Self { process, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its process, which may be over.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }
}

/// Starts django-oauth-toolkit in a Python that has it, with its state in a folder.
///
/// # Errors
///
/// - as for [`Started::new`]
pub fn django(python: &Path, state: &Path) -> Result<Started> {
    let mut command = Command::new(python);
    command.args(["serve.py", "--folder"]).arg(state);
    Started::new(command.current_dir(fixture::workspace().join("tests/servers/django")))
}

/// Starts oidc-provider with the packages in a folder, and with these options.
///
/// # Errors
///
/// - the script cannot be copied to the packages
/// - as for [`Started::new`]
pub fn oidc_provider(packages: &Path, options: &[&str]) -> Result<Started> {
    // Node looks for modules beside the script, so the script goes to them.
    let script = fixture::workspace().join("tests/servers/oidc-provider/serve.mjs");
    fs::copy(script, packages.join("serve.mjs")).context("copy serve.mjs")?;
    let mut command = Command::new("node");
    command.arg("serve.mjs").args(options);
    Started::new(command.current_dir(packages))
}
