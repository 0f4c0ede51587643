//! What each row of the input is asked: which column goes to which parameter of the function.

use std::fmt::Write as _;

use twoba_services::{Gtin, JsonCall, KnownFunction, known_functions};

use super::header::{Columns, First, in_braces, means, plain};
use crate::arguments::Batch;
use crate::failure::Failure;
use crate::terminal::on_one_line;

/// The function whose first parameter stands in the path, as 2BA's newest document shows it.
const ASKS_IN_PATH: &str = "Product/Details";

/// The function that answers with a picture and not with JSON.
const GIVES_PICTURE: &str = "Thumbnail/Product";

/// Where the value of a parameter comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// The same for all rows.
    Fixed(String),
    /// The column, from 0.
    Column(usize),
}

/// What each row is asked.
#[derive(Debug)]
pub(super) struct Plan {
    function: String,
    asks_in_path: bool,
    parameters: Vec<(String, Origin)>,
    /// What the columns are called, and whether the first record of the input says so.
    pub(super) columns: Columns,
}

impl Plan {
    /// The plan for an input that begins with this record.
    pub(super) fn new(batch: &Batch, first: &[String]) -> Result<Self, Failure> {
        // Whatever the call says of the function's name.
        JsonCall::new(&batch.function)?;
        let known = known(&batch.function);
        if known.is_some_and(|known| known.name == GIVES_PICTURE) {
            return Err(Failure::configuration(
                "this function answers with a picture, which is no row of a table",
            )
            .advise("ask Product/DetailsByGtinA, and add --images DIR for the pictures"));
        }
        let columns = Columns::of(first, &batch.parameters, known);
        let mut parameters = Vec::new();
        for (name, value) in &batch.parameters {
            let origin = origin(name, value, &columns)?;
            parameters.push((name.clone(), origin));
        }
        let required = known.map_or(&[][..], |known| known.parameters);
        for parameter in required.iter().filter(|parameter| parameter.is_required) {
            if parameters
                .iter()
                .any(|(name, _)| plain(name) == plain(parameter.name))
            {
                continue;
            }
            let found = column_for(parameter.name, &columns.names)?;
            let missing = || missing(&batch.function, parameter.name, &columns);
            let column = found.ok_or_else(missing)?;
            parameters.push((parameter.name.to_owned(), Origin::Column(column)));
        }
        if parameters
            .iter()
            .all(|(_, origin)| matches!(origin, Origin::Fixed(_)))
        {
            return Err(Failure::configuration(format!(
                "no column of the input goes to a parameter of {}",
                batch.function
            ))
            .advise(
                "say which one does, as in code={Artikelcode}, or by its number, as in code={1}",
            ));
        }
        Ok(Self {
            function: batch.function.clone(),
            asks_in_path: known.is_some_and(|known| known.name == ASKS_IN_PATH)
                && batch.function.matches('/').count() == 1,
            parameters,
            columns,
        })
    }

    /// The call for a row, or why it cannot be asked.
    pub(super) fn call(&self, fields: &[String]) -> Result<JsonCall, String> {
        let columns = &self.columns.names;
        if fields.len() > columns.len() {
            return Err(format!(
                "the row has {} columns, and the input has {}; is a quote missing?",
                fields.len(),
                columns.len()
            ));
        }
        let mut values = Vec::with_capacity(self.parameters.len());
        for (name, origin) in &self.parameters {
            values.push((name.as_str(), self.value(name, origin, fields)?));
        }
        let mut function = self.function.clone();
        if self.asks_in_path
            && let Some(place) = values.iter().position(|(name, _)| plain(name) == "gtin")
        {
            let (_, value) = values.remove(place);
            // A GTIN is digits only.
            let _written: Result<(), _> = write!(function, "/{value}");
        }
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        JsonCall::with_parameters(&function, &values).map_err(|error| error.to_string())
    }

