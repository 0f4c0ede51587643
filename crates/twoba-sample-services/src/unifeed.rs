//! Serves Unifeed: start URLs and selections. `assortment` knows the articles.

mod address;
mod assortment;
mod interface;
mod page;
mod selection;
mod start;
mod words;

use http::Method;
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY,
    REFERRER_POLICY, VARY,
};

use crate::answer::{Answer, Delivery, Happened, JSON};
use crate::caller::Verdict;
use crate::form::{Encoded, Parameters};
use crate::language::Language;
use crate::mount::{Asked, Head, Missing, Step, Then, Unread};
use crate::page as frame;
use address::{ReturnUrl, Target};
use interface::{Content, InterfaceType};
use page::FilledIn;
use selection::Picked;
use start::{Narrowing, Start, Way};

/// Answers everything below `/unifeed`. No selection is posted to `own_port`.
pub(crate) fn begin<'r>(own_port: u16, below: &str, head: Head<'r>) -> Result<Step<'r>, Missing> {
    let content = match below {
        "" | "/" => return start_page(own_port, head),
        "/interface/JSON" => Content::Articles,
        "/interface/ProductJSON" => Content::Products,
        _ => return Err(Missing::Path),
    };
    head.reading()?;
    Ok(Step::open_page(read_page(head, content)))
}

fn start_page(own_port: u16, head: Head<'_>) -> Result<Step<'_>, Missing> {
    let language = Language::preferred(head.only(&ACCEPT_LANGUAGE));
    let start = Start::read(head.query, own_port);
    if head.is_reading() {
        return Ok(Step::Asked(Asked::page(move |verdict| {
            open(language, &start, &verdict)
        })));
    }
    if *head.method != Method::POST {
        return Err(Missing::Method("GET, HEAD, POST"));
    }
    if head.is_foreign {
        let answer = Answer::html(400, page::foreign(language));
        let policy = frame::security_policy([], "");
        return Ok(Step::open_page(dressed(answer, language, policy)));
    }
    Ok(Step::Form(Then::new(
        move |form: Result<Parameters, Unread>| match form {
            // The page may have stood open for longer than the token lives.
            Ok(form) => Asked::page(move |verdict| give_back(language, &start, &verdict, &form)),
            Err(unread) => Asked::open_page(Answer::text(unread.status, unread.reason)),
        },
    )))
}

/// Shows the start page for the first time.
fn open(language: Language, start: &Start, verdict: &Verdict) -> Answer {
    show(language, start, verdict, None).noting(Happened::Opened {
        interface_type: start.kind.map(InterfaceType::name),
    })
}

/// The start page, with a status that says whether it can be used.
fn show(
    language: Language,
    start: &Start,
    verdict: &Verdict,
    filled_in: Option<&FilledIn<'_>>,
) -> Answer {
    let articles = assortment::articles(&start.narrowing);
    let html = page::start(language, start, verdict, &articles, filled_in);
    let status = match (verdict, &start.way) {
        (Err(_), _) => 401,
        (Ok(_), Err(_)) => 400,
        (Ok(_), Ok(_)) => 200,
    };
    let policy = frame::security_policy(page::leads_to(start), "");
    dressed(Answer::html(status, html), language, policy)
}

/// Returns the picked articles, by the interface type of the start URL.
fn give_back(language: Language, start: &Start, verdict: &Verdict, form: &Parameters) -> Answer {
    let (Ok(_), Ok(Some(way)), Some(kind)) = (verdict, &start.way, start.kind) else {
        return show(language, start, verdict, None);
    };
    let articles = assortment::articles(&start.narrowing);
    match selection::read(form, &articles) {
        Ok(picked) => send(language, start, way, &picked).noting(Happened::Returned {
            interface_type: kind.name(),
            items: picked.len(),
        }),
        Err(mistake) => {
            let filled_in = FilledIn { form, mistake };
            show(language, start, verdict, Some(&filled_in))
        }
    }
}

/// Sends a selection back.
fn send(language: Language, start: &Start, way: &Way, picked: &[Picked]) -> Answer {
    match way {
        Way::Page(content) => {
            let name = match content {
                Content::Products => "ProductJSON",
                Content::Articles | Content::Reference(_) => "JSON",
            };
            let query = selection::to_query(picked);
            Answer::see_other(&format!("/unifeed/interface/{name}?{query}"))
        }
        Way::Form(content, hook) => {
            let json = selection::json(*content, picked);
            leading_to(hook, "", language, page::json_form(language, hook, &json))
        }
        Way::Background(content, hook) => {
            let json = selection::json(*content, picked);
            let html = page::background(language, hook, &json);
            leading_to(hook, &page::background_policy(hook), language, html)
        }
        Way::Oci(name, hook) => {
            let fields = selection::oci(*name, picked);
            leading_to(hook, "", language, page::oci_form(language, hook, &fields))
        }
        Way::Redirect(object, hook) => {
            let json = selection::json(Content::Reference(object), picked);
            let separator = if hook.as_str().contains('?') {
                '&'
            } else {
                '?'
            };
            let url = format!("{}{separator}json={}", hook.as_str(), Encoded(&json));
            Answer::see_other(&url).with(REFERRER_POLICY, "origin")
        }
        Way::Server(target, then) => {
            let application = start.application.clone();
            post(language, target, then.as_ref(), picked, application)
        }
        Way::Download(content) => Answer::media(200, JSON, selection::json(*content, picked))
            .with(CONTENT_DISPOSITION, "attachment; filename=\"unifeed.json\""),
    }
}

/// A page whose form leads to the application.
fn leading_to(hook: &ReturnUrl, more_policy: &str, language: Language, html: String) -> Answer {
    let policy = frame::security_policy([hook.as_str()], more_policy);
    dressed(Answer::html(200, html), language, policy)
}

/// Posts a selection, without waiting for the answer.
fn post(
    language: Language,
    target: &Target,
    then: Option<&ReturnUrl>,
    picked: &[Picked],
    application: Option<String>,
) -> Answer {
    let json = selection::posted_json(picked);
    let answer = match then {
        Some(url) => Answer::see_other(url.as_str()).with(REFERRER_POLICY, "origin"),
        None => {
            let html = page::posted(language, &target.url(), &json);
            let policy = frame::security_policy([], "");
            dressed(Answer::html(200, html), language, policy)
        }
    };
    answer.delivering(Delivery {
        addresses: target.addresses.clone(),
        host: target.host.clone(),
        path: target.path.clone(),
        application,
        json,
    })
}

/// The page that an embedded browser watches and reads.
fn read_page(head: Head<'_>, content: Content) -> Answer {
    let Ok(query) = head.query else {
        return Answer::text(400, "The query is not form encoded.\n");
    };
    let all = assortment::articles(&Narrowing::default());
    let picked = selection::from_query(query, &all);
    let html = page::bare_json(&selection::json(content, &picked));
    Answer::html(200, html)
        .with(CONTENT_SECURITY_POLICY, frame::security_policy([], ""))
        .with(REFERRER_POLICY, "origin")
}

fn dressed(answer: Answer, language: Language, policy: String) -> Answer {
    answer
        .with(VARY, "Accept-Language")
        .with(CONTENT_LANGUAGE, language.tag())
        .with(CONTENT_SECURITY_POLICY, policy)
        // The token is in the address: nobody is told more of that than the origin.
        .with(REFERRER_POLICY, "origin")
}
