//! The file of passwords: `HOST:PORT:DATABASE:USER:PASSWORD` in each line, as `psql` reads it.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use zeroize::Zeroizing;

use super::error::AddressError;

/// Where servers have their sockets unless they are told otherwise. Lines name these `localhost`.
#[cfg(unix)]
const SOCKETS: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// What a line is compared with.
#[derive(Debug)]
pub(super) struct Place<'p> {
    pub(super) host: &'p str,
    pub(super) port: &'p str,
    pub(super) database: &'p str,
    pub(super) user: &'p str,
}

/// The password of the hosts, if the file has one for them. It is the same for all of them.
pub(super) fn find(
    config: &Config,
    file: Option<&str>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Zeroizing<String>>, AddressError> {
    let named = file.map(PathBuf::from);
    let is_named = named.is_some();
    let usual = || Some(PathBuf::from(variable("HOME")?).join(".pgpass"));
    let Some(path) = named.or_else(usual) else {
        return Ok(None);
    };
    let error = |cause: io::Error| AddressError::File {
        path: path.clone(),
        why: cause.to_string(),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && !is_named => return Ok(None),
        Err(cause) => return Err(error(cause)),
    };
    if is_open(&path).map_err(error)? {
        return Err(AddressError::OpenToOthers(path));
    }
    let database = config.get_dbname().unwrap_or_default();
    let user = config.get_user().unwrap_or_default();
    let mut passwords = Vec::new();
    for (names, port) in places(config) {
        let port = port.to_string();
        let of_name = |host: &String| {
            let place = Place {
                host,
                port: &port,
                database,
                user,
            };
            of_place(&text, &place)
        };
        passwords.push(names.iter().find_map(of_name));
    }
    // A connection gives the same password to whichever host it reaches.
    if passwords.windows(2).any(|pair| pair.first() != pair.last()) {
        let why = "its hosts have different passwords; name one host, or set PGPASSWORD";
        return Err(AddressError::setting("passfile", why));
    }
    Ok(passwords.pop().flatten())
}

/// The names that each host can have in the file, and its port.
fn places(config: &Config) -> Vec<(Vec<String>, u16)> {
    let ports = config.get_ports();
    let port = |number: usize| ports.get(number).or(ports.first()).copied().unwrap_or(5432);
    let names: Vec<Vec<String>> = match config.get_hosts() {
        [] => config
            .get_hostaddrs()
            .iter()
            .map(names_of_address)
            .collect(),
        hosts => hosts.iter().map(names_of_host).collect(),
    };
    let numbered = names.into_iter().enumerate();
    numbered
        .map(|(number, names)| (names, port(number)))
        .collect()
}

fn names_of_address(address: &IpAddr) -> Vec<String> {
    let mut names = vec![address.to_string()];
    if address.to_canonical().is_loopback() {
        names.push("localhost".to_owned());
    }
    names
}

fn names_of_host(host: &Host) -> Vec<String> {
    match host {
        Host::Tcp(name) => vec![name.clone()],
        #[cfg(unix)]
        Host::Unix(folder) => {
            let mut names = vec![folder.display().to_string()];
            if SOCKETS.iter().any(|usual| folder == Path::new(usual)) {
                names.push("localhost".to_owned());
            }
            names
        }
    }
}

/// The password of the first line that is about this place.
pub(super) fn of_place(text: &str, place: &Place<'_>) -> Option<Zeroizing<String>> {
    let wanted = [place.host, place.port, place.database, place.user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(fields).find_map(|fields| {
        let (password, described) = fields.split_last()?;
        let fits = |(field, wanted): (&Zeroizing<String>, &&str)| {
            field.as_str() == "*" || field.as_str() == *wanted
        };
        let is_it = described.len() == wanted.len() && described.iter().zip(&wanted).all(fits);
        is_it.then(|| password.clone())
    })
}

/// The five fields of a line. A backslash stands before a colon or a backslash that is meant.
fn fields(line: &str) -> Vec<Zeroizing<String>> {
    let mut fields = vec![Zeroizing::new(String::with_capacity(line.len()))];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let meant = match character {
            ':' if fields.len() < 5 => {
                fields.push(Zeroizing::new(String::with_capacity(line.len())));
                continue;
            }
            '\\' => characters.next(),
            character => Some(character),
        };
        if let Some(field) = fields.last_mut() {
            field.extend(meant);
        }
    }
    fields
}

#[cfg(unix)]
fn is_open(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    Ok(fs::metadata(path)?.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> io::Result<bool> {
    Ok(false)
}
