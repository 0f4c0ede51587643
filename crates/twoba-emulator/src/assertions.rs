//! Remembers which assertions were used before (RFC 7523 section 3). It does not judge whether one
//! is valid.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::timestamp::Timestamp;

/// How many are remembered at once. A load test has as many in their minute of validity.
const MAX: usize = 100_000;

/// The numbers of assertions that are still valid, by digests of client and number.
#[derive(Debug, Default)]
pub(crate) struct Assertions {
    until: HashMap<[u8; 32], Timestamp>,
}

impl Assertions {
    /// Whether this assertion comes for the first time and can be remembered.
    pub(crate) fn takes(
        &mut self,
        client: &str,
        number: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> bool {
        if self.until.len() >= MAX {
            self.until.retain(|_, until| now < *until);
        }
        let digest = Sha256::new()
            .chain_update(client)
            .chain_update([0])
            .chain_update(number)
            .finalize();
        let known = self.until.get(digest.as_slice()).copied();
        if known.is_some_and(|until| now < until) || self.until.len() >= MAX {
            return false;
        }
        self.until.insert(digest.into(), until);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_taken_once_by_each_client_until_it_ends() {
        let mut known = Assertions::default();
        let at = Timestamp::from_millis;
        assert!(known.takes("a", "1", at(60), at(0)));
        assert!(!known.takes("a", "1", at(60), at(59)));
        assert!(known.takes("b", "1", at(60), at(59)));
        assert!(known.takes("a", "2", at(60), at(59)));
        assert!(known.takes("a", "1", at(120), at(60)));
    }
}
