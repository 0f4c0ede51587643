//! Decides which PostgreSQL and which PgBouncer the tests start, and gets them where they are missing and may be
//! installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::command::{program, works};
use super::debian;

/// Tells the tests the folder with `initdb`, `pg_ctl`, `psql` and `pg_dump`.
const PROGRAMS: &str = "TWOBA_POSTGRES";

/// Tells the tests the pooler.
const POOLER: &str = "TWOBA_PGBOUNCER";

/// Where Debian has a folder for each release.
const RELEASES: &str = "/usr/lib/postgresql";

/// Those of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 2], String> {
    find()
        .or_else(|| {
            debian::packages(&["postgresql", "pgbouncer"]);
            find()
        })
        .ok_or_else(|| {
            "no PostgreSQL, or no PgBouncer (Debian: apt-get install postgresql pgbouncer)"
                .to_owned()
        })
}

fn find() -> Option<[(&'static str, PathBuf); 2]> {
    let programs = folders().find(|folder| is_complete(folder))?;
    let path = env::var_os("PATH")?;
    let poolers = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let mut poolers = poolers.map(|folder| folder.join("pgbouncer"));
    let pooler =
        poolers.find(|file| file.is_file() && works(program(None, file).arg("--version")))?;
    Some([(PROGRAMS, programs), (POOLER, pooler)])
}

/// The folders that may have the programs: Debian's, the newest release first, and those of `PATH`.
fn folders() -> impl Iterator<Item = PathBuf> {
    let releases = fs::read_dir(RELEASES).into_iter().flatten().flatten();
    let mut releases: Vec<(u32, PathBuf)> = releases
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    releases.sort_unstable();
    let releases = releases
        .into_iter()
        .rev()
        .map(|(_, folder)| folder.join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = env::split_paths(&path).collect();
    releases.chain(path)
}

fn is_complete(folder: &Path) -> bool {
    let programs = ["initdb", "pg_ctl", "postgres", "psql", "pg_dump"];
    programs
        .iter()
        .all(|name| works(program(None, folder.join(name)).arg("--version")))
}
