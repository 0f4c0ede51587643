//! Where the database is and who logs in there: an address, the environment, and the files that
//! `psql` reads too.
//!
//! A password stands in none of the addresses that this file reads: addresses end up in process
//! lists and logs.

mod error;
mod name;
mod passfile;
mod service;
mod url;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};
use zeroize::Zeroizing;

pub use error::AddressError;

use crate::tls::{Tls, TlsError};
use error::Settings;

/// How long a connection to one address may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How long sent bytes may stay without an acknowledgement.
const UNACKNOWLEDGED_LIMIT: Duration = Duration::from_secs(10);

/// An idle connection is asked for a sign of life after this time, and then each of these.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 3;

/// The settings that an address can have behind its `?`, or a service in its file, and the
/// environment variable of each.
const SETTINGS: [(&str, &str); 12] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("passfile", "PGPASSFILE"),
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
];

/// The setting of an address that asks for plain text.
const PLAIN: &str = "plain_text_that_every_log_can_hold";

/// Where a database is, and how to log in there.
///
/// `Debug` writes no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) config: Config,
    /// Whether connections are secured, and the file with the certificates to trust.
    secured: Option<Option<PathBuf>>,
    /// For errors: "the database sessions at db.example.com".
    pub(crate) place: String,
    /// The schema with the tables, if the address names one.
    pub(crate) schema: Option<String>,
    /// Whether the address asks for plain text.
    pub(crate) is_plain: bool,
}

impl Address {
    /// Reads an address: `postgres://USER@HOST:PORT/DATABASE?SETTING=VALUE`. Each part may be
    /// missing. What the address leaves out comes from a service (`service`, `PGSERVICE`), and then
    /// from the variables of the environment that `psql` reads: `PGHOST`, `PGHOSTADDR`, `PGPORT`,
    /// `PGUSER`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGCHANNELBINDING`, `PGAPPNAME`,
    /// `PGCONNECT_TIMEOUT` and `PGTARGETSESSIONATTRS`. Of several hosts, a connection leads to one
    /// that can be written. The password comes from the service, from `PGPASSWORD`, or from the line
    /// in the file that `passfile` or `PGPASSFILE` names (`~/.pgpass` by default).
    ///
    /// `schema` names the schema with the tables. `plain_text_that_every_log_can_hold=yes` lets the
    /// store be opened without keys: everybody who can read the database, its backups or its logs of
    /// statements can then use the sessions of all its users.
    ///
    /// Connections are secured, and the name of the server is verified, unless each host is a Unix
    /// socket or this machine itself (`localhost`, 127.0.0.0/8, `::1`).
    ///
    /// # Errors
    ///
    /// - the text is no address, has a password in it, or has an unknown setting
    /// - connections to another machine would not be secured: [`AddressError::Unsecured`]
    /// - a file cannot be read, or is open to others
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Self::parse_in(text, &|name| std::env::var(name).ok())
    }

    /// Reads an address like [`parse`](Self::parse), in an environment of the caller.
    ///
    /// # Errors
    ///
    /// - as for [`parse`](Self::parse)
    pub fn parse_in(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, AddressError> {
        let mut settings = url::settings(text)?;
        if settings
            .keys()
            .any(|name| name.eq_ignore_ascii_case("password"))
        {
            return Err(AddressError::PasswordInAddress);
        }
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let service = settings.remove("service").or_else(|| variable("PGSERVICE"));
        if let Some(service) = service {
            for (name, value) in service::settings(&service, &variable)? {
                settings.entry(name).or_insert(value);
            }
        }
        for (name, of_environment) in SETTINGS {
            if let Some(value) = variable(of_environment) {
                settings.entry(name.to_owned()).or_insert(value);
            }
        }
        let password = settings.remove("password").map(Zeroizing::new);
        let password = password.or_else(|| variable("PGPASSWORD").map(Zeroizing::new));
        let schema = settings.remove("schema");
        let is_plain = match settings.remove(PLAIN).as_deref() {
            None => false,
            Some("yes") => true,
            Some(_) => return Err(AddressError::setting(PLAIN, "it is yes, or it is left out")),
        };
        Ok(Self {
            schema,
            is_plain,
            ..Self::build(&settings, password, &variable)?
        })
    }

    fn build(
        settings: &Settings,
        password: Option<Zeroizing<String>>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, AddressError> {
        let known = |name: &String| SETTINGS.iter().any(|(known, _)| known == name);
        if let Some(unknown) = settings.keys().find(|name| !known(name)) {
            return Err(AddressError::UnknownSetting(unknown.clone()));
        }
        let setting = |name: &str| settings.get(name).map(String::as_str);
        let mut config = Config::new();
        let user = setting("user").map(str::to_owned);
        let user = user
            .or_else(|| variable("USER"))
            .or_else(|| variable("USERNAME"));
        let user = user.ok_or_else(|| AddressError::setting("user", "it is not set"))?;
        let database = setting("dbname").unwrap_or(&user).to_owned();
        config.user(user.clone()).dbname(database.clone());
        config.application_name(setting("application_name").unwrap_or("twoba"));
        limits(&mut config, setting("connect_timeout"))?;
        hosts(&mut config, setting)?;
        takes_writes(&mut config, setting("target_session_attrs"))?;
        let secured = secured(&mut config, setting)?;
        let password = match password {
            Some(password) => Some(password),
            None => passfile::find(&config, setting("passfile"), variable)?,
        };
        if let Some(password) = password {
            config.password(password.as_bytes());
        }
        let place = format!(
            "the database {database} at {}",
            name::names(&config).join(", ")
        );
        Ok(Self {
            config,
            secured,
            place,
            schema: None,
            is_plain: false,
        })
    }

    /// The address without the user and the settings of a connection: all who use a database have
    /// the same name for it.
    pub(crate) fn named(&self, schema: &str) -> String {
        name::address(&self.config, schema)
    }

    /// What secures the connections, if anything does.
    pub(crate) fn tls(&self) -> Result<Option<Tls>, TlsError> {
        let secured = self.secured.as_ref();
        secured.map(|roots| Tls::new(roots.as_deref())).transpose()
    }
}

/// Sets how long connections may be silent.
fn limits(config: &mut Config, connect: Option<&str>) -> Result<(), AddressError> {
    let limit = match connect.map(str::parse::<u64>) {
        None => CONNECT_LIMIT,
        Some(Ok(seconds @ 1..)) => Duration::from_secs(seconds),
        Some(Ok(0) | Err(_)) => {
            return Err(AddressError::setting(
                "connect_timeout",
                "it is no number of seconds",
            ));
        }
    };
    config
        .connect_timeout(limit)
        .tcp_user_timeout(UNACKNOWLEDGED_LIMIT)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES);
    Ok(())
}

