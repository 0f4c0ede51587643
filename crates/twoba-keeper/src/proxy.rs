//! Reads the proxy of the environment, and the addresses that it is for. Both adapters follow these
//! rules.
//!
//! `HTTPS_PROXY` names the proxy; if it is not set, `ALL_PROXY` does. The value is an `http://` or
//! `https://` address, with a user and a password if the proxy needs them. Plain http is for this
//! machine only, so `HTTP_PROXY` is not read. `NO_PROXY` lists the addresses that need no proxy,
//! separated by commas or blanks:
//!
//! | entry | goes without a proxy |
//! | --- | --- |
//! | `example.com`, `.example.com`, `*.example.com` | that name and all names below it, in either case |
//! | `192.0.2.1`, `[2001:db8::1]` | that address |
//! | `192.0.2.0/24`, `2001:db8::/32` | the addresses of that network; names are not resolved |
//! | any of the first two followed by `:8443` | that port only |
//! | `*` | everything |
//!
//! This machine (`localhost` and its loopback addresses) never goes through a proxy. Each variable
//! may also be written in lower case. An empty variable counts as unset.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use twoba_core::is_loopback;

/// An address where nobody listens. An HTTP client with this proxy sends nothing.
const NOWHERE: &str = "http://127.0.0.1:0";

/// The proxy settings of the environment.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    proxy: Option<Proxy>,
    without: Vec<Without>,
}

impl Proxies {
    /// Reads the environment of this process.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(|name| env::var_os(name))
    }

    /// Reads any other source of variables.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self::of(|name| variable(name).map(OsString::from))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let named = |name: &'static str| {
            [name.to_owned(), name.to_ascii_lowercase()]
                .into_iter()
                .filter_map(|spelling| variable(&spelling))
                .map(|value| match value.into_string() {
                    Ok(text) => Ok(text.trim().to_owned()),
                    Err(no_text) => Err(no_text.to_string_lossy().into_owned()),
                })
                .find(|value| value.as_ref().map_or(true, |text| !text.is_empty()))
                .map(|value| (name, value))
        };
        let proxy = named("HTTPS_PROXY").or_else(|| named("ALL_PROXY"));
        // Of a list that is no text, the entries that are count.
        let without = named("NO_PROXY").map(|(_, list)| list.unwrap_or_else(|lossy| lossy));
        let without = without.unwrap_or_default();
        let entries = without.split(|mark: char| mark == ',' || mark.is_whitespace());
        Self {
            proxy: proxy.map(|(name, value)| match value {
                Ok(value) => Proxy::parse(name, &value),
                Err(_) => Proxy::unusable(Unusable::Text(name)),
            }),
            without: entries.filter_map(Without::parse).collect(),
        }
    }

    /// The proxy of the environment, whatever goes through it.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The proxy for a request to this address.
    #[must_use]
    pub fn proxy_for(&self, uri: &Uri) -> Option<&Proxy> {
        let is_https = uri.scheme_str() == Some("https");
        let goes_without = uri.host().is_none_or(|host| {
            let port = uri.port_u16().unwrap_or(443);
            is_loopback(host) || self.without.iter().any(|entry| entry.holds(host, port))
        });
        self.proxy.as_ref().filter(|_| is_https && !goes_without)
    }
}

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    url: String,
    /// Host and port. Unlike the rest of the address, they are no secret.
    place: String,
    unusable: Option<Unusable>,
}

impl Proxy {
    fn parse(variable: &'static str, value: &str) -> Self {
        let url = if value.contains("://") {
            value.to_owned()
        } else {
            format!("http://{value}")
        };
        let scheme = url.split("://").next().unwrap_or_default();
        let usual = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Self::unusable(Unusable::Scheme(variable)),
        };
        let Some(uri) = url.parse::<Uri>().ok().filter(|uri| {
            // What is there and no number must not become the usual port.
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            let place = authority.rsplit('@').next().unwrap_or_default();
            let port = place.rsplit(']').next().unwrap_or_default();
            !port.contains(':') || uri.port_u16().is_some_and(|port| port > 0)
        }) else {
            return Self::unusable(Unusable::Address(variable));
        };
        match uri.host() {
            Some(host) if !host.is_empty() => Self {
                place: format!("{host}:{}", uri.port_u16().unwrap_or(usual)),
                url,
                unusable: None,
            },
            _ => Self::unusable(Unusable::Address(variable)),
        }
    }

    fn unusable(why: Unusable) -> Self {
        Self {
            url: NOWHERE.to_owned(),
            place: String::new(),
            unusable: Some(why),
        }
    }

    /// The proxy's address for the HTTP client, with user and password if it has them. If the
    /// variable is no such address, this is an address where nobody listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The proxy's host and port, which are no secret.
    ///
    /// # Errors
    ///
    /// - the variable is no usable address: the reason
    pub fn place(&self) -> Result<&str, impl Error + use<>> {
        match self.unusable {
            Some(why) => Err(why),
            None => Ok(&self.place),
        }
    }

    /// The error when nothing came through the proxy. It names the proxy, and no password.
    #[must_use]
    pub fn failed(&self, cause: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
        match self.unusable {
            Some(why) => Box::new(why),
            None => through(&self.place, cause),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxy").field(&self.place).finish()
    }
}

