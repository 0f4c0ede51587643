//! Describes the arguments and results of functions. JSON, SOAP and the WSDL use the same
//! description.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Whole,
    Decimal,
    Flag,
    /// The bytes of a picture.
    Picture,
    /// A value that may be absent.
    Optional(&'static Self),
    List(&'static Self),
    Record(&'static Shape),
}

/// The members of a record, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
}

/// One member of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// A type whose values are of one kind.
pub(crate) trait Described {
    /// The kind.
    const KIND: Kind;
}

impl Described for String {
    const KIND: Kind = Kind::Text;
}

impl Described for &str {
    const KIND: Kind = Kind::Text;
}

impl Described for u64 {
    const KIND: Kind = Kind::Whole;
}

impl Described for bool {
    const KIND: Kind = Kind::Flag;
}

impl Described for Decimal {
    const KIND: Kind = Kind::Decimal;
}

impl<T: Described> Described for Option<T> {
    const KIND: Kind = Kind::Optional(&T::KIND);
}

impl<T: Described> Described for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
}

impl Kind {
    /// The kind of a present value, and whether the value may be absent.
    pub(crate) const fn required(self) -> (Self, bool) {
        match self {
            Self::Optional(kind) => (*kind, false),
            Self::Text
            | Self::Whole
            | Self::Decimal
            | Self::Flag
            | Self::Picture
            | Self::List(_)
            | Self::Record(_) => (self, true),
        }
    }

    /// Whether JSON from a caller is of this kind. The recursion is as flat as the description.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Optional(kind), value) => value.is_null() || kind.fits(value),
            (Self::Text, Value::String(_)) | (Self::Flag, Value::Bool(_)) => true,
            (Self::Whole, Value::Number(number)) => number.is_u64(),
            (Self::Decimal, Value::Number(number)) => Decimal::parse(&number.to_string()).is_some(),
            (Self::List(kind), Value::Array(items)) => items.iter().all(|item| kind.fits(item)),
            (Self::Record(shape), Value::Object(object)) => shape.members.iter().all(|member| {
                let value = object.get(member.name).unwrap_or(&Value::Null);
                member.kind.fits(value)
            }),
            (_, _) => false,
        }
    }

    /// The expected input, in words.
    pub(crate) const fn expected(self) -> &'static str {
        match self.required().0 {
            Self::Text | Self::Picture | Self::Optional(_) => "a text",
            Self::Whole => "a whole number",
            Self::Decimal => "a number with at most three decimals",
            Self::Flag => "true or false",
            Self::List(Self::Text) => "a list of texts",
            Self::List(_) => "a list of objects with the documented members",
            Self::Record(_) => "an object with the documented members",
        }
    }
}

/// A number in thousandths, so that prices stay exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(i64);

impl Decimal {
    pub(crate) const fn thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    pub(crate) const fn in_thousandths(self) -> i64 {
        self.0
    }

    /// Reads digits with at most three decimals.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if digits.is_empty() || !plain(digits) || !plain(decimals) || decimals.len() > 3 {
            return None;
        }
        let thousandths: i64 = format!("{whole}{decimals:0<3}").parse().ok()?;
        Some(Self(thousandths))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            // The nearest double is written with the same few digits.
            serializer.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::parse(&number.to_string())
            .ok_or_else(|| D::Error::custom("too many digits or decimals"))
    }
}

/// Declares a record and describes it. A member has a name in Rust, a type, and a name outside.
macro_rules! record {
    ($($(#[$note:meta])* $name:ident { $($member:ident : $type:ty => $label:literal,)* })*) => {$(
        $(#[$note])*
        #[derive(Debug, serde::Serialize)]
        pub(crate) struct $name {
            $(#[serde(rename = $label)] pub(super) $member: $type,)*
        }
        $crate::products::record::described!($name { $($member: $type => $label,)* });
    )*};
}

macro_rules! described {
    ($name:ident { $($member:ident : $type:ty => $label:literal,)* }) => {
        impl $crate::products::record::Described for $name {
            const KIND: $crate::products::record::Kind = $crate::products::record::Kind::Record(
                &$crate::products::record::Shape {
                    name: stringify!($name),
                    members: &[$($crate::products::record::Member {
                        name: $label,
                        kind: <$type as $crate::products::record::Described>::KIND,
                    },)*],
                },
            );
        }
    };
}

/// Declares the arguments of a function, in the form of [`record`].
macro_rules! question {
    ($($(#[$note:meta])* $name:ident { $($member:ident : $type:ty => $label:literal,)* })*) => {$(
        $(#[$note])*
        #[derive(Debug, serde::Deserialize)]
        pub(crate) struct $name {
            $(#[serde(rename = $label)] pub(super) $member: $type,)*
        }
        $crate::products::record::described!($name { $($member: $type => $label,)* });
    )*};
}

pub(super) use described;
pub(super) use question;
pub(super) use record;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_and_written_as_it_stands() {
        for text in ["0", "12", "-5", "12.5", "12.95", "0.125", "189"] {
            let decimal = Decimal::parse(text).unwrap();
            assert_eq!(serde_json::to_string(&decimal).unwrap(), text);
            assert_eq!(serde_json::from_str::<Decimal>(text).unwrap(), decimal);
        }
        assert_eq!(Decimal::parse("-0.5"), Some(Decimal(-500)));
        assert_eq!(Decimal::parse("12.50"), Decimal::parse("12.5"));
    }

    #[test]
    fn what_is_no_decimal_is_not_read() {
        for text in [
            "",
            "-",
            ".5",
            "1,5",
            "1.2345",
            "1e3",
            "+1",
            "1.-5",
            "99999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Decimal>("1e99").is_err());
        assert!(serde_json::from_str::<Decimal>("\"1\"").is_err());
    }

    #[test]
    fn a_record_is_described_as_it_is_written() {
        record! { Sample { one: u64 => "One", many: Vec<&'static str> => "Many", none: Option<bool> => "None", } }
        let sample = Sample {
            one: 1,
            many: vec!["a"],
            none: None,
        };
        assert_eq!(
            serde_json::to_string(&sample).unwrap(),
            r#"{"One":1,"Many":["a"],"None":null}"#
        );
        let Kind::Record(shape) = Sample::KIND else {
            panic!("no record");
        };
        let names: Vec<_> = shape.members.iter().map(|member| member.name).collect();
        assert_eq!(names, ["One", "Many", "None"]);
        assert_eq!(shape.members[1].kind, Kind::List(&Kind::Text));
        assert_eq!(shape.members[2].kind.required(), (Kind::Flag, false));
    }
}
