//! How objects of JSON are put together: absent members are left out, and rows have the numbers of their owner.

use serde_json::{Map, Value};

/// An object without the members whose value is null.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The members of each of these, one behind the other.
pub(super) fn joined<const N: usize>(objects: [&Map<String, Value>; N]) -> Value {
    let members = objects.into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// The rows of a list, each with these members in front.
pub(super) fn rows<'v>(
    ids: &'v Map<String, Value>,
    parts: &'v [Map<String, Value>],
) -> impl Iterator<Item = Value> + 'v {
    parts.iter().map(|part| joined([ids, part]))
}

/// A number of ten-thousandths, which has few enough digits for a double.
pub(super) fn ten_thousandths(number: i64) -> Value {
    match number % 10_000 {
        0 => (number / 10_000).into(),
        _ => (number as f64 / 10_000.0).into(),
    }
}
