//! `twoba login`: in the browser with a listener on loopback, or by password.

use std::io::{self, BufRead, IsTerminal};

use twoba_blocking::{ErrorKind, Password, RedirectUri, RefreshError, SessionState, Status};
use twoba_core::RecordError;

use super::{rfc3339, status};
use crate::arguments::Login;
use crate::browser;
use crate::failure::{Failure, Kind};
use crate::listener::Listener;
use crate::output::Output;
use crate::settings::{self, BYTE_ORDER_MARK, Grant};
use crate::signals::Prompting;
use crate::source::Source;

/// Longest line that is read from stdin, in bytes. It holds a pasted URL with a long code.
const LINE_MAX: u64 = 128 * 1024;

pub(crate) fn run(arguments: &Login, source: Source, output: &Output) -> Result<(), Failure> {
    // Before anybody is asked for anything.
    source.session.person()?;
    may_replace(arguments, &source, output)?;
    let source = source.proven()?;
    if is_by_password(arguments, &source) {
        by_password(arguments, &source, output)?;
    } else {
        by_browser(arguments, &source, output)?;
    }
    report("logged in", &source, output)
}

/// Whether the login is by password. The option says so, or else the profile.
fn is_by_password(arguments: &Login, source: &Source) -> bool {
    let by_browser = arguments.no_browser || arguments.redirect_uri.is_some();
    let of_password = arguments.username.is_some() || arguments.password_stdin;
    arguments.password || of_password || (source.settings.grant == Grant::Password && !by_browser)
}

/// Asks before it replaces the session of another server or client. That session may be the only
/// copy of its refresh token.
fn may_replace(arguments: &Login, source: &Source, output: &Output) -> Result<(), Failure> {
    let Err(error) = source.session.status() else {
        return Ok(());
    };
    let ErrorKind::Refresh(RefreshError::Record(RecordError::Foreign(whose))) = error.kind() else {
        return Ok(());
    };
    if arguments.replace {
        return Ok(());
    }
    let what = format!(
        "the session {} in {} belongs to another {whose}",
        source.settings.profile, source.settings.store.place
    );
    if !source.may_ask || !io::stdin().is_terminal() {
        return Err(Failure::configuration(what).advise(
            "choose another --profile or --store, or replace it with --replace; it is kept aside",
        ));
    }
    output.prompt(&format!("{what}. Replace it? It is kept aside. [y/N]"));
    match line()?.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(
            Failure::new(Kind::Canceled, "canceled: nothing has changed")
                .advise("choose another --profile or --store"),
        ),
    }
}

/// Reports the state of the session after a command.
pub(super) fn report(done: &str, source: &Source, output: &Output) -> Result<(), Failure> {
    let status = source.session.status()?;
    let who = status
        .user
        .as_deref()
        .map_or(String::new(), |user| format!(" as {user}"));
    let until = until(&status);
    output.note(&format!("{done}{who}{until}"));
    if let Some(note) = &source.note {
        output.note(note);
    }
    if output.json {
        output.json_result(&status::object(source, &status))?;
    }
    Ok(())
}

/// How long the token of a login is good, and what comes then.
fn until(status: &Status) -> String {
    const NEVER: &str = "cannot be refreshed: the server gave no refresh token";
    let ended = "; the token that the server gave has ended already";
    match (&status.state, status.expires_at) {
        (SessionState::Stale, _) => format!("{ended}, and the next `twoba token` refreshes it"),
        (SessionState::LoginRequired(_), _) => format!("{ended}, and {NEVER}"),
        (SessionState::Valid | SessionState::None | _, None) => String::new(),
        (SessionState::Valid | SessionState::None | _, Some(at)) => {
            let then = match status.refresh_due_at {
                Some(_) => "refreshes itself",
                None => NEVER,
            };
            format!("; the token is good until {} and {then}", rfc3339(at))
        }
    }
}

fn by_password(arguments: &Login, source: &Source, output: &Output) -> Result<(), Failure> {
    let username = match arguments
        .username
        .clone()
        .or_else(|| settings::variable("TWOBA_USERNAME"))
    {
        Some(username) => username,
        None => {
            must_ask(
                source,
                "no user name is given",
                &settings::advice_beside_a_profile("TWOBA_USERNAME", "--username"),
            )?;
            output.prompt("User name:");
            line()?
        }
    };
    let password = if arguments.password_stdin {
        parse(line()?)?
    } else if let Some(password) = settings::password()? {
        password
    } else {
        must_ask(
            source,
            "no password is given",
            &settings::advice_beside_a_profile("TWOBA_PASSWORD", "--password-stdin"),
        )?;
        let _hidden = Prompting::begin();
        let asked = rpassword::prompt_password(format!("Password of {username}: "));
        parse(asked.map_err(|error| unanswered(&error))?)?
    };
    source.session.person()?.login(&username, &password)?;
    Ok(())
}

