//! Finds the fixtures and checks that they are whole messages. The tests know their meaning.
//!
//! A fixture's name is its path below `fixtures/` without the ending: `2ba/answers/success` is the
//! file `fixtures/2ba/answers/success.answer.http`.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use http::{Request, Response};

use crate::message::{self, MessageError};

const REQUEST: &str = ".request.http";
const ANSWER: &str = ".answer.http";

/// Why a fixture cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum FixtureError {
    /// The file or folder cannot be read.
    Read(PathBuf, io::Error),
    /// The file is no whole message.
    Message(PathBuf, MessageError),
}

impl fmt::Display for FixtureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Message(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for FixtureError {}

/// The workspace, found from the package whose tests run.
///
/// Cargo and nextest tell a test where its package is. The workspace is the nearest folder above it
/// that has `fixtures`.
#[must_use]
pub fn workspace() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let found = package
        .ancestors()
        .find(|folder| folder.join("fixtures").is_dir())
        .map(Path::to_path_buf);
    found.unwrap_or(package)
}

/// Reads the request of this name.
///
/// # Errors
///
/// - the file does not exist or is no whole message: [`FixtureError`]
pub fn request(name: &str) -> Result<Request<Vec<u8>>, FixtureError> {
    let (path, bytes) = read(name, REQUEST)?;
    message::request(&bytes).map_err(|error| FixtureError::Message(path, error))
}

/// Reads the answer of this name.
///
/// # Errors
///
/// - as for [`request`]
pub fn answer(name: &str) -> Result<Response<Vec<u8>>, FixtureError> {
    let (path, bytes) = read(name, ANSWER)?;
    message::response(&bytes).map_err(|error| FixtureError::Message(path, error))
}

/// Reads the bytes of the answer of this name, for a server to send.
///
/// # Errors
///
/// - the file cannot be read: [`FixtureError::Read`]
pub fn answer_bytes(name: &str) -> Result<Vec<u8>, FixtureError> {
    Ok(read(name, ANSWER)?.1)
}

/// Lists the names of all requests in a folder below `fixtures/`, sorted.
///
/// # Errors
///
/// - the folder cannot be read: [`FixtureError::Read`]
pub fn requests_in(folder: &str) -> Result<Vec<String>, FixtureError> {
    names(folder, REQUEST)
}

/// Lists the names of all answers in a folder below `fixtures/`, sorted.
///
/// # Errors
///
/// - as for [`requests_in`]
pub fn answers_in(folder: &str) -> Result<Vec<String>, FixtureError> {
    names(folder, ANSWER)
}

fn read(name: &str, ending: &str) -> Result<(PathBuf, Vec<u8>), FixtureError> {
    let path = workspace().join("fixtures").join(format!("{name}{ending}"));
    match fs::read(&path) {
        Ok(bytes) => Ok((path, bytes)),
        Err(error) => Err(FixtureError::Read(path, error)),
    }
}

fn names(folder: &str, ending: &str) -> Result<Vec<String>, FixtureError> {
    let path = workspace().join("fixtures").join(folder);
    let failed = |error| FixtureError::Read(path.clone(), error);
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).map_err(failed)? {
        let file = entry.map_err(failed)?.file_name();
        if let Some(stem) = file.to_string_lossy().strip_suffix(ending) {
            names.push(format!("{folder}/{stem}"));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixture_is_a_whole_message() {
        let root = workspace().join("fixtures");
        let mut folders = vec![String::new()];
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                if entry.file_type().unwrap().is_dir() {
                    let joint = if folder.is_empty() { "" } else { "/" };
                    folders.push(format!("{folder}{joint}{name}"));
                }
            }
            for name in requests_in(&folder).unwrap() {
                request(&name).unwrap();
                read += 1;
            }
            for name in answers_in(&folder).unwrap() {
                answer(&name).unwrap();
                read += 1;
            }
        }
        assert!(read >= 17, "{read} fixtures");
    }

    #[test]
    fn a_missing_fixture_is_named() {
        let error = answer("2ba/answers/nothing").unwrap_err().to_string();
        assert!(error.contains("nothing.answer.http"), "{error}");
    }
}
