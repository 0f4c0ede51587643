//! Decides what Unifeed does with a start URL and with a selection; which articles there are is decided by `assortment`.

mod address;
mod assortment;
mod delivery;
mod interface;
mod page;
mod selection;
mod start;
mod words;

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY,
    REFERRER_POLICY, WWW_AUTHENTICATE,
};
use hyper::{Method, Request};

use super::answer::{Answer, JSON};
use super::authorize::page::{self as frame, Language};
use super::form::{Encoded, Parameters};
use super::origin;
use super::request::{self, only};
use crate::authority::Bearer;
use crate::identifier::Fingerprint;
use crate::journal::EventKind;
use crate::refusal::BearerRefusal;
use crate::world::Shared;
use address::{ReturnUrl, Target};
use interface::{Content, InterfaceType};
use page::FilledIn;
use selection::Picked;
use start::{Narrowing, Start, Way};

/// Answers everything below `/unifeed`.
pub(super) async fn handle(
    shared: &Arc<Shared>,
    below: &str,
    request: Request<Incoming>,
) -> Answer {
    match below {
        "" | "/" => start_page(shared, request).await,
        "/interface/JSON" => Answer::reading(&request, || read_page(&request, Content::Articles)),
        "/interface/ProductJSON" => {
            Answer::reading(&request, || read_page(&request, Content::Products))
        }
        _ => Answer::not_found(),
    }
}

async fn start_page(shared: &Arc<Shared>, request: Request<Incoming>) -> Answer {
    let (parts, incoming) = request.into_parts();
    let language = Language::preferred(only(&parts.headers, &ACCEPT_LANGUAGE));
    let start = Start::parse(parts.uri.query().unwrap_or_default(), shared.port);
    if parts.method == Method::GET || parts.method == Method::HEAD {
        return open(shared, language, &start);
    }
    if parts.method != Method::POST {
        return Answer::method_not_allowed("GET, HEAD, POST");
    }
    if origin::is_foreign(shared, &parts.headers) {
        let answer = Answer::html(400, page::foreign(language));
        return dressed(answer, language, frame::security_policy([], ""));
    }
    match request::form(&parts.headers, incoming).await {
        Ok(form) => give_back(shared, language, &start, &form),
        Err(refusal) => Answer::text(refusal.status(), refusal.description()),
    }
}

/// Shows the start page.
fn open(shared: &Shared, language: Language, start: &Start) -> Answer {
    let verdict = judge(shared, start.token.as_deref());
    shared.world().record(EventKind::UnifeedOpened {
        interface_type: start.kind.map(InterfaceType::name),
        access: start.token.as_deref().map(Fingerprint::of),
        family: verdict.ok().map(|bearer| bearer.family),
        refused: verdict.err(),
    });
    show(language, start, verdict, None)
}

/// The start page, and the status that says whether it can be used.
fn show(
    language: Language,
    start: &Start,
    verdict: Result<Bearer, BearerRefusal>,
    filled_in: Option<&FilledIn<'_>>,
) -> Answer {
    let articles = assortment::articles(&start.narrowing);
    let html = page::start(language, start, verdict, &articles, filled_in);
    let answer = match (verdict, &start.way) {
        (Err(refusal), _) => Answer::html(401, html).with(WWW_AUTHENTICATE, challenge(refusal)),
        (Ok(_), Err(_)) => Answer::html(400, html),
        (Ok(_), Ok(_)) => Answer::html(200, html),
    };
    let policy = frame::security_policy(page::leads_to(start), "");
    dressed(answer, language, policy)
}

/// Judges the access token of a start URL.
fn judge(shared: &Shared, token: Option<&str>) -> Result<Bearer, BearerRefusal> {
    let token = token.ok_or(BearerRefusal::NoToken)?;
    shared.world().decide(|authority, entry| {
        authority
            .bearer(entry.now(), token)
            .map_err(|bad| bad.reason)
    })
}

/// What a 401 says to programs (RFC 6750 section 3).
const fn challenge(refusal: BearerRefusal) -> &'static str {
    match refusal {
        BearerRefusal::NoToken => "Bearer",
        BearerRefusal::UnknownToken | BearerRefusal::Expired | BearerRefusal::Revoked => {
            r#"Bearer error="invalid_token""#
        }
    }
}

/// Returns what was picked, by the interface type of the start URL.
fn give_back(shared: &Arc<Shared>, language: Language, start: &Start, form: &Parameters) -> Answer {
    // The page may have stood open for longer than the token lives.
    let verdict = judge(shared, start.token.as_deref());
    let (Ok(_), Ok(Some(way)), Some(kind)) = (verdict, &start.way, start.kind) else {
        return show(language, start, verdict, None);
    };
    let articles = assortment::articles(&start.narrowing);
    let picked = match selection::read(form, &articles) {
        Ok(picked) => picked,
        Err(mistake) => {
            let filled_in = FilledIn { form, mistake };
            return show(language, start, verdict, Some(&filled_in));
        }
    };
    shared.world().record(EventKind::UnifeedReturned {
        interface_type: kind.name(),
        items: picked.len(),
    });
    send(shared, language, way, &picked)
}

/// Sends a selection on its way back.
fn send(shared: &Arc<Shared>, language: Language, way: &Way, picked: &[Picked]) -> Answer {
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
        Way::Server(target, then) => post(shared, language, target, then.as_ref(), picked),
        Way::Download(content) => Answer::media(200, JSON, selection::json(*content, picked))
            .with(CONTENT_DISPOSITION, "attachment; filename=\"unifeed.json\""),
    }
}

/// A page whose form leads to the application.
fn leading_to(hook: &ReturnUrl, more_policy: &str, language: Language, html: String) -> Answer {
    let policy = frame::security_policy([hook.as_str()], more_policy);
    dressed(Answer::html(200, html), language, policy)
}

/// Begins to post a selection, and waits for nobody.
fn post(
    shared: &Arc<Shared>,
    language: Language,
    target: &Target,
    then: Option<&ReturnUrl>,
    picked: &[Picked],
) -> Answer {
    let json = selection::posted_json(picked);
    let html = page::posted(language, &target.url(), &json);
    drop(tokio::spawn(deliver(
        Arc::clone(shared),
        target.clone(),
        json,
    )));
    match then {
        Some(url) => Answer::see_other(url.as_str()).with(REFERRER_POLICY, "origin"),
        None => {
            let policy = frame::security_policy([], "");
            dressed(Answer::html(200, html), language, policy)
        }
    }
}

/// Posts a selection and writes down what became of it.
async fn deliver(shared: Arc<Shared>, target: Target, json: String) {
    let status = delivery::post(&target, &json).await;
    shared
        .world()
        .record(EventKind::UnifeedDelivered { status });
}

/// The page that an embedded browser watches and reads.
fn read_page<T>(request: &Request<T>, content: Content) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let Ok(query) = Parameters::parse(query.as_bytes()) else {
        return Answer::text(400, "The query is not form encoded.\n");
    };
    let all = assortment::articles(&Narrowing::default());
    let picked = selection::from_query(&query, &all);
    let html = page::bare_json(&selection::json(content, &picked));
    Answer::html(200, html)
        .with(CONTENT_SECURITY_POLICY, frame::security_policy([], ""))
        .with(REFERRER_POLICY, "origin")
}

fn dressed(answer: Answer, language: Language, policy: String) -> Answer {
    answer
        .varying_by("Accept-Language")
        .with(CONTENT_LANGUAGE, language.tag())
        .with(CONTENT_SECURITY_POLICY, policy)
        // The token is in the address: nobody is told more of that than the origin.
        .with(REFERRER_POLICY, "origin")
}
