//! A process is killed in the middle of a refresh (`kill -9`, no handler, no goodbye), and the next one goes on.
//!
//! Nine points of a refresh, times what the server does with spent tokens, times the replay rules
//! that fit. The killed process is a real one, on a real folder, a real SQLite database or a real
//! PostgreSQL, and tells where it is before it is
//! killed, so that nothing here is timed and nothing sleeps; the server's clock is moved by hand and
//! all processes tell the time by it. The emulator's journal is the judge.
//!
//! Each cell is played twenty times over a folder and three times over a database, or as often as
//! `TWOBA_KILL_RUNS` says: each time half a write is
//! cut at another place, and in turn the old token has ended, is due, and is fresh while another one is
//! wanted.

#![cfg(unix)]

#[cfg(test)]
mod aftermath;
#[cfg(test)]
mod paused;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod table;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use twoba_tests::KillPoint;

    use crate::aftermath;
    use crate::scene::{Cut, Over};
    use crate::table::{Column, Ending, Rule, Server};

    /// How often each cell is played, where the environment does not say.
    const RUNS: usize = 20;

    /// The same over a database, which cuts no write: a late refresh, an early one, and a forced one.
    const RUNS_OF_DATABASES: usize = 3;

    /// The variable that says how often each cell is played.
    const KILL_RUNS: &str = "TWOBA_KILL_RUNS";

    /// Runs that go on at the same time.
    const THREADS: usize = 2;

    fn runs(over: &Over) -> usize {
        let given = std::env::var(KILL_RUNS).ok();
        let usual = match over {
            Over::Folder => RUNS,
            Over::Database | Over::Fleet(_) => RUNS_OF_DATABASES,
        };
        let runs: usize = given.map_or(usual, |given| given.parse().unwrap());
        runs.max(1)
    }

    /// Plays every cell of a column over a folder.
    #[track_caller]
    fn check(server: Server, rule: Rule) {
        check_over(&Over::Folder, server, rule);
    }

    /// All columns.
    const COLUMNS: [(Server, Rule); 10] = [
        (Server::Strict, Rule::Never),
        (Server::Strict, Rule::Once),
        (Server::Grace(30), Rule::Never),
        (Server::Grace(30), Rule::Once),
        (Server::Grace(30), Rule::Within(30)),
        (Server::Grace(120), Rule::Once),
        (Server::Grace(120), Rule::Within(120)),
        (Server::Reusable, Rule::Never),
        (Server::Reusable, Rule::Once),
        (Server::Reusable, Rule::Within(30)),
    ];

    #[test]
    fn the_table_holds_over_a_database() {
        for (server, rule) in COLUMNS {
            check_over(&Over::Database, server, rule);
        }
    }

    #[test]
    fn the_table_holds_over_a_database_of_a_fleet() {
        let Some(over) = Over::fleet() else { return };
        for (server, rule) in COLUMNS {
            check_over(&over, server, rule);
        }
    }

    /// Plays every cell of a column, and fails with all that did not end as the table says.
    #[track_caller]
    fn check_over(over: &Over, server: Server, rule: Rule) {
        let column = Column { server, rule };
        let runs = runs(over);
        let points = KillPoint::ALL.into_iter().filter(|point| over.has(*point));
        let points: Vec<KillPoint> = points.collect();
        let next = AtomicUsize::new(0);
        let wrong = Mutex::new(BTreeMap::<(KillPoint, String), usize>::new());
        let play = || {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let Some(&point) = points.get(number / runs) else {
                    return;
                };
                let cut = Cut::of(number % runs, runs);
                if let Err(what) = aftermath::play(over, column, point, cut) {
                    *wrong.lock().unwrap().entry((point, what)).or_default() += 1;
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(play);
            }
        });
        let wrong = wrong.into_inner().unwrap();
        let lines: Vec<String> = wrong
            .iter()
            .map(|((point, what), count)| format!("killed at {point}: {what} ({count} of {runs})"))
            .collect();
        assert!(lines.is_empty(), "{column}, {over:?}\n{}", lines.join("\n"));
    }

    #[test]
    fn the_table_holds_at_a_strict_server_that_is_never_asked_twice() {
        check(Server::Strict, Rule::Never);
    }

    #[test]
    fn the_table_holds_at_a_strict_server_that_is_asked_once_more() {
        check(Server::Strict, Rule::Once);
    }

    #[test]
    fn the_table_holds_at_a_server_with_a_window_that_is_never_asked_twice() {
        check(Server::Grace(30), Rule::Never);
    }

    #[test]
    fn the_table_holds_at_a_server_with_a_window_that_is_asked_once_more() {
        check(Server::Grace(30), Rule::Once);
    }

    #[test]
    fn the_table_holds_at_a_server_with_a_window_that_is_asked_within_it() {
        check(Server::Grace(30), Rule::Within(30));
    }

    #[test]
    fn the_table_holds_at_a_server_with_a_window_that_outlasts_the_wait_that_is_asked_once_more() {
        check(Server::Grace(120), Rule::Once);
    }

    #[test]
    fn the_table_holds_at_a_server_with_a_window_that_outlasts_the_wait_that_is_asked_within_it() {
        check(Server::Grace(120), Rule::Within(120));
    }

    #[test]
    fn the_table_holds_at_a_server_whose_tokens_are_reusable_that_is_never_asked_twice() {
        check(Server::Reusable, Rule::Never);
    }

    #[test]
    fn the_table_holds_at_a_server_whose_tokens_are_reusable_that_is_asked_once_more() {
        check(Server::Reusable, Rule::Once);
    }

    #[test]
    fn the_table_holds_at_a_server_whose_tokens_are_reusable_that_is_asked_within_a_window() {
        check(Server::Reusable, Rule::Within(30));
    }

    #[test]
    fn a_crash_loop_replays_once_in_all() {
        aftermath::crash_loop(
            Column {
                server: Server::Strict,
                rule: Rule::Once,
            },
            &[KillPoint::IntentStored, KillPoint::IntentStored],
            Ending {
                kept: false,
                refreshes: 0,
                rotations: 0,
                reuse: 0,
            },
        );
    }

    #[test]
    fn a_crash_loop_inside_a_window_goes_on_until_a_process_survives() {
        aftermath::crash_loop(
            Column {
                server: Server::Grace(120),
                rule: Rule::Within(120),
            },
            &[
                KillPoint::RotationHalfWritten,
                KillPoint::Committed,
                KillPoint::AnswerRead,
            ],
            Ending {
                kept: true,
                refreshes: 4,
                rotations: 1,
                reuse: 0,
            },
        );
    }
}
