//! Decides how a person with a real browser is played: a headless Chromium that is looked at, typed
//! and clicked into. Whatever is looked for is waited for, within a limit.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use tempfile::TempDir;
use twoba_testkit::Running;

use crate::prepared::prepared;
use crate::webdriver::Session;

/// Tell which browser and which driver there are; `cargo xtask test browser` does.
const BROWSER: &str = "TWOBA_CHROMIUM";
const DRIVER: &str = "TWOBA_CHROMEDRIVER";

/// A driver starts at once, unless the machine is busy.
const START_LIMIT: Duration = Duration::from_secs(60);

/// No page of ours takes longer to show what is looked for.
const LIMIT: Duration = Duration::from_secs(30);

/// Between two looks at a page.
const PAUSE: Duration = Duration::from_millis(20);

/// Keys that have no character, as the protocol writes them.
pub const TAB: char = '\u{E004}';
/// See [`TAB`].
pub const ENTER: char = '\u{E007}';

/// How a person has set up their browser.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// The languages that it asks for, as `nl,en`.
    pub languages: &'static str,
    /// Whether pages may run scripts.
    pub script: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            languages: "en",
            script: true,
        }
    }
}

/// A browser with a profile of its own; both end with this value.
#[derive(Debug)]
pub struct Chromium {
    // In this order: the browser is told to end, then its driver ends, then their folder goes.
    session: Session,
    _driver: Running,
    _home: TempDir,
}

impl Chromium {
    /// The browser, or `None` where this machine has none: see [`prepared`].
    #[must_use]
    pub fn start(habits: Habits) -> Option<Self> {
        let (browser, driver) = (prepared(BROWSER)?, prepared(DRIVER)?);
        let home = tempfile::tempdir().unwrap();
        let mut driver = Running::start(
            Command::new(driver)
                .arg("--port=0")
                .env("HOME", home.path())
                .env("TMPDIR", home.path()),
        )
        .unwrap();
        let url = format!("http://127.0.0.1:{}", port(&mut driver));
        let options = json!({
            "binary": browser,
            "args": [
                "--headless=new",
                // As root, and in containers, there is no sandbox to be had; it sees our pages only.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-first-run",
                // A page that still scrolls is clicked beside what is meant.
                "--force-prefers-reduced-motion",
                format!("--user-data-dir={}", home.path().join("profile").display()),
            ],
            "prefs": {
                "intl.accept_languages": habits.languages,
                // It begins with an empty page: the one that it would show takes seconds.
                "session.restore_on_startup": 4,
                "session.startup_urls": ["about:blank"],
                "profile.managed_default_content_settings.javascript":
                    if habits.script { 1 } else { 2 },
            },
        });
        Some(Self {
            session: Session::start(&url, &options),
            _driver: driver,
            _home: home,
        })
    }

    /// Goes to an address.
    pub fn open(&self, url: &str) {
        self.session.post("/url", &json!({"url": url})).unwrap();
    }

    /// What stands in the address bar.
    #[must_use]
    pub fn address(&self) -> String {
        text_of(self.session.get("/url").unwrap())
    }

    /// The page's title.
    #[must_use]
    pub fn title(&self) -> String {
        text_of(self.session.get("/title").unwrap())
    }

    /// The page as it is now, as HTML.
    #[must_use]
    pub fn source(&self) -> String {
        text_of(self.session.get("/source").unwrap())
    }

    /// Waits for a page whose title has this in it.
    #[track_caller]
    pub fn await_title(&self, part: &str) {
        until(&format!("a page about {part:?}"), || {
            let title = text_of(self.session.get("/title")?);
            if title.contains(part) {
                Ok(())
            } else {
                Err(format!("the title is {title:?} at {}", self.address()))
            }
        });
    }

    /// What an element shows.
    #[must_use]
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.ask(css, "/text")
    }

    /// A property of an element, as `value`.
    #[must_use]
    #[track_caller]
    pub fn property(&self, css: &str, name: &str) -> String {
        self.ask(css, &format!("/property/{name}"))
    }

    /// Types into an element, behind what stands there.
    #[track_caller]
    pub fn type_into(&self, css: &str, text: &str) {
        let typed = json!({"text": text});
        self.on(css, |element| {
            self.session.post(&format!("{element}/value"), &typed)
        });
    }

    /// Clicks on an element.
    #[track_caller]
    pub fn press(&self, css: &str) {
        self.on(css, |element| {
            self.session.post(&format!("{element}/click"), &json!({}))
        });
    }

    /// Presses keys, one after the other, wherever the keyboard is.
    pub fn keys(&self, keys: &str) {
        let press = |key: char| {
            ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()}))
        };
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        let all = json!({"actions": [keyboard]});
        self.session.post("/actions", &all).unwrap();
    }

    /// Waits until the element that has the keyboard has this `name`.
    #[track_caller]
    pub fn await_focus(&self, name: &str) {
        until(&format!("the keyboard in {name}"), || {
            let element = self.session.focused()?;
            let found = self.session.get(&format!("{element}/property/name"))?;
            if found == name {
                Ok(())
            } else {
                Err(format!("it is in {found}"))
            }
        });
    }

    /// Role and name of each element, as a screen reader says them.
    #[must_use]
    #[track_caller]
    pub fn spoken(&self, css: &str) -> Vec<(String, String)> {
        until(&format!("{css} to be read aloud"), || {
            let elements = self.session.elements(css)?;
            let said = |element: &String| {
                let role = self.session.get(&format!("{element}/computedrole"))?;
                let label = self.session.get(&format!("{element}/computedlabel"))?;
                Ok((text_of(role), text_of(label)))
            };
            elements.iter().map(said).collect()
        })
    }

    /// What a script of the test says of the page.
    #[must_use]
    pub fn evaluate(&self, expression: &str) -> Value {
        let script = json!({"script": format!("return {expression}"), "args": []});
        self.session.post("/execute/sync", &script).unwrap()
    }

    /// Looks through a window of this width in a light or a dark color scheme.
    pub fn look_through(&self, width: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", media),
        ] {
            self.session.devtools(command, &parameters).unwrap();
        }
    }

    /// What the window shows, as PNG.
    #[must_use]
    pub fn picture(&self) -> Vec<u8> {
        let picture = text_of(self.session.get("/screenshot").unwrap());
        Base64::decode_vec(&picture).unwrap()
    }

    #[track_caller]
    fn ask(&self, css: &str, command: &str) -> String {
        text_of(self.on(css, |element| {
            self.session.get(&format!("{element}{command}"))
        }))
    }

    /// Does something with the first element that the selector finds.
    #[track_caller]
    fn on(&self, css: &str, act: impl Fn(&str) -> Result<Value, String>) -> Value {
        until(css, || {
            let elements = self.session.elements(css)?;
            let element = elements.first();
            act(element.ok_or_else(|| format!("not on {}", self.address()))?)
        })
    }
}

/// What `look` sees, looked for again and again within a limit: a page may be on its way out or in.
#[track_caller]
#[expect(
    clippy::panic,
    reason = "what was seen instead is needed to see what went wrong"
)]
pub fn until<T>(what: &str, look: impl Fn() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match look() {
            Ok(seen) => return seen,
            Err(instead) if started.elapsed() > LIMIT => panic!("waited for {what}: {instead}"),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// The free port that the driver has taken.
fn port(driver: &mut Running) -> u16 {
    loop {
        let line = driver.stdout_line(START_LIMIT).unwrap();
        let line = line.expect("the driver ended before it was ready");
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().unwrap();
        }
    }
}

fn text_of(value: Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
