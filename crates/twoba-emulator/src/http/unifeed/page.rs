//! Decides what stands on the pages of Unifeed and how; the words are in `words`, the frame in the login page's `page`.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::address::ReturnUrl;
use super::assortment::{Article, euros};
use super::selection::{Mistake, pick_field, quantity_field};
use super::start::{Start, Way};
use super::words::{self, Words};
use crate::authority::Bearer;
use crate::http::authorize::page::{self, Escaped, Language, Width};
use crate::http::form::Parameters;
use crate::identifier::Fingerprint;
use crate::refusal::BearerRefusal;

/// What was filled in, and what is wrong with it.
pub(super) struct FilledIn<'f> {
    pub(super) form: &'f Parameters,
    pub(super) mistake: Mistake,
}

/// The start page.
pub(super) fn start(
    language: Language,
    start: &Start,
    verdict: Result<Bearer, BearerRefusal>,
    articles: &[Article],
    filled_in: Option<&FilledIn<'_>>,
) -> String {
    let words = Words::of(language);
    let alert = match (verdict, &start.way, filled_in) {
        (Err(refusal), ..) => Some(words::refusal(language, refusal)),
        (Ok(_), Err(problem), _) => Some(words::problem(language, *problem)),
        (Ok(_), Ok(_), Some(filled_in)) => Some(words::mistake(language, filled_in.mistake)),
        (Ok(_), Ok(_), None) => None,
    };
    let mut body = format!("<p class=\"notice\">{}</p>\n", words.notice);
    if let Some(text) = alert {
        push(
            &mut body,
            format_args!("<p class=\"refused\" id=\"refused\" role=\"alert\">{text}</p>\n"),
        );
    }
    if let (Ok(bearer), Some(token)) = (verdict, &start.token) {
        push(
            &mut body,
            format_args!(
                "<p>{}: {} <code>{}</code>, {} {}, {} {}.</p>\n",
                words.token,
                words.token_good,
                Fingerprint::of(token),
                words.family,
                bearer.family,
                words.generation,
                bearer.generation
            ),
        );
    }
    body.push_str(&given(language, start));
    if verdict.is_ok() && start.way.is_ok() {
        body.push_str(&offer(language, start, articles, filled_in));
    }
    match alert {
        Some(_) => {
            let title = format!("{} {}", words.error, words.title);
            page::titled(language, &title, words.title, Width::Wide, &body)
        }
        None => page::document(language, words.title, Width::Wide, &body),
    }
}

/// The parameters, without their secrets.
fn given(language: Language, start: &Start) -> String {
    let words = Words::of(language);
    let mut html = format!("<details open><summary>{}</summary>\n", words.given);
    if start.given.is_empty() {
        push(&mut html, format_args!("<p>{}</p>\n", words.nothing_given));
    } else {
        push(
            &mut html,
            format_args!(
                "<table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>\
                 </thead><tbody>\n",
                words.parameter, words.value
            ),
        );
        for given in &start.given {
            push(
                &mut html,
                format_args!(
                    "<tr><th scope=\"row\">{}</th><td><code>{}</code> <small>{}</small></td></tr>\n",
                    Escaped(&given.name),
                    Escaped(&given.value),
                    words::standing(language, given.standing)
                ),
            );
        }
        html.push_str("</tbody></table>\n");
    }
    html.push_str("</details>\n");
    html
}

