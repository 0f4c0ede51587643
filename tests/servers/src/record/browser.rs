//! Plays a person with a browser who logs in and agrees, on any of the servers' pages.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use twoba_testkit::{form, hidden_fields};

use super::wire::{Answer, Asked, exchange};

/// No walk takes more pages and redirects.
const STEPS_MAX: usize = 12;

/// Walks from `target` until a redirect leads to `redirect_uri`; returns the query that it carries.
pub(super) fn walk(
    server: SocketAddr,
    target: &str,
    redirect_uri: &str,
    user: (&str, &str),
) -> Result<String> {
    let mut cookies = BTreeMap::new();
    let mut asked = Asked::get(target);
    for _ in 0..STEPS_MAX {
        let page = asked.target.clone();
        let sent: Vec<_> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !sent.is_empty() {
            asked = asked.with(COOKIE, &sent.join("; "));
        }
        let answer = exchange(server, &asked)?;
        keep_cookies(&mut cookies, &answer)?;
        let location = answer.message.headers().get(LOCATION);
        asked = match (answer.message.status().as_u16(), location) {
            (300..=399, Some(location)) => {
                let location = location.to_str()?;
                match location.strip_prefix(redirect_uri) {
                    Some(rest) => return Ok(rest.trim_start_matches('?').to_owned()),
                    None => Asked::get(&path(server, location)?),
                }
            }
            (200, _) => filled_in(&page, answer.body(), user),
            (status, _) => bail!("the login page answered {status}: {}", answer.body()),
        };
    }
    bail!("the login did not end in {STEPS_MAX} steps")
}

fn keep_cookies(cookies: &mut BTreeMap<String, String>, answer: &Answer) -> Result<()> {
    for value in answer.message.headers().get_all(SET_COOKIE) {
        let pair = value.to_str()?.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(())
}

/// The path of an address on this server.
fn path(server: SocketAddr, location: &str) -> Result<String> {
    let path = location
        .strip_prefix(&format!("http://{server}"))
        .unwrap_or(location);
    if !path.starts_with('/') {
        bail!("the login page leads to another server");
    }
    Ok(path.to_owned())
}

/// The page's form, posted to the page's own address: hidden fields as they are, the others filled in.
fn filled_in(page: &str, html: &str, (name, password): (&str, &str)) -> Asked {
    let mut fields = hidden_fields(html);
    let has = |field: &str| html.contains(&format!("name=\"{field}\""));
    for (field, value) in [
        ("username", name),
        ("password", password),
        ("action", "login"),
        ("allow", "Authorize"),
    ] {
        if has(field) {
            fields.push((field.to_owned(), value.to_owned()));
        }
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    Asked::form(page, &fields)
}

/// The address of the login page with these fields.
pub(super) fn login_page(path: &str, fields: &[(&str, &str)]) -> String {
    format!("{path}?{}", form(fields))
}

/// The value of a parameter in a query, as it stands there.
pub(super) fn parameter<'q>(query: &'q str, name: &str) -> Result<&'q str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs
        .find(|(key, _)| *key == name)
        .with_context(|| format!("the login brought no {name}: {query}"))?;
    if value.contains(['%', '+']) {
        bail!("the {name} is encoded, which is not read here");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_filled_in() {
        let html = "<form><input type=\"hidden\" name=\"next\" value=\"/a?b=c&amp;d\">\
             <input type=\"hidden\" name=\"empty\"><input name=\"username\"></form>";
        let asked = filled_in("/login", html, ("me", "pw"));
        assert_eq!(asked.body, "next=%2Fa%3Fb%3Dc%26d&empty=&username=me");
        assert_eq!(
            (asked.method.as_str(), asked.target.as_str()),
            ("POST", "/login")
        );
    }

    #[test]
    fn a_parameter_is_found() {
        assert_eq!(
            parameter("state=a&code=b-_c&iss=x", "code").unwrap(),
            "b-_c"
        );
        assert!(parameter("error=access_denied", "code").is_err());
        assert!(parameter("code=a%2Fb", "code").is_err());
    }
}
