//! Connections that are secured: names are verified, logins are bound to the certificate, and nothing less is taken.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use twoba_servers::postgres::{Postgres, Stop};
use twoba_store::{DatabaseFailure, StoreError};
use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};

use crate::scene::{DATABASE, Tables, cluster};

const SECRET: &str = "correct horse";

/// An authority whose certificate is in a file, and a server that it vouches for under this name.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        let file = folder.join(name);
        fs::write(&file, certificate.pem()).unwrap();
        Self {
            issuer: Issuer::new(parameters, key),
            file,
        }
    }

    /// Gives the cluster a certificate for a name, and has it ask for a password.
    fn secure(&self, cluster: &mut Postgres, name: &str) {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let data = cluster.data();
        put(&data, "server.crt", &certificate.pem());
        put(&data, "server.key", &key.serialize_pem());
        put(
            &data,
            "pg_hba.conf",
            "local all admin trust\nhost all app 127.0.0.1/32 scram-sha-256\n",
        );
        let role = format!("ALTER ROLE app PASSWORD '{SECRET}';");
        cluster.sql(DATABASE, &role).unwrap();
        cluster.sql(DATABASE, "ALTER SYSTEM SET ssl = on;").unwrap();
        cluster.stop(Stop::Fast).unwrap();
        cluster.go_on().unwrap();
    }
}

/// Writes a file that only the server may read.
fn put(data: &Path, name: &str, text: &str) {
    let path = data.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let owner = fs::metadata(data).unwrap();
    chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn open(
    tables: &Tables,
    settings: &str,
    password: &str,
) -> Result<BlockingPostgresStore, StoreError> {
    let address = format!(
        "postgres://app@localhost:{}/{DATABASE}?{settings}",
        tables.port
    );
    let password = |name: &str| (name == "PGPASSWORD").then(|| password.to_owned());
    let address = Address::parse_in(&address, &password).unwrap();
    let builder = PostgresStore::builder(address).schema(&tables.schema);
    BlockingPostgresStore::open(builder.keys(tables.sealer().unwrap()))
}

#[track_caller]
fn assert_failure(outcome: Result<BlockingPostgresStore, StoreError>, expected: DatabaseFailure) {
    match outcome.map(drop) {
        Err(StoreError::Database { failure, .. }) if failure == expected => {}
        other => panic!("instead of {expected:?}: {other:?}"),
    }
}

#[test]
fn a_secured_connection_verifies_the_name_and_binds_the_login() {
    let Some(mut cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca.pem");
    let stranger = Authority::new(folder.path(), "stranger.pem");
    let roots = |authority: &Authority| {
        format!(
            "sslmode=verify-full&sslrootcert={}",
            authority.file.display()
        )
    };
    assert_failure(
        open(&tables, &roots(&authority), SECRET),
        DatabaseFailure::Misconfigured,
    );

    authority.secure(&mut cluster, "localhost");
    let bound = format!("{}&channel_binding=require", roots(&authority));
    let store = open(&tables, &bound, SECRET).unwrap();
    let secured = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app';";
    assert_eq!(cluster.sql(DATABASE, secured).unwrap(), "t\n");
    drop(store);
    assert_failure(open(&tables, &bound, "wrong"), DatabaseFailure::Denied);
    assert_failure(
        open(&tables, &roots(&stranger), SECRET),
        DatabaseFailure::Misconfigured,
    );
    // On loopback nothing has to be secured, and then nothing is bound.
    open(&tables, "", SECRET).unwrap();
    assert_failure(
        open(&tables, "channel_binding=require", SECRET),
        DatabaseFailure::Denied,
    );

    authority.secure(&mut cluster, "db.example.com");
    assert_failure(
        open(&tables, &bound, SECRET),
        DatabaseFailure::Misconfigured,
    );
}
