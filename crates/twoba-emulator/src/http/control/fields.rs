//! Reads the body of a control call, and names the wrong field in an error.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of a call, or of one entry in a list of a call.
#[derive(Debug)]
pub(super) struct Fields {
    /// The prefix of the field names, if there are several objects.
    at: String,
    members: Map<String, Value>,
}

/// The body as JSON. `example` is a valid one.
pub(super) fn json(body: &[u8], example: &str) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|_| format!("the body is not JSON; write it as {example}"))
}

impl Fields {
    /// The members of an object. All of them have to be `known`.
    pub(super) fn of(value: Value, at: String, known: &[&str]) -> Result<Self, String> {
        let Value::Object(members) = value else {
            return Err(format!("{at}an object with {} is wanted", known.join(", ")));
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self { at, members }),
            Some(unknown) => Err(format!(
                "{at}{unknown}: there is no such field; there are {}",
                known.join(", ")
            )),
        }
    }

    /// Takes out a field, if it is present.
    pub(super) fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.members.remove(name) else {
            return Ok(None);
        };
        let read = serde_json::from_value(value);
        read.map(Some)
            .map_err(|wrong| format!("{}{name}: {wrong}", self.at))
    }

    /// Takes out a field that must be present.
    pub(super) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        let found = self.optional(name)?;
        found.ok_or_else(|| format!("{}{name}: it is missing", self.at))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(value: Value) -> Result<u8, String> {
        Fields::of(value, "rule 2: ".to_owned(), &["nth"])?.required("nth")
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field_and_no_position() {
        assert_eq!(number(json!({"nth": 3})), Ok(3));
        for (value, told) in [
            (
                json!({"nth": "x"}),
                "rule 2: nth: invalid type: string \"x\", expected u8",
            ),
            (json!({}), "rule 2: nth: it is missing"),
            (
                json!({"n": 1}),
                "rule 2: n: there is no such field; there are nth",
            ),
            (json!([]), "rule 2: an object with nth is wanted"),
        ] {
            assert_eq!(number(value), Err(told.to_owned()));
        }
        let told = json(b"{", "[]").unwrap_err();
        assert_eq!(told, "the body is not JSON; write it as []");
    }
}
