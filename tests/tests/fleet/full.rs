//! A disk without room below the table of sessions. Only root can make such a disk: elsewhere the test says that it
//! did not run.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use twoba_store::conformance::changes::login;
use twoba_store::{ApplyError, DatabaseFailure, Store, StoreError};

use crate::scene::{DATABASE, Tables, cluster, key};

/// A file system of a few megabytes. It is unmounted with this value.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(owner: &Path) -> Option<Self> {
        let folder = tempfile::Builder::new()
            .prefix("twoba-small-")
            .tempdir()
            .unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]);
        let mounted = mount.arg(folder.path()).output().ok()?;
        if !mounted.status.success() {
            return None;
        }
        let owner = fs::metadata(owner).unwrap();
        chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
        Some(Self { folder })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.folder.path()).output());
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_each_record_as_it_is() {
    let Some(mut cluster) = cluster() else { return };
    let Some(disk) = SmallDisk::mount(&cluster.data()) else {
        return say_skipped();
    };
    let tables = Tables::new(&cluster, true);
    let (schema, folder) = (&tables.schema, disk.folder.path().display());
    cluster
        .sql(
            DATABASE,
            &format!("CREATE TABLESPACE small LOCATION '{folder}';"),
        )
        .unwrap();
    let moves = format!(
        "ALTER TABLE {schema}.session SET TABLESPACE small; CREATE TABLE {schema}.filler (x text) TABLESPACE small; ALTER TABLE {schema}.filler ALTER COLUMN x SET STORAGE EXTERNAL;"
    );
    cluster.sql(DATABASE, &moves).unwrap();
    let store = tables.open();
    store.change(&key("a"), &login(&key("a"), None)).unwrap();
    let filler = format!(
        "INSERT INTO {schema}.filler SELECT repeat('x', 7000) FROM generate_series(1, 20);"
    );
    while cluster.sql(DATABASE, &filler).is_ok() {}
    let mut number = 0;
    let full = loop {
        let key = key(&format!("user-{number}"));
        match store.change(&key, &login(&key, None)) {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
    };
    let is_full = matches!(
        full,
        ApplyError::Store(StoreError::Database {
            failure: DatabaseFailure::Full,
            ..
        })
    );
    assert!(is_full, "{full}");
    assert!(full.to_string().contains("make room"), "{full}");
    assert_eq!(store.read(&key(&format!("user-{number}"))).unwrap(), None);
    assert!(store.read(&key("a")).unwrap().is_some());
    cluster
        .sql(DATABASE, &format!("DROP TABLE {schema}.filler;"))
        .unwrap();
    let late = key(&format!("user-{number}"));
    store.change(&late, &login(&late, None)).unwrap();
    drop(store);
    cluster
        .stop(twoba_servers::postgres::Stop::Immediate)
        .unwrap();
}

fn say_skipped() {
    println!("skipped: this user may not mount a small disk");
}
