//! Reads the body of a call that the person gives.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::failure::{Failure, Kind};

/// Longest body that is sent. Real ones have a few hundred bytes.
const BODY_MAX: u64 = 1024 * 1024;

/// The bytes of a file, or of stdin if the path is `-`. `what` it should hold is told if it cannot be
/// read.
pub(super) fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(BODY_MAX + 1).read_to_end(&mut body)
    } else {
        let file = fs::File::open(path);
        file.and_then(|file| file.take(BODY_MAX + 1).read_to_end(&mut body))
    };
    let length = read.map_err(|error| {
        Failure::new(
            Kind::Configuration,
            format!("cannot read {}: {error}", path.display()),
        )
        .advise(format!(
            "nothing was sent; name a file with the {what} of the body, or - for stdin"
        ))
    })?;
    if u64::try_from(length).unwrap_or(u64::MAX) > BODY_MAX {
        return Err(
            Failure::configuration(format!("{} is over 1 MiB", path.display()))
                .advise("nothing was sent"),
        );
    }
    Ok(body)
}