/// The articles, to be picked if there is a way back.
fn offer(
    language: Language,
    start: &Start,
    articles: &[Article],
    filled_in: Option<&FilledIn<'_>>,
) -> String {
    let words = Words::of(language);
    let mut html = format!("<h2 id=\"articles\">{}</h2>\n", words.articles);
    if articles.is_empty() {
        push(&mut html, format_args!("<p>{}</p>\n", words.none_found));
        return html;
    }
    let kind = start.kind.filter(|_| matches!(start.way, Ok(Some(_))));
    let Some(kind) = kind else {
        push(
            &mut html,
            format_args!("<p>{}</p>\n<ul class=\"items\">\n", words.only_looking),
        );
        for article in articles {
            push(
                &mut html,
                format_args!("<li><span>{}</span></li>\n", told(language, *article)),
            );
        }
        html.push_str("</ul>\n");
        return html;
    };
    // Without an action the form comes back to this address, and the token needs no hidden field.
    html.push_str("<form method=\"post\" novalidate>\n<ul class=\"items\">\n");
    for article in articles {
        html.push_str(&item(language, *article, filled_in));
    }
    push(
        &mut html,
        format_args!(
            "</ul>\n<button type=\"submit\">{} {}{}</button>\n</form>\n",
            words.return_by,
            kind.name(),
            match &start.name {
                Some(name) => format!(" ({})", Escaped(name)),
                None => String::new(),
            }
        ),
    );
    html
}

fn item(language: Language, article: Article, filled_in: Option<&FilledIn<'_>>) -> String {
    let words = Words::of(language);
    let (pick, quantity) = (pick_field(article), quantity_field(article));
    let typed = |name: &str| filled_in.and_then(|filled_in| filled_in.form.get(name));
    let checked = match typed(&pick) {
        Some(_) => " checked",
        None => "",
    };
    let wrong = match filled_in.map(|filled_in| filled_in.mistake) {
        Some(Mistake::Quantity(id)) if id == article.id() => {
            " aria-invalid=\"true\" aria-describedby=\"refused\" autofocus"
        }
        Some(Mistake::Quantity(_) | Mistake::NothingPicked) | None => "",
    };
    format!(
        "<li><input type=\"checkbox\" id=\"{pick}\" name=\"{pick}\" value=\"1\"{checked}>\
         <label class=\"what\" for=\"{pick}\">{what}</label>\
         <span class=\"count\"><label for=\"{quantity}\">{label}<span class=\"unseen\"> {description}</span></label>\
         <input type=\"number\" id=\"{quantity}\" name=\"{quantity}\" value=\"{number}\" \
         min=\"1\" max=\"99999\" step=\"1\" inputmode=\"numeric\"{wrong}></span></li>\n",
        what = told(language, article),
        label = words.quantity,
        description = Escaped(article.description()),
        number = Escaped(typed(&quantity).unwrap_or("1")),
    )
}

/// An article in two lines of HTML.
fn told(language: Language, article: Article) -> String {
    let price = euros(article.price());
    let price = match language {
        Language::English => format!("€{price}"),
        Language::Dutch => format!("€ {}", price.replace('.', ",")),
    };
    format!(
        "{} <small>{} · {} · {} · {price}</small>",
        Escaped(article.description()),
        Escaped(article.manufacturer()),
        Escaped(article.productcode()),
        Escaped(&article.trade_item_id()),
    )
}

/// The page whose form brings JSON to the application.
pub(super) fn json_form(language: Language, hook: &ReturnUrl, json: &str) -> String {
    let words = Words::of(language);
    let body = format!(
        "<p>{} <code>{url}</code></p>\n<p>{}</p>\n<pre>{json}</pre>\n\
         <form method=\"post\" action=\"{url}\">\n\
         <input type=\"hidden\" name=\"Json\" value=\"{json}\">\n\
         <button type=\"submit\" autofocus>{}</button>\n</form>\n",
        words.form_leads_to,
        words.json_field,
        words.send,
        url = Escaped(hook.as_str()),
        json = Escaped(json),
    );
    page::document(language, words.return_title, Width::Wide, &body)
}

