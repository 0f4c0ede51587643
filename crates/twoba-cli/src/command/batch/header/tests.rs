//! What the first record of an input is taken for.

use super::*;

fn columns(function: Option<&str>, parameters: &[&str], record: &str) -> Columns {
    let known = twoba_services::known_functions().iter();
    let known = function.and_then(|name| known.into_iter().find(|known| known.name == name));
    let parameters: Vec<_> = parameters
        .iter()
        .map(|text| text.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let record: Vec<_> = record.split(';').map(str::to_owned).collect();
    Columns::of(&record, &parameters, known)
}

#[test]
fn a_name_that_two_columns_have_gets_a_number() {
    let names = ["EAN", "", "nr", "EAN", "EAN 2", "EAN", ""];
    let expected = ["EAN", "", "nr", "EAN 3", "EAN 2", "EAN 4", "2"];
    assert_eq!(distinct(names.map(str::to_owned).to_vec()), expected);
}

/// A first record, what else the call says, what the record is, and what the columns are called.
type Case<'c> = (&'c str, &'c [&'c str], First, &'c [&'c str]);

#[test]
fn the_record_itself_says_whether_it_is_a_header() {
    let cases: [Case<'_>; 18] = [
        ("ean", &[], First::Header, &["ean"]),
        ("nr;EAN", &[], First::Header, &["nr", "EAN"]),
        ("nr;EAN", &["gtin={2}"], First::Header, &["nr", "EAN"]),
        ("EAN;20240101", &[], First::Header, &["EAN", "20240101"]),
        ("Kolom", &["gtin={kolom}"], First::Header, &["Kolom"]),
        (
            "artikel;naam",
            &["gtin={1}"],
            First::Assumed,
            &["artikel", "naam"],
        ),
        ("artikel;naam", &[], First::Assumed, &["artikel", "naam"]),
        ("1;2", &["gtin={2}"], First::Assumed, &["1", "2"]),
        ("artikel;2024", &[], First::Assumed, &["artikel", "2024"]),
        ("2008710001001", &[], First::Row(None), &["gtin"]),
        (
            "2008710001001",
            &["gtin={2008710001001}"],
            First::Row(None),
            &["gtin"],
        ),
        ("87x", &[], First::Row(None), &["gtin"]),
        ("2", &["gtin={2}"], First::Row(None), &["gtin"]),
        (" 2008710001001 ;", &[], First::Row(None), &["gtin", "2"]),
        (
            ";2008710001001;",
            &[],
            First::Row(None),
            &["1", "gtin", "3"],
        ),
        ("2008710001001;x", &[], First::Row(Some(0)), &["1", "2"]),
        // A wrong check digit makes no name of it.
        (
            "x;2008710001002",
            &["gtin={2}"],
            First::Row(Some(1)),
            &["1", "2"],
        ),
        (
            "x;2008710001001",
            &["gtin={2008710001001}"],
            First::Row(Some(1)),
            &["1", "2"],
        ),
    ];
    for (record, parameters, first, names) in cases {
        let columns = columns(Some("Product/DetailsByGtinA"), parameters, record);
        assert_eq!(columns.first, first, "{record} {parameters:?}");
        assert_eq!(columns.names, names, "{record} {parameters:?}");
    }
    let unknown = columns(None, &["code={1}"], "kabelgoot");
    assert_eq!(
        (unknown.first, unknown.names),
        (First::Row(None), vec!["1".to_owned()])
    );
}

#[test]
fn a_column_is_found_by_its_number_before_its_name() {
    let columns = columns(None, &[], "2;naam;2024;Naam 2");
    for (wanted, place) in [
        ("2", Some(1)),
        ("1", Some(0)),
        ("2024", Some(2)),
        ("NAAM", Some(1)),
        ("naam-2", Some(3)),
        ("0", None),
        ("5", None),
        ("", None),
        ("-", None),
    ] {
        assert_eq!(columns.find(wanted), place, "{wanted}");
    }
}
