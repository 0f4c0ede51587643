//! GTINs of every length, and what is none.

use proptest::prelude::*;

use super::*;

#[test]
fn shorter_ones_get_zeros_in_front() {
    for (text, digits) in [
        ("02008710001001", "02008710001001"),
        ("2008710001001", "02008710001001"),
        (" 4006381333931\r\n", "04006381333931"),
        ("012345678905", "00012345678905"),
        ("96385074", "00000096385074"),
    ] {
        assert_eq!(Gtin::parse(text).unwrap().as_str(), digits, "{text}");
    }
}

#[test]
fn what_is_no_gtin_is_told_why() {
    for (text, expected) in [
        ("", GtinError::NotDigits),
        ("2008710001oo1", GtinError::NotDigits),
        ("2008 710001001", GtinError::NotDigits),
        ("\u{661}2008710001", GtinError::NotDigits),
        ("123", GtinError::Length { length: 3 }),
        ("123456789", GtinError::Length { length: 9 }),
        ("123456789012345", GtinError::Length { length: 15 }),
        (
            "2008710001002",
            GtinError::CheckDigit {
                found: 2,
                expected: 1,
            },
        ),
    ] {
        assert_eq!(Gtin::parse(text), Err(expected), "{text}");
    }
    let read = |json: &str| serde_json::from_str::<Gtin>(json).map_err(|error| error.to_string());
    assert!(
        read("\"2008710001002\"")
            .unwrap_err()
            .contains("should be 1")
    );
    let gtin = read("\"2008710001001\"").unwrap();
    assert_eq!(serde_json::to_string(&gtin).unwrap(), "\"02008710001001\"");
}

proptest! {
    #[test]
    fn every_first_digits_have_one_last_digit_and_no_single_typing_error_passes(
        first in "[0-9]{13}", place in 0_usize..14, digit in 0_u8..10,
    ) {
        let good: Vec<String> = (0..10)
            .map(|last| format!("{first}{last}"))
            .filter(|text| Gtin::parse(text).is_ok())
            .collect();
        prop_assert_eq!(good.len(), 1);
        let mut typed = good[0].clone().into_bytes();
        let is_other = typed[place] != b'0' + digit;
        typed[place] = b'0' + digit;
        let typed = String::from_utf8(typed).unwrap();
        prop_assert_eq!(Gtin::parse(&typed).is_err(), is_other);
    }
}
