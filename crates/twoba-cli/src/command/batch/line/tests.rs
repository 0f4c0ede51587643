//! How members of answers are written.

use super::*;

const ANSWER: &str = r#"{"Id": 7, "GTIN": "02008710001001", "Weight": 12.50, "Big": 12345678901234567890.10,
    "Class": {"Code": "EC1", "a.b": true}, "Features": [{"V": 0.10}, {"V": null}], "Text": "a;\"b\"\n"}"#;

fn written(format: BatchFormat, chosen: &[&str]) -> String {
    let chosen: Vec<_> = chosen.iter().map(|name| (*name).to_owned()).collect();
    let columns = ["nr".to_owned(), "EAN".to_owned()];
    let layout = Layout::new(format, b';', &chosen, &Columns::of(&columns, &[], None)).unwrap();
    let line = layout.line(&Answered {
        row: 3,
        fields: &["1".to_owned(), "é".to_owned()],
        answer: ANSWER,
        pictures: None,
    });
    String::from_utf8([layout.head(), line].concat()).unwrap()
}

#[test]
fn members_are_written_with_their_digits() {
    let chosen = [
        "row",
        "input.EAN",
        "ID",
        "weight",
        "Big",
        "Class.Code",
        "Class.a.b",
        "Features.0.V",
        "Features.1.V",
        "Text",
        "Features",
        "Nothing",
    ];
    assert_eq!(
        written(BatchFormat::Csv, &chosen),
        "row;input.EAN;ID;weight;Big;Class.Code;Class.a.b;Features.0.V;Features.1.V;Text;Features;\
         Nothing\n3;é;7;12.50;12345678901234567890.10;EC1;true;0.10;;\"a;\"\"b\"\"\n\";\
         \"[{\"\"V\"\":0.10},{\"\"V\"\":null}]\";\n"
    );
    assert_eq!(
        written(BatchFormat::Csv, &["input.*", "Id"]),
        "input.nr;input.EAN;Id\n1;é;7\n"
    );
    assert_eq!(
        written(BatchFormat::Jsonl, &["Weight", "Class", "Nothing"]),
        "{\"row\":3,\"input\":{\"nr\":\"1\",\"EAN\":\"é\"},\"answer\":{\"Weight\":12.50,\
         \"Class\":{\"Code\":\"EC1\",\"a.b\":true},\"Nothing\":null}}\n"
    );
    let whole = written(BatchFormat::Jsonl, &[]);
    assert!(
        whole.ends_with("\\\"b\\\"\\n\"}}\n") && whole.contains("\"Weight\":12.50,"),
        "{whole}"
    );
    assert_eq!(whole.lines().count(), 1);
}

#[test]
fn a_column_that_no_answer_has_is_known() {
    let chosen = ["Id".to_owned(), "Descripton".to_owned()];
    let columns = Columns::of(&[], &[], None);
    let layout = Layout::new(BatchFormat::Csv, b',', &chosen, &columns).unwrap();
    assert_eq!(layout.never_found(), ["Id", "Descripton"]);
    for answer in [ANSWER, "[1]", "7", "no json"] {
        layout.line(&Answered {
            row: 1,
            fields: &[],
            answer,
            pictures: None,
        });
    }
    assert_eq!(layout.never_found(), ["Descripton"]);
}

#[test]
fn a_name_that_cannot_be_filled_is_refused_before_anything_is_asked() {
    let columns = ["nr".to_owned(), "EAN".to_owned()];
    let columns = Columns::of(&columns, &[], None);
    for format in [BatchFormat::Csv, BatchFormat::Jsonl] {
        for (name, part) in [
            ("", "empty name"),
            (" ", "empty name"),
            ("input.naam", "no column naam"),
        ] {
            let chosen = ["Id".to_owned(), name.to_owned()];
            let failure = Layout::new(format, b';', &chosen, &columns).unwrap_err();
            assert!(failure.message().contains(part), "{}", failure.message());
        }
    }
}

#[test]
fn what_stands_beside_the_answer_is_no_missing_member() {
    let chosen = ["Id", "input.ean", "input.*", "row", "pictures"];
    assert_eq!(
        written(BatchFormat::Jsonl, &chosen[..3]),
        "{\"row\":3,\"input\":{\"nr\":\"1\",\"EAN\":\"é\"},\"answer\":{\"Id\":7}}\n"
    );
    assert_eq!(written(BatchFormat::Csv, &["input.ean"]), "input.ean\né\n");
    let columns = Columns::of(&["nr".to_owned(), "EAN".to_owned()], &[], None);
    let chosen = chosen.map(str::to_owned);
    let layout = Layout::new(BatchFormat::Jsonl, b';', &chosen, &columns).unwrap();
    assert_eq!(layout.never_found(), ["Id"]);
}
