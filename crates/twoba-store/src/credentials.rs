//! What a program may log in with by itself.

use std::fmt;

use twoba_core::Password;

/// A user name and password, from a vault say. The password is wiped when it is dropped.
pub struct Credentials {
    username: String,
    password: Password,
}

impl Credentials {
    /// These two.
    #[must_use]
    pub fn new(username: impl Into<String>, password: Password) -> Self {
        Self {
            username: username.into(),
            password,
        }
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &Password {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}
