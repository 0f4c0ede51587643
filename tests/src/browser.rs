//! Decides how a person with a browser is played: pages read, forms posted, cookies kept, nothing followed.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::{Method, Request, Response, header};
use twoba_emulator::Emulator;
use twoba_testkit::{exchange, form, hidden_fields};

/// A browser for one server.
#[derive(Debug)]
pub struct Browser {
    server: SocketAddr,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser without cookies.
    #[must_use]
    pub const fn new(server: SocketAddr) -> Self {
        Self {
            server,
            cookies: BTreeMap::new(),
        }
    }

    /// Fetches a path, or a URL of this server.
    pub fn get(&mut self, target: &str) -> Response<Vec<u8>> {
        self.send(Method::GET, target, Vec::new())
    }

    /// Posts a form.
    pub fn post(&mut self, target: &str, fields: &[(String, String)]) -> Response<Vec<u8>> {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        self.send(Method::POST, target, form(&fields).into_bytes())
    }

    /// Fills in the only form of a page, which is posted to the page's own address: its hidden
    /// fields as they are, and these besides.
    pub fn submit(
        &mut self,
        target: &str,
        page: &Response<Vec<u8>>,
        typed: &[(&str, &str)],
    ) -> Response<Vec<u8>> {
        assert_eq!(page.status(), 200, "no page with a form");
        let mut fields = hidden_fields(std::str::from_utf8(page.body()).unwrap());
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        fields.extend(typed.iter().map(owned));
        self.post(target, &fields)
    }

    fn send(&mut self, method: Method, target: &str, body: Vec<u8>) -> Response<Vec<u8>> {
        let mut request = Request::new(body);
        *request.uri_mut() = target.parse().unwrap();
        if method == Method::POST {
            let form = "application/x-www-form-urlencoded".parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, form);
        }
        *request.method_mut() = method;
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            let cookies = pairs.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        let response = exchange(self.server, &request).unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// Where a redirect leads.
#[must_use]
pub fn location(response: &Response<Vec<u8>>) -> &str {
    let status = response.status();
    assert!(status.is_redirection(), "{status} instead of a redirect");
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// The query of an address.
#[must_use]
pub fn query_of(address: &str) -> &str {
    address.split_once('?').unwrap().1
}

/// Logs in on the emulator's page that `url` leads to; returns where the browser is sent then.
#[must_use]
pub fn log_in_at_emulator(emulator: &Emulator, url: &str, user: &str, password: &str) -> String {
    let mut browser = Browser::new(emulator.addr());
    let page = browser.get(url);
    let typed = [
        ("username", user),
        ("password", password),
        ("action", "login"),
    ];
    // The form goes to the page's path; its hidden fields carry the request.
    let path = url.split('?').next().unwrap();
    let sent_back = browser.submit(path, &page, &typed);
    location(&sent_back).to_owned()
}
