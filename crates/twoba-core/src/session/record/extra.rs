//! The members of a record that this release does not know. They are kept unchanged.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

/// Members by name. They may hold secrets, so they are never printed, and are wiped when dropped.
#[derive(Clone, Default, PartialEq)]
pub(in crate::session) struct Extra(Option<Box<Map<String, Value>>>);

impl Extra {
    /// Their length when written.
    pub(super) fn room(&self) -> usize {
        let members = self.0.as_deref();
        let written = members.and_then(|members| serde_json::to_vec(members).ok());
        written.map_or(0, |written| Zeroizing::new(written).len())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.as_ref().map_or(0, |members| members.len());
        write!(f, "Extra({count} members)")
    }
}

impl Drop for Extra {
    fn drop(&mut self) {
        if let Some(members) = &mut self.0 {
            members.values_mut().for_each(wipe);
        }
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().flat_map(|members| members.iter()))
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ExtraVisitor)
    }
}

struct ExtraVisitor;

impl<'de> Visitor<'de> for ExtraVisitor {
    type Value = Extra;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
        let mut extra = Extra::default();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            let members = extra.0.get_or_insert_default();
            // Two values for one name: two readers could see two records.
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(extra)
    }
}
