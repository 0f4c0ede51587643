//! `twoba demo`: a session's whole journey on the embedded emulator, with a clock that is moved by
//! hand. The emulator's journal judges every step.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use twoba_blocking::{
    EarlyRefresh, Error, ErrorKind, MemoryStore, RefreshError, Session, Timestamp,
};
use twoba_emulator::{Clock, Counts, Emulator, Fault, FaultPoint, FaultRule};

use crate::arguments::Demo;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::source::{self, DEMO_USER};

/// The lifetime of the emulator's access tokens, as in 2BA's documented example.
const LIFETIME: Duration = Duration::from_secs(120);

/// Threads that want a token at the same moment.
const CROWD: usize = 8;

pub(crate) fn run(arguments: &Demo, output: &Output) -> Result<(), Failure> {
    if let Some(fault) = &arguments.fault {
        can_come(fault.on)?;
    }
    let emulator = Arc::new(source::start(
        Emulator::builder()
            .clock(Clock::Manual)
            .token_lifetime(LIFETIME),
    )?);
    let clock = {
        let emulator = Arc::clone(&emulator);
        move || timestamp(&emulator)
    };
    let session = Session::builder(source::demo_client(&emulator)?)
        .store(MemoryStore::new())
        .clock(clock)
        .early_refresh(EarlyRefresh::Inline)
        .open("demo")?;
    let stage = Stage {
        started: timestamp(&emulator),
        emulator,
        session,
        output,
    };
    stage.heading(arguments.fault.as_ref());
    if let Some(fault) = &arguments.fault {
        stage.emulator.add_fault(fault.clone());
    }
    let mut played = Vec::new();
    let outcome = STEPS
        .iter()
        .try_for_each(|(name, step)| stage.play(name, *step, &mut played));
    let counts = stage.emulator.counts();
    if output.json && outcome.is_ok() {
        output.json_result(&json!({
            "steps": played,
            "token_requests": counts.token_posts,
            "rotations": counts.rotations,
            "reuse": counts.reuse,
        }))?;
    }
    outcome.map_err(|failure| {
        failure.advise(match arguments.fault {
            Some(_) => "that is the fault that you asked for; without --fault every step passes",
            None => {
                "no session of yours is touched; report this line where you have the program from"
            }
        })
    })?;
    output.note(&format!(
        "\nThe emulator counted {} token requests, {} rotations and {} spent tokens presented again.",
        counts.token_posts, counts.rotations, counts.reuse
    ));
    Ok(())
}

/// Refuses a fault that no step would meet.
fn can_come(point: FaultPoint) -> Result<(), Failure> {
    let known = matches!(
        point,
        FaultPoint::Token | FaultPoint::Refresh | FaultPoint::Password | FaultPoint::Service
    );
    if known {
        return Ok(());
    }
    Err(
        Failure::configuration("the demo has no such request, so this fault would never come")
            .advise("take token, refresh, password or service as the point"),
    )
}

/// The text of a step, or how it differed from the promise.
type Outcome = Result<String, String>;

type Step = fn(&Stage<'_>) -> Outcome;

const STEPS: &[(&str, Step)] = &[
    ("log in with a password", log_in),
    ("call a service", call_a_service),
    ("ask for the token a thousand times", ask_often),
    ("the token expires", expire),
    ("it expires, and eight threads want it", expire_in_a_crowd),
    ("the token server is out of order", fall_ill),
    ("the answer to a refresh is lost", lose_an_answer),
    ("ask again a little later", recover),
    ("2BA revokes the login", revoke),
    ("log in anew", log_in_anew),
];

struct Stage<'a> {
    emulator: Arc<Emulator>,
    session: Session,
    started: Timestamp,
    output: &'a Output,
}

