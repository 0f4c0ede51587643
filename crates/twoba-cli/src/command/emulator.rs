//! `twoba emulator`: a local 2BA for other programs, until it is interrupted.

use std::thread;

use serde_json::json;
use twoba_emulator::{self as emulator, Emulator};

use crate::arguments::{self, Behavior};
use crate::failure::Failure;
use crate::output::Output;
use crate::source;

pub(crate) fn run(arguments: &arguments::Emulator, output: &Output) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(
            Failure::configuration("the emulator listens on loopback only")
                .advise("use --listen 127.0.0.1:PORT"),
        );
    }
    let behavior = match arguments.behavior {
        Behavior::TwoBa => emulator::Behavior::TwoBa,
        Behavior::Plain => emulator::Behavior::Plain,
    };
    let clock = match arguments.clock {
        arguments::Clock::Real => emulator::Clock::Real,
        arguments::Clock::Manual => emulator::Clock::Manual,
    };
    let running = source::start(
        Emulator::builder()
            .listen(arguments.listen)
            .token_lifetime(arguments.token_lifetime)
            .policy(arguments.policy)
            .behavior(behavior)
            .clock(clock),
    )?;
    let url = running.url();
    output.result(&json!({"url": url, "pid": std::process::id()}).to_string())?;
    output.note(&format!(
        "The emulator runs until you press Ctrl-C. Watch it at {url}/_emulator/\n\n\
         In another terminal:\n\n\
         export TWOBA_PROVIDER=2ba\n\
         export TWOBA_TOKEN_URL={url}/OAuth/Token\n\
         export TWOBA_AUTHORIZE_URL={url}/OAuth/Authorize\n\
         export TWOBA_REVOKE_URL={url}/connect/revocation\n\
         export TWOBA_SERVICE_URL={url}/1/json\n\
         export TWOBA_CLIENT_ID=myApplication TWOBA_CLIENT_SECRET=myApplicationSecret\n\
         export TWOBA_USERNAME=demo@example.com TWOBA_PASSWORD=myPassword\n\
         twoba login --password && twoba get Product/Search query=kabelgoot"
    ));
    loop {
        thread::park();
    }
}
