//! The twelve things that may come to the loopback listener of `twoba login` besides the answer, or
//! as one: raw sockets on one side, the program itself on the other, the emulator behind it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use http::Response;
use twoba_core::limits::CALLBACK_QUERY_MAX;
use twoba_testkit::message;
use twoba_tests::{Desk, Login, PASSWORD, Said, USER, log_in_at_emulator, query_of};

/// No answer of the listener takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A login that waits, and the server that it waits for.
struct Waiting {
    desk: Desk,
    login: Login,
    port: SocketAddr,
}

/// The settings under which no browser of this machine is opened.
const NO_BROWSER: [(&str, &str); 2] = [("BROWSER", "false"), ("PATH", "")];

impl Waiting {
    fn new() -> Self {
        Self::at(Desk::new(), &[])
    }

    fn at(desk: Desk, changes: &[(&str, &str)]) -> Self {
        let login = Login::start(desk.cli(&[&NO_BROWSER, changes].concat()), &[]);
        let uri = login.redirect_uri();
        let (host, path) = uri
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        assert_eq!(path, "callback");
        let port = host.parse().unwrap();
        Self { desk, login, port }
    }

    /// A query that answers this login, though with a code that buys nothing.
    fn query(&self, more: &str) -> String {
        format!("code=a&state={}{more}", self.login.state())
    }

    /// The query that the emulator sends the browser back with.
    fn good_query(&self) -> String {
        let back = log_in_at_emulator(&self.desk.emulator, self.login.url(), USER, PASSWORD);
        assert!(back.starts_with(&self.login.redirect_uri()));
        query_of(&back).to_owned()
    }

    fn connect(&self) -> TcpStream {
        let browser = TcpStream::connect(self.port).unwrap();
        browser.set_read_timeout(Some(PATIENCE)).unwrap();
        browser
    }

    /// Sends a request line and headers; the answer has to be one page of this status.
    #[track_caller]
    fn is_told(&self, status: u16, line: &str, headers: &str) -> Response<Vec<u8>> {
        let request = format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.port);
        let mut browser = self.connect();
        browser.write_all(request.as_bytes()).unwrap();
        let page = page(browser).unwrap();
        assert_eq!(page.status(), status, "{line}");
        assert_eq!(page.headers()["referrer-policy"], "no-referrer", "{line}");
        assert_eq!(page.headers()["cache-control"], "no-store", "{line}");
        for name in page.headers().keys() {
            // No page of another site reads along, and nobody is sent anywhere.
            let name = name.as_str();
            assert!(!name.starts_with("access-control-"), "{line}: {name}");
            assert!(name != "location" && name != "refresh", "{line}: {name}");
        }
        page
    }

    /// Whatever has come so far, the login still waits and can be answered.
    #[track_caller]
    fn then_succeeds(self) {
        assert_eq!(
            self.desk.emulator.counts().token_posts,
            0,
            "nothing went out"
        );
        let query = self.good_query();
        let page = self.is_told(200, &format!("GET /callback?{query}"), "");
        assert!(text(&page).contains("You are logged in"), "{}", text(&page));
        self.was_one_login();
    }

    #[track_caller]
    fn was_one_login(self) {
        let said = self.login.finish().done();
        assert!(said.stderr.contains("logged in"), "{}", said.stderr);
        let counts = self.desk.emulator.counts();
        assert_eq!(
            (counts.authorization_code, counts.refused, counts.reuse),
            (1, 0, 0)
        );
        assert!(
            TcpStream::connect(self.port).is_err(),
            "the port is still open"
        );
    }

    /// This query ends the login without a word to the server: what the page and the program say.
    #[track_caller]
    fn fails(self, query: &str) -> (String, Said) {
        let page = self.is_told(200, &format!("GET /callback?{query}"), "");
        let said = self.login.finish();
        assert_ne!(said.code, 0, "{query}: {}", said.stderr);
        let lines = said
            .stderr
            .lines()
            .filter(|line| line.starts_with("error:"));
        assert_eq!(lines.count(), 1, "{query}: {}", said.stderr);
        assert_eq!(self.desk.emulator.counts().token_posts, 0, "{query}");
        (text(&page), said)
    }
}

