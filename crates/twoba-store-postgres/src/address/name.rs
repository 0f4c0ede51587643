//! The name of a database: an address that leads there, whoever logs in.

use std::fmt::Write;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::schema::SCHEMA;

/// The address of a schema without the user and the settings of a connection.
pub(super) fn address(config: &Config, schema: &str) -> String {
    let (hosts, folder) = hosts(config);
    let database = config.get_dbname().unwrap_or_default();
    let address = format!("postgres://{hosts}/{}", encoded(database));
    let schema = (schema != SCHEMA).then(|| format!("schema={}", encoded(schema)));
    let settings: Vec<String> = folder.into_iter().chain(schema).collect();
    if settings.is_empty() {
        return address;
    }
    format!("{address}?{}", settings.join("&"))
}

/// The hosts: names, folders of sockets, or addresses.
pub(super) fn names(config: &Config) -> Vec<String> {
    let names: Vec<String> = config.get_hosts().iter().map(text_of).collect();
    if !names.is_empty() {
        return names;
    }
    let addresses = config.get_hostaddrs().iter();
    addresses.map(ToString::to_string).collect()
}

/// The hosts with their ports as they stand in an address, or as the settings that stand behind it
/// where one of them is a folder.
fn hosts(config: &Config) -> (String, Option<String>) {
    let ports = config.get_ports();
    let port = |number: usize| ports.get(number).or(ports.first()).copied().unwrap_or(5432);
    let names = names(config);
    let numbered = || names.iter().enumerate();
    if names.iter().any(|name| name.starts_with('/')) {
        let hosts: Vec<String> = names.iter().map(|name| encoded(name)).collect();
        let ports: Vec<String> = numbered().map(|(at, _)| port(at).to_string()).collect();
        let settings = format!("host={}&port={}", hosts.join(","), ports.join(","));
        return (String::new(), Some(settings));
    }
    let hosts = numbered().map(|(at, name)| match name.contains(':') {
        true => format!("[{name}]:{}", port(at)),
        false => format!("{}:{}", encoded(name), port(at)),
    });
    (hosts.collect::<Vec<_>>().join(","), None)
}

fn text_of(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    }
}

/// A text whose unusual bytes stand as `%XX`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    encoded
}
