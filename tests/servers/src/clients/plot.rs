//! The picture of a run: a bar for each row that has one, the shorter the better.

use crate::jobs::{Job, Row};

const WIDTH: usize = 860;
const LINE: usize = 22;
/// Where bars begin, and the longest of a job.
const LEFT: usize = 330;
const LONGEST: f64 = 420.0;

/// The picture as SVG.
pub(super) fn drawn(jobs: &[Job]) -> String {
    let mut shapes = String::new();
    let mut y = LINE;
    for job in jobs {
        let rows = || job.rows.iter().filter_map(|row| Some((row, row.bar?)));
        let longest = rows().fold(0.0, |longest: f64, (_, bar)| longest.max(bar));
        if longest <= 0.0 {
            continue;
        }
        shapes.push_str(&format!(
            "<text x=\"10\" y=\"{y}\" class=\"title\">{}</text>\n",
            job.title
        ));
        y += LINE;
        for (row, bar) in rows() {
            shapes.push_str(&line(row, bar / longest * LONGEST, y));
            y += LINE;
        }
        y += LINE / 2;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y}\" \
         viewBox=\"0 0 {WIDTH} {y}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <style>.title {{ font-weight: bold }} .bar {{ fill: #9aa5b1 }} .ours {{ fill: #2f6fb0 }}\
         </style>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{shapes}</svg>\n"
    )
}

fn line(row: &Row, length: f64, y: usize) -> String {
    let class = if row.is_ours() { "bar ours" } else { "bar" };
    let (name, end, top) = (LEFT - 8, LEFT + 6, y - 12);
    format!(
        "<text x=\"{name}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
         <rect x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"15\" class=\"{class}\"/>\
         <text x=\"{end}\" dx=\"{length:.1}\" y=\"{y}\">{}</text>\n",
        row.who, row.figure
    )
}
