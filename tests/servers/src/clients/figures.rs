//! What was measured.

/// A job, and what was measured of everybody at it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
}

/// What was measured of one subject.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) who: String,
    /// With its unit.
    pub(super) figure: String,
    /// How long its bar is; none where there is nothing to compare.
    pub(super) bar: Option<f64>,
    /// What is compared with the limit.
    pub(super) ratio: Option<f64>,
    pub(super) limit: Option<f64>,
    pub(super) more: String,
}

impl Row {
    /// Whether it is one of twoba's adapters.
    pub(super) fn is_ours(&self) -> bool {
        self.who.starts_with("twoba")
    }
}
