//! The table of functions and what their questions say.

use super::*;
use crate::decimal::Decimal;

#[test]
fn every_function_is_named_once_and_every_required_parameter_comes_first() {
    for (at, known) in KNOWN.iter().enumerate() {
        assert!(
            KNOWN
                .iter()
                .skip(at + 1)
                .all(|other| other.name != known.name)
        );
        assert_eq!(super::known(&known.name.to_uppercase()), Some(known));
        assert!(
            known
                .parameters
                .is_sorted_by_key(|parameter| !parameter.is_required)
        );
        for parameter in known.parameters {
            assert!(!parameter.example.is_empty(), "{}", parameter.name);
        }
    }
    assert_eq!(super::known("Product/Serach"), None);
    assert_eq!(nearest("Product/Serach").unwrap().name, "Product/Search");
}

#[test]
fn operations_are_called_by_the_second_half_or_as_2ba_says() {
    assert_eq!(ProductSearch::OPERATION, "Search");
    assert_eq!(FilterFeatures::OPERATION, "GetFeatures");
}

#[test]
fn lists_and_records_go_as_json() {
    let asked = FilterFeatures::new("EC990001")
        .with_query("goot \"wit\"")
        .with_listed(vec![ListedFilter::new(
            "EF1",
            vec!["EV1".into(), "E\"2".into()],
        )])
        .with_numeric(vec![NumericFilter::new(
            "EF2",
            1_u8,
            Decimal::parse("2.50").unwrap(),
        )]);
    let query: Vec<_> = asked
        .values()
        .into_iter()
        .map(|(name, value)| (name, value.in_query()))
        .collect();
    assert_eq!(
        query,
        [
            ("productClassId", r#"["EC990001"]"#.to_owned()),
            ("query", r#"goot "wit""#.to_owned()),
            (
                "featuresA",
                r#"[{"FeatureId":"EF1","ValueList":["EV1","E\"2"]}]"#.to_owned()
            ),
            (
                "featuresN",
                r#"[{"FeatureId":"EF2","ValueMin":1,"ValueMax":2.50}]"#.to_owned()
            ),
        ]
    );
    assert_eq!(ParticipantList::new().values(), []);
}
