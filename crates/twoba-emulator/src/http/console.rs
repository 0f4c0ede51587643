//! Serves the console: the page with its files, the requests, and updates that wait for news.

use std::time::{Duration, Instant};

use hyper::Request;
use hyper::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use serde::Serialize;
use twoba_sample_services::form::Parameters;

use super::answer::Answer;
use super::shown::show;
use crate::duration;
use crate::registry::{DemoClient, DemoUser};
use crate::request::SeenRequest;
use crate::update::Cursor;
use crate::world::Shared;

/// How long an update waits for news. It is shorter than the time-out of any proxy.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// How often an update checks for news. The work under load then need not wake the people who
/// watch.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The page may load its own files, call its own server and show its own icon, and nothing else.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The path of the page.
pub(super) const PATH: &str = "/_emulator/";

const PAGE: &str = include_str!("console/page.html");
const STYLE: &str = include_str!("console/style.css");

/// The modules of the page's script, by name.
const SCRIPTS: [(&str, &str); 12] = [
    ("main.js", include_str!("console/main.js")),
    ("accounts.js", include_str!("console/accounts.js")),
    ("axis.js", include_str!("console/axis.js")),
    ("controls.js", include_str!("console/controls.js")),
    ("dutch.js", include_str!("console/dutch.js")),
    ("element.js", include_str!("console/element.js")),
    ("families.js", include_str!("console/families.js")),
    ("lane.js", include_str!("console/lane.js")),
    ("live.js", include_str!("console/live.js")),
    ("requests.js", include_str!("console/requests.js")),
    ("text.js", include_str!("console/text.js")),
    ("words.js", include_str!("console/words.js")),
];

/// The last requests.
#[derive(Serialize)]
struct RequestsDocument {
    total: u64,
    requests: Vec<SeenRequest>,
}

/// The page itself.
pub(super) fn page() -> Answer {
    Answer::html(200, PAGE)
        .with(CONTENT_SECURITY_POLICY, SECURITY_POLICY)
        .with(REFERRER_POLICY, "no-referrer")
}

/// A redirect to the page with its slash. Without the slash, the page would not find its files.
pub(super) fn way_to_the_page() -> Answer {
    Answer::empty(308).with(LOCATION, PATH)
}

/// A file that the page loads.
pub(super) fn file(name: &str) -> Option<Answer> {
    if name == "style.css" {
        return Some(Answer::media(200, "text/css; charset=utf-8", STYLE.into()));
    }
    let (_, script) = SCRIPTS.iter().find(|(known, _)| *known == name)?;
    let media_type = "text/javascript; charset=utf-8";
    Some(Answer::media(200, media_type, (*script).to_owned()))
}

/// The documented clients and users that exist here, with their documented secrets. Clients and
/// users that were given instead are not among them.
#[derive(Serialize)]
struct AccountsDocument {
    clients: Vec<DemoClient>,
    users: Vec<DemoUser>,
}

/// The accounts that can log in here and are no secret.
pub(super) fn accounts(shared: &Shared) -> Answer {
    Answer::json(
        200,
        &AccountsDocument {
            clients: shared.registry.demo_clients(),
            users: shared.registry.demo_users(),
        },
    )
}

/// The kept requests after number `after`.
pub(super) fn requests<T>(shared: &Shared, request: &Request<T>) -> Answer {
    let query = query(request);
    let Ok(after) = query.get("after").map_or(Ok(0), str::parse) else {
        return Answer::text(400, "after takes the number of a request, as in after=12\n");
    };
    let (total, kept) = shared.world().requests_after(after);
    let requests = kept
        .iter()
        .map(|(number, kept)| show(shared, *number, kept));
    Answer::json(
        200,
        &RequestsDocument {
            total,
            requests: requests.collect(),
        },
    )
}

