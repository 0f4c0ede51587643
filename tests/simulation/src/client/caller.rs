//! What callers do with a client: ask for a token, take it to a service, complain, give up.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use twoba_core::{
    AccessToken, Advice, Password, RefreshError, RefreshToken, TokenId, Trouble, TroubleReason,
};
use twoba_keeper::{EarlyRefresh, End, Named, Runtime};
use twoba_store::{Error, ErrorKind};

use super::Session;
use crate::sabotage::Sabotage;

/// What a caller does with what it gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    /// Whether it goes on to a service.
    pub(crate) presents: bool,
    /// How often it comes again when it is told to wait.
    pub(crate) returns: u32,
}

/// Why somebody wants another session, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Revoked where the server can.
    Revoke,
    /// Only here.
    Forget,
}

/// How a program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// As a command line does: it says whether what it has got is stored.
    Saying,
    /// As an adapter does that is let go.
    Silent,
}

impl Session {
    /// A caller wants a token.
    pub(crate) async fn call(self, manners: Manners) {
        let twin = self.twin.clone();
        let me = match twin {
            Some(twin) if self.sim.with(|sim| sim.random.chance(500)) => *twin,
            _ => self.forgetful(),
        };
        me.asked(manners).await;
    }

    /// This one, or where the client is sabotaged one that has seen nothing yet.
    fn forgetful(self) -> Self {
        let own = self.entry.program().is_some();
        if own || !self.sim.with(|sim| sim.has(Sabotage::SeenForgotten)) {
            return self;
        }
        Self::opened(&self.sim, self.who, self.keeper.client(), self.early).unwrap_or(self)
    }

    async fn asked(&self, manners: Manners) {
        for _ in 0..=manners.returns {
            match self.token_for_caller().await {
                Ok(named) => {
                    if manners.presents {
                        self.call_service(&named.token, named.id).await;
                    }
                    return;
                }
                Err(error) => match self.wait_advised(&error) {
                    Some(wait) => self.sim.sleep(wait).await,
                    None => return,
                },
            }
        }
    }

    /// A token, with everything that a caller is owed held against it.
    pub(super) async fn token_for_caller(&self) -> Result<Named, Error> {
        let (sim, who) = (&self.sim, self.who);
        let owed = self.owes_at_once();
        let usable = self.keeper.is_usable(&self.entry);
        let asked = sim.with(|sim| sim.asks_in_window(who, usable));
        let (began, polls) = sim.with(|sim| (sim.now, sim.tasks.current_polls()));
        let outcome = match sim.with(|sim| sim.sabotage) {
            Some(Sabotage::EarlyRefreshBlocksCallers) if owed => {
                self.keeper.refresh(&self.entry).await
            }
            Some(Sabotage::WaiterServedEarly) => self.token_as_heard().await,
            Some(Sabotage::FailureForLatecomers) if !owed => self.token_or_last_failure().await,
            _ => self.keeper.token(&self.entry).await,
        };
        sim.with(|sim| {
            if let Some(asked) = asked {
                sim.judge_asked(asked);
            }
            if owed && sim.tasks.current_polls() != polls {
                sim.judge_waited(who);
            }
            if let Err(error) = &outcome
                && let Some(trouble) = too_early(error)
            {
                sim.judge_sent_away(who, began, trouble.until);
            }
        });
        self.judged(outcome, began, |named| &named.token)
    }

    /// What a sabotaged client does with callers who wait: they get what comes over the wire.
    async fn token_as_heard(&self) -> Result<Named, Error> {
        let runtime = self.keeper.runtime();
        let promise = runtime.listen();
        let mut heard = pin!(promise.wait(&self.sim));
        let mut served = pin!(self.keeper.token(&self.entry));
        poll_fn(|context| {
            if let Poll::Ready(served) = served.as_mut().poll(context) {
                return Poll::Ready(served);
            }
            let heard = heard.as_mut().poll(context);
            heard.map(|token| Ok(Named { token, id: None }))
        })
        .await
    }

    /// What a sabotaged client does with callers who come after a failure.
    async fn token_or_last_failure(&self) -> Result<Named, Error> {
        let failure = self.keeper.runtime().last_failure();
        if let Some(error) = failure {
            return Err(error);
        }
        let outcome = self.keeper.token(&self.entry).await;
        if let Err(error) = &outcome {
            self.keeper.runtime().failed(error);
        }
        outcome
    }

    /// Whether a caller is owed its token at once: it stands there, and nobody asked for the
    /// refresh to be done first.
    fn owes_at_once(&self) -> bool {
        self.keeper.is_usable(&self.entry) && self.early == EarlyRefresh::Beside
    }

    /// As [`token_for_caller`](Self::token_for_caller), after a service said no to this one.
    pub(super) async fn other_for_caller(&self, id: TokenId) -> Result<AccessToken, Error> {
        let began = self.sim.with(|sim| sim.now);
        let outcome = self.keeper.rejected(&self.entry, id).await;
        Ok(self.judged(outcome, began, |named| &named.token)?.token)
    }

