//! Pauses between attempts, drawn at random so that those who wait do not keep step.

use std::time::Duration;

use twoba_store::Error;

/// The pauses between attempts. They double up to the longest one. Each is drawn between its half
/// and its whole.
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
    random: Option<[u8; 32]>,
    drawn: usize,
}

impl Pauses {
    /// Pauses from `first` up to `longest`.
    pub(crate) fn between(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
            random: None,
            drawn: 0,
        }
    }

    pub(crate) fn next(
        &mut self,
        entropy: impl FnOnce() -> Result<[u8; 32], Error>,
    ) -> Result<Duration, Error> {
        let random = match self.random {
            Some(random) => random,
            None => *self.random.insert(entropy()?),
        };
        let byte = random.get(self.drawn % random.len()).copied().unwrap_or(0);
        self.drawn = self.drawn.wrapping_add(1);
        let half = self.next / 2;
        let pause = half + half * u32::from(byte) / 255;
        self.next = (self.next * 2).min(self.longest);
        Ok(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_the_first_to_the_longest() {
        let (first, longest) = (Duration::from_millis(5), Duration::from_millis(100));
        let mut pauses = Pauses::between(first, longest);
        let drawn: Vec<Duration> = (0..40)
            .map(|_| pauses.next(|| Ok([200; 32])).unwrap())
            .collect();
        assert!(drawn.iter().is_sorted());
        assert!(drawn.iter().all(|pause| *pause >= first / 2));
        assert!(drawn.iter().all(|pause| *pause <= longest));
        assert!(drawn.last() > Some(&(longest / 2)));
    }
}
