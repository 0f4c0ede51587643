//! How an imported refresh token becomes a login. It is exchanged first, while the stored session
//! stays. It replaces that session only after the server has accepted it.

use alloc::boxed::Box;
use alloc::string::String;

use http::Response;

use super::candidate::Candidate;
use super::data::Session;
use super::error::RefreshError;
use super::grant::Grant;
use super::id::TokenId;
use super::intent::{Attempt, Intent};
use super::known::Known;
use super::outcome;
use super::record::RecordError;
use super::revocation;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::terms::Plan;
use super::transition::{self, Held, State, StateRef};
use super::trouble::{Trouble, TroubleReason};
use super::verdict::{Cause, Verdict};
use super::written::{Base, Deed};
use crate::answer::{self, AnswerFacts, Follows, TokenError};
use crate::limits::{ATTEMPT_MAX, CONFLICTS_MAX, INTENT_FRESH_FOR};
use crate::secret::{ClientSecret, RefreshToken};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of an import: the grant is stored as a login, or was already stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The id of the stored grant.
    pub id: TokenId,
}

/// A change that an import is storing.
#[derive(Debug)]
pub struct Saving {
    candidate: Candidate,
    what: What,
    conflicts: u8,
}

#[derive(Debug)]
enum What {
    /// The intent. The request leaves after it is stored.
    Intent,
    /// The rest of the candidate, and the error for the caller.
    Left(Option<Candidate>, RefreshError),
    /// The login that the candidate has become.
    Login(Box<Held>),
}

/// A request of an import that is on its way.
#[derive(Debug)]
pub enum Sending {
    /// The exchange.
    Exchange(Box<Candidate>),
    /// The revocation of the replaced login, or of an import that another writer overtook.
    Revocation(Result<Imported, RefreshError>),
}

impl Session {
    /// Exchanges a refresh token from another client, and stores the result as a login. It replaces
    /// the stored session. Use it to move here from another client, which must not use the token
    /// again. Read `stored` under the store's lease.
    ///
    /// The stored session stays until the server accepts the token, and it stays if the server
    /// refuses. A lost answer is treated like that of a refresh, as the provider's replay rule
    /// says. In that case, import the same token again. A record of another owner or of a newer
    /// release is refused before anything is sent: log out first, which keeps it aside.
    pub fn import(
        &mut self,
        now: Timestamp,
        token: RefreshToken,
        user: Option<String>,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Imported> {
        if let Err(error) = self.is_for(false) {
            return Step::Done(Err(error));
        }
        // What is wrong with it is said by `begin`.
        let _readable = self.observe(stored.as_ref());
        begin(self, now, token, user, 0)
    }
}

fn begin(
    session: &mut Session,
    now: Timestamp,
    token: RefreshToken,
    user: Option<String>,
    conflicts: u8,
) -> Step<'_, Imported> {
    // Damaged bytes serve nobody, and are kept aside, as at a login. Those of another program may
    // serve it, and nobody knows yet whether the server accepts the token.
    if let Err(error @ (RecordError::Foreign(_) | RecordError::Newer { .. })) =
        session.known.state()
    {
        return Step::Done(Err(RefreshError::Record(error)));
    }
    if let Some(held) = session.known.held()
        && held.grant().refresh_token.as_ref() == Some(&token)
    {
        let id = held.id();
        return Step::Done(Ok(Imported { id }));
    }
    let earlier = session.known.base().candidate().cloned();
    let earlier = earlier.filter(|earlier| earlier.token == token);
    let attempt = match &earlier {
        None => Attempt::first(now),
        Some(Candidate { intent, .. }) => {
            let until = intent.at.saturating_add(ATTEMPT_MAX);
            if !intent.over && intent.at <= now && now < until {
                let wait = Trouble::lost_answer(intent.at, until, intent.attempt);
                return Step::Done(Err(RefreshError::Unavailable(wait)));
            }
            if !intent.may_be_repeated(now, session.client.provider().replay()) {
                let lost = Verdict::new(Cause::AnswerLost, Some(now));
                let what = What::Left(None, RefreshError::ImportRefused(lost));
                let candidate = Candidate {
                    token,
                    user,
                    intent: intent.clone(),
                };
                return save(session, candidate, what, conflicts);
            }
            Attempt::after(intent)
        }
    };
    let candidate = Candidate {
        token,
        user,
        intent: attempt.intent(now, &mut session.seed),
    };
    let what = What::Intent;
    save(session, candidate, what, conflicts)
}

