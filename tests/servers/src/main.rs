//! The program `twoba-servers`, which `cargo xtask` calls: it prepares and records servers, compares the emulator with what was
//! recorded, puts load on it, and measures the adapters and the
//! stores.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use twoba_servers::{Prepared, bench, clients, prepare, record, stores};

const USAGE: &str = "\
Usage: twoba-servers prepare PURPOSE ..   install what programs of others need; a line for each says
                                          `VARIABLE=PLACE`, or `PURPOSE: ` and why not
       twoba-servers record [SERVER ..]   record the answers of servers below fixtures/
       twoba-servers compare              find what the emulator answers otherwise than recorded
       twoba-servers bench                measure the emulator beside oidc-provider
       twoba-servers clients              measure the adapters beside other clients
       twoba-servers stores [MINUTES]     measure the stores beside what they are made of
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody can be told if this fails too.
            writeln!(io::stderr(), "twoba-servers: {error:#}").unwrap_or_default();
            ExitCode::from(2)
        }
    }
}

/// Whether everything was in order.
fn run(words: &[&str]) -> Result<bool> {
    let mut out = io::stdout();
    match words {
        ["prepare", purposes @ ..] => {
            for purpose in purposes {
                match prepare(purpose)? {
                    Prepared::Ready(places) => {
                        for (variable, place) in places {
                            writeln!(out, "{variable}={}", place.display())?;
                        }
                    }
                    Prepared::Missing(why) => writeln!(out, "{purpose}: {why}")?,
                }
            }
            Ok(true)
        }
        ["record", servers @ ..] => {
            for line in record::record(servers)? {
                writeln!(out, "{line}")?;
            }
            Ok(true)
        }
        ["compare"] => {
            let differences = record::differences()?;
            for path in &differences {
                writeln!(
                    out,
                    "{path}:1: the emulator answers something else; run `cargo xtask record emulator`"
                )?;
            }
            Ok(differences.is_empty())
        }
        ["bench"] => {
            let (tables, good) = bench::run()?;
            write!(out, "{tables}")?;
            Ok(good)
        }
        ["clients"] => {
            write!(out, "{}", clients::run()?)?;
            Ok(true)
        }
        ["stores", minutes @ ..] => {
            write!(out, "{}", stores::run(minutes)?)?;
            Ok(true)
        }
        _ => bail!("{USAGE}"),
    }
}
