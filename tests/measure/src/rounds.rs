//! How rounds are run and what counts of them: subjects take turns, and the medians count. What
//! else a machine does meets all of them alike.

use std::fmt;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use crate::Fault;

/// Something that is measured: each call is a round of it, and brings its figure.
pub struct Subject<'s> {
    /// Who it is.
    pub who: &'static str,
    round: Box<dyn FnMut() -> Result<f64, Fault> + 's>,
}

impl<'s> Subject<'s> {
    /// A subject.
    pub fn new(who: &'static str, round: impl FnMut() -> Result<f64, Fault> + 's) -> Self {
        Self {
            who,
            round: Box::new(round),
        }
    }

    /// One round.
    ///
    /// # Errors
    ///
    /// - it cannot do its work: as it says
    pub fn once(&mut self) -> Result<f64, Fault> {
        (self.round)()
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subject").field(&self.who).finish()
    }
}

/// The figures of one subject, a round after the other.
#[derive(Debug)]
pub struct Figures {
    /// Who it is.
    pub who: &'static str,
    figures: Vec<f64>,
}

impl Figures {
    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        median(self.figures.clone())
    }

    /// The median of what this is by the other in the same round.
    #[must_use]
    pub fn by(&self, other: &Self) -> f64 {
        let pairs = self.figures.iter().zip(&other.figures);
        median(pairs.map(|(one, other)| one / other).collect())
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The figures of each subject. Every second round goes backwards.
///
/// # Errors
///
/// - a subject cannot do its work: as it says
pub fn interleaved(rounds: usize, mut subjects: Vec<Subject<'_>>) -> Result<Vec<Figures>, Fault> {
    let figures = |subject: &Subject<'_>| Figures {
        who: subject.who,
        figures: Vec::with_capacity(rounds),
    };
    let mut figures: Vec<Figures> = subjects.iter().map(figures).collect();
    for _ in 0..rounds {
        for (subject, figures) in subjects.iter_mut().zip(&mut figures) {
            let figure = subject.once();
            let figure = figure.map_err(|fault| format!("{}: {fault}", subject.who))?;
            figures.figures.push(figure);
        }
        subjects.reverse();
        figures.reverse();
    }
    if rounds % 2 == 1 {
        figures.reverse();
    }
    Ok(figures)
}

/// Nanoseconds a call, where so many threads make so many calls each, all at once.
pub fn nanoseconds<T>(threads: usize, calls: u32, call: impl Fn() -> T + Sync) -> f64 {
    let begin = Barrier::new(threads);
    let measured = || {
        begin.wait();
        let since = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        since.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
    };
    if threads == 1 {
        return measured();
    }
    let spans: Vec<f64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(measured)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined.filter_map(Result::ok).collect()
    });
    spans.iter().sum::<f64>() / threads as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stay_with_their_subject_whichever_way_a_round_goes() {
        for rounds in [1, 2, 3, 4] {
            let subjects = vec![Subject::new("a", || Ok(1.0)), Subject::new("b", || Ok(2.0))];
            let figures = interleaved(rounds, subjects).unwrap();
            let [a, b] = &figures[..] else { panic!() };
            assert_eq!([a.who, b.who], ["a", "b"]);
            assert_eq!([a.median(), b.median(), b.by(a)], [1.0, 2.0, 2.0]);
        }
    }
}
