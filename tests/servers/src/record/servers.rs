//! The servers that are recorded: where their endpoints are, who is known there, and how each is started.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use twoba_emulator::Emulator;

use super::stable::Alphabet;
use crate::started;

/// A server to be recorded.
#[derive(Debug)]
pub(super) struct Server {
    /// The word on the command line.
    pub(super) name: &'static str,
    /// The folder below `fixtures/`.
    pub(super) folder: &'static str,
    /// What it is called in the note, and where it comes from.
    pub(super) product: &'static str,
    pub(super) origin: &'static str,
    /// The file and the words before the version in it.
    pub(super) version: (&'static str, &'static str),
    /// Whether it needs what is prepared under its name.
    pub(super) needs: bool,
    /// Starts it with what it needs.
    pub(super) start: fn(&Path) -> Result<Serving>,
    pub(super) alphabet: Alphabet,
    pub(super) password_client: Credentials,
    pub(super) code_client: Credentials,
    pub(super) paths: Paths,
}

/// A server that runs; it ends with this value.
pub(super) struct Serving {
    pub(super) address: SocketAddr,
    _alive: Box<dyn Any>,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serving({})", self.address)
    }
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

const APPLICATION: Credentials = Credentials {
    id: "myApplication",
    secret: "myApplicationSecret",
};

pub(super) static SERVERS: [Server; 3] = [
    Server {
        name: "django",
        folder: "django-oauth-toolkit",
        product: "django-oauth-toolkit",
        origin: "Started by [serve.py](../../tests/servers/django/README.md).",
        needs: true,
        start: |python| {
            let state = tempfile::tempdir()?;
            let server = started::django(python, state.path())?;
            Ok(Serving {
                address: server.addr(),
                _alive: Box::new((server, state)),
            })
        },
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
        product: "oidc-provider",
        origin: "Started by [serve.mjs](../../tests/servers/oidc-provider/README.md).",
        needs: true,
        start: |packages| {
            let server = started::oidc_provider(packages, &[])?;
            Ok(Serving {
                address: server.addr(),
                _alive: Box::new(server),
            })
        },
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
        product: "twoba-emulator",
        origin: "It is this project's own [emulator](../../docs/emulator.md): these answers prove nothing about others.",
        needs: false,
        start: |_| {
            let server = Emulator::builder().start()?;
            Ok(Serving {
                address: server.addr(),
                _alive: Box::new(server),
            })
        },
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