/// Sets the hosts, their addresses and their ports.
fn hosts<'s>(
    config: &mut Config,
    setting: impl Fn(&str) -> Option<&'s str>,
) -> Result<(), AddressError> {
    let addresses = setting("hostaddr");
    let by_default = if addresses.is_some() { "" } else { "localhost" };
    let names = setting("host").unwrap_or(by_default).split(',');
    for name in names.filter(|name| !name.is_empty()) {
        config.host(name);
    }
    for address in addresses.into_iter().flat_map(|text| text.split(',')) {
        let parsed = address.parse();
        config.hostaddr(parsed.map_err(|cause| AddressError::setting("hostaddr", cause))?);
    }
    for port in setting("port").unwrap_or("5432").split(',') {
        let port = if port.is_empty() { "5432" } else { port };
        config.port(
            port.parse()
                .map_err(|cause| AddressError::setting("port", cause))?,
        );
    }
    Ok(())
}

/// Of several hosts, the one that can be written is the one to use. Where there is one only, its
/// error says why it cannot be.
fn takes_writes(config: &mut Config, wanted: Option<&str>) -> Result<(), AddressError> {
    match wanted {
        None | Some("any" | "read-write" | "primary") => {}
        Some(_) => {
            let why = "a store has to be written: it is read-write or primary, or it is left out";
            return Err(AddressError::setting("target_session_attrs", why));
        }
    }
    if config.get_hosts().len().max(config.get_hostaddrs().len()) > 1 {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    Ok(())
}

/// Decides whether connections are secured, and with which certificates.
fn secured<'s>(
    config: &mut Config,
    setting: impl Fn(&str) -> Option<&'s str>,
) -> Result<Option<Option<PathBuf>>, AddressError> {
    let stays_here = stays_here(config);
    let is_secured = match setting("sslmode") {
        None => !stays_here,
        Some("disable") if stays_here => false,
        Some("disable" | "allow" | "prefer") => return Err(AddressError::Unsecured),
        Some("require" | "verify-full") => true,
        Some(_) => {
            let why = "it is disable, require or verify-full, and both of these verify the name";
            return Err(AddressError::setting("sslmode", why));
        }
    };
    config.ssl_mode(if is_secured {
        SslMode::Require
    } else {
        SslMode::Disable
    });
    config.channel_binding(match setting("channel_binding") {
        None | Some("prefer") => ChannelBinding::Prefer,
        Some("require") => ChannelBinding::Require,
        Some(_) => {
            let why = "it is prefer or require";
            return Err(AddressError::setting("channel_binding", why));
        }
    });
    let roots = setting("sslrootcert").filter(|path| *path != "system");
    Ok(is_secured.then(|| roots.map(PathBuf::from)))
}

/// Whether no connection leaves this machine.
fn stays_here(config: &Config) -> bool {
    let hosts = config.get_hosts();
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses
            .iter()
            .all(|address| address.to_canonical().is_loopback());
    }
    hosts.iter().all(|host| match host {
        Host::Tcp(name) => {
            let address = name.parse::<IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

#[cfg(test)]
mod tests;
