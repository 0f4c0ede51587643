//! What the stores on the disk of this machine have in common: private files and folders, and the
//! number of a file, which a copy of it does not have.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::store::StoreError;

/// File systems that may give a file another number after a new mount, so that copies cannot be
/// detected: FAT, exFAT, FUSE, 9p, and both versions of CIFS.
#[cfg(target_os = "linux")]
const WITHOUT_LASTING_NUMBERS: [i128; 6] = [
    0x4d44,
    0x2011_bab0,
    0x6573_5546,
    0x0102_1997,
    0xff53_4d42,
    0xfe53_4d42,
];

/// Makes the errors of one operation on one path.
pub fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}

/// The same options for a file that only its owner can read, from its creation.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a folder that only its owner can use, with its parents, if it does not exist. A folder
/// that exists is left as it is, because other users may need it, and refused if others can use it.
///
/// # Errors
///
/// - the folder cannot be made, or is no folder: [`StoreError::Io`]
/// - the folder belongs to another user, even if root opens it: [`StoreError::OwnedByAnother`]
/// - other users may read the folder, its group included: [`StoreError::OpenToOthers`]
pub fn make_private_folder(folder: &Path) -> Result<(), StoreError> {
    make_folder(folder).map_err(failed("make the folder", folder))?;
    #[cfg(unix)]
    is_for_this_user_only(folder)?;
    Ok(())
}

/// Makes a folder for its owner only, with its parents, if there is none.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Checks that nobody else can read or replace the files in the folder. If root wrote into another
/// user's folder, that user could not read the files, and could exchange them.
#[cfg(unix)]
fn is_for_this_user_only(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;

    let found = folder.metadata().map_err(failed("look at", folder))?;
    let path = folder.to_path_buf();
    let (owner, user) = (found.uid(), rustix::process::geteuid().as_raw());
    if owner != user {
        return Err(StoreError::OwnedByAnother { path, owner, user });
    }
    if found.mode() & 0o077 != 0 {
        return Err(StoreError::OpenToOthers { path });
    }
    Ok(())
}

/// The number (inode) of a file, by which a store detects that it is a copy. The store keeps the
/// [mark](Self::mark) of the number that its file has, and a copy of the file has another one.
///
/// Windows, FAT, CIFS, 9p and FUSE give no lasting number, so copies are not detected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileNumber(Option<u64>);

impl FileNumber {
    /// Whether a program can ask for the number of a file. On Windows that needs unsafe code.
    pub const TELLS: bool = cfg!(unix);

    /// The number of an open file.
    ///
    /// # Errors
    ///
    /// - the operating system says nothing of the file
    pub fn of(file: &File) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if !is_lasting(&rustix::fs::fstatfs(file)?) {
            return Ok(Self(None));
        }
        Ok(Self::in_metadata(&file.metadata()?))
    }

    /// The number of the file at `path`. The file is not opened. Closing a file ends the locks that
    /// SQLite has on it.
    ///
    /// # Errors
    ///
    /// - there is no file, or the operating system says nothing of it
    pub fn at(path: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if !is_lasting(&rustix::fs::statfs(path)?) {
            return Ok(Self(None));
        }
        Ok(Self::in_metadata(&path.metadata()?))
    }

    #[cfg(unix)]
    fn in_metadata(found: &std::fs::Metadata) -> Self {
        Self(Some(std::os::unix::fs::MetadataExt::ino(found)))
    }

    #[cfg(not(unix))]
    fn in_metadata(_: &std::fs::Metadata) -> Self {
        Self(None)
    }

    /// The text by which a store remembers this number. It has no line break.
    #[must_use]
    pub fn mark(self) -> String {
        format!("inode {}", self.0.unwrap_or_default())
    }

    /// Whether a mark is of this number. Every mark is, if this file system gives no lasting number.
    #[must_use]
    pub fn has(self, mark: &str) -> bool {
        self.0.is_none() || mark == self.mark()
    }
}

#[cfg(target_os = "linux")]
fn is_lasting(found: &rustix::fs::StatFs) -> bool {
    // A number of 32 bits on some processors, with a sign on others.
    let kind = i128::from(found.f_type) & 0xffff_ffff;
    !WITHOUT_LASTING_NUMBERS.contains(&kind)
}
