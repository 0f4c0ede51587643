//! The only place that writes: results to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::error::ErrorKind;
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::failure::{Failure, Kind};
use crate::json_text::laid_out;
use crate::replacing::{Left, written};
use crate::shell::quoted;
use crate::table;
use crate::terminal;

/// How this call prints.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    quiet: bool,
    /// Whether a person reads stderr in color.
    color: bool,
    /// The start of an advised command, so that it works on the same session.
    program: String,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            json: global.json,
            quiet: global.quiet,
            color: io::stderr().is_terminal() && !plain && !dumb,
            program: program(global),
        }
    }

    /// Writes a result: one line on stdout.
    pub(crate) fn result(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes(), true)
    }

    /// Writes a result as JSON, indented if a person looks at it.
    pub(crate) fn json_result(&self, value: &Value) -> Result<(), Failure> {
        let text = if io::stdout().is_terminal() {
            format!("{value:#}")
        } else {
            value.to_string()
        };
        self.result(&text)
    }

    /// Writes JSON of another program. Its numbers keep their digits. A person at a terminal sees
    /// a long list as a table.
    pub(crate) fn json_text(&self, json: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(json);
        let is_seen = io::stdout().is_terminal();
        let table = if is_seen && !self.json {
            table::of(&text, width())
        } else {
            None
        };
        let Some(table) = table else {
            return self.seen(laid_out(&text, is_seen).as_bytes(), true);
        };
        self.result(&table.text)?;
        let hidden = match table.hidden.as_slice() {
            [] => String::new(),
            names => format!("; not shown: {}", names.join(", ")),
        };
        self.note(&format!("--json shows everything as it came{hidden}"));
        Ok(())
    }

    /// Writes a result that others have written: unchanged into a file or a pipe, and to a terminal
    /// without what would control it. With `line`, it adds a missing end of line.
    pub(crate) fn seen(&self, bytes: &[u8], line: bool) -> Result<(), Failure> {
        if !io::stdout().is_terminal() {
            return self.bytes(bytes, line);
        }
        let text = terminal::shown(&String::from_utf8_lossy(bytes));
        self.bytes(text.as_bytes(), line)
    }

    /// Writes a result unchanged. With `line`, it adds a missing end of line.
    pub(crate) fn bytes(&self, bytes: &[u8], line: bool) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let end: &[u8] = if line && !bytes.ends_with(b"\n") {
            b"\n"
        } else {
            b""
        };
        stdout
            .write_all(bytes)
            .and_then(|()| stdout.write_all(end))
            .and_then(|()| stdout.flush())
            .map_err(|error| {
                let is_unread = error.kind() == io::ErrorKind::BrokenPipe;
                let kind = if is_unread { Kind::Unread } else { Kind::Other };
                Failure::new(kind, format!("cannot write to stdout: {error}"))
                    .advise("mend where stdout leads to (a full disk?), and run it again")
            })
    }

    /// Writes a result into a file.
    pub(crate) fn file(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let was_there = path.exists();
        written(path, bytes).map_err(|(error, left)| {
            let advice = match left {
                Left::Before if was_there => {
                    "the file that was there stays as it was; make room, or name another file"
                }
                Left::Before => "name another file",
                Left::Part => "what stands there now is perhaps a part of it; name another file",
            };
            Failure::new(
                Kind::Other,
                format!("cannot write {}: {error}", path.display()),
            )
            .advise(advice)
        })
    }

    /// Whether a person looks at stderr, and may be shown how far something is.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Writes a note for the person at the terminal.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            to_stderr(text);
        }
    }

    /// Writes a text that the person has to see in any case.
    pub(crate) fn prompt(&self, text: &str) {
        to_stderr(text);
    }

    /// The text as a heading, in color if a person sees it.
    pub(crate) fn emphasized(&self, text: &str, good: bool) -> String {
        if !self.color {
            return text.to_owned();
        }
        let color = if good {
            AnsiColor::Green
        } else {
            AnsiColor::Red
        };
        let style = Style::new().fg_color(Some(color.into())).bold();
        format!("{style}{text}{style:#}")
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_told() {
            return;
        }
        let failure = &failure.clone().with_program(&self.program);
        if self.json {
            // Nothing is left to do where even this cannot be written.
            let _told: Result<(), Failure> = self.json_result(&error_object(failure));
            return;
        }
        let label = self.emphasized("error:", false);
        let advice = failure.advice().map(|advice| format!("; {advice}"));
        to_stderr(&format!(
            "{label} {}{} ({TROUBLE}#{})",
            failure.message(),
            advice.unwrap_or_default(),
            failure.topic()
        ));
    }
}

/// The document that explains each failure.
const TROUBLE: &str = "docs/trouble.md";

/// The program with the options for the current session.
fn program(global: &Global) -> String {
    let mut program = "twoba".to_owned();
    if let Some(profile) = &global.profile {
        program.push_str(&format!(" --profile {}", quoted(profile)));
    }
    if let Some(store) = &global.store {
        program.push_str(&format!(" --store {}", quoted(&store.to_string_lossy())));
    }
    program
}

fn error_object(failure: &Failure) -> Value {
    json!({"error": {
        "code": failure.code(),
        "message": failure.message(),
        // A message that says itself what to do has none beside it.
        "advice": failure.advice().unwrap_or("see `twoba --help`"),
        "topic": failure.topic().anchor(),
    }})
}

/// How many columns the terminal has.
fn width() -> usize {
    /// Of a terminal that does not tell.
    const USUAL: usize = 80;

    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col > 0
    {
        return usize::from(size.ws_col);
    }
    USUAL
}

pub(crate) fn to_stderr(text: &str) {
    // A closed stderr leaves nobody to tell.
    let _told: io::Result<()> = writeln!(io::stderr(), "{text}");
}

/// Writes help and version to stdout, and a mistake on the command line where it can be read.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let asked = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !asked && std::env::args_os().any(|argument| argument == "--json") {
        let failure =
            Failure::configuration(mistake(&error.to_string())).advise("see `twoba --help`");
        let text = error_object(&failure).to_string();
        let _told: io::Result<()> = writeln!(io::stdout(), "{text}");
    } else {
        let _told: io::Result<()> = error.print();
    }
    if asked {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

/// What is wrong on the command line, in one line: all that comes before the usage.
fn mistake(text: &str) -> String {
    let said = text.lines().map(str::trim);
    let said = said.take_while(|line| {
        !line.starts_with("Usage:") && !line.starts_with("For more information")
    });
    let said: Vec<_> = said.filter(|line| !line.is_empty()).collect();
    said.join(" ").trim_start_matches("error: ").to_owned()
}
