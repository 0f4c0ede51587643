//! The keys of a store in the keychain of the operating system.
//!
//! An entry of the keychain has the service `twoba` and an account. The account of a store's keys is
//! the name of the store, and the entry holds the keys as base64, one in each line. An entry for
//! another secret, such as that of a client, has an account of the user's choice.
//!
//! The stores of `keyring-core` are built directly for each operation, and never set as the default
//! of the process.

mod bounded;
mod error;
mod keychain;
mod making;
mod new_store;
mod platform;

pub use error::KeychainError;
pub use keychain::{Keychain, KeychainKeys, LIMIT, PATIENCE, SERVICE};
pub use new_store::{ChosenProtector, account_of, next_key, protector_for_store};
