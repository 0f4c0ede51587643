//! Serves the mounted services: reads their requests, judges the caller, and writes the journal.

use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use hyper::header::WWW_AUTHENTICATE;
use twoba_sample_services::{
    self as services, Delivery, Happened, Head, Missing, Proof, Step, Subject, Then, Unread,
    Verdict, Work,
};

use super::answer::Answer;
use super::bearer::{self, Credentials, Judged};
use super::damage::{Outcome, play};
use super::handed_over::{Query, without_proofs};
use super::{delivery, origin, request};
use crate::journal::EventKind;
use crate::refusal::Refusal;
use crate::world::Shared;

pub(super) async fn handle(shared: &Arc<Shared>, request: Request<Incoming>) -> Outcome {
    let (mut parts, body) = request.into_parts();
    let query = Query::read(parts.uri.query().unwrap_or_default());
    let credentials = Credentials::new(&parts.headers, query.token);
    without_proofs(&mut parts.headers);
    let head = Head {
        method: &parts.method,
        path: parts.uri.path(),
        query: query.parameters.as_ref().map_err(|malformed| *malformed),
        headers: &parts.headers,
        is_foreign: origin::is_foreign(shared, &parts.headers),
    };
    let asked = match shared.services.begin(head) {
        Ok(Step::Asked(asked)) => asked,
        Ok(Step::Body(then)) => then.with(request::body(body).await.map_err(unread)),
        Ok(Step::Form(then)) => {
            let form = request::form(&parts.headers, body).await;
            then.with(form.map_err(unread))
        }
        Err(Missing::Path) => return Outcome::Answer(Answer::not_found()),
        Err(Missing::Method(allowed)) => {
            return Outcome::Answer(Answer::method_not_allowed(allowed));
        }
    };
    match asked.subject {
        Subject::Page => Outcome::Answer(finish(shared, &credentials, asked.work)),
        Subject::Function(name) => {
            let fault = shared.world().service_call(name);
            // A service changes nothing, so a made-up answer is the real one.
            play(fault, |_work| finish(shared, &credentials, asked.work)).await
        }
    }
}

fn unread(refusal: Refusal) -> Unread {
    Unread {
        status: refusal.status(),
        reason: refusal.description(),
    }
}

/// Judges the caller if a service asks for it, and carries out the rest.
fn finish(shared: &Arc<Shared>, credentials: &Credentials, work: Work<'_>) -> Answer {
    match work {
        Work::Done(answer) => (*answer).into(),
        Work::Judge(proof, then) => judged(shared, credentials, proof, then),
    }
}

fn judged(
    shared: &Arc<Shared>,
    credentials: &Credentials,
    proof: Proof,
    then: Then<'_, Verdict, services::Answer>,
) -> Answer {
    let judged = bearer::judge(shared, proof, credentials);
    let mut answer = then.with(bearer::told(shared, &judged));
    if let Some(happened) = answer.happened {
        let event = event(happened, credentials, &judged);
        shared.world().record(event);
    }
    if let Some(delivery) = answer.delivery.take() {
        drop(tokio::spawn(deliver(Arc::clone(shared), delivery)));
    }
    let answer = Answer::from(answer);
    match judged {
        // A script cannot see headers, and the status that they belong to is hidden.
        Err(bad) if answer.jsonp.is_none() => {
            answer.before(WWW_AUTHENTICATE, bearer::challenge(bad.reason))
        }
        Err(_) | Ok(_) => answer,
    }
}

/// The journal's event for a link.
fn event(happened: Happened, credentials: &Credentials, judged: &Judged) -> EventKind {
    match happened {
        Happened::Opened { interface_type } => {
            let caller = judged.as_ref().ok().copied().flatten();
            EventKind::UnifeedOpened {
                interface_type,
                access: credentials.fingerprint_in_link(),
                family: caller.map(|(bearer, _)| bearer.family),
                refused: judged.as_ref().err().map(|bad| bad.reason),
            }
        }
        Happened::Returned {
            interface_type,
            items,
        } => EventKind::UnifeedReturned {
            interface_type,
            items,
        },
    }
}

/// Posts a selection and writes the result into the journal.
async fn deliver(shared: Arc<Shared>, delivery: Delivery) {
    let mut known = shared.applications.iter();
    let application = known.find(|known| delivery.application.as_ref() == Some(&known.name));
    let status = delivery::post(&delivery, application).await;
    shared
        .world()
        .record(EventKind::UnifeedDelivered { status });
}
