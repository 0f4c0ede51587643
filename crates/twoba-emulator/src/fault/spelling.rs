//! Reads and writes the names of faults, as in the control interface.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::de::{self, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::kind::Fault;
use super::rule::Occurrence;
use crate::duration::{self, Spelled};

/// Why a text is no name of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseFaultError {
    /// No fault has this name.
    #[error(
        "unknown fault; there are drop-before, drop-after-commit, half-body, delay:DURATION, \
         status:CODE, retry-after:SECONDS, bare-400, html-200, html-502, redirect:CODE:URL, \
         error-200, jsonp, expires-in:JSON, no-token-type, bom, huge-body:BYTES, \
         drip:BYTES_PER_S, duplicate-key, wrong-charset, gzip, deflate, folded-header \
         and after-commit:FAULT"
    )]
    Unknown,
    /// The fault needs a value after a colon.
    #[error("this fault needs a value, as in {0}")]
    MissingValue(&'static str),
    /// The fault takes no value after a colon.
    #[error("this fault takes no value")]
    SuperfluousValue,
    /// The value of `delay` is no span of time.
    #[error("a delay is a whole number from 1 with ms, s, m, h or d, as in delay:250ms")]
    Delay,
    /// The value of `status` is no final status.
    #[error("a status is a number from 200 to 599, as in status:503")]
    Status,
    /// The value of `retry-after` is no number of seconds.
    #[error("retry-after takes whole seconds, as in retry-after:30")]
    RetryAfter,
    /// The value of `redirect` is no redirect.
    #[error(
        "a redirect has a status from 300 to 399 and a location of visible ASCII, as in \
         redirect:307:http://127.0.0.1:8080/"
    )]
    Redirect,
    /// The value of `expires-in` is no JSON.
    #[error("expires-in takes any JSON value, as in expires-in:\"120\"")]
    ExpiresIn,
    /// The value of `huge-body` is no number of bytes.
    #[error("huge-body takes a number of bytes, at least 14, as in huge-body:10000000")]
    HugeBody,
    /// The value of `drip` is no number of bytes.
    #[error("drip takes a number of bytes a second, at least 1, as in drip:10")]
    Drip,
    /// The value of `after-commit` is no fault that can follow the work.
    #[error("after-commit takes a fault of the answer, as in after-commit:half-body")]
    AfterCommit,
}

/// The smallest JSON object that `huge-body` can send: `{"padding":""}`.
pub(crate) const SMALLEST_HUGE_BODY: u64 = 14;

impl FromStr for Fault {
    type Err = ParseFaultError;

    /// Reads the name of a fault, as in the control interface.
    ///
    /// # Errors
    ///
    /// - there is no such name: [`ParseFaultError::Unknown`]
    /// - a value is missing, or there is one too many: [`ParseFaultError::MissingValue`],
    ///   [`ParseFaultError::SuperfluousValue`]
    /// - the fault cannot take this value: the variant with the fault's name
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if let Some(fault) = plain(name) {
            return match value {
                None => Ok(fault),
                Some(_) => Err(ParseFaultError::SuperfluousValue),
            };
        }
        with_value(name, value)
    }
}

/// The faults that take no value.
fn plain(name: &str) -> Option<Fault> {
    Some(match name {
        "drop-before" => Fault::DropBefore,
        "drop-after-commit" => Fault::DropAfterCommit,
        "half-body" => Fault::HalfBody,
        "bare-400" => Fault::Bare400,
        "html-200" => Fault::Html200,
        "html-502" => Fault::Html502,
        "error-200" => Fault::Error200,
        "jsonp" => Fault::Jsonp,
        "no-token-type" => Fault::NoTokenType,
        "bom" => Fault::ByteOrderMark,
        "duplicate-key" => Fault::DuplicateKey,
        "wrong-charset" => Fault::WrongCharset,
        "gzip" => Fault::Gzip,
        "deflate" => Fault::Deflate,
        "folded-header" => Fault::FoldedHeader,
        _ => return None,
    })
}

