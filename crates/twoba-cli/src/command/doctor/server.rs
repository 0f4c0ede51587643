//! Checks the connection to the server: whether it can be reached and trusted, and its clock.

use http::Uri;
use http::header::DATE;
use http::uri::Scheme;
use jiff::SignedDuration;
use twoba_blocking::{Clock as _, Error, Proxies};
use twoba_store::SystemClock;

use crate::command::check::Check;
use crate::failure::{Failure, Kind, SET_PROXY, about_tls};
use crate::settings::Settings;
use crate::source;

/// How far two clocks may differ before somebody has to act. An assertion is valid for a minute,
/// and so are the shortest tokens.
const APART_MAX: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let endpoint = settings.client.provider().token_endpoint();
    let origin = endpoint.origin().to_string();
    let is_plain = endpoint.uri().scheme() == Some(&Scheme::HTTP);
    let tls = || match is_plain {
        true => Check::good("tls", "none: the server is on this machine"),
        false => Check::good("tls", "the certificate is trusted"),
    };
    let proxy = proxy(endpoint.uri());
    match source::builder(settings).build().reach() {
        Ok(answer) => vec![
            proxy,
            Check::good(
                "server",
                format!("{origin} answers (status {})", answer.status().as_u16()),
            ),
            tls(),
            clock(
                answer
                    .headers()
                    .get(DATE)
                    .and_then(|date| date.to_str().ok()),
            ),
        ],
        Err(error) => {
            let no_clock = Check::unknown("clock", "nobody has told the time");
            let [server, tls] = unanswered(&origin, error);
            vec![proxy, server, tls, no_clock]
        }
    }
}

/// Checks the proxy of the environment.
fn proxy(to: &Uri) -> Check {
    let name = "proxy";
    let proxies = Proxies::from_env();
    let Some(proxy) = proxies.proxy_for(to) else {
        return Check::good(name, "none is used");
    };
    match proxy.place() {
        Ok(place) => Check::good(name, format!("requests go through {place}")),
        Err(why) => Check::bad(
            name,
            Failure::configuration(why.to_string()).advise(SET_PROXY),
        ),
    }
}

/// The checks of server and TLS when no answer came.
fn unanswered(origin: &str, error: Error) -> [Check; 2] {
    let failure = Failure::from(error);
    if about_tls(failure.message()).is_none() {
        let unknown = Check::unknown("tls", "no connection stood");
        let advice =
            "check the address (token-endpoint, TWOBA_TOKEN_URL), the network and the proxy";
        return [Check::bad("server", failure.advise(advice)), unknown];
    }
    [
        Check::good("server", format!("{origin} is there")),
        Check::bad("tls", failure),
    ]
}

fn clock(date: Option<&str>) -> Check {
    let name = "clock";
    let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(date) = date else {
        return Check::unknown(name, "the server does not tell its time");
    };
    let own = SignedDuration::from_millis(SystemClock.now().unix_millis());
    let apart = own - date.timestamp().as_duration();
    // The server counts in whole seconds.
    let apart = SignedDuration::from_secs(apart.as_secs());
    if apart.abs() <= APART_MAX {
        return Check::good(name, "it agrees with that of the server");
    }
    let which = if apart.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let text = format!(
        "the clock of this machine is {:#} {which} that of the server",
        apart.abs()
    );
    let failure = Failure::new(Kind::Other, text);
    Check::bad(
        name,
        failure.advise("set it, best by the network (timedatectl set-ntp true)"),
    )
}
