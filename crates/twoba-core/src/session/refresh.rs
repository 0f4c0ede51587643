//! How a session gets a token. Each finished effect of a login or a refresh leads to the next step.

use alloc::boxed::Box;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::grant::Grant;
use super::intent::Intent;
use super::known::Known;
use super::late::{self, LeftOver};
use super::next::{self, Next};
use super::outcome::{self, Answered};
use super::record::RecordError;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::terms::{Plan, Terms};
use super::transition::{self, Held, State, StateRef};
use super::want::Want;
use super::written::{Base, Deed};
use crate::answer;
use crate::limits::{CONFLICTS_MAX, INTENT_FRESH_FOR};
use crate::login::FreshGrant;
use crate::secret::{AccessToken, ClientSecret};
use crate::seed::Seed;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The caller's want, and how often the sequence of steps has started over.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    want: Want,
    conflicts: u8,
}

impl Course {
    /// The same after it has started over.
    fn again(self) -> Self {
        let conflicts = self.conflicts.saturating_add(1);
        Self { conflicts, ..self }
    }
}

/// The purpose of a change of the store.
#[derive(Debug)]
pub struct Saving {
    /// The new state. A rotation lies among what is unsaved meanwhile, so that a receipt that is
    /// dropped does not take it along.
    held: Option<Box<Held>>,
    why: Why,
    course: Course,
}

#[derive(Debug)]
enum Why {
    /// A login, which replaces whatever is stored.
    Login,
    /// An intent. The request leaves after it is stored. It may replace an intent that has waited
    /// too long.
    Intent(Option<Intent>),
    /// The successor from the server.
    Rotation,
    /// The same successor, which an earlier call got some time ago.
    LeftOver,
    /// A verdict or a trouble that the answer to this intent brought.
    Setback(Option<Intent>),
    /// A wait that begins again. It means nothing over a record that another writer has stored.
    Restart,
}

/// A request that is on its way.
#[derive(Debug)]
pub enum Sending {
    /// The refresh.
    Refresh(Asked),
    /// The revocation of a grant that came too late.
    Revocation(Course),
}

/// A refresh on its way, with its stored intent.
#[derive(Debug)]
pub struct Asked {
    held: Box<Held>,
    base: Base,
    course: Course,
}

impl Session {
    /// Stores a successful login over whatever is `stored` now, and then hands out its token. No
    /// lease is needed, because a newer login wins.
    pub fn adopt(
        &mut self,
        fresh: FreshGrant,
        stored: Option<StoredGrant>,
    ) -> Step<'_, AccessToken> {
        if let Err(error) = self.is_for(false) {
            return Step::Done(Err(error));
        }
        let client = &self.client;
        if fresh.authority != client.provider().authority() || fresh.client_id != client.id() {
            return Step::Done(Err(RefreshError::Record(RecordError::Foreign("client"))));
        }
        let plan = Plan::of(client);
        let window = plan.refresh_window;
        let grant = Grant::new(fresh.granted, None, fresh.sent_at, window, &mut self.seed);
        let held = transition::login(grant, fresh.user, plan, &mut self.seed);
        let course = Course {
            want: Want::Usable,
            conflicts: 0,
        };
        let base = self.base_of(stored.as_ref());
        save(self, Box::new(held), Why::Login, course, base)
    }

    /// Gets the token that the caller wants. It is the stored token if that is enough, and a
    /// refreshed one otherwise. Read `stored` under the store's lease, so that a refresh of another
    /// process is used.
    pub fn obtain(
        &mut self,
        want: Want,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, AccessToken> {
        if let Err(error) = self.is_for(false) {
            return Step::Done(Err(error));
        }
        let course = Course { want, conflicts: 0 };
        proceed(self, course, now, stored.as_ref())
    }
}

/// Goes on from the bytes that were just read under the lease.
fn proceed<'s>(
    session: &'s mut Session,
    course: Course,
    now: Timestamp,
    stored: Option<&StoredGrant>,
) -> Step<'s, AccessToken> {
    // What is wrong with it is said by `go_on`, after what was left over is looked after.
    let _readable = session.observe(stored);
    go_on(session, course, now)
}

