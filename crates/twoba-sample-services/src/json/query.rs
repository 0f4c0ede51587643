//! Reads a function's arguments from a query. The names must have 2BA's exact spelling.

use serde_json::{Map, Value};

use crate::form::Parameters;
use crate::products::{Kind, Problem, Shape};

/// The members of `asks`. The first one may be in the path.
pub(super) fn arguments(
    asks: &Shape,
    query: &Parameters,
    mut in_path: Option<&str>,
) -> Result<Value, Problem> {
    let mut arguments = Map::new();
    for member in asks.members {
        let (kind, required) = member.kind.required();
        if query.repeats(member.name) {
            let message = format!("The parameter {} occurs more than once.", member.name);
            return Err(Problem::bad_request(message));
        }
        let Some(text) = in_path.take().or_else(|| query.get(member.name)) else {
            if required {
                return Err(Problem::missing(member.name));
            }
            continue;
        };
        let value = value(kind, text).ok_or_else(|| match kind {
            Kind::List(_) => Problem::wrong(member.name, &format!("{}, as JSON", kind.expected())),
            Kind::Text
            | Kind::Whole
            | Kind::Decimal
            | Kind::Flag
            | Kind::Picture
            | Kind::Optional(_)
            | Kind::Record(_) => Problem::wrong(member.name, kind.expected()),
        })?;
        arguments.insert(member.name.to_owned(), value);
    }
    Ok(Value::Object(arguments))
}

/// Reads a value: texts unchanged, flags in any case, everything else as JSON.
fn value(kind: Kind, text: &str) -> Option<Value> {
    let value = match kind {
        Kind::Text => Value::String(text.to_owned()),
        Kind::Flag => Value::Bool(text.to_ascii_lowercase().parse().ok()?),
        Kind::Whole
        | Kind::Decimal
        | Kind::Picture
        | Kind::Optional(_)
        | Kind::List(_)
        | Kind::Record(_) => serde_json::from_str(text).ok()?,
    };
    kind.fits(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::find;
    use serde_json::json;

    fn read(function: &str, query: &str) -> Result<Value, String> {
        let (function, in_path) = find(function).unwrap();
        let query = Parameters::parse(query.as_bytes()).unwrap();
        arguments(function.asks, &query, in_path).map_err(|problem| problem.message)
    }

    #[test]
    fn every_kind_is_read() {
        assert_eq!(
            read("Product/Search", "query=a+b&pageSize=5&callback=cb"),
            Ok(json!({"query": "a b", "pageSize": 5}))
        );
        assert_eq!(
            read("Product/DetailsByGtinA", "gtin=1&includeFeatures=True"),
            Ok(json!({"gtin": "1", "includeFeatures": true}))
        );
        assert_eq!(
            read("Product/AttachmentsA", "id=7&filterTypes=%5B%22PPI%22%5D"),
            Ok(json!({"id": 7, "filterTypes": ["PPI"]}))
        );
        assert_eq!(read("Product/Details/123", ""), Ok(json!({"gtin": "123"})));
        let numeric = r#"[{"FeatureId":"EF1","ValueMin":1,"ValueMax":2.5}]"#;
        assert_eq!(
            read(
                "ProductFilter/Features",
                &format!("productClassId=[\"EC1\"]&featuresN={numeric}")
            ),
            Ok(json!({
                "productClassId": ["EC1"],
                "featuresN": serde_json::from_str::<Value>(numeric).unwrap(),
            }))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (function, query, message) in [
            ("Product/Search", "", "The parameter query is missing."),
            (
                "Product/Search",
                "query=",
                "The parameter query is missing.",
            ),
            (
                "Product/Search",
                "Query=a",
                "The parameter query is missing.",
            ),
            (
                "Product/Search",
                "query=a&query=b",
                "The parameter query occurs more than once.",
            ),
            (
                "Product/Search",
                "query=a&pageSize=-1",
                "The parameter pageSize has to be a whole number.",
            ),
            (
                "Product/Search",
                "query=a&pageSize=%22",
                "The parameter pageSize has to be a whole number.",
            ),
            (
                "Product/DetailsByGtinA",
                "gtin=1&includeFeatures=yes",
                "The parameter includeFeatures has to be true or false.",
            ),
            (
                "Product/AttachmentsA",
                "id=1&filterTypes=PPI",
                "The parameter filterTypes has to be a list of texts, as JSON.",
            ),
            (
                "Product/AttachmentsA",
                "id=1&filterTypes=%5B1%5D",
                "The parameter filterTypes has to be a list of texts, as JSON.",
            ),
            (
                "ProductFilter/Features",
                "productClassId=[]&featuresA=[{}]",
                "The parameter featuresA has to be a list of objects with the documented members, as JSON.",
            ),
        ] {
            assert_eq!(read(function, query), Err(message.to_owned()), "{query}");
        }
    }
}
