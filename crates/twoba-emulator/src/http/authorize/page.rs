//! Decides how the login page and its errors look and read, in English and Dutch; not who may log in.

use std::fmt;
use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::request::{AuthorizationRequest, PageError};

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Language {
    English,
    Dutch,
}

impl Language {
    /// The language of the two that the browser prefers (RFC 9110 section 12.5.4); English in doubt.
    pub(in crate::http) fn preferred(accept_language: Option<&str>) -> Self {
        let wish = |language: &str| {
            accept_language
                .unwrap_or_default()
                .split(',')
                .filter_map(|range| {
                    let (tag, weight) = match range.split_once(';') {
                        Some((tag, weight)) => {
                            let (name, weight) = weight.split_once('=')?;
                            (name.trim().eq_ignore_ascii_case("q")).then_some((tag, weight))?
                        }
                        None => (range, "1"),
                    };
                    let primary = tag.trim().split('-').next().unwrap_or_default();
                    let weight: f32 = weight.trim().parse().ok()?;
                    let counts =
                        primary.eq_ignore_ascii_case(language) && (0.0..=1.0).contains(&weight);
                    counts.then_some(weight)
                })
                .fold(0.0, f32::max)
        };
        if wish("nl") > wish("en") {
            Self::Dutch
        } else {
            Self::English
        }
    }

    pub(in crate::http) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
        }
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
        }
    }
}

struct Words {
    title: &'static str,
    notice: &'static str,
    asks: &'static str,
    may: &'static str,
    scope: &'static str,
    error: &'static str,
    refused: &'static str,
    name: &'static str,
    password: &'static str,
    log_in: &'static str,
    cancel: &'static str,
    error_title: &'static str,
    stays_here: &'static str,
    unreadable_request: &'static str,
    unknown_client: &'static str,
    unregistered_redirect: &'static str,
    foreign_origin: &'static str,
}

const ENGLISH: Words = Words {
    title: "Log in to the 2BA emulator",
    notice: "This is an emulator on this computer, not 2BA. Do not enter a real password.",
    asks: "asks for access in your name.",
    may: "If you log in, it may look up product data with your rights and renew its access by \
          itself, until you or it ends that.",
    scope: "It asks for:",
    error: "Error:",
    refused: "User name or password is wrong.",
    name: "User name",
    password: "Password",
    log_in: "Log in",
    cancel: "Cancel",
    error_title: "This login cannot start",
    stays_here: "You were not sent back to the application, because that would not be safe.",
    unreadable_request: "The request cannot be read, or a parameter occurs twice.",
    unknown_client: "There is no application with this client_id.",
    unregistered_redirect: "The redirect_uri is missing or not registered for this application.",
    foreign_origin: "The form was sent from the page of another site.",
};

const DUTCH: Words = Words {
    title: "Inloggen bij de 2BA-emulator",
    notice: "Dit is een emulator op deze computer, niet 2BA. Vul geen echt wachtwoord in.",
    asks: "vraagt om toegang namens u.",
    may: "Als u inlogt, mag deze applicatie met uw rechten productgegevens opvragen en de toegang \
          zelf verlengen, totdat u of de applicatie die beëindigt.",
    scope: "Gevraagd wordt:",
    error: "Fout:",
    refused: "Gebruikersnaam of wachtwoord is onjuist.",
    name: "Gebruikersnaam",
    password: "Wachtwoord",
    log_in: "Inloggen",
    cancel: "Annuleren",
    error_title: "Deze aanmelding kan niet beginnen",
    stays_here: "U bent niet teruggestuurd naar de applicatie, omdat dat niet veilig zou zijn.",
    unreadable_request: "Het verzoek is niet te lezen, of een parameter komt twee keer voor.",
    unknown_client: "Er is geen applicatie met deze client_id.",
    unregistered_redirect: "De redirect_uri ontbreekt of is voor deze applicatie niet geregistreerd.",
    foreign_origin: "Het formulier is verstuurd vanaf een pagina van een andere site.",
};

