//! A real keyring of a desktop: open, locked, absent, and stopped.
//!
//! Each case runs in a child of this test program on a message bus of its own, because a bus is
//! told by the environment. The bus starts nothing by itself.
#![cfg(any(target_os = "linux", target_os = "freebsd"))]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use twoba_core::SessionKey;
use twoba_keychain::{Keychain, KeychainError, LIMIT, account_of, protector_for_store};
use twoba_store::seal::{EncryptionKey, KeySource};
use twoba_store::{FileStore, KeyId, Protection, Store, StoreError};
use twoba_tests::{Desk, prepared};

/// Tells the child its folder.
const HOME: &str = "TWOBA_TEST_HOME";

/// How long the keyring may take to start.
const START: Duration = Duration::from_secs(30);

/// A bus that starts no service.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// In the parent: runs the test of this name once more, as a child on a bus of its own. In the
/// child: the folder for everything. `None` in the parent, and where nothing is prepared.
fn on_a_bus(test: &str) -> Option<PathBuf> {
    on_the_bus(BUS, test)
}

/// The same with a bus that is set up like this.
fn on_the_bus(configuration: &str, test: &str) -> Option<PathBuf> {
    if let Some(home) = env::var_os(HOME) {
        return Some(home.into());
    }
    let bus = prepared("TWOBA_BUS")?;
    run(Command::new(bus), Some(configuration), test);
    None
}

/// The same without any bus, of which a machine without a desktop has none.
fn without_a_bus(test: &str) -> Option<PathBuf> {
    if let Some(home) = env::var_os(HOME) {
        return Some(home.into());
    }
    let mut command = Command::new("env");
    command.arg("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent");
    run(command, None, test);
    None
}

