//! Finds a secret in a text, in any spelling that a program writes by accident.

use std::error::Error;
use std::fmt;

use crate::wire::form_encoded;

/// Secrets that must not appear in any text.
///
/// ```
/// use twoba_testkit::Canaries;
///
/// let canaries = Canaries::new([("password", "canary+1")]);
/// assert!(canaries.look_in("an error", "status 400").is_ok());
/// assert!(canaries.look_in("a body", "password=canary%2B1&x=y").is_err());
/// ```
#[derive(Clone)]
pub struct Canaries {
    secrets: Vec<(String, String)>,
}

/// A secret appeared where it must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The name of the secret.
    pub secret: String,
    /// The place where it appeared.
    pub place: String,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} holds the {}", self.place, self.secret)
    }
}

impl Error for Leak {}

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.secrets.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl Canaries {
    /// Makes a set of these secrets, each with a name that may be printed.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = (&'s str, &'s str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            secrets: secrets.into_iter().map(owned).collect(),
        }
    }

    /// Adds a secret that became known later.
    pub fn add(&mut self, name: &str, value: &str) {
        self.secrets.push((name.to_owned(), value.to_owned()));
    }

    /// Looks for each secret: unchanged, form-encoded, and as `{:?}` writes it.
    ///
    /// # Errors
    ///
    /// - a secret appears: [`Leak`], which names the secret and the place, and shows neither
    pub fn look_in(&self, place: &str, text: &str) -> Result<(), Leak> {
        let found = self.secrets.iter().find(|(_, value)| {
            let quoted = format!("{value:?}");
            let escaped = quoted.trim_matches('"');
            [value.as_str(), &form_encoded(value), escaped]
                .iter()
                .any(|spelling| text.contains(spelling))
        });
        match found {
            Some((name, _)) => Err(Leak {
                secret: name.clone(),
                place: place.to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Looks for the secrets in the `{:?}` and `{:#?}` output of a value.
    ///
    /// # Errors
    ///
    /// - as for [`look_in`](Self::look_in)
    pub fn look_in_debug(&self, place: &str, value: &dyn fmt::Debug) -> Result<(), Leak> {
        self.look_in(&format!("{place} as Debug"), &format!("{value:?}"))?;
        self.look_in(&format!("{place} as Debug"), &format!("{value:#?}"))
    }

    /// Looks for the secrets in an error and all its sources, in their `Display` and `Debug`
    /// output.
    ///
    /// # Errors
    ///
    /// - as for [`look_in`](Self::look_in)
    pub fn look_in_error(&self, place: &str, error: &(dyn Error + 'static)) -> Result<(), Leak> {
        let mut next = Some(error);
        while let Some(error) = next {
            self.look_in(&format!("{place} as Display"), &error.to_string())?;
            self.look_in_debug(place, &error)?;
            next = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_each_spelling() {
        let canaries = Canaries::new([("password", "p@ss \"word\"")]);
        for text in [
            "the p@ss \"word\" itself",
            "password=p%40ss+%22word%22",
            "Some(\"p@ss \\\"word\\\"\")",
        ] {
            let leak = canaries.look_in("the text", text).unwrap_err();
            assert_eq!(leak.to_string(), "the text holds the password");
        }
        assert!(canaries.look_in("the text", "p@ss").is_ok());
    }

    #[test]
    fn the_causes_of_an_error_are_looked_into() {
        let cause = std::io::Error::other("canary");
        let error = std::io::Error::other(crate::fixture::FixtureError::Read("file".into(), cause));
        let canaries = Canaries::new([("token", "canary")]);
        assert!(canaries.look_in_error("the error", &error).is_err());
    }

    #[test]
    fn canaries_do_not_print_themselves() {
        let canaries = Canaries::new([("token", "canary")]);
        assert_eq!(format!("{canaries:?}"), "{\"token\"}");
    }
}