    fn judged<T>(
        &self,
        outcome: Result<T, Error>,
        began: u64,
        token: impl Fn(&T) -> &AccessToken,
    ) -> Result<T, Error> {
        let who = self.who;
        self.sim.with(|sim| match &outcome {
            Ok(found) => sim.judge_handed_out(who, token(found).expose(), began),
            Err(error) => match refused(error) {
                Some(error) => sim.judge_turned_down(who, error, began),
                None => sim.tell_of(who.process, || format!("a caller gets: {error}")),
            },
        });
        outcome
    }

    /// Takes a token to a service; after a 401 once more, with another.
    async fn call_service(&self, token: &AccessToken, id: Option<TokenId>) {
        if self.present(token).await {
            return;
        }
        let Some(id) = id else {
            return;
        };
        if let Ok(other) = self.other_for_caller(id).await {
            self.present(&other).await;
        }
    }

    /// Whether a service takes this token.
    pub(super) async fn present(&self, token: &AccessToken) -> bool {
        let sim = &self.sim;
        let way = sim.with(|sim| sim.random.between(2, 40));
        sim.sleep(way).await;
        let accepted = sim.with(|sim| {
            let token = token.expose();
            let now = sim.now;
            let accepted = now >= sim.weather.rejects_until && sim.server.accepts(now, token);
            if !accepted {
                sim.judge_rejected(token);
            }
            accepted
        });
        sim.sleep(way).await;
        accepted
    }

    /// How long to wait after this error, in milliseconds, if waiting helps.
    pub(super) fn wait_advised(&self, error: &Error) -> Option<u64> {
        let Advice::RetryNotBefore(until) = error.advice() else {
            return None;
        };
        let wait = until.saturating_since(self.keeper.runtime().now());
        Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) + 1)
    }

    /// Somebody wants another token than the current one.
    pub(crate) async fn replace(self) {
        let store = self.who.store;
        let began = self.sim.with(|sim| {
            sim.judge_forced(store);
            sim.now
        });
        let outcome = self.keeper.refresh(&self.entry).await;
        let _told = self.judged(outcome, began, |named| &named.token);
    }

    /// Somebody keeps alive what would die unused.
    pub(crate) async fn keep_alive(self) {
        let who = self.who;
        let began = self.sim.with(|sim| sim.keeps_alive(who));
        let kept = self.keeper.keep_alive().await;
        self.sim.with(|sim| match kept {
            Ok(kept) => sim.judge_kept_alive(who, &began, kept.failed.is_empty()),
            Err(error) => sim.tell_of(who.process, || format!("nothing is kept alive: {error}")),
        });
    }

    /// Somebody logs in.
    pub(crate) async fn come(self, call: usize) {
        let sim = &self.sim;
        let began = sim.with(|sim| sim.now);
        let Ok(password) = Password::parse("myPassword") else {
            return;
        };
        let outcome = self
            .keeper
            .login(&self.entry, "demo@example.com", &password)
            .await;
        let _told = self.judged(outcome, began, |token| token);
        sim.with(|sim| sim.judge_login_ended(call));
    }

    /// Somebody brings a refresh token from elsewhere.
    pub(crate) async fn take_over(self, call: usize, token: String) {
        let sim = &self.sim;
        let began = sim.with(|sim| sim.now);
        let Ok(token) = RefreshToken::parse(token) else {
            return;
        };
        let outcome = self.keeper.import(&self.entry, token, None).await;
        let _told = self.judged(outcome, began, |token| token);
        sim.with(|sim| sim.judge_login_ended(call));
    }

    /// Somebody logs out.
    pub(crate) async fn go(self, how: Leave) {
        let (sim, who) = (&self.sim, self.who);
        let call = sim.with(|sim| sim.judge_logging_out(who));
        let how = match how {
            Leave::Revoke => End::Revoke,
            Leave::Forget => End::Forget,
        };
        let outcome = self.keeper.end(&self.entry, how).await;
        sim.with(|sim| match outcome {
            Ok(_) => sim.judge_logged_out(who, call),
            Err(error) => sim.tell_of(who.process, || format!("the logout fails: {error}")),
        });
    }
}

/// Whether a caller is told to come again when the server refreshes.
fn too_early(error: &Error) -> Option<&Trouble> {
    match refused(error) {
        Some(RefreshError::Unavailable(trouble)) if trouble.reason == TroubleReason::TooEarly => {
            Some(trouble)
        }
        _ => None,
    }
}

/// What an error is, where a caller acts on it.
pub(super) fn refused(error: &Error) -> Option<&RefreshError> {
    match error.kind() {
        ErrorKind::Refresh(error) => Some(error),
        _ => None,
    }
}
