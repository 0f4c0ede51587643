//! `twoba batch`: one call of a JSON service for each row of a table, to the end in spite of
//! interruptions.

mod crew;
mod header;
mod input;
mod ledger;
mod line;
mod pictures;
mod plan;
mod progress;
mod table;
mod writer;

use std::path::Path;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use twoba_blocking::{ErrorKind, GetError, Service};
use twoba_core::Provider;
use twoba_services::{CallError, JsonCall, ServiceErrorKind};

use crate::arguments::{Batch, BatchFormat};
use crate::failure::{Failure, Kind};
use crate::handle::Handle;
use crate::output::Output;
use crate::signals::Work;
use crate::source::Source;
use crate::terminal::on_one_line;
use crew::{Crew, End, Outcome, Row};
use input::{Rows, Survey};
use ledger::{Ledger, Reached};
use line::{Answered, Layout};
use pictures::{Missing, Pictures, Wanted};
use plan::Plan;
use progress::Progress;
use writer::{Target, Writer};

pub(crate) fn run(batch: &Batch, source: Source, output: &Output) -> Result<(), Failure> {
    let format = format(batch)?;
    if source.session.client().provider().service_base().is_none() {
        return Err(CallError::NoServiceBase.into());
    }
    let file = file(batch);
    let survey = file.map(|_| input::survey(&batch.from)).transpose()?;
    let mut rows = Rows::open(&batch.from)?;
    let plan = Plan::new(batch, rows.first()?)?;
    if plan.columns.has_header() {
        rows.next()?;
    }
    let layout = Layout::new(format, rows.separator(), &batch.columns, &plan.columns)?;
    let (target, total) = match (file, survey) {
        (Some(path), Some(survey)) => {
            ledger::spares(path, &batch.from)?;
            let digest = digest(batch, format, &plan, &survey);
            let ledger = Ledger::open(path, &digest, batch.replace)?;
            if let Some(line) = survey.recoded {
                tell_recoded(line, output);
            }
            let total = survey.records - u64::from(plan.columns.has_header());
            (Target::Files(ledger), Some(total))
        }
        _ => (Target::Stdout(output), None),
    };
    if let Some(note) = plan.columns.note() {
        output.note(&note);
    }
    let writer = Writer::new(target, &layout, rows.separator(), &plan.columns.names);
    let job = Job {
        batch,
        plan: &plan,
        layout: &layout,
        total,
        output,
    };
    job.run(rows, writer, source)
}

/// Says that a line is read as something else than UTF-8.
fn tell_recoded(line: u64, output: &Output) {
    output.note(&format!(
        "line {line} is no UTF-8: lines like it are read as Windows-1252, which holds Latin-1"
    ));
}

/// The file to write to, if it is not stdout.
fn file(batch: &Batch) -> Option<&Path> {
    batch.out.as_deref().filter(|path| *path != Path::new("-"))
}

fn format(batch: &Batch) -> Result<BatchFormat, Failure> {
    let end = file(batch).and_then(Path::extension);
    let by_name = match end.is_some_and(|end| end.eq_ignore_ascii_case("csv")) {
        true => BatchFormat::Csv,
        false => BatchFormat::Jsonl,
    };
    let format = batch.format.unwrap_or(by_name);
    if format == BatchFormat::Csv && batch.columns.is_empty() {
        return Err(
            Failure::configuration("CSV needs to know which members to write").advise(
                "name them, as in --columns input.*,Id,Description; `twoba get` shows an answer",
            ),
        );
    }
    Ok(format)
}

/// What tells the job from all others whose output could be in the same file.
fn digest(batch: &Batch, format: BatchFormat, plan: &Plan, survey: &Survey) -> String {
    let mut digest = Sha256::new();
    let told = format!(
        "{}\n{:?}\n{format:?}\n{:?}\n",
        plan.told(),
        batch.columns,
        batch.images
    );
    digest.update(told);
    digest.update(&survey.digest);
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A job with all that it needs to be said of it.
struct Job<'j> {
    batch: &'j Batch,
    plan: &'j Plan,
    layout: &'j Layout,
    /// How many rows there are, where that is known.
    total: Option<u64>,
    output: &'j Output,
}

