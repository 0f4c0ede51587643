//! Records of any kind, as the program of 8d3c7b9 could have written them.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::kept::{
    Binding, Cause, Grant, Held, Intent, Lifetime, Reason, Record, State, Trouble, Verdict,
};

fn login() -> impl Strategy<Value = String> {
    any::<u128>().prop_map(|bits| format!("{bits:032x}"))
}

/// A registered code, or another printable one.
fn code() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&["invalid_grant", "invalid_client", "server_error"][..]).prop_map(String::from),
        r"[^\p{Cc}]{0,60}",
    ]
}

fn grant() -> impl Strategy<Value = Grant> {
    let lifetime = prop_oneof![
        any::<u64>().prop_map(Lifetime::Millis),
        Just(Lifetime::Unknown),
        Just(Lifetime::Expired),
    ];
    (
        of("[!-~]{1,200}"),
        of("[ -~]{1,200}"),
        of(".*"),
        any::<i64>(),
        lifetime,
        of(any::<i64>()),
    )
        .prop_map(
            |(access_token, refresh_token, scope, issued_at, lifetime, refresh_due_at)| Grant {
                access_token,
                refresh_token,
                scope,
                issued_at,
                lifetime,
                refresh_due_at,
            },
        )
}

fn intent() -> impl Strategy<Value = Intent> {
    any::<(u32, i64, i64, bool, bool, u64)>().prop_map(
        |(attempt, first_at, at, over, rejection, token_digest)| Intent {
            attempt,
            first_at,
            at,
            over,
            rejection,
            token_digest,
        },
    )
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let reason = select(
        &[
            Reason::NotSent,
            Reason::AnswerLost,
            Reason::ServerFault,
            Reason::Configuration,
        ][..],
    );
    (
        reason,
        of(any::<u16>()),
        of(code()),
        of(r"[^\p{Cc}]{0,200}"),
        any::<(i64, i64, u32)>(),
        of(any::<u64>()),
    )
        .prop_map(
            |(reason, status, code, description, (since, until, failures), configuration)| {
                Trouble {
                    reason,
                    status,
                    code,
                    description,
                    since,
                    until,
                    failures,
                    configuration,
                }
            },
        )
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let cause = select(
        &[
            Cause::NoLogin,
            Cause::LoggedOut,
            Cause::Refused,
            Cause::AnswerLost,
            Cause::NoRefreshToken,
        ][..],
    );
    (cause, of(any::<u16>()), of(code()), of(any::<i64>())).prop_map(|(cause, status, code, at)| {
        Verdict {
            cause,
            status,
            code,
            at,
        }
    })
}

fn held() -> impl Strategy<Value = Held> {
    (
        (login(), 1..=u64::MAX, of(".*")),
        grant(),
        of(intent()),
        of(trouble()),
        of(verdict()),
        any::<(Option<i64>, Option<i64>, bool)>(),
    )
        .prop_map(
            |((login, generation, user), grant, intent, trouble, verdict, times)| Held {
                login,
                generation,
                user,
                grant,
                intent,
                trouble,
                verdict,
                sign_in_at: times.0,
                rejected_at: times.1,
                born_of_rejection: times.2,
            },
        )
}

/// Any record of this owner.
pub(super) fn record(binding: Binding) -> impl Strategy<Value = Record> {
    let state = prop_oneof![
        1 => any::<Option<i64>>().prop_map(|sign_in_at| State::Nobody { sign_in_at }),
        1 => (of(login()), any::<i64>()).prop_map(|(login, at)| State::Gone { login, at }),
        8 => held().prop_map(|held| State::Held(Box::new(held))),
    ];
    state.prop_map(move |state| Record {
        binding: binding.clone(),
        state,
    })
}
