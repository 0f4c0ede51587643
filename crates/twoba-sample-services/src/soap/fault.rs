//! The faults for callers of SOAP.

use quick_xml::escape::minimal_escape;
use serde_json::json;

use super::envelope::{envelope, write};
use super::names::{NAMESPACE, SCHEMA_INSTANCE, XML};
use crate::answer::Answer;
use crate::products::{Described, ErrorDocument, Problem};

/// A fault of SOAP 1.1, with 2BA's error object as its detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    code: &'static str,
    /// The status of the HTTP answer.
    status: u16,
    problem: Problem,
}

impl Fault {
    /// The caller asked for something that does not exist.
    pub(super) const fn client(problem: Problem) -> Self {
        Self {
            code: "s:Client",
            // SOAP 1.1 section 6.2: a fault comes with status 500.
            status: 500,
            problem,
        }
    }

    /// The problem of a function. Its status says whether the caller or the server is at fault.
    pub(super) const fn of(problem: Problem) -> Self {
        let is_ours = problem.status >= 500;
        let mut fault = Self::client(problem);
        if is_ours {
            fault.code = "s:Server";
        }
        fault
    }

    /// The same with the problem's own HTTP status.
    pub(super) const fn with_status_of_problem(problem: Problem) -> Self {
        Self {
            code: "s:Client",
            status: problem.status,
            problem,
        }
    }

    pub(super) fn version_mismatch() -> Self {
        let message = "The envelope is not one of SOAP 1.1.";
        Self {
            code: "s:VersionMismatch",
            ..Self::client(Problem::bad_request(message))
        }
    }

    pub(super) fn must_understand() -> Self {
        let message = "A header must be understood, and none is.";
        Self {
            code: "s:MustUnderstand",
            ..Self::client(Problem::bad_request(message))
        }
    }

    pub(super) fn answer(self) -> Answer {
        let Self {
            code,
            status,
            problem,
        } = self;
        let mut detail = String::new();
        let document = json!({
            "IsError": true,
            "ErrorMessage": problem.message,
            "Status": problem.name,
        });
        write(&mut detail, "ErrorDocument", ErrorDocument::KIND, &document);
        let detail = detail.replacen(
            "<ErrorDocument>",
            &format!("<ErrorDocument xmlns=\"{NAMESPACE}\" xmlns:i=\"{SCHEMA_INSTANCE}\">"),
            1,
        );
        let body = format!(
            "<s:Fault><faultcode>{code}</faultcode>\
             <faultstring xml:lang=\"en\">{}</faultstring><detail>{detail}</detail></s:Fault>",
            minimal_escape(problem.message.as_str()),
        );
        Answer::media(status, XML, envelope(&body))
    }
}
