//! Whether the first record of an input is a header, and what its columns are called.

use std::collections::HashSet;

use twoba_services::KnownFunction;

use crate::terminal;

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

/// A number of so many digits is a value, as a GTIN or a GLN is one. No header is such a number.
const DIGITS_MIN: usize = 8;

/// What the first record of an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The names of the columns: one of them is known, or the caller has named it.
    Header,
    /// The names of the columns, because nothing in it is known to be a value.
    Assumed,
    /// A row: the field at this place has a value, where there are several fields.
    Row(Option<usize>),
}

/// The columns of an input.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) first: First,
}

impl Columns {
    /// Finds out what the columns are called. What the record says decides, and the names that the
    /// function and the caller (`{Column}`) know, but never a number of a column.
    pub(super) fn of(
        record: &[String],
        parameters: &[(String, String)],
        known: Option<&KnownFunction>,
    ) -> Self {
        let names: Vec<String> = record.iter().map(|field| field.trim().to_owned()).collect();
        let is_named = |name: &String| {
            let by_caller = |(_, value): &(String, String)| {
                in_braces(value)
                    .is_some_and(|wanted| number(wanted).is_none() && is_alike(wanted, name))
            };
            let by_function = |known: &KnownFunction| {
                let mut parameters = known.parameters.iter();
                parameters.any(|parameter| means(name, parameter.name))
            };
            !is_value(name) && (parameters.iter().any(by_caller) || known.is_some_and(by_function))
        };
        if names.iter().any(is_named) {
            return Self::named(names, First::Header);
        }
        let value = names.iter().position(|name| is_value(name));
        let filled = names.iter().filter(|name| !name.is_empty()).count();
        if value.is_none() && filled > 1 {
            return Self::named(names, First::Assumed);
        }
        // One value a line, whatever stands empty beside it: a list for the first parameter.
        let list = known.and_then(|known| known.parameters.first());
        let list = list.filter(|_| filled == 1);
        let numbered = names
            .iter()
            .zip(1_usize..)
            .map(|(name, number)| match list {
                Some(parameter) if !name.is_empty() => parameter.name.to_owned(),
                _ => number.to_string(),
            });
        Self {
            first: First::Row(value.filter(|_| filled > 1)),
            names: numbered.collect(),
        }
    }

    fn named(names: Vec<String>, first: First) -> Self {
        Self {
            names: distinct(names),
            first,
        }
    }

    pub(super) fn has_header(&self) -> bool {
        match self.first {
            First::Header | First::Assumed => true,
            First::Row(_) => false,
        }
    }

    /// What a person has to know who may see it another way.
    pub(super) fn note(&self) -> Option<String> {
        match self.first {
            First::Header | First::Row(None) => None,
            First::Assumed => Some(format!(
                "the first line counts as the names of the columns, and is not asked: {}",
                self.listed()
            )),
            First::Row(Some(place)) => Some(format!(
                "the first line has a number like a GTIN in column {}, so it is a row and no header; \
                 the columns are called {}",
                place + 1,
                self.listed()
            )),
        }
    }

    /// How a column is named in braces, for an advice.
    pub(super) fn in_braces(&self, place: usize) -> String {
        let name = self.names.get(place).map_or("", String::as_str);
        let name = match self.has_header() {
            true if !name.is_empty() && !is_value(name) && number(name).is_none() => {
                terminal::on_one_line(name)
            }
            true | false => (place + 1).to_string(),
        };
        format!("{{{name}}}")
    }

    /// The column of this name, or with this number from 1. A number is a name only where no column
    /// has that number.
    pub(super) fn find(&self, wanted: &str) -> Option<usize> {
        let place = number(wanted).and_then(|number| number.checked_sub(1));
        let by_name = || {
            let exact = self.names.iter().position(|name| name == wanted);
            let alike = |name: &String| is_alike(wanted, name);
            exact.or_else(|| self.names.iter().position(alike))
        };
        place
            .filter(|place| *place < self.names.len())
            .or_else(by_name)
    }

    /// The names, for a person; a file of no table can have any number of them.
    pub(super) fn listed(&self) -> String {
        const SHOWN: usize = 12;
        let short = |name: &String| name.chars().take(40).collect::<String>();
        let mut shown: Vec<_> = self.names.iter().take(SHOWN).map(short).collect();
        if self.names.len() > SHOWN {
            shown.push(format!("{} more", self.names.len() - SHOWN));
        }
        terminal::on_one_line(&shown.join(", "))
    }
}

/// Whether a field has a value, and no name.
fn is_value(field: &str) -> bool {
    field.len() >= DIGITS_MIN && field.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether two names differ at most in what people write differently.
fn is_alike(one: &str, other: &str) -> bool {
    let one = plain(one);
    !one.is_empty() && one == plain(other)
}

/// The number of a column.
fn number(wanted: &str) -> Option<usize> {
    wanted.trim().parse().ok()
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

/// What stands in braces.
pub(super) fn in_braces(value: &str) -> Option<&str> {
    value.strip_prefix('{')?.strip_suffix('}')
}

/// Whether a header means a parameter.
pub(super) fn means(header: &str, parameter: &str) -> bool {
    let (header, parameter) = (plain(header), plain(parameter));
    let aliases = ALIASES.iter().find(|(name, _)| *name == parameter);
    header == parameter || aliases.is_some_and(|(_, aliases)| aliases.contains(&header.as_str()))
}

/// A name without what people write differently: case, blanks, separators.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
