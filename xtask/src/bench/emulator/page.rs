//! The emulator's part of the page of the benchmarks. The figures come from a run.

use super::{CONNECTIONS, FAMILIES, Figures, MANY, PAIRS, ROUNDS, Rounds, STARTS};

/// What the project wants: refreshes a second, MB, milliseconds.
const WANTED_PER_SECOND: f64 = 30_000.0;
const WANTED_MEMORY: f64 = 200.0;
const WANTED_START: f64 = 50.0;

/// Behind the heading.
pub(super) fn written(figures: &Figures) -> String {
    let mut page = format!(
        "\n{}\n\n\
         | server | refreshes a second | best round | times as many | its processor time a refresh | the load's |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
        how()
    );
    let rival = figures
        .servers
        .iter()
        .find(|rounds| rounds.name == "oidc-provider")
        .map(|rounds| rounds.median.per_second);
    for rounds in &figures.servers {
        page.push_str(&row(rounds, rival));
    }
    page.push_str("\n| what | reached | wanted |\n| --- | ---: | ---: |\n");
    page.push_str(&reached(figures));
    page.push_str(&format!("\nMeasured: {}.\n", figures.who));
    page
}

fn how() -> String {
    format!(
        "Made by `cargo xtask bench emulator`. {CONNECTIONS} kept connections refresh the tokens of {FAMILIES} \
         logins in turn, each with a rotation; every answer is looked at for its new refresh token, which the \
         next request of its login presents. The load is one thread of `tests/load` and shares the machine with \
         the server. Servers are measured in {ROUNDS} rounds, one after the other in each, started and warmed up \
         anew; the figures are those of the median round but where the best is named. oidc-provider keeps its tokens in plain maps. *A fixed \
         answer* looks at nothing and is the ceiling of sockets and load.\n\n\
         Two refreshes of a pair go over two connections at once, half of them with both begun before either \
         ends; exactly one has to get tokens. A pair begins with a login, as the loser ends the family. A start \
         ends with the line of JSON, and inside a process with `Builder::start`; its figures are the median and \
         the longest of {STARTS} and of 100."
    )
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
    use crate::bench::emulator::Round;

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
            servers: vec![
                rounds("twoba emulator", per_second),
                rounds("oidc-provider", 3_700.0),
            ],
            memory: Some(8.9),
            program: [4.0, 60.0],
            inside: [0.06, 0.5],
            pairs: [one, PAIRS - one, 0, 0],
            who: "somebody".to_owned(),
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
