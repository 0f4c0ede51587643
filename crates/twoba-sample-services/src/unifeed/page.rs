//! The pages of Unifeed. The texts are in `words`, and the frame is in the crate's `page`.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::address::ReturnUrl;
use super::assortment::{Article, euros};
use super::selection::{Mistake, pick_field, quantity_field};
use super::start::{Start, Way};
use super::words::{self, Words};
use crate::caller::{Caller, Verdict};
use crate::form::Parameters;
use crate::language::Language;
use crate::page::{self, Frame, Width};

/// The input of the form, and its mistake.
pub(super) struct FilledIn<'f> {
    pub(super) form: &'f Parameters,
    pub(super) mistake: Mistake,
}

/// The start page.
pub(super) fn start(
    language: Language,
    start: &Start,
    verdict: &Verdict,
    articles: &[Article],
    filled_in: Option<&FilledIn<'_>>,
) -> String {
    let words = Words::of(language);
    let alert = match (verdict, &start.way, filled_in) {
        (Err(reason), ..) => Some(words::refusal(language, *reason)),
        (Ok(_), Err(problem), _) => Some(words::problem(language, *problem)),
        (Ok(_), Ok(_), Some(filled_in)) => Some(words::mistake(language, filled_in.mistake)),
        (Ok(_), Ok(_), None) => None,
    };
    let content = html! {
        p.notice { (words.notice) } "\n"
        @if let Some(alert) = alert {
            p.refused #refused role="alert" { (alert) } "\n"
        }
        @if let Ok(Some(caller)) = verdict { (known(words, caller)) }
        (given(language, start))
        @if verdict.is_ok() && start.way.is_ok() {
            (offer(language, start, articles, filled_in))
        }
    };
    let frame = Frame {
        alarm: alert.map(|_| words.error),
        ..wide(language, words.title)
    };
    frame.around(&content)
}

/// A wide page of this title.
const fn wide(language: Language, heading: &'static str) -> Frame<'static> {
    Frame {
        language,
        alarm: None,
        heading,
        width: Width::Wide,
    }
}

/// The owner of the token.
fn known(words: &Words, caller: &Caller) -> Markup {
    html! {
        p {
            (words.token) ": " (words.token_good) " " code { (caller.fingerprint) } ", "
            (words.family) " " (caller.family) ", " (words.generation) " " (caller.generation) "."
        } "\n"
    }
}

/// The parameters, without their secrets.
fn given(language: Language, start: &Start) -> Markup {
    let words = Words::of(language);
    html! {
        details open {
            summary { (words.given) } "\n"
            @if start.given.is_empty() {
                p { (words.nothing_given) } "\n"
            } @else {
                table {
                    thead { tr { th scope="col" { (words.parameter) } th scope="col" { (words.value) } } }
                    tbody { "\n"
                        @for given in &start.given {
                            tr {
                                th scope="row" { (given.name) }
                                td {
                                    code { (given.value) } " "
                                    small { (words::standing(language, given.standing)) }
                                }
                            } "\n"
                        }
                    }
                } "\n"
            }
        } "\n"
    }
}

/// The articles. They can be picked if there is a way back.
fn offer(
    language: Language,
    start: &Start,
    articles: &[Article],
    filled_in: Option<&FilledIn<'_>>,
) -> Markup {
    let words = Words::of(language);
    let kind = start.kind.filter(|_| matches!(start.way, Ok(Some(_))));
    html! {
        h2 #articles { (words.articles) } "\n"
        @if articles.is_empty() {
            p { (words.none_found) } "\n"
        } @else if let Some(kind) = kind {
            // Without an action the form comes back to this address, and the token needs no hidden field.
            form method="post" novalidate { "\n"
                ul.items { "\n"
                    @for article in articles { (item(language, *article, filled_in)) }
                } "\n"
                button type="submit" {
                    (words.return_by) " " (kind.name())
                    @if let Some(name) = &start.name { " (" (name) ")" }
                } "\n"
            } "\n"
        } @else {
            p { (words.only_looking) } "\n"
            ul.items { "\n"
                @for article in articles { li { span { (told(language, *article)) } } "\n" }
            } "\n"
        }
    }
}

fn item(language: Language, article: Article, filled_in: Option<&FilledIn<'_>>) -> Markup {
    let words = Words::of(language);
    let (pick, quantity) = (pick_field(article), quantity_field(article));
    let typed = |name: &str| filled_in.and_then(|filled_in| filled_in.form.get(name));
    let is_wrong = match filled_in.map(|filled_in| filled_in.mistake) {
        Some(Mistake::Quantity(id)) => id == article.id(),
        Some(Mistake::NothingPicked) | None => false,
    };
    html! {
        li {
            input type="checkbox" id=(pick) name=(pick) value="1" checked[typed(&pick).is_some()];
            label.what for=(pick) { (told(language, article)) }
            span.count {
                label for=(quantity) {
                    (words.quantity) span.unseen { " " (article.description()) }
                }
                input type="number" id=(quantity) name=(quantity)
                    value=(typed(&quantity).unwrap_or("1"))
                    min="1" max="99999" step="1" inputmode="numeric"
                    aria-invalid=[is_wrong.then_some("true")]
                    aria-describedby=[is_wrong.then_some("refused")]
                    autofocus[is_wrong];
            }
        } "\n"
    }
}

/// An article in two lines.
fn told(language: Language, article: Article) -> Markup {
    let price = euros(article.price());
    let price = match language {
        Language::English => format!("€{price}"),
        Language::Dutch => format!("€ {}", price.replace('.', ",")),
    };
    html! {
        (article.description()) " "
        small {
            (article.manufacturer()) " · " (article.productcode()) " · "
            (article.trade_item_id()) " · " (price)
        }
    }
}

/// The page whose form sends JSON to the application.
pub(super) fn json_form(language: Language, hook: &ReturnUrl, json: &str) -> String {
    let words = Words::of(language);
    let content = html! {
        p { (words.form_leads_to) " " code { (hook.as_str()) } } "\n"
        p { (words.json_field) } "\n"
        pre { (json) } "\n"
        form method="post" action=(hook.as_str()) { "\n"
            input type="hidden" name="Json" value=(json); "\n"
            button type="submit" autofocus { (words.send) } "\n"
        } "\n"
    };
    wide(language, words.return_title).around(&content)
}

/// The page whose form sends the fields of an OCI selection to the application.
pub(super) fn oci_form(
    language: Language,
    hook: &ReturnUrl,
    fields: &[(String, String)],
) -> String {
    let words = Words::of(language);
    let content = html! {
        p { (words.form_leads_to) " " code { (hook.as_str()) } } "\n"
        form method="post" action=(hook.as_str()) { "\n"
            @for (name, value) in fields {
                input type="hidden" name=(name) value=(value); "\n"
            }
            button type="submit" autofocus { (words.send) } "\n"
        } "\n"
        p { (words.oci_fields) } "\n"
        table {
            thead { tr { th scope="col" { (words.field) } th scope="col" { (words.value) } } }
            tbody { "\n"
                @for (name, value) in fields {
                    tr { th scope="row" { (name) } td { (value) } } "\n"
                }
            }
        } "\n"
    };
    wide(language, words.return_title).around(&content)
}

/// Posts the field as JSON instead of the form. Without the script, the form is sent unchanged.
const SCRIPT: &str = "\
'use strict';\
const form=document.getElementById('return');\
const outcome=document.getElementById('outcome');\
form.addEventListener('submit',async(event)=>{\
event.preventDefault();\
outcome.textContent=outcome.dataset.sending;\
try{\
const answer=await fetch(form.action,{method:'POST',headers:{'Content-Type':'application/json'},\
body:form.elements.namedItem('Json').value});\
outcome.textContent=outcome.dataset.answered+' '+answer.status+'.';\
}catch{\
outcome.textContent=outcome.dataset.failed;\
}});";

/// The additions to the policy for the page of [`background`]: its script, and the target of its
/// post.
pub(super) fn background_policy(hook: &ReturnUrl) -> String {
    static SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| page::digest_source(SCRIPT));
    format!(
        "; script-src {}; connect-src {}",
        *SCRIPT_SOURCE,
        page::source(hook.as_str())
    )
}

