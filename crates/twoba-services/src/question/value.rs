//! What a parameter says, before it is written for JSON or SOAP.

use super::filter::{ListedFilter, NumericFilter, OneClass};
use crate::decimal::Decimal;
use crate::gtin::Gtin;

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, a number or a flag: written the same everywhere.
    Plain(String),
    /// A number, which JSON does not put in quotes inside of lists.
    Number(Decimal),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of records, each with its name in SOAP.
    Records(&'static str, Vec<Vec<(&'static str, Value)>>),
}

/// A type that a parameter can have.
pub(super) trait Argument {
    /// What it says.
    fn value(&self) -> Value;
}

macro_rules! plain {
    ($($plain:ty)*) => {$(
        impl Argument for $plain {
            fn value(&self) -> Value {
                Value::Plain(self.to_string())
            }
        }
    )*};
}

plain!(String Gtin u32 u64 bool);

impl Argument for Vec<String> {
    fn value(&self) -> Value {
        Value::Texts(self.clone())
    }
}

impl Argument for OneClass {
    fn value(&self) -> Value {
        Value::Texts(vec![self.0.clone()])
    }
}

impl Argument for Vec<ListedFilter> {
    fn value(&self) -> Value {
        let record = |filter: &ListedFilter| {
            vec![
                ("FeatureId", Value::Plain(filter.feature_id.clone())),
                ("ValueList", Value::Texts(filter.values.clone())),
            ]
        };
        Value::Records("FeatureA", self.iter().map(record).collect())
    }
}

impl Argument for Vec<NumericFilter> {
    fn value(&self) -> Value {
        let record = |filter: &NumericFilter| {
            vec![
                ("FeatureId", Value::Plain(filter.feature_id.clone())),
                ("ValueMin", Value::Number(filter.least.clone())),
                ("ValueMax", Value::Number(filter.greatest.clone())),
            ]
        };
        Value::Records("FeatureN", self.iter().map(record).collect())
    }
}

impl Value {
    /// As a query has it: what is plain as it stands, everything else as JSON.
    pub(crate) fn in_query(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Number(_) | Self::Texts(_) | Self::Records(..) => self.json(),
        }
    }

    fn json(&self) -> String {
        match self {
            Self::Plain(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Number(number) => number.to_string(),
            Self::Texts(texts) => serde_json::Value::from(texts.as_slice()).to_string(),
            Self::Records(_, records) => {
                let records = records.iter().map(|members| {
                    let members = members.iter().map(|(name, value)| {
                        format!("{}:{}", serde_json::Value::from(*name), value.json())
                    });
                    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
                });
                format!("[{}]", records.collect::<Vec<_>>().join(","))
            }
        }
    }
}
