//! What products of a class are filtered by.

use crate::decimal::Decimal;

/// The code of one ETIM class: the function takes a list of exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneClass(pub(super) String);

impl<T: Into<String>> From<T> for OneClass {
    fn from(code: T) -> Self {
        Self(code.into())
    }
}

/// Products have one of these values for a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedFilter {
    /// The feature, such as `EF000008`.
    pub feature_id: String,
    /// The values, such as `EV000397`.
    pub values: Vec<String>,
}

impl ListedFilter {
    /// The products must have one of these values for this feature.
    #[must_use]
    pub fn new(feature_id: impl Into<String>, values: Vec<String>) -> Self {
        let feature_id = feature_id.into();
        Self { feature_id, values }
    }
}

/// The number that products have for a feature lies between two.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NumericFilter {
    /// The feature, such as `EF000007`.
    pub feature_id: String,
    /// The least that is allowed.
    pub least: Decimal,
    /// The greatest that is allowed.
    pub greatest: Decimal,
}

impl NumericFilter {
    /// The number for this feature must be at least `least` and at most `greatest`.
    #[must_use]
    pub fn new(
        feature_id: impl Into<String>,
        least: impl Into<Decimal>,
        greatest: impl Into<Decimal>,
    ) -> Self {
        Self {
            feature_id: feature_id.into(),
            least: least.into(),
            greatest: greatest.into(),
        }
    }
}
