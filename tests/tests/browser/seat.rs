//! Where a person with a real browser sits, and the ways over the login page.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use twoba_tests::{Chromium, Desk, Habits, Login, USER, until};

/// The fields and buttons of a login page.
pub(crate) const NAME: &str = "input[name=username]";
pub(crate) const PASSWORD_FIELD: &str = "input[name=password]";
pub(crate) const LOG_IN: &str = "button[name=action][value=login]";
pub(crate) const CANCEL: &str = "button[name=action][value=cancel]";
/// What a page says is wrong.
pub(crate) const ALERT: &str = "[role=alert]";

/// Notes the address that it is given, as the browser that the system opens would be.
const OPENER: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$0.called\"\n";

/// A desk with a browser on it.
pub(crate) struct Seat {
    pub(crate) chromium: Chromium,
    pub(crate) desk: Desk,
}

impl Seat {
    /// A new one, or `None` where this machine has no browser.
    pub(crate) fn new(habits: Habits) -> Option<Self> {
        let chromium = Chromium::start(habits)?;
        let desk = Desk::new();
        let opener = desk.home.path().join("opener");
        fs::write(&opener, OPENER).unwrap();
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o700)).unwrap();
        Some(Self { chromium, desk })
    }

    /// Starts `twoba login` with these settings changed, and goes to the address that it opens.
    pub(crate) fn login(&self, changes: &[(&str, &str)], arguments: &[&str]) -> Login {
        let opener = self.desk.home.path().join("opener");
        let browser = opener.display().to_string();
        let settings = [&[("BROWSER", browser.as_str()), ("PATH", "")], changes].concat();
        let called = || fs::read_to_string(opener.with_extension("called")).unwrap_or_default();
        let before = called();
        let login = Login::start(self.desk.cli(&settings), arguments);
        let opened = until("an address to be opened", || {
            let called = called();
            let new = called.strip_prefix(&before);
            let line = new.and_then(|new| new.strip_suffix('\n'));
            line.map(str::to_owned).ok_or(called.clone())
        });
        // What stands in the arguments of a program is no secret of this login.
        assert!(
            opened.contains("/start-") && !opened.contains('?'),
            "{opened}"
        );
        self.chromium.open(&opened);
        login
    }

    /// Fills in the login page and sends it.
    pub(crate) fn fill_in(&self, password: &str) {
        if self.chromium.property(NAME, "value").is_empty() {
            self.chromium.type_into(NAME, USER);
        }
        self.chromium.type_into(PASSWORD_FIELD, password);
        self.chromium.press(LOG_IN);
    }
}
