//! Records as the services write them, and as they might.
#![allow(unreachable_pub, reason = "the macro declares what is public")]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::decimal::Decimal;

super::record! {
    /// A record.
    Sample {
        /// A number.
        id: Option<u64> => "Id",
        /// A text.
        name: Option<String> => "Name" | "Label",
        /// A flag.
        flag: Option<bool> => "Flag",
        /// An exact number.
        price: Option<Decimal> => "Price",
        /// A list.
        parts: Vec<Part> => "Parts",
    }

    /// A list, and something around it.
    Around or parts {
        /// A number.
        total: Option<u64> => "Total",
        /// The list.
        parts: Vec<Part> => "Parts",
    }

    /// A part.
    Part {
        /// A text.
        code: Option<String> => "Code",
    }
}

fn read(json: &str) -> Result<Sample, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn names_are_read_in_any_case_and_values_as_number_or_text() {
    let expected = Sample {
        id: Some(7),
        name: Some("12".to_owned()),
        flag: Some(true),
        price: Some(Decimal::parse("12.50").unwrap()),
        parts: vec![Part {
            code: Some("a\"b".to_owned()),
        }],
    };
    for json in [
        r#"{"Id":7,"Name":"12","Flag":true,"Price":12.50,"Parts":[{"Code":"a\"b"}]}"#,
        r#"{"ID":"7","label":12,"FLAG":"True","price":"12.50","parts":[{"code":"a\"b","x":{}}]}"#,
        r#"{"x":[1,{"Id":2}],"iD":7,"Name":"12","flag":1,"Price":12.50,"I\u0064":null,
            "Parts":[{"Code":"a\"b"}],"Parts":null}"#,
    ] {
        assert_eq!(read(json).unwrap(), expected, "{json}");
    }
    let from_value = Sample::deserialize(json!({"Id": 7})).unwrap();
    assert_eq!(from_value.id, Some(7));
}

#[test]
fn what_is_missing_or_null_is_nothing() {
    let null = r#"{"Id":null,"Name":null,"Flag":null,"Price":null,"Parts":null}"#;
    for json in ["{}", null] {
        assert_eq!(read(json).unwrap(), Sample::default());
    }
}

#[test]
fn a_value_of_another_kind_is_refused() {
    for json in [
        "[]",
        "7",
        r#"{"Id":"x"}"#,
        r#"{"Id":-1}"#,
        r#"{"Id":1.5}"#,
        r#"{"Flag":2}"#,
        r#"{"Flag":"yes"}"#,
        r#"{"Name":{}}"#,
        r#"{"Price":"12,50"}"#,
        r#"{"Parts":{}}"#,
        r#"{"Parts":[7]}"#,
    ] {
        assert!(read(json).is_err(), "{json}");
    }
}

#[test]
fn a_bare_list_is_read_where_a_record_is_little_more() {
    let read = |json| serde_json::from_str::<Around>(json).unwrap();
    let around = read(r#"{"Total":1,"Parts":[{"Code":"a"}]}"#);
    assert_eq!(around.total, Some(1));
    assert_eq!(read(r#"[{"Code":"a"}]"#).parts, around.parts);
    assert!(serde_json::from_str::<Around>("[7]").is_err());
}

#[test]
fn a_record_is_written_in_the_spelling_of_2ba() {
    let sample = read(r#"{"label":"a","price":"1.0"}"#).unwrap();
    assert_eq!(
        serde_json::to_string(&sample).unwrap(),
        r#"{"Id":null,"Name":"a","Flag":null,"Price":1.0,"Parts":[]}"#
    );
}

proptest! {
    #[test]
    fn what_was_written_is_read_whatever_the_case_of_its_names(
        id in proptest::option::of(any::<u64>()),
        name in proptest::option::of("\\PC{0,12}"),
        flag in proptest::option::of(any::<bool>()),
        price in proptest::option::of("-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,9})?"),
        codes in proptest::collection::vec("\\PC{0,6}", 0..4),
        case in any::<u64>(),
    ) {
        let sample = Sample {
            id,
            name,
            flag,
            price: price.map(|digits| Decimal::parse(&digits).unwrap()),
            parts: codes.into_iter().map(|code| Part { code: Some(code) }).collect(),
        };
        let mut json = serde_json::to_string(&sample).unwrap();
        for (at, name) in ["Id", "Name", "Flag", "Price", "Parts", "Code"].iter().enumerate() {
            let other = match case >> (2 * at) & 3 {
                0 => name.to_lowercase(),
                1 => name.to_uppercase(),
                _ => (*name).to_owned(),
            };
            json = json.replace(&format!("\"{name}\":"), &format!("\"{other}\":"));
        }
        prop_assert_eq!(read(&json).unwrap(), sample);
    }

    #[test]
    fn any_json_is_read_or_refused(json in "[\\[\\]{}:,\"a-zA-Z0-9. ]{0,60}") {
        if let Ok(sample) = read(&json) {
            let again = read(&serde_json::to_string(&sample).unwrap()).unwrap();
            prop_assert_eq!(again, sample);
        }
    }
}
