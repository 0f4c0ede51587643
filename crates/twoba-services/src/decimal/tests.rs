//! Digits that are kept, and texts that are no number.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(json: &str) -> Result<Decimal, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn digits_stay_as_they_were_written() {
    for text in [
        "0",
        "-0",
        "0.10",
        "12.50",
        "-12.500",
        "12345678901234567890123.45678901234567890",
        "1e400",
        "1E-7",
        "1.50E+2",
    ] {
        let number = read(text).unwrap();
        assert_eq!(number.as_str(), text);
        assert_eq!(serde_json::to_string(&number).unwrap(), text);
    }
    assert_eq!(read("\" 12.50\\t\"").unwrap().as_str(), "12.50");
}

#[test]
fn the_spellings_of_an_xml_schema_are_brought_into_that_of_json() {
    for (text, kept) in [
        ("+1", "1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("007", "7"),
        ("00", "0"),
        ("000.10", "0.10"),
        ("1E+02", "1e+02"),
    ] {
        assert_eq!(Decimal::parse(text).unwrap().as_str(), kept, "{text}");
        assert_eq!(read(&json!(text).to_string()).unwrap().as_str(), kept);
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in [
        "", "-", "+", ".", "-.", "1,5", "1.2.3", "e1", "1e", "1e+", "--1", "+-1", "1 2", "0x1",
        "NaN", "Infinity", "\u{661}",
    ] {
        assert_eq!(
            Decimal::parse(text),
            Err(DecimalError::NotANumber),
            "{text}"
        );
        assert!(read(&json!(text).to_string()).is_err(), "{text}");
    }
    for json in ["true", "null", "{}", "[1]", "\"\"", "1.", "01"] {
        assert!(read(json).is_err(), "{json}");
    }
    let long = "1".repeat(129);
    assert_eq!(Decimal::parse(&long), Err(DecimalError::TooLong));
    assert!(read(&long).unwrap_err().contains("more than 128"));
    assert!(read(&long[1..]).is_ok());
}

#[test]
fn a_number_of_a_value_is_read_with_the_digits_that_the_value_has() {
    assert_eq!(
        serde_json::from_value::<Decimal>(json!(12.5)).unwrap(),
        Decimal::parse("12.5").unwrap()
    );
    assert_eq!(Decimal::from(7_u32), Decimal::parse("7").unwrap());
}

#[cfg(feature = "rust_decimal")]
#[test]
fn the_other_type_has_all_digits_or_nothing() {
    let other = |text: &str| rust_decimal::Decimal::try_from(&Decimal::parse(text).unwrap());
    for (text, digits) in [
        ("12.50", "12.50"),
        ("-0.10", "-0.10"),
        ("1e2", "100"),
        ("1.5e-3", "0.0015"),
        ("12.5e1", "125"),
        ("0.0012e2", "0.12"),
        ("0e999999999", "0"),
        (
            "79228162514264337593543950335",
            "79228162514264337593543950335",
        ),
    ] {
        let found = other(text).unwrap();
        assert_eq!(found.to_string(), digits, "{text}");
        assert_eq!(Decimal::from(found).as_str(), digits);
    }
    for text in [
        "79228162514264337593543950336",
        "1e29",
        "1e-29",
        "1e400",
        "1e99999999999",
        "0.12345678901234567890123456789012345",
    ] {
        assert_eq!(other(text), Err(DecimalError::OutOfRange), "{text}");
    }
}

proptest! {
    #[test]
    fn a_number_comes_out_as_it_went_in(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        let found = read(&text).unwrap();
        prop_assert_eq!(found.as_str(), &text);
        let again = serde_json::to_string(&Decimal::parse(&text).unwrap()).unwrap();
        prop_assert_eq!(again, text.replace('E', "e"));
    }

    #[test]
    fn no_text_is_more_than_a_number_or_refused(text in "[-+.eE0-9 ]{0,12}") {
        if let Ok(number) = Decimal::parse(&text) {
            prop_assert!(serde_json::from_str::<serde_json::Number>(number.as_str()).is_ok()
                || number.as_str().contains('e'));
        }
    }
}

#[test]
fn digits_are_the_same_by_whatever_way_they_come() {
    for text in [
        "0",
        "-12.50",
        "1234567890.123456789012",
        "1234567890.1234567890123",
    ] {
        let number = Decimal::parse(text).unwrap();
        assert_eq!(number.as_str(), text);
        assert_eq!(
            serde_json::from_reader::<_, Decimal>(text.as_bytes()).unwrap(),
            number
        );
        // Where the name stands for nothing.
        let mut plain = serde_json::Deserializer::from_str(text);
        assert_eq!(Raw.visit_newtype_struct(&mut plain).unwrap(), number);
    }
    assert_eq!(size_of::<Option<Decimal>>(), 24);
}
