//! Which profile counts, and what is said of settings that cannot be used.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use twoba_tests::SECRET;

use crate::Filed;

/// A setting in the file, the same as a variable, what is wrong with it, and what would be right.
type Unusable = (
    &'static str,
    (&'static str, &'static str),
    &'static str,
    &'static str,
);

const UNUSABLE: [Unusable; 11] = [
    (
        "provider = \"2bb\"",
        ("TWOBA_PROVIDER", "2bb"),
        "there is no provider 2bb",
        "2ba-connect",
    ),
    (
        "grant = \"implicit\"",
        ("TWOBA_GRANT", "implicit"),
        "there is no grant implicit",
        "client-credentials",
    ),
    (
        "client-authentication = \"digest\"",
        ("TWOBA_CLIENT_AUTH", "digest"),
        "no client authentication digest",
        "basic-raw",
    ),
    (
        "replay = \"twice\"",
        ("TWOBA_REPLAY", "twice"),
        "no replay rule twice",
        "within:30s",
    ),
    (
        "token-endpoint = \"http://id.example/t\"",
        ("TWOBA_TOKEN_URL", "http://id.example/t"),
        "plain http",
        "https://host/path",
    ),
    (
        "authorization-endpoint = \"x\"",
        ("TWOBA_AUTHORIZE_URL", "x"),
        "not an absolute URL",
        "https://host/path",
    ),
    (
        "service-base = \"https://u:canary@h/\"",
        ("TWOBA_SERVICE_URL", "https://u:canary@h/"),
        "holds credentials",
        "https://host/path",
    ),
    (
        "revocation-endpoint = \"https://h/#x\"",
        ("TWOBA_REVOKE_URL", "https://h/#x"),
        "fragment",
        "https://host/path",
    ),
    (
        "client-id = \"\u{e9}\"",
        ("TWOBA_CLIENT_ID", "\u{e9}"),
        "the client id is",
        "2BA has given you",
    ),
    (
        "scopes = [\"a\\\"b\"]",
        ("TWOBA_SCOPES", "a\"b"),
        "a scope is",
        "without blanks",
    ),
    (
        "store = \"postgres://u:canary@h/d\"",
        ("TWOBA_STORE", "postgres://u:canary@h/d"),
        "a password in the address",
        "PGPASSFILE",
    ),
];

#[test]
fn each_setting_that_cannot_be_used_is_told_with_its_place_and_what_is_right() {
    for (line, variable, why, right) in UNUSABLE {
        let own = match line.starts_with("client-id") {
            true => "",
            false => "client-id = \"x\"\n",
        };
        let filed = Filed::new(&format!("# ours\n[profile.default]\n{own}{line}\n"));
        let number = if own.is_empty() { 3 } else { 4 };
        let (name, _) = line.split_once(" = ").unwrap();
        let said = filed.cli(&[("TWOBA_STORE", "")]).run(&["status"]);
        assert_eq!(said.code, 2, "{line}: {said:?}");
        let place = filed.path("config.toml").display().to_string();
        let told = format!("error: {place} line {number}: {name}: ");
        assert!(said.stderr.starts_with(&told), "{line}: {said:?}");
        assert!(
            said.stderr.contains(why) && said.stderr.contains(right),
            "{said:?}"
        );
        assert!(
            !said.stderr.contains("client-secret") && !said.stderr.contains("canary"),
            "{said:?}"
        );

        // The variable wins, and is what has to be mended.
        let said = filed
            .cli(&[variable, ("TWOBA_PROFILE", "")])
            .run(&["status"]);
        assert_eq!(said.code, 2, "{line}: {said:?}");
        let told = format!("error: {}: ", variable.0);
        assert!(said.stderr.starts_with(&told), "{line}: {said:?}");
        assert!(
            said.stderr.contains(why) && said.stderr.contains(right),
            "{said:?}"
        );
    }
    let filed = Filed::with_profile("default", "");
    let said = filed.cli(&[]).run(&["--store", "https://h/d", "status"]);
    assert!(
        said.stderr.starts_with("error: --store: it is an address"),
        "{said:?}"
    );
}

