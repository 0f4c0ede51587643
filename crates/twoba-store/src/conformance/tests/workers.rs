//! The workers of this crate's own stores: this test program once more, as a child.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::conformance::work_until_killed;
use crate::conformance::worker::{Told, kill_after};
use crate::{FileStore, MemoryStore, Protector, Store};

/// Tells the child the folder of its store.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// Tells the child to keep everything in memory, and to say that it is stored.
const FORGETFUL: &str = "TWOBA_TEST_FORGETFUL";

/// The name of the file with the keys of an encrypted store, beside its folder.
#[cfg(feature = "encryption")]
pub(super) const KEYS: &str = "keys";

/// The protector of the store in a folder in `home`.
pub(super) fn protector_in(home: &Path) -> Protector {
    #[cfg(feature = "encryption")]
    if home.join(KEYS).exists() {
        let keys = crate::seal::KeyFile::new(home.join(KEYS));
        return Protector::with_keys(crate::seal::Sealer::new(keys));
    }
    _ = home;
    Protector::without_keys()
}

/// A worker with the file store of this folder, or with one that writes nothing.
pub(super) fn in_folder(folder: &Path, forgetful: bool) -> Command {
    let test = "conformance::tests::workers::a_worker_works_until_it_is_killed";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    command.env(FOLDER, folder);
    if forgetful {
        command.env(FORGETFUL, "1");
    }
    command
}

#[test]
fn a_worker_works_until_it_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        let protector = protector_in(Path::new(&folder).parent().unwrap());
        let store: Box<dyn Store> = match env::var_os(FORGETFUL) {
            None => Box::new(FileStore::open_with(folder, protector).unwrap()),
            Some(_) => Box::new(MemoryStore::default()),
        };
        return work_until_killed(&*store);
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("store");
    kill_after(20, in_folder(&folder, false), &mut Told::nothing());
    assert!(folder.join("default.grant").exists());
}
