//! GTINs, brought to 14 digits and proven by their check digit.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many digits a GTIN has where 2BA is asked.
const LENGTH: usize = 14;

/// A Global Trade Item Number of 14 digits with a right check digit.
///
/// A GTIN of 8, 12 or 13 digits, as it stands under a bar code, gets zeros in front: clients that were
/// seen to work with 2BA ask like that.
///
/// ```
/// use twoba_services::Gtin;
///
/// let gtin = Gtin::parse("2008710001001")?;
/// assert_eq!(gtin.as_str(), "02008710001001");
/// # Ok::<(), twoba_services::GtinError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin([u8; LENGTH]);

/// Why a text is no GTIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GtinError {
    /// Something in it is no digit.
    #[error("not a GTIN: it has a character that is no digit")]
    NotDigits,
    /// It has another length.
    #[error("not a GTIN: it has {length} digits, and a GTIN has 8, 12, 13 or 14")]
    Length {
        /// How many digits it has.
        length: usize,
    },
    /// The last digit does not follow from the others: one of them is wrong.
    #[error(
        "not a GTIN: the check digit is {found} and should be {expected}; look for a typing error"
    )]
    CheckDigit {
        /// The digit that stands there.
        found: u8,
        /// The digit that follows from the others.
        expected: u8,
    },
}

impl Gtin {
    /// Reads a GTIN; blanks around it do not matter.
    ///
    /// # Errors
    ///
    /// - something else than digits: [`GtinError::NotDigits`]
    /// - another length than 8, 12, 13 or 14: [`GtinError::Length`]
    /// - a wrong check digit: [`GtinError::CheckDigit`]
    pub fn parse(text: &str) -> Result<Self, GtinError> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(GtinError::NotDigits);
        }
        if !matches!(text.len(), 8 | 12 | 13 | 14) {
            return Err(GtinError::Length { length: text.len() });
        }
        let mut digits = [b'0'; LENGTH];
        for (place, digit) in digits.iter_mut().rev().zip(text.bytes().rev()) {
            *place = digit;
        }
        let gtin = Self(digits);
        let found = digits.last().map_or(0, |digit| digit - b'0');
        match gtin.check_digit() {
            expected if expected == found => Ok(gtin),
            expected => Err(GtinError::CheckDigit { found, expected }),
        }
    }

    /// The 14 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // All of them are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// GS1 General Specifications section 7.9: the digits before the last count three times and once
    /// in turn, and the last one makes the sum a multiple of ten.
    fn check_digit(&self) -> u8 {
        let digits = self.0.iter().take(LENGTH - 1);
        let sum: u32 = digits
            .zip([3, 1].into_iter().cycle())
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
    }
}

impl FromStr for Gtin {
    type Err = GtinError;

    fn from_str(text: &str) -> Result<Self, GtinError> {
        Self::parse(text)
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gtin({})", self.as_str())
    }
}

impl Serialize for Gtin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Gtin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
