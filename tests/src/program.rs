//! Decides how the session of a program itself is called with either adapter.

use std::fmt;
use std::sync::Barrier;
use std::thread;

use tokio::runtime::{self, Runtime};
use twoba_core::{AccessToken, Client, LoggedOut, Status, Timestamp};
use twoba_services::{Function, GetError, JsonAnswer};
use twoba_store::Error;

use crate::chance::Chance;
use crate::place::Place;
use crate::subject::Adapter;

/// The session of a program itself, of either adapter.
pub struct OwnSession(With);

enum With {
    Blocking(twoba_blocking::Program),
    Async(twoba_async::Program, Runtime),
}

impl fmt::Debug for OwnSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            With::Blocking(program) => program.fmt(f),
            With::Async(program, _) => program.fmt(f),
        }
    }
}

impl OwnSession {
    /// The session with these scopes, opened on what is kept in `place`, as by a new process.
    ///
    /// # Errors
    ///
    /// - whatever the adapter says of the scopes
    pub fn open(
        adapter: Adapter,
        client: Client,
        place: &Place,
        scopes: &[&str],
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        chance: Chance,
    ) -> Result<Self, Error> {
        match adapter {
            Adapter::Blocking => {
                let builder = twoba_blocking::Sessions::builder(client)
                    .clock(clock)
                    .early_refresh(twoba_blocking::EarlyRefresh::Inline)
                    .entropy(move || chance.draw())
                    .http(|http| http.proxy(None));
                let builder = builder.store(place.open());
                Ok(Self(With::Blocking(builder.build().program(scopes)?)))
            }
            Adapter::Async => {
                let builder = twoba_async::Sessions::builder(client)
                    .clock(clock)
                    .early_refresh(twoba_async::EarlyRefresh::Inline)
                    .entropy(move || chance.draw())
                    .http(|http| http.no_proxy());
                let builder = builder.blocking_store(place.open());
                let mut runtime = runtime::Builder::new_multi_thread();
                let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
                let program = builder.build().unwrap().program(scopes)?;
                Ok(Self(With::Async(program, runtime)))
            }
        }
    }

    /// As `Program::token`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn token(&self) -> Result<AccessToken, Error> {
        match &self.0 {
            With::Blocking(program) => program.token(),
            With::Async(program, runtime) => runtime.block_on(program.token()),
        }
    }

    /// The same by this many threads or tasks that start together.
    #[must_use]
    pub fn tokens_at_once(&self, callers: usize) -> Vec<Result<AccessToken, Error>> {
        match &self.0 {
            With::Blocking(program) => {
                let start = Barrier::new(callers);
                let call = || {
                    start.wait();
                    program.token()
                };
                thread::scope(|scope| {
                    let threads: Vec<_> = (0..callers).map(|_| scope.spawn(call)).collect();
                    let joined = threads.into_iter().map(|thread| thread.join().unwrap());
                    joined.collect()
                })
            }
            With::Async(program, runtime) => runtime.block_on(async {
                let call = |program: twoba_async::Program| async move { program.token().await };
                let tasks: Vec<_> = (0..callers)
                    .map(|_| tokio::spawn(call(program.clone())))
                    .collect();
                let mut outcomes = Vec::new();
                for task in tasks {
                    outcomes.push(task.await.unwrap());
                }
                outcomes
            }),
        }
    }

    /// As `Program::get`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn get(
        &self,
        function: &str,
        parameters: &[(&str, &str)],
    ) -> Result<JsonAnswer, GetError<Error>> {
        match &self.0 {
            With::Blocking(program) => program.get(function, parameters),
            With::Async(program, runtime) => runtime.block_on(program.get(function, parameters)),
        }
    }

    /// As `Program::ask`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn ask<F: Function>(&self, function: &F) -> Result<F::Answer, GetError<Error>> {
        match &self.0 {
            With::Blocking(program) => program.ask(function),
            With::Async(program, runtime) => runtime.block_on(program.ask(function)),
        }
    }

    /// As `Program::status`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn status(&self) -> Result<Status, Error> {
        match &self.0 {
            With::Blocking(program) => program.status(),
            With::Async(program, runtime) => runtime.block_on(program.status()),
        }
    }

    /// As `Program::logout`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn logout(&self) -> Result<LoggedOut, Error> {
        match &self.0 {
            With::Blocking(program) => program.logout(),
            With::Async(program, runtime) => runtime.block_on(program.logout()),
        }
    }

    /// As `Program::save`.
    ///
    /// # Errors
    ///
    /// - as there
    pub fn save(&self) -> Result<bool, Error> {
        match &self.0 {
            With::Blocking(program) => program.save(),
            With::Async(program, runtime) => runtime.block_on(program.save()),
        }
    }
}
