//! The texts that are generated from the command line: completions for shells, and manual pages.

use std::fs;

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions, Man};
use crate::failure::{Failure, Kind};
use crate::output::Output;

/// `twoba completions`
pub(crate) fn completions(arguments: &Completions, output: &Output) -> Result<(), Failure> {
    let mut text = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "twoba", &mut text);
    output.bytes(&text, true)
}

/// `twoba man`
pub(crate) fn man(arguments: &Man, output: &Output) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let failed = |error: std::io::Error| {
        let text = format!("cannot write the manual into {}: {error}", folder.display());
        Failure::new(Kind::Other, text).advise("choose another folder")
    };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(failed)?;
    output.note(&format!(
        "the manual is in {}; `man {}` shows its first page",
        folder.display(),
        folder.join("twoba.1").display()
    ));
    Ok(())
}
