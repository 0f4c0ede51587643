//! Decides where the program `twoba` is found and how it is called; what it should say, the tests know.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use twoba_testkit::{Running, fixture};

/// No call of the program in a test takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// The program with an environment of its own: nothing of the machine's settings reaches it.
#[derive(Debug)]
pub struct Cli {
    settings: Vec<(String, String)>,
}

/// What a call of the program left behind.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Said {
    /// Standard output as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic_with(self, &error))
    }

    /// The same, if the program says that it succeeded.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "the text is needed to see what went wrong")]
fn panic_with(said: &Said, error: &dyn std::fmt::Display) -> ! {
    panic!("{error}: {said:?}")
}

impl Cli {
    /// The program with these variables, its home in `folder`.
    #[must_use]
    pub fn new(folder: &Path, settings: &[(&str, &str)]) -> Self {
        // There is no configuration file in it, unless a test writes one.
        let mut own = vec![("HOME".to_owned(), folder.display().to_string())];
        own.extend(
            settings
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        Self { settings: own }
    }

    /// Runs the program to its end, without input.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.finish(self.start(arguments))
    }

    /// Starts the program.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.around(program());
        Running::start(command.args(arguments)).unwrap()
    }

    /// Another program in the same environment, which finds this one as `$TWOBA`.
    #[must_use]
    pub fn around(&self, other: &Path) -> Command {
        let mut command = Command::new(other);
        command.env_clear().env("TWOBA", program());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs what a person pastes into a shell, in `folder`, with the program in the `PATH`.
    #[must_use]
    pub fn paste(&self, folder: &Path, lines: &str) -> Said {
        let own = program().parent().unwrap().display();
        let others = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command.args(["-c", lines]).env_clear().current_dir(folder);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.env("PATH", format!("{own}:{others}"));
        self.finish(Running::start(&mut command).unwrap())
    }

    /// Waits for its end.
    #[must_use]
    pub fn finish(&self, running: Running) -> Said {
        let ended = running.finish(LIMIT).unwrap();
        Said {
            code: ended.status.code().expect("ended by a signal"),
            stdout: ended.stdout,
            stderr: ended.stderr,
        }
    }
}

/// The program: the one of `TWOBA_PROGRAM`, else that of this build, made up to date once.
///
/// Cargo builds no program of another package for a test, so this asks it to.
#[must_use]
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(given) = std::env::var_os("TWOBA_PROGRAM") {
            return given.into();
        }
        // target/debug/deps/TEST is where a test runs from.
        let test = std::env::current_exe().unwrap();
        let built = test.ancestors().nth(2).unwrap();
        let profile = match built.file_name().and_then(|name| name.to_str()) {
            None | Some("debug") => "dev",
            Some(other) => other,
        };
        let target = built.parent().unwrap();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let made = Command::new(cargo)
            .args([
                "build",
                "--quiet",
                "--package",
                "twoba-cli",
                "--profile",
                profile,
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(fixture::workspace())
            .status()
            .unwrap();
        assert!(made.success(), "twoba-cli does not build");
        built.join(format!("twoba{}", std::env::consts::EXE_SUFFIX))
    })
}
