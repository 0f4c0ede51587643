//! The plot of the benchmarks: two bars an operation, drawn without any library.

use super::Run;

const WIDTH: f64 = 720.0;
/// Where the bars begin; the operations' names stand before it.
const LEFT: f64 = 230.0;
/// Room behind the longest bar for its figure.
const RIGHT: f64 = 190.0;
const TOP: f64 = 44.0;
const BAR: f64 = 16.0;
const STEP: f64 = 52.0;

/// Colors that can be told apart on white and on black, text in whatever the page's is.
const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.ours { fill: #0f766e; }
.theirs { fill: #a8a29e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ours { fill: #2dd4bf; }
  .theirs { fill: #78716c; }
}
";

/// The plot of a run as SVG.
pub(super) fn drawn(run: &Run) -> String {
    let longest = run
        .measured
        .iter()
        .flat_map(|measured| measured.nanoseconds)
        .fold(1.0, f64::max);
    let mut body = String::new();
    let mut y = TOP;
    for measured in &run.measured {
        let comparison = measured.comparison;
        let [ours, theirs] = measured.nanoseconds;
        body.push_str(&text(LEFT - 10.0, y + BAR + 4.0, "end", comparison.what));
        let faster = measured.faster();
        let figure = format!("{ours:.0} ns");
        body.push_str(&bar("ours", y, ours / longest, &figure));
        let figure = format!("{theirs:.0} ns, {faster:.1} x ({})", comparison.rival);
        body.push_str(&bar("theirs", y + BAR + 2.0, theirs / longest, &figure));
        y += STEP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" role=\"img\" \
         aria-label=\"Time of twoba-core beside that of its rivals\">\n<style>\n{STYLE}</style>\n\
         <text class=\"title\" x=\"12\" y=\"24\">Time of one operation: twoba-core above, its rival below \
         (shorter is better)</text>\n{body}</svg>\n"
    )
}

fn bar(class: &str, y: f64, share: f64, figure: &str) -> String {
    let width = (WIDTH - LEFT - RIGHT) * share;
    let bar = format!(
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>\n"
    );
    bar + &text(LEFT + width + 8.0, y + BAR - 3.0, "start", figure)
}

fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::sample;

    #[test]
    fn every_operation_has_two_bars_inside_the_picture() {
        let plot = drawn(&sample([100.0, 500.0]));
        assert_eq!(plot.matches("class=\"ours\"").count(), 5);
        assert_eq!(plot.matches("class=\"theirs\"").count(), 5);
        assert!(
            plot.contains("width=\"300.0\""),
            "the longest bar ends before its figure"
        );
        assert!(plot.contains("width=\"60.0\""));
    }

    #[test]
    fn a_name_cannot_break_the_picture() {
        assert!(text(0.0, 0.0, "start", "a < b & c").contains("a &lt; b &amp; c"));
    }
}
