//! The way to the server: whether it can be reached and trusted, and what its clock says.

use http::header::DATE;
use http::uri::Scheme;
use jiff::SignedDuration;
use twoba_blocking::{Client, Clock as _, Error, Sessions};
use twoba_store::SystemClock;

use super::check::Check;
use crate::failure::{Failure, Kind, about_tls};

/// How far two clocks may be apart before somebody has to do something: an assertion is good for a
/// minute, and so are the shortest tokens.
const APART_MAX: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn checks(client: &Client) -> Vec<Check> {
    let endpoint = client.provider().token_endpoint();
    let origin = endpoint.origin().to_string();
    let is_plain = endpoint.uri().scheme() == Some(&Scheme::HTTP);
    let tls = || match is_plain {
        true => Check::good("tls", "none: the server is on this machine"),
        false => Check::good("tls", "the certificate is trusted"),
    };
    match Sessions::builder(client.clone()).build().reach() {
        Ok(answer) => vec![
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
            vec![server, tls, no_clock]
        }
    }
}

/// What is wrong with server and TLS where no answer came.
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
