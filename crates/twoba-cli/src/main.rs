//! The program `twoba`. It reads the command line, runs one command, and reports its end.

mod arguments;
mod browser;
mod command;
mod failure;
mod handle;
mod json_text;
mod listener;
mod output;
mod receiving;
mod replacing;
mod settings;
mod shell;
mod signals;
mod source;
mod table;
mod terminal;
mod times;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, Store, Sync};
use failure::Failure;
use output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let output = Output::new(&arguments.global);
    let outcome = run(&arguments, &output);
    signals::obey();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit())
        }
    }
}

fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let global = &arguments.global;
    if global.emulator {
        fits_the_emulator(arguments)?;
    }
    match &arguments.command {
        Command::Demo(demo) => command::demo::run(demo, output),
        Command::Emulator(emulator) => command::emulator::run(emulator, output),
        Command::Completions(shell) => command::generated::completions(shell, output),
        Command::Man(man) => command::generated::man(man, output),
        Command::OpenBrowser(opening) => browser::open(opening),
        Command::Login(login) => command::login::run(login, source::open_to_begin(global)?, output),
        Command::Import(import) => {
            command::import::run(import, source::open_to_begin(global)?, output)
        }
        Command::Token(token) => command::token::run(token, source::open(global)?, output),
        Command::Get(get) => command::get::run(get, source::open(global)?, output),
        Command::Soap(soap) => command::soap::run(soap, source::open(global)?, output),
        Command::Unifeed(unifeed) => command::unifeed::run(unifeed, source::open(global)?, output),
        Command::Sync(Sync::ProductData(list)) => {
            command::sync::run(list, source::open(global)?, output)
        }
        Command::Batch(batch) => command::batch::run(batch, source::open(global)?, output),
        Command::KeepAlive => command::keep_alive::run(source::open_to_tell(global)?, output),
        Command::Profile(profile) => command::profile::run(profile, global, output),
        Command::Doctor => command::doctor::run(global, output),
        Command::Store(store) => command::store::run(store, global, output),
        Command::Status(status) => {
            command::status::run(*status, &source::open_to_tell(global)?, output)
        }
        Command::Logout(logout) => {
            command::logout::run(logout, source::open_to_tell(global)?, output)
        }
    }
}

/// Refuses what would reach past the embedded emulator, to the stores and profiles of the person.
fn fits_the_emulator(arguments: &Arguments) -> Result<(), Failure> {
    let global = &arguments.global;
    let named = match (&global.store, &global.profile) {
        (Some(_), _) => "--store",
        (None, Some(_)) => "--profile",
        (None, None) => return past_the_emulator(&arguments.command),
    };
    Err(Failure::configuration(format!(
        "{named} cannot stand beside --emulator, which has a temporary store and a profile of its own"
    ))
    .advise("nothing was done; leave one of the two out"))
}

fn past_the_emulator(command: &Command) -> Result<(), Failure> {
    let what = if matches!(command, Command::Profile(_)) {
        "the profiles of the configuration file are not of the emulator"
    } else if matches!(command, Command::Store(Store::Move(_))) {
        "a move names two stores, and neither is the emulator's"
    } else if matches!(command, Command::Store(Store::NewKey { .. })) {
        "the temporary store of the emulator needs no key"
    } else {
        return Ok(());
    };
    Err(Failure::configuration(format!("--emulator: {what}"))
        .advise("nothing was done; leave --emulator out"))
}
