//! What each row of the input is asked: which column goes to which parameter of the function.

use std::collections::HashSet;
use std::fmt::Write as _;

use twoba_services::{Gtin, JsonCall, KnownFunction, known_functions};

use crate::arguments::Batch;
use crate::failure::Failure;

/// Headers that mean a parameter besides its own name, as spreadsheets of the trade have them.
const ALIASES: [(&str, &[&str]); 4] = [
    (
        "gtin",
        &[
            "ean",
            "ean8",
            "ean13",
            "ean14",
            "eancode",
            "gtin8",
            "gtin12",
            "gtin13",
            "gtin14",
            "gtincode",
            "barcode",
            "streepjescode",
        ],
    ),
    (
        "gln",
        &[
            "glncode",
            "fabrikantgln",
            "manufacturergln",
            "leveranciergln",
            "suppliergln",
        ],
    ),
    (
        "productcode",
        &[
            "artikelcode",
            "fabrikantcode",
            "manufacturercode",
            "manufacturerproductcode",
        ],
    ),
    (
        "tradeitemid",
        &[
            "artikelnummer",
            "artikelcode",
            "bestelnummer",
            "leveranciersartikelnummer",
            "supplierproductcode",
        ],
    ),
];

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
    /// What the columns are called.
    pub(super) columns: Vec<String>,
    /// Whether the first record of the input is these names, and no row.
    pub(super) has_header: bool,
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
        let (columns, has_header) = columns(batch, known, first);
        let mut parameters = Vec::new();
        for (name, value) in &batch.parameters {
            let origin = origin(value, &columns)?;
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
            let found = column_for(parameter.name, &columns)?;
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
            has_header,
        })
    }

    /// The call for a row, or why it cannot be asked.
    pub(super) fn call(&self, fields: &[String]) -> Result<JsonCall, String> {
        if fields.len() > self.columns.len() {
            return Err(format!(
                "the row has {} columns, and the input has {}; is a quote missing?",
                fields.len(),
                self.columns.len()
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
                    let column = self.columns.get(*column).map_or("", String::as_str);
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
        format!("{} {:?} {:?}", self.function, self.parameters, self.columns)
    }

    /// The value of a column whose name means this parameter, if there is one.
    pub(super) fn field<'f>(&self, parameter: &str, fields: &'f [String]) -> Option<&'f str> {
        let column = column_for(parameter, &self.columns).ok()??;
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

/// What the columns are called, and whether the first record says so. A single column that begins with
/// a value is a list for the first parameter.
fn columns(batch: &Batch, known: Option<&KnownFunction>, first: &[String]) -> (Vec<String>, bool) {
    let by_number = |(_, value): &(String, String)| {
        in_braces(value).is_some_and(|name| name.parse::<usize>().is_ok())
    };
    let is_numbered = batch.parameters.iter().any(by_number);
    let names: Vec<String> = first.iter().map(|field| field.trim().to_owned()).collect();
    let is_named = |name: &String| {
        let by_caller = |(_, value): &(String, String)| {
            in_braces(value).is_some_and(|wanted| plain(wanted) == plain(name))
        };
        let by_function = |known: &KnownFunction| {
            known
                .parameters
                .iter()
                .any(|parameter| means(name, parameter.name))
        };
        batch.parameters.iter().any(by_caller) || known.is_some_and(by_function)
    };
    let has_header = names.iter().any(is_named) || (names.len() > 1 && !is_numbered);
    if has_header {
        return (distinct(names), true);
    }
    let list = known.and_then(|known| known.parameters.first());
    let names = match (list, names.len()) {
        (Some(parameter), 1) => vec![parameter.name.to_owned()],
        (_, count) => (1..=count).map(|number| number.to_string()).collect(),
    };
    (names, false)
}

/// The names of columns, with a number behind one that comes again: an answer has one member of a
/// name.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let renamed = names.into_iter().map(|name| {
        if seen.insert(name.clone()) {
            return name;
        }
        let numbered = (2_usize..).map(|number| format!("{name} {number}").trim_start().to_owned());
        // As many numbers as there are names always suffice.
        let free = numbered
            .take(taken.len() + 1)
            .find(|new| !taken.contains(new));
        let free = free.unwrap_or(name);
        taken.insert(free.clone());
        free
    });
    renamed.collect()
}

/// Where a value that was given for a parameter comes from: `{Column}` is a column by name or number.
fn origin(value: &str, columns: &[String]) -> Result<Origin, Failure> {
    let Some(wanted) = in_braces(value) else {
        return Ok(Origin::Fixed(value.to_owned()));
    };
    let by_name = columns.iter().position(|name| plain(name) == plain(wanted));
    let by_number = || {
        let number: usize = wanted.parse().ok()?;
        number.checked_sub(1).filter(|place| *place < columns.len())
    };
    by_name
        .or_else(by_number)
        .map(Origin::Column)
        .ok_or_else(|| {
            Failure::configuration(format!("the input has no column {wanted}"))
                .advise(format!("it has {}", listed(columns)))
        })
}

fn in_braces(value: &str) -> Option<&str> {
    value.strip_prefix('{')?.strip_suffix('}')
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
        .advise(format!("say which one is: {parameter}={{{one}}}"))),
        (found, _) => Ok(found.map(|(place, _)| place)),
    }
}

/// Whether a header means a parameter.
fn means(header: &str, parameter: &str) -> bool {
    let (header, parameter) = (plain(header), plain(parameter));
    let aliases = ALIASES.iter().find(|(name, _)| *name == parameter);
    header == parameter || aliases.is_some_and(|(_, aliases)| aliases.contains(&header.as_str()))
}

/// A name without what people write differently: case, blanks, separators.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn missing(function: &str, parameter: &str, columns: &[String]) -> Failure {
    let first = columns.first().map_or("Column", String::as_str);
    Failure::configuration(format!(
        "{function} needs the parameter {parameter}, and no column of the input is called so; it has {}",
        listed(columns)
    ))
    .advise(format!(
        "say which column it is, as in {parameter}={{{first}}}, or give one value for all rows, as in \
         {parameter}=.."
    ))
}

/// The names of columns, for a person; a file of no table can have any number of them.
fn listed(columns: &[String]) -> String {
    const SHOWN: usize = 12;
    let short = |name: &String| name.chars().take(40).collect::<String>();
    let mut shown: Vec<_> = columns.iter().take(SHOWN).map(short).collect();
    if columns.len() > SHOWN {
        shown.push(format!("{} more", columns.len() - SHOWN));
    }
    let text = shown.join(", ");
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests;
