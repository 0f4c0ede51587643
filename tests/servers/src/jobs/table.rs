//! The tables of a run, with what the project wants beside them.

use super::{Job, Row};

/// A table for each job.
pub(crate) fn written(jobs: &[Job]) -> String {
    let mut tables = String::new();
    for job in jobs {
        tables.push_str(&format!(
            "| {} | figure | compared | at most | |\n| --- | ---: | ---: | ---: | --- |\n",
            job.title
        ));
        tables.extend(job.rows.iter().map(row));
        tables.push('\n');
    }
    tables
}

fn row(row: &Row) -> String {
    // Counts of bytes have no decimals worth reading.
    let number = |number: f64| match number {
        many if many >= 100.0 => format!("{many:.0}"),
        few => format!("{few:.2}"),
    };
    let compared = row.ratio.map_or_else(|| "-".to_owned(), number);
    let wanted = match (row.ratio, row.limit) {
        (Some(ratio), Some(limit)) if ratio > limit => format!("{}: not reached", number(limit)),
        (_, Some(limit)) => number(limit),
        (_, None) => "-".to_owned(),
    };
    let Row {
        who, figure, more, ..
    } = row;
    format!("| {who} | {figure} | {compared} | {wanted} | {more} |\n")
}
