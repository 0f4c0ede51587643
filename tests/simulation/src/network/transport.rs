//! What a client sends with: an HTTP client that follows, repeats and hides nothing, unless it
//! is sabotaged.

use http::{Request, Response};
use twoba_core::{Form, SendFailure};
use twoba_store::TransportError;

use super::answer::Answer;
use super::{Ask, Class, Wire};
use crate::judge::{Delivered, RequestId};
use crate::plan::Word;
use crate::sabotage::Sabotage;
use crate::sim::Handle;
use crate::store::Who;

/// How often a sabotaged transport sends again.
const REPEATS: usize = 2;

/// Who logs in when a program does so by itself.
pub(crate) const HOOK_USER: &str = "vault@example.com";

/// Sends token requests of one client.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    pub(crate) sim: Handle,
    pub(crate) who: Who,
}

impl Transport {
    pub(crate) async fn send(
        &self,
        request: Request<Form>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let Some(ask) = read(&request) else {
            return Err(failed(SendFailure::NotSent, "nobody answers there"));
        };
        let mut last = self.exchange(&ask).await;
        for _ in 0..REPEATS {
            if !self.repeats(&ask, &last) {
                break;
            }
            last = self.exchange(&ask).await;
        }
        let lies = self
            .sim
            .with(|sim| sim.has(Sabotage::EveryFailureIsNotSent));
        match last {
            Some(Wire::Answer(answer)) => Ok(self.heard(answer).into_response()),
            None => Err(failed(SendFailure::NotSent, "connection refused")),
            Some(Wire::Broken | Wire::TimedOut) if lies => {
                Err(failed(SendFailure::NotSent, "connection closed"))
            }
            Some(Wire::Broken) => Err(failed(SendFailure::MaybeSent, "connection reset")),
            Some(Wire::TimedOut) => Err(failed(SendFailure::MaybeSent, "operation timed out")),
        }
    }

    /// One exchange; `None` where there was no connection.
    async fn exchange(&self, ask: &Ask) -> Option<Wire> {
        let call = self.sim.with(|sim| sim.call(self.who, ask.clone()));
        let mut pending = Pending {
            transport: self,
            request: call.id,
            over: false,
        };
        let wire = if call.connected.wait(&self.sim).await {
            self.sim.with(|sim| sim.leave(&call));
            Some(call.ended.wait(&self.sim).await)
        } else {
            None
        };
        pending.over = true;
        let delivered = match &wire {
            None => Delivered::NotSent,
            Some(Wire::Broken | Wire::TimedOut) => Delivered::Nothing,
            Some(Wire::Answer(answer)) => Delivered::Answer(answer.class.clone()),
        };
        self.sim.with(|sim| sim.judge_delivered(call.id, delivered));
        wire
    }

    fn repeats(&self, ask: &Ask, last: &Option<Wire>) -> bool {
        let sabotage = self.sim.with(|sim| sim.sabotage);
        let Some(Wire::Answer(answer)) = last else {
            return false;
        };
        match sabotage {
            Some(Sabotage::RetryServerFault) => answer.is_server_fault(),
            Some(Sabotage::RetryBrokenAnswer) => {
                matches!(ask, Ask::Refresh(_)) && answer.is_truncated()
            }
            Some(_) | None => false,
        }
    }

    /// The answer, or what a sabotaged transport makes of it.
    fn heard(&self, answer: Answer) -> Answer {
        let sabotaged = self.sim.with(|sim| sim.has(Sabotage::OutageIsRefusal));
        if sabotaged && answer.is_server_fault() {
            return Answer::refused(Word::InvalidGrant);
        }
        let hasty = self.sim.with(|sim| sim.has(Sabotage::EarlyIsVerdict));
        if hasty && answer.class == Class::RefusedBare {
            return Answer::refused(Word::InvalidGrant);
        }
        answer
    }
}

/// An exchange whose end somebody awaits; dropped before it, that is told.
struct Pending<'a> {
    transport: &'a Transport,
    request: RequestId,
    over: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.over {
            let sim = &self.transport.sim;
            sim.with(|sim| sim.judge_dropped(self.request));
        }
    }
}

/// What a request asks for; `None` for one that no server of this world takes.
fn read(request: &Request<Form>) -> Option<Ask> {
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(request.body().as_ref()).ok()?;
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    if request.uri().path() == "/revoke" {
        return Some(Ask::Revocation(field("token")?));
    }
    match field("grant_type")?.as_str() {
        "password" => Some(Ask::Login {
            by_hook: field("username")? == HOOK_USER,
        }),
        "client_credentials" => Some(Ask::Own),
        "refresh_token" => Some(Ask::Refresh(field("refresh_token")?)),
        _ => None,
    }
}

fn failed(failure: SendFailure, why: &'static str) -> TransportError {
    TransportError {
        failure,
        cause: why.into(),
    }
}
