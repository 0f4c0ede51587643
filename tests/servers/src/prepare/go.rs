//! Builds the Go program of the benchmarks with the compiler and the packages of Debian: no network, no module.

use std::path::{Path, PathBuf};

use twoba_testkit::fixture;

use super::command::{INSTALL_LIMIT, failure, program, works};
use super::debian;

/// Tells the benchmarks where the program is.
pub(super) const VARIABLE: &str = "TWOBA_CLIENTS_GO";

/// Where Debian's packages have the sources of Go's.
const SOURCES: &str = "/usr/share/gocode";
const OAUTH2: &str = "src/golang.org/x/oauth2";

/// The program, built below `workshop`; else why not.
pub(super) fn prepare(workshop: &Path) -> Result<PathBuf, String> {
    if !is_there() {
        debian::packages(&["golang-go", "golang-golang-x-oauth2-dev"]);
    }
    if !is_there() {
        return Err(
            "no Go with its oauth2 (Debian: apt-get install golang-go golang-golang-x-oauth2-dev)"
                .to_owned(),
        );
    }
    let source = fixture::workspace().join("tests/bench/clients/go");
    let built = workshop.join("clients-in-go");
    let mut build = program(Some(&source), "go");
    build.args(["build", "-o"]).arg(&built).arg(".");
    build.env("GO111MODULE", "off").env("GOPATH", SOURCES);
    build.env("GOCACHE", workshop.join("go-cache"));
    failure(&mut build, INSTALL_LIMIT).map_or(Ok(built), Err)
}

fn is_there() -> bool {
    works(program(None, "go").arg("version")) && Path::new(SOURCES).join(OAUTH2).is_dir()
}
