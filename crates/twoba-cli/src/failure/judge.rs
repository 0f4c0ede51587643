//! Finds the kind of an error, and the advice for the person.

use twoba_blocking::{ErrorKind, LoginError, RefreshError, StoreError};
use twoba_core::{
    CallbackError, ClientError, ErrorCode, RecordError, SendFailure, TokenError, Topic, Unavailable,
};
use twoba_services::{ServiceError, ServiceErrorKind};
use twoba_store::DatabaseFailure;

use super::kind::Kind;

const LOG_IN: &str = "log in with `twoba login`";
pub(super) const CHECK_PASSWORD: &str =
    "what was stored before stays; check user name and password, and log in again";
const PAGE: &str = "a web page came in the place of an answer, from a firewall or a proxy most likely; \
    it says nothing of the login, and what was stored before stays; try from another network, or check \
    the token address (token-endpoint, TWOBA_TOKEN_URL)";
const REDIRECTED: &str = "nothing was followed, and nothing is lost; set token-endpoint \
    (TWOBA_TOKEN_URL) to the address of the token server itself, or log in to this network first";
const SERVICE_PAGE: &str = "a firewall or a proxy has sent it most likely; it says nothing of the login \
    or of a right, and nothing is lost; try from another network, or check the address of the services \
    (service-base, TWOBA_SERVICE_URL)";
const SERVICE_REDIRECTED: &str = "nothing is lost; set service-base (TWOBA_SERVICE_URL), or soap-base \
    or apix-base, to the address of the services themselves, or log in to this network first";
const CHECK_SCOPES: &str =
    "what was stored before stays; check scopes (TWOBA_SCOPES), then try again";
const CHECK_CLIENT: &str = "what was stored before stays; check client-id and client-secret \
    (TWOBA_CLIENT_ID, TWOBA_CLIENT_SECRET), then try again";
pub(super) const CHECK_NETWORK: &str = "nothing was sent, and nothing is lost; try again when the \
    network is there, and `twoba doctor` looks for the cause";
const CHECK_STORE: &str = "choose a folder of your own that can be written, on a disk with room, with \
    --store (TWOBA_STORE)";
pub(super) const WAIT: &str = "the server has answered, and nothing is lost; try again later";
const BUSY: &str = "nothing was sent, and nothing is lost; try again later";
const REPORT: &str = "report this line where you have the program from";
const CHECK_TOKEN_ADDRESS: &str = "what was stored before stays; check the token address \
    (token-endpoint, TWOBA_TOKEN_URL); if it is right, report this line";

/// The advice for a connection whose other end could not be trusted.
pub(crate) fn about_tls(message: &str) -> Option<&'static str> {
    if message.contains("certificate") {
        return Some(
            "nothing was sent; this machine does not trust the server's certificate: check the \
             address and the clock, or have the authority that signed it installed",
        );
    }
    message.contains("InvalidContentType").then_some(
        "nothing was sent; what answers there speaks no TLS: check the port, or write http:// for a \
         server of this machine",
    )
}

/// The advice for an unusable record. Nothing was sent, and the record stays as it is.
fn record(error: RecordError) -> &'static str {
    match error {
        RecordError::Newer { .. } => {
            "nothing is lost; use the newer release here too, or another --store"
        }
        RecordError::Foreign(_) => {
            "nothing is lost; choose the profile or store that you mean (`twoba profile show` tells \
             what counts), or replace it with `twoba login --replace`, which keeps it aside"
        }
        RecordError::Torn | _ => {
            "nothing was sent; log in anew with `twoba login`, which keeps the old bytes aside"
        }
    }
}

pub(super) fn judge(kind: &ErrorKind) -> (Kind, &'static str) {
    match kind {
        ErrorKind::Login(error) => login(error),
        ErrorKind::Refresh(error) => refresh(error),
        ErrorKind::Store(error) => (Kind::Store, store(error)),
        ErrorKind::Client(ClientError::NoAuthorizationEndpoint) => (
            Kind::Configuration,
            "set authorization-endpoint (TWOBA_AUTHORIZE_URL), or log in with --password",
        ),
        ErrorKind::Client(_) | ErrorKind::Key(_) | ErrorKind::Http => (
            Kind::Configuration,
            "`twoba profile show` tells what is set, and where",
        ),
        ErrorKind::ForeignOrigin => (
            Kind::Configuration,
            "set service-base (TWOBA_SERVICE_URL) to the address of the services",
        ),
        ErrorKind::Service(SendFailure::NotSent) => (Kind::TryLater, CHECK_NETWORK),
        ErrorKind::Service(SendFailure::MaybeSent) => (
            Kind::TryLater,
            "the service may have acted on the request; check the network, then try again",
        ),
        ErrorKind::ServiceAnswerTooLarge => (Kind::Other, "ask the service for less at once"),
        ErrorKind::Entropy | _ => (Kind::Other, REPORT),
    }
}

