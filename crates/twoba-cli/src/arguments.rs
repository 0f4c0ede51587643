//! The options and arguments of the command line. None of these values is ever a secret.

mod batch;
mod services;
mod store;
mod sync;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use twoba_emulator::{Fault, FaultPoint, FaultRule, Policy};

pub(crate) use batch::{Batch, BatchFormat};
pub(crate) use services::{Get, Soap, Unifeed, Wanted, Way};
pub(crate) use store::{Move, Store};
pub(crate) use sync::{List, Sync, SyncProductData};

/// Get a 2BA access token, keep it fresh, use it.
///
/// Tokens and JSON go to stdout, everything else to stderr. Settings come from the
/// environment (TWOBA_*) and from the file config.toml; secrets only from there.
#[derive(Debug, Parser)]
#[command(name = "twoba", version, arg_required_else_help = true)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done; 1 anything else; 2 usage or configuration; \
3 canceled; 4 login needed; 5 not delivered, try again later; 6 refused by the server; \
7 store busy, torn or not writable; 130 interrupted.\n\n\
Try it without an account: twoba demo";

/// The settings of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Profile of the configuration file to use
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where the session is kept: a folder, sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, global = true, value_name = "DIR|URL")]
    pub(crate) store: Option<PathBuf>,
    /// Print results and errors as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but results and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Never ask: fail where a person would have to answer
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Use the embedded emulator, logged in as its demo user, for this one call
    #[arg(long, global = true)]
    pub(crate) emulator: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole journey of a session on the embedded emulator
    #[command(after_help = "Example: twoba demo --fault refresh:status:500")]
    Demo(Demo),
    /// Log in, in the browser or by password
    #[command(after_help = "Example: twoba login --password --username me@example.com")]
    Login(Login),
    /// Print a usable access token; refresh it first if that is due
    #[command(
        after_help = "Example: twoba token --format curl-config | curl -K - https://api.2ba.nl/1/json/Product/Search"
    )]
    Token(Token),
    /// Call a function of a JSON service or of ApiX, and print its answer
    #[command(after_help = GET_HELP)]
    Get(Get),
    /// Call a SOAP service, and print its answer as JSON
    #[command(after_help = "Example: twoba soap Product DetailsByGtinA gtin=08711893012345")]
    Soap(Soap),
    /// Open the web catalog Unifeed in the browser, and bring back what is selected there
    #[command(after_help = "Example: twoba unifeed --receive --query kabelgoot")]
    Unifeed(Unifeed),
    /// Keep a list of a service in a file, by what has changed since the last time
    #[command(subcommand)]
    Sync(Sync),
    /// Call a JSON service once for each row of a CSV file or list
    #[command(after_help = BATCH_HELP)]
    Batch(Batch),
    /// Show what is known of the session; never the token
    #[command(after_help = "Example: twoba status --check || twoba login")]
    Status(Status),
    /// Refresh the sessions that would expire unused: for a nightly job
    #[command(after_help = "Example: twoba keep-alive --quiet")]
    KeepAlive,
    /// End the session: revoke it where the server can, remove it here
    #[command(after_help = "Example: twoba logout")]
    Logout(Logout),
    /// Move a session here from another client; its refresh token is read from the first line of
    /// stdin
    #[command(
        after_help = "Example: other-client print-refresh-token | twoba import --username me@example.com"
    )]
    Import(Import),
    /// List, check, encrypt or move the stored sessions, or restore what was kept aside
    #[command(subcommand)]
    Store(Store),
    /// List the profiles, show where each setting comes from, or choose the default one
    #[command(subcommand)]
    Profile(Profile),
    /// Check settings, store, network and clock, and say how to correct what is wrong
    #[command(after_help = DOCTOR_HELP)]
    Doctor,
    /// Run the local 2BA emulator until it is interrupted
    #[command(after_help = "Example: twoba emulator --policy grace:30s --token-lifetime 10s")]
    Emulator(Emulator),
    /// Print a shell's completions of commands and options
    #[command(
        after_help = "Example: twoba completions bash > ~/.local/share/bash-completion/completions/twoba"
    )]
    Completions(Completions),
    /// Write the manual pages, one for each command
    #[command(after_help = "Example: twoba man ~/.local/share/man/man1")]
    Man(Man),
    /// Open an address in the browser; `login` runs this itself, without its secrets
    #[command(name = OpenBrowser::NAME, hide = true)]
    OpenBrowser(OpenBrowser),
}

