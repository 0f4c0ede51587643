//! Decides how a session of either adapter is called, so that one scenario judges both.

use std::fmt;
use std::io::Read;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use http::{Request, Response};
use serde_json::Value;
use tokio::runtime::{self, Runtime};
use twoba_core::{
    AccessToken, Client, LoggedOut, Login, Password, RedirectUri, RefreshToken, Status, Timestamp,
    Verdict,
};
use twoba_keeper::Credentials;
use twoba_services::{GetError, JsonAnswer, Reading};
use twoba_store::{Error, ErrorKind};
use twoba_testkit::Script;

use crate::place::Place;

/// How long a session in a test waits for another one that refreshes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key that all sessions of a test share.
const KEY: &str = "default";

/// An adapter under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// `twoba-blocking`, on ureq.
    Blocking,
    /// `twoba-async`, on reqwest.
    Async,
}

/// Who carries out a refresh that is due while the old token is usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    /// A thread or task beside the callers, as the adapters do by themselves.
    Beside,
    /// The caller, so that a test can count what has been sent when it returns.
    Inline,
}

/// Brings a user name and password to a session that needs a login.
pub type Vault = Arc<dyn Fn(&Verdict) -> Option<Credentials> + Send + Sync>;

/// What a session draws from.
pub type Entropy = Box<dyn Fn() -> [u8; 32] + Send + Sync>;

/// What few tests ask of a session.
#[derive(Default)]
#[allow(
    missing_debug_implementations,
    reason = "functions have nothing to print"
)]
pub struct Extras {
    /// Logging in by itself.
    pub vault: Option<Vault>,
    /// Randomness that repeats.
    pub entropy: Option<Entropy>,
    /// Waiting for another session no longer than this.
    pub patience: Option<Duration>,
    /// Waiting for credentials no longer than this.
    pub sign_in_within: Option<Duration>,
    /// Requests that take no longer than this.
    pub request_total: Option<Duration>,
    /// Connections for token requests that are kept for as long as this.
    pub token_idle: Option<Duration>,
}