/// The error when nothing came through the proxy at this host and port.
#[must_use]
pub fn through(place: &str, cause: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
    Box::new(Through {
        place: place.to_owned(),
        cause,
    })
}

#[derive(Debug)]
struct Through {
    place: String,
    cause: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "through the proxy {}", self.place)
    }
}

impl Error for Through {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// Why a variable names no proxy. Its value may hold a password, and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unusable {
    Text(&'static str),
    Scheme(&'static str),
    Address(&'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(name) => write!(f, "{name} is not UTF-8 text"),
            Self::Scheme(name) => write!(
                f,
                "{name} names a kind of proxy that is not spoken: only http:// and https:// are"
            ),
            Self::Address(name) => write!(
                f,
                "{name} holds no address of a proxy; signs in its user or password are \
                 percent-encoded"
            ),
        }
    }
}

impl Error for Unusable {}

/// One entry of `NO_PROXY`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Without {
    Everything,
    /// A name and all names below it.
    Name(String, Option<u16>),
    /// An address, and how many of its bits count.
    Network(IpAddr, u8, Option<u16>),
}

impl Without {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::Everything);
        }
        if let Some((address, bits)) = entry.split_once('/') {
            let (address, bits) = (bare(address).parse().ok()?, bits.parse().ok()?);
            let network = Self::Network(address, bits, None);
            return (bits <= width(address)).then_some(network);
        }
        let (host, port) = host_and_port(entry);
        if let Ok(address) = bare(host).parse() {
            return Some(Self::Network(address, width(address), port));
        }
        let name = host.trim_start_matches('*').trim_matches('.');
        (!name.is_empty()).then(|| Self::Name(name.to_ascii_lowercase(), port))
    }

    fn holds(&self, host: &str, port: u16) -> bool {
        let is_port = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        let address = bare(host).parse::<IpAddr>().ok();
        match self {
            Self::Everything => true,
            Self::Name(name, wanted) => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                let above = host.strip_suffix(name.as_str());
                is_port(wanted)
                    && address.is_none()
                    && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            Self::Network(network, bits, wanted) => {
                is_port(wanted)
                    && address.is_some_and(|address| is_within(address, *network, *bits))
            }
        }
    }
}

/// Splits an entry into host and port. The colons of an IPv6 address separate no port, unless the
/// address is in brackets.
fn host_and_port(entry: &str) -> (&str, Option<u16>) {
    let parted = entry
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    match parted.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host, Some(port)),
        None => (entry, None),
    }
}

