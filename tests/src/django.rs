//! Decides how the server that others wrote is set up and its pages walked; what it should answer, the tests know.

use std::net::SocketAddr;

use tempfile::TempDir;
use twoba_core::{Endpoint, Provider};
use twoba_servers::Started;

use crate::browser::{Browser, location};
use crate::prepared::prepared;
use crate::{PASSWORD, USER};

/// Tells which Python can run the server; `cargo xtask test interop` makes one.
const PYTHON: &str = "TWOBA_DJANGO_PYTHON";

/// django-oauth-toolkit on a free port; ends with this value.
#[derive(Debug)]
pub struct Django {
    // The server ends before its state goes.
    server: Started,
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
        let server = twoba_servers::django(&python, state.path()).unwrap();
        Some(Self {
            server,
            _state: state,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// The address of a path.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr())
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
