//! The clients and users of an emulator, with their secrets and redirect URIs.

use std::collections::HashMap;

use serde::Serialize;

use crate::public_key::PublicKey;
use crate::secret::Secret;

/// An application that the emulator knows.
///
/// ```
/// use twoba_emulator::RegisteredClient;
///
/// let client = RegisteredClient::confidential("shop", "shopSecret")
///     .with_redirect_uri("https://shop.example/callback");
/// assert_eq!(client.id(), "shop");
/// ```
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    id: String,
    secret: Option<Secret>,
    redirect_uris: Vec<String>,
    keys: Vec<PublicKey>,
    /// The allowed scopes; absent if the client may ask for any.
    scopes: Option<Vec<String>>,
}

impl RegisteredClient {
    /// Makes a client that authenticates with a secret.
    #[must_use]
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: Some(Secret::new(secret)),
            redirect_uris: Vec::new(),
            keys: Vec::new(),
            scopes: None,
        }
    }

    /// Makes a client without a secret. It has to use PKCE and may not use the password grant.
    #[must_use]
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            redirect_uris: Vec::new(),
            keys: Vec::new(),
            scopes: None,
        }
    }

    /// Makes a client that authenticates with a private key, by an assertion in each request (RFC
    /// 7523).
    #[must_use]
    pub fn signing(id: impl Into<String>, key: PublicKey) -> Self {
        Self {
            keys: vec![key],
            ..Self::public(id)
        }
    }

    /// Adds a key. A client with a secret may have keys too.
    #[must_use]
    pub fn with_key(mut self, key: PublicKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Sets the scopes that the client may ask for. Without this, it may ask for any scope. A
    /// client that asks for none by client credentials gets all of them.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a redirect URI, which is compared byte for byte.
    ///
    /// Every client has `http://127.0.0.1`, `http://[::1]` and `http://localhost` on any port and
    /// path without registration.
    #[must_use]
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// The client id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the client has no secret and no key.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.secret.is_none() && self.keys.is_empty()
    }

    /// Whether one of the client's keys has signed `input` by the algorithm of that name.
    pub(crate) fn has_signed(&self, algorithm: &str, input: &[u8], signature: &[u8]) -> bool {
        let signed = |key: &PublicKey| key.has_signed(algorithm, input, signature);
        self.keys.iter().any(signed)
    }

    /// Whether the client may ask for this scope.
    pub(crate) fn may_ask_for(&self, scope: &str) -> bool {
        let known = |scopes: &Vec<String>| scopes.iter().any(|known| known == scope);
        self.scopes.as_ref().is_none_or(known)
    }

    /// All scopes that the client may ask for, joined by spaces, if they are known.
    pub(crate) fn all_scopes(&self) -> Option<String> {
        self.scopes.as_ref().map(|scopes| scopes.join(" "))
    }

    /// Whether `offered` is this client's secret. `None` is right for public clients only.
    pub(crate) fn proves_itself(&self, offered: Option<&str>) -> bool {
        match (&self.secret, offered) {
            (None, None) => self.keys.is_empty(),
            (Some(secret), Some(offered)) => secret.matches(offered.as_bytes()),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// Whether the browser may be sent to `uri` with this client's codes.
    pub(crate) fn may_redirect_to(&self, uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| registered == uri)
            || is_loopback(uri)
    }
}

/// A person that the emulator knows.
#[derive(Clone, Debug)]
pub struct RegisteredUser {
    name: String,
    password: Secret,
}

impl RegisteredUser {
    /// Makes a user who logs in with this name and password.
    #[must_use]
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: Secret::new(password),
        }
    }

    /// The name for the login.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// All clients and users of one emulator. Later entries replace earlier ones of the same name.
#[derive(Debug)]
pub(crate) struct Registry {
    clients: HashMap<String, RegisteredClient>,
    users: HashMap<String, RegisteredUser>,
    /// Whether all other users can log in too.
    takes_any_user: bool,
}

/// The longest name of an unregistered user. Each family remembers one.
const MAX_NAME: usize = 200;