const GET_HELP: &str = "\
Example: twoba get Product/Search query=kabelgoot -o found.json

ApiX:    twoba get --apix Product/95064565 languagecode=NL
         echo '{\"from\":0,\"size\":10,\"languagecode\":\"NL\",\"searchString\":\"pomp\"}' |
           twoba get --apix Product/Search --body -";

const BATCH_HELP: &str = "What was interrupted goes on when the same command is run again. Failed rows \
go to FILE.failed.csv with the reason; the exit code is then 1.\n\n\
Example: twoba batch Product/DetailsByGtinA --from gtins.csv --out filled.csv --columns \
input.*,Id,Description";

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder for the pages; it is made if it does not exist
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct OpenBrowser {
    pub(crate) url: String,
}

impl OpenBrowser {
    pub(crate) const NAME: &str = "open-browser";
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Make the emulator fail once, to see a step fail; such as refresh:status:500 or
    /// service:html-200
    #[arg(long, value_name = "POINT:FAULT", value_parser = fault)]
    pub(crate) fault: Option<FaultRule>,
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Log in with user name and password instead of the browser; a profile with grant = "password"
    /// does so by itself
    #[arg(long)]
    pub(crate) password: bool,
    /// The user name, with --password; without it TWOBA_USERNAME counts, or you are asked
    #[arg(long, conflicts_with_all = ["no_browser", "redirect_uri"], value_name = "U")]
    pub(crate) username: Option<String>,
    /// Read the password from the first line of stdin, with --password
    #[arg(long, conflicts_with_all = ["no_browser", "redirect_uri"])]
    pub(crate) password_stdin: bool,
    /// Open no browser; paste the URL that the browser came back to, or the code
    #[arg(long, conflicts_with = "password")]
    pub(crate) no_browser: bool,
    /// Where the browser comes back to, as registered with the server; by default a free port of
    /// this machine
    #[arg(long, conflicts_with = "password", value_name = "URI")]
    pub(crate) redirect_uri: Option<String>,
    /// Replace a stored session of another server or client without a question
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The user's name, which `twoba status` shows
    #[arg(long, value_name = "U")]
    pub(crate) username: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// With --format bazel: get
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Bare)]
    pub(crate) format: Format,
    /// Refresh unless the token is valid for this long, such as 30s or 2m
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) min_validity: Option<Duration>,
    /// Refresh even a valid token
    #[arg(long)]
    pub(crate) force_refresh: bool,
}

/// The format of a printed token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The token alone
    Bare,
    /// An Authorization header
    Header,
    /// Token, type, expiry, scope and generation
    Json,
    /// TWOBA_ACCESS_TOKEN=.., quoted for a shell where that is needed
    Env,
    /// A header in a file for `curl -K -`
    CurlConfig,
    /// The output of a Kubernetes credential plugin
    ExecCredential,
    /// The protocol of Bazel's credential helpers: the word get, the request on stdin
    Bazel,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Status {
    /// Exit with code 4 if a login is needed
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Logout {
    /// Do not tell the server
    #[arg(long)]
    pub(crate) no_revoke: bool,
}

const DOCTOR_HELP: &str = "Nothing is changed, no token is refreshed and no secret's command is run. \
The exit code is that of the first thing that is wrong, 0 without any.\n\n\
Example: twoba --profile production doctor";

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Profile {
    /// List the profiles of the configuration file; a star marks the current one
    #[command(after_help = "Example: twoba profile list")]
    List,
    /// Show each setting of a profile and its origin; never a secret
    #[command(after_help = "Example: twoba profile show production")]
    Show {
        /// Its name; by default the current profile
        name: Option<String>,
    },
    /// Make a profile the default one, in the configuration file
    #[command(after_help = "Example: twoba profile use production")]
    Use {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// Address to listen on, by number or by a name of this machine, with port 0 for a free one;
    /// beyond loopback only with --allow-remote [default: 127.0.0.1:4280, or the next free port]
    #[arg(long, value_name = "HOST:PORT", value_parser = Listen::parse)]
    pub(crate) listen: Option<Listen>,
    /// Speak TLS, with a certificate of an authority that is made for this run
    #[arg(long)]
    pub(crate) tls: bool,
    /// Save the certificate of that authority here too; clients have to trust it
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) save_ca: Option<PathBuf>,
    /// Let other machines in; console and control calls then need a secret, from
    /// TWOBA_EMULATOR_SECRET or printed at the start
    #[arg(long, requires = "tls")]
    pub(crate) allow_remote: bool,
    /// Let the pages of this origin call it and read its answers; such as http://localhost:5173
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors: Option<String>,
    /// How long access tokens live
    #[arg(long, default_value = "120s", value_name = "SPAN", value_parser = lifetime)]
    pub(crate) token_lifetime: Duration,
    /// The policy for refresh tokens: strict, grace:30s, grace-new:30s, grace-access-only:30s,
    /// reusable, no-rotation, expires:15d, idle:15d, too-early:30s, spent-is-401 or
    /// one-time-from-now
    #[arg(long, default_value = "strict", value_name = "POLICY", value_parser = policy)]
    pub(crate) policy: Policy,
    /// How a bad refresh token is refused: by a bare 400, or by an OAuth error
    #[arg(long, value_enum, default_value_t = Behavior::TwoBa)]
    pub(crate) behavior: Behavior,
    /// TOML file of the clients and users that replace the demo ones: tables client (id, secret
    /// unless it is public, redirect-uris) and user (name, password)
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// Let anybody log in, by any user name and any password that is not empty
    #[arg(long, conflicts_with = "users")]
    pub(crate) any_user: bool,
    /// Grant the same tokens in each run to the same requests; with --clock manual, which then
    /// starts at 2026-01-01
    #[arg(long, value_name = "NUMBER", requires = "clock")]
    pub(crate) seed: Option<u64>,
    /// Whether time passes by itself, or by POST /_emulator/clock
    #[arg(long, value_enum, default_value_t = Clock::Real)]
    pub(crate) clock: Clock,
}

/// The address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    /// The host as it was written, unless it was a number.
    pub(crate) name: Option<String>,
}

