//! The files of a synchronization, and what is said when one cannot be used.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};

/// The files of a synchronization.
pub(super) struct Files {
    pub(super) whole: PathBuf,
    pub(super) part: PathBuf,
    pub(super) state: PathBuf,
}

impl Files {
    pub(super) fn of(file: &Path) -> Self {
        let beside = |ending: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Self {
            whole: file.to_path_buf(),
            part: beside(".part"),
            state: beside(".sync"),
        }
    }
}

/// A file of the synchronization cannot be used.
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Kind::Other,
        format!("cannot use {}: {error}", path.display()),
    )
    .advise("see that there is room and permission, then run the command again: it goes on where it was")
}
