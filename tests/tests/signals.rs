//! What becomes of a refresh and of the terminal when the program is told to end.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use twoba_testkit::Running;
use twoba_tests::{Cli, Desk, Detour, Terminal, prepared, refresh_token_at};

const LIMIT: Duration = Duration::from_secs(20);

/// Each signal, and how a shell sees the end of a program that it has ended.
const SIGNALS: [(Signal, i32); 3] = [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)];

fn send(signal: Signal, running: &Running) {
    let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Somebody who is logged in, and whose way to the token endpoint can be held up.
struct Scene {
    desk: Desk,
    detour: Detour,
}

impl Scene {
    fn new() -> Self {
        let desk = Desk::new();
        let detour = Detour::to(desk.emulator.addr());
        let scene = Self { desk, detour };
        scene.cli().run(&["login", "--password"]).done();
        scene
    }

    fn cli(&self) -> Cli {
        let url = format!("{}/OAuth/Token", self.detour.url());
        self.desk.cli(&[("TWOBA_TOKEN_URL", &url)])
    }

    /// A refresh that has rotated at the server, its answer held back.
    fn refreshing(&self) -> (Cli, Running) {
        let cli = self.cli();
        self.detour.hold();
        let running = cli.start(&["token", "--force-refresh"]);
        self.detour.wait_for_held(1);
        (cli, running)
    }
}

#[test]
fn a_signal_is_obeyed_when_the_refresh_that_is_out_is_stored() {
    for (signal, code) in SIGNALS {
        let scene = Scene::new();
        let (cli, mut running) = scene.refreshing();
        send(signal, &running);
        let told = running.stderr_line(LIMIT).unwrap().unwrap();
        assert!(told.contains("ends when its new token is stored"), "{told}");
        scene.detour.let_go();
        let said = cli.finish(running);
        assert_eq!(said.code, code, "{said:?}");
        let status = scene.cli().run(&["status", "--json"]).done().json();
        assert_eq!(status["generation"], 2, "{status}");
        scene.cli().run(&["token", "--force-refresh"]).done();
        let counts = scene.desk.emulator.counts();
        assert_eq!((counts.rotations, counts.reuse), (2, 0));
    }
}

/// The other client's token is spent by then, and no other copy of its successor is left.
#[test]
fn a_signal_is_obeyed_when_the_import_that_is_out_is_stored() {
    for (signal, code) in SIGNALS {
        let scene = Scene::new();
        let (cli, token) = (scene.cli(), refresh_token_at(scene.desk.emulator.url()));
        scene.detour.hold();
        let mut running = cli.start(&["import"]);
        running.write_line(token.expose()).unwrap();
        scene.detour.wait_for_held(1);
        send(signal, &running);
        let told = running.stderr_line(LIMIT).unwrap().unwrap();
        assert!(told.contains("ends when its new token is stored"), "{told}");
        scene.detour.let_go();
        let said = cli.finish(running);
        assert_eq!(said.code, code, "{said:?}");
        scene.cli().run(&["token", "--force-refresh"]).done();
        let counts = scene.desk.emulator.counts();
        assert_eq!((counts.rotations, counts.reuse), (2, 0));
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    for (signal, code) in SIGNALS {
        let scene = Scene::new();
        let (cli, mut running) = scene.refreshing();
        send(signal, &running);
        let told = running.stderr_line(LIMIT).unwrap().unwrap();
        assert!(told.contains("second signal"), "{told}");
        send(signal, &running);
        // The answer is still held back.
        let said = cli.finish(running);
        assert_eq!(said.code, code, "{said:?}");
        scene.detour.let_go();
    }
}

#[test]
fn a_signal_ends_a_login_that_waits_at_once() {
    for (signal, code) in SIGNALS {
        let desk = Desk::new();
        let cli = desk.cli(&[("BROWSER", "false"), ("PATH", "")]);
        let mut running = cli.start(&["login"]);
        running.stderr_line(LIMIT).unwrap().unwrap();
        send(signal, &running);
        assert_eq!(cli.finish(running).code, code);
    }
}

#[test]
fn a_signal_takes_the_emulators_folder_away_with_it() {
    for (signal, code) in SIGNALS {
        let home = tempfile::tempdir().unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().to_str().unwrap();
        let cli = Cli::new(home.path(), &[("TMPDIR", folder)]);
        let mut running = cli.start(&["emulator", "--listen", "127.0.0.1:0"]);
        running.stdout_line(LIMIT).unwrap().unwrap();
        let count = || std::fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(count(), 1);
        send(signal, &running);
        assert_eq!(cli.finish(running).code, code);
        assert_eq!(count(), 0, "{signal:?}");
    }
}

/// bash shows what is typed again by itself; dash and busybox do not. `sh` is dash on Debian.
#[test]
fn a_prompt_that_is_ended_leaves_the_terminal_showing_what_is_typed() {
    let busybox = prepared("TWOBA_BUSYBOX");
    let busybox = busybox
        .as_ref()
        .map(|place| [place.to_str().unwrap(), "sh"]);
    let mut shells: Vec<&[&str]> = vec![&["sh"]];
    shells.extend(busybox.as_ref().map(|words| words.as_slice()));
    for shell in shells {
        let desk = Desk::new();
        let settings = [("TWOBA_PASSWORD", "")];
        // Ctrl-C, and two signals that come from elsewhere.
        for (how, code) in [("", 130), ("TERM", 143), ("HUP", 129)] {
            let script = format!(
                "trap : INT HUP; echo begun; \
                 if [ -n '{how}' ]; then (while ! [ -e \"$HOME/asked\" ]; do :; done; \
                 kill -{how} $(cat \"$HOME/pid\")) & fi; \
                 sh -c 'echo $$ > \"$HOME/pid\"; exec \"$TWOBA\" login --password --username u'; \
                 echo code $?; stty -a; echo over"
            );
            drop(std::fs::remove_file(desk.home.path().join("asked")));
            let mut terminal = Terminal::start(&desk.cli(&settings), shell, &script);
            terminal.wait_for("begun");
            terminal.wait_for("Password of u: ");
            if how.is_empty() {
                terminal.press("\u{3}");
            } else {
                std::fs::write(desk.home.path().join("asked"), "").unwrap();
            }
            terminal.wait_for(&format!("code {code}"));
            let modes = terminal.wait_for("over");
            assert!(
                modes.contains(" echo ") && !modes.contains("-echo "),
                "{shell:?} {how}: {modes}"
            );
        }
    }
}
