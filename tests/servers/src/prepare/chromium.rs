//! Decides which browsers the tests drive, Chromium and w3m, and gets them where they are missing and
//! may be installed.
//!
//! Starting it, and what its pages should look like, is the tests' part.

use std::path::PathBuf;

use super::command::{found, program, works};
use super::debian;

/// Tell the browser tests what to start: a browser and the program that drives it.
const BROWSER: &str = "TWOBA_CHROMIUM";
const DRIVER: &str = "TWOBA_CHROMEDRIVER";

/// The same of a browser that is shown in the terminal.
const IN_TERMINAL: &str = "TWOBA_W3M";

/// Names under which systems have the browser.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Those of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 3], String> {
    find()
        .or_else(|| {
            debian::packages(&["chromium", "chromium-driver", "w3m"]);
            find()
        })
        .ok_or_else(|| {
            "no chromium with its chromedriver, or no w3m (Debian: apt-get install chromium \
             chromium-driver w3m)"
                .to_owned()
        })
}

fn find() -> Option<[(&'static str, PathBuf); 3]> {
    let browser = BROWSERS
        .iter()
        .find_map(|name| works_as_found(name, "--version"))?;
    let driver = works_as_found("chromedriver", "--version")?;
    Some([
        (BROWSER, browser),
        (DRIVER, driver),
        (IN_TERMINAL, works_as_found("w3m", "-version")?),
    ])
}

/// The path of a program that works, as it tells its version: the driver looks for its browser in no
/// `PATH`.
fn works_as_found(name: &str, version: &str) -> Option<PathBuf> {
    found(name).filter(|file| works(program(None, file).arg(version)))
}