/// Goes on from the stored state.
fn go_on(session: &mut Session, course: Course, now: Timestamp) -> Step<'_, AccessToken> {
    session.look_past_unsent();
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
    if let Some((stored, seen)) = session.went_back() {
        return Step::Done(Err(RefreshError::StoreWentBack { stored, seen }));
    }
    let held = match session.known.grant() {
        Ok(held) => held,
        Err(error) => return Step::Done(Err(error)),
    };
    let terms = Terms::of(&session.client, held.id().login);
    let next = next::next(held, course.want, now, &terms);
    // A conflict may mean that the lease is lost: what is read with it is not read under the lease.
    // Somebody may be about to present the token, or may have its successor in hand.
    if course.conflicts > 0 && matches!(next, Next::Ask(_) | Next::Condemn(_)) {
        return Step::Done(Err(RefreshError::Contended));
    }
    let (held, why) = match decided(held, next, now, &mut session.seed) {
        Ok(change) => change,
        Err(outcome) => return Step::Done(outcome),
    };
    save(session, Box::new(held), why, course, base)
}

/// The change to save for a decision with its purpose, or the caller's result without one.
fn decided(
    held: &Held,
    next: Next,
    now: Timestamp,
    seed: &mut Seed,
) -> Result<(Held, Why), Result<AccessToken, RefreshError>> {
    match next {
        Next::Serve(token) => Err(Ok(token)),
        Next::Fail(error) => Err(Err(error)),
        Next::Ask(attempt) => {
            let intent = attempt.intent(now, seed);
            Ok((transition::asking(held.clone(), intent), Why::Intent(None)))
        }
        Next::Restart(anew) => Ok((*anew, Why::Restart)),
        Next::Condemn(verdict) => {
            let condemned = transition::condemned(held.clone(), verdict);
            Ok((condemned, Why::Setback(held.intent().cloned())))
        }
    }
}

fn save(
    session: &mut Session,
    held: Box<Held>,
    why: Why,
    course: Course,
    base: Base,
) -> Step<'_, AccessToken> {
    let (deed, is_last) = match why {
        Why::Login => (Deed::LoginOrLogout, true),
        Why::Rotation => (Deed::Rotation, true),
        Why::LeftOver => (Deed::Rotation, false),
        Why::Intent(_) => (Deed::Note, false),
        Why::Setback(_) | Why::Restart => (Deed::Note, true),
    };
    let written = session.written(base, StateRef::Held(&held), deed);
    let held = match why {
        Why::Rotation | Why::LeftOver => {
            session.unsaved = Some(held);
            None
        }
        Why::Login | Why::Intent(_) | Why::Setback(_) | Why::Restart => Some(held),
    };
    Step::save(session, written.last(is_last), Saving { held, why, course })
}

/// Presents the refresh token of a stored intent while that intent is fresh.
fn send(
    session: &mut Session,
    held: Box<Held>,
    base: Base,
    course: Course,
    now: Timestamp,
) -> Step<'_, AccessToken> {
    let (Some(intent), Some(token)) = (held.intent(), &held.grant().refresh_token) else {
        return Step::Done(Err(RefreshError::NotStored));
    };
    // A process that was paused here may have been given up for dead by others.
    if now.saturating_since(intent.at) > INTENT_FRESH_FOR || now < intent.at {
        let why = Why::Intent(Some(intent.clone()));
        let held = transition::asking_anew(*held, now);
        return save(session, Box::new(held), why, course.again(), base);
    }
    let request = match session.client.signed(now, &mut session.seed) {
        Ok(client) => client.refresh_request(token),
        Err(_) => {
            let why = Why::Setback(held.intent().cloned());
            let held = outcome::unsigned(*held, now, &mut session.seed);
            return save(session, Box::new(held), why, course, base);
        }
    };
    let sending = Sending::Refresh(Asked { held, base, course });
    Step::send(session, request, sending)
}

/// The caller's result for a grant that just had a setback.
fn conclude(session: &Session, want: Want, now: Timestamp) -> Step<'_, AccessToken> {
    let Some(held) = session.known.held() else {
        return Step::Done(Err(RefreshError::NotStored));
    };
    let terms = Terms::of(&session.client, held.id().login);
    match next::next(held, want, now, &terms) {
        Next::Serve(token) => Step::Done(Ok(token)),
        Next::Fail(error) => Step::Done(Err(error)),
        // The wait is over in this very moment; the next call goes on.
        Next::Ask(_) | Next::Restart(_) | Next::Condemn(_) => {
            let trouble = held.trouble().cloned();
            let error = trouble.map_or(RefreshError::Contended, RefreshError::waiting);
            Step::Done(Err(error))
        }
    }
}

