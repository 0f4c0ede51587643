//! Finds a library that shows a program another time than the machine's, and gets it where it is missing
//! and may be installed.

use std::env::consts::ARCH;
use std::path::PathBuf;

use super::debian;

/// Tells the tests where the library is.
const VARIABLE: &str = "TWOBA_FAKETIME";

/// That of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 1], String> {
    find()
        .or_else(|| {
            debian::packages(&["libfaketime"]);
            find()
        })
        .ok_or_else(|| "no libfaketime (Debian: apt-get install libfaketime)".to_owned())
}

/// The one for programs with threads, in one of the places where distributions have it.
fn find() -> Option<[(&'static str, PathBuf); 1]> {
    let of_debian = format!("/usr/lib/{ARCH}-linux-gnu");
    let folders = [of_debian.as_str(), "/usr/lib64", "/usr/lib"];
    let mut files = folders
        .iter()
        .map(|folder| PathBuf::from(folder).join("faketime/libfaketimeMT.so.1"));
    let library = files.find(|file| file.is_file())?;
    Some([(VARIABLE, library)])
}
