//! How a token is got: each finished effect of a login or a refresh leads to the next step.

use alloc::boxed::Box;

use http::Response;

use super::error::RefreshError;
use super::intent::Intent;
use super::late::{self, Dropping, LeftOver};
use super::record::{Binding, Grant, Held, RecordError, State};
use super::step::{Goal, Reply, Step};
use super::transition::{self, Answered, Next};
use super::want::Want;
use super::{Session, View};
use crate::answer;
use crate::limits::{CONFLICTS_MAX, INTENT_FRESH_FOR};
use crate::login::FreshGrant;
use crate::secret::{AccessToken, ClientSecret, RefreshToken};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What a change of the store is for.
#[derive(Debug)]
pub struct Saving {
    held: Box<Held>,
    why: Why,
    want: Want,
    conflicts: u8,
    /// Whether it comes from an earlier call, so that time has passed.
    left_over: bool,
}

#[derive(Debug)]
enum Why {
    /// A login, over whatever is stored.
    Login,
    /// The request leaves once this is stored.
    Intent,
    /// The successor that the server has handed out.
    Rotation,
    /// A verdict or a trouble that the answer to this intent brought.
    Setback(Option<Intent>),
}

/// A request that is out.
#[derive(Debug)]
pub enum Sending {
    /// The refresh.
    Refresh(Asked),
    /// The revocation of a grant that came too late.
    Revocation(Dropping),
}

/// A refresh that is out.
#[derive(Debug)]
pub struct Asked {
    held: Box<Held>,
    want: Want,
    conflicts: u8,
}

pub(super) fn adopt<'s>(
    session: &'s mut Session,
    fresh: FreshGrant,
    stored: Option<&StoredGrant>,
) -> Step<'s, AccessToken> {
    if Binding::of_fresh(&fresh, &session.binding.key) != session.binding {
        return Step::Done(Err(RefreshError::Record(RecordError::Foreign("client"))));
    }
    let grant = Grant::new(fresh.granted, None, fresh.sent_at, &mut session.seed);
    let held = Held::login(grant, fresh.user, &mut session.seed);
    let saving = Saving {
        held: Box::new(held),
        why: Why::Login,
        want: Want::Usable,
        conflicts: 0,
        left_over: false,
    };
    save(session, saving, stored)
}

/// Goes on from what has just been read under the lease.
pub(super) fn proceed<'s>(
    session: &'s mut Session,
    want: Want,
    now: Timestamp,
    stored: Option<&StoredGrant>,
    conflicts: u8,
) -> Step<'s, AccessToken> {
    if conflicts > CONFLICTS_MAX {
        return Step::Done(Err(RefreshError::Contended));
    }
    let observed = session.observe(stored);
    match late::left_over(session, observed.is_ok()) {
        Some(LeftOver::Successor(held)) => {
            let saving = Saving {
                held,
                why: Why::Rotation,
                want,
                conflicts,
                left_over: true,
            };
            return save(session, saving, stored);
        }
        Some(LeftOver::Overtaken(request)) => {
            return late::revoke(session, request, want, conflicts, stored);
        }
        None => {}
    }
    let held = match observed {
        Ok(()) => session.view.grant(),
        Err(error) => Err(RefreshError::Record(error)),
    };
    let held = match held {
        Ok(held) => held,
        Err(error) => return Step::Done(Err(error)),
    };
    let next = transition::next(&held, want, now, &session.terms(held.login));
    let (held, why) = match decided(*held, next) {
        Ok(change) => change,
        Err(outcome) => return Step::Done(outcome),
    };
    let saving = Saving {
        held: Box::new(held),
        why,
        want,
        conflicts,
        left_over: false,
    };
    save(session, saving, stored)
}

