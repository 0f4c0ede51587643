//! What a failed statement means: who has to act, whether a write is in doubt, and what is to be
//! done about it.

use std::error::Error as StdError;
use std::fmt;

use tokio_postgres::error::{DbError, Severity, SqlState};
use twoba_store::{DatabaseFailure, StoreError};

/// The most characters of a server's message that are kept.
const MESSAGE_MAX: usize = 256;

/// Whether none of several hosts can be written, which the client tells by its text only.
fn is_read_only(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().map(ToString::to_string);
    cause.is_some_and(|cause| cause == "database does not allow writes")
}

/// A failed attempt.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) failure: DatabaseFailure,
    pub(crate) source: Box<dyn StdError + Send + Sync>,
    /// Whether the server may have carried out the statement.
    pub(crate) in_doubt: bool,
    /// Whether the same statement may succeed at once.
    pub(crate) passes: bool,
}

impl Failed {
    /// A failure before anything was sent.
    pub(crate) fn unsent(
        failure: DatabaseFailure,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            failure,
            source: source.into(),
            in_doubt: false,
            passes: false,
        }
    }

    /// The answer to a statement did not come in time.
    pub(crate) fn unanswered() -> Self {
        Self {
            in_doubt: true,
            ..Self::unsent(
                DatabaseFailure::TimedOut,
                "the time for this operation is over",
            )
        }
    }

    /// A statement failed.
    pub(crate) fn of_statement(error: tokio_postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            return Self {
                in_doubt: true,
                ..Self::unsent(DatabaseFailure::Unreachable, Transport(error))
            };
        };
        let failure = failure_of(told.code());
        // Only an error of the statement itself says that nothing of it was kept.
        let of_the_statement = matches!(told.parsed_severity(), Some(Severity::Error));
        let goes_on = !matches!(
            failure,
            DatabaseFailure::Restarting | DatabaseFailure::Unreachable
        );
        let is_unknown = *told.code() == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN;
        Self {
            in_doubt: !of_the_statement || !goes_on || is_unknown,
            passes: passes(told.code()),
            ..Self::unsent(failure, Refused::new(told))
        }
    }

    /// No connection could be made.
    pub(crate) fn of_connection(error: Box<dyn StdError + Send + Sync>) -> Self {
        let error = match error.downcast::<tokio_postgres::Error>() {
            Ok(error) => *error,
            Err(other) => return Self::unsent(DatabaseFailure::Unreachable, other),
        };
        if let Some(told) = error.as_db_error() {
            return Self::unsent(failure_of(told.code()), Refused::new(told));
        }
        // The client tells its kinds of errors apart by their texts only.
        let failure = match error.to_string().as_str() {
            "error performing TLS handshake" | "invalid configuration" => {
                DatabaseFailure::Misconfigured
            }
            "authentication error" => DatabaseFailure::Denied,
            _ if is_read_only(&error) => DatabaseFailure::ReadOnly,
            _ => DatabaseFailure::Unreachable,
        };
        Self::unsent(failure, Transport(error))
    }

    /// Whether other connections of the pool lead to the same place, which is of no use any more.
    pub(crate) fn is_of_all_connections(&self) -> bool {
        matches!(
            self.failure,
            DatabaseFailure::ReadOnly | DatabaseFailure::Restarting
        )
    }

    /// The error of a store's operation.
    pub(crate) fn into_error(self, doing: &'static str, place: &str) -> StoreError {
        StoreError::Database {
            doing,
            place: place.to_owned(),
            failure: self.failure,
            source: self.source,
        }
    }
}

/// Sorts the states of SQL by who has to act.
fn failure_of(state: &SqlState) -> DatabaseFailure {
    let code = state.code();
    match code {
        "25006" => DatabaseFailure::ReadOnly,
        "57P01" | "57P02" | "57P03" | "57P05" => DatabaseFailure::Restarting,
        "57014" => DatabaseFailure::TimedOut,
        "40001" | "40P01" | "40003" | "55P03" | "55006" => DatabaseFailure::Busy,
        "42501" | "28000" | "28P01" => DatabaseFailure::Denied,
        "42P01" | "42703" | "3F000" => DatabaseFailure::NoTables,
        "3D000" => DatabaseFailure::Misconfigured,
        "58P01" | "58P02" | "58030" => DatabaseFailure::Other,
        _ => match code.get(..2) {
            Some("08") => DatabaseFailure::Unreachable,
            Some("53" | "54") => DatabaseFailure::Full,
            Some("XX") => DatabaseFailure::Damaged,
            _ => DatabaseFailure::Other,
        },
    }
}

/// Whether the same statement may succeed at once: others were in its way.
fn passes(state: &SqlState) -> bool {
    matches!(state.code(), "40001" | "40P01")
}

/// What to do about a state of SQL, for the person who runs the database.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "25006" => "connect to the primary; connections to this server were dropped",
        "28P01" | "28000" => "check the user, the password and pg_hba.conf",
        "3D000" => "create the database, or correct its name in the address",
        "3F000" | "42P01" | "42703" => "make the tables, or bring them up to date",
        "40001" | "40P01" => "nothing was changed; try again",
        "42501" => "grant the user what the store needs",
        "53100" => "make room on the disk of the database",
        "53200" => "give the database more memory, or fewer connections",
        "53300" => "allow more connections, or let each program use fewer",
        "53400" => "raise the limit that the message names",
        "55P03" => "somebody locks the row or the table; end that transaction",
        "57014" => "the role's statement_timeout is too short, or somebody canceled the statement",
        "57P01" | "57P02" => "the database is restarted; programs go on by themselves",
        "57P03" => "the database is starting; programs go on by themselves",
        "XX001" | "XX002" => "restore the damaged table or index",
        _ if code.starts_with("08") => "check the network and the pooler before the database",
        _ => return None,
    })
}

/// An error of the server, without what may hold a value: its detail, its hint and its context.
#[derive(Debug)]
struct Refused {
    code: String,
    message: String,
}

impl Refused {
    fn new(told: &DbError) -> Self {
        let printable = told.message().chars().filter(|c| !c.is_control());
        Self {
            code: told.code().code().to_owned(),
            message: printable.take(MESSAGE_MAX).collect(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)?;
        advice(&self.code).map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

impl StdError for Refused {}

/// An error of the connection, with its cause in one sentence.
#[derive(Debug)]
struct Transport(tokio_postgres::Error);

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        match self.0.source() {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl StdError for Transport {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_sql_says_who_has_to_act() {
        for (code, failure) in [
            ("25006", DatabaseFailure::ReadOnly),
            ("40001", DatabaseFailure::Busy),
            ("40P01", DatabaseFailure::Busy),
            ("57P01", DatabaseFailure::Restarting),
            ("57P02", DatabaseFailure::Restarting),
            ("57P03", DatabaseFailure::Restarting),
            ("08006", DatabaseFailure::Unreachable),
            ("08P01", DatabaseFailure::Unreachable),
            ("53100", DatabaseFailure::Full),
            ("53300", DatabaseFailure::Full),
            ("42P01", DatabaseFailure::NoTables),
            ("3F000", DatabaseFailure::NoTables),
            ("42501", DatabaseFailure::Denied),
            ("28P01", DatabaseFailure::Denied),
            ("57014", DatabaseFailure::TimedOut),
            ("XX001", DatabaseFailure::Damaged),
            ("99999", DatabaseFailure::Other),
        ] {
            assert_eq!(failure_of(&SqlState::from_code(code)), failure, "{code}");
            let is_odd = failure == DatabaseFailure::Other;
            assert_eq!(advice(code).is_none(), is_odd, "{code}");
        }
    }
}