/// The page whose form brings the fields of an OCI selection to the application.
pub(super) fn oci_form(
    language: Language,
    hook: &ReturnUrl,
    fields: &[(String, String)],
) -> String {
    let words = Words::of(language);
    let url = Escaped(hook.as_str());
    let mut body = format!(
        "<p>{} <code>{url}</code></p>\n<form method=\"post\" action=\"{url}\">\n",
        words.form_leads_to
    );
    let mut rows = String::new();
    for (name, value) in fields {
        let (name, value) = (Escaped(name), Escaped(value));
        push(
            &mut body,
            format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"),
        );
        push(
            &mut rows,
            format_args!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n"),
        );
    }
    push(
        &mut body,
        format_args!(
            "<button type=\"submit\" autofocus>{}</button>\n</form>\n<p>{}</p>\n<table><thead><tr>\
             <th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>\n{rows}\
             </tbody></table>\n",
            words.send, words.oci_fields, words.field, words.value
        ),
    );
    page::document(language, words.return_title, Width::Wide, &body)
}

/// Posts the field as JSON instead of the form. Without it the form is sent as it is.
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

/// What a policy adds for the page of [`background`]: its script, and where that may post.
pub(super) fn background_policy(hook: &ReturnUrl) -> String {
    static SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| {
        let digest = Base64::encode_string(&Sha256::digest(SCRIPT.as_bytes()));
        format!("'sha256-{digest}'")
    });
    format!(
        "; script-src {}; connect-src {}",
        *SCRIPT_SOURCE,
        page::source(hook.as_str())
    )
}

/// The page that posts JSON to the application by itself.
pub(super) fn background(language: Language, hook: &ReturnUrl, json: &str) -> String {
    let words = Words::of(language);
    let body = format!(
        "<p>{by_script} <code>{url}</code></p>\n<noscript><p>{without_script}</p></noscript>\n\
         <pre>{json}</pre>\n\
         <form method=\"post\" action=\"{url}\" id=\"return\">\n\
         <input type=\"hidden\" name=\"Json\" value=\"{json}\">\n\
         <button type=\"submit\" autofocus>{send}</button>\n</form>\n\
         <p role=\"status\" id=\"outcome\" data-sending=\"{sending}\" data-answered=\"{answered}\" \
         data-failed=\"{failed}\"></p>\n<script>{SCRIPT}</script>\n",
        by_script = words.by_script,
        without_script = words.without_script,
        send = words.send,
        sending = words.sending,
        answered = words.answered,
        failed = words.not_delivered,
        url = Escaped(hook.as_str()),
        json = Escaped(json),
    );
    page::document(language, words.return_title, Width::Wide, &body)
}

/// The page after the emulator has begun to post.
pub(super) fn posted(language: Language, url: &str, json: &str) -> String {
    let words = Words::of(language);
    let body = format!(
        "<p>{}</p>\n<p><code>{}</code></p>\n<pre>{}</pre>\n<p>{}</p>\n",
        words.posted,
        Escaped(url),
        Escaped(json),
        words.no_cbap
    );
    page::document(language, words.posted_title, Width::Wide, &body)
}

/// The page that an embedded browser reads: its body is the JSON and nothing else.
pub(super) fn bare_json(json: &str) -> String {
    // Escaped as JSON and not as HTML, so that text and markup of the body read the same.
    let json = json
        .replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <title>Unifeed</title></head>\n<body>{json}</body>\n</html>\n"
    )
}

/// The page for a form that came from elsewhere.
pub(super) fn foreign(language: Language) -> String {
    let words = Words::of(language);
    let body = format!(
        "<p class=\"refused\" role=\"alert\">{}</p>\n",
        words.foreign_origin
    );
    page::document(language, words.title, Width::Wide, &body)
}

/// Where the form of the start page may end.
pub(super) fn leads_to(start: &Start) -> Vec<&str> {
    let beyond = match &start.way {
        Ok(Some(Way::Redirect(_, url) | Way::Server(_, Some(url)))) => Some(url.as_str()),
        Ok(_) | Err(_) => None,
    };
    [page::SELF].into_iter().chain(beyond).collect()
}

fn push(to: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes everything.
    to.write_fmt(text).unwrap_or_default();
}
