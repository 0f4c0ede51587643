//! The advice of a token error is what a session does that gets the same answer.

use super::*;
use crate::advice::Advice;
use crate::answer::judge;
use crate::provider::Rules;

const CODES: [&str; 14] = [
    "invalid_grant",
    "invalid_request",
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "no_such_code",
    "",
    r"invalid_grant\u0000",
    "Invalid_Grant",
    " invalid_grant",
];

/// Media type and body of every kind of answer.
fn bodies() -> Vec<(&'static str, String)> {
    let refusal = |code: &&str| format!(r#"{{"error":"{code}"}}"#);
    let json = CODES.iter().map(refusal).chain([
        String::new(),
        "{".into(),
        "[]".into(),
        "{}".into(),
        r#"{"error":7}"#.into(),
        r#"{"access_token":"t"}"#.into(),
        r#"{"access_token":"t","token_type":"mac"}"#.into(),
    ]);
    json.map(|body| ("application/json", body))
        .chain([
            ("text/html", "<html>".into()),
            ("text/html", refusal(&"invalid_grant")),
            ("text/plain", String::new()),
        ])
        .collect()
}

fn providers() -> Vec<Provider> {
    let custom = || Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    let mut providers = Vec::new();
    for provider in [
        Provider::two_ba(),
        custom(),
        custom().with_rules(Rules::strict()),
    ] {
        for replay in [
            Replay::Once,
            Replay::Never,
            Replay::Within(Duration::from_secs(60)),
        ] {
            providers.push(provider.clone().with_replay(replay));
        }
    }
    providers
}

fn word(advice: Advice) -> &'static str {
    match advice {
        Advice::LogIn => "log in",
        Advice::FixConfiguration => "fix the configuration",
        Advice::RetryNotBefore(_) => "try again",
        Advice::Report => "report it",
    }
}

#[test]
fn the_advice_of_an_answer_is_what_a_session_does() {
    const STATUSES: [u16; 25] = [
        200, 201, 202, 204, 206, 301, 302, 307, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422,
        425, 429, 500, 501, 502, 503, 504,
    ];
    let mut rows = 0;
    for provider in providers() {
        for status in STATUSES {
            for (media_type, body) in bodies() {
                let mut world = World::new();
                let mut session = session_of(provider.clone(), "secret");
                world.log_in(&mut session).unwrap();
                // The token has ended by the server's word, too.
                world.now = at(121);
                let response = Response::builder()
                    .status(status)
                    .header(CONTENT_TYPE, media_type)
                    .body(body.clone())
                    .unwrap();
                let Err(error) = judge(&provider, world.now, &response) else {
                    continue;
                };
                world.will([Act::Answer(status, media_type, body.clone())]);
                let told = world.refresh(&mut session).unwrap_err().advice();
                let row = format!("{status} {media_type} {body} by {provider:?}");
                assert_eq!(word(error.advice()), word(told), "{row}");
                if let (Advice::RetryNotBefore(least), Advice::RetryNotBefore(at)) =
                    (error.advice(), told)
                {
                    assert!(at >= least, "{row}");
                }
                rows += 1;
            }
        }
    }
    assert!(rows > 4_000, "{rows}");
}
