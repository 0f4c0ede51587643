//! Names that were mistyped: the nearest known one. Which names are known is the caller's to say.

/// How many edits a name may be away from a known one and still be taken for it.
const EDITS_MAX: usize = 3;

/// Longest name that is compared, in bytes.
const NAME_MAX: usize = 64;

/// One parameter of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownParameter {
    /// Its name, in 2BA's spelling.
    pub name: &'static str,
    /// Whether the function is of no use without.
    pub is_required: bool,
    /// A value that it may have.
    pub example: &'static str,
}

/// One function that documents or clients of 2BA name. 2BA has more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFunction {
    /// `Service/Function`.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: &'static [KnownParameter],
}

/// Whether both are the same name: 2BA's clients write names in any case.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl KnownFunction {
    /// The first parameter that the function needs and that is not given. The first ones may stand in
    /// the path.
    pub(crate) fn missing(
        &self,
        given: &[(String, String)],
        in_path: usize,
    ) -> Option<&'static KnownParameter> {
        let is_given = |name: &str| given.iter().any(|(given, _)| is_same(given, name));
        let mut needed = self.parameters.iter().skip(in_path);
        needed.find(|parameter| parameter.is_required && !is_given(parameter.name))
    }
}

/// The name nearest to a mistyped one: by letters, whatever their case and whatever stands between
/// them, or by its last part. `None` if none is near.
pub fn nearest<'n>(mistyped: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if mistyped.len() > NAME_MAX {
        return None;
    }
    let wanted = letters(mistyped);
    if wanted.is_empty() {
        return None;
    }
    names
        .filter_map(|name| {
            let last = name.rsplit('/').next().unwrap_or(name);
            let whole = edits(&wanted, &letters(name));
            let part = edits(&wanted, &letters(last)).saturating_add(1);
            // A short name is soon another one.
            let most = EDITS_MAX.min(wanted.len().div_ceil(3));
            Some((whole.min(part), name)).filter(|(edits, _)| *edits <= most.max(1))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

fn letters(name: &str) -> Vec<u8> {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
        .collect()
}

/// How many letters have to be put in, left out, changed, or changed with their neighbor.
fn edits(one: &[u8], other: &[u8]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let at = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, column) + usize::from(a != b);
            let mut least = changed
                .min(at(&last, column + 1) + 1)
                .min(at(&next, column) + 1);
            let crossed = row > 0
                && column > 0
                && one.get(row - 1) == Some(b)
                && other.get(column - 1) == Some(a);
            if crossed {
                least = least.min(at(&before_last, column - 1) + 1);
            }
            next.push(least);
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