/// The news since `since`, as soon as there is some, and after `wait` at the latest.
pub(super) async fn updates<T>(shared: &Shared, request: &Request<T>) -> Answer {
    let query = query(request);
    // Whoever comes with anything else has seen nothing.
    let since = query
        .get("since")
        .and_then(|since| since.parse::<Cursor>().ok());
    let wait = query.get("wait").and_then(duration::parse);
    let until = Instant::now() + wait.unwrap_or(MAX_WAIT).min(MAX_WAIT);
    while Some(shared.world().cursor()) == since && Instant::now() < until {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let news = shared.news(since);
    let show = |number, kept: &_| show(shared, number, kept);
    Answer::json(200, &news.into_update(since, show))
}

fn query<T>(request: &Request<T>) -> Parameters {
    let query = request.uri().query().unwrap_or_default();
    Parameters::parse(query.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text between two signs in a source.
    fn between<'s>(source: &'s str, before: &str, after: &str) -> Vec<&'s str> {
        let parts = source.split(before).skip(1);
        parts
            .filter_map(|part| Some(part.split_once(after)?.0))
            .collect()
    }

    #[track_caller]
    fn assert_is_in_dutch(text: &str) {
        let (_, dutch) = SCRIPTS
            .iter()
            .find(|(name, _)| *name == "dutch.js")
            .unwrap();
        assert!(
            dutch.contains(&format!("\n  {text:?}:")),
            "{text:?} is not in Dutch"
        );
    }

    #[test]
    fn every_text_of_the_page_is_there_in_dutch() {
        let (_, body) = PAGE.split_once("<body>").unwrap();
        let (without, rest) = body.split_once("<noscript>").unwrap();
        let (_, rest) = rest.split_once("</noscript>").unwrap();
        let body = format!("{without}{rest}");
        // Names of policies, faults and the like are the same in both languages.
        let mut names = vec!["twoba emulator".to_owned()];
        for option in between(&body, "<option", "</option>") {
            let (value, text) = option.rsplit_once('>').unwrap();
            if !value.contains(" value=") || value.contains(&format!(" value={text:?}")) {
                names.push(text.to_owned());
            }
        }
        let mut count = 0;
        for text in between(&body, ">", "<") {
            let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            let is_number = text.starts_with('+') || !text.contains(char::is_alphabetic);
            if names.contains(&text) || is_number {
                continue;
            }
            assert_is_in_dutch(&text);
            count += 1;
        }
        for label in between(&body, "aria-label=\"", "\"") {
            assert_is_in_dutch(label);
        }
        assert!(count > 60, "{count}");
    }

    /// The variants of a journal's enum, as the page spells them.
    fn words_of(source: &str, name: &str) -> Vec<String> {
        let head = format!("pub enum {name} {{");
        let variants = between(source, &head, "\n}").remove(0);
        let names = variants.lines().filter_map(|line| {
            let name = line.trim().strip_suffix(',')?;
            name.chars().all(char::is_alphanumeric).then_some(name)
        });
        names
            .map(|name| {
                let parts = name.char_indices().map(|(at, letter)| {
                    let gap = if at > 0 && letter.is_uppercase() {
                        " "
                    } else {
                        ""
                    };
                    format!("{gap}{}", letter.to_ascii_lowercase())
                });
                parts.collect()
            })
            .collect()
    }

    #[test]
    fn every_reason_of_the_journal_is_there_in_dutch() {
        let refusal = include_str!("../refusal.rs");
        let event = include_str!("../journal/event.rs");
        let mut count = 0;
        for (source, name) in [
            (refusal, "Refusal"),
            (refusal, "BearerRefusal"),
            (event, "EndReason"),
            (event, "Endpoint"),
            (include_str!("../grant.rs"), "Grant"),
        ] {
            for words in words_of(source, name) {
                assert_is_in_dutch(&words);
                count += 1;
            }
        }
        assert!(count > 50, "{count}");
        assert!(words_of(refusal, "Refusal").contains(&"spent refresh token".to_owned()));
    }

    /// The texts of a source that have the words of a sentence, each `{..}` as `{}`.
    fn sentences(source: &str) -> Vec<String> {
        let code = source.lines().filter(|line| !line.trim().starts_with("//"));
        let code = code.map(str::trim).collect::<Vec<_>>().join("\n");
        // A text goes on in the next line behind a backslash.
        let code = code.replace("\\\n", "").replace("\\\"", "\u{1}");
        let texts = code.split('"').skip(1).step_by(2);
        texts
            .filter(|text| text.matches(' ').count() > 2 && !text.starts_with(['{', '[', '\u{1}']))
            .map(|text| {
                let text = text.replace('\u{1}', "\"");
                match text.split_once('{') {
                    Some((before, value)) if value.ends_with('}') => format!("{before}{{}}"),
                    _ => text,
                }
            })
            .collect()
    }

    #[test]
    fn every_answer_to_a_control_call_is_there_in_dutch() {
        let sources = [
            include_str!("control.rs"),
            include_str!("../control_error.rs"),
            include_str!("../policy.rs"),
            include_str!("../fault/spelling.rs"),
        ];
        let mut count = 0;
        for source in sources {
            let code = source.split("impl FromStr").next().unwrap();
            for text in sentences(code) {
                // The page leaves out in which field it is.
                let (field, rest) = text.split_once(": ").unwrap_or(("", &text));
                let is_field = field.chars().all(|sign| sign.is_ascii_lowercase());
                let text = if is_field { rest } else { &text };
                // The names behind these words are the same in both languages.
                match text.split_once("there are ") {
                    Some((before, _)) => assert_is_in_dutch(&format!("{before}there are {{}}")),
                    None => assert_is_in_dutch(text),
                }
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn every_text_of_the_scripts_is_there_in_dutch() {
        let mut count = 0;
        for (_, script) in SCRIPTS {
            for (at, _) in script.match_indices("t(\"") {
                let (before, call) = script.split_at(at);
                let text = between(call, "t(\"", "\"").remove(0);
                // Not as in `at("clock")`.
                if !before.ends_with(|sign: char| sign.is_alphanumeric() || sign == '.') {
                    assert_is_in_dutch(text);
                    count += 1;
                }
            }
        }
        assert!(count > 60, "{count}");
    }
}
