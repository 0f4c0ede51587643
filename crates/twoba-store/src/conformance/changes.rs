//! Changes to store: those of real sessions, so that each is what a store meets in the field.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Response;
use twoba_core::{
    Change, Client, Durable, Goal, Password, Provider, Receipt, Seed, Session, SessionKey, Step,
    StoredGrant, Timestamp, Want,
};

/// When all this happens.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// How long access tokens live, in seconds.
const LIFETIME: u64 = 120;

/// A login, and how it differs from others.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) client_id: &'static str,
    pub(super) at: Timestamp,
    /// How long its token lives, in seconds, if that is known.
    pub(super) lifetime: Option<u64>,
    /// How long its tokens are, in bytes.
    pub(super) token_length: usize,
    /// How long after it the grant has to be refreshed lest the server forgets it.
    pub(super) keep_alive: Option<Duration>,
    /// What all its randomness comes from: no two are the same unless that is.
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

/// A number that nobody had before.
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

/// The change that a step asks for.
fn save<T: Goal>(step: Step<'_, T>) -> (Change, Receipt<'_, T>) {
    match step {
        Step::Save(change, receipt) => (change, receipt),
        Step::Send(..) | Step::Done(_) => panic!("the session has nothing to store"),
    }
}

/// A login that has just succeeded, over `stored`; each is another one.
#[must_use = "a change does nothing until a store applies it"]
pub fn login(key: &SessionKey, stored: Option<StoredGrant>) -> Change {
    Login::default().change(key, stored)
}

/// A logout, over `stored`.
#[must_use = "a change does nothing until a store applies it"]
pub fn logout(key: &SessionKey, stored: StoredGrant) -> Change {
    let mut session = Session::new(
        client(Login::default().client_id, None),
        key,
        seed(number()),
    );
    save(session.forget(NOW, Some(stored))).0
}

/// What a refresh stores, one after the other.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refresh {
    /// The intent, before the request leaves.
    pub intent: Change,
    /// The next generation, over the intent.
    pub rotation: Change,
}

/// The refresh of a login that is `stored`, once its token is at its end.
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
