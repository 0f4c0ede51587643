//! Numbers with exactly the digits that the service wrote; nothing is computed here.

use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Longest number that is read, in bytes. A price has some twenty digits at most; what is longer is
/// no number that anybody wrote on purpose.
const LENGTH_MAX: usize = 128;

/// A number as its digits: `12.50` stays `12.50`.
///
/// It is read from a JSON number or a JSON text, and written as a JSON number with the same digits.
/// Two are equal where they have the same digits: `12.5` is not `12.50`.
///
/// serde reads it from JSON by `serde_json` directly. Below `#[serde(flatten)]` and in untagged
/// enums, serde keeps no digits, and reading fails there.
///
/// ```
/// use twoba_services::Decimal;
///
/// let price: Decimal = serde_json::from_str("12.50")?;
/// assert_eq!(price.as_str(), "12.50");
/// assert_eq!(price, serde_json::from_str::<Decimal>("\"12.50\"")?);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Digits);

/// How many digits need no memory of their own: more than any price has.
const SHORT: usize = 22;

/// The digits of a number. The same digits are always kept in the same way.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Digits {
    /// So many bytes of these; the rest is zero.
    Short(u8, [u8; SHORT]),
    Long(Box<str>),
}

impl Digits {
    fn new(text: &str) -> Self {
        let mut short = [0; SHORT];
        let length = u8::try_from(text.len()).ok();
        match (short.get_mut(..text.len()), length) {
            (Some(room), Some(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short(length, short)
            }
            (_, _) => Self::Long(text.into()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            // It was cut from a text.
            Self::Short(length, bytes) => bytes
                .get(..usize::from(*length))
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// It is not digits with at most one point and an exponent.
    #[error("not a number: write digits with a point, as in 12.50")]
    NotANumber,
    /// It has more than 128 characters.
    #[error("a number of more than 128 characters")]
    TooLong,
    /// The other type has no room for all of its digits.
    #[error("the number has more digits than the other type can hold")]
    OutOfRange,
}

impl Decimal {
    /// Reads a number: one of JSON, or of an XML schema (`+1`, `.5`, `5.` and `007` too, which are
    /// kept as `1`, `0.5`, `5` and `7`).
    ///
    /// # Errors
    ///
    /// - anything else, a comma included: [`DecimalError::NotANumber`]
    /// - over 128 characters: [`DecimalError::TooLong`]
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if text.len() > LENGTH_MAX {
            return Err(DecimalError::TooLong);
        }
        let parts = Parts::of(text).ok_or(DecimalError::NotANumber)?;
        Ok(Self(Digits::new(&parts.to_json())))
    }

    /// The digits, as JSON writes a number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A number taken apart.
struct Parts<'t> {
    is_negative: bool,
    whole: &'t str,
    decimals: &'t str,
    /// With its sign, without `e`.
    exponent: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !are_digits(digits) {
                    return None;
                }
                (mantissa, exponent)
            }
            None => (rest, ""),
        };
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !are_digits(whole) || !are_digits(decimals) || whole.len() + decimals.len() == 0 {
            return None;
        }
        Some(Self {
            is_negative,
            whole: whole.trim_start_matches('0'),
            decimals,
            exponent,
        })
    }

    fn to_json(&self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            self.whole
        };
        let point = if self.decimals.is_empty() { "" } else { "." };
        let mark = if self.exponent.is_empty() { "" } else { "e" };
        let (decimals, exponent) = (self.decimals, self.exponent);
        format!("{sign}{whole}{point}{decimals}{mark}{exponent}")
    }

    /// The digits without an exponent, if they are no more than `most`.
    #[cfg(feature = "rust_decimal")]
    fn plain(&self, most: usize) -> Option<String> {
        let shift: i32 = match self.exponent {
            "" => 0,
            exponent => exponent.parse().ok()?,
        };
        let digits = format!("{}{}", self.whole, self.decimals);
        if digits.bytes().all(|byte| byte == b'0') {
            return Some("0".to_owned());
        }
        // Where the point goes, counted from the first digit.
        let point = i32::try_from(self.whole.len()).ok()?.checked_add(shift)?;
        let length = i32::try_from(digits.len()).ok()?;
        let most = i32::try_from(most).ok()?;
        if point > most || length.saturating_sub(point) > most {
            return None;
        }
        let before = usize::try_from((-point).max(0)).ok()?;
        let behind = usize::try_from((point - length).max(0)).ok()?;
        let digits = format!("{}{digits}{}", "0".repeat(before), "0".repeat(behind));
        let (whole, decimals) = digits.split_at_checked(usize::try_from(point.max(0)).ok()?)?;
        let sign = if self.is_negative { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        let dot = if decimals.is_empty() { "" } else { "." };
        Some(format!("{sign}{whole}{dot}{decimals}"))
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text)
    }
}

macro_rules! from_whole_numbers {
    ($($whole:ty)*) => {$(
        impl From<$whole> for Decimal {
            fn from(number: $whole) -> Self {
                Self(Digits::new(&number.to_string()))
            }
        }
    )*};
}

from_whole_numbers!(u8 u16 u32 u64 i8 i16 i32 i64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({})", self.as_str())
    }
}

/// The name by which serde_json is asked for the text of a value. Where it stands for nothing, the text
/// comes by way of a [`RawValue`], which takes memory for each number.
const RAW: &str = "$serde_json::private::RawValue";

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, Raw)
    }
}

/// Reads a number from its text in JSON, which may be that of a text.
struct Raw;

impl Raw {
    fn read<E: Error>(text: &str) -> Result<Decimal, E> {
        match text.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') if text.len() <= LENGTH_MAX => Ok(Decimal(Digits::new(text))),
            Some(b'"') => {
                let text: String =
                    serde_json::from_str(text).map_err(|_| E::custom(DecimalError::NotANumber))?;
                Decimal::parse(text.trim()).map_err(E::custom)
            }
            Some(b'-' | b'0'..=b'9') => Err(E::custom(DecimalError::TooLong)),
            Some(_) | None => Err(E::custom(DecimalError::NotANumber)),
        }
    }
}

impl<'de> Visitor<'de> for Raw {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    /// As serde_json gives the text of a value.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Decimal, A::Error> {
        match map.next_key::<IgnoredAny>()? {
            Some(_) => map.next_value_seed(self),
            None => Err(A::Error::custom(DecimalError::NotANumber)),
        }
    }

    /// As it gives anything whose name stands for nothing.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Decimal, D::Error> {
        Self::read(<Box<RawValue>>::deserialize(from)?.get())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        Self::read(text)
    }
}

impl<'de> DeserializeSeed<'de> for Raw {
    type Value = Decimal;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Decimal, D::Error> {
        from.deserialize_str(self)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;

        <&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(self.as_str()))
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// With all of its digits, or not at all.
#[cfg(feature = "rust_decimal")]
impl TryFrom<&Decimal> for rust_decimal::Decimal {
    type Error = DecimalError;

    fn try_from(number: &Decimal) -> Result<Self, DecimalError> {
        /// What the type has room for, and some zeros.
        const MOST: usize = 40;

        let parts = Parts::of(number.as_str()).ok_or(DecimalError::NotANumber)?;
        let plain = parts.plain(MOST).ok_or(DecimalError::OutOfRange)?;
        Self::from_str_exact(&plain).map_err(|_| DecimalError::OutOfRange)
    }
}

#[cfg(feature = "rust_decimal")]
impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(Digits::new(&number.to_string()))
    }
}

#[cfg(test)]
mod tests;
