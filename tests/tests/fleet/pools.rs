//! A pool of the caller in place of the one that the store has.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio_postgres::{Client, NoTls};
use twoba_store::conformance::changes::{login, refresh};
use twoba_store::{AsyncStore, DatabaseFailure, StoreError};
use twoba_store_postgres::{Connection, Connections, PostgresStore};

use crate::scene::{DATABASE, Tables, USER, cluster, key, runtime};

/// A pool that keeps nothing: each statement gets a connection of its own, as behind a pooler.
struct Fresh {
    settings: String,
    taken: AtomicUsize,
}

#[async_trait]
impl Connections for Fresh {
    async fn take(&self) -> Result<Box<dyn Connection>, Box<dyn Error + Send + Sync>> {
        self.taken.fetch_add(1, Ordering::SeqCst);
        let (client, connection) = tokio_postgres::connect(&self.settings, NoTls).await?;
        drop(tokio::spawn(connection));
        Ok(Box::new(One(client)))
    }
}

struct One(Client);

impl Connection for One {
    fn client(&self) -> &Client {
        &self.0
    }

    fn discard(self: Box<Self>) {}
}

#[test]
fn a_pool_of_the_caller_serves_as_well() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let pool = Arc::new(Fresh {
        settings: format!(
            "host=127.0.0.1 port={} user={USER} dbname={DATABASE}",
            cluster.port()
        ),
        taken: AtomicUsize::new(0),
    });
    let builder = PostgresStore::builder_on(pool.clone(), "of the fleet").schema(&tables.schema);
    let builder = builder.keys(tables.sealer().unwrap());
    runtime().block_on(async {
        let store = builder.open().await.unwrap();
        let first = login(&key("a"), None);
        store.change(&key("a"), &first).await.unwrap();
        let mut lease = store.try_lease(&key("a")).await.unwrap().unwrap();
        let steps = refresh(&key("a"), first.record().clone());
        lease.apply(&steps.intent).await.unwrap();
        lease.finish(&steps.rotation).await.unwrap();
        let read = store.read(&key("a")).await.unwrap();
        assert_eq!(read.as_ref(), Some(steps.rotation.record()));
    });
    assert!(pool.taken.load(Ordering::SeqCst) >= 5);
}

#[test]
fn without_keys_a_store_is_opened_in_plain_text_only_if_that_is_said() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, false);
    let pool = Arc::new(Fresh {
        settings: format!(
            "host=127.0.0.1 port={} user={USER} dbname={DATABASE}",
            cluster.port()
        ),
        taken: AtomicUsize::new(0),
    });
    let builder = PostgresStore::builder_on(pool.clone(), "x").schema(&tables.schema);
    let refused = runtime().block_on(builder.open()).unwrap_err();
    assert!(
        matches!(refused, StoreError::KeyUnavailable { .. }),
        "{refused}"
    );
    assert_eq!(pool.taken.load(Ordering::SeqCst), 0);
    let builder = PostgresStore::builder_on(pool.clone(), "x").schema("Odd Name");
    let refused = runtime().block_on(builder.open()).unwrap_err();
    let is_odd = matches!(
        refused,
        StoreError::Database {
            failure: DatabaseFailure::Misconfigured,
            ..
        }
    );
    assert!(is_odd, "{refused}");
    let builder = PostgresStore::builder_on(pool, "x").schema(&tables.schema);
    let builder = builder.plain_text_that_every_log_can_hold();
    runtime().block_on(builder.open()).unwrap();
}

/// Several programs that start at once make the tables once.
#[test]
fn tables_are_made_once_by_whoever_comes_first() {
    let Some(cluster) = cluster() else { return };
    let made = Tables::new(&cluster, true);
    let tables = Tables {
        schema: String::from("later"),
        ..made
    };
    let runtime = runtime();
    let stores = runtime.block_on(async {
        let migrate = || tokio::spawn(tables.builder_as("admin", DATABASE).migrate());
        let [one, two, three, four] = [(); 4].map(|()| migrate());
        [one.await, two.await, three.await, four.await].map(|store| store.unwrap().unwrap())
    });
    let [first, .., last] = &stores;
    let change = login(&key("a"), None);
    runtime.block_on(first.change(&key("a"), &change)).unwrap();
    let read = runtime.block_on(last.read(&key("a"))).unwrap();
    assert_eq!(read.as_ref(), Some(change.record()));
    // The program's own user has no right to make tables.
    let refused = runtime.block_on(
        Tables {
            schema: String::from("more"),
            ..tables
        }
        .builder()
        .migrate(),
    );
    let is_denied = matches!(
        refused,
        Err(StoreError::Database {
            failure: DatabaseFailure::Denied,
            ..
        })
    );
    assert!(is_denied, "{refused:?}");
}
