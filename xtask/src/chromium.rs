//! Decides which Chromium the browser tests drive, and gets it where it is missing and may be installed.
//!
//! Starting it, and what its pages should look like, is the tests' part.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::process::{program, works};

/// Tell the browser tests what to start.
const BROWSER: &str = "TWOBA_CHROMIUM";
const DRIVER: &str = "TWOBA_CHROMEDRIVER";

/// Names under which systems have the browser.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Chromium {
    browser: PathBuf,
    driver: PathBuf,
}

impl Chromium {
    /// Those of this machine, installed from the distribution where that is our right; else why not.
    pub(crate) fn prepare(root: &Path) -> Result<Self, String> {
        Self::find(root)
            .or_else(|| {
                debian::packages(root, &["chromium", "chromium-driver"]);
                Self::find(root)
            })
            .ok_or_else(|| {
                "no chromium with its chromedriver (Debian: apt-get install chromium \
                 chromium-driver)"
                    .to_owned()
            })
    }

    fn find(root: &Path) -> Option<Self> {
        Some(Self {
            browser: BROWSERS.iter().find_map(|name| found(root, name))?,
            driver: found(root, "chromedriver")?,
        })
    }
}

/// The path of a program that works: the driver looks for its browser in no `PATH`.
fn found(root: &Path, name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file() && works(program(root, file).arg("--version")))
}

/// Lets a test command know of the browser, or of none.
pub(crate) fn tell(command: &mut Command, chromium: Option<&Chromium>) {
    match chromium {
        Some(found) => command
            .env(BROWSER, &found.browser)
            .env(DRIVER, &found.driver),
        None => command.env_remove(BROWSER).env_remove(DRIVER),
    };
}
