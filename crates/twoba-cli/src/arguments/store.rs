//! The options and arguments of `twoba store`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Store {
    /// List the stored sessions, those that were kept aside, and rescued grants
    #[command(after_help = "Example: twoba store list")]
    List,
    /// Check the store: its protection, whether it is a copy or has moved, and what cannot be read
    #[command(
        after_help = "Example: twoba --store sqlite:/var/lib/example/sessions.db store check"
    )]
    Check,
    /// Make the store if it does not exist, or bring the tables of a PostgreSQL database up to date;
    /// a user who may make tables has to do that once
    #[command(
        after_help = "Example: twoba --store postgres://admin@db.example.com/sessions store make"
    )]
    Make,
    /// Move all sessions to another store, which has to be new or empty; the old one is not used
    /// any more. A move that was cut off is finished by the same command
    #[command(
        after_help = "Example: twoba store move /var/lib/example/sessions sqlite:/var/lib/example/db/sessions.db"
    )]
    Move(Move),
    /// Use the sessions of a copied store here; the original must not be used any more
    #[command(after_help = "Example: twoba --store /restored/sessions store adopt")]
    Adopt,
    /// Restore a session that was kept aside; the one that it replaces is kept aside in turn
    #[command(after_help = "Example: twoba store restore default")]
    Restore {
        /// Its name in `twoba store list`, or that of its session if only one is kept aside
        name: String,
    },
    /// Make a file with a new key for an encrypted store; a file that is there stays as it is
    #[command(after_help = "Example: twoba store new-key /etc/example/store.key")]
    NewKey {
        /// The file, which only its owner can read
        file: PathBuf,
    },
    /// Encrypt everything in the store again, with the first key of store-key, or with a new one in
    /// the keychain if a login has put the key of a folder there
    #[command(after_help = "Example: twoba store encrypt-again")]
    EncryptAgain,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Move {
    /// The store that has the sessions, as for --store
    pub(crate) from: PathBuf,
    /// The store that gets them; it is made if it does not exist
    pub(crate) to: PathBuf,
    /// File with the key of the old store, if it is encrypted; by default store-key
    #[arg(long, value_name = "FILE")]
    pub(crate) from_key: Option<PathBuf>,
    /// File with the key of the new store, which is then encrypted; by default store-key
    #[arg(long, value_name = "FILE", conflicts_with = "to_plain")]
    pub(crate) to_key: Option<PathBuf>,
    /// Do not encrypt the new store, although store-key is set
    #[arg(long)]
    pub(crate) to_plain: bool,
}
