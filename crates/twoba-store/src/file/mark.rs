//! The mark of a move, in a file of the folder.

use std::fs;
use std::io;

use super::folder::Folder;
use super::lock::{LockedFile, WRITE_PATIENCE};
use super::temporary::Temporary;
use crate::machine::failed;
use crate::store::{Mark, StoreError};

/// The name of the file.
const MARK: &str = ".moved";

/// The name under which it is written.
const WRITING: &str = ".moved-writing";

/// The lock of whoever sets or removes it.
const SETTING: &str = ".moved.lock";

/// Refuses a folder whose sessions are not used here.
pub(super) fn check(folder: &Folder) -> Result<(), StoreError> {
    match read(folder)? {
        Some(mark) => Err(mark.refusal(format!("the store's folder {}", folder.path().display()))),
        None => Ok(()),
    }
}

/// Refuses to go on with a move that is over.
pub(super) fn check_move(folder: &Folder, during: Option<&Mark>) -> Result<(), StoreError> {
    match during {
        Some(_) => Mark::check(read(folder)?.as_ref(), during, folder.told()),
        None => Ok(()),
    }
}

/// The mark, if there is one.
pub(super) fn read(folder: &Folder) -> Result<Option<Mark>, StoreError> {
    let path = folder.path().join(MARK);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let mark = Mark::parse(text.trim_end_matches('\n'));
    let unreadable = || failed("read", &path)(io::ErrorKind::InvalidData.into());
    mark.map(Some).ok_or_else(unreadable)
}

/// Sets or removes the mark, and waits for the writes that have begun without it.
pub(super) fn set(folder: &Folder, mark: Option<&Mark>) -> Result<(), StoreError> {
    let path = folder.path().join(MARK);
    // Two may set it at once, and the name under which it is written is the same.
    let _setting = LockedFile::acquire(folder.path().join(SETTING), WRITE_PATIENCE)?;
    match mark {
        Some(mark) => {
            let line = format!("{mark}\n");
            let temporary = folder.path().join(WRITING);
            Temporary::write(folder.disk(), temporary, line.as_bytes())?.rename(&path)?;
        }
        None => match folder.disk().remove(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            outcome => outcome.map_err(failed("remove", &path))?,
        },
    }
    folder.sync().map_err(failed("sync", folder.path()))?;
    for file in folder.files()? {
        if file.ends_with(".write") {
            drop(LockedFile::acquire(
                folder.path().join(file),
                WRITE_PATIENCE,
            )?);
        }
    }
    Ok(())
}
