//! How answers are read: names in any letter case, members that are unknown or missing, and values as
//! number or text. Which members there are is told where each record is declared.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::decimal::Decimal;

/// A type that a member of an answer can have.
pub trait Member<'de>: Sized {
    /// Reads it.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A member as a seed, so that maps and lists can read it.
pub(crate) struct Read<T>(PhantomData<T>);

impl<T> Read<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Member<'de>> DeserializeSeed<'de> for Read<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// Nothing, or a value.
impl<'de, T: Member<'de>> Member<'de> for Option<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Perhaps<T>(PhantomData<T>);

        impl<'de, T: Member<'de>> Visitor<'de> for Perhaps<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }

            fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<Option<T>, D::Error> {
                T::read(some).map(Some)
            }
        }

        deserializer.deserialize_option(Perhaps(PhantomData))
    }
}

/// A list; null is an empty one.
impl<'de, T: Member<'de>> Member<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Member<'de>> Visitor<'de> for Items<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_none<E: Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<Vec<T>, D::Error> {
                // XML does not tell a list from a record by itself.
                some.deserialize_seq(self)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element_seed(Read::new())? {
                    all.push(item);
                }
                Ok(all)
            }
        }

        deserializer.deserialize_option(Items(PhantomData))
    }
}

impl<'de> Member<'de> for Decimal {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// What a value is written as, before it is one of ours.
enum Plain {
    Text(String),
    Flag(bool),
    Whole(i128),
}

impl Plain {
    fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        expected: &'static str,
    ) -> Result<Self, D::Error> {
        struct Any(&'static str);

        impl Visitor<'_> for Any {
            type Value = Plain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Plain, E> {
                Ok(Plain::Text(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Plain, E> {
                Ok(Plain::Text(text))
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Plain, E> {
                Ok(Plain::Flag(flag))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Plain, E> {
                Ok(Plain::Whole(number.into()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Plain, E> {
                Ok(Plain::Whole(number.into()))
            }
        }

        deserializer.deserialize_any(Any(expected))
    }
}

/// A text; a whole number counts as its digits.
impl<'de> Member<'de> for String {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Plain::read(deserializer, "a text")? {
            Plain::Text(text) => text,
            Plain::Flag(flag) => flag.to_string(),
            Plain::Whole(number) => number.to_string(),
        })
    }
}

/// A whole number; a text of digits counts as one.
impl<'de> Member<'de> for u64 {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Plain::read(deserializer, "a whole number")? {
            Plain::Text(text) => text.trim().parse().ok(),
            Plain::Whole(number) => Self::try_from(number).ok(),
            Plain::Flag(_) => None,
        };
        number.ok_or_else(|| D::Error::custom("not a whole number"))
    }
}

/// True or false; `1` and `0` and the words count as well.
impl<'de> Member<'de> for bool {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flag = match Plain::read(deserializer, "true or false")? {
            Plain::Flag(flag) => Some(flag),
            Plain::Whole(1) => Some(true),
            Plain::Whole(0) => Some(false),
            Plain::Text(text) => match text.trim() {
                "1" => Some(true),
                "0" => Some(false),
                word if word.eq_ignore_ascii_case("true") => Some(true),
                word if word.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            },
            Plain::Whole(_) => None,
        };
        flag.ok_or_else(|| D::Error::custom("not true or false"))
    }
}

/// A name of a member, borrowed where that can be.
pub(crate) struct Name<'de>(std::borrow::Cow<'de, str>);

impl Name<'_> {
    /// Whether it is this name, in any letter case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(name.to_owned().into()))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Declares records of answers: a member has a name in Rust, a type, and its name in 2BA's spelling, with
/// other names after it. Any letter case of a name is read, a null leaves the member as it is, and what
/// is unknown is passed over. Where a record is one list and what stands around it, `or` and the list's
/// name read a bare list too.
macro_rules! record {
    ($(
        $(#[$note:meta])*
        $name:ident $(or $list:ident)? {
            $($(#[$about:meta])* $member:ident: $type:ty => $label:literal $(| $other:literal)*,)*
        }
    )*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$about])* #[serde(rename = $label)] pub $member: $type,)*
        }

        impl<'de> $crate::record::Member<'de> for $name {
            fn read<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    // An element of XML without any in it.
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        if text.trim().is_empty() {
                            return Ok($name::default());
                        }
                        Err(E::custom("not an object"))
                    }

                    $(fn visit_seq<A: serde::de::SeqAccess<'de>>(
                        self,
                        mut items: A,
                    ) -> Result<$name, A::Error> {
                        let mut record = $name::default();
                        while let Some(item) =
                            items.next_element_seed($crate::record::Read::new())?
                        {
                            record.$list.push(item);
                        }
                        Ok(record)
                    })?

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$name, A::Error> {
                        let mut record = $name::default();
                        while let Some(name) = members.next_key::<$crate::record::Name<'de>>()? {
                            $(if name.is($label) $(|| name.is($other))* {
                                let seed = $crate::record::Read::<Option<$type>>::new();
                                if let Some(value) = members.next_value_seed(seed)? {
                                    record.$member = value;
                                }
                                continue;
                            })*
                            members.next_value::<serde::de::IgnoredAny>()?;
                        }
                        Ok(record)
                    }
                }

                deserializer.deserialize_any(Members)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::record::Member::read(deserializer)
            }
        }
    )*};
}

pub(crate) use record;

#[cfg(test)]
mod tests;
