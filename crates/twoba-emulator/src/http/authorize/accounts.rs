//! Lists the documented users on the login page.

use std::sync::LazyLock;

use maud::{Markup, PreEscaped, html};
use twoba_sample_services::language::Language;
use twoba_sample_services::page;

use crate::registry::DemoUser;

/// Shows the buttons and lets them copy a text. Without scripts there are no buttons. If the
/// browser refuses to copy, the text is selected instead.
const SCRIPT: &str = "\
for(const b of document.querySelectorAll('[data-copied]')){\
b.hidden=false;\
const text=b.previousElementSibling;\
b.onclick=async()=>{\
try{await navigator.clipboard.writeText(text.textContent);\
document.getElementById('copied').textContent=b.dataset.copied}\
catch{getSelection().selectAllChildren(text)}}}";

/// The part of the page's security policy that allows the script.
pub(super) fn policy(users: &[DemoUser]) -> &'static str {
    static SOURCE: LazyLock<String> =
        LazyLock::new(|| format!("; script-src {}", page::digest_source(SCRIPT)));
    if users.is_empty() { "" } else { &SOURCE }
}

struct Words {
    heading: &'static str,
    copy_name: &'static str,
    copy_password: &'static str,
    copied: &'static str,
}

const ENGLISH: Words = Words {
    heading: "Who can log in here",
    copy_name: "Copy name",
    copy_password: "Copy password",
    copied: "Copied:",
};

const DUTCH: Words = Words {
    heading: "Wie hier kan inloggen",
    copy_name: "Naam kopiëren",
    copy_password: "Wachtwoord kopiëren",
    copied: "Gekopieerd:",
};

/// The documented users, after the form.
pub(super) fn list(language: Language, users: &[DemoUser]) -> Markup {
    let words = match language {
        Language::English => &ENGLISH,
        Language::Dutch => &DUTCH,
    };
    html! {
        @if !users.is_empty() {
            h2 { (words.heading) } "\n"
            ul.items { "\n"
                @for user in users {
                    (item(words, user.name, words.copy_name, user.name))
                    (item(words, user.password, words.copy_password, user.name))
                }
            } "\n"
            p #copied role="status" {} "\n"
            script { (PreEscaped(SCRIPT)) } "\n"
        }
    }
}

/// One text and its button. The button's label names the user, for people who do not see the list.
fn item(words: &Words, text: &str, button: &str, whose: &str) -> Markup {
    let copied = format!("{} {text}", words.copied);
    html! {
        li {
            code.what { (text) }
            button.copy type="button" hidden data-copied=(copied) {
                (button) span.unseen { " " (whose) }
            }
        } "\n"
    }
}
