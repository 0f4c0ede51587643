//! Decides how refreshes are measured: families, connections, and what is counted of them.

use std::io::{Error, ErrorKind, Result};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::endpoint::{Endpoint, refresh_token};
use crate::usage::processor_time;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many connections are kept, each with one request under way.
    pub connections: usize,
    /// How many logins are refreshed in turn.
    pub families: usize,
    /// How many refreshes.
    pub refreshes: u64,
    /// The process of the server, to learn how much processor time it takes.
    pub server: Option<u32>,
}

/// What came of it. All refreshes got a new refresh token, or there is no measurement.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// The processor time of this process.
    pub ours: Option<Duration>,
    /// The processor time of the server.
    pub servers: Option<Duration>,
}

/// A connection and the families that are refreshed over it, by their current refresh tokens.
struct Lane {
    connection: Connection,
    tokens: Vec<String>,
    /// The family that is refreshed.
    at: usize,
}

impl Lane {
    fn send(&mut self, endpoint: &Endpoint, request: &mut String) -> Result<()> {
        if let Some(token) = self.tokens.get(self.at) {
            endpoint.refresh(request, token);
            self.connection.send(request.as_bytes())?;
        }
        Ok(())
    }

    /// Takes the answer in, and goes on to the next family.
    fn receive(&mut self, fresh: &mut String) -> Result<()> {
        let answer = self.connection.receive()?;
        refresh_token(&answer, fresh)?;
        if let Some(token) = self.tokens.get_mut(self.at) {
            if token == fresh {
                return Err(Error::new(ErrorKind::InvalidData, "nothing was rotated"));
            }
            std::mem::swap(token, fresh);
        }
        self.at = (self.at + 1) % self.tokens.len();
        Ok(())
    }
}

/// Logs in once a family, then refreshes all of them in turn.
///
/// # Errors
///
/// - the server cannot be reached, or an answer is late: as the operating system says
/// - an answer is no success with a new refresh token: [`ErrorKind::InvalidData`]
pub fn run(endpoint: &Endpoint, plan: &Plan) -> Result<Measured> {
    let mut lanes = logged_in(endpoint, plan)?;
    let (mut request, mut fresh) = (String::new(), String::new());
    let used = |process| processor_time(process).unwrap_or_default();
    let ourselves = std::process::id();
    let before = (used(ourselves), plan.server.map(used));
    let begin = Instant::now();
    let mut sent = 0;
    for lane in &mut lanes {
        lane.send(endpoint, &mut request)?;
        sent += 1;
    }
    let mut received = 0;
    while received < sent {
        for lane in &mut lanes {
            if received == sent {
                break;
            }
            lane.receive(&mut fresh)?;
            received += 1;
            if sent < plan.refreshes {
                lane.send(endpoint, &mut request)?;
                sent += 1;
            }
        }
    }
    Ok(Measured {
        elapsed: begin.elapsed(),
        ours: processor_time(ourselves).map(|now| now.saturating_sub(before.0)),
        servers: plan
            .server
            .and_then(processor_time)
            .zip(before.1)
            .map(|(now, before)| now.saturating_sub(before)),
    })
}

fn logged_in(endpoint: &Endpoint, plan: &Plan) -> Result<Vec<Lane>> {
    let mut lanes = Vec::new();
    let mut request = String::new();
    endpoint.login(&mut request);
    for number in 0..plan.connections {
        let mut connection = Connection::open(endpoint.address)?;
        let mut tokens = Vec::new();
        for _ in (number..plan.families).step_by(plan.connections) {
            connection.send(request.as_bytes())?;
            let mut token = String::new();
            refresh_token(&connection.receive()?, &mut token)?;
            tokens.push(token);
        }
        if tokens.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "more connections than families",
            ));
        }
        lanes.push(Lane {
            connection,
            tokens,
            at: 0,
        });
    }
    Ok(lanes)
}
