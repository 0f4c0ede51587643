//! Decides which Chromium the browser tests drive, and gets it where it is missing and may be installed.
//!
//! Starting it, and what its pages should look like, is the tests' part.

use std::env;
use std::path::PathBuf;

use super::command::{program, works};
use super::debian;

/// Tell the browser tests what to start: a browser and the program that drives it.
const BROWSER: &str = "TWOBA_CHROMIUM";
const DRIVER: &str = "TWOBA_CHROMEDRIVER";

/// Names under which systems have the browser.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Those of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 2], String> {
    find()
        .or_else(|| {
            debian::packages(&["chromium", "chromium-driver"]);
            find()
        })
        .ok_or_else(|| {
            "no chromium with its chromedriver (Debian: apt-get install chromium chromium-driver)"
                .to_owned()
        })
}

fn find() -> Option<[(&'static str, PathBuf); 2]> {
    let browser = BROWSERS.iter().find_map(|name| found(name))?;
    Some([(BROWSER, browser), (DRIVER, found("chromedriver")?)])
}

/// The path of a program that works: the driver looks for its browser in no `PATH`.
fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file() && works(program(None, file).arg("--version")))
}