/// The faults that take a value.
fn with_value(name: &str, value: Option<&str>) -> Result<Fault, ParseFaultError> {
    let needed = |example| value.ok_or(ParseFaultError::MissingValue(example));
    match name {
        "delay" => duration::parse_some(needed("delay:250ms")?)
            .map(Fault::Delay)
            .ok_or(ParseFaultError::Delay),
        "status" => status(needed("status:503")?, 200..=599)
            .map(Fault::Status)
            .ok_or(ParseFaultError::Status),
        "retry-after" => digits(needed("retry-after:30")?)
            .map(Fault::RetryAfter)
            .ok_or(ParseFaultError::RetryAfter),
        "redirect" => {
            redirect(needed("redirect:307:http://127.0.0.1/")?).ok_or(ParseFaultError::Redirect)
        }
        "expires-in" => expires_in(needed("expires-in:\"120\"")?),
        "huge-body" => digits(needed("huge-body:10000000")?)
            .filter(|bytes| *bytes >= SMALLEST_HUGE_BODY)
            .map(Fault::HugeBody)
            .ok_or(ParseFaultError::HugeBody),
        "drip" => digits(needed("drip:10")?)
            .filter(|rate| *rate > 0)
            .map(Fault::Drip)
            .ok_or(ParseFaultError::Drip),
        "after-commit" => after_commit(needed("after-commit:half-body")?.parse()?),
        _ => Err(ParseFaultError::Unknown),
    }
}

fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

fn status(text: &str, range: std::ops::RangeInclusive<u16>) -> Option<u16> {
    digits(text)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| range.contains(code))
}

fn redirect(text: &str) -> Option<Fault> {
    let (code, location) = text.split_once(':')?;
    if location.is_empty() || !location.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    Some(Fault::Redirect {
        status: status(code, 300..=399)?,
        location: location.to_owned(),
    })
}

/// Any JSON value. It is kept as text, because numbers beyond Rust's range are of interest too.
fn expires_in(text: &str) -> Result<Fault, ParseFaultError> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(IgnoredAny) => Ok(Fault::ExpiresIn(text.to_owned())),
        Err(_) => Err(ParseFaultError::ExpiresIn),
    }
}

fn after_commit(fault: Fault) -> Result<Fault, ParseFaultError> {
    match fault {
        Fault::DropBefore | Fault::DropAfterCommit | Fault::AfterCommit(_) => {
            Err(ParseFaultError::AfterCommit)
        }
        Fault::HalfBody
        | Fault::Delay(_)
        | Fault::Status(_)
        | Fault::RetryAfter(_)
        | Fault::Bare400
        | Fault::Html200
        | Fault::Html502
        | Fault::Redirect { .. }
        | Fault::Error200
        | Fault::Jsonp
        | Fault::ExpiresIn(_)
        | Fault::NoTokenType
        | Fault::ByteOrderMark
        | Fault::HugeBody(_)
        | Fault::Drip(_)
        | Fault::DuplicateKey
        | Fault::WrongCharset
        | Fault::Gzip
        | Fault::Deflate
        | Fault::FoldedHeader => Ok(Fault::AfterCommit(Box::new(fault))),
    }
}

impl fmt::Display for Fault {
    /// Writes the name of a fault, as in the control interface.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfterCommit => f.write_str("drop-after-commit"),
            Self::HalfBody => f.write_str("half-body"),
            Self::Delay(span) => write!(f, "delay:{}", Spelled(*span)),
            Self::Status(code) => write!(f, "status:{code}"),
            Self::RetryAfter(seconds) => write!(f, "retry-after:{seconds}"),
            Self::Bare400 => f.write_str("bare-400"),
            Self::Html200 => f.write_str("html-200"),
            Self::Html502 => f.write_str("html-502"),
            Self::Redirect { status, location } => write!(f, "redirect:{status}:{location}"),
            Self::Error200 => f.write_str("error-200"),
            Self::Jsonp => f.write_str("jsonp"),
            Self::ExpiresIn(json) => write!(f, "expires-in:{json}"),
            Self::NoTokenType => f.write_str("no-token-type"),
            Self::ByteOrderMark => f.write_str("bom"),
            Self::HugeBody(bytes) => write!(f, "huge-body:{bytes}"),
            Self::Drip(rate) => write!(f, "drip:{rate}"),
            Self::DuplicateKey => f.write_str("duplicate-key"),
            Self::WrongCharset => f.write_str("wrong-charset"),
            Self::Gzip => f.write_str("gzip"),
            Self::Deflate => f.write_str("deflate"),
            Self::FoldedHeader => f.write_str("folded-header"),
            Self::AfterCommit(fault) => write!(f, "after-commit:{fault}"),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Occurrence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nth(nth) => serializer.serialize_u64(nth.get()),
            Self::Every => serializer.serialize_str("every"),
        }
    }
}

