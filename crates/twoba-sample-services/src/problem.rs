//! What the newer services say when something is wrong: problem details (RFC 9457). It never repeats
//! what the caller sent.

use http::header::WWW_AUTHENTICATE;
use serde_json::{Map, json};

use crate::answer::Answer;
use crate::caller::Unauthorized;

const PROBLEM: &str = "application/problem+json; charset=utf-8";

/// What is wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: u16,
    /// The end of the URI that names the kind.
    kind: &'static str,
    title: &'static str,
    detail: &'static str,
    /// Parameters, each with what is wrong with it.
    errors: Vec<(&'static str, &'static str)>,
    /// The scope that a token lacks.
    scope: Option<&'static str>,
}

impl Problem {
    fn new(status: u16, kind: &'static str, title: &'static str, detail: &'static str) -> Self {
        let (errors, scope) = (Vec::new(), None);
        Self {
            status,
            kind,
            title,
            detail,
            errors,
            scope,
        }
    }

    pub(crate) fn unauthorized(reason: Unauthorized) -> Self {
        let detail = match reason {
            Unauthorized::NoToken => "An access token is required.",
            Unauthorized::UnknownToken | Unauthorized::Expired | Unauthorized::Revoked => {
                "The access token is unknown, expired or revoked."
            }
        };
        Self::new(401, "unauthorized", "Unauthorized", detail)
    }

    pub(crate) fn forbidden(scope: &'static str) -> Self {
        let detail = "The access token is not for this part of the API.";
        Self {
            scope: Some(scope),
            ..Self::new(403, "forbidden", "Forbidden", detail)
        }
    }

    pub(crate) fn not_found() -> Self {
        let detail = "There is nothing of these numbers.";
        Self::new(404, "not-found", "Not found", detail)
    }

    /// The body cannot be read, with the status that says why.
    pub(crate) fn unreadable(status: u16, detail: &'static str) -> Self {
        Self::new(status, "unreadable", "The body cannot be read", detail)
    }

    /// One parameter is wrong, in these words.
    pub(crate) fn wrong(parameter: &'static str, words: &'static str) -> Self {
        let mut problem = Self::new(
            400,
            "validation",
            "One or more parameters are wrong",
            "The field `errors` says which, and why.",
        );
        problem.errors.push((parameter, words));
        problem
    }

    /// Both are wrong.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        self
    }

    pub(crate) fn answer(self) -> Answer {
        let mut body = json!({
            "type": format!("https://example.com/problems/{}", self.kind),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        });
        if let (Some(body), false) = (body.as_object_mut(), self.errors.is_empty()) {
            let errors = self.errors.into_iter();
            let errors = errors.map(|(parameter, words)| (parameter.to_owned(), json!([words])));
            body.insert("errors".to_owned(), errors.collect::<Map<_, _>>().into());
        }
        let answer = Answer::media(self.status, PROBLEM, body.to_string());
        match self.scope {
            // RFC 6750 section 3.1.
            Some(scope) => answer.with(
                WWW_AUTHENTICATE,
                format!(r#"Bearer error="insufficient_scope", scope="{scope}""#),
            ),
            None => answer,
        }
    }
}
