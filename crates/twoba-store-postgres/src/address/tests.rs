//! What an address, the environment and the files of `psql` lead to, and what they must not.

use std::fs;

use tempfile::TempDir;

use super::passfile::{Place, of_place};
use super::*;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Address, AddressError> {
    Address::parse_in(text, &|name| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn ann(text: &str) -> Result<Address, AddressError> {
    parse(text, &[("USER", "ann")])
}

#[test]
fn an_address_says_all() {
    let address = ann("postgres://bob%40x@db.example.com:6432/sess%20ions").unwrap();
    assert_eq!(address.config.get_user(), Some("bob@x"));
    assert_eq!(address.config.get_dbname(), Some("sess ions"));
    assert_eq!(address.config.get_ports(), [6432]);
    assert_eq!(address.place, "the database sess ions at db.example.com");
    assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
    let two = ann("postgresql://a:1,[::1]:2/x?sslmode=verify-full").unwrap();
    assert_eq!(two.config.get_ports(), [1, 2]);
    assert_eq!(two.place, "the database x at a, ::1");
    #[cfg(unix)]
    {
        let socket = ann("postgres://%2Frun%2Fpostgresql/x").unwrap();
        assert_eq!(
            socket.config.get_hosts(),
            [Host::Unix("/run/postgresql".into())]
        );
        assert!(socket.secured.is_none());
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    for text in [
        "postgres://ann:CANARY@localhost/x",
        "postgres://ann:CAN@ARY@localhost/x",
        "postgres://ann:@localhost/x",
        "postgres://ann:pa?CANARY=x@localhost/x",
        "postgres://ann:pa?service=CANARY@localhost",
        "postgres://localhost/x?password=CANARY",
        "postgres://localhost/x?%70assword=CANARY",
        "postgres://localhost/x?sslmode=disable&PASSWORD=CANARY",
    ] {
        let error = ann(text).unwrap_err();
        assert_eq!(error, AddressError::PasswordInAddress, "{text}");
        assert!(!error.to_string().contains("CAN"));
    }
}

#[test]
fn what_leaves_the_machine_is_secured() {
    for (text, secured) in [
        ("postgres://localhost/x", false),
        ("postgres://127.0.0.9/x", false),
        ("postgres://[::1]/x", false),
        ("postgres:///x", false),
        ("postgres://localhost/x?sslmode=require", true),
        ("postgres://db/x", true),
        ("postgres://localhost,db/x", true),
        ("postgres://localhost/x?hostaddr=192.0.2.1", true),
        ("postgres://db/x?hostaddr=127.0.0.1", false),
        ("postgres://10.0.0.1/x?sslmode=verify-full", true),
    ] {
        assert_eq!(ann(text).unwrap().secured.is_some(), secured, "{text}");
    }
    for mode in ["disable", "allow", "prefer"] {
        let text = format!("postgres://db/x?sslmode={mode}");
        assert_eq!(ann(&text).unwrap_err(), AddressError::Unsecured);
    }
    let odd = ann("postgres://db/x?sslmode=verify-ca").unwrap_err();
    assert!(matches!(
        odd,
        AddressError::Setting {
            name: "sslmode",
            ..
        }
    ));
}

#[test]
fn what_is_no_address_is_said_to_be_none() {
    for text in [
        "",
        "sessions",
        "mysql://db/x",
        "postgres://db/%",
        "postgres://db/x?a",
    ] {
        assert_eq!(ann(text).unwrap_err(), AddressError::NotAnAddress, "{text}");
    }
    let unknown = ann("postgres://db/x?target=primary").unwrap_err();
    assert_eq!(unknown, AddressError::UnknownSetting("target".into()));
    for text in [
        "postgres://db:x/x",
        "postgres://db/x?connect_timeout=0",
        "postgres://db/x?hostaddr=db",
    ] {
        let error = ann(text).unwrap_err();
        assert!(
            matches!(error, AddressError::Setting { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_an_address_leaves_open_the_environment_says() {
    let environment = [
        ("PGHOST", "db"),
        ("PGPORT", "7"),
        ("PGUSER", "bob"),
        ("PGDATABASE", "sessions"),
        ("PGPASSWORD", "CANARY"),
        ("USER", "ann"),
    ];
    let address = parse("postgres://", &environment).unwrap();
    assert_eq!(address.place, "the database sessions at db");
    assert_eq!(address.config.get_user(), Some("bob"));
    assert_eq!(address.config.get_password(), Some(&b"CANARY"[..]));
    assert!(!format!("{address:?}").contains("CANARY"));
    let address = parse("postgres://carl@other:8/x", &environment).unwrap();
    assert_eq!(address.config.get_user(), Some("carl"));
    assert_eq!(address.config.get_ports(), [8]);
}

fn closed(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_service_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# all\n[other]\nhost=wrong\n\n[fleet]\nhost = db\nport=9\n password=CANARY\n[last]\nuser=x\n";
    let file = closed(&folder, "services", text);
    let environment = [("PGSERVICEFILE", file.as_str()), ("USER", "ann")];
    let address = parse("postgres:///x?service=fleet", &environment).unwrap();
    assert_eq!(address.place, "the database x at db");
    assert_eq!(address.config.get_ports(), [9]);
    assert_eq!(address.config.get_user(), Some("ann"));
    assert_eq!(address.config.get_password(), Some(&b"CANARY"[..]));
    let none = parse("postgres:///x?service=none", &environment).unwrap_err();
    assert!(matches!(none, AddressError::NoService { .. }));
}

#[test]
fn a_password_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = closed(&folder, "passwords", "*:*:*:bob:no\ndb:5432:x:ann:CANARY\n");
    let environment = [("PGPASSFILE", file.as_str())];
    let address = parse("postgres://ann@db/x", &environment).unwrap();
    assert_eq!(address.config.get_password(), Some(&b"CANARY"[..]));
    let other = parse("postgres://ann@db:1/x", &environment).unwrap();
    assert_eq!(other.config.get_password(), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let open = parse("postgres://ann@db/x", &environment).unwrap_err();
        assert!(matches!(open, AddressError::OpenToOthers(_)));
    }
    fs::remove_file(&file).unwrap();
    let gone = parse("postgres://ann@db/x", &environment).unwrap_err();
    assert!(matches!(gone, AddressError::File { .. }));
}

#[test]
fn a_line_of_a_password_file_can_hold_any_password() {
    let place = Place {
        host: "a:b",
        port: "1",
        database: "x",
        user: "ann",
    };
    let found = |text| of_place(text, &place).map(|found| found.to_string());
    assert_eq!(
        found(r"a\:b:1:x:ann:p\:q\\r:s").as_deref(),
        Some(r"p:q\r:s")
    );
    assert_eq!(found("*:*:*:*:").as_deref(), Some(""));
    assert_eq!(found("#*:*:*:*:p\n*:2:*:*:q"), None);
    assert_eq!(found("a\nb:c"), None);
}

#[test]
fn a_store_has_one_name_whoever_logs_in() {
    for (text, schema, name) in [
        (
            "postgres://bob@db.example.com/sessions?connect_timeout=9",
            "twoba",
            "postgres://db.example.com:5432/sessions",
        ),
        (
            "postgresql://db.example.com:6432/sessions",
            "twoba",
            "postgres://db.example.com:6432/sessions",
        ),
        (
            "postgres://a:1,[::1]:2/x%20y",
            "other",
            "postgres://a:1,[::1]:2/x%20y?schema=other",
        ),
        (
            "postgres:///x?hostaddr=127.0.0.1",
            "twoba",
            "postgres://127.0.0.1:5432/x",
        ),
    ] {
        let found = ann(text).unwrap().named(schema);
        assert_eq!(found, name);
        assert_eq!(ann(&found).unwrap().named(schema), name);
    }
    #[cfg(unix)]
    {
        let socket = ann("postgres://%2Frun%2Fpostgresql/x")
            .unwrap()
            .named("twoba");
        assert_eq!(socket, "postgres:///x?host=/run/postgresql&port=5432");
        assert_eq!(ann(&socket).unwrap().named("twoba"), socket);
    }
}

#[test]
fn plain_text_and_the_schema_are_asked_for_by_name() {
    let plain =
        ann("postgres://localhost/x?schema=ours&plain_text_that_every_log_can_hold=yes").unwrap();
    assert!(plain.is_plain);
    assert_eq!(plain.schema.as_deref(), Some("ours"));
    assert!(!ann("postgres://localhost/x").unwrap().is_plain);
    for bad in ["no", "", "true"] {
        let text = format!("postgres://localhost/x?plain_text_that_every_log_can_hold={bad}");
        assert!(!ann(&text).is_ok_and(|address| address.is_plain), "{text}");
    }
    assert!(ann("postgres://localhost/x?plain=yes").is_err());
}

#[test]
fn of_several_hosts_the_one_that_can_be_written_is_taken() {
    use tokio_postgres::config::TargetSessionAttrs::{Any, ReadWrite};

    for (text, wanted) in [
        ("postgres://localhost/x", Any),
        (
            "postgres://localhost/x?target_session_attrs=read-write",
            Any,
        ),
        ("postgres://a,b/x", ReadWrite),
        ("postgres://a,b/x?target_session_attrs=primary", ReadWrite),
        ("postgres:///x?hostaddr=127.0.0.1,127.0.0.2", ReadWrite),
    ] {
        let address = ann(text).unwrap();
        assert_eq!(address.config.get_target_session_attrs(), wanted, "{text}");
    }
    let environment = [("PGTARGETSESSIONATTRS", "standby"), ("USER", "ann")];
    let error = parse("postgres://a,b/x", &environment).unwrap_err();
    assert!(error.to_string().contains("has to be written"), "{error}");
}

#[test]
fn a_line_of_a_password_file_is_found_as_psql_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "127.0.0.9:5432:x:ann:nine\nlocalhost:5432:x:ann:here\n\
                /srv/sockets:5432:x:ann:there\na:5432:x:ann:same\nb:5432:x:ann:same\n\
                c:5432:x:ann:other\n";
    let file = closed(&folder, "passwords", text);
    let environment = [("PGPASSFILE", file.as_str()), ("USER", "ann")];
    for (text, password) in [
        ("postgres:///x?hostaddr=127.0.0.9", Some("nine")),
        ("postgres:///x?hostaddr=127.0.0.8", Some("here")),
        ("postgres:///x?hostaddr=192.0.2.1&host=a", Some("same")),
        ("postgres://a,b/x", Some("same")),
        ("postgres://localhost/x", Some("here")),
        #[cfg(unix)]
        ("postgres:///x?host=/srv/sockets", Some("there")),
        #[cfg(unix)]
        ("postgres:///x?host=/srv/others", None),
        #[cfg(unix)]
        ("postgres:///x?host=/run/postgresql", Some("here")),
    ] {
        let address = parse(text, &environment).unwrap();
        let found = address.config.get_password();
        assert_eq!(found, password.map(str::as_bytes), "{text}");
    }
    // No host gets the password of another one.
    for text in ["postgres://a,c/x", "postgres://a,d/x"] {
        let error = parse(text, &environment).unwrap_err().to_string();
        assert!(error.contains("different passwords"), "{text}: {error}");
    }
}
