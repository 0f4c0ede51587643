//! The tables of a run, with what the project wants beside them.

use super::figures::{FAMILIES, Figures, MANY, PAIRS, Rounds};

/// The server that the others are compared with.
pub(super) const RIVAL: &str = "oidc-provider";

/// What the project wants: refreshes a second, MB, milliseconds.
const WANTED_PER_SECOND: f64 = 30_000.0;
const WANTED_MEMORY: f64 = 200.0;
const WANTED_START: f64 = 50.0;

/// All tables.
pub(super) fn written(figures: &Figures) -> String {
    let mut tables = "| server | refreshes a second | best round | times as many | its processor time a refresh | the load's |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    let rival = figures
        .servers
        .iter()
        .find(|rounds| rounds.name == RIVAL)
        .map(|rounds| rounds.median.per_second);
    for rounds in &figures.servers {
        tables.push_str(&row(rounds, rival));
    }
    tables.push_str("\n| what | reached | wanted |\n| --- | ---: | ---: |\n");
    tables.push_str(&reached(figures));
    tables
}

fn row(rounds: &Rounds, rival: Option<f64>) -> String {
    let median = rounds.median;
    let times = rival.map_or_else(
        || "-".to_owned(),
        |rival| format!("{:.1}", median.per_second / rival),
    );
    let [server, load] = match median.processor {
        Some(spans) => spans.map(|span| format!("{span:.1} \u{b5}s")),
        None => ["-".to_owned(), "-".to_owned()],
    };
    format!(
        "| {} | {:.0} | {:.0} | {times} | {server} | {load} |\n",
        rounds.name, median.per_second, rounds.best
    )
}

fn reached(figures: &Figures) -> String {
    let mut rows = String::new();
    let mut row = |what: &str, reached: &str, wanted: &str, good: bool| {
        let missed = if good { "" } else { ": not reached" };
        rows.push_str(&format!("| {what} | {reached} | {wanted}{missed} |\n"));
    };
    if let Some(ours) = figures.servers.first() {
        let per_second = ours.median.per_second;
        row(
            "refreshes a second",
            &format!("{per_second:.0}"),
            &format!("{WANTED_PER_SECOND}"),
            per_second >= WANTED_PER_SECOND,
        );
    }
    if let Some(memory) = figures.memory {
        row(
            &format!("most memory in {MANY} refreshes of {FAMILIES} logins"),
            &format!("{memory:.1} MB"),
            &format!("{WANTED_MEMORY} MB"),
            memory < WANTED_MEMORY,
        );
    }
    for (what, [median, longest]) in [
        ("start of `twoba emulator`", figures.program),
        ("start inside a process", figures.inside),
    ] {
        row(
            what,
            &format!("{median:.2} ms, {longest:.2} ms"),
            &format!("{WANTED_START} ms"),
            median < WANTED_START,
        );
    }
    let [one, both, neither, strange] = figures.pairs;
    row(
        &format!("{PAIRS} pairs of refreshes with one token"),
        &format!("{one} with one success, {both} with two, {neither} with none, {strange} strange"),
        "one success each",
        one == PAIRS,
    );
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::Round;

    fn figures(per_second: f64, one: u64) -> Figures {
        let rounds = |name, per_second| Rounds {
            name,
            median: Round {
                per_second,
                processor: Some([19.26, 12.5]),
            },
            best: 40_000.0,
        };
        Figures {
            servers: vec![rounds("twoba emulator", per_second), rounds(RIVAL, 3_700.0)],
            memory: Some(8.9),
            program: [4.0, 60.0],
            inside: [0.06, 0.5],
            pairs: [one, PAIRS - one, 0, 0],
        }
    }

    #[test]
    fn what_was_not_reached_is_said() {
        let page = written(&figures(37_000.0, PAIRS));
        assert!(!page.contains("not reached"), "{page}");
        assert!(
            page.contains(
                "| twoba emulator | 37000 | 40000 | 10.0 | 19.3 \u{b5}s | 12.5 \u{b5}s |"
            )
        );
        let page = written(&figures(29_000.0, PAIRS - 1));
        assert_eq!(page.matches("not reached").count(), 2);
        assert!(page.contains("| 99999 with one success, 1 with two, "));
    }
}
