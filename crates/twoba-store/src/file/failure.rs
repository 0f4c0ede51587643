//! The error of the operating system, with the attempted operation.

use std::io;
use std::path::Path;

use crate::store::StoreError;

/// Makes the errors of one operation on one path.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}