impl Stage<'_> {
    fn heading(&self, fault: Option<&FaultRule>) {
        self.output.note(&format!(
            "A session on a local 2BA at {}, with tokens of {} s and a clock that is moved by hand.",
            self.emulator.url(),
            LIFETIME.as_secs()
        ));
        if let Some(fault) = fault {
            self.output
                .note(&format!("It will misbehave once: {}.", fault.then));
        }
        self.output.note("");
    }

    fn play(&self, name: &str, step: Step, played: &mut Vec<Value>) -> Result<(), Failure> {
        let outcome = step(self);
        let since = timestamp(&self.emulator).saturating_since(self.started);
        let time = format!("{}:{:02}", since.as_secs() / 60, since.as_secs() % 60);
        let mark = self
            .output
            .emphasized(if outcome.is_ok() { "ok " } else { "NOT" }, outcome.is_ok());
        let (Ok(detail) | Err(detail)) = &outcome;
        self.output
            .note(&format!("{time:>6}  {mark} {name:<38} {detail}"));
        played.push(json!({
            "step": name,
            "seconds": since.as_secs(),
            "detail": detail,
        }));
        outcome.map(|_| ()).map_err(|detail| {
            Failure::new(
                Kind::Other,
                format!("the demo failed at \"{name}\": {detail}"),
            )
        })
    }

    fn pass(&self, span: Duration) -> Result<(), String> {
        let moved = self.emulator.advance(span);
        moved.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Moves the clock past the token's end.
    fn expire(&self) -> Result<(), String> {
        self.pass(LIFETIME + Duration::from_secs(1))
    }

    fn token(&self) -> Result<(), String> {
        self.session
            .token()
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// Runs `work`, and returns by how much `count` has grown.
    fn counting<T>(
        &self,
        count: impl Fn(&Counts) -> u64,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Result<(T, u64), String> {
        let before = count(&self.emulator.counts());
        let done = work()?;
        Ok((done, count(&self.emulator.counts()).saturating_sub(before)))
    }
}

fn timestamp(emulator: &Emulator) -> Timestamp {
    let since = emulator
        .now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_unix_millis(0).saturating_add(since)
}

/// The text of a step that kept its promise, or else how it differed.
fn expect(promised: bool, shown: impl Into<String>, instead: impl Into<String>) -> Outcome {
    if promised {
        Ok(shown.into())
    } else {
        Err(instead.into())
    }
}

fn log_in(stage: &Stage<'_>) -> Outcome {
    let password = source::demo_password().map_err(|error| error.message().to_owned())?;
    let login = stage.session.login(DEMO_USER, &password);
    login.map_err(|error| error.to_string())?;
    Ok(format!(
        "{DEMO_USER} has a token; it is stored before it is used"
    ))
}

fn call_a_service(stage: &Stage<'_>) -> Outcome {
    let found = stage
        .session
        .get("Product/Search", &[("query", "kabelgoot")]);
    let found = found.map_err(|error| error.to_string())?;
    expect(
        found.value().to_string().contains("Kabelgoot"),
        "Product/Search query=kabelgoot found products",
        "Product/Search found no kabelgoot",
    )
}

fn ask_often(stage: &Stage<'_>) -> Outcome {
    let work = || (0..1000).try_for_each(|_| stage.token());
    let ((), posts) = stage.counting(|counts| counts.token_posts, work)?;
    expect(
        posts == 0,
        "served at once, nothing was sent",
        format!("{posts} requests were sent for a fresh token"),
    )
}

fn expire(stage: &Stage<'_>) -> Outcome {
    stage.expire()?;
    let ((), rotations) = stage.counting(|counts| counts.rotations, || stage.token())?;
    expect(
        rotations == 1,
        "one refresh; the new refresh token replaces the old one",
        format!("{rotations} rotations instead of one"),
    )
}

fn expire_in_a_crowd(stage: &Stage<'_>) -> Outcome {
    stage.expire()?;
    let work = || {
        thread::scope(|scope| {
            let crowd: Vec<_> = (0..CROWD).map(|_| scope.spawn(|| stage.token())).collect();
            crowd
                .into_iter()
                .try_for_each(|one| one.join().map_err(|_| "a thread died".to_owned())?)
        })
    };
    let ((), posts) = stage.counting(|counts| counts.refresh, work)?;
    expect(
        posts == 1,
        "all are served by one refresh",
        format!("{posts} refreshes instead of one"),
    )
}

fn fall_ill(stage: &Stage<'_>) -> Outcome {
    let ill = FaultRule::next(FaultPoint::Refresh, Fault::Html502);
    stage.emulator.add_fault(ill);
    stage.pass(LIFETIME - Duration::from_secs(10))?;
    let ((), posts) = stage.counting(|counts| counts.refresh, || stage.token())?;
    expect(
        posts == 1,
        "the early refresh fails, the old token serves on",
        "no early refresh was tried",
    )
}

fn lose_an_answer(stage: &Stage<'_>) -> Outcome {
    let lost = FaultRule::next(FaultPoint::Refresh, Fault::DropBefore);
    stage.emulator.add_fault(lost);
    stage.expire()?;
    match stage.session.token() {
        Err(error) if is_unavailable(&error) => {
            Ok("said so; the session is kept for another try".to_owned())
        }
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("a token came although the answer was lost".to_owned()),
    }
}

fn recover(stage: &Stage<'_>) -> Outcome {
    stage.pass(Duration::from_secs(60))?;
    let ((), reuse) = stage.counting(|counts| counts.reuse, || stage.token())?;
    expect(
        reuse == 0,
        "refreshed; nobody had to log in",
        "a spent refresh token was presented",
    )
}

fn revoke(stage: &Stage<'_>) -> Outcome {
    stage.emulator.revoke_user(DEMO_USER);
    stage.expire()?;
    let work = || (0..100).try_for_each(|_| must_log_in(stage));
    let ((), posts) = stage.counting(|counts| counts.refresh, work)?;
    expect(
        posts == 1,
        "a login is required, said to 100 callers after one request",
        format!("{posts} requests instead of one"),
    )
}

fn must_log_in(stage: &Stage<'_>) -> Result<(), String> {
    match stage.session.token() {
        Err(error) if is_login_required(&error) => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("a token came although the login was revoked".to_owned()),
    }
}

fn log_in_anew(stage: &Stage<'_>) -> Outcome {
    log_in(stage)?;
    call_a_service(stage)
}

fn is_unavailable(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Unavailable(_))
    )
}

fn is_login_required(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::LoginRequired(_))
    )
}