/// The page whose script posts JSON to the application.
pub(super) fn background(language: Language, hook: &ReturnUrl, json: &str) -> String {
    let words = Words::of(language);
    let content = html! {
        p { (words.by_script) " " code { (hook.as_str()) } } "\n"
        noscript { p { (words.without_script) } } "\n"
        pre { (json) } "\n"
        form method="post" action=(hook.as_str()) id="return" { "\n"
            input type="hidden" name="Json" value=(json); "\n"
            button type="submit" autofocus { (words.send) } "\n"
        } "\n"
        p role="status" id="outcome" data-sending=(words.sending) data-answered=(words.answered)
            data-failed=(words.not_delivered) {} "\n"
        script { (PreEscaped(SCRIPT)) } "\n"
    };
    wide(language, words.return_title).around(&content)
}

/// The page after the server has begun to post.
pub(super) fn posted(language: Language, url: &str, json: &str) -> String {
    let words = Words::of(language);
    let content = html! {
        p { (words.posted) } "\n"
        p { code { (url) } } "\n"
        pre { (json) } "\n"
        p { (words.of_cbap) } "\n"
    };
    wide(language, words.posted_title).around(&content)
}

/// The page that an embedded browser reads. Its body is the JSON and nothing else.
pub(super) fn bare_json(json: &str) -> String {
    // Escaped as JSON and not as HTML, so that text and markup of the body read the same.
    let json = json
        .replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e");
    let page = html! {
        (DOCTYPE) "\n"
        html lang="en" { "\n"
            head { meta charset="utf-8"; title { "Unifeed" } } "\n"
            body { (PreEscaped(json)) } "\n"
        } "\n"
    };
    page.into_string()
}

/// The page for a form that came from elsewhere.
pub(super) fn foreign(language: Language) -> String {
    let words = Words::of(language);
    let content = html! {
        p.refused role="alert" { (words.foreign_origin) } "\n"
    };
    wide(language, words.title).around(&content)
}

/// The targets of the start page's form.
pub(super) fn leads_to(start: &Start) -> Vec<&str> {
    let beyond = match &start.way {
        Ok(Some(Way::Redirect(_, url) | Way::Server(_, Some(url)))) => Some(url.as_str()),
        Ok(_) | Err(_) => None,
    };
    [page::SELF].into_iter().chain(beyond).collect()
}