impl Sealed for AccessToken {}

impl Goal for AccessToken {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, after: Base, now: Timestamp) -> Step<'_, Self> {
        let Saving { held, why, course } = saving;
        let Some(held) = held.or_else(|| session.unsaved.take()) else {
            return Step::Done(Err(RefreshError::NotStored));
        };
        // Whatever stood there is replaced.
        session.unsent = None;
        if matches!(why, Why::Intent(_)) {
            return send(session, held, after, course, now);
        }
        let token = held.grant().access_token.clone();
        session.known = Known::written(after, State::Held(held));
        match why {
            Why::LeftOver => go_on(session, course, now),
            Why::Setback(_) | Why::Restart | Why::Intent(_) => conclude(session, course.want, now),
            // What an earlier call got before a login is revoked by the next one.
            Why::Login | Why::Rotation => Step::Done(token.ok_or(RefreshError::NotStored)),
        }
    }

    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let course = saving.course.again();
        if course.conflicts > CONFLICTS_MAX {
            return Self::not_saved(session, saving, now);
        }
        let before = session.known.held().cloned();
        // Unreadable bytes are reported by `go_on`; a login replaces them.
        let _readable = session.observe(stored.as_ref());
        let held = match (&saving.why, saving.held) {
            (Why::Login, Some(login)) if session.known.is_of_login(&login) => {
                return conclude(session, course.want, now);
            }
            (Why::Login, login) => login,
            (Why::Setback(intent), Some(end)) => session.late_end(*end, intent.as_ref()),
            (Why::Intent(Some(waited)), Some(anew)) => {
                session.note_overtaken(before, &anew, waited);
                None
            }
            (Why::Rotation | Why::LeftOver, _) => session.take_successor(),
            (Why::Intent(_) | Why::Restart, _) | (Why::Setback(_), None) => None,
        };
        match held {
            Some(held) => {
                let base = session.known.base().clone();
                save(session, held, saving.why, course, base)
            }
            None => go_on(session, course, now),
        }
    }

    fn not_saved(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Self> {
        let want = saving.course.want;
        match (saving.why, saving.held) {
            // Its caller is told, and logs in again. If it came back later it could undo a
            // logout.
            (Why::Login, _) => return Step::Done(Err(RefreshError::NotStored)),
            (Why::Intent(replaced), Some(held)) => session.note_unsent(&held, replaced),
            // It holds in this process at least.
            (Why::Setback(intent), Some(held)) => {
                session.note_ended(held, intent);
                return conclude(session, want, now);
            }
            (Why::Restart, Some(held)) => {
                session.known.hold(held);
                return conclude(session, want, now);
            }
            // It lies there already.
            (Why::Rotation | Why::LeftOver, _) => {}
            (Why::Intent(_) | Why::Setback(_) | Why::Restart, None) => {}
        }
        match session.token(now) {
            Some(token) if want == Want::Usable => Step::Done(Ok(token.clone())),
            Some(_) | None => Step::Done(Err(RefreshError::NotStored)),
        }
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        let Asked { held, base, course } = match sending {
            Sending::Refresh(asked) => asked,
            // Whatever came of it, the caller goes on with what is stored.
            Sending::Revocation(course) => return go_on(session, course, now),
        };
        let terms = Terms::of(&session.client, held.id().login);
        let answer = answer::judge(session.client.provider(), now, response);
        let [access, refresh] = held.grant().tokens();
        let secret = session.client.secret().map_or("", ClientSecret::expose);
        let answer = answer.map_err(|error| error.without(&[access, refresh, secret]));
        let intent = held.intent().cloned();
        let (held, why) = match outcome::answered(*held, answer, now, &terms, &mut session.seed) {
            Answered::Rotated(held) => (Box::new(held), Why::Rotation),
            Answered::Setback(held) => (Box::new(held), Why::Setback(intent)),
        };
        save(session, held, why, course, base)
    }

    fn not_received(
        session: &mut Session,
        sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        let Asked { held, base, course } = match sending {
            Sending::Refresh(asked) => asked,
            Sending::Revocation(course) => return go_on(session, course, now),
        };
        let terms = Terms::of(&session.client, held.id().login);
        let why = Why::Setback(held.intent().cloned());
        let held = outcome::unanswered(*held, failure, now, &terms, &mut session.seed);
        save(session, Box::new(held), why, course, base)
    }
}
