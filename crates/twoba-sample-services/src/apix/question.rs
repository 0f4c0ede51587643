//! What the bodies of questions say. A member that is wrong is named, and its value never repeated.

use serde_json::Value;

use crate::problem::Problem;

/// The most products of one answer.
const SIZE_MAX: u64 = 1000;

/// A search for products.
#[derive(Debug)]
pub(super) struct ForSearch<'b> {
    pub(super) words: &'b str,
    pub(super) from: usize,
    pub(super) size: usize,
    pub(super) only_modelling: bool,
}

/// Products by their numbers.
#[derive(Debug)]
pub(super) struct ForList {
    pub(super) ids: Vec<u64>,
}

/// A product by its maker's code.
#[derive(Debug)]
pub(super) struct ForCode<'b> {
    pub(super) gln: &'b str,
    pub(super) code: &'b str,
}

impl<'b> ForSearch<'b> {
    pub(super) fn read(body: &'b Value) -> Result<Self, Problem> {
        language(body)?;
        for filter in ["filters", "featureFilters"] {
            let members = body.get(filter).and_then(Value::as_array);
            if members.is_some_and(|members| !members.is_empty()) {
                return Err(Problem::wrong(filter, "The emulator knows no filters."));
            }
        }
        let whole = |name: &'static str, most: u64, words| {
            let number = body.get(name).and_then(Value::as_u64);
            let number = number.filter(|number| *number <= most);
            number
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| Problem::wrong(name, words))
        };
        Ok(Self {
            words: text(body, "searchString")?.unwrap_or_default(),
            from: whole("from", u64::from(u32::MAX), "It has to be a whole number.")?,
            size: whole(
                "size",
                SIZE_MAX,
                "It has to be a whole number from 0 to 1000.",
            )?,
            only_modelling: match body.get("onlyModelling") {
                None | Some(Value::Null) => false,
                Some(only) => only.as_bool().ok_or_else(|| {
                    Problem::wrong("onlyModelling", "It has to be true or false.")
                })?,
            },
        })
    }
}

impl ForList {
    pub(super) fn read(body: &Value) -> Result<Self, Problem> {
        language(body)?;
        let ids = match body.get("productIds") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(ids) => ids
                .as_array()
                .and_then(|ids| ids.iter().map(Value::as_u64).collect()),
        };
        let ids = ids
            .ok_or_else(|| Problem::wrong("productIds", "It has to be a list of whole numbers."))?;
        Ok(Self { ids })
    }
}

impl<'b> ForCode<'b> {
    pub(super) fn read(body: &'b Value) -> Result<Self, Problem> {
        language(body)?;
        let gln = text(body, "manufacturerGln")?;
        let gln =
            gln.filter(|gln| gln.len() == 13 && gln.bytes().all(|byte| byte.is_ascii_digit()));
        let code = text(body, "productCode")?;
        let code = code.filter(|code| (1..=35).contains(&code.chars().count()));
        Ok(Self {
            gln: gln.ok_or_else(|| Problem::wrong("manufacturerGln", "It has to be 13 digits."))?,
            code: code
                .ok_or_else(|| Problem::wrong("productCode", "It has to be 1 to 35 characters."))?,
        })
    }
}

/// Checks that a language is named. The emulator's texts are Dutch in all of them.
fn language(body: &Value) -> Result<(), Problem> {
    let named = text(body, "languagecode")?;
    match named.is_some_and(|code| !code.is_empty()) {
        true => Ok(()),
        false => Err(Problem::wrong("languagecode", "It is missing.")),
    }
}

fn text<'b>(body: &'b Value, name: &'static str) -> Result<Option<&'b str>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Problem::wrong(name, "It has to be a text."))
        }
    }
}
