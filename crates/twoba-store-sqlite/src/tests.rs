//! A store in SQLite goes through the suite that every store goes through, and through what only a
//! database can meet.

mod subject;

use subject::{Encryption, Subjected};

mod of_a_plain_database {
    twoba_store::conformance!(super::Subjected::new(super::Encryption::None));
}

#[cfg(feature = "encryption")]
mod of_an_encrypted_database {
    twoba_store::conformance!(super::Subjected::new(super::Encryption::Sealed));
}
