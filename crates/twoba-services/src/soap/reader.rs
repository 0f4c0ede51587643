//! XML as values of Rust types, by serde: an element with elements in it is a record or a list, whichever
//! the type wants, and one without is a text, a number or a flag.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::xml::Element;

/// XML that is of another form than the type. Where and why is not kept: it could repeat what stands there.
#[derive(Debug)]
pub(super) struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the XML has another form")
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// An element to be read.
#[derive(Clone, Copy)]
pub(super) struct Node<'e>(pub(super) &'e Element);

impl Node<'_> {
    fn parsed<T: std::str::FromStr>(self) -> Result<T, Unfit> {
        if !self.0.children.is_empty() {
            return Err(Unfit);
        }
        self.0.text.trim().parse().map_err(|_| Unfit)
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            visitor.$visit(self.parsed()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Unfit;

    parsed! {
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_f32 visit_f32
        deserialize_f64 visit_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_nil {
            visitor.visit_unit()
        } else if self.0.children.is_empty() {
            visitor.visit_borrowed_str(&self.0.text)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        // XML Schema part 2 section 3.2.2.
        match (self.0.text.trim(), self.0.children.is_empty()) {
            ("true" | "1", true) => visitor.visit_bool(true),
            ("false" | "0", true) => visitor.visit_bool(false),
            (_, _) => Err(Unfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.is_nil {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        // No type of Rust has such a name: it is how serde_json asks itself for a text as it is written,
        // which numbers are read by that keep their digits.
        if !name.starts_with('$') {
            return visitor.visit_newtype_struct(self);
        }
        if !self.0.children.is_empty() {
            return Err(Unfit);
        }
        let json = Value::from(self.0.text.as_str()).to_string();
        let mut text = serde_json::Deserializer::from_reader(json.as_bytes());
        text.deserialize_newtype_struct(name, visitor)
            .map_err(|_| Unfit)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Items(self.0.children.iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_map(Members {
            rest: self.0.children.iter(),
            value: None,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(StrDeserializer::new(self.0.text.trim()))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

struct Items<'e>(std::slice::Iter<'e, Element>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Unfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unfit> {
        let item = self.0.next();
        item.map(|item| seed.deserialize(Node(item))).transpose()
    }
}

struct Members<'e> {
    rest: std::slice::Iter<'e, Element>,
    value: Option<&'e Element>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Unfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unfit> {
        self.value = self.rest.next();
        let name = self.value.map(|element| &*element.name);
        name.map(|name| seed.deserialize(BorrowedStrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unfit> {
        let value = self.value.take().ok_or(Unfit)?;
        seed.deserialize(Node(value))
    }
}

/// An element as JSON, for whoever has no type for it: texts stay texts, `nil` is null, and elements of one
/// name that occur more than once are a list.
pub(super) fn to_value(element: &Element) -> Value {
    if element.is_nil {
        return Value::Null;
    }
    if element.children.is_empty() {
        return Value::from(element.text.as_str());
    }
    let mut members = Map::new();
    for child in &element.children {
        let value = to_value(child);
        match members.get_mut(&*child.name) {
            None => {
                members.insert(child.name.to_string(), value);
            }
            // A value of an element is never a list: only this makes one.
            Some(Value::Array(items)) => items.push(value),
            Some(one) => {
                let first = one.take();
                *one = Value::Array(vec![first, value]);
            }
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests;
