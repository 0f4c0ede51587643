//! The changes to store. Real sessions make them, so that they are those of real use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Response;
use twoba_core::{
    Change, Client, Durable, Goal, Password, Provider, Receipt, Seed, Session, SessionKey, Step,
    StoredGrant, Timestamp, Want,
};

/// The time at which the changes happen.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// The lifetime of access tokens, in seconds.
const LIFETIME: u64 = 120;

/// A login with its properties.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) client_id: &'static str,
    pub(super) at: Timestamp,
    /// The lifetime of its token in seconds, if it is known.
    pub(super) lifetime: Option<u64>,
    /// The length of its tokens, in bytes.
    pub(super) token_length: usize,
    /// How long after the login its grant has to be refreshed before the server may forget it.
    pub(super) keep_alive: Option<Duration>,
    /// The source of its randomness. Logins with different numbers differ.
    pub(super) number: u64,
}

impl Default for Login {
    fn default() -> Self {
        Self {
            client_id: "myApplication",
            at: NOW,
            lifetime: Some(LIFETIME),
            token_length: 32,
            keep_alive: None,
            number: number(),
        }
    }
}

impl Login {
    /// The change that stores it over `stored`.
    pub(super) fn change(&self, key: &SessionKey, stored: Option<StoredGrant>) -> Change {
        if key.is_of_program() {
            return self.own_token(key, stored);
        }
        let client = client(self.client_id, self.keep_alive);
        let password = Password::parse("p").unwrap();
        let (_, reply) = client.password("u", &password, self.at);
        let answer = answer(self.number, self.token_length, self.lifetime);
        let fresh = reply.received(self.at, &answer).unwrap();
        let mut session = Session::new(Arc::clone(&client), key, seed(self.number));
        save(session.adopt(fresh, stored)).0
    }
}

impl Login {
    /// The change that stores the first token of a program itself.
    fn own_token(&self, key: &SessionKey, stored: Option<StoredGrant>) -> Change {
        let mut parts = key.as_str().split('\t').skip(1);
        let (id, scope) = (parts.next().unwrap(), parts.next().unwrap());
        let client = Client::public(Provider::two_ba(), id).unwrap();
        let client = client.with_scopes(scope.split_ascii_whitespace()).unwrap();
        let mut session = Session::of_program(Arc::new(client), seed(self.number));
        let step = session.obtain_own(Want::Usable, self.at, stored);
        let Step::Send(_, reply) = step else {
            panic!("no token is asked for: {step:?}");
        };
        let answer = answer(self.number, self.token_length, self.lifetime);
        save(reply.received(self.at, &answer)).0
    }
}

/// A number that was not used before.
fn number() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn seed(number: u64) -> Seed {
    let mut bytes = [7; 32];
    for (to, from) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    Seed::from_bytes(bytes)
}

fn client(client_id: &str, keep_alive: Option<Duration>) -> Arc<Client> {
    let provider = Provider::two_ba().with_keep_alive(keep_alive);
    Arc::new(Client::public(provider, client_id).unwrap())
}

fn answer(number: u64, token_length: usize, lifetime: Option<u64>) -> Response<String> {
    let token = |name: &str| {
        let token = format!("{name}{number}");
        let filler = "-".repeat(token_length.saturating_sub(token.len()));
        token + &filler
    };
    let lifetime = lifetime.map(|seconds| format!(r#""expires_in":{seconds},"#));
    let body = format!(
        r#"{{"access_token":"{}","token_type":"bearer",{}"refresh_token":"{}"}}"#,
        token("access"),
        lifetime.unwrap_or_default(),
        token("refresh"),
    );
    Response::builder()
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

/// The change that a step wants to save.
fn save<T: Goal>(step: Step<'_, T>) -> (Change, Receipt<'_, T>) {
    match step {
        Step::Save(change, receipt) => (change, receipt),
        Step::Send(..) | Step::Done(_) => panic!("the session has nothing to store"),
    }
}

/// A successful login that replaces `stored`. Each call makes another login.
#[must_use = "a change does nothing until a store applies it"]
pub fn login(key: &SessionKey, stored: Option<StoredGrant>) -> Change {
    Login::default().change(key, stored)
}

/// A logout that replaces `stored`.
#[must_use = "a change does nothing until a store applies it"]
pub fn logout(key: &SessionKey, stored: StoredGrant) -> Change {
    let mut session = Session::new(
        client(Login::default().client_id, None),
        key,
        seed(number()),
    );
    save(session.forget(NOW, Some(stored))).0
}

/// The changes of one refresh, in order.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refresh {
    /// The intent, before the request leaves.
    pub intent: Change,
    /// The next generation, which replaces the intent.
    pub rotation: Change,
}

/// The refresh of the login in `stored`, after its token has ended.
#[must_use]
pub fn refresh(key: &SessionKey, stored: StoredGrant) -> Refresh {
    let due = stored.schedule().and_then(|schedule| schedule.due_at);
    let now = due.map_or(NOW, |due| due.saturating_add(Duration::from_secs(86_400)));
    let mut session = Session::new(
        client(Login::default().client_id, None),
        key,
        seed(number()),
    );
    let (intent, receipt) = save(session.obtain(Want::Usable, now, Some(stored)));
    let step = receipt.saved(now, Durable::assertion(&intent));
    let Step::Send(_, reply) = step else {
        panic!("the refresh is not sent: {step:?}");
    };
    let answer = answer(number(), 32, Some(LIFETIME));
    let (rotation, _) = save(reply.received(now, &answer));
    Refresh { intent, rotation }
}