impl<'de> Deserialize<'de> for Occurrence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OccurrenceVisitor)
    }
}

struct OccurrenceVisitor;

impl de::Visitor<'_> for OccurrenceVisitor {
    type Value = Occurrence;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 1 or \"every\"")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Occurrence, E> {
        NonZeroU64::new(number)
            .map(Occurrence::Nth)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Occurrence, E> {
        if text == "every" {
            Ok(Occurrence::Every)
        } else {
            Err(E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::rule::{FaultPoint, FaultRule};

    #[test]
    fn every_spelling_of_the_contract_reads_and_writes_the_same() {
        for text in [
            "drop-before",
            "drop-after-commit",
            "half-body",
            "delay:250ms",
            "delay:2s",
            "status:200",
            "status:599",
            "retry-after:30",
            "bare-400",
            "html-200",
            "html-502",
            "redirect:307:http://127.0.0.1:8080/x?y=z",
            "error-200",
            "jsonp",
            "expires-in:\"120\"",
            "expires-in:null",
            "expires-in:1e999",
            "expires-in:{\"a\":[1,2]}",
            "no-token-type",
            "bom",
            "huge-body:14",
            "drip:10",
            "duplicate-key",
            "wrong-charset",
            "gzip",
            "deflate",
            "folded-header",
            "after-commit:gzip",
            "after-commit:delay:1s",
            "after-commit:expires-in:-1",
        ] {
            let fault: Fault = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn a_bad_spelling_is_refused_with_what_is_wrong_about_it() {
        use ParseFaultError as E;
        for (text, error) in [
            ("", E::Unknown),
            ("Drop-Before", E::Unknown),
            ("drip:0", E::Drip),
            ("drip", E::MissingValue("drip:10")),
            ("duplicate-key:x", E::SuperfluousValue),
            ("drop-before:1", E::SuperfluousValue),
            ("delay", E::MissingValue("delay:250ms")),
            ("delay:1", E::Delay),
            ("status:abc", E::Status),
            ("status:100", E::Status),
            ("status:+200", E::Status),
            ("status:600", E::Status),
            ("retry-after:soon", E::RetryAfter),
            ("redirect:307", E::Redirect),
            ("redirect:200:http://x/", E::Redirect),
            ("redirect:302:http://x/\r\nSet-Cookie: a=b", E::Redirect),
            ("expires-in:12O", E::ExpiresIn),
            ("expires-in:1 2", E::ExpiresIn),
            ("huge-body:13", E::HugeBody),
            ("after-commit:drop-before", E::AfterCommit),
            ("after-commit:drop-after-commit", E::AfterCommit),
            ("after-commit:after-commit:bom", E::AfterCommit),
            ("after-commit:nothing", E::Unknown),
        ] {
            assert_eq!(text.parse::<Fault>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_rule_is_json_as_in_the_contract() {
        let json = r#"{"on":"refresh","nth":3,"then":"after-commit:half-body"}"#;
        let rule: FaultRule = serde_json::from_str(json).unwrap();
        assert_eq!(
            rule,
            FaultRule::nth(
                FaultPoint::Refresh,
                NonZeroU64::new(3).unwrap(),
                Fault::AfterCommit(Box::new(Fault::HalfBody))
            )
        );
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        let json = r#"{"on":"authorization_code","nth":"every","then":"bom"}"#;
        let rule: FaultRule = serde_json::from_str(json).unwrap();
        assert_eq!(rule.nth, Occurrence::Every);
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
    }

    #[test]
    fn a_rule_that_cannot_be_meant_is_refused() {
        for json in [
            r#"{"on":"refresh","nth":0,"then":"bom"}"#,
            r#"{"on":"refresh","nth":-1,"then":"bom"}"#,
            r#"{"on":"refresh","nth":"always","then":"bom"}"#,
            r#"{"on":"refresh","then":"bom"}"#,
            r#"{"on":"login","nth":1,"then":"bom"}"#,
            r#"{"on":"refresh","nth":1,"then":"bom","also":1}"#,
        ] {
            assert!(serde_json::from_str::<FaultRule>(json).is_err(), "{json}");
        }
    }
}