#[test]
fn a_typing_error_in_the_file_is_told_with_its_line_and_the_right_name() {
    for (text, told, right) in [
        (
            "client_id = \"x\"",
            "line 2: there is no setting client_id",
            "write client-id",
        ),
        (
            "client-secret = \"canary\"",
            "line 2: client-secret has to say where",
            "{ env =",
        ),
        (
            "client-id = 5",
            "line 2: client-id has to be a text",
            "in quotes",
        ),
        ("scopes = [", "line ", "mend that line"),
    ] {
        let filed = Filed::new(&format!("[profile.default]\n{text}\n"));
        let said = filed.cli(&[]).run(&["token"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(
            said.stderr.contains(told) && said.stderr.contains(right),
            "{said:?}"
        );
        assert!(!said.stderr.contains("canary"), "{said:?}");
    }
}

#[test]
fn the_only_profile_of_a_file_counts_and_one_of_many_has_to_be_named() {
    let secret = "client-secret = { env = \"S\" }";
    let filed = Filed::with_profile("production", secret);
    let cli = filed.cli(&[("S", SECRET)]);
    cli.run(&["login", "--password"]).done();
    let status = cli.run(&["status", "--json"]).done().json();
    assert_eq!(status["profile"], "production");
    // A variable that says something else of it is an error, as beside TWOBA_PROFILE.
    let said = filed
        .cli(&[("TWOBA_TOKEN_URL", "http://127.0.0.1:1/t")])
        .run(&["token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr.contains("TWOBA_TOKEN_URL contradicts"),
        "{said:?}"
    );
    assert!(
        said.stderr
            .contains("the only one of the configuration file"),
        "{said:?}"
    );

    let both = [filed.profile("production", ""), filed.profile("test", "")].concat();
    filed.write("config.toml", &both);
    let said = filed.cli(&[]).run(&["token"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("no profile is named"), "{said:?}");
    assert!(said.stderr.contains("has: production, test"), "{said:?}");
}

#[test]
fn a_person_lists_the_profiles_and_chooses_another_one() {
    let secret = "client-secret = { env = \"S\" }";
    let filed = Filed::new("");
    let text = format!(
        "# Ours. Keep it short.\ndefault-profile = \"test\"   # for now\n\n{}{}",
        filed.profile("production", secret),
        filed.profile("test", "")
    );
    filed.write("config.toml", &text);
    // Whoever may read it stays so, and a link stays one.
    let real = filed.path("real.toml");
    fs::rename(filed.path("config.toml"), &real).unwrap();
    std::os::unix::fs::symlink(&real, filed.path("config.toml")).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    let cli = filed.cli(&[("S", SECRET)]);
    let listed = cli.run(&["profile", "list"]).done();
    assert_eq!(listed.stdout, "  production\n* test\n");
    cli.run(&["profile", "use", "production"]).done();
    let now = fs::read_to_string(&real).unwrap();
    assert_eq!(now, text.replace("\"test\"   #", "\"production\"   #"));
    let meta = fs::symlink_metadata(&real).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert!(
        fs::symlink_metadata(filed.path("config.toml"))
            .unwrap()
            .is_symlink()
    );
    let json = cli.run(&["profile", "list", "--json"]).done().json();
    assert_eq!(json[0]["name"], "production");
    assert_eq!(
        (&json[0]["in_use"], &json[1]["in_use"]),
        (&true.into(), &false.into())
    );
    cli.run(&["login", "--password"]).done();
    assert_eq!(
        cli.run(&["status", "--json"]).done().json()["profile"],
        "production"
    );

    let missing = cli.run(&["profile", "use", "prod"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(
        missing.stderr.contains("has: production, test"),
        "{missing:?}"
    );
    assert_eq!(fs::read_to_string(&real).unwrap(), now);
}

#[test]
fn each_value_of_a_profile_is_shown_with_where_it_comes_from_and_no_secret() {
    let filed = Filed::with_profile(
        "production",
        "client-secret = { command = [\"pass\", \"canary\"] }\nscopes = [\"a\", \"b\"]",
    );
    let config = filed.path("config.toml").display().to_string();
    let cli = filed.cli(&[("TWOBA_REPLAY", "never"), ("TWOBA_CLIENT_SECRET", "")]);
    let shown = cli.run(&["profile", "show", "--json"]).done();
    let object = shown.json();
    assert_eq!(object["profile"], "production");
    let settings = &object["settings"];
    for (name, value, origin) in [
        ("provider", "2ba", format!("{config} line 2")),
        ("client-id", "myApplication", format!("{config} line 3")),
        (
            "client-secret",
            "from the command pass",
            format!("{config} line 7"),
        ),
        ("scopes", "a b", format!("{config} line 8")),
        ("replay", "never", "TWOBA_REPLAY".to_owned()),
        ("grant", "code", "default".to_owned()),
        (
            "store",
            filed.path("store").to_str().unwrap(),
            "TWOBA_STORE".to_owned(),
        ),
    ] {
        assert_eq!(settings[name]["value"], value, "{name}");
        assert_eq!(settings[name]["origin"], origin, "{name}");
    }
    assert!(!shown.stdout.contains("canary"), "{shown:?}");
    // In the environment a secret is only said to be there.
    let set = filed.cli(&[("TWOBA_CLIENT_SECRET", "canary")]);
    let shown = set.run(&["profile", "show"]).done();
    assert!(!shown.stdout.contains("canary"), "{shown:?}");
    let line = shown
        .stdout
        .lines()
        .find(|line| line.starts_with("client-secret"));
    assert!(line.unwrap().ends_with("TWOBA_CLIENT_SECRET"), "{shown:?}");
    // A profile that is named counts as it stands in the file.
    let named = set.run(&["profile", "show", "production"]).done();
    assert!(
        named.stderr.contains("passed over: TWOBA_CLIENT_SECRET"),
        "{named:?}"
    );
    assert!(named.stdout.contains("from the command pass"), "{named:?}");
}
