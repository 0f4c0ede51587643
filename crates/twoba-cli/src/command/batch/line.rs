//! How an answered row is written: a line of JSON, or of CSV with the members that were chosen.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::value::RawValue;

use super::header::Columns;
use super::table::write_record;
use crate::arguments::BatchFormat;
use crate::failure::Failure;
use crate::json_text::laid_out;

/// What a column is filled from, if it is no member of the answer.
const INPUT: &str = "input.";
const ROW: &str = "row";
const PICTURES: &str = "pictures";

/// How rows are written.
#[derive(Debug)]
pub(super) struct Layout {
    format: BatchFormat,
    separator: u8,
    /// Whether nothing was chosen, and an answer is written as a whole.
    is_whole: bool,
    chosen: Vec<Chosen>,
    /// What the columns of the input are called.
    input: Vec<String>,
}

/// A column of the output.
#[derive(Debug)]
struct Chosen {
    name: String,
    /// The column of the input that it is, from 0, unless the answer has a member of this name.
    column: Option<usize>,
    /// Whether any answer had it.
    was_found: AtomicBool,
}

impl Chosen {
    fn new(name: String, column: Option<usize>) -> Self {
        Self {
            name,
            column,
            was_found: AtomicBool::new(false),
        }
    }
}

fn no_column(column: &str, columns: &Columns) -> Failure {
    Failure::configuration(format!(
        "the input has no column {column}, which --columns names as {INPUT}{column}"
    ))
    .advise(format!("nothing was asked; it has {}", columns.listed()))
}

/// A row with its answer.
pub(super) struct Answered<'a> {
    pub(super) row: u64,
    pub(super) fields: &'a [String],
    pub(super) answer: &'a str,
    /// The files with its pictures, where they were asked for.
    pub(super) pictures: Option<&'a [String]>,
}

impl Layout {
    /// # Errors
    ///
    /// - a name is empty, or names a column that the input does not have
    pub(super) fn new(
        format: BatchFormat,
        separator: u8,
        names: &[String],
        columns: &Columns,
    ) -> Result<Self, Failure> {
        let mut chosen = Vec::new();
        for name in names {
            if name.trim().is_empty() {
                return Err(Failure::configuration("--columns has an empty name").advise(
                    "nothing was asked; write names with one comma between two, as in Id,Description",
                ));
            }
            match (name.strip_prefix(INPUT), format) {
                (Some("*"), BatchFormat::Csv) => {
                    let of_input = columns.names.iter().enumerate();
                    chosen.extend(of_input.map(|(place, column)| {
                        Chosen::new(format!("{INPUT}{column}"), Some(place))
                    }));
                }
                (Some(column), _) => {
                    let place = columns.find(column).or((column == "*").then_some(0));
                    let place = place.ok_or_else(|| no_column(column, columns))?;
                    // A line of JSON has the whole input beside the answer.
                    if format == BatchFormat::Csv {
                        chosen.push(Chosen::new(name.clone(), Some(place)));
                    }
                }
                (None, _) => chosen.push(Chosen::new(name.clone(), None)),
            }
        }
        Ok(Self {
            format,
            separator,
            is_whole: names.is_empty(),
            chosen,
            input: columns.names.clone(),
        })
    }

