//! The session of a program itself, which has no user. Its client asks for tokens in its own name.
//!
//! No refresh token rotates, so no intent is stored. A lost answer does no harm, because the next
//! request brings another token. All processes that share a store still send one request together:
//! it leaves under the lease, and only stored tokens are handed out.

use alloc::boxed::Box;
use alloc::string::{String, ToString};

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::known::Known;
use super::late::{self, LeftOver};
use super::next_own::{Next, next, reason};
use super::outcome::{self, UNSIGNED};
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::terms::Terms;
use super::transition::{self, Held, OwnRequest, State, StateRef};
use super::trouble::TroubleReason;
use super::want::Want;
use super::written::{Base, Deed};
use crate::answer::{self, AnswerFacts, TokenError};
use crate::limits::CONFLICTS_MAX;
use crate::secret::{AccessToken, ClientSecret};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// A stored token of a program itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnToken {
    /// The token.
    pub token: AccessToken,
}

/// The caller's want, and how often the sequence of steps has started over.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    want: Want,
    conflicts: u8,
}

/// A change that is being stored.
#[derive(Debug)]
pub struct Saving {
    /// The new state. A token lies among what is unsaved meanwhile, so that a receipt that is dropped
    /// does not take it along.
    held: Option<Box<Held>>,
    why: Why,
    course: Course,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The token that the server has handed out.
    Token,
    /// The same token, which an earlier call got some time ago.
    LeftOver,
    /// A trouble.
    Setback,
}

/// A request that is on its way.
#[derive(Debug)]
pub enum Sending {
    /// The one for a token.
    Token(Asked),
    /// The revocation of a token that came too late.
    Revocation(Course),
}

/// A request for a token, and the stored bytes at its departure.
#[derive(Debug)]
pub struct Asked {
    base: Base,
    /// The token before it, if there was one.
    before: Option<Box<Held>>,
    request: OwnRequest,
    course: Course,
}

impl Session {
    /// Gets the token that the caller wants for a [program itself](Self::of_program). It is the
    /// stored token if that is enough, and a new one otherwise. Read `stored` under the store's
    /// lease, so that a token of another process is used.
    ///
    /// No grant ends here, so this method never returns
    /// [`LoginRequired`](RefreshError::LoginRequired). A server may not know the client, or may not
    /// allow it these scopes. Then the error is [`Misconfigured`](RefreshError::Misconfigured)
    /// until a backoff is over or the configuration has changed.
    pub fn obtain_own(
        &mut self,
        want: Want,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, OwnToken> {
        if let Err(error) = self.is_for(true) {
            return Step::Done(Err(error));
        }
        // What is wrong with it is said by `go_on`, after what was left over is looked after.
        let _readable = self.observe(stored.as_ref());
        go_on(self, Course { want, conflicts: 0 }, now)
    }
}

/// Goes on from the stored state.
fn go_on(session: &mut Session, course: Course, now: Timestamp) -> Step<'_, OwnToken> {
    let base = session.known.base().clone();
    match late::left_over(session, now) {
        Some(LeftOver::Successor(held)) => {
            return save(session, held, Why::LeftOver, course, base);
        }
        Some(LeftOver::Overtaken(request)) => {
            return Step::send(session, *request, Sending::Revocation(course));
        }
        None => {}
    }
    if let Err(error) = session.known.state() {
        return Step::Done(Err(RefreshError::Record(error)));
    }
    match next(session, course.want, now) {
        Next::Serve(token) => Step::Done(Ok(OwnToken { token })),
        Next::Fail(error) => Step::Done(Err(error)),
        Next::Restart(held) => save(session, held, Why::Setback, course, base),
        Next::Ask(rejection) => ask(session, rejection, course, now),
    }
}

fn ask(
    session: &mut Session,
    rejection: bool,
    course: Course,
    now: Timestamp,
) -> Step<'_, OwnToken> {
    let base = session.known.base().clone();
    let before = session.known.held().cloned().map(Box::new);
    let login = before.as_ref().map(|before| before.id().login);
    let seen = session.seen.filter(|seen| Some(seen.login) == login);
    let request = OwnRequest {
        sent_at: now,
        rejection,
        seen: seen.map_or(0, |seen| seen.generation),
    };
    let asked = Asked {
        base,
        before,
        request,
        course,
    };
    let signed = session.client.signed(now, &mut session.seed);
    match signed.map(|client| client.client_credentials_request()) {
        Ok(request) => Step::send(session, request, Sending::Token(asked)),
        Err(_) => {
            let reason = TroubleReason::NotSent;
            let why = Some(UNSIGNED.to_string());
            set_back(session, asked, reason, None, why, now)
        }
    }
}

fn save(
    session: &mut Session,
    held: Box<Held>,
    why: Why,
    course: Course,
    base: Base,
) -> Step<'_, OwnToken> {
    let (deed, is_last) = match why {
        Why::Token => (Deed::Rotation, true),
        Why::LeftOver => (Deed::Rotation, false),
        Why::Setback => (Deed::Note, true),
    };
    let written = session.written(base, StateRef::Held(&held), deed);
    let held = match why {
        Why::Token | Why::LeftOver => {
            session.unsaved = Some(held);
            None
        }
        Why::Setback => Some(held),
    };
    Step::save(session, written.last(is_last), Saving { held, why, course })
}