/// What is to be saved of a decision and why, or what the caller gets without.
fn decided(held: Held, next: Next) -> Result<(Held, Why), Result<AccessToken, RefreshError>> {
    let before = held.intent.clone();
    match next {
        Next::Serve(token) => Err(Ok(token)),
        Next::Fail(error) => Err(Err(error)),
        Next::Ask(intent) => {
            let asking = Held {
                intent: Some(intent),
                ..held
            };
            Ok((asking, Why::Intent))
        }
        Next::Restart(restarted) => Ok((*restarted, Why::Setback(before))),
        Next::Condemn(verdict) => {
            let condemned = transition::condemned(held, verdict);
            Ok((condemned, Why::Setback(before)))
        }
    }
}

fn save<'s>(
    session: &'s mut Session,
    saving: Saving,
    stored: Option<&StoredGrant>,
) -> Step<'s, AccessToken> {
    let state = State::Held(saving.held.clone());
    let ends_rescue = matches!(saving.why, Why::Login | Why::Rotation);
    session.save(&state, stored, ends_rescue, saving)
}

/// What the caller is told about a grant that has just had a setback.
fn conclude(session: &Session, want: Want, now: Timestamp) -> Step<'_, AccessToken> {
    let Some(held) = session.held() else {
        return Step::Done(Err(RefreshError::NotStored));
    };
    match transition::next(held, want, now, &session.terms(held.login)) {
        Next::Serve(token) => Step::Done(Ok(token)),
        Next::Fail(error) => Step::Done(Err(error)),
        // The wait is over in this very moment; the next call goes on.
        Next::Ask(_) | Next::Restart(_) | Next::Condemn(_) => {
            Step::Done(Err(match &held.trouble {
                Some(trouble) => trouble.clone().into_error(),
                None => RefreshError::Contended,
            }))
        }
    }
}