fn save(
    session: &mut Session,
    candidate: Candidate,
    what: What,
    conflicts: u8,
) -> Step<'_, Imported> {
    let saving = Saving {
        candidate,
        what,
        conflicts,
    };
    let base = session.known.base().clone();
    let candidate = match &saving.what {
        What::Intent => Some(saving.candidate.clone()),
        What::Left(left, _) => left.clone(),
        What::Login(_) => None,
    };
    let (state, deed) = match (&saving.what, session.known.state()) {
        (What::Login(held), _) => (StateRef::Held(held), Deed::LoginOrLogout),
        (_, Ok(Some(state))) => (state.by_ref(), Deed::Note),
        (_, Ok(None)) => (StateRef::Nobody { sign_in_at: None }, Deed::Note),
        // What cannot be read is kept aside.
        (_, Err(_)) => (StateRef::Nobody { sign_in_at: None }, Deed::Note),
    };
    let written = session.written(base.with_candidate(candidate), state, deed);
    Step::save(session, written, saving)
}

/// Goes on after something beside the state has been stored.
fn noted(session: &mut Session, after: Base) {
    let state = match session.known.state() {
        Ok(Some(state)) => state.clone(),
        Ok(None) | Err(_) => State::Nobody { sign_in_at: None },
    };
    session.known = Known::written(after, state);
}

fn end(
    session: &mut Session,
    candidate: Candidate,
    left: Option<Intent>,
    error: RefreshError,
) -> Step<'_, Imported> {
    let left = left.map(|intent| Candidate {
        intent,
        ..candidate.clone()
    });
    let what = What::Left(left, error);
    save(session, candidate, what, 0)
}

/// No answer will come any more. The replay rule says whether the token may be imported again.
fn lost(
    session: &mut Session,
    candidate: Candidate,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
) -> Step<'_, Imported> {
    let replay = session.client.provider().replay();
    if !candidate.intent.may_be_repeated(now, replay) {
        let verdict = Verdict::new(Cause::AnswerLost, Some(now));
        let refused = RefreshError::ImportRefused(verdict);
        return end(session, candidate, None, refused);
    }
    let over = Intent {
        over: true,
        ..candidate.intent.clone()
    };
    let trouble = outcome::first_trouble(TroubleReason::AnswerLost, facts, now, &mut session.seed);
    end(
        session,
        candidate,
        Some(over),
        RefreshError::Unavailable(trouble),
    )
}

fn refused(
    session: &mut Session,
    candidate: Candidate,
    error: TokenError,
    now: Timestamp,
) -> Step<'_, Imported> {
    let facts = match error {
        TokenError::Malformed(_, facts) => return lost(session, candidate, Some(facts), now),
        TokenError::Refused(facts) | TokenError::Unavailable(_, facts) => facts,
    };
    if facts.follows == Follows::Login {
        let cause = match candidate.intent.attempt {
            0 | 1 => Cause::Refused,
            _ => Cause::AnswerLost,
        };
        let verdict = Verdict {
            cause,
            status: Some(facts.status),
            code: facts.code,
            at: Some(now),
        };
        let refused = RefreshError::ImportRefused(verdict);
        return end(session, candidate, None, refused);
    }
    let reason = match facts.follows {
        Follows::Configuration => TroubleReason::Configuration,
        Follows::Login | Follows::Nothing => TroubleReason::ServerFault,
    };
    let trouble = outcome::first_trouble(reason, Some(facts), now, &mut session.seed);
    let left = candidate.intent.clone().without_the_last();
    end(session, candidate, left, RefreshError::waiting(trouble))
}

impl Sealed for Imported {}