/// Text on its way into HTML.
pub(in crate::http) struct Escaped<'a>(pub(in crate::http) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => write!(f, "{other}"),
        })
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.1rem/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}\
.narrow{max-width:26rem}\
.wide{max-width:46rem}\
h1{font-size:1.5rem;line-height:1.25}\
h2{font-size:1.2rem;margin-top:2rem}\
form>label{display:block;margin:1rem 0 .4rem;font-weight:600}\
input{box-sizing:border-box;padding:.6rem;font:inherit;border:1px solid;border-radius:.3rem}\
form>input{width:100%}\
[aria-invalid],.refused.refused{border-color:light-dark(#b3261e,#f2b8b5)}\
[aria-invalid]{border-width:2px}\
button{margin:1.5rem .5rem 0 0;padding:.6rem 1.2rem;font:inherit;border:1px solid;border-radius:.3rem;cursor:pointer}\
:focus-visible{outline:3px solid;outline-offset:2px}\
.notice,.refused{padding:.6rem .8rem;border:1px solid;border-left-width:.5rem;border-radius:.3rem}\
.refused{font-weight:600}\
summary{cursor:pointer;font-weight:600}\
table{border-collapse:collapse;width:100%;table-layout:fixed}\
th{width:44%}\
td{width:56%}\
th,td{padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #8886}\
.items{list-style:none;margin:0;padding:0}\
.items li{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center;padding:.6rem 0;border-bottom:1px solid #8886}\
.items [type=checkbox]{width:1.4rem;height:1.4rem;flex:none}\
.items .what{flex:1 1 12rem}\
.items .count{display:flex;gap:.6rem;align-items:center}\
.items [type=number]{width:6rem}\
small{display:block;opacity:.8}\
pre{white-space:pre-wrap;padding:.6rem .8rem;border:1px solid #8886;border-radius:.3rem}\
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}";

/// Lets the one style sheet through and nothing else, computed once.
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| {
    let digest = Base64::encode_string(&Sha256::digest(STYLE.as_bytes()));
    format!("'sha256-{digest}'")
});

/// The content security policy of a page whose form may lead to these places; `more` is added.
///
/// Browsers hold the redirect after a form against `form-action`, so its target has to be in.
pub(in crate::http) fn security_policy<'u>(
    form_leads_to: impl IntoIterator<Item = &'u str>,
    more: &str,
) -> String {
    let mut form_action = String::new();
    for place in form_leads_to {
        form_action.push(' ');
        form_action.push_str(match place {
            SELF => SELF,
            uri => source(uri),
        });
    }
    if form_action.is_empty() {
        form_action.push_str(" 'none'");
    }
    format!(
        "default-src 'none'; style-src {}; form-action{form_action}; \
         base-uri 'none'; frame-ancestors 'none'{more}",
        *STYLE_SOURCE
    )
}

/// Where a form leads that comes back here.
pub(in crate::http) const SELF: &str = "'self'";

/// The origin of a URI as a policy can name it, or its scheme alone.
pub(in crate::http) fn source(uri: &str) -> &str {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return uri.split_inclusive(':').next().unwrap_or("'none'");
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_web = scheme == "http" || scheme == "https";
    let is_plain = !authority.is_empty()
        && authority
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    // A policy cannot spell the brackets of an IPv6 address.
    let end = if is_web && is_plain {
        scheme.len() + "://".len() + authority.len()
    } else {
        scheme.len() + ":".len()
    };
    uri.get(..end).unwrap_or("'none'")
}

/// The login page; `refused_name` is the name that was typed with a wrong password before.
pub(super) fn login(
    language: Language,
    request: &AuthorizationRequest,
    refused_name: Option<&str>,
) -> String {
    let words = language.words();
    // The cursor waits where the next thing has to be typed.
    let (name_focus, password_focus) = match refused_name {
        None | Some("") => (" autofocus", ""),
        Some(_) => ("", " autofocus"),
    };
    let (alert, invalid) = match refused_name {
        Some(_) => (
            format!(
                "<p class=\"refused\" id=\"refused\" role=\"alert\">{}</p>\n",
                words.refused
            ),
            " aria-invalid=\"true\" aria-describedby=\"refused\"",
        ),
        None => (String::new(), ""),
    };
    let body = format!(
        "<p class=\"notice\">{notice}</p>\n\
         {consent}\
         {alert}\
         <form method=\"post\" autocomplete=\"on\">\n\
         {hidden}\
         <label for=\"username\">{name}</label>\n\
         <input id=\"username\" name=\"username\" type=\"text\" value=\"{typed}\" \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required{name_focus}{invalid}>\n\
         <label for=\"password\">{password}</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" \
         autocomplete=\"current-password\" required{password_focus}{invalid}>\n\
         <button type=\"submit\" name=\"action\" value=\"login\">{log_in}</button>\
         <button type=\"submit\" name=\"action\" value=\"cancel\" formnovalidate>{cancel}</button>\n\
         </form>\n",
        notice = words.notice,
        consent = consent(words, request),
        hidden = hidden_fields(request),
        name = words.name,
        typed = Escaped(refused_name.unwrap_or_default()),
        password = words.password,
        log_in = words.log_in,
        cancel = words.cancel,
    );
    // The title is what a screen reader says first.
    let title = match refused_name {
        Some(_) => format!("{} {}", words.error, words.title),
        None => words.title.to_owned(),
    };
    titled(language, &title, words.title, Width::Narrow, &body)
}

/// Who asks, and what it may do after the login.
fn consent(words: &Words, request: &AuthorizationRequest) -> String {
    let scope = match &request.scope {
        Some(scope) => format!("\n<p>{} <code>{}</code></p>", words.scope, Escaped(scope)),
        None => String::new(),
    };
    format!(
        "<p><strong>{}</strong> {} {}</p>{scope}\n",
        Escaped(&request.client),
        words.asks,
        words.may,
    )
}

/// What the form carries of the request; it is checked again when it comes back.
fn hidden_fields(request: &AuthorizationRequest) -> String {
    let method = request.challenge.as_ref().map(|_| "S256");
    [
        ("response_type", Some("code")),
        ("client_id", Some(request.client.as_str())),
        ("redirect_uri", Some(request.redirect_uri.as_str())),
        ("state", request.state.as_deref()),
        ("scope", request.scope.as_deref()),
        ("code_challenge", request.challenge.as_deref()),
        ("code_challenge_method", method),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        let value = Escaped(value?);
        Some(format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"
        ))
    })
    .collect()
}