fn parse(text: String) -> Result<Password, Failure> {
    Password::parse(text).map_err(|error| {
        Failure::configuration(format!("the password: {error}"))
            .advise("nothing was sent; enter the password alone, on one line")
    })
}

fn by_browser(arguments: &Login, source: &Source, output: &Output) -> Result<(), Failure> {
    let given = arguments
        .redirect_uri
        .clone()
        .or_else(|| settings::variable("TWOBA_REDIRECT_URI"));
    let here = |failure: Failure| match (&given, &arguments.redirect_uri) {
        (None, _) => failure,
        (Some(_), Some(_)) => failure.about("--redirect-uri"),
        (Some(_), None) => failure.about("TWOBA_REDIRECT_URI"),
    };
    if !source.may_ask && !arguments.no_browser {
        return Err(Failure::configuration(
            "a login in the browser needs a person, and --no-input says that there is none",
        )
        .advise("use --username with --password-stdin, or leave --no-input out"));
    }
    let mut listener = match (&given, arguments.no_browser) {
        (Some(uri), true) => {
            return by_pasting(source, output, redirect(uri).map_err(here)?);
        }
        (Some(uri), false) => Listener::at(uri).map_err(here)?,
        (None, _) => Listener::anywhere()?,
    };
    let redirect = redirect(listener.uri()).map_err(here)?;
    if arguments.no_browser {
        return by_pasting(source, output, redirect);
    }
    let (url, login) = source.session.person()?.start_login(redirect)?;
    output.prompt(&format!("Log in at:\n{url}"));
    let mut browser = browser::start(&listener.start_at(&url)?);
    output.note(
        "Waiting for the browser, for ten minutes at most. Ctrl-C ends it; with --no-browser you can \
         log in on another machine.",
    );
    let mut told = false;
    let answer = listener.wait(
        |query| login.is_answered_by(query),
        || {
            if !told && browser.has_failed() {
                output.note(
                    "No browser could be opened: open the address yourself, or use --no-browser.",
                );
                told = true;
            }
        },
    )?;
    let outcome = source.session.person()?.finish_login(login, answer.query());
    let outcome = outcome.map(|_token| ()).map_err(Failure::of_code);
    answer.tell(outcome.as_ref().copied());
    browser.leave_the_terminal();
    outcome
}

fn by_pasting(source: &Source, output: &Output, redirect: RedirectUri) -> Result<(), Failure> {
    let (url, login) = source.session.person()?.start_login(redirect)?;
    output.prompt(&format!(
        "Log in at:\n{url}\n\nThe browser then comes to a page that does not load. Paste its \
         address here, or the code in it:"
    ));
    let pasted = line()?;
    source
        .session
        .person()?
        .finish_pasted_login(login, &pasted)
        .map_err(Failure::of_code)?;
    Ok(())
}

fn redirect(uri: &str) -> Result<RedirectUri, Failure> {
    RedirectUri::parse(uri).map_err(|error| {
        Failure::configuration(error.to_string())
            .advise("set it to the redirect URI that is registered with the server")
    })
}

fn must_ask(source: &Source, lacking: &str, advice: &str) -> Result<(), Failure> {
    if source.may_ask && io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::configuration(lacking).advise(advice))
}

/// One line of stdin, without its end.
pub(super) fn line() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::Read::take(io::stdin().lock(), LINE_MAX).read_until(b'\n', &mut bytes);
    if matches!(read, Ok(0) | Err(_)) {
        return Err(canceled());
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::configuration("what was entered is not UTF-8 text").advise("enter it in UTF-8")
    })?;
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let text = text.trim_end_matches(['\r', '\n']);
    if io::stdin().is_terminal() && is_cut(text) {
        return Err(Failure::configuration(format!(
            "the terminal has cut what was entered at {} characters",
            text.len()
        ))
        .advise("paste the code alone, which stands behind code= in the address"));
    }
    Ok(text.to_owned())
}

/// Whether a line has the greatest length that a terminal passes on: 4,095 bytes on Linux, 1,023 on
/// macOS and the BSDs. The rest of the line is lost.
fn is_cut(text: &str) -> bool {
    let most = if cfg!(target_os = "linux") {
        4_095
    } else {
        1_023
    };
    cfg!(unix) && text.len() >= most
}

/// Why a prompt got no answer. Ctrl-C is a key there, and ends the program as a signal does.
fn unanswered(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::Interrupted {
        return Failure::new(Kind::Interrupted, "interrupted: nothing has changed")
            .advise("run `twoba login` again");
    }
    canceled()
}

fn canceled() -> Failure {
    Failure::new(Kind::Canceled, "canceled: nothing was entered").advise("run `twoba login` again")
}
