//! Which column goes where, and which rows and inputs are refused.

use clap::Parser as _;

use super::*;
use crate::arguments::{Arguments, Command};

fn batch(words: &[&str]) -> Batch {
    let words = [&["twoba", "batch"], words, &["--from", "x"]].concat();
    let Command::Batch(batch) = Arguments::try_parse_from(words).unwrap().command else {
        unreachable!("a batch was asked for");
    };
    batch
}

fn fields(line: &str) -> Vec<String> {
    line.split(';').map(str::to_owned).collect()
}

/// The address that the row is asked at.
fn asked(words: &[&str], first: &str, row: &str) -> Result<String, String> {
    let plan =
        Plan::new(&batch(words), &fields(first)).map_err(|error| error.message().to_owned())?;
    let call = plan.call(&fields(row))?;
    let request = call.request(&twoba_core::Provider::two_ba()).unwrap();
    let asked = request.uri().to_string();
    Ok(asked.replace("https://api.2ba.nl/1/json/", ""))
}

const BY_GTIN: &str = "Product/DetailsByGtinA";
const BY_CODE: &str = "Product/DetailsByGLNAndProductcodeA";

#[test]
fn columns_are_found_by_what_the_trade_calls_them() {
    let expected = "Product/DetailsByGtinA?gtin=02008710001001";
    for header in [
        "gtin",
        "GTIN",
        "EAN",
        "ean-13",
        "EAN code",
        "Barcode",
        " Streepjescode ",
    ] {
        let found = asked(&[BY_GTIN], &format!("nr;{header}"), "1; 2008710001001 ");
        assert_eq!(found.as_deref(), Ok(expected), "{header}");
    }
    assert_eq!(
        asked(&[BY_GTIN], "2008710001001", "02008710001001").as_deref(),
        Ok(expected)
    );
    assert_eq!(
        asked(&[BY_GTIN], "EAN;GTIN", "x;2008710001001").as_deref(),
        Ok(expected)
    );
    assert_eq!(
        asked(&["product/details"], "ean", "2008710001001").as_deref(),
        Ok("product/details/02008710001001")
    );
    assert_eq!(
        asked(
            &[BY_CODE, "includeFeatures=true"],
            "Artikelcode;Fabrikant GLN",
            "A 1;200"
        )
        .as_deref(),
        Ok("Product/DetailsByGLNAndProductcodeA?includeFeatures=true&gln=200&productcode=A+1")
    );
    assert_eq!(
        asked(&[BY_CODE, "gln=200"], "Productcode", "A1").as_deref(),
        Ok("Product/DetailsByGLNAndProductcodeA?gln=200&productcode=A1")
    );
    assert_eq!(
        asked(&["X/Y", "a={B c}"], "z;b-C", "1;2").as_deref(),
        Ok("X/Y?a=2")
    );
    assert_eq!(
        asked(&["X/Y", "a={2}"], "1;2", "1;2").as_deref(),
        Ok("X/Y?a=2")
    );
}

#[test]
fn an_input_without_a_header_is_asked_by_numbers_and_no_value_is_advised_as_a_name() {
    let told = |words: &[&str], first: &str| {
        let failure = Plan::new(&batch(words), &fields(first)).unwrap_err();
        format!("{}; {}", failure.message(), failure.advice().unwrap())
    };
    for words in [&[BY_GTIN][..], &[BY_GTIN, "gtin={2008710001001}"]] {
        let told = told(words, "x;2008710001001");
        assert!(
            told.contains("its first line is a row") && told.contains("as in gtin={2}"),
            "{told}"
        );
        assert!(!told.contains("as in gtin={2008710001001}"), "{told}");
    }
    assert_eq!(
        asked(&[BY_GTIN], "2008710001001;", "02008710001018;").as_deref(),
        Ok("Product/DetailsByGtinA?gtin=02008710001018")
    );
    assert!(told(&[BY_GTIN], "artikel;naam").contains("as in gtin={artikel}"));
    assert!(told(&[BY_GTIN], "2024;naam").contains("as in gtin={1}"));
}

#[test]
fn what_cannot_be_asked_is_told() {
    for (words, first, part) in [
        (
            &[BY_GTIN][..],
            "nr;name",
            "no column of the input is called so; it has nr, name",
        ),
        (&[BY_GTIN, "gtin={EAM}"], "nr;EAN", "no column EAM"),
        (&[BY_GTIN], "EAN;Barcode", "both EAN and Barcode"),
        (&["X/Y"], "a;b", "no column of the input goes to"),
        (&["Product"], "a;b", "Service/Function"),
        (&["thumbnail/product"], "gln;productcode", "a picture"),
    ] {
        let told = asked(words, first, "1;2").unwrap_err();
        assert!(told.contains(part), "{told}");
    }
    for (row, part) in [
        ("1;2008710001002", "check digit is 2 and should be 1"),
        ("1;87x", "no digit"),
        ("1; ", "the column EAN is empty"),
        ("1", "the column EAN is empty"),
        ("1;2;3", "3 columns"),
    ] {
        let told = asked(&[BY_GTIN], "nr;EAN", row).unwrap_err();
        assert!(told.contains(part), "{told}");
    }
}