/// The page for a request that leads nowhere.
pub(super) fn error(language: Language, error: PageError) -> String {
    let words = language.words();
    let reason = match error {
        PageError::UnreadableRequest => words.unreadable_request,
        PageError::UnknownClient => words.unknown_client,
        PageError::UnregisteredRedirect => words.unregistered_redirect,
        PageError::ForeignOrigin => words.foreign_origin,
    };
    let body = format!(
        "<p class=\"refused\" role=\"alert\">{reason}</p>\n<p>{}</p>\n",
        words.stays_here
    );
    document(language, words.error_title, Width::Narrow, &body)
}

/// How much room a page takes.
#[derive(Clone, Copy)]
pub(in crate::http) enum Width {
    Narrow,
    Wide,
}

/// A whole page; `title` and `body` are HTML.
pub(in crate::http) fn document(
    language: Language,
    title: &str,
    width: Width,
    body: &str,
) -> String {
    titled(language, title, title, width, body)
}

/// A page whose heading is not its title.
pub(in crate::http) fn titled(
    language: Language,
    title: &str,
    heading: &str,
    width: Width,
    body: &str,
) -> String {
    let width = match width {
        Width::Narrow => "narrow",
        Width::Wide => "wide",
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body class=\"{width}\">\n<main>\n\
         <h1>{heading}</h1>\n{body}</main>\n</body>\n</html>\n",
        language.tag(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            client: "myApplication".to_owned(),
            redirect_uri: "http://localhost:8080/cb".to_owned(),
            state: Some("\"><script>alert('x')</script>&".to_owned()),
            challenge: None,
            scope: None,
        }
    }

    #[test]
    fn the_page_speaks_the_preferred_one_of_its_languages() {
        use Language::{Dutch, English};
        for (header, expected) in [
            (None, English),
            (Some("nl"), Dutch),
            (Some("nl-NL,nl;q=0.9,en;q=0.8"), Dutch),
            (Some("en-GB,en;q=0.9,nl;q=0.8"), English),
            (Some("de, nl;q=0.5, en; q=0.4"), Dutch),
            (Some("de"), English),
            (Some("NL;q=1"), Dutch),
            (Some("nl;q=0"), English),
            (Some("nl ; Q = 0.8, en;q=0.7"), Dutch),
            (Some("nl;q=inf, en;q=0.1"), English),
            (Some(";;q=,,"), English),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header:?}");
        }
    }

    #[test]
    fn whatever_a_request_carries_is_escaped() {
        let html = login(Language::English, &request(), Some("<b>\"'&"));
        assert!(!html.contains("<script"));
        assert!(html.contains("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"));
        assert!(html.contains("value=\"&lt;b&gt;&quot;&#39;&amp;\""));
    }

    #[test]
    fn a_refused_login_is_announced_and_keeps_the_name_but_not_the_password() {
        let html = login(Language::Dutch, &request(), Some("demo@example.com"));
        assert!(html.contains("role=\"alert\">Gebruikersnaam of wachtwoord is onjuist."));
        assert!(html.contains("value=\"demo@example.com\""));
        assert!(html.contains("<title>Fout: Inloggen"));
        assert!(html.contains("autocomplete=\"current-password\" required autofocus aria-invalid=\"true\" aria-describedby=\"refused\""));
        assert_eq!(html.matches(" autofocus").count(), 1);
        assert!(!html.contains("type=\"password\" value"));
    }

    #[test]
    fn the_cursor_waits_for_the_name_where_none_was_typed() {
        for refused in [None, Some("")] {
            let html = login(Language::English, &request(), refused);
            assert!(html.contains("spellcheck=\"false\" required autofocus"));
            assert_eq!(html.matches(" autofocus").count(), 1);
        }
    }

    #[test]
    fn consent_names_the_application_and_what_it_may_do() {
        let mut request = request();
        request.client = "shop & <co>".to_owned();
        request.scope = Some("unifeed openid".to_owned());
        let html = login(Language::English, &request, None);
        assert!(html.contains("<strong>shop &amp; &lt;co&gt;</strong> asks for access"));
        assert!(html.contains("may look up product data"));
        assert!(html.contains("<code>unifeed openid</code>"));
        let html = login(Language::Dutch, &request, None);
        assert!(html.contains("vraagt om toegang namens u."));
    }

    #[test]
    fn every_input_has_a_label_in_both_languages() {
        for language in [Language::English, Language::Dutch] {
            let html = login(language, &request(), None);
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())));
            for id in ["username", "password"] {
                assert!(html.contains(&format!("<label for=\"{id}\">")));
                assert!(html.contains(&format!("<input id=\"{id}\"")));
            }
        }
    }

    #[test]
    fn a_page_loads_nothing() {
        let html = login(Language::English, &request(), None);
        for loader in ["src=", "href=", "url(", "@import", "http-equiv"] {
            assert!(!html.contains(loader), "{loader}");
        }
    }

    #[test]
    fn the_policy_lets_the_form_end_at_the_redirect_uri_only() {
        for (uri, expected) in [
            ("http://localhost:8080/cb?x", "http://localhost:8080"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://[::1]:80/", "http:"),
            ("nl.2ba.uol://tokenreceiver", "nl.2ba.uol:"),
            ("https://a;b/", "https:"),
            ("urn:ietf:wg:oauth:2.0:oob", "urn:"),
        ] {
            assert_eq!(source(uri), expected);
            let policy = security_policy([SELF, uri], "");
            assert!(policy.contains(&format!("form-action 'self' {expected};")));
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        }
        assert!(security_policy([], "").contains("form-action 'none';"));
    }
}