    fn value(&self, name: &str, origin: &Origin, fields: &[String]) -> Result<String, String> {
        let value = match origin {
            Origin::Fixed(value) => value.as_str(),
            Origin::Column(column) => {
                let value = fields.get(*column).map_or("", |field| field.trim());
                if value.is_empty() {
                    let column = self.columns.names.get(*column).map_or("", String::as_str);
                    return Err(format!("the column {column} is empty"));
                }
                value
            }
        };
        if plain(name) == "gtin" {
            let gtin = Gtin::parse(value).map_err(|error| error.to_string())?;
            return Ok(gtin.to_string());
        }
        Ok(value.to_owned())
    }

    /// What tells this plan from another one, for the digest of the job.
    pub(super) fn told(&self) -> String {
        format!(
            "{} {:?} {:?}",
            self.function, self.parameters, self.columns.names
        )
    }

    /// The value of a column whose name means this parameter, if there is one.
    pub(super) fn field<'f>(&self, parameter: &str, fields: &'f [String]) -> Option<&'f str> {
        let column = column_for(parameter, &self.columns.names).ok()??;
        fields.get(column).map(|field| field.trim())
    }
}

/// The known function that is asked. What stands behind its two halves is an argument.
fn known(function: &str) -> Option<&'static KnownFunction> {
    let halves: Vec<_> = function.split('/').take(2).collect();
    let name = halves.join("/");
    let is_it = |known: &&KnownFunction| known.name.eq_ignore_ascii_case(&name);
    known_functions().iter().find(is_it)
}

/// Where a value that was given for a parameter comes from: `{Column}` is a column by name or number.
fn origin(parameter: &str, value: &str, columns: &Columns) -> Result<Origin, Failure> {
    let Some(wanted) = in_braces(value) else {
        return Ok(Origin::Fixed(value.to_owned()));
    };
    columns.find(wanted).map(Origin::Column).ok_or_else(|| {
        let text = format!("the input has no column {wanted}");
        match columns.first {
            First::Header | First::Assumed => {
                Failure::configuration(text).advise(format!("it has {}", columns.listed()))
            }
            First::Row(value) => {
                Failure::configuration(format!("{text}, and no header: its first line is a row"))
                    .advise(by_number(parameter, columns, value))
            }
        }
    })
}

/// How a column is said where no header names it.
fn by_number(parameter: &str, columns: &Columns, value: Option<usize>) -> String {
    format!(
        "nothing was asked; say the column by its number, as in {parameter}={}, or put a line with \
         names above the rows",
        columns.in_braces(value.unwrap_or_default())
    )
}

/// The column that goes to a parameter: the one of its name, else the only one whose name means it.
fn column_for(parameter: &str, columns: &[String]) -> Result<Option<usize>, Failure> {
    let exact = columns
        .iter()
        .position(|name| plain(name) == plain(parameter));
    if exact.is_some() {
        return Ok(exact);
    }
    let mut meant = columns
        .iter()
        .enumerate()
        .filter(|(_, name)| means(name, parameter));
    match (meant.next(), meant.next()) {
        (Some((_, one)), Some((_, other))) => Err(Failure::configuration(format!(
            "both {one} and {other} could be the parameter {parameter}"
        ))
        .advise(format!(
            "say which one is: {parameter}={{{}}}",
            on_one_line(one)
        ))),
        (found, _) => Ok(found.map(|(place, _)| place)),
    }
}

fn missing(function: &str, parameter: &str, columns: &Columns) -> Failure {
    match columns.first {
        First::Header | First::Assumed => Failure::configuration(format!(
            "{function} needs the parameter {parameter}, and no column of the input is called so; it \
             has {}",
            columns.listed()
        ))
        .advise(format!(
            "say which column it is, as in {parameter}={}, or give one value for all rows, as in \
             {parameter}=..",
            columns.in_braces(0)
        )),
        First::Row(value) => Failure::configuration(format!(
            "{function} needs the parameter {parameter}, and the input has no header: its first line \
             is a row"
        ))
        .advise(by_number(parameter, columns, value)),
    }
}

#[cfg(test)]
mod tests;
