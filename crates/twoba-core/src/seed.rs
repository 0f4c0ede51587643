//! Randomness as an argument. The caller supplies entropy, and the core expands it.

use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use alloc::string::String;

use crate::secret::wipe;

/// 32 bytes from a cryptographically secure source, for one purpose.
///
/// A seed cannot be copied, so that two logins never share a state or a verifier by accident. Every
/// value drawn from it is a SHA-256 of the seed and a counter.
pub struct Seed {
    bytes: [u8; 32],
    drawn: u64,
}

impl Seed {
    /// Makes a seed of these bytes. They must come from a secure random source, because logins are
    /// safe only if nobody can guess them.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes, drawn: 0 }
    }

    /// The next 32 bytes of the sequence.
    pub(crate) fn draw(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.bytes);
        hash.update(self.drawn.to_be_bytes());
        self.drawn = self.drawn.wrapping_add(1);
        hash.finalize().into()
    }

    /// The next 256 bits as 43 characters that are safe in a URL.
    pub(crate) fn draw_text(&mut self) -> Zeroizing<String> {
        let mut drawn = self.draw();
        let text = text(&drawn);
        wipe(&mut drawn);
        text
    }

    /// The last 256 bits as 43 characters that are safe in a URL. They come from the seed itself,
    /// about which the earlier values reveal nothing.
    #[must_use]
    pub fn into_text(self) -> Zeroizing<String> {
        text(&self.bytes)
    }

    /// The next 128 bits.
    pub(crate) fn draw_id(&mut self) -> [u8; 16] {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = self.draw();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }

    /// The next number below `bound`, or 0 for a bound of 0. The bias is below 2^-32 for every
    /// bound that time spans in milliseconds need.
    pub(crate) fn draw_below(&mut self, bound: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.draw();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
            .checked_rem(bound)
            .unwrap_or(0)
    }
}

fn text(bytes: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(Base64UrlUnpadded::encode_string(bytes))
}

impl Drop for Seed {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn draws_do_not_repeat_and_depend_on_the_seed() {
        let mut seed = Seed::from_bytes([7; 32]);
        let mut other = Seed::from_bytes([8; 32]);
        let drawn: BTreeSet<_> = (0..1000)
            .flat_map(|_| [seed.draw(), other.draw()])
            .collect();
        assert_eq!(drawn.len(), 2000);
        assert_eq!(seed.draw_below(0), 0);
        assert!(seed.draw_below(10) < 10);
    }
}
