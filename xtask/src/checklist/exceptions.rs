//! Rows without a test, or with less than all of it shown, each with the reason. A row that gets its test loses its reason here.

/// What is not shown of a row, and why.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) row: &'static str,
    pub(super) extent: Extent,
    pub(super) reason: &'static str,
}

/// How much of a row is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: no test names the row.
    Whole,
    /// Some of it: a test shows the rest.
    Part,
}

pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception {
        row: "NA2",
        extent: Extent::Part,
        reason: "that the listener takes a free port of `[::1]` where there is no IPv4 is not shown, as it needs such a machine",
    },
    Exception {
        row: "NA3",
        extent: Extent::Part,
        reason: "the port is seen to close with the answer; at the limit of ten minutes and at an interrupt it closes with the process, which is not shown",
    },
    Exception {
        row: "TK10",
        extent: Extent::Whole,
        reason: "2BA documents this grant, so it is here for any provider, in a method of its own and behind `--password`; nothing chooses it by itself",
    },
    Exception {
        row: "TK11",
        extent: Extent::Part,
        reason: "the request's body is wiped when dropped, which safe code cannot look at",
    },
    Exception {
        row: "TK13",
        extent: Extent::Part,
        reason: "shown for logins, refreshes and revocations; an introspection is sent by the caller",
    },
    Exception {
        row: "RF3",
        extent: Extent::Part,
        reason: "a token whose answer was lost may be spent without our knowing, and is presented once more unless the provider is set to `Replay::Never`: see above",
    },
    Exception {
        row: "US3",
        extent: Extent::Whole,
        reason: "no service of 2BA takes a token in a body, and nothing here puts one there",
    },
    Exception {
        row: "MD4",
        extent: Extent::Part,
        reason: "a program asks for metadata where it wants to; `twoba` itself goes by the documented addresses, as the content of 2BA's own document is not known here",
    },
    Exception {
        row: "RV5",
        extent: Extent::Part,
        reason: "that a server which never answers is given up on after thirty seconds is not shown, as no test waits so long",
    },
    Exception {
        row: "IN2",
        extent: Extent::Whole,
        reason: "nothing here keeps such an answer; it carries the token's end, for a caller who does",
    },
    Exception {
        row: "DV1",
        extent: Extent::Whole,
        reason: "there is no device flow: 2BA offers none",
    },
    Exception {
        row: "DV2",
        extent: Extent::Whole,
        reason: "there is no device flow: 2BA offers none",
    },
];
