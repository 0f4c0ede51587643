//! What a run of the benchmark has measured. `docs/benchmarks.md` tells how, and names these numbers.

/// How often each server is measured, in turn with the others.
pub(super) const ROUNDS: usize = 5;
/// How many connections are kept.
pub(super) const CONNECTIONS: u64 = 16;
/// How many logins are refreshed in turn.
pub(super) const FAMILIES: u64 = 1_000;
/// How many refreshes the memory is looked at after.
pub(super) const MANY: u64 = 1_000_000;
/// How often the program is started.
pub(super) const STARTS: usize = 21;
/// How many pairs of refreshes run for one token each.
pub(super) const PAIRS: u64 = 100_000;

/// One round of one server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) per_second: f64,
    /// Microseconds of processor time a refresh, of the server and of the load; known on Linux only.
    pub(super) processor: Option<[f64; 2]>,
}

/// All rounds of one server.
#[derive(Debug)]
pub(super) struct Rounds {
    pub(super) name: &'static str,
    pub(super) median: Round,
    /// Refreshes a second in the best round: what else a machine does makes rounds slower, none faster.
    pub(super) best: f64,
}

/// All that a run has said.
#[derive(Debug)]
pub(super) struct Figures {
    /// The servers that run here, ours first.
    pub(super) servers: Vec<Rounds>,
    /// The most memory that the emulator ever had, in MB, after very many refreshes.
    pub(super) memory: Option<f64>,
    /// Milliseconds from the start of the program to its line, the median and the longest.
    pub(super) program: [f64; 2],
    /// The same for an emulator inside a process.
    pub(super) inside: [f64; 2],
    /// How many of all pairs got one success, two, none, and one with something strange.
    pub(super) pairs: [u64; 4],
}
