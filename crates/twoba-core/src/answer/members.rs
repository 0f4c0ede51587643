//! The members of a JSON object that an OAuth answer can have, read without believing types.

use alloc::borrow::Cow;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::Malformed;
use super::skipped::Skipped;

/// One member's value.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Member<'a> {
    /// It is not there.
    #[default]
    Absent,
    Null,
    Text(Cow<'a, str>),
    Number(f64),
    /// A truth value, an array or an object.
    Other,
}

/// The members that mean something here; unknown ones are passed over, as RFC 6749
/// section 5.1 demands.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) access_token: Member<'a>,
    pub(super) token_type: Member<'a>,
    pub(super) expires_in: Member<'a>,
    pub(super) refresh_token: Member<'a>,
    pub(super) scope: Member<'a>,
    pub(super) error: Member<'a>,
    pub(super) error_description: Member<'a>,
}

impl<'a> Members<'a> {
    /// Reads one JSON object and nothing behind it.
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(json).map_err(|error| {
            // The parser's own text would repeat the offending value.
            if error.is_data() {
                Malformed::Shape
            } else {
                Malformed::Json {
                    line: error.line(),
                    column: error.column(),
                }
            }
        })
    }

    fn slot(&mut self, name: &str) -> Option<&mut Member<'a>> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "token_type" => &mut self.token_type,
            "expires_in" => &mut self.expires_in,
            "refresh_token" => &mut self.refresh_token,
            "scope" => &mut self.scope,
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            match members.slot(&name) {
                // Two values for one name: two readers could see two answers.
                Some(slot) if *slot != Member::Absent => {
                    return Err(A::Error::custom("repeated member"));
                }
                Some(slot) => *slot = map.next_value()?,
                None => map.next_value_seed(Skipped::MEMBER)?,
            }
        }
        Ok(members)
    }
}

/// A member's name, borrowed where it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(MemberVisitor)? {
            Member::Text(text) => Ok(Self(text)),
            Member::Absent | Member::Null | Member::Number(_) | Member::Other => {
                Err(D::Error::custom("a name is a string"))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Member<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a lifetime beyond 2^53 s is capped anyway"
    )]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Member::Number(number as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a lifetime beyond 2^53 s is capped anyway"
    )]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Member::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Member::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Owned(text.into())))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Skipped::MEMBER.seq(seq)?;
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Skipped::MEMBER.map(map)?;
        Ok(Member::Other)
    }
}