/// A session of either adapter.
pub trait Subject: Send + Sync + fmt::Debug {
    /// As `Session::login`.
    fn login(&self, username: &str, password: &str) -> Result<AccessToken, Error>;
    /// As `Session::import`.
    fn import(&self, token: RefreshToken) -> Result<AccessToken, Error>;
    /// `Session::save`
    fn save(&self) -> Result<bool, Error>;
    /// As `Session::start_login`.
    fn start_login(&self, redirect: &str) -> Result<(String, Login), Error>;
    /// As `Session::finish_login`.
    fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error>;
    /// As `Session::token`.
    fn token(&self) -> Result<AccessToken, Error>;
    /// As `Session::token`, by this many threads or tasks that start together.
    fn tokens_at_once(&self, callers: usize) -> Vec<Result<AccessToken, Error>>;
    /// As `Session::token`, by a caller who loses interest as soon as it has begun.
    fn token_without_waiting(&self);
    /// As `Session::refresh`.
    fn refresh(&self) -> Result<AccessToken, Error>;
    /// As `Session::status`.
    fn status(&self) -> Result<Status, Error>;
    /// As `Session::stored_token`.
    fn stored_token(&self) -> Result<Option<AccessToken>, Error>;
    /// As `Session::logout`.
    fn logout(&self) -> Result<LoggedOut, Error>;
    /// As `Session::forget`.
    fn forget(&self) -> Result<LoggedOut, Error>;
    /// As `Session::get`.
    fn get(
        &self,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Result<JsonAnswer, GetError<Error>>;
    /// As `Session::get`, by this many threads or tasks that start together.
    fn gets_at_once(
        &self,
        callers: usize,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Vec<Result<JsonAnswer, GetError<Error>>>;
    /// As `Session::call`.
    fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error>;
    /// As `Service::ask`, with this many attempts.
    fn ask_politely(&self, attempts: u32, call: &Reading<Value>) -> Result<Value, GetError<Error>>;
    /// As `Session::call_streaming`, with the body read to its end.
    fn call_streaming(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error>;
}

impl Adapter {
    /// Runs a scenario with each adapter, in a thread that is named after it: the name stands in
    /// the message of a test that fails.
    pub fn each(scenario: impl Fn(Self) + Sync) {
        let ended = [Self::Blocking, Self::Async].map(|adapter| {
            let named = thread::Builder::new().name(format!("{adapter:?}"));
            thread::scope(|scope| {
                let running = named.spawn_scoped(scope, || scenario(adapter));
                running.unwrap().join()
            })
        });
        // Both have run by now, so that one's fault does not hide the other's.
        if let Some(Err(panic)) = ended.into_iter().find(Result::is_err) {
            std::panic::resume_unwind(panic);
        }
    }

    /// Waits until the server has closed so many connections, and until a client knows that notices
    /// by itself. A blocking one looks at a connection when it is to use it.
    #[must_use]
    pub fn has_noticed(self, script: &Script, connections: usize) -> bool {
        match self {
            Self::Blocking => script.has_closed(connections),
            Self::Async => script.is_noticed(connections),
        }
    }

    /// A session of this adapter, opened on what is kept in `place`, as by a new process.
    #[must_use]
    pub fn open(
        self,
        client: Client,
        place: &Place,
        early: Early,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Box<dyn Subject> {
        self.open_with(client, place, early, clock, Extras::default())
    }

    /// The same with what few tests ask for.
    #[must_use]
    #[expect(
        clippy::too_many_lines,
        reason = "two ways of the same shape, to be read side by side"
    )]
    pub fn open_with(
        self,
        client: Client,
        place: &Place,
        early: Early,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        extras: Extras,
    ) -> Box<dyn Subject> {
        match self {
            Self::Blocking => {
                let builder = twoba_blocking::Session::builder(client)
                    .clock(clock)
                    .patience(extras.patience.unwrap_or(PATIENCE))
                    .early_refresh(match early {
                        Early::Beside => twoba_blocking::EarlyRefresh::Beside,
                        Early::Inline => twoba_blocking::EarlyRefresh::Inline,
                    })
                    .http(|http| http.proxy(None));
                let builder = builder.store(place.open());
                let builder = match extras.entropy {
                    Some(entropy) => builder.entropy(entropy),
                    None => builder,
                };
                let builder = match extras.sign_in_within {
                    Some(limit) => builder.sign_in_within(limit),
                    None => builder,
                };
                let builder = match extras.request_total {
                    Some(limit) => builder.request_total(limit),
                    None => builder,
                };
                let builder = match extras.token_idle {
                    Some(limit) => builder.token_idle(limit),
                    None => builder,
                };
                let builder = match extras.vault {
                    Some(vault) => builder.sign_in(move |verdict| vault(verdict)),
                    None => builder,
                };
                on_threads(builder.open(KEY).unwrap())
            }
            Self::Async => {
                let builder = twoba_async::Session::builder(client)
                    .clock(clock)
                    .patience(extras.patience.unwrap_or(PATIENCE))
                    .early_refresh(match early {
                        Early::Beside => twoba_async::EarlyRefresh::Beside,
                        Early::Inline => twoba_async::EarlyRefresh::Inline,
                    })
                    .http(|http| http.no_proxy());
                let builder = builder.blocking_store(place.open());
                let builder = match extras.entropy {
                    Some(entropy) => builder.entropy(entropy),
                    None => builder,
                };
                let builder = match extras.sign_in_within {
                    Some(limit) => builder.sign_in_within(limit),
                    None => builder,
                };
                let builder = match extras.request_total {
                    Some(limit) => builder.request_total(limit),
                    None => builder,
                };
                let builder = match extras.token_idle {
                    Some(limit) => builder.token_idle(limit),
                    None => builder,
                };
                let builder = match extras.vault {
                    Some(vault) => builder.sign_in(move |verdict| {
                        let credentials = vault(&verdict);
                        async move { credentials }
                    }),
                    None => builder,
                };
                on_tokio(builder.open(KEY).unwrap())
            }
        }
    }
}

/// A session on threads as a subject.
#[must_use]
pub fn on_threads(session: twoba_blocking::Session) -> Box<dyn Subject> {
    Box::new(Blocking(session))
}

/// A session on Tokio as a subject, with a runtime of its own.
#[must_use]
pub fn on_tokio(session: twoba_async::Session) -> Box<dyn Subject> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    Box::new(Async { session, runtime })
}

#[derive(Debug)]
struct Blocking(twoba_blocking::Session);

/// The same by many threads that start together.
fn by_threads<T: Send>(callers: usize, call: impl Fn() -> T + Sync) -> Vec<T> {
    let start = Barrier::new(callers);
    let call = || {
        start.wait();
        call()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(call)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    })
}

impl Subject for Blocking {
    fn login(&self, username: &str, password: &str) -> Result<AccessToken, Error> {
        self.0.login(username, &Password::parse(password).unwrap())
    }

    fn import(&self, token: RefreshToken) -> Result<AccessToken, Error> {
        self.0.import(token, None)
    }

    fn save(&self) -> Result<bool, Error> {
        self.0.save()
    }

    fn start_login(&self, redirect: &str) -> Result<(String, Login), Error> {
        self.0.start_login(RedirectUri::parse(redirect).unwrap())
    }

    fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        self.0.finish_login(login, query)
    }

    fn token(&self) -> Result<AccessToken, Error> {
        self.0.token()
    }

    fn tokens_at_once(&self, callers: usize) -> Vec<Result<AccessToken, Error>> {
        by_threads(callers, || self.0.token())
    }

    /// A thread cannot lose interest: the call returns when all is done.
    fn token_without_waiting(&self) {
        drop(self.0.token());
    }

    fn refresh(&self) -> Result<AccessToken, Error> {
        self.0.refresh()
    }

    fn status(&self) -> Result<Status, Error> {
        self.0.status()
    }

    fn stored_token(&self) -> Result<Option<AccessToken>, Error> {
        self.0.stored_token()
    }

    fn logout(&self) -> Result<LoggedOut, Error> {
        self.0.logout()
    }

    fn forget(&self) -> Result<LoggedOut, Error> {
        self.0.forget()
    }

    fn get(
        &self,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Result<JsonAnswer, GetError<Error>> {
        self.0.get(function, parameters)
    }

    fn gets_at_once(
        &self,
        callers: usize,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Vec<Result<JsonAnswer, GetError<Error>>> {
        by_threads(callers, || self.0.get(function, parameters))
    }

    fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self.0.call(request)
    }

    fn ask_politely(&self, attempts: u32, call: &Reading<Value>) -> Result<Value, GetError<Error>> {
        self.0.service().attempts(attempts).ask(call)
    }

    fn call_streaming(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let response = self.0.call_streaming(request)?;
        let mut whole = Vec::new();
        let (parts, mut body) = response.into_parts();
        body.read_to_end(&mut whole)
            .map_err(|error| Error::new(ErrorKind::Http).caused_by(error.into()))?;
        Ok(Response::from_parts(parts, whole))
    }
}

struct Async {
    session: twoba_async::Session,
    runtime: Runtime,
}

impl fmt::Debug for Async {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.session, f)
    }
}

impl Async {
    /// The same by many tasks that start together.
    fn by_tasks<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        callers: usize,
        call: impl Fn(twoba_async::Session) -> F,
    ) -> Vec<T> {
        self.wait(async {
            let tasks: Vec<_> = (0..callers)
                .map(|_| tokio::spawn(call(self.session.clone())))
                .collect();
            let mut outcomes = Vec::new();
            for task in tasks {
                outcomes.push(task.await.unwrap());
            }
            outcomes
        })
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Subject for Async {
    fn login(&self, username: &str, password: &str) -> Result<AccessToken, Error> {
        let password = Password::parse(password).unwrap();
        self.wait(self.session.login(username, &password))
    }

    fn import(&self, token: RefreshToken) -> Result<AccessToken, Error> {
        self.wait(self.session.import(token, None))
    }

    fn save(&self) -> Result<bool, Error> {
        self.wait(self.session.save())
    }

    fn start_login(&self, redirect: &str) -> Result<(String, Login), Error> {
        let redirect = RedirectUri::parse(redirect).unwrap();
        self.session.start_login(redirect)
    }

    fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        self.wait(self.session.finish_login(login, query))
    }

    fn token(&self) -> Result<AccessToken, Error> {
        self.wait(self.session.token())
    }

    fn tokens_at_once(&self, callers: usize) -> Vec<Result<AccessToken, Error>> {
        self.by_tasks(callers, |session| async move { session.token().await })
    }

    fn token_without_waiting(&self) {
        self.wait(async {
            let mut call = std::pin::pin!(self.session.token());
            // One poll: the exchange is on its way, and then the future is dropped.
            std::future::poll_fn(|context| {
                drop(call.as_mut().poll(context));
                std::task::Poll::Ready(())
            })
            .await;
        });
    }

    fn refresh(&self) -> Result<AccessToken, Error> {
        self.wait(self.session.refresh())
    }

    fn status(&self) -> Result<Status, Error> {
        self.wait(self.session.status())
    }

    fn stored_token(&self) -> Result<Option<AccessToken>, Error> {
        self.wait(self.session.stored_token())
    }

    fn logout(&self) -> Result<LoggedOut, Error> {
        self.wait(self.session.logout())
    }

    fn forget(&self) -> Result<LoggedOut, Error> {
        self.wait(self.session.forget())
    }

    fn get(
        &self,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Result<JsonAnswer, GetError<Error>> {
        self.wait(self.session.get(function, parameters))
    }

    fn gets_at_once(
        &self,
        callers: usize,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Vec<Result<JsonAnswer, GetError<Error>>> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: Arc<[(String, String)]> = parameters.iter().map(owned).collect();
        let function: Arc<str> = function.into();
        self.by_tasks(callers, |session| {
            let (function, parameters) = (Arc::clone(&function), Arc::clone(&parameters));
            async move {
                let pairs: Vec<_> = parameters
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                session.get(&function, &pairs).await
            }
        })
    }

    fn ask_politely(&self, attempts: u32, call: &Reading<Value>) -> Result<Value, GetError<Error>> {
        let service = self.session.service().attempts(attempts);
        self.runtime.block_on(service.ask(call))
    }

    fn call_streaming(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self.wait(async {
            let response = self.session.call_streaming(request).await?;
            let (parts, mut body) = response.into_parts();
            let mut whole = Vec::new();
            while let Some(chunk) = body.chunk().await? {
                whole.extend_from_slice(&chunk);
            }
            Ok(Response::from_parts(parts, whole))
        })
    }

    fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self.wait(self.session.call(request))
    }
}
