//! The servers that are recorded: where their endpoints are, who is known there, and how each is started.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::stable::Alphabet;
use crate::interop::{self, Environment, Purpose};
use crate::process::{cargo, program};

const DJANGO: &str = "tests/servers/django";
const OIDC: &str = "tests/servers/oidc-provider";

/// Servers take a second or less.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server to be recorded.
#[derive(Debug)]
pub(super) struct Server {
    /// The word on the command line.
    pub(super) name: &'static str,
    /// The folder below `fixtures/`.
    pub(super) folder: &'static str,
    pub(super) start: fn(&Path, &Path) -> Result<Start>,
    /// The file and the words before the version in it.
    pub(super) version: (&'static str, &'static str),
    pub(super) alphabet: Alphabet,
    pub(super) password_client: Credentials,
    pub(super) code_client: Credentials,
    pub(super) paths: Paths,
}

/// A client that the server knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credentials {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
}

impl Credentials {
    pub(super) fn fields(self) -> Vec<(&'static str, &'static str)> {
        vec![("client_id", self.id), ("client_secret", self.secret)]
    }
}

#[derive(Debug)]
pub(super) struct Paths {
    pub(super) metadata: &'static str,
    pub(super) authorization: &'static str,
    pub(super) token: &'static str,
    pub(super) revocation: &'static str,
    pub(super) introspection: Option<&'static str>,
    pub(super) service: &'static str,
}

/// Whether a server runs.
#[derive(Debug)]
pub(crate) enum Start {
    Running(Running),
    /// It cannot on this machine, for this reason.
    Unavailable(String),
}

const APPLICATION: Credentials = Credentials {
    id: "myApplication",
    secret: "myApplicationSecret",
};

pub(super) static SERVERS: [Server; 3] = [
    Server {
        name: "django",
        folder: "django-oauth-toolkit",
        start: django,
        version: (
            "tests/servers/django/requirements.txt",
            "django-oauth-toolkit==",
        ),
        alphabet: Alphabet::Alphanumeric,
        password_client: APPLICATION,
        code_client: Credentials {
            id: "myWebApplication",
            secret: "myWebApplicationSecret",
        },
        paths: Paths {
            metadata: "/.well-known/oauth-authorization-server/o",
            authorization: "/o/authorize/",
            token: "/o/token/",
            revocation: "/o/revoke_token/",
            introspection: Some("/o/introspect/"),
            service: "/1/json/Product/Search?query=kabelgoot",
        },
    },
    Server {
        name: "oidc",
        folder: "oidc-provider",
        start: oidc_provider,
        version: (
            "tests/servers/oidc-provider/package.json",
            "\"oidc-provider\": \"",
        ),
        alphabet: Alphabet::Base64Url,
        password_client: APPLICATION,
        code_client: APPLICATION,
        paths: Paths {
            metadata: "/.well-known/oauth-authorization-server",
            authorization: "/auth",
            token: "/token",
            revocation: "/token/revocation",
            introspection: Some("/token/introspection"),
            service: "/me",
        },
    },
    Server {
        name: "emulator",
        folder: "emulator",
        start: emulator,
        version: ("Cargo.toml", "version = \""),
        alphabet: Alphabet::Base64Url,
        password_client: APPLICATION,
        code_client: APPLICATION,
        paths: Paths {
            metadata: "/.well-known/oauth-authorization-server",
            authorization: "/OAuth/Authorize",
            token: "/OAuth/Token",
            revocation: "/connect/revocation",
            introspection: Some("/connect/introspect"),
            service: "/1/json/Product/Search?query=kabelgoot",
        },
    },
];

/// A server's process; it ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a server that says by one line of JSON where it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // A pipe that stays open: servers end when their standard input does.
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().context("start the server")?;
        let out = child.stdout.take().context("the server has no output")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(out).read_line(&mut line);
            // Nobody waits any more: the limit is over.
            let _unheard: Result<(), _> = sender.send(read.map(|_| line));
        });
        // From here on the process ends, whatever fails.
        let mut running = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let line = lines.recv_timeout(START_LIMIT);
        let line = line.context("the server was not ready in time")??;
        let ready: serde_json::Value =
            serde_json::from_str(&line).context("the server ended before it was ready")?;
        let url = ready.get("url").and_then(serde_json::Value::as_str);
        let address = url.and_then(|url| url.strip_prefix("http://"));
        running.address = address.context("the server has no address")?.parse()?;
        Ok(running)
    }

    /// Its process, which may be over.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone: std::io::Result<()> = self.child.kill();
        let _status: std::io::Result<_> = self.child.wait();
    }
}

fn django(root: &Path, target: &Path) -> Result<Start> {
    let python = match environment(&interop::DJANGO, root, target)? {
        Environment::Ready(python) => python,
        Environment::Unavailable(why) => return Ok(Start::Unavailable(why)),
    };
    let state = target.join("xtask").join("django-to-record");
    if state.exists() {
        fs::remove_dir_all(&state)?;
    }
    let mut command = program(&root.join(DJANGO), python);
    command.args(["serve.py", "--folder"]).arg(state);
    Ok(Start::Running(Running::start(&mut command)?))
}

fn oidc_provider(root: &Path, target: &Path) -> Result<Start> {
    oidc_provider_with(root, target, &[])
}

/// Starts it with these arguments.
pub(crate) fn oidc_provider_with(root: &Path, target: &Path, options: &[&str]) -> Result<Start> {
    let folder = match environment(&interop::OIDC_PROVIDER, root, target)? {
        Environment::Ready(folder) => folder,
        Environment::Unavailable(why) => return Ok(Start::Unavailable(why)),
    };
    // Node looks for modules beside the script, so the script goes to them.
    fs::copy(root.join(OIDC).join("serve.mjs"), folder.join("serve.mjs"))?;
    let mut command = program(&folder, "node");
    // What the library says of its own set-up is for operators.
    command.arg("serve.mjs").args(options).stderr(Stdio::null());
    Ok(Start::Running(Running::start(&mut command)?))
}

/// The environment that a server runs in.
fn environment(purpose: &Purpose, root: &Path, target: &Path) -> Result<Environment> {
    let workshop = target.join("interop");
    fs::create_dir_all(&workshop)?;
    purpose.prepare(root, &workshop)
}

fn emulator(root: &Path, target: &Path) -> Result<Start> {
    let built = cargo(root)
        .args(["build", "--quiet", "--package", "twoba-cli"])
        .status()?;
    if !built.success() {
        bail!("twoba-cli does not build");
    }
    let twoba = format!("twoba{}", std::env::consts::EXE_SUFFIX);
    let mut command = program(root, target.join("debug").join(twoba));
    command.args(["emulator", "--quiet"]);
    Ok(Start::Running(Running::start(&mut command)?))
}
