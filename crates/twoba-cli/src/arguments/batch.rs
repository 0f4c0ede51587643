//! The arguments of `twoba batch`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::services::parameter;

/// The most calls at once that can be asked for.
const AT_ONCE_MAX: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct Batch {
    /// The function to call, as Product/DetailsByGtinA
    #[arg(value_name = "SERVICE/FUNCTION")]
    pub(crate) function: String,
    /// Parameters that are the same for all rows; {Column} is the column of that name or number
    #[arg(value_name = "name=value", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// The rows: a CSV file with a header, or a list of GTINs; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Write to this file, with FILE.failed.csv and FILE.batch beside it; without, to stdout, and then
    /// nothing can go on after an interruption
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Members of the answer to write, with dots for what is inside others, as Id,Features.0.ValueID;
    /// in CSV also row, pictures, input.COLUMN or input.*
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// How to write; without, csv for a FILE whose name ends so, else jsonl
    #[arg(long, value_enum)]
    pub(crate) format: Option<BatchFormat>,
    /// How many calls are out at once, 64 at most
    #[arg(long, value_name = "N", default_value = "8", value_parser = at_once)]
    pub(crate) at_once: NonZeroUsize,
    /// Save the pictures of each answered product in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) images: Option<PathBuf>,
    /// Lose the files of another job, and begin anew
    #[arg(long, requires = "out")]
    pub(crate) replace: bool,
}

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BatchFormat {
    /// A line of JSON for each row, with its number, its input and the answer
    Jsonl,
    /// A line of CSV for each row, with the members of --columns
    Csv,
}

fn at_once(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().and_then(NonZeroUsize::new);
    number
        .filter(|number| number.get() <= AT_ONCE_MAX)
        .ok_or_else(|| format!("write a number from 1 to {AT_ONCE_MAX}"))
}
