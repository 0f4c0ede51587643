//! The pages of the loopback listener. The listener decides when to send which.

/// The text for the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) status: &'static str,
    title: &'static str,
    text: &'static str,
    mood: &'static str,
}

pub(super) const LOGGED_IN: Page = Page {
    status: "200 OK",
    title: "You are logged in",
    text: "You can close this page and go back to the terminal.",
    mood: "good",
};

pub(super) const CANCELED: Page = Page {
    status: "200 OK",
    title: "The login was canceled",
    text: "Nothing has changed. You can close this page; the terminal says how to start again.",
    mood: "plain",
};

pub(super) const FAILED: Page = Page {
    status: "200 OK",
    title: "The login did not succeed",
    text: "You can close this page; the terminal says why, and what to do.",
    mood: "bad",
};

pub(super) const NOT_THIS_LOGIN: Page = Page {
    status: "400 Bad Request",
    title: "This answers another login",
    text: "The terminal waits for the login page that it opened last. Go on there, or start \
           again in the terminal.",
    mood: "bad",
};

pub(super) const NOT_FOUND: Page = Page {
    status: "404 Not Found",
    title: "There is nothing here",
    text: "The terminal waits for the answer of the login page, which comes to another address.",
    mood: "bad",
};

pub(super) const USED: Page = Page {
    status: "410 Gone",
    title: "This address was used already",
    text: "It leads to the login page once. If that was not you, press Ctrl-C in the terminal and \
           log in again with --no-browser.",
    mood: "bad",
};

pub(super) const NOT_ALLOWED: Page = Page {
    status: "405 Method Not Allowed",
    title: "This is not how a login is answered",
    text: "The terminal waits for the answer of the login page.",
    mood: "bad",
};

/// Removes the code from the address bar and the history. It is the only script that may run, by
/// its digest in the page's policy.
pub(super) const FORGET_QUERY: &str = "history.replaceState(null,'',location.pathname)";
pub(super) const FORGET_QUERY_SHA256: &str = "UBodp8UhLR9ASBc1PNRKcs3r2CjAFWxCbrUGPN7u1jo=";

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}\
h1{font-size:1.5rem;line-height:1.3}\
main{padding:.2rem 1.2rem;border:1px solid;border-left-width:.5rem;border-radius:.3rem}\
.good{border-color:light-dark(#17713a,#5fd38a)}\
.bad{border-color:light-dark(#b3261e,#ff9a90)}\
footer{margin-top:1rem;font-size:.9rem;opacity:.75}";

/// The whole message: a page that loads nothing and passes nothing on.
pub(super) fn message(page: Page) -> String {
    let Page {
        status,
        title,
        text,
        mood,
    } = page;
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - twoba</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main class=\"{mood}\">\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n\
         <footer>From the program twoba on this computer.</footer>\n\
         <script>{FORGET_QUERY}</script>\n</body>\n</html>\n"
    );
    // RFC 9110 section 15.5.6: whoever used another method is told which there is.
    let allow = if page == NOT_ALLOWED {
        "Allow: GET\r\n"
    } else {
        ""
    };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         {allow}Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{FORGET_QUERY_SHA256}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{html}",
        html.len()
    )
}

/// Sends a browser on to the login page. Nobody else learns that address.
pub(super) fn lead_to(login: &str) -> String {
    format!(
        "HTTP/1.1 303 See Other\r\nLocation: {login}\r\nContent-Length: 0\r\n\
         Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // shows: AR9
    #[test]
    fn a_page_says_how_it_went_loads_nothing_and_passes_nothing_on() {
        for page in [
            LOGGED_IN,
            CANCELED,
            FAILED,
            NOT_THIS_LOGIN,
            NOT_FOUND,
            USED,
            NOT_ALLOWED,
        ] {
            let message = message(page);
            let (head, html) = message.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {}\r\n", page.status)));
            assert!(head.contains(&format!("Content-Length: {}\r\n", html.len())));
            assert!(head.contains("Referrer-Policy: no-referrer"));
            assert!(head.contains("default-src 'none'"));
            assert_eq!(head.contains("Allow: GET"), head.contains(" 405 "));
            assert!(html.contains(&format!("<h1>{}</h1>", page.title)));
            for loader in ["src=", "href=", "url(", "@import", "http-equiv"] {
                assert!(!html.contains(loader), "{loader}");
            }
        }
    }
}