impl Registry {
    pub(crate) fn new(clients: Vec<RegisteredClient>, users: Vec<RegisteredUser>) -> Self {
        Self {
            clients: clients.into_iter().map(|c| (c.id.clone(), c)).collect(),
            users: users.into_iter().map(|u| (u.name.clone(), u)).collect(),
            takes_any_user: false,
        }
    }

    /// Lets everybody log in, by any name and password that are not empty.
    pub(crate) fn taking_any_user(mut self, takes: bool) -> Self {
        self.takes_any_user = takes;
        self
    }

    /// The client of that id.
    pub(crate) fn client(&self, id: &str) -> Option<&RegisteredClient> {
        self.clients.get(id)
    }

    /// Whether there is a user of that name.
    pub(crate) fn has_user(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    /// The documented users that exist here, with their passwords, which are public.
    pub(crate) fn demo_users(&self) -> Vec<DemoUser> {
        let known = |user: &DemoUser| self.lets_in(user.name, user.password);
        DEMO_USERS.into_iter().filter(known).collect()
    }

    /// The documented clients that exist here, with their secrets, which are public.
    pub(crate) fn demo_clients(&self) -> Vec<DemoClient> {
        let known = |client: &DemoClient| {
            let here = self.client(client.id);
            here.is_some_and(|here| here.proves_itself(client.secret))
        };
        DEMO_CLIENTS.into_iter().filter(known).collect()
    }

    /// Whether `text` contains a secret or password of this emulator.
    pub(crate) fn holds_secret_in(&self, text: &str) -> bool {
        let clients = self
            .clients
            .values()
            .filter_map(|client| client.secret.as_ref());
        let users = self.users.values().map(|user| &user.password);
        clients.chain(users).any(|secret| secret.is_in(text))
    }

    /// Whether this name and password log a person in.
    pub(crate) fn lets_in(&self, name: &str, password: &str) -> bool {
        let user = self.users.get(name);
        let is_right = user.is_some_and(|user| user.password.matches(password.as_bytes()));
        let is_somebody = !name.is_empty() && name.len() <= MAX_NAME && !password.is_empty();
        is_right || (self.takes_any_user && is_somebody)
    }
}

/// The scopes that 2BA's own code asks for, and those of Product Data.
const SCOPES: [&str; 8] = [
    "unifeed",
    "openid",
    "offline_access",
    "apix",
    "read:products",
    "read:tradeitems",
    "read:netprices",
    "read:stock",
];

/// A documented client.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct DemoClient {
    pub(crate) id: &'static str,
    pub(crate) secret: Option<&'static str>,
}

/// A documented user.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct DemoUser {
    pub(crate) name: &'static str,
    pub(crate) password: &'static str,
}

const DEMO_CLIENTS: [DemoClient; 2] = [
    DemoClient {
        id: "myApplication",
        secret: Some("myApplicationSecret"),
    },
    DemoClient {
        id: "publicApplication",
        secret: None,
    },
];

/// The default users. The second password has the characters that careless form encoding breaks
/// first.
const DEMO_USERS: [DemoUser; 2] = [
    DemoUser {
        name: "demo@example.com",
        password: "myPassword",
    },
    DemoUser {
        name: "tricky@example.com",
        password: "p@ss word+&=%\u{e9}",
    },
];

/// The default clients.
pub(crate) fn demo_clients() -> Vec<RegisteredClient> {
    let registered = |client: DemoClient| match client.secret {
        Some(secret) => RegisteredClient::confidential(client.id, secret),
        None => RegisteredClient::public(client.id),
    };
    let clients = DEMO_CLIENTS.into_iter().map(registered);
    clients.map(|client| client.with_scopes(SCOPES)).collect()
}

/// The default users.
pub(crate) fn demo_users() -> Vec<RegisteredUser> {
    let registered = |user: DemoUser| RegisteredUser::new(user.name, user.password);
    DEMO_USERS.into_iter().map(registered).collect()
}

