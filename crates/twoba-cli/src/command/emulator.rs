//! `twoba emulator`: a local 2BA for other programs, until it is interrupted.

mod users;

use std::thread;

use serde_json::json;
use twoba_emulator::{self as emulator, Emulator, RegisteredClient, RegisteredUser};

use crate::arguments::{self, Behavior};
use crate::failure::Failure;
use crate::output::Output;
use crate::source;
use users::Users;

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
    let mut builder = Emulator::builder()
        .listen(arguments.listen)
        .token_lifetime(arguments.token_lifetime)
        .policy(arguments.policy)
        .behavior(behavior)
        .clock(clock);
    let mut way_in = DEMO.to_owned();
    if let Some(path) = &arguments.users {
        let users = users::read(path)?;
        way_in = way_into(&users);
        builder = builder.clients(users.clients).users(users.users);
    }
    let running = source::start(builder)?;
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
         {way_in}twoba get Product/Search query=kabelgoot"
    ));
    loop {
        thread::park();
    }
}

/// How to log in with the documented client and user.
const DEMO: &str = "export TWOBA_CLIENT_ID=myApplication TWOBA_CLIENT_SECRET=myApplicationSecret\n\
                    export TWOBA_USERNAME=demo@example.com TWOBA_PASSWORD=myPassword\n\
                    twoba login --password && ";

/// How to log in with the first client and user of a file; their secrets stay in the file.
fn way_into(users: &Users) -> String {
    let client = users.clients.first();
    let is_public = client.is_none_or(RegisteredClient::is_public);
    let id = quoted(client.map(RegisteredClient::id).unwrap_or_default());
    let name = quoted(
        users
            .users
            .first()
            .map(RegisteredUser::name)
            .unwrap_or_default(),
    );
    if is_public {
        // Public clients may not use the password grant.
        format!("export TWOBA_CLIENT_ID={id}\ntwoba login && ")
    } else {
        format!(
            "export TWOBA_CLIENT_ID={id} TWOBA_CLIENT_SECRET=..\n\
             export TWOBA_USERNAME={name} TWOBA_PASSWORD=..\n\
             twoba login --password && "
        )
    }
}

/// A word as a shell reads it.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@.-_/:".contains(&byte);
    if text.bytes().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_names_the_first_client_and_user_and_no_secret() {
        let mut users = Users {
            clients: vec![RegisteredClient::confidential("it's", "canary")],
            users: vec![RegisteredUser::new("anna@example.com", "canary")],
        };
        let told = way_into(&users);
        assert!(told.contains(r"TWOBA_CLIENT_ID='it'\''s' TWOBA_CLIENT_SECRET=.."));
        assert!(told.contains("TWOBA_USERNAME=anna@example.com TWOBA_PASSWORD=.."));
        assert!(!told.contains("canary"));
        users.clients = vec![RegisteredClient::public("app")];
        assert_eq!(
            way_into(&users),
            "export TWOBA_CLIENT_ID=app\ntwoba login && "
        );
    }
}
