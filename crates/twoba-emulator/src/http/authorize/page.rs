//! The login page and its error pages, in English and Dutch.
//!
//! The templates hold the line ends, so that the source of a page is readable.

use maud::{Markup, html};
use twoba_sample_services::language::Language;
use twoba_sample_services::page::{Frame, Width};

use super::accounts;
use super::request::{AuthorizationRequest, PageError};
use crate::registry::DemoUser;

/// How many characters of an unknown client id are shown.
const MAX_SHOWN: usize = 100;

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
    missing_client: &'static str,
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
    missing_client: "The client_id is missing.",
    unknown_client: "There is no application with this client_id:",
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
    missing_client: "De client_id ontbreekt.",
    unknown_client: "Er is geen applicatie met deze client_id:",
    unregistered_redirect: "De redirect_uri ontbreekt of is voor deze applicatie niet geregistreerd.",
    foreign_origin: "Het formulier is verstuurd vanaf een pagina van een andere site.",
};

impl Words {
    const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Dutch => &DUTCH,
        }
    }
}

/// The login page. `refused_name` is the name that was typed with a wrong password before.
pub(super) fn login(
    language: Language,
    request: &AuthorizationRequest,
    refused_name: Option<&str>,
    demo_users: &[DemoUser],
) -> String {
    let words = Words::of(language);
    let is_refused = refused_name.is_some();
    let content = html! {
        p.notice { (words.notice) } "\n"
        (consent(words, request))
        @if is_refused {
            p.refused #refused role="alert" { (words.refused) } "\n"
        }
        form method="post" autocomplete="on" { "\n"
            (hidden_fields(request))
            (credentials(words, refused_name))
            button.primary type="submit" name="action" value="login" { (words.log_in) }
            button type="submit" name="action" value="cancel" formnovalidate { (words.cancel) } "\n"
        } "\n"
        (accounts::list(language, demo_users))
    };
    let frame = Frame {
        alarm: is_refused.then_some(words.error),
        ..narrow(language, words.title)
    };
    frame.around(&content)
}

/// A narrow page of this title.
const fn narrow(language: Language, heading: &'static str) -> Frame<'static> {
    Frame {
        language,
        alarm: None,
        heading,
        width: Width::Narrow,
    }
}

/// The text about the requesting client and what it may do after the login.
fn consent(words: &Words, request: &AuthorizationRequest) -> Markup {
    html! {
        p { strong { (request.client) } " " (words.asks) " " (words.may) }
        @if let Some(scope) = &request.scope {
            "\n" p { (words.scope) " " code { (scope) } }
        }
        "\n"
    }
}

/// The form fields that carry the request. It is checked again when it comes back.
fn hidden_fields(request: &AuthorizationRequest) -> Markup {
    let method = request.challenge.as_ref().map(|_| "S256");
    let fields = [
        ("response_type", Some("code")),
        ("client_id", Some(request.client.as_str())),
        ("redirect_uri", Some(request.redirect_uri.as_str())),
        ("state", request.state.as_deref()),
        ("scope", request.scope.as_deref()),
        ("code_challenge", request.challenge.as_deref()),
        ("code_challenge_method", method),
    ];
    html! {
        @for (name, value) in fields {
            @if let Some(value) = value {
                input type="hidden" name=(name) value=(value); "\n"
            }
        }
    }
}

/// The fields for name and password. The cursor is in the next field to fill in.
fn credentials(words: &Words, refused_name: Option<&str>) -> Markup {
    let typed = refused_name.unwrap_or_default();
    let invalid = refused_name.map(|_| "true");
    let described_by = refused_name.map(|_| "refused");
    html! {
        label for="username" { (words.name) } "\n"
        input id="username" name="username" type="text" value=(typed) autocomplete="username"
            autocapitalize="none" spellcheck="false" required autofocus[typed.is_empty()]
            aria-invalid=[invalid] aria-describedby=[described_by]; "\n"
        label for="password" { (words.password) } "\n"
        input id="password" name="password" type="password" autocomplete="current-password"
            required autofocus[!typed.is_empty()]
            aria-invalid=[invalid] aria-describedby=[described_by]; "\n"
    }
}

/// The page for an invalid request.
pub(super) fn error(language: Language, error: &PageError) -> String {
    let words = Words::of(language);
    let reason = match error {
        PageError::UnreadableRequest => words.unreadable_request,
        PageError::UnknownClient(None) => words.missing_client,
        PageError::UnknownClient(Some(_)) => words.unknown_client,
        PageError::UnregisteredRedirect => words.unregistered_redirect,
        PageError::ForeignOrigin => words.foreign_origin,
    };
    let content = html! {
        p.refused role="alert" {
            (reason)
            @if let PageError::UnknownClient(Some(id)) = error {
                " " code { (shortened(id)) }
            }
        } "\n"
        p { (words.stays_here) } "\n"
    };
    narrow(language, words.error_title).around(&content)
}

/// The start of a text from outside, long enough to recognize it.
fn shortened(text: &str) -> String {
    let start: String = text.chars().take(MAX_SHOWN).collect();
    match start.len() < text.len() {
        true => format!("{start}…"),
        false => start,
    }
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
    fn whatever_a_request_carries_is_escaped() {
        let html = login(Language::English, &request(), Some("<b>\"'&"), &[]);
        assert!(!html.contains("<script"));
        assert!(html.contains("&quot;&gt;&lt;script&gt;alert('x')&lt;/script&gt;&amp;"));
        assert!(html.contains("value=\"&lt;b&gt;&quot;'&amp;\""));
    }

    #[test]
    fn a_refused_login_is_announced_and_keeps_the_name_but_not_the_password() {
        let html = login(Language::Dutch, &request(), Some("demo@example.com"), &[]);
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
            let html = login(Language::English, &request(), refused, &[]);
            assert!(html.contains("spellcheck=\"false\" required autofocus"));
            assert_eq!(html.matches(" autofocus").count(), 1);
        }
    }

    #[test]
    fn consent_names_the_application_and_what_it_may_do() {
        let mut request = request();
        request.client = "shop & <co>".to_owned();
        request.scope = Some("unifeed openid".to_owned());
        let html = login(Language::English, &request, None, &[]);
        assert!(html.contains("<strong>shop &amp; &lt;co&gt;</strong> asks for access"));
        assert!(html.contains("may look up product data"));
        assert!(html.contains("<code>unifeed openid</code>"));
        let html = login(Language::Dutch, &request, None, &[]);
        assert!(html.contains("vraagt om toegang namens u."));
    }

    #[test]
    fn every_input_has_a_label_in_both_languages() {
        for language in [Language::English, Language::Dutch] {
            let html = login(language, &request(), None, &[]);
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())));
            for id in ["username", "password"] {
                assert!(html.contains(&format!("<label for=\"{id}\">")));
                assert!(html.contains(&format!("<input id=\"{id}\"")));
            }
        }
    }

    #[test]
    fn a_page_loads_nothing() {
        let html = login(Language::English, &request(), None, &[]);
        for loader in ["src=", "href=", "url(", "@import", "http-equiv"] {
            assert!(!html.contains(loader), "{loader}");
        }
    }
}