/// Stores the reason why a request brought no token.
fn set_back(
    session: &mut Session,
    asked: Asked,
    reason: TroubleReason,
    facts: Option<Box<AnswerFacts>>,
    why: Option<String>,
    now: Timestamp,
) -> Step<'_, OwnToken> {
    let before = match asked.before {
        Some(before) => *before,
        None => transition::without_token(now, &mut session.seed),
    };
    let failures = before.trouble().map_or(0, |trouble| trouble.failures);
    let failures = failures.saturating_add(1);
    let mut trouble = outcome::failed(failures, reason, facts, now, &mut session.seed);
    trouble.description = trouble.description.or(why);
    if reason == TroubleReason::Configuration {
        let terms = Terms::of(&session.client, before.id().login);
        trouble.configuration = Some(terms.configuration());
    }
    let held = Box::new(transition::not_renewed(before, trouble));
    save(session, held, Why::Setback, asked.course, asked.base)
}

/// The caller's result after a setback that was just stored.
fn conclude(session: &Session, want: Want, now: Timestamp) -> Step<'_, OwnToken> {
    match next(session, want, now) {
        Next::Serve(token) => Step::Done(Ok(OwnToken { token })),
        Next::Fail(error) => Step::Done(Err(error)),
        // The wait is over in this very moment; the next call goes on.
        Next::Restart(_) | Next::Ask(_) => {
            let trouble = session.known.held().and_then(Held::trouble).cloned();
            Step::Done(Err(
                trouble.map_or(RefreshError::Contended, RefreshError::waiting)
            ))
        }
    }
}

impl Sealed for OwnToken {}

impl Goal for OwnToken {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, after: Base, now: Timestamp) -> Step<'_, Self> {
        let Saving { held, why, course } = saving;
        let Some(held) = held.or_else(|| session.unsaved.take()) else {
            return Step::Done(Err(RefreshError::NotStored));
        };
        let token = held.grant().access_token.clone();
        session.known = Known::written(after, State::Held(held));
        match why {
            Why::LeftOver => go_on(session, course, now),
            Why::Setback => conclude(session, course.want, now),
            Why::Token => {
                let token = token.ok_or(RefreshError::NotStored);
                Step::Done(token.map(|token| Self { token }))
            }
        }
    }

    /// Another writer was first. A new token is stored over that if it follows it. A note is
    /// dropped.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.course.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Self::not_saved(session, saving, now);
        }
        let course = Course {
            conflicts,
            ..saving.course
        };
        let _readable = session.observe(stored.as_ref());
        match saving.why {
            Why::Token | Why::LeftOver => go_on(session, course, now),
            Why::Setback => conclude(session, course.want, now),
        }
    }

    fn not_saved(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Self> {
        let want = saving.course.want;
        if let Some(held) = saving.held {
            // It holds in this process at least.
            session.known.hold(held);
            return conclude(session, want, now);
        }
        match session.token(now).cloned() {
            Some(token) if want == Want::Usable => Step::Done(Ok(Self { token })),
            Some(_) | None => Step::Done(Err(RefreshError::NotStored)),
        }
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        let asked = match sending {
            Sending::Token(asked) => asked,
            // Whatever came of it, the caller goes on with what is stored.
            Sending::Revocation(course) => return go_on(session, course, now),
        };
        let client = &session.client;
        let mut granted = match answer::judge(client.provider(), now, response) {
            Ok(granted) => granted,
            Err(error) => {
                let secret = client.secret().map_or("", ClientSecret::expose);
                let error = error.without(&[secret]);
                let reason = reason(&error);
                let (facts, why) = match error {
                    TokenError::Refused(facts) => (facts, None),
                    TokenError::Unavailable(why, facts) => (facts, Some(why.to_string())),
                    TokenError::Malformed(why, facts) => (facts, Some(why.to_string())),
                };
                return set_back(session, asked, reason, Some(facts), why, now);
            }
        };
        // RFC 6749 section 5.1: a scope that is not named is the one asked for.
        if granted.scope.is_none() && !client.scope().is_empty() {
            granted.scope = Some(client.scope().to_string());
        }
        let before = match asked.before {
            Some(before) => *before,
            None => transition::without_token(asked.request.sent_at, &mut session.seed),
        };
        let held = transition::renewed(before, granted, asked.request, &mut session.seed);
        let held = Box::new(held);
        save(session, held, Why::Token, asked.course, asked.base)
    }

    fn not_received(
        session: &mut Session,
        sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        let reason = match failure {
            SendFailure::NotSent => TroubleReason::NotSent,
            SendFailure::MaybeSent => TroubleReason::AnswerLost,
        };
        match sending {
            Sending::Token(asked) => set_back(session, asked, reason, None, None, now),
            Sending::Revocation(course) => go_on(session, course, now),
        }
    }
}