impl Goal for AccessToken {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Self> {
        let Saving {
            held,
            why,
            want,
            conflicts,
            left_over,
        } = saving;
        match why {
            Why::Rotation if left_over => {
                let stored = session.stored_as(&held);
                proceed(session, want, now, Some(&stored), conflicts)
            }
            Why::Login | Why::Rotation => {
                let token = held.grant.access_token.clone();
                if matches!(why, Why::Rotation) {
                    session.unsaved = None;
                }
                // What an earlier call got before a login is revoked by the next one.
                session.view = View::Held(held);
                Step::Done(token.ok_or(RefreshError::NotStored))
            }
            Why::Setback(_) => {
                session.view = View::Held(held);
                conclude(session, want, now)
            }
            Why::Intent => send(session, held, want, conflicts, now),
        }
    }

    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.conflicts.saturating_add(1);
        let stored = stored.as_ref();
        if conflicts > CONFLICTS_MAX {
            return Self::not_saved(session, saving, now);
        }
        // Unreadable bytes are reported by `proceed`; a login replaces them.
        let readable = session.observe(stored).is_ok();
        if matches!(saving.why, Why::Login) && was_gone_on_with(session, &saving.held, stored) {
            let token = saving.held.grant.access_token.clone();
            return Step::Done(token.ok_or(RefreshError::NotStored));
        }
        let held = match &saving.why {
            Why::Login => Some(saving.held.clone()),
            Why::Intent => None,
            Why::Rotation => (readable && late::succeeds(&saving.held, &session.view))
                .then(|| saving.held.clone()),
            Why::Setback(intent) => session
                .held()
                .and_then(|stored| late::setback(&saving.held, intent.as_ref(), stored))
                .map(Box::new),
        };
        if let Some(held) = held {
            return save(
                session,
                Saving {
                    held,
                    conflicts,
                    ..saving
                },
                stored,
            );
        }
        if matches!(saving.why, Why::Rotation) {
            // It is as if an earlier call had left it over.
            session.unsaved = Some(saving.held);
        }
        proceed(session, saving.want, now, stored, conflicts)
    }

    fn not_saved(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Self> {
        match saving.why {
            // Its caller is told, and logs in again. If it came back later it could undo a
            // logout.
            Why::Login => return Step::Done(Err(RefreshError::NotStored)),
            Why::Rotation => session.unsaved = Some(saving.held),
            Why::Intent => {}
            // The verdict holds in this process at least.
            Why::Setback(_) => {
                session.view = View::Held(saving.held);
                return conclude(session, saving.want, now);
            }
        }
        match session.token(now) {
            Some(token) if saving.want == Want::Usable => Step::Done(Ok(token.clone())),
            Some(_) | None => Step::Done(Err(RefreshError::NotStored)),
        }
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        let sending = match sending {
            Sending::Refresh(asked) => asked,
            Sending::Revocation(dropping) => return dropping.go_on(session, now),
        };
        let terms = session.terms(sending.held.login);
        let answer = answer::judge(session.client.provider(), now, response);
        let grant = &sending.held.grant;
        let refresh = grant.refresh_token.as_ref();
        let access = grant.access_token.as_ref();
        let secrets = [
            refresh.map_or("", RefreshToken::expose),
            access.map_or("", AccessToken::expose),
            session.client.secret().map_or("", ClientSecret::expose),
        ];
        let answer = answer.map_err(|error| error.without(&secrets));
        let before = session.stored_as(&sending.held);
        let intent = sending.held.intent.clone();
        let (held, why) =
            match transition::answered(*sending.held, answer, now, &terms, &mut session.seed) {
                Answered::Rotated(held) => (held, Why::Rotation),
                Answered::Setback(held) => (held, Why::Setback(intent)),
            };
        let saving = Saving {
            held: Box::new(held),
            why,
            want: sending.want,
            conflicts: sending.conflicts,
            left_over: false,
        };
        save(session, saving, Some(&before))
    }

    fn not_received(
        session: &mut Session,
        sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        let sending = match sending {
            Sending::Refresh(asked) => asked,
            Sending::Revocation(dropping) => return dropping.go_on(session, now),
        };
        let terms = session.terms(sending.held.login);
        let before = session.stored_as(&sending.held);
        let intent = sending.held.intent.clone();
        let held = transition::unanswered(*sending.held, failure, now, &terms, &mut session.seed);
        let saving = Saving {
            held: Box::new(held),
            why: Why::Setback(intent),
            want: sending.want,
            conflicts: sending.conflicts,
            left_over: false,
        };
        save(session, saving, Some(&before))
    }
}

/// Whether a login was stored although the store said that it had failed, and somebody has gone on
/// with it: stored over that it would come back as it was before.
fn was_gone_on_with(session: &Session, login: &Held, stored: Option<&StoredGrant>) -> bool {
    let held = session.held();
    let is_same = held.is_some_and(|held| held.login == login.login);
    let before = session.stored_as(login).revision();
    is_same && stored.is_some_and(|stored| stored.revision() != before)
}

/// Presents the refresh token whose intent has been stored, while that is fresh.
fn send(
    session: &mut Session,
    mut held: Box<Held>,
    want: Want,
    conflicts: u8,
    now: Timestamp,
) -> Step<'_, AccessToken> {
    let before = session.stored_as(&held);
    let Some(intent) = &mut held.intent else {
        return Step::Done(Err(RefreshError::NotStored));
    };
    let decided_at = intent.at;
    // A process that was paused here may have been given up for dead by others.
    if now.saturating_since(decided_at) > INTENT_FRESH_FOR || now < decided_at {
        intent.at = now;
        intent.first_at = intent.first_at.min(now);
        let saving = Saving {
            held,
            why: Why::Intent,
            want,
            conflicts: conflicts.saturating_add(1),
            left_over: false,
        };
        return save(session, saving, Some(&before));
    }
    let Some(token) = &held.grant.refresh_token else {
        return Step::Done(Err(RefreshError::NotStored));
    };
    let request = session.client.refresh_request(token);
    let sending = Sending::Refresh(Asked {
        held,
        want,
        conflicts,
    });
    Step::Send(request, Reply { session, sending })
}
