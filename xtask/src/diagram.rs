//! `cargo xtask diagram`: draws the states of one generation of a grant, from the table of the transitions in words.
//! Tests of the core hold the words equal to the table, and the table to what sessions do.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::problem::Problem;

/// The table of the transitions in words.
const SOURCE: &str = "crates/twoba-core/src/session/transition/edges.txt";

/// The picture.
const PICTURE: &str = "docs/session-states.svg";

const WIDTH: f64 = 920.0;
const BOX: (f64, f64) = (130.0, 46.0);

/// Height of the part with the states; the legend stands below it.
const PART: f64 = 400.0;

/// Letters of the legend that fit a line.
const LINE: usize = 118;

/// Where each state stands: its name, and the middle of its box.
const PLACES: [(&str, f64, f64); 8] = [
    ("Idle", 130.0, 160.0),
    ("Gone", 130.0, 340.0),
    ("Intent", 430.0, 160.0),
    ("Dead", 430.0, 340.0),
    ("Ambiguous", 780.0, 340.0),
    ("Transient", 780.0, 50.0),
    ("Refused", 780.0, 140.0),
    ("Not sent", 780.0, 230.0),
];

const STYLE: &str = "\
text{font:14px system-ui,sans-serif;fill:#1f2328}\
.state{font-weight:600;text-anchor:middle}\
.box{fill:#f6f8fa;stroke:#57606a}\
.dead{fill:#ffebe9;stroke:#cf222e}\
.way{fill:none;stroke:#57606a;stroke-width:1.4;marker-end:url(#tip)}\
.tip{fill:#57606a}\
.number{font-size:12px;text-anchor:middle}\
.disc{fill:#fff;stroke:#8c959f}\
.small{font-size:13px}\
.ground{fill:#fff}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}.box{fill:#161b22;stroke:#8b949e}.dead{fill:#3d1214;stroke:#f85149}\
.way{stroke:#8b949e}.tip{fill:#8b949e}.disc{fill:#0d1117;stroke:#6e7681}.ground{fill:#0d1117}}";

/// A way from one state to another, and the reasons to take it.
#[derive(Debug, PartialEq, Eq)]
struct Way {
    from: String,
    to: String,
    reasons: Vec<String>,
}

/// Draws the picture anew.
pub(crate) fn write(root: &Path) -> Result<()> {
    let picture = drawn(root)?;
    fs::write(root.join(PICTURE), picture).with_context(|| format!("cannot write {PICTURE}"))
}

/// Finds a picture that no longer shows what the source says.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let picture = drawn(root)?;
    let kept = fs::read_to_string(root.join(PICTURE)).unwrap_or_default();
    if kept == picture {
        return Ok(Vec::new());
    }
    let advice = "out of date; run `cargo xtask diagram`";
    Ok(vec![Problem::new(PICTURE, 1, advice)])
}

fn drawn(root: &Path) -> Result<String> {
    let source =
        fs::read_to_string(root.join(SOURCE)).with_context(|| format!("cannot read {SOURCE}"))?;
    svg(&ways(&source)?)
}

/// The lines `FROM -> TO: why`, in their order; the same way with another reason is one way.
fn ways(source: &str) -> Result<Vec<Way>> {
    let mut ways: Vec<Way> = Vec::new();
    for line in source.lines() {
        let split = line.split_once(" -> ").and_then(|(from, rest)| {
            let (to, why) = rest.split_once(": ")?;
            Some((from, to, why))
        });
        let Some((from, to, why)) = split else {
            bail!("{SOURCE}: `{line}` is no `FROM -> TO: why`");
        };
        match ways.iter_mut().find(|way| way.from == from && way.to == to) {
            Some(way) => way.reasons.push(why.to_owned()),
            None => ways.push(Way {
                from: from.to_owned(),
                to: to.to_owned(),
                reasons: vec![why.to_owned()],
            }),
        }
    }
    Ok(ways)
}

fn place(state: &str) -> Result<(f64, f64)> {
    let place = PLACES.iter().find(|(name, _, _)| *name == state);
    let (_, x, y) = place
        .with_context(|| format!("xtask/src/diagram.rs has no place for the state {state}"))?;
    Ok((*x, *y))
}