/// Runs the test of this name once more, as what a command starts: a bus, if it has a configuration.
fn run(mut command: Command, bus: Option<&str>, test: &str) {
    let home = tempfile::tempdir().unwrap();
    if let Some(configuration) = bus {
        let path = home.path().join("bus.conf");
        fs::write(&path, configuration).unwrap();
        command.arg("--config-file").arg(path).arg("--");
    }
    command.arg(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    command.env(HOME, home.path()).env("HOME", home.path());
    command.env("XDG_DATA_HOME", home.path().join("data"));
    command.env("XDG_RUNTIME_DIR", home.path());
    for variable in [
        "XDG_CONFIG_HOME",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "GNOME_KEYRING_CONTROL",
    ] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A keyring that ends with this value.
struct Keyring(Child);

impl Keyring {
    /// Starts the keyring, opened with a password or locked, and waits until it answers.
    fn start(is_open: bool) -> Self {
        let mut command = Command::new(prepared("TWOBA_KEYRING").unwrap());
        command.args(["--components=secrets", "--foreground"]);
        if is_open {
            command.arg("--unlock");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut password = child.stdin.take().unwrap();
        password.write_all(b"a password").unwrap();
        drop(password);
        let keyring = Self(child);
        let started = Instant::now();
        while let Err(KeychainError::Absent { why }) = Keychain::of_this_user().probe() {
            assert!(started.elapsed() < START, "{why}");
            thread::sleep(Duration::from_millis(20));
        }
        keyring
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        if let Ok(Some(status)) = self.0.try_wait() {
            let said = writeln!(stderr(), "the keyring has ended by itself: {status}");
            drop(said);
        }
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

/// All bytes of the files in a folder and below it.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.extend(fs::read(path));
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn an_open_keyring_keeps_the_keys_of_a_store() {
    let Some(home) = on_a_bus("an_open_keyring_keeps_the_keys_of_a_store") else {
        return;
    };
    let _keyring = Keyring::start(true);
    let keychain = Keychain::of_this_user();
    keychain.probe().unwrap();
    let missing = keychain.secret("a store").unwrap_err();
    assert!(matches!(&missing, KeychainError::NoEntry { account } if account == "a store"));
    let first = keychain.make_key("a store").unwrap();
    let second = keychain.make_key("a store").unwrap();
    let keys = keychain.keys("a store").keys().unwrap();
    assert_eq!(
        keys.iter().map(|key| key.id()).collect::<Vec<_>>(),
        [first, second]
    );
    let lines = keychain.secret("a store").unwrap();
    assert_eq!(lines.lines().count(), 2);
    // Programs that make keys at the same time lose none.
    let made = std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(|| keychain.make_key("another").unwrap()));
        threads.map(|thread| thread.join().unwrap())
    });
    let kept = keychain.keys("another").keys().unwrap();
    assert_eq!(kept.len(), made.len());
    assert!(made.iter().all(|id| kept.iter().any(|key| key.id() == *id)));

    let folder = home.join("store");
    let chosen = protector_for_store(&folder).unwrap();
    assert!(chosen.not_encrypted.is_none());
    let store = FileStore::open_with(&folder, chosen.protector).unwrap();
    store.probe(&key()).unwrap();
    let own = keychain.keys(account_of(&folder)).keys().unwrap();
    assert_eq!(
        store.protection().unwrap(),
        Protection::Encrypted(own[0].id())
    );
    // Another process opens it by its fact, and the key changes without a word to anybody.
    let again = protector_for_store(&folder).unwrap();
    let again = FileStore::open_with(&folder, again.protector).unwrap();
    let new = keychain.make_key(&account_of(&folder)).unwrap();
    store.seal_again(new).unwrap();
    again.probe(&key()).unwrap();
    // What is on the disk shows no key.
    let files = contents(&home);
    assert!(files.iter().any(|file| holds(file, "GnomeKeyring")));
    for line in lines.lines() {
        assert!(!files.iter().any(|file| holds(file, line)));
    }
    // An entry that is no key.
    let other = keychain.keys("probe").keys().unwrap_err().to_string();
    assert!(other.contains("has no entry"), "{other}");
}

#[test]
fn a_folder_whose_key_a_login_has_put_into_the_keyring_gets_another_key() {
    let test = "a_folder_whose_key_a_login_has_put_into_the_keyring_gets_another_key";
    let Some(_) = on_a_bus(test) else { return };
    let _keyring = Keyring::start(true);
    let (desk, keychain) = (Desk::new(), Keychain::of_this_user());
    let bus = env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
    let cli = desk.cli(&[("DBUS_SESSION_BUS_ADDRESS", &bus)]);
    let folder = desk.home.path().join("store");
    let account = account_of(&folder);
    let ids = || -> Vec<KeyId> {
        let keys = keychain.keys(&account).keys().unwrap();
        keys.iter().map(EncryptionKey::id).collect()
    };
    let encrypt_again = |count: usize| {
        let said = cli.run(&["store", "encrypt-again", "--json"]).done();
        let last = *ids().last().unwrap();
        assert_eq!(said.json()["key"], last.to_string());
        assert_eq!(said.json()["encrypted_again"], count);
        let protection = FileStore::protection_of(&folder).unwrap();
        assert_eq!(protection, Some(Protection::Encrypted(last)));
    };
    cli.run(&["login", "--password"]).done();
    let token = cli.run(&["token"]).done().stdout;
    assert_eq!(ids().len(), 1);
    encrypt_again(1);
    assert_eq!(ids().len(), 2);
    // Cut off before the new key was used: that one is used.
    keychain.make_key(&account).unwrap();
    encrypt_again(1);
    assert_eq!(ids().len(), 3);
    // Cut off before the session was encrypted: it is finished.
    let new = Protection::Encrypted(keychain.make_key(&account).unwrap());
    fs::write(folder.join(".protection"), format!("{new}\n")).unwrap();
    encrypt_again(1);
    assert_eq!(ids().len(), 4);
    assert_eq!(cli.run(&["token"]).done().stdout, token);
    // A store whose key is elsewhere, or that has none, gets none from the keyring.
    let plain = desk.home.path().join("plain");
    FileStore::open(&plain).unwrap().probe(&key()).unwrap();
    let plain = plain.to_str().unwrap();
    let said = cli.run(&["--store", plain, "store", "encrypt-again"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("no key is set"), "{said:?}");
    assert!(keychain.secret(&account_of(Path::new(plain))).is_err());
}

#[test]
fn a_locked_keyring_says_so_and_nobody_is_asked() {
    let Some(home) = on_a_bus("a_locked_keyring_says_so_and_nobody_is_asked") else {
        return;
    };
    let folder = home.join("store");
    let keyring = Keyring::start(true);
    let chosen = protector_for_store(&folder).unwrap();
    FileStore::open_with(&folder, chosen.protector).unwrap();
    drop(keyring);

    let _keyring = Keyring::start(false);
    let started = Instant::now();
    let locked = Keychain::of_this_user().probe().unwrap_err();
    assert!(matches!(locked, KeychainError::Locked), "{locked}");
    assert!(started.elapsed() < LIMIT);
    let locked = Keychain::of_this_user().make_key("other").unwrap_err();
    assert!(matches!(locked, KeychainError::Locked), "{locked}");
    // A store that is encrypted stays so, and cannot be opened.
    let chosen = protector_for_store(&folder).unwrap();
    let error = FileStore::open_with(&folder, chosen.protector).unwrap_err();
    assert!(
        matches!(error, StoreError::KeyUnavailable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("is locked"), "{error}");
    // A new one is made without.
    let chosen = protector_for_store(&home.join("new")).unwrap();
    assert!(matches!(chosen.not_encrypted, Some(KeychainError::Locked)));
    let store = FileStore::open_with(home.join("new"), chosen.protector).unwrap();
    assert_eq!(store.protection().unwrap(), Protection::Plain);
    store.probe(&key()).unwrap();
    // It stays as it is, and that is said once.
    let chosen = protector_for_store(&home.join("new")).unwrap();
    assert!(chosen.not_encrypted.is_none());
}

#[test]
fn where_there_is_no_keyring_that_is_said() {
    if let Some(home) = on_a_bus("where_there_is_no_keyring_that_is_said") {
        assert_absent(&home);
    }
}

#[test]
fn a_keyring_that_refuses_is_told_as_one_that_has_failed() {
    let test = "a_keyring_that_refuses_is_told_as_one_that_has_failed";
    let refusal = r#"<deny send_destination="org.freedesktop.secrets"/></policy>"#;
    let Some(_) = on_the_bus(&BUS.replace("</policy>", refusal), test) else {
        return;
    };
    let _keyring = Keyring::start(true);
    let failed = Keychain::of_this_user().make_key("a store").unwrap_err();
    assert!(matches!(failed, KeychainError::Failed { .. }), "{failed}");
    assert!(failed.to_string().contains("AccessDenied"), "{failed}");
}

#[test]
fn where_there_is_no_desktop_that_is_said() {
    if let Some(home) = without_a_bus("where_there_is_no_desktop_that_is_said") {
        assert_absent(&home);
    }
}

#[track_caller]
fn assert_absent(home: &Path) {
    for outcome in [
        Keychain::of_this_user().probe().map(drop),
        Keychain::of_this_user().secret("a store").map(drop),
        Keychain::of_this_user().make_key("a store").map(drop),
    ] {
        let absent = outcome.unwrap_err();
        assert!(matches!(absent, KeychainError::Absent { .. }), "{absent}");
    }
    let chosen = protector_for_store(&home.join("store")).unwrap();
    assert!(matches!(
        chosen.not_encrypted,
        Some(KeychainError::Absent { .. })
    ));
}

#[test]
fn a_keyring_that_is_stopped_holds_up_nobody_for_long() {
    let Some(_) = on_a_bus("a_keyring_that_is_stopped_holds_up_nobody_for_long") else {
        return;
    };
    let keyring = Keyring::start(true);
    let keychain = Keychain::of_this_user();
    keychain.make_key("a store").unwrap();
    keyring.signal(Signal::STOP);
    let in_need = thread::spawn({
        let keychain = keychain.clone();
        move || keychain.secret("a store")
    });
    let started = Instant::now();
    let hanging = keychain.probe().unwrap_err();
    assert!(matches!(hanging, KeychainError::Hanging), "{hanging}");
    assert!(started.elapsed() >= LIMIT && started.elapsed() < 2 * LIMIT);
    // It is not asked again, by whomever.
    let started = Instant::now();
    let hanging = keychain.keys("a store").keys().unwrap_err().to_string();
    assert!(hanging.contains("does not answer"), "{hanging}");
    assert!(started.elapsed() < LIMIT / 2);
    keyring.signal(Signal::CONT);
    assert!(matches!(keychain.probe(), Err(KeychainError::Hanging)));
    // Who cannot do without a key has waited longer.
    assert_eq!(in_need.join().unwrap().unwrap().lines().count(), 1);
}