impl Job<'_> {
    fn run(
        &self,
        mut rows: Rows<'_>,
        mut writer: Writer<'_>,
        source: Source,
    ) -> Result<(), Failure> {
        let begun = writer.reached().rows;
        let is_done = self.total.is_some_and(|total| begun >= total);
        self.tell_begun(begun, is_done);
        for _ in 0..begun {
            rows.next()?;
        }
        writer.begin()?;
        if is_done {
            return self.told(End::Done, &mut writer);
        }
        let source = source.proven()?;
        let token = |session: &Handle| session.token().map(drop);
        source.patiently(self.output, token, token)?;
        let asking = self.asking(&source)?;
        // Until the end is told.
        let work = Work::begin();
        let progress = Progress::begin(self.output.shows_progress(), begun, self.total);
        let ask = |row: &Row, call: &JsonCall| asking.ask(row, call);
        let mut is_told = false;
        let end = Crew {
            plan: self.plan,
            at_once: self.batch.at_once.get(),
            next: &mut || {
                let row = rows.next()?;
                // A file that is surveyed was told of before.
                if let (false, None, Some(line)) = (is_told, self.total, rows.recoded()) {
                    tell_recoded(line, self.output);
                    is_told = true;
                }
                Ok(row)
            },
            ask: &ask,
            is_told: &|| work.is_told_to_end(),
            write: &mut |written| {
                writer.write(written)?;
                progress.reached(writer.reached());
                Ok(())
            },
        }
        .run(begun + 1);
        drop(progress);
        if let Ok(End::Stopped(failure)) = &end
            && failure.exit() == Failure::new(Kind::Store, "").exit()
        {
            // What the server has given is nowhere else.
            source.patiently(self.output, token, token)?;
        }
        let outcome = end.and_then(|end| self.told(end, &mut writer));
        match outcome {
            // The signal is obeyed before anybody else could say so.
            Err(failure) if work.is_told_to_end() => {
                self.output.failure(&failure);
                Err(failure.told_already())
            }
            outcome => outcome,
        }
    }

    fn asking<'s>(&'s self, source: &'s Source) -> Result<Asking<'s>, Failure> {
        Ok(Asking {
            plan: self.plan,
            layout: self.layout,
            service: source.session.service().at_once(self.batch.at_once.get()),
            provider: source.session.client().provider(),
            pictures: self
                .batch
                .images
                .as_deref()
                .map(Pictures::into)
                .transpose()?,
        })
    }

    fn tell_begun(&self, begun: u64, is_done: bool) {
        if begun > 0 {
            let next = match is_done {
                true => "nothing is asked; --replace asks for all of them again".to_owned(),
                false => format!("it goes on with row {}", begun + 1),
            };
            self.output
                .note(&format!("{begun} rows are there already: {next}"));
        }
    }

    /// Says how the job ended.
    fn told(&self, end: End, writer: &mut Writer<'_>) -> Result<(), Failure> {
        writer.end()?;
        let Reached { rows, failed, .. } = writer.reached();
        let of_total = self
            .total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        match end {
            End::Done => self.told_done(writer),
            End::Told => {
                let text =
                    format!("interrupted after {rows}{of_total} rows, {failed} of which failed");
                Err(Failure::new(Kind::Interrupted, text).advise(self.going_on()))
            }
            End::Stopped(failure) => {
                let advice = failure
                    .advice()
                    .map(|advice| format!("{advice}; "))
                    .unwrap_or_default();
                let advice = format!("{advice}{}", self.going_on());
                let what = format!("stopped after {rows}{of_total} rows");
                Err(failure.about(&what).advise(advice))
            }
        }
    }

    fn going_on(&self) -> &'static str {
        match (file(self.batch), self.batch.replace) {
            (Some(_), false) => "run the same command again, and it goes on with the next row",
            (Some(_), true) => {
                "run the same command again without --replace, and it goes on with the next row"
            }
            (None, _) => "with --out it could go on from there; to stdout it begins anew",
        }
    }

    fn told_done(&self, writer: &mut Writer<'_>) -> Result<(), Failure> {
        let Reached { rows, failed, .. } = writer.reached();
        let (out, failed_out) = writer.paths();
        let done = rows - failed;
        if let (true, Some(out)) = (self.output.json, &out) {
            self.output.json_result(&json!({
                "rows": rows,
                "done": done,
                "failed": failed,
                "out": out,
                "failed_out": failed_out,
            }))?;
        }
        let mut text = format!("{rows} rows: {done} done, {failed} failed");
        for path in [out, failed_out].into_iter().flatten() {
            text.push_str(&format!("; {path}"));
        }
        self.output.note(&text);
        if done > 0 && writer.has_answered() {
            for name in self.layout.never_found() {
                self.output.note(&format!(
                    "no answer has the member {}: look for a typing error",
                    on_one_line(name)
                ));
            }
        }
        match failed {
            0 => Ok(()),
            // The person has read of it.
            _ => Err(Failure::new(Kind::Other, text).told_already()),
        }
    }
}

/// Asks rows.
struct Asking<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    service: Service,
    provider: &'a Provider,
    pictures: Option<Pictures>,
}

impl Asking<'_> {
    fn ask(&self, row: &Row, call: &JsonCall) -> Outcome {
        let answer = match self.service.ask(call) {
            Ok(answer) => answer,
            Err(error) => return judged(error),
        };
        let Ok(answer) = std::str::from_utf8(answer.as_bytes()) else {
            return Outcome::Refused("the answer is no UTF-8".to_owned());
        };
        let pictures = match &self.pictures {
            None => None,
            Some(pictures) => {
                let asked = |name| self.plan.field(name, &row.fields);
                let wanted = Wanted {
                    row: row.number,
                    answer,
                    asked: (asked("gln"), asked("productcode")),
                };
                match pictures.fetch(&self.service, self.provider, &wanted) {
                    Ok(names) => Some(names),
                    Err(Missing::Get(error)) => return judged(error),
                    Err(Missing::File(failure)) => return Outcome::Stopped(failure),
                    Err(Missing::Address) => {
                        return Outcome::Refused(
                            "the service gave no usable address of a picture".to_owned(),
                        );
                    }
                }
            }
        };
        Outcome::Answered(self.layout.line(&Answered {
            row: row.number,
            fields: &row.fields,
            answer,
            pictures: pictures.as_deref(),
        }))
    }
}

/// Whether an error is a matter of its row.
fn judged(error: GetError) -> Outcome {
    let refused = |error| Outcome::Refused(Failure::from(error).message().to_owned());
    match &error {
        GetError::Service(said) => {
            let is_of_all = matches!(
                said.kind,
                ServiceErrorKind::Unauthorized
                    | ServiceErrorKind::Unavailable
                    | ServiceErrorKind::Redirect
                    | ServiceErrorKind::Page
            );
            match is_of_all {
                true => Outcome::Doubtful(error.into()),
                false => refused(error),
            }
        }
        GetError::Session(of_session) => {
            let kind = of_session.kind();
            if matches!(kind, ErrorKind::Service(_)) {
                return Outcome::Doubtful(error.into());
            }
            match matches!(kind, ErrorKind::ServiceAnswerTooLarge) {
                true => refused(error),
                false => Outcome::Stopped(error.into()),
            }
        }
        GetError::Call(_) | _ => refused(error),
    }
}