fn svg(ways: &[Way]) -> Result<String> {
    let legend: Vec<String> = ways
        .iter()
        .enumerate()
        .flat_map(|(at, way)| told(at + 1, way))
        .collect();
    let height = PART + 30.0 + 20.0 * f64::from(u32::try_from(legend.len())?);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\">\n<title>The states of one generation of a grant</title>\n\
         <style>{STYLE}</style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto-start-reverse\"><path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
    );
    let mut discs = String::new();
    for (at, way) in ways.iter().enumerate() {
        let returns = ways
            .iter()
            .any(|other| other.from == way.to && other.to == way.from);
        let (path, (x, y)) = line(way, returns)?;
        writeln!(out, "<path class=\"way\" d=\"{path}\"/>")?;
        writeln!(
            discs,
            "<circle class=\"disc\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"10\"/>\
             <text class=\"number\" x=\"{x:.0}\" y=\"{:.0}\">{}</text>",
            y + 4.0,
            at + 1
        )?;
    }
    out.push_str(&discs);
    for (name, x, y) in PLACES {
        let class = if name == "Dead" { "box dead" } else { "box" };
        let (left, top) = (x - BOX.0 / 2.0, y - BOX.1 / 2.0);
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{left:.0}\" y=\"{top:.0}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\
             <text class=\"state\" x=\"{x:.0}\" y=\"{:.0}\">{name}</text>",
            BOX.0,
            BOX.1,
            y + 5.0
        )?;
    }
    for (at, text) in legend.iter().enumerate() {
        let y = PART + 20.0 + 20.0 * f64::from(u32::try_from(at)?);
        writeln!(
            out,
            "<text class=\"small\" x=\"24\" y=\"{y:.0}\" xml:space=\"preserve\">{text}</text>"
        )?;
    }
    out.push_str("</svg>\n");
    Ok(out)
}

/// The path of a way, and where its number stands.
fn line(way: &Way, returns: bool) -> Result<(String, (f64, f64))> {
    let (x, y) = place(&way.to)?;
    if way.from == "any" {
        // From nowhere in particular: above or below, where nothing else stands.
        let (outside, edge) = match way.to.as_str() {
            "Idle" => (y - 90.0, y - BOX.1 / 2.0),
            _ => (y + 62.0, y + BOX.1 / 2.0),
        };
        let middle = f64::midpoint(outside, edge);
        return Ok((format!("M{x:.0} {outside:.0}V{edge:.0}"), (x, middle)));
    }
    if way.from == way.to {
        let top = y - BOX.1 / 2.0;
        let path = format!("M{:.0} {top:.0}c-20 -70 60 -70 40 0", x - 20.0);
        return Ok((path, (x, top - 52.0)));
    }
    let start = place(&way.from)?;
    let (dx, dy) = (x - start.0, y - start.1);
    let length = dx.hypot(dy);
    // Two ways between the same two states keep to one side each.
    let aside = if returns { 9.0 } else { 0.0 };
    let (sx, sy) = (-dy / length * aside, dx / length * aside);
    let (leave, arrive) = (border((sx, sy), (dx, dy)), border((sx, sy), (-dx, -dy)));
    let from = (start.0 + leave.0, start.1 + leave.1);
    let to = (x + arrive.0, y + arrive.1);
    // The number stands nearer to where the way begins, so that those of a pair keep apart.
    let part = if returns { 0.4 } else { 0.5 };
    let number = (
        from.0 + (to.0 - from.0) * part,
        from.1 + (to.1 - from.1) * part,
    );
    let path = format!("M{:.0} {:.0}L{:.0} {:.0}", from.0, from.1, to.0, to.1);
    Ok((path, number))
}

/// From a point near the middle of a box to the box's border, in this direction; both count from the middle.
fn border(from: (f64, f64), (dx, dy): (f64, f64)) -> (f64, f64) {
    let (half_width, half_height) = (BOX.0 / 2.0 + 2.0, BOX.1 / 2.0 + 2.0);
    let reach = |half: f64, at: f64, step: f64| match step.abs() {
        0.001.. => (half * step.signum() - at) / step,
        _ => f64::INFINITY,
    };
    let scale = reach(half_width, from.0, dx).min(reach(half_height, from.1, dy));
    (from.0 + dx * scale, from.1 + dy * scale)
}

/// The lines of the legend for a way.
fn told(number: usize, way: &Way) -> Vec<String> {
    let text = format!("{} → {}: {}", way.from, way.to, way.reasons.join("; "));
    let mut lines = vec![format!("{number:>2}  ")];
    for word in text.split(' ') {
        let full = lines
            .last()
            .is_some_and(|line| line.chars().count() + word.chars().count() > LINE);
        if full {
            lines.push("      ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&word.replace('&', "&amp;").replace('<', "&lt;"));
            line.push(' ');
        }
    }
    lines
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_same_way_are_one_way() {
        let source = "Idle -> Intent: a\nIntent -> Dead: b\nIdle -> Intent: c: d\n";
        let ways = ways(source).unwrap();
        assert_eq!(ways.len(), 2);
        assert_eq!(ways[0].reasons, ["a", "c: d"]);
        let picture = svg(&ways).unwrap();
        assert!(picture.contains("Idle → Intent: a; c: d"), "{picture}");
    }

    #[test]
    fn a_line_without_a_reason_or_of_an_unknown_state_is_an_error() {
        assert!(ways("Idle -> Intent\n").is_err());
        let unknown = ways("Idle -> Nowhere: a\n").unwrap();
        assert!(svg(&unknown).is_err());
    }
}