/// An address without the brackets that it has in a URL.
fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// The number of bits in an address of this family.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether two addresses of one family agree in their first bits.
fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let unlike = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << 96,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    unlike.leading_zeros() >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[track_caller]
    fn assert_way(variables: &[(&str, &str)], uri: &str, expected: Option<&str>) {
        let proxies = proxies(variables);
        let proxy = proxies.proxy_for(&uri.parse().unwrap());
        assert_eq!(proxy.map(Proxy::url), expected, "{variables:?} {uri}");
    }

    #[test]
    fn the_variable_for_https_wins_in_either_case_and_an_empty_one_says_nothing() {
        let (one, other) = ("http://one:1", "http://other:2");
        let uri = "https://id.example/token";
        assert_way(&[], uri, None);
        assert_way(&[("HTTP_PROXY", one), ("http_proxy", one)], uri, None);
        assert_way(&[("ALL_PROXY", other)], uri, Some(other));
        assert_way(
            &[("all_proxy", other), ("https_proxy", one)],
            uri,
            Some(one),
        );
        assert_way(
            &[("HTTPS_PROXY", one), ("https_proxy", other)],
            uri,
            Some(one),
        );
        assert_way(
            &[("HTTPS_PROXY", " "), ("ALL_PROXY", other)],
            uri,
            Some(other),
        );
        assert_way(&[("HTTPS_PROXY", " one:1 ")], uri, Some(one));
    }

    #[test]
    fn this_machine_and_plain_http_go_without_a_proxy() {
        let set = [
            ("HTTPS_PROXY", "http://one:1"),
            ("ALL_PROXY", "http://one:1"),
        ];
        for uri in [
            "http://id.example/",
            "https://localhost:4280/",
            "https://LOCALHOST/",
            "https://127.0.0.7/",
            "https://[::1]:4280/",
        ] {
            assert_way(&set, uri, None);
        }
    }

    #[track_caller]
    fn assert_goes_without(list: &str, uri: &str, expected: bool) {
        let set = [("HTTPS_PROXY", "http://one:1"), ("no_proxy", list)];
        let proxy = (!expected).then_some("http://one:1");
        assert_way(&set, uri, proxy);
    }

    #[test]
    fn a_name_covers_what_is_below_it_in_either_case() {
        for list in [
            "2ba.nl",
            " x, .2ba.nl",
            "*.2BA.nl",
            "x 2ba.nl.",
            "2ba.nl:443",
        ] {
            for host in ["2ba.nl", "authorize.2ba.nl", "A.B.2BA.NL", "2ba.nl."] {
                assert_goes_without(list, &format!("https://{host}/"), true);
            }
            for host in ["my2ba.nl", "2ba.nl.example", "nl", "192.0.2.1"] {
                assert_goes_without(list, &format!("https://{host}/"), false);
            }
        }
        assert_goes_without("2ba.nl:443", "https://2ba.nl:8443/", false);
        assert_goes_without("2ba.nl:8443", "https://2ba.nl:8443/", true);
        for nothing in ["", ",", " , ", ".", "*.", "https://2ba.nl"] {
            assert_goes_without(nothing, "https://2ba.nl/", false);
        }
        assert_goes_without("x,*", "https://2ba.nl/", true);
    }

    #[test]
    fn addresses_are_compared_as_addresses_and_by_network() {
        for (entry, host, expected) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1:8443", "192.0.2.1", false),
            ("192.0.2.1", "192.0.2.10", false),
            ("192.0.2.0/24", "192.0.2.77", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("192.0.2.0/32", "192.0.2.0", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "[2001:db8::1]", false),
            ("192.0.2.0/33", "192.0.2.0", false),
            ("2001:db8::/32", "[2001:db8:7::1]", true),
            ("2001:db8::/32", "[2001:db9::1]", false),
            ("2001:DB8:0::1", "[2001:db8::1]", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("[2001:db8::1]:443", "[2001:db8::1]", true),
            ("[2001:db8::1]:8443", "[2001:db8::1]", false),
            ("::/0", "[2001:db8::1]", true),
            ("192.0.2.0/24", "name.example", false),
        ] {
            assert_goes_without(entry, &format!("https://{host}/"), expected);
        }
    }

    #[test]
    fn what_fails_names_the_proxy_and_never_its_password() {
        let told = |value: &str| {
            let proxies = proxies(&[("HTTPS_PROXY", value)]);
            let proxy = proxies.proxy().unwrap();
            let error = proxy.failed("refused".into());
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{error}: {cause} {proxies:?}")
        };
        for (value, place) in [
            (
                "http://me:canary@proxy.example:3128",
                "proxy proxy.example:3128: refused",
            ),
            ("me:canary@proxy.example", "proxy proxy.example:80: refused"),
            (
                "https://canary@[2001:db8::1]/",
                "proxy [2001:db8::1]:443: refused",
            ),
            (
                "socks5://me:canary@proxy.example",
                "HTTPS_PROXY names a kind",
            ),
            (
                "http://me:ca#canary@proxy.example",
                "HTTPS_PROXY holds no address",
            ),
            (
                "http://me:canary@proxy.example:99999",
                "HTTPS_PROXY holds no address",
            ),
            (
                "http://me:canary@proxy.example:0",
                "HTTPS_PROXY holds no address",
            ),
            ("http://", "HTTPS_PROXY holds no address"),
        ] {
            let told = told(value);
            assert!(told.contains(place), "{value}: {told}");
            assert!(!told.contains("canary"), "{value}: {told}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_sends_nothing_past_the_proxy() {
        use std::os::unix::ffi::OsStringExt as _;

        let no_text = |text: &str| OsString::from_vec([text.as_bytes(), b"\xff"].concat());
        for set in ["HTTPS_PROXY", "all_proxy"] {
            let proxies = Proxies::of(|name| (name == set).then(|| no_text("http://one:1")));
            let proxy = proxies.proxy_for(&"https://id.example/".parse().unwrap());
            let error = proxy.unwrap().failed("refused".into()).to_string();
            let expected = format!("{} is not UTF-8 text", set.to_ascii_uppercase());
            assert_eq!(error, expected);
        }
        let proxies = Proxies::of(|name| match name {
            "HTTPS_PROXY" => Some("http://one:1".into()),
            "NO_PROXY" => Some(no_text("id.example, x")),
            _ => None,
        });
        for (uri, through) in [("https://id.example/", false), ("https://x/", true)] {
            assert_eq!(proxies.proxy_for(&uri.parse().unwrap()).is_some(), through);
        }
    }
}