impl Listen {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self {
                address,
                name: None,
            });
        }
        let (name, _) = text.rsplit_once(':').ok_or("a port is missing")?;
        let mut found = text.to_socket_addrs().map_err(|error| error.to_string())?;
        Ok(Self {
            address: found.next().ok_or("the name leads to no address")?,
            name: Some(name.to_owned()),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Behavior {
    #[value(name = "2ba")]
    TwoBa,
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Clock {
    Real,
    Manual,
}

fn span(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|span| Duration::try_from(span).ok())
        .ok_or_else(|| "write it as 30s, 2m or 1h30m".to_owned())
}

fn lifetime(text: &str) -> Result<Duration, String> {
    match span(text)? {
        Duration::ZERO => Err("a token has to live for some time".to_owned()),
        span => Ok(span),
    }
}

fn policy(text: &str) -> Result<Policy, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn fault(text: &str) -> Result<FaultRule, String> {
    let (point, fault) = text
        .split_once(':')
        .ok_or("write it as POINT:FAULT, as refresh:status:500")?;
    let point: FaultPoint = serde_json::from_value(point.into())
        .map_err(|_| "the point is token, refresh, password, authorization_code or service")?;
    let fault: Fault = fault.parse().map_err(|error| format!("{error}"))?;
    Ok(FaultRule::next(point, fault))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_of_each_command_has_an_example() {
        fn check(command: &clap::Command) {
            let visible = || command.get_subcommands().filter(|one| !one.is_hide_set());
            visible().for_each(check);
            let after = command.get_after_help().map(ToString::to_string);
            let has_example = after.is_some_and(|after| after.contains("Example: twoba"));
            let is_run = visible().next().is_none();
            // The refresh token that is imported comes from another program.
            let is_import = command.get_name() == "import";
            assert!(
                !is_run || has_example || is_import,
                "{}",
                command.get_name()
            );
        }
        check(&Arguments::command());
    }

    #[test]
    fn spans_and_parameters_are_read() {
        use super::services::parameter;

        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5400)));
        assert!(lifetime("1s").is_ok() && lifetime("0s").is_err());
        assert!(span("-1s").is_err() && span("x").is_err());
        assert_eq!(parameter("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(parameter("=b").is_err() && parameter("a").is_err());
        assert!(fault("refresh:status:500").is_ok());
        assert!(fault("nowhere:status:500").is_err() && fault("refresh").is_err());
        assert_eq!(
            policy("grace:30s"),
            Ok(Policy::Grace(Duration::from_secs(30)))
        );
        assert!(policy("grace").is_err() && policy("lenient").is_err());
    }
}
