//! The parts of an address: `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?SETTING=VALUE&..`.

use super::error::{AddressError, Settings};

pub(super) fn settings(text: &str) -> Result<Settings, AddressError> {
    let rest = text.strip_prefix("postgres://");
    let rest = rest.or_else(|| text.strip_prefix("postgresql://"));
    let rest = rest.ok_or(AddressError::NotAnAddress)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A `?` in a password is not always encoded either, and no message may name what follows it.
    if query.contains('@') && !rest.contains('@') && rest.contains(':') {
        return Err(AddressError::PasswordInAddress);
    }
    // An `@` in a password is not always encoded: what stands before the last one is secret.
    let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    if user.contains(':') {
        return Err(AddressError::PasswordInAddress);
    }
    let mut settings = Settings::new();
    let mut set = |name: &str, value: &str| -> Result<(), AddressError> {
        if !value.is_empty() {
            settings.insert(name.to_owned(), decoded(value)?);
        }
        Ok(())
    };
    let hosts: Vec<(&str, &str)> = hosts.split(',').map(host_and_port).collect();
    let joined = |part: fn(&(&str, &str)) -> String| {
        let parts: Vec<String> = hosts.iter().map(part).collect();
        parts.join(",")
    };
    set("user", user)?;
    set("host", &joined(|(host, _)| (*host).to_owned()))?;
    if hosts.iter().any(|(_, port)| !port.is_empty()) {
        set("port", &joined(|(_, port)| (*port).to_owned()))?;
    }
    set("dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(AddressError::NotAnAddress)?;
        set(&decoded(name)?, value)?;
    }
    Ok(settings)
}

/// An address of version 6 stands in brackets, and has colons itself.
fn host_and_port(text: &str) -> (&str, &str) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').unwrap_or(""));
    }
    text.rsplit_once(':').unwrap_or((text, ""))
}

/// A text whose unusual bytes stand as `%XX`.
fn decoded(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2).ok_or(AddressError::NotAnAddress)?;
        let digits = std::str::from_utf8(digits).map_err(|_| AddressError::NotAnAddress)?;
        let byte = u8::from_str_radix(digits, 16).map_err(|_| AddressError::NotAnAddress)?;
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8(bytes).map_err(|_| AddressError::NotAnAddress)
}