    /// What stands before the first row.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.format == BatchFormat::Csv {
            let names = self.chosen.iter().map(|chosen| chosen.name.as_str());
            write_record(&mut out, self.separator, names);
        }
        out
    }

    /// The columns that no answer had, where any answer came.
    pub(super) fn never_found(&self) -> Vec<&str> {
        let lost = self
            .chosen
            .iter()
            .filter(|chosen| !chosen.was_found.load(Ordering::Relaxed))
            // What stands beside the answer in a line of JSON is no member that is missing.
            .filter(|chosen| ![ROW, PICTURES].contains(&chosen.name.as_str()));
        lost.map(|chosen| chosen.name.as_str()).collect()
    }

    /// The line of a row.
    pub(super) fn line(&self, row: &Answered<'_>) -> Vec<u8> {
        match self.format {
            BatchFormat::Csv => self.record(row),
            BatchFormat::Jsonl => self.object(row),
        }
    }

    fn record(&self, row: &Answered<'_>) -> Vec<u8> {
        let members = members(row.answer);
        let cells = self
            .chosen
            .iter()
            .map(|chosen| match self.cell(chosen, row, &members) {
                Some(cell) => {
                    chosen.was_found.store(true, Ordering::Relaxed);
                    cell
                }
                None => String::new(),
            });
        let mut out = Vec::new();
        write_record(&mut out, self.separator, cells);
        out
    }

    fn cell(&self, chosen: &Chosen, row: &Answered<'_>, members: &Members<'_>) -> Option<String> {
        if let Some(found) = members.find(&chosen.name) {
            return Some(text(found));
        }
        if chosen.name == ROW {
            return Some(row.row.to_string());
        }
        if chosen.name == PICTURES {
            return row.pictures.map(|pictures| pictures.join(" "));
        }
        row.fields.get(chosen.column?).cloned()
    }

    fn object(&self, row: &Answered<'_>) -> Vec<u8> {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let mut out = format!("{{\"row\":{},\"input\":{{", row.row);
        for (place, (name, field)) in self.input.iter().zip(row.fields).enumerate() {
            let comma = if place > 0 { "," } else { "" };
            out.push_str(&format!("{comma}{}:{}", text(name), text(field)));
        }
        out.push_str("},\"answer\":");
        if self.is_whole {
            out.push_str(&laid_out(row.answer, false));
        } else {
            let members = members(row.answer);
            out.push('{');
            for (place, chosen) in self.chosen.iter().enumerate() {
                let comma = if place > 0 { "," } else { "" };
                let found = members.find(&chosen.name);
                if found.is_some() {
                    chosen.was_found.store(true, Ordering::Relaxed);
                }
                let value = found.map_or("null".to_owned(), |found| laid_out(found.get(), false));
                out.push_str(&format!("{comma}{}:{value}", text(&chosen.name)));
            }
            out.push('}');
        }
        if let Some(pictures) = row.pictures {
            out.push_str(&format!(
                ",\"pictures\":{}",
                serde_json::Value::from(pictures)
            ));
        }
        out.push_str("}\n");
        out.into_bytes()
    }
}

/// The members of an object or a list, each as it was written.
pub(super) struct Members<'a>(BTreeMap<String, &'a RawValue>);

/// The members of JSON; none where it is neither object nor list.
pub(super) fn members(json: &str) -> Members<'_> {
    if json.trim_start().starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
        let named = list.into_iter().enumerate();
        return Members(
            named
                .map(|(place, value)| (place.to_string(), value))
                .collect(),
        );
    }
    Members(serde_json::from_str(json).unwrap_or_default())
}

impl<'a> Members<'a> {
    /// The value at a path of names and places with dots between. Letters may differ in case where
    /// nothing matches exactly: 2BA writes `ID` in one document and `Id` elsewhere.
    pub(super) fn find(&self, path: &str) -> Option<&'a RawValue> {
        if let Some(found) = self.member(path) {
            return Some(found);
        }
        let (first, rest) = path.split_once('.')?;
        members(self.member(first)?.get()).find(rest)
    }

    fn member(&self, name: &str) -> Option<&'a RawValue> {
        let exact = self.0.get(name).copied();
        exact.or_else(|| {
            let mut all = self.0.iter();
            let found = all.find(|(one, _)| one.eq_ignore_ascii_case(name));
            found.map(|(_, value)| *value)
        })
    }
}

/// A value as the text of a cell: a text without quotes, nothing for null, and all else as it was
/// written.
pub(super) fn text(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        json if json.starts_with('"') => serde_json::from_str(json).unwrap_or_default(),
        json => laid_out(json, false),
    }
}

#[cfg(test)]
mod tests;
