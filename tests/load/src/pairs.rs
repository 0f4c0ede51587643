//! Decides how two refreshes race for one token, again and again, and who may win.

use std::io::{Error, ErrorKind, Result};

use crate::connection::Connection;
use crate::endpoint::{Endpoint, refresh_token};

/// How many races are under way at once, with two connections each.
const TRACKS: usize = 8;

/// How all races ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Exactly one of the two got tokens, and the other a refusal with status 400.
    pub one: u64,
    /// Both got tokens.
    pub both: u64,
    /// Neither got tokens.
    pub neither: u64,
    /// One got tokens, and the other neither tokens nor status 400.
    pub strange: u64,
    /// Of those where one got tokens, how many were won by the request that was sent last.
    pub won_by_the_last: u64,
}

/// Two connections over which one race after the other is run.
///
/// The loser ends the family where refresh tokens are spent strictly, so each race begins with a
/// login.
struct Track {
    racers: [Connection; 2],
    races: u64,
    stage: Stage,
}

enum Stage {
    LoggingIn,
    Racing,
}

/// Runs so many races, each over one refresh token of its own.
///
/// # Errors
///
/// - the server cannot be reached, or an answer is late: as the operating system says
/// - a login fails: [`ErrorKind::InvalidData`]
pub fn run(endpoint: &Endpoint, races: u64) -> Result<Tally> {
    let mut tracks = Vec::new();
    let mut request = String::new();
    for _ in 0..TRACKS {
        let open = || Connection::open(endpoint.address);
        let mut track = Track {
            racers: [open()?, open()?],
            races: 0,
            stage: Stage::LoggingIn,
        };
        track.log_in(endpoint, &mut request)?;
        tracks.push(track);
    }
    let (mut tally, mut ended) = (Tally::default(), 0);
    while ended < races {
        for track in &mut tracks {
            match track.stage {
                Stage::LoggingIn => track.race(endpoint, &mut request)?,
                Stage::Racing => {
                    if ended < races {
                        track.judge(&mut tally)?;
                        ended += 1;
                    }
                    track.log_in(endpoint, &mut request)?;
                }
            }
        }
    }
    Ok(tally)
}

impl Track {
    fn log_in(&mut self, endpoint: &Endpoint, request: &mut String) -> Result<()> {
        let [one, _] = &mut self.racers;
        endpoint.login(request);
        self.stage = Stage::LoggingIn;
        one.send(request.as_bytes())
    }

    /// Takes the login's token and presents it over both connections at once.
    fn race(&mut self, endpoint: &Endpoint, request: &mut String) -> Result<()> {
        let [one, other] = &mut self.racers;
        let mut token = String::new();
        refresh_token(&one.receive()?, &mut token)?;
        endpoint.refresh(request, &token);
        // Either one is sent first, and every other time both begin before either ends.
        let (first, last) = if self.races.is_multiple_of(2) {
            (one, other)
        } else {
            (other, one)
        };
        let parts = if self.races % 4 < 2 {
            0
        } else {
            request.len() / 2
        };
        let (begin, end) = request.as_bytes().split_at(parts);
        for part in [begin, end].into_iter().filter(|part| !part.is_empty()) {
            first.send(part)?;
            last.send(part)?;
        }
        self.stage = Stage::Racing;
        Ok(())
    }

    fn judge(&mut self, tally: &mut Tally) -> Result<()> {
        let [one, other] = &mut self.racers;
        let statuses = [one.receive()?.status, other.receive()?.status];
        match statuses {
            [200, 400] | [400, 200] => {
                tally.one += 1;
                let last = usize::from(self.races.is_multiple_of(2));
                tally.won_by_the_last += u64::from(statuses.get(last) == Some(&200));
            }
            [200, 200] => tally.both += 1,
            [200, _] | [_, 200] => tally.strange += 1,
            [400, 400] => tally.neither += 1,
            [one, other] => {
                let statuses = format!("statuses {one} and {other}");
                return Err(Error::new(ErrorKind::InvalidData, statuses));
            }
        }
        self.races += 1;
        Ok(())
    }
}
