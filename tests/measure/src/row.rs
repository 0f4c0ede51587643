//! A line of a table, as the chore that writes the page reads it.

use serde_json::{Value, json};

/// What was measured of one subject at one job.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Who did what.
    pub who: String,
    /// The figure, and beside what it is held, with their units.
    pub figure: String,
    /// How long a bar is that shows it; none where there is nothing to compare.
    pub bar: Option<f64>,
    /// The figure by that of the reference, or what else is compared with the limit.
    pub ratio: Option<f64>,
    /// The most that is wanted of `ratio`.
    pub limit: Option<f64>,
    /// What else is to be known of it.
    pub more: String,
}

impl Row {
    /// A row for this subject.
    #[must_use]
    pub fn new(who: impl Into<String>, figure: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            figure: figure.into(),
            ..Self::default()
        }
    }

    /// The same with what is compared with a limit.
    #[must_use]
    pub fn held(mut self, ratio: f64, limit: Option<f64>) -> Self {
        self.ratio = Some(ratio);
        self.limit = limit;
        self
    }

    /// The same with a bar in the picture.
    #[must_use]
    pub fn drawn(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }

    /// The same with what else is to be known.
    #[must_use]
    pub fn and(mut self, more: impl Into<String>) -> Self {
        self.more = more.into();
        self
    }

    fn json(&self) -> Value {
        json!({
            "who": self.who,
            "figure": self.figure,
            "bar": self.bar,
            "ratio": self.ratio,
            "limit": self.limit,
            "more": self.more,
        })
    }
}

/// A job with its rows.
#[must_use]
pub fn job(name: &str, rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows.iter().map(Row::json).collect();
    json!({ "job": name, "rows": rows })
}