/// The advice for a store that cannot be used.
fn store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy => BUSY,
        StoreError::HeldBy { .. } => {
            "nothing is lost; continue or end that process, or try again later"
        }
        StoreError::OpenToOthers { .. } => {
            "a store needs a folder of its own: close it with chmod 700 if nothing else is in it, or \
             choose another one with --store"
        }
        StoreError::OwnedByAnother { .. } => {
            "run this as the folder's owner, or choose another one with --store"
        }
        StoreError::Copied { .. } => {
            "nothing is lost; where the other one is still used, log in here first with `twoba \
             login`; then run `twoba store adopt`"
        }
        StoreError::Moved { .. } => {
            "nothing is lost; name the new store with --store (TWOBA_STORE); if the move was cut \
             off, run the same `twoba store move` again, which finishes it"
        }
        StoreError::Arriving { .. } => {
            "nothing is lost; run the same `twoba store move` again, which finishes it"
        }
        StoreError::MoveOver { .. } => {
            "nothing was changed here, and nothing is lost; `twoba store check` says which store is \
             in use"
        }
        StoreError::SchemaNewer { .. } => {
            "nothing was written, and nothing is lost; use the newer release here too, or another \
             --store"
        }
        StoreError::Encrypted { .. } => {
            "nothing was written, and nothing is lost; say where its key is with store-key \
             (TWOBA_STORE_KEY_FILE)"
        }
        StoreError::NotEncrypted { .. } => {
            "nothing was written, and nothing is lost; take store-key (TWOBA_STORE_KEY_FILE) away, or \
             move the sessions to an encrypted store with `twoba store move`"
        }
        StoreError::KeyUnknown { .. } | StoreError::KeyUnavailable { .. } => {
            "nothing was written, and nothing is lost; give the key of this store with store-key \
             (TWOBA_STORE_KEY_FILE)"
        }
        StoreError::Database { failure, .. } => database(*failure),
        StoreError::NoRescue
        | StoreError::LeaseLost
        | StoreError::Io { .. }
        | StoreError::OutcomeUnknown { .. }
        | StoreError::CutOff
        | _ => CHECK_STORE,
    }
}

/// The advice for a database that refuses something.
fn database(failure: DatabaseFailure) -> &'static str {
    match failure {
        DatabaseFailure::Busy => BUSY,
        DatabaseFailure::NoTables => {
            "nothing was written; in PostgreSQL, run `twoba store make` as a user who may make \
             tables, also after an update of this program; otherwise name another database with \
             --store (TWOBA_STORE)"
        }
        DatabaseFailure::Damaged => {
            "nothing was written; bring the database back from a backup, or name another --store and \
             log in there with `twoba login`"
        }
        DatabaseFailure::Full | DatabaseFailure::ReadOnly => {
            "nothing is lost; make room, or have the database take writes again, and try again"
        }
        DatabaseFailure::Unreachable => {
            "nothing is lost; look at the network, and at a pooler before the database, and try again \
             when it can be reached"
        }
        DatabaseFailure::TimedOut => {
            "nothing is lost; look for locks in the database and for a server that is busy or frozen, \
             and try again"
        }
        DatabaseFailure::Restarting => "nothing is lost; try again when the database is up",
        DatabaseFailure::Denied => {
            "nothing was written; check user and password (PGUSER, PGPASSWORD, PGPASSFILE), \
             pg_hba.conf, and what the user may do (docs/fleet.md)"
        }
        DatabaseFailure::NotDurable => {
            "nothing was written; have the setting changed that the message names, or name another \
             --store"
        }
        DatabaseFailure::Misconfigured => {
            "nothing was written; correct the address (--store, TWOBA_STORE, PGHOST and its like), or \
             name the authority of the server's certificate with sslrootcert"
        }
        DatabaseFailure::Other | _ => {
            "what was stored before stays; the log of the database says more; try again, or name \
             another --store (TWOBA_STORE)"
        }
    }
}