/// The longest loopback URI. Each issued code remembers its own.
const MAX_LOOPBACK: usize = 2_000;

/// Whether a URI is plain http on a loopback name, on any port and path.
fn is_loopback(uri: &str) -> bool {
    if uri.len() > MAX_LOOPBACK {
        return false;
    }
    // RFC 8252 section 7.3: the port of a loopback redirect is chosen at run time.
    // RFC 6749 section 3.1.2: an absolute URI without a fragment.
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains(['#', '\\', '"', '<', '>'])
    {
        return false;
    }
    ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        .iter()
        .filter_map(|base| uri.strip_prefix(base))
        .any(follows_a_host)
}

/// Whether `rest` can follow a host directly: an optional port, then nothing, a path or a query.
fn follows_a_host(rest: &str) -> bool {
    let Some(after_colon) = rest.strip_prefix(':') else {
        return rest.is_empty() || rest.starts_with(['/', '?']);
    };
    let end = after_colon.find(['/', '?']).unwrap_or(after_colon.len());
    after_colon
        .get(..end)
        .is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_redirects_work_on_any_port_and_path() {
        let client = RegisteredClient::public("p");
        for uri in [
            "http://127.0.0.1",
            "http://127.0.0.1/",
            "http://127.0.0.1:8080/callback?x=y",
            "http://[::1]:1/cb",
            "http://localhost:65535",
            "http://localhost?x",
        ] {
            assert!(client.may_redirect_to(uri), "{uri}");
        }
    }

    #[test]
    fn look_alikes_of_loopback_are_not_registered() {
        let client = RegisteredClient::public("p");
        for uri in [
            "",
            "https://127.0.0.1/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "http://127.0.0.1:65536/",
            "http://127.0.0.1:/",
            "http://127.0.0.1:+1/",
            "http://localhost.evil.example",
            "http://localhost/#fragment",
            "http://localhost/\r\nx",
            &format!("http://localhost/{}", "x".repeat(MAX_LOOPBACK)),
            "http://localhost\\@evil.example/",
            "javascript:alert(1)",
        ] {
            assert!(!client.may_redirect_to(uri), "{uri}");
        }
    }

    #[test]
    fn other_redirects_are_compared_byte_for_byte() {
        let client = RegisteredClient::public("p").with_redirect_uri("nl.2ba.uol://tokenreceiver");
        assert!(client.may_redirect_to("nl.2ba.uol://tokenreceiver"));
        assert!(!client.may_redirect_to("nl.2ba.uol://tokenreceiver/"));
    }

    #[test]
    fn only_the_right_secret_proves_a_client() {
        let confidential = RegisteredClient::confidential("c", "right");
        assert!(confidential.proves_itself(Some("right")));
        assert!(!confidential.proves_itself(Some("wrong")));
        assert!(!confidential.proves_itself(Some("")));
        assert!(!confidential.proves_itself(None));
        let public = RegisteredClient::public("p");
        assert!(public.proves_itself(None));
        assert!(!public.proves_itself(Some("anything")));
    }

    #[test]
    fn a_user_needs_name_and_password() {
        let registry = Registry::new(demo_clients(), demo_users());
        assert!(registry.lets_in("demo@example.com", "myPassword"));
        assert!(!registry.lets_in("demo@example.com", "mypassword"));
        assert!(!registry.lets_in("nobody@example.com", "myPassword"));
        assert!(registry.lets_in("tricky@example.com", "p@ss word+&=%\u{e9}"));
        let open = registry.taking_any_user(true);
        assert!(open.lets_in("nobody@example.com", "x"));
        assert!(open.lets_in("demo@example.com", "another"));
        assert!(!open.lets_in("nobody@example.com", "") && !open.lets_in("", "x"));
        assert!(!open.lets_in(&"x".repeat(MAX_NAME + 1), "x"));
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let registry = Registry::new(demo_clients(), demo_users());
        let shown = format!("{registry:?}");
        assert!(!shown.contains("myApplicationSecret"));
        assert!(!shown.contains("myPassword"));
    }
}
