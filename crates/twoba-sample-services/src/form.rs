//! Reads and writes form encoding. It is strict, so that a client's encoding errors become visible.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// Parameters in the order of their arrival. Their values may be secrets, so `Debug` shows none.
#[derive(Default)]
pub struct Parameters {
    /// The decoded names and values, one after the other.
    text: String,
    /// The position of each name and its value.
    places: Vec<(Range<usize>, Range<usize>)>,
}

/// The error for a text that is not form encoded. It has a broken percent escape or bytes that are
/// no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the text is not form encoded")]
pub struct Malformed;

impl Parameters {
    /// Reads a form body or a query.
    ///
    /// # Errors
    ///
    /// - an escape is broken, or a name or value is no UTF-8: [`Malformed`]
    pub fn parse(text: &[u8]) -> Result<Self, Malformed> {
        let mut decoded = Vec::with_capacity(text.len());
        let mut places = Vec::new();
        let pairs = text.split(|byte| *byte == b'&');
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || {
                let begin = decoded.len();
                decode_onto(&mut decoded, halves.next().unwrap_or_default())?;
                Ok(begin..decoded.len())
            };
            places.push((half()?, half()?));
        }
        let text = String::from_utf8(decoded).map_err(|_| Malformed)?;
        // No half may begin or end inside a character.
        let whole = |place: &Range<usize>| text.get(place.clone()).is_some();
        if !places
            .iter()
            .all(|(name, value)| whole(name) && whole(value))
        {
            return Err(Malformed);
        }
        Ok(Self { text, places })
    }

    /// Iterates over names and values in the order of their arrival.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let half = |place: &Range<usize>| self.text.get(place.clone()).unwrap_or_default();
        self.places
            .iter()
            .map(move |(name, value)| (half(name), half(value)))
    }

    /// The first value of that name. An empty value counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        // RFC 6749 section 3.1: parameters without a value are treated as if they were omitted.
        self.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }

    /// Whether a name occurs at all.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.iter().any(|(key, _)| key == name)
    }

    /// Whether this name occurs more than once.
    #[must_use]
    pub fn repeats(&self, name: &str) -> bool {
        self.iter().filter(|(key, _)| *key == name).count() > 1
    }

    /// Whether any name occurs more than once.
    #[must_use]
    pub fn has_repeats(&self) -> bool {
        let mut names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair.first() == pair.last())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Parameters {
    /// Collects decoded names and values.
    fn from_iter<P: IntoIterator<Item = (N, V)>>(pairs: P) -> Self {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            let mut half = |part: &str| {
                let begin = parameters.text.len();
                parameters.text.push_str(part);
                begin..parameters.text.len()
            };
            let place = (half(name.as_ref()), half(value.as_ref()));
            parameters.places.push(place);
        }
        parameters
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters")
            .field("count", &self.places.len())
            .finish_non_exhaustive()
    }
}

/// Decodes form encoding: `+` is a space, `%XX` a byte of UTF-8.
///
/// # Errors
///
/// - an escape is broken, or the text is no UTF-8: [`Malformed`]
pub fn decode(text: &[u8]) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    decode_onto(&mut bytes, text)?;
    String::from_utf8(bytes).map_err(|_| Malformed)
}

fn decode_onto(bytes: &mut Vec<u8>, text: &[u8]) -> Result<(), Malformed> {
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next())?, hex(rest.next())?);
                high * 16 + low
            }
            plain => plain,
        });
    }
    Ok(())
}

fn hex(digit: Option<u8>) -> Result<u8, Malformed> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        Some(_) | None => Err(Malformed),
    }
}

/// Writes a value for a query, with everything but unreserved characters escaped.
///
/// A space becomes `%20`, which readers of form encoding and of plain percent encoding both accept.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a>(pub &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                write!(f, "{}", char::from(byte))
            } else {
                write!(f, "%{byte:02X}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_made_of_what_they_consist_of() {
        let parameters = Parameters::parse(b"a=1%262&b=&%C3%A9=x").unwrap();
        let again: Parameters = parameters.iter().collect();
        assert!(again.iter().eq(parameters.iter()));
        assert_eq!(again.get("a"), Some("1&2"));
        assert_eq!(again.get("\u{e9}"), Some("x"));
    }

    #[test]
    fn no_value_is_in_debug_output() {
        let parameters = Parameters::parse(b"password=canary").unwrap();
        assert!(!format!("{parameters:?}").contains("canary"));
    }

    #[test]
    fn values_are_decoded_from_either_spelling() {
        for text in [
            "p%40ss+word%2B%26%3D%25%C3%A9",
            "p%40ss%20word%2b%26%3d%25%c3%a9",
        ] {
            assert_eq!(
                decode(text.as_bytes()).as_deref(),
                Ok("p@ss word+&=%\u{e9}")
            );
        }
    }

    #[test]
    fn broken_escapes_and_foreign_bytes_are_refused() {
        for text in [&b"%"[..], b"%4", b"%zz", b"100%=", b"%E9", b"\xe9"] {
            assert_eq!(decode(text), Err(Malformed));
        }
    }

    #[test]
    fn no_character_goes_over_the_end_of_a_name_or_value() {
        for text in [&b"a=%C3&%A9=b"[..], b"%C3=%A9", b"a=%C3&b=%A9"] {
            assert!(Parameters::parse(text).is_err());
        }
        assert!(Parameters::parse(b"%C3%A9=%C3%A9").is_ok());
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let text = "a+b c&=%\u{e9}\u{1f511}~-._!'()*";
        let encoded = Encoded(text).to_string();
        assert!(!encoded.contains(['+', ' ', '&']));
        assert_eq!(decode(encoded.as_bytes()).as_deref(), Ok(text));
    }

    #[test]
    fn empty_values_count_as_absent() {
        let parameters = Parameters::parse(b"a=&b&c=1&&").unwrap();
        assert_eq!(parameters.get("a"), None);
        assert_eq!(parameters.get("b"), None);
        assert_eq!(parameters.get("c"), Some("1"));
        assert!(parameters.names("a"));
    }

    #[test]
    fn repeats_are_seen_even_when_spelled_differently() {
        let parameters = Parameters::parse(b"code=1&x=2&%63ode=1").unwrap();
        assert!(parameters.has_repeats());
        assert!(parameters.repeats("code"));
        assert!(!parameters.repeats("x"));
        assert!(!Parameters::parse(b"a=1&b=1").unwrap().has_repeats());
    }

    #[test]
    fn only_the_first_equals_sign_separates() {
        let parameters = Parameters::parse(b"token=a=b==").unwrap();
        assert_eq!(parameters.get("token"), Some("a=b=="));
    }
}
