//! Writes files as a whole: the old one is there until the new one is on the disk.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// What a result that could not be written leaves where it should have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// What was there before, or nothing if nothing was.
    Before,
    /// Perhaps a part of it.
    Part,
}

/// Writes a result to a path. A regular file is replaced as a whole, and its permissions stay.
/// Anything else that is there (a pipe, a device, a link) is written into.
pub(crate) fn written(path: &Path, bytes: &[u8]) -> Result<(), (io::Error, Left)> {
    let as_before = |error| (error, Left::Before);
    let before = match fs::symlink_metadata(path) {
        Ok(before) if before.is_file() => Some(before),
        Ok(_) => return written_into(path, bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(as_before(error)),
    };
    if before.is_some() {
        // Who may not write it must not replace it either.
        let opened = OpenOptions::new().write(true).open(path);
        opened.map_err(as_before)?;
    }
    let made = new_file(folder_of(path)).and_then(|new| like(new, before.as_ref()));
    let new = match (made, &before) {
        (Ok(new), _) => new,
        // The folder takes no other file, or another user owns this one.
        (Err(error), Some(_)) if error.kind() != ErrorKind::PermissionDenied => {
            return Err(as_before(error));
        }
        (Err(_), _) => return written_into(path, bytes),
    };
    put(new, path, |file| file.write_all(bytes)).map_err(as_before)
}

/// Puts a new file in the place of one: the old one is there until the new one is on the disk.
pub(crate) fn replaced(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    put(new_file(folder_of(path))?, path, write)
}

fn put(
    mut new: NamedTempFile,
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    write(new.as_file_mut())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    // Where a folder cannot be synced, the system does it in its own time.
    drop(File::open(folder_of(path)).and_then(|folder| folder.sync_all()));
    Ok(())
}

fn written_into(path: &Path, bytes: &[u8]) -> Result<(), (io::Error, Left)> {
    let mut file = File::create(path).map_err(|error| (error, Left::Before))?;
    file.write_all(bytes).map_err(|error| (error, Left::Part))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A file that is readable as others of this user are.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666))
    };
    builder.tempfile_in(folder)
}

/// The file with the owner and the permissions of the one that it replaces.
fn like(new: NamedTempFile, before: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let Some(before) = before else {
        return Ok(new);
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let made = new.as_file().metadata()?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            fchown(new.as_file(), Some(before.uid()), Some(before.gid()))?;
        }
    }
    new.as_file().set_permissions(before.permissions())?;
    Ok(new)
}
