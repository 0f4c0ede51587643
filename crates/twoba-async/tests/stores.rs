//! A blocking store on threads that may wait goes through the suite that every store goes
//! through.

#![cfg(test)]

use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use twoba_async::{AsyncStore, SessionKey, SpawnBlocking, Store};
use twoba_store::ListedKind;
use twoba_store::conformance::{AsyncSubject, Awaited, Driven, Folder, Subject};

mod of_a_file_store_on_threads_that_may_wait {
    twoba_store::conformance_async!(super::Spawned::new());
}

/// A file store in a folder, and the runtime whose threads it works on; both go with it.
struct Spawned {
    folder: Folder,
    runtime: Arc<Runtime>,
    _home: TempDir,
}

impl Spawned {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        Self {
            folder: Folder::new(home.path().join("store")).with_many(50),
            runtime: Arc::new(runtime),
            _home: home,
        }
    }

    fn spawned(&self) -> impl AsyncStore + 'static {
        SpawnBlocking::new(self.folder.store())
    }
}

impl Subject for Spawned {
    fn open(&self) -> Box<dyn Store> {
        let runtime = Arc::clone(&self.runtime);
        Box::new(Awaited::on(self.spawned(), move |future| {
            runtime.block_on(future);
        }))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.folder.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.folder.kept_aside(key)
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        self.folder.protection(key, kind)
    }

    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        self.folder.obstruct(key, obstructed)
    }

    fn many(&self) -> usize {
        self.folder.many()
    }
}

impl AsyncSubject for Spawned {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        Box::new(self.spawned())
    }

    fn drive(&self, future: Driven<'_>) {
        self.runtime.block_on(future);
    }
}
