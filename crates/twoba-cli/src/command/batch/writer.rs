//! Writes what came of the rows: into the files of the job, or to stdout and stderr.

use std::path::Path;

use super::crew::Written;
use super::ledger::{Ledger, Page, Reached};
use super::line::Layout;
use super::table::write_record;
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal;

/// Where it goes.
pub(super) enum Target<'t> {
    Files(Ledger),
    Stdout(&'t Output),
}

/// What writes the rows of a job.
pub(super) struct Writer<'w> {
    target: Target<'w>,
    layout: &'w Layout,
    separator: u8,
    /// What the columns of the input are called.
    columns: &'w [String],
    reached: Reached,
    has_answered: bool,
}

impl<'w> Writer<'w> {
    pub(super) fn new(
        target: Target<'w>,
        layout: &'w Layout,
        separator: u8,
        columns: &'w [String],
    ) -> Self {
        let reached = match &target {
            Target::Files(ledger) => ledger.reached,
            Target::Stdout(_) => Reached::default(),
        };
        Self {
            target,
            layout,
            separator,
            columns,
            reached,
            has_answered: false,
        }
    }

    /// How far the job is.
    pub(super) fn reached(&self) -> Reached {
        self.reached
    }

    /// Whether an answer was written in this run.
    pub(super) fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// Writes what stands before the first row.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let mut page = Page::default();
        let is_fresh = match &self.target {
            Target::Files(ledger) => ledger.is_fresh(),
            Target::Stdout(_) => true,
        };
        if is_fresh {
            page.out = self.layout.head();
        }
        self.page(&page)
    }

    /// Writes what came of the next rows.
    pub(super) fn write(&mut self, written: Vec<Written>) -> Result<(), Failure> {
        if written.is_empty() {
            return Ok(());
        }
        let mut page = Page::default();
        for row in written {
            page.rows += 1;
            match row {
                Written::Answered(mut bytes) => {
                    self.has_answered = true;
                    page.out.append(&mut bytes);
                }
                Written::Failed(row, reason) => {
                    if self.reached.failed + page.failed == 0 {
                        let names = self.columns.iter().map(String::as_str);
                        write_record(
                            &mut page.failed_out,
                            self.separator,
                            names.chain(["reason"]),
                        );
                    }
                    page.failed += 1;
                    let cells = cells(&row.fields, self.columns.len(), &reason);
                    write_record(&mut page.failed_out, self.separator, cells);
                    if let Target::Stdout(output) = &self.target {
                        let reason = terminal::on_one_line(&reason);
                        output.prompt(&format!("row {} failed: {reason}", row.number));
                    }
                }
            }
        }
        self.page(&page)
    }

    fn page(&mut self, page: &Page) -> Result<(), Failure> {
        match &mut self.target {
            Target::Files(ledger) => {
                ledger.commit(page)?;
                self.reached = ledger.reached;
            }
            Target::Stdout(output) => {
                output.seen(&page.out, false)?;
                self.reached.rows += page.rows;
                self.reached.failed += page.failed;
            }
        }
        Ok(())
    }

    /// Brings all that was written to the disk.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        match &mut self.target {
            Target::Files(ledger) => ledger.sync(),
            Target::Stdout(_) => Ok(()),
        }
    }

    /// The output and the file of failed rows, as they are called.
    pub(super) fn paths(&self) -> (Option<String>, Option<String>) {
        let shown = |path: &Path| path.display().to_string();
        match &self.target {
            Target::Files(ledger) => (Some(shown(ledger.path())), ledger.failed_path().map(shown)),
            Target::Stdout(_) => (None, None),
        }
    }
}

/// The fields of a failed row, the reason in a column of its own. A row may have too many fields.
fn cells<'c>(fields: &'c [String], columns: usize, reason: &'c str) -> Vec<&'c str> {
    let mut cells: Vec<&str> = fields.iter().map(String::as_str).collect();
    while cells.len() < columns {
        cells.push("");
    }
    cells.insert(columns, reason);
    cells
}
