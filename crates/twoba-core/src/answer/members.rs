//! The members of a JSON object in an OAuth answer. Reading one never assumes its type.

use alloc::borrow::Cow;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::skipped::Skipped;
use crate::limits::TOKEN_MAX;

/// Longest copy of a text, in bytes. It is more than any token may have, so that a cut text is still
/// refused as too long.
const COPIED_MAX: usize = TOKEN_MAX + 4;

/// One member's value.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Member<'a> {
    /// The member is absent.
    #[default]
    Absent,
    Null,
    Text(Cow<'a, str>),
    Number(f64),
    /// A truth value, an array or an object.
    Other,
}

/// The members that the client reads. It skips unknown ones, as RFC 6749 section 5.1 demands.
#[derive(Debug, Default, PartialEq)]
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
    /// Reads the object with the JSON parser, whatever it holds.
    pub(super) fn read<R: serde_json::de::Read<'a>>(
        mut deserializer: serde_json::Deserializer<R>,
    ) -> serde_json::Result<Self> {
        let mut members = Self::default();
        deserializer.deserialize_map(MembersVisitor(&mut members))?;
        deserializer.end()?;
        Ok(members)
    }

    pub(super) fn slot(&mut self, name: Name) -> Option<&mut Member<'a>> {
        Some(match name {
            Name::AccessToken => &mut self.access_token,
            Name::TokenType => &mut self.token_type,
            Name::ExpiresIn => &mut self.expires_in,
            Name::RefreshToken => &mut self.refresh_token,
            Name::Scope => &mut self.scope,
            Name::Error => &mut self.error,
            Name::ErrorDescription => &mut self.error_description,
            Name::Unknown => return None,
        })
    }
}

/// Fills the members in place, because they are large.
struct MembersVisitor<'m, 'de>(&'m mut Members<'de>);

impl<'de> Visitor<'de> for MembersVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key()? {
            match self.0.slot(name) {
                // Two values for one name: two readers could see two answers.
                Some(slot) if !matches!(slot, Member::Absent) => {
                    return Err(A::Error::custom("repeated member"));
                }
                Some(slot) => *slot = map.next_value()?,
                None => map.next_value_seed(Skipped::MEMBER)?,
            }
        }
        Ok(())
    }
}

/// The name of a member that the client reads.
#[derive(Clone, Copy)]
pub(super) enum Name {
    AccessToken,
    TokenType,
    ExpiresIn,
    RefreshToken,
    Scope,
    Error,
    ErrorDescription,
    Unknown,
}

impl Name {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "access_token" => Self::AccessToken,
            "token_type" => Self::TokenType,
            "expires_in" => Self::ExpiresIn,
            "refresh_token" => Self::RefreshToken,
            "scope" => Self::Scope,
            "error" => Self::Error,
            "error_description" => Self::ErrorDescription,
            _ => Self::Unknown,
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(Name::of(name))
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

    /// A text with escapes, which has to be copied. The copy stops at the length that the client
    /// can use.
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        // A character is four bytes at most, so one of these ends at a character's end.
        let cut = (COPIED_MAX - 3..=COPIED_MAX).rev();
        let copied = match text.len() {
            0..=COPIED_MAX => text,
            _ => cut
                .filter_map(|end| text.get(..end))
                .next()
                .unwrap_or_default(),
        };
        Ok(Member::Text(Cow::Owned(copied.into())))
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
