//! Plays a fault on the wire, before or after the work.

use std::num::NonZeroU64;

use hyper::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use twoba_sample_services::jsonp::{Jsonp, Manner};

use super::answer::{Answer, Content, TokenDocument};
use super::coding::Coding;
use super::folded;
use crate::fault::Fault;

/// What leaves the server.
pub(super) enum Outcome {
    Answer(Answer),
    /// Nothing: the connection is closed.
    Drop,
}

/// The answer that a handler should make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Do the requested work, and answer with its result.
    Done,
    /// Change nothing, and make up an answer as if the work had been done.
    MadeUp,
}

/// Answers a request through the fault that it meets, if any.
pub(super) async fn play(fault: Option<Fault>, work: impl FnOnce(Work) -> Answer) -> Outcome {
    match fault {
        None => Outcome::Answer(work(Work::Done)),
        Some(Fault::DropBefore) => Outcome::Drop,
        Some(Fault::DropAfterCommit) => {
            drop(work(Work::Done));
            Outcome::Drop
        }
        Some(Fault::Delay(span)) => {
            tokio::time::sleep(span).await;
            Outcome::Answer(work(Work::Done))
        }
        Some(Fault::AfterCommit(fault)) => {
            let answer = work(Work::Done);
            if let Fault::Delay(span) = *fault {
                tokio::time::sleep(span).await;
            }
            spoil(*fault, answer)
        }
        Some(fault) => spoil(fault, work(Work::MadeUp)),
    }
}

/// Plays the part of a fault that is visible on the wire.
fn spoil(fault: Fault, mut answer: Answer) -> Outcome {
    Outcome::Answer(match fault {
        // Those that can only follow the work are not spelled behind `after-commit:`; built in
        // code, they mean what they say.
        Fault::DropBefore | Fault::DropAfterCommit => return Outcome::Drop,
        Fault::AfterCommit(fault) => return spoil(*fault, answer),
        Fault::Delay(_) => answer,
        Fault::HalfBody => {
            answer.cut_off = true;
            answer
        }
        Fault::Status(status) => Answer::empty(status),
        Fault::RetryAfter(seconds) => Answer::empty(503).with(RETRY_AFTER, seconds.to_string()),
        Fault::Bare400 => Answer::empty(400),
        Fault::Html200 => Answer::html(200, PORTAL),
        Fault::Html502 => Answer::html(502, BAD_GATEWAY),
        Fault::Redirect { status, location } => {
            let status = if (300..400).contains(&status) {
                status
            } else {
                500
            };
            Answer::empty(status).with(LOCATION, location)
        }
        Fault::Error200 => Answer::oauth_error(200, "invalid_grant", None),
        Fault::Jsonp => {
            let jsonp = Jsonp::parse("callback", Manner::Token);
            answer.wrapped_in(jsonp)
        }
        Fault::ExpiresIn(json) => in_tokens(answer, |tokens| tokens.expires_in = json),
        Fault::NoTokenType => in_tokens(answer, |tokens| tokens.has_token_type = false),
        Fault::ByteOrderMark => {
            answer.byte_order_mark = true;
            answer
        }
        Fault::Drip(rate) => {
            answer.bytes_per_second = Some(NonZeroU64::new(rate).unwrap_or(NonZeroU64::MIN));
            answer
        }
        Fault::DuplicateKey => in_tokens(answer, |tokens| tokens.repeats_access_token = true),
        Fault::WrongCharset => answer.with(CONTENT_TYPE, "application/json; charset=utf-16"),
        Fault::Gzip => {
            answer.coding = Some(Coding::Gzip);
            answer
        }
        Fault::Deflate => {
            answer.coding = Some(Coding::Deflate);
            answer
        }
        Fault::FoldedHeader => answer.with(folded::NAME, folded::ONE_LINE),
        Fault::HugeBody(bytes) => Answer::new(200, Content::Huge(bytes)),
    })
}

/// The answer with this change in its tokens, if it has any.
fn in_tokens(mut answer: Answer, change: impl FnOnce(&mut TokenDocument)) -> Answer {
    if let Content::Tokens(tokens) = &mut answer.body {
        change(tokens);
    }
    answer
}

/// The page of a captive portal.
const PORTAL: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Welcome</title></head>\
<body><h1>Welcome to our network</h1><p>Accept the terms to go on.</p></body></html>\n";

/// The page of a reverse proxy whose server is down.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n\
<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
