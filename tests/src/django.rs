//! Decides how the server that others wrote is started and its pages walked; what it should answer, the tests know.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use twoba_core::{Endpoint, Provider};
use twoba_testkit::{Running, fixture};

use crate::browser::{Browser, location};
use crate::prepared::prepared;
use crate::{PASSWORD, USER};

/// Tells which Python can run the server; `cargo xtask test interop` makes one.
const PYTHON: &str = "TWOBA_DJANGO_PYTHON";

/// The server takes half a second to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// django-oauth-toolkit on a free port; ends with this value.
#[derive(Debug)]
pub struct Django {
    url: String,
    _server: Running,
    _state: TempDir,
}

/// What the user says on the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Yes.
    Allow,
    /// No.
    Cancel,
}

impl Django {
    /// The server, or `None` where this machine cannot run it: see [`prepared`].
    #[must_use]
    pub fn start() -> Option<Self> {
        let python = prepared(PYTHON)?;
        let state = tempfile::tempdir().unwrap();
        let mut server = Running::start(
            Command::new(python)
                .arg("serve.py")
                .arg("--folder")
                .arg(state.path())
                .current_dir(fixture::workspace().join("tests/servers/django")),
        )
        .unwrap();
        let line = server.stdout_line(START_LIMIT).unwrap();
        let line = line.expect("the server ended before it was ready");
        let ready: Value = serde_json::from_str(&line).unwrap();
        Some(Self {
            url: ready.get("url").and_then(Value::as_str).unwrap().to_owned(),
            _server: server,
            _state: state,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The address of a path.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// It as a provider with the RFC's rules.
    #[must_use]
    pub fn provider(&self) -> Provider {
        let endpoint = |path: &str| Endpoint::parse(&self.at(path)).unwrap();
        Provider::custom(endpoint("/o/token/"))
            .with_authorization_endpoint(endpoint("/o/authorize/"))
            .with_revocation_endpoint(endpoint("/o/revoke_token/"))
            .with_service_base(endpoint("/1/json/"))
    }

    /// Walks from the authorization URL over login and consent; returns where the browser is sent
    /// in the end.
    #[must_use]
    pub fn walk(&self, url: &str, consent: Consent) -> String {
        let mut browser = Browser::new(self.addr());
        let to_login = browser.get(url);
        let login = location(&to_login).to_owned();
        let page = browser.get(&login);
        let typed = [("username", USER), ("password", PASSWORD)];
        let logged_in = browser.submit(&login, &page, &typed);
        let authorize = location(&logged_in).to_owned();
        let page = browser.get(&authorize);
        let typed: &[_] = match consent {
            Consent::Allow => &[("allow", "Authorize")],
            Consent::Cancel => &[],
        };
        let decided = browser.submit(&authorize, &page, typed);
        location(&decided).to_owned()
    }
}
