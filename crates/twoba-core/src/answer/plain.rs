//! A fast reader for what nearly every server writes: one flat object of whole numbers and of
//! strings without escapes. It leaves everything else to the JSON parser.

use alloc::borrow::Cow;

use memchr::memchr;

use super::members::{Member, Members, Name};

/// The number of digits that always fits an integer of 32 bits.
const DIGITS_MAX: usize = 9;

/// The members, if the text is such an object. `None` says nothing about the text.
pub(super) fn read(json: &str) -> Option<Members<'_>> {
    // Without these no string has to be looked at any further: it ends at the next quote.
    let plain = |byte: u8| byte >= b' ' && byte != b'\\';
    if !json.bytes().fold(true, |all, byte| all & plain(byte)) {
        return None;
    }
    let mut members = Members::default();
    let mut rest = after(json, b'{')?;
    loop {
        let (name, behind) = string(rest)?;
        let (member, behind) = value(after(behind, b':')?)?;
        if let Some(slot) = members.slot(Name::of(name)) {
            if !matches!(slot, Member::Absent) {
                return None;
            }
            *slot = member;
        }
        match after(behind, b',') {
            Some(behind) => rest = behind,
            None => return after(behind, b'}')?.is_empty().then_some(members),
        }
    }
}

/// The text after this mark, which may have spaces before it.
fn after(text: &str, mark: u8) -> Option<&str> {
    let mut rest = text;
    loop {
        let (first, behind) = (rest.as_bytes().first()?, rest.get(1..)?);
        match *first {
            found if found == mark => return Some(behind),
            b' ' => rest = behind,
            _ => return None,
        }
    }
}

/// A string, and the text after it.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = after(text, b'"')?;
    let end = memchr(b'"', text.as_bytes())?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// A string or a whole number, and the text after it.
fn value(text: &str) -> Option<(Member<'_>, &str)> {
    if let Some((text, behind)) = string(text) {
        return Some((Member::Text(Cow::Borrowed(text)), behind));
    }
    let text = text.trim_start_matches(' ');
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    // A fraction or an exponent is found by whoever looks for the end of the member.
    let (digits, behind) = text.split_at_checked(length)?;
    if length > DIGITS_MAX || (length > 1 && digits.starts_with('0')) {
        return None;
    }
    let number: u32 = digits.parse().ok()?;
    Some((Member::Number(number.into()), behind))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn parsed(text: &str) -> serde_json::Result<Members<'_>> {
        Members::read(serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn the_usual_answer_goes_the_short_way() {
        for text in [
            r#"{"access_token":"a","expires_in":120,"scope":"","other":0}"#,
            r#" { "access_token" : "é" , "expires_in" : 999999999 }"#,
        ] {
            assert_eq!(read(text), parsed(text).ok(), "{text}");
            assert!(read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_left_to_the_parser() {
        for text in [
            "",
            "{}",
            "{",
            r#"{"a":"b"}x"#,
            r#"{"a":"b",}"#,
            r#"{"a":"b" "c":"d"}"#,
            r#"{"a":"\n"}"#,
            "{\"a\":\"\n\"}",
            r#"{"expires_in":012}"#,
            r#"{"expires_in":1.5}"#,
            r#"{"expires_in":1e3}"#,
            r#"{"expires_in":-1}"#,
            r#"{"expires_in":1000000000}"#,
            r#"{"expires_in":}"#,
            r#"{"scope":null}"#,
            r#"{"scope":"a","scope":"b"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
        let names = [
            r#""access_token""#,
            r#""expires_in""#,
            r#""scope""#,
            r#""\u0073cope""#,
            r#""x""#,
            "scope",
        ];
        let values = [
            r#""a""#,
            r#""""#,
            r#""b\"c""#,
            "\"é\u{1}\"",
            "7",
            "0",
            "07",
            "1.5",
            "2e9",
            "-3",
            "4294967296",
            "null",
            "true",
            "[]",
            "{}",
            "",
        ];
        let joints = [",", ",", ",", " , ", "\n,", ",,", ""];
        let colons = [":", ":", ":", " : ", ""];
        let member = (
            select(names.to_vec()),
            select(colons.to_vec()),
            select(values.to_vec()),
            select(joints.to_vec()),
        );
        proptest::collection::vec(member, 0..5).prop_map(|members| {
            members
                .into_iter()
                .flat_map(|(name, colon, value, joint)| [name, colon, value, joint])
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_short_way_sees_what_the_parser_sees(
            mut pieces in pieces(),
            last in any::<bool>(),
            tail in select(&["", " ", "\n", ",", "}"][..]),
        ) {
            if !last {
                pieces.pop();
            }
            let inner: String = pieces.concat();
            let text = format!("{{{inner}}}{tail}");
            if let Some(members) = read(&text) {
                prop_assert_eq!(Some(members), parsed(&text).ok());
            }
        }
    }
}
