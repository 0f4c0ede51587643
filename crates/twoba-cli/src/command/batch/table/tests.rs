//! Tables as spreadsheets and people write them.

use std::io::BufReader;

use super::*;

fn read(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut table = Table::open(bytes).unwrap();
    let mut records = Vec::new();
    while let Some(record) = table.next().unwrap() {
        records.push(record.fields);
    }
    records
}

fn error(bytes: &[u8]) -> TableError {
    let mut table = Table::open(bytes).unwrap();
    loop {
        match table.next() {
            Ok(record) => assert!(record.is_some(), "no error came"),
            Err(error) => return error,
        }
    }
}

#[test]
fn every_separator_line_end_and_mark_is_read() {
    let expected = [vec!["EAN", "name"], vec!["1", "a, \"b\"; c"]];
    for separator in [";", ",", "\t"] {
        for end in ["\n", "\r\n", "\r", "\n\n", "\r\n \r\n"] {
            for mark in ["", "\u{feff}"] {
                for last in ["", end] {
                    let text = format!(
                        "{mark}EAN{separator}name{end}1{separator}\"a, \"\"b\"\"; c\"{last}"
                    );
                    assert_eq!(read(text.as_bytes()), expected, "{text:?}");
                }
            }
        }
    }
    assert_eq!(read(b"sep=;\r\na,b;c\r\n"), [["a,b", "c"]]);
    assert_eq!(read(b"\n\n;;\nEAN;b\n"), [["EAN", "b"]]);
    assert_eq!(read(b"1\n2"), [["1"], ["2"]]);
    assert_eq!(read(b"\"a\nb\";c\n"), [["a\nb", "c"]]);
    assert_eq!(read(b"a \"b\";\"c\"d\n"), [["a \"b\"", "cd"]]);
    assert!(read(b"").is_empty() && read(b"\xef\xbb\xbf\r\n").is_empty());
}

#[test]
fn latin_1_is_read_record_by_record() {
    let mut table = Table::open(&b"caf\xe9;\x80\nKoffie \xc3\xa9\n"[..]).unwrap();
    let first = table.next().unwrap().unwrap();
    assert!(first.is_recoded);
    assert_eq!(
        (first.line, first.fields),
        (1, vec!["café".into(), "€".into()])
    );
    let second = table.next().unwrap().unwrap();
    assert!(!second.is_recoded);
    assert_eq!((second.line, &*second.fields[0]), (2, "Koffie é"));
}

#[test]
fn what_is_no_table_is_told_with_its_line() {
    assert!(matches!(
        error(b"a\n\n\"b\nc"),
        TableError::Quote { line: 3 }
    ));
    assert!(matches!(
        error(b"a\n\"b\r\nc\"\n\"d"),
        TableError::Quote { line: 4 }
    ));
    assert!(matches!(
        error(b"PK\x03\x04\0\0"),
        TableError::NotText { line: 1 }
    ));
    assert!(matches!(
        error(b"\xff\xfea\0;\0b\0\n\0"),
        TableError::NotText { line: 1 }
    ));
    let long = [b"a\n", &vec![b'x'; RECORD_MAX + 1][..]].concat();
    assert!(matches!(error(&long), TableError::TooLong { line: 2 }));
    let wide = vec![b';'; FIELDS_MAX];
    assert!(matches!(error(&wide), TableError::TooLong { line: 1 }));
}

#[test]
fn what_is_written_is_read_again_whatever_the_size_of_the_pieces() {
    let fields = ["", "a;b", "\"", "x\r\ny", " z ", "\u{feff}q", "sep=;", "é"];
    for separator in SEPARATORS {
        let mut text = format!("sep={}\n", char::from(separator)).into_bytes();
        write_record(&mut text, separator, fields);
        for size in [1, 2, 7, 4096] {
            let mut table = Table::open(BufReader::with_capacity(size, &text[..])).unwrap();
            assert_eq!(table.separator(), separator);
            assert_eq!(table.next().unwrap().unwrap().fields, fields);
            assert!(table.next().unwrap().is_none());
        }
    }
}