impl Goal for Imported {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, after: Base, now: Timestamp) -> Step<'_, Self> {
        let Saving {
            candidate, what, ..
        } = saving;
        match what {
            What::Intent => {
                noted(session, after);
                // A process that was paused here may have been given up for dead by others.
                if now.saturating_since(candidate.intent.at) > INTENT_FRESH_FOR
                    || now < candidate.intent.at
                {
                    let left = candidate.intent.clone().without_the_last();
                    return end(session, candidate, left, RefreshError::Contended);
                }
                let signed = session.client.signed(now, &mut session.seed);
                let request = signed.map(|client| client.refresh_request(&candidate.token));
                let exchange = Sending::Exchange(Box::new(candidate));
                match request {
                    Ok(request) => Step::send(session, request, exchange),
                    Err(_) => Self::not_received(session, exchange, now, SendFailure::NotSent),
                }
            }
            What::Left(_, error) => {
                noted(session, after);
                Step::Done(Err(error))
            }
            What::Login(held) => {
                let imported = Ok(Self { id: held.id() });
                let replaced = session.known.held().map(Held::grant);
                let (client, seed) = (&session.client, &mut session.seed);
                let request =
                    replaced.and_then(|replaced| revocation::request(client, replaced, now, seed));
                session.known = Known::written(after, State::Held(held));
                match request {
                    Some(request) => Step::send(session, request, Sending::Revocation(imported)),
                    None => Step::Done(imported),
                }
            }
        }
    }

    /// A login or a logout by another writer ends an import. Anything else that was noted stays.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Self::not_saved(session, saving, now);
        }
        let _readable = session.observe(stored.as_ref());
        let stands = session.known.base().candidate();
        let same = stands.is_some_and(|stands| {
            let Candidate { token, intent, .. } = &saving.candidate;
            stands.token == *token && stands.intent.is_attempt_of(intent)
        });
        let Candidate { token, user, .. } = saving.candidate.clone();
        match saving.what {
            What::Intent => begin(session, now, token, user, conflicts),
            what if same => {
                let candidate = saving.candidate;
                save(session, candidate, what, conflicts)
            }
            What::Left(_, error) => Step::Done(Err(error)),
            What::Login(held) if session.known.is_of_login(&held) => {
                Step::Done(Ok(Self { id: held.id() }))
            }
            What::Login(held) => {
                let overtaken = Err(RefreshError::Contended);
                match revocation::request(&session.client, held.grant(), now, &mut session.seed) {
                    Some(request) => Step::send(session, request, Sending::Revocation(overtaken)),
                    None => Step::Done(overtaken),
                }
            }
        }
    }

    fn not_saved(_: &mut Session, saving: Saving, _: Timestamp) -> Step<'_, Self> {
        Step::Done(Err(match saving.what {
            What::Left(_, error) => error,
            What::Intent | What::Login(_) => RefreshError::NotStored,
        }))
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        let candidate = match sending {
            Sending::Exchange(candidate) => *candidate,
            // Whatever came of it: what was replaced is nobody's any more.
            Sending::Revocation(imported) => return Step::Done(imported),
        };
        let answer = answer::judge(session.client.provider(), now, response);
        let granted = match answer {
            Ok(granted) => granted,
            Err(error) => {
                let secret = session.client.secret().map_or("", ClientSecret::expose);
                let error = error.without(&[candidate.token.expose(), secret]);
                return refused(session, candidate, error, now);
            }
        };
        let plan = Plan::of(&session.client);
        let former = Grant::imported(candidate.token.clone(), candidate.intent.at);
        let (issued_at, window) = (candidate.intent.at, plan.refresh_window);
        let grant = Grant::new(granted, Some(&former), issued_at, window, &mut session.seed);
        let user = candidate.user.clone();
        let held = transition::login(grant, user, plan, &mut session.seed);
        let what = What::Login(Box::new(held));
        save(session, candidate, what, 0)
    }

    fn not_received(
        session: &mut Session,
        sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        let candidate = match sending {
            Sending::Exchange(candidate) => *candidate,
            Sending::Revocation(imported) => return Step::Done(imported),
        };
        match failure {
            SendFailure::MaybeSent => lost(session, candidate, None, now),
            SendFailure::NotSent => {
                let reason = TroubleReason::NotSent;
                let trouble = outcome::first_trouble(reason, None, now, &mut session.seed);
                let left = candidate.intent.clone().without_the_last();
                end(session, candidate, left, RefreshError::waiting(trouble))
            }
        }
    }
}
