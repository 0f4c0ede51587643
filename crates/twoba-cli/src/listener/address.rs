//! Reads the address of a redirect URI on which this machine is to listen.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// The parts of a redirect URI that the listener needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    /// The path. It is `/` if the URI has none.
    pub(super) path: String,
    pub(super) path_as_given: String,
}

impl Address {
    /// Reads host and port of `http://HOST:PORT/path`, and the path.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("http://")?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if path.contains(['?', '#']) {
            return None;
        }
        let (host, port) = authority.rsplit_once(':')?;
        let address = Self {
            host: host.to_owned(),
            port: port.parse().ok()?,
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            path_as_given: path.to_owned(),
        };
        let ips = address.ips()?;
        ips.iter().all(IpAddr::is_loopback).then_some(address)
    }

    /// The addresses of the host. A browser that is sent to `localhost` takes either family.
    fn ips(&self) -> Option<Vec<IpAddr>> {
        if self.host.eq_ignore_ascii_case("localhost") {
            return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let bare = self.host.strip_prefix('[');
        let bare = bare.and_then(|host| host.strip_suffix(']'));
        let ip: IpAddr = match bare {
            Some(bare) => bare.parse::<Ipv6Addr>().ok()?.into(),
            None => self.host.parse::<Ipv4Addr>().ok()?.into(),
        };
        Some(vec![ip])
    }

    /// The sockets and their port. A family that this machine does not have is left out. A port
    /// that another program has in one family is an error, because the browser might reach that
    /// program.
    pub(super) fn bind(&self) -> io::Result<(Vec<TcpListener>, u16)> {
        let mut sockets = Vec::new();
        let mut port = self.port;
        let mut missing = None;
        for ip in self.ips().unwrap_or_default() {
            match TcpListener::bind(SocketAddr::new(ip, port)) {
                Ok(socket) => {
                    port = socket.local_addr()?.port();
                    sockets.push(socket);
                }
                Err(error) if is_no_such_family(&error) => missing = Some(error),
                Err(error) => return Err(error),
            }
        }
        match missing {
            Some(error) if sockets.is_empty() => Err(error),
            _ => Ok((sockets, port)),
        }
    }
}

/// Whether the machine has no such address. IPv6 may be switched off.
fn is_no_such_family(error: &io::Error) -> bool {
    /// The errors of Linux and of the BSDs: the address family is not supported.
    const EAFNOSUPPORT: [i32; 2] = [97, 47];

    let raw = error.raw_os_error();
    error.kind() == ErrorKind::AddrNotAvailable
        || raw.is_some_and(|raw| EAFNOSUPPORT.contains(&raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    // shows: NA2 NA3
    #[test]
    fn it_listens_on_this_machine_only() {
        let told = |uri| {
            let address = Address::parse(uri)?;
            Some((address.ips()?.len(), address.port, address.path))
        };
        assert_eq!(
            told("http://127.0.0.1:8080/a/b"),
            Some((1, 8080, "/a/b".into()))
        );
        assert_eq!(told("http://[::1]:8080/"), Some((1, 8080, "/".into())));
        assert_eq!(told("http://localhost:8080"), Some((2, 8080, "/".into())));
        for bad in [
            "https://127.0.0.1:1/",
            "http://127.0.0.1/",
            "http://192.0.2.1:80/",
            "http://example:80/",
            "http://127.0.0.1:1/?x",
            "http://[127.0.0.1]:1/",
            "http://::1:1/",
            "http://127.0.0.1:65536/",
        ] {
            assert_eq!(told(bad), None, "{bad}");
        }
    }
}
