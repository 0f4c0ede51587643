//! How a byte chooses among a few things: by its remainder, so that every byte means one.

/// The element that the byte stands for. `'0'` is the first where there are up to 16.
pub(crate) fn pick<T>(all: &[T], byte: u8) -> Option<&T> {
    let index = usize::from(byte).checked_rem(all.len())?;
    all.get(index)
}