/// The one answer on a connection.
fn page(mut browser: TcpStream) -> io::Result<Response<Vec<u8>>> {
    let mut bytes = Vec::new();
    browser.read_to_end(&mut bytes)?;
    message::response(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn text(page: &Response<Vec<u8>>) -> String {
    String::from_utf8(page.body().clone()).unwrap()
}

// shows: NA5
#[test]
fn vector_1_a_favicon_is_not_the_answer() {
    let waiting = Waiting::new();
    waiting.is_told(404, "GET /favicon.ico", "Accept: image/*\r\n");
    let query = waiting.query("");
    waiting.is_told(404, &format!("GET /favicon.ico?{query}"), "");
    waiting.then_succeeds();
}

// shows: NA5
#[test]
fn vector_2_an_empty_connection_holds_nobody_up() {
    let waiting = Waiting::new();
    drop(waiting.connect());
    let finished = waiting.connect();
    finished.shutdown(Shutdown::Write).unwrap();
    assert!(page(finished).is_err(), "there is nothing to answer");
    // As browsers open them in advance, and one that breaks off in the middle.
    let silent = [waiting.connect(), waiting.connect()];
    let mut halfway = waiting.connect();
    halfway.write_all(b"GET /callback?code=a").unwrap();
    waiting.then_succeeds();
    drop((silent, halfway));
}

// shows: NA5
#[test]
fn vector_3_options_are_not_the_answer_and_let_no_other_site_in() {
    let waiting = Waiting::new();
    let query = waiting.query("");
    let preflight = "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n\
                     Access-Control-Request-Private-Network: true\r\n";
    for line in [&format!("OPTIONS /callback?{query}"), "OPTIONS *"] {
        let page = waiting.is_told(405, line, preflight);
        assert_eq!(page.headers()["allow"], "GET");
    }
    waiting.then_succeeds();
}

// shows: NA5
#[test]
fn vector_4_a_post_is_not_the_answer() {
    let waiting = Waiting::new();
    let body = waiting.query("");
    let form = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        body.len()
    );
    // The body comes with the head, as from a form.
    let mut browser = waiting.connect();
    let request = format!("POST /callback HTTP/1.1\r\nHost: x\r\n{form}\r\n{body}");
    browser.write_all(request.as_bytes()).unwrap();
    let page = page(browser).unwrap();
    assert_eq!(page.status(), 405);
    assert_eq!(page.headers()["allow"], "GET");
    for method in ["POST", "HEAD", "PUT", "get"] {
        waiting.is_told(405, &format!("{method} /callback?{body}"), "");
    }
    waiting.then_succeeds();
}

// shows: NA5
#[test]
fn vector_5_another_path_is_not_the_answer() {
    let waiting = Waiting::new();
    let query = waiting.query("");
    for path in [
        "/",
        "/callback/",
        "/Callback",
        "//callback",
        "/callback%3F",
        "/callback/..",
    ] {
        waiting.is_told(404, &format!("GET {path}?{query}"), "");
    }
    waiting.then_succeeds();
}

// shows: AZ7 NA5
#[test]
fn vector_6_another_state_is_passed_over_until_the_right_one_comes() {
    let waiting = Waiting::new();
    let state = waiting.login.state();
    let short = state.get(1..).unwrap();
    for query in [
        String::new(),
        "code=a".to_owned(),
        "code=a&state=".to_owned(),
        "code=a&state=other".to_owned(),
        format!("code=a&state={short}"),
        format!("code=a&state={state}x"),
        format!("code=a&STATE={state}"),
        "error=access_denied&state=other".to_owned(),
    ] {
        waiting.is_told(400, &format!("GET /callback?{query}"), "");
    }
    waiting.then_succeeds();
}

// shows: AR2
#[test]
fn vector_7_a_repeated_parameter_makes_no_answer_and_an_answer_counts_once() {
    let waiting = Waiting::new();
    let state = waiting.login.state().to_owned();
    // With a state that stands there twice it is nobody's answer.
    let twice = format!("GET /callback?code=a&state={state}&state={state}");
    waiting.is_told(400, &twice, "");
    waiting.then_succeeds();

    for (repeated, clue) in [
        ("&code=a", "the parameter code twice"),
        ("&iss=a&iss=a", "the parameter iss twice"),
        (
            "&error=access_denied&error=access_denied",
            "the parameter error twice",
        ),
    ] {
        let waiting = Waiting::new();
        let query = waiting.query(repeated);
        let (page, said) = waiting.fails(&query);
        assert!(page.contains("did not succeed"), "{page}");
        assert!(said.stderr.contains(clue), "{}", said.stderr);
        assert_eq!(said.code, 6);
    }
}

#[test]
fn vector_8_a_query_of_64_kib_is_read_and_a_longer_one_is_not_the_answer() {
    let padded = |query: &str, length: usize| {
        let padding = "x".repeat(length - query.len() - "&padding=".len());
        format!("{query}&padding={padding}")
    };
    let waiting = Waiting::new();
    let too_long = padded(&waiting.query(""), CALLBACK_QUERY_MAX + 1);
    waiting.is_told(400, &format!("GET /callback?{too_long}"), "");

    // What goes on and on is cut off: not all of it can be sent, and no page comes of it.
    let mut endless = waiting.connect();
    let endless_query = padded(&waiting.query(""), 16 * CALLBACK_QUERY_MAX);
    let sent = endless
        .write_all(format!("GET /callback?{endless_query}").as_bytes())
        .and_then(|()| page(endless));
    assert!(sent.is_err(), "{sent:?}");

    let longest = padded(&waiting.good_query(), CALLBACK_QUERY_MAX);
    let page = waiting.is_told(200, &format!("GET /callback?{longest}"), "");
    assert!(text(&page).contains("You are logged in"), "{}", text(&page));
    waiting.was_one_login();
}

// shows: AR11
#[test]
fn vector_9_markup_in_a_description_reaches_neither_page_nor_terminal_unchanged() {
    let waiting = Waiting::new();
    let query = format!(
        "error=access_denied&state={}&error_description=\
         %3Cscript%3Ealert(1)%3C/script%3E%1B%5B31mred%0D%0Asecond%20line",
        waiting.login.state()
    );
    let (page, said) = waiting.fails(&query);
    assert!(page.contains("The login was canceled"), "{page}");
    assert!(!page.contains("alert") && !page.contains("red"), "{page}");
    assert_eq!(said.code, 3);
    let line = said.stderr.lines().last().unwrap();
    assert!(
        line.contains("access_denied (<script>alert(1)</script>"),
        "{line}"
    );
    assert!(line.contains("second line"), "it is one line: {line}");
    assert!(!line.contains(char::is_control), "{line}");
}

#[test]
fn vector_10_what_stands_in_a_fragment_is_no_answer() {
    let waiting = Waiting::new();
    // A browser keeps a fragment for itself: this is what is left of such an answer.
    waiting.is_told(400, "GET /callback", "");
    let query = waiting.query("");
    waiting.is_told(404, &format!("GET /callback#{query}"), "");
    // A program may send it all the same. What stands before it is the answer, as in a pasted one.
    let query = waiting.good_query();
    let page = waiting.is_told(200, &format!("GET /callback?{query}#_=_"), "");
    assert!(text(&page).contains("You are logged in"), "{}", text(&page));
    waiting.was_one_login();
}

// shows: AR3 AR6
#[test]
fn vector_11_an_answer_that_names_another_server_is_refused_where_the_issuer_is_known() {
    let foreign = "&iss=https%3A%2F%2Fevil.example";
    for more in [foreign.to_owned(), format!("&error=access_denied{foreign}")] {
        let desk = Desk::new();
        let issuer = desk.emulator.url().to_owned();
        let waiting = Waiting::at(desk, &[("TWOBA_ISSUER", &issuer)]);
        let query = waiting.query(&more);
        let (page, said) = waiting.fails(&query);
        assert!(page.contains("did not succeed"), "{page}");
        assert!(
            said.stderr.contains("names another server"),
            "{}",
            said.stderr
        );
        assert!(!said.stderr.contains("evil"), "{}", said.stderr);
        assert_eq!(said.code, 6, "the error of another server is not believed");
    }
    let desk = Desk::new();
    let issuer = desk.emulator.url().to_owned();
    Waiting::at(desk, &[("TWOBA_ISSUER", &issuer)]).then_succeeds();
}

// shows: AR8
#[test]
fn vector_12_of_two_connections_at_once_one_is_the_answer() {
    // One is opened first and says nothing, as browsers do.
    let waiting = Waiting::new();
    let first = waiting.connect();
    waiting.then_succeeds();
    drop(first);

    // Both bring the same code: it is exchanged once, and nobody is left hanging.
    let waiting = Waiting::new();
    let request = format!("GET /callback?{} HTTP/1.1\r\n\r\n", waiting.good_query());
    let at_once = Arc::new(Barrier::new(2));
    let both = [waiting.connect(), waiting.connect()].map(|mut browser| {
        let (at_once, request) = (Arc::clone(&at_once), request.clone());
        thread::spawn(move || {
            at_once.wait();
            browser.write_all(request.as_bytes())?;
            page(browser)
        })
    });
    let pages = both.map(|browser| browser.join().unwrap());
    let told = pages.iter().flatten().map(text);
    let told: Vec<_> = told
        .inspect(|page| assert!(page.contains("You are logged in")))
        .collect();
    assert!(!told.is_empty(), "{pages:?}");
    waiting.was_one_login();
}