fn login(error: &LoginError) -> (Kind, &'static str) {
    match error {
        LoginError::Denied {
            code: ErrorCode::AccessDenied,
            ..
        } => (
            Kind::Canceled,
            "start again with `twoba login` to log in after all",
        ),
        LoginError::Denied { code, .. } if code.is_configuration() => {
            (Kind::Configuration, of_client(code))
        }
        LoginError::Token(error) => token(error),
        LoginError::Callback(
            CallbackError::State | CallbackError::StateMissing | CallbackError::Redirect,
        ) => (
            Kind::Refused,
            "paste the address that this very login came back to",
        ),
        LoginError::Denied { .. } | LoginError::Callback(_) => {
            (Kind::Refused, "start again with `twoba login`")
        }
        LoginError::NotDelivered(SendFailure::NotSent) => (Kind::TryLater, CHECK_NETWORK),
        LoginError::NotDelivered(SendFailure::MaybeSent) => (
            Kind::TryLater,
            "what was stored before stays; check the network, then log in again",
        ),
        LoginError::Expired => (Kind::Canceled, "start again with `twoba login`"),
        LoginError::AnotherClient | _ => (Kind::Other, REPORT),
    }
}

/// The advice where a server objects to how the client is set up.
fn of_client(code: &ErrorCode) -> &'static str {
    match *code == ErrorCode::InvalidScope {
        true => CHECK_SCOPES,
        false => CHECK_CLIENT,
    }
}

/// The kind and the topic of a service's error, and the advice.
pub(super) fn service(error: &ServiceError) -> (Kind, Topic, &'static str) {
    match error.kind {
        ServiceErrorKind::Unauthorized => (
            Kind::Refused,
            Topic::ServiceRefused,
            "ask 2BA for the right to use this service",
        ),
        ServiceErrorKind::Refused => (
            Kind::Refused,
            Topic::ServiceRefused,
            "check the function and its parameters",
        ),
        ServiceErrorKind::Fault => (
            Kind::Other,
            Topic::ServiceAnswer,
            "nothing is lost; report the message to 2BA",
        ),
        ServiceErrorKind::Unavailable => (Kind::TryLater, Topic::ServiceAnswer, WAIT),
        ServiceErrorKind::Redirect => {
            (Kind::Configuration, Topic::WrongAddress, SERVICE_REDIRECTED)
        }
        ServiceErrorKind::Page => (Kind::TryLater, Topic::WrongAddress, SERVICE_PAGE),
        ServiceErrorKind::NotUtf8 => (
            Kind::Other,
            Topic::ServiceAnswer,
            "nothing is lost; `twoba get --raw -o FILE` keeps the answer as it came; report this line",
        ),
        ServiceErrorKind::NotJson | ServiceErrorKind::NotJsonp(_) | _ => (
            Kind::Other,
            Topic::ServiceAnswer,
            "check the service address (service-base, TWOBA_SERVICE_URL); if it is right, report this line",
        ),
    }
}

pub(super) fn token(error: &TokenError) -> (Kind, &'static str) {
    match error {
        TokenError::Refused(_) if error.topic() == Topic::WrongAddress => (Kind::TryLater, PAGE),
        TokenError::Refused(facts) => match &facts.code {
            Some(code) if code.is_configuration() => (Kind::Configuration, of_client(code)),
            Some(ErrorCode::InvalidGrant) | None => (Kind::Refused, CHECK_PASSWORD),
            Some(_) => (
                Kind::Refused,
                "what was stored before stays; `twoba profile show` tells what is set, and where",
            ),
        },
        TokenError::Unavailable(Unavailable::Redirect, _) => (Kind::Configuration, REDIRECTED),
        TokenError::Unavailable(Unavailable::NotJson, _) => (Kind::TryLater, PAGE),
        TokenError::Unavailable(..) => (Kind::TryLater, WAIT),
        TokenError::Malformed(..) | _ => (Kind::Other, CHECK_TOKEN_ADDRESS),
    }
}

fn refresh(error: &RefreshError) -> (Kind, &'static str) {
    match error {
        RefreshError::LoginRequired(_) => (Kind::LoginRequired, LOG_IN),
        RefreshError::Misconfigured(trouble) => {
            let code = trouble.code.as_ref();
            (Kind::Configuration, code.map_or(CHECK_CLIENT, of_client))
        }
        RefreshError::Unavailable(_) if error.topic() == Topic::WrongAddress => {
            (Kind::Configuration, REDIRECTED)
        }
        RefreshError::Unavailable(_) => (Kind::TryLater, WAIT),
        RefreshError::ImportRefused(_) => (
            Kind::LoginRequired,
            "what was stored before stays; get a new refresh token, or log in with `twoba login`",
        ),
        RefreshError::StoreWentBack { .. } => (
            Kind::Store,
            "bring the store's newer state back, or log in anew with `twoba login`",
        ),
        RefreshError::NotStored | RefreshError::WrongProof => (Kind::Store, CHECK_STORE),
        RefreshError::Contended => (Kind::Store, BUSY),
        RefreshError::Record(error) => (Kind::Store, record(*error)),
        RefreshError::RejectedByService => {
            (Kind::Refused, "ask 2BA for the right to use this service")
        }
        _ => (Kind::Other, REPORT),
    }
}
