//! Decides what the parameters of a start URL mean and what is wrong with them; not whether the token is good.

use std::collections::HashSet;

use super::address::{ReturnUrl, Target};
use super::interface::{Content, Hook, Interface, InterfaceType, ProductName};
use crate::http::form::Parameters;
use crate::identifier::Fingerprint;

/// What the parameters have in common with the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has its documented effect here.
    Used,
    /// Documented, but without effect here.
    Shown,
    /// In no document.
    Unknown,
    /// Given before.
    Repeated,
}

/// One parameter, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) standing: Standing,
}

/// Why a selection could not be returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Unreadable,
    Repeated,
    UnknownType,
    BadInterface,
    WrongInterface,
    Hook(HookProblem),
    BadRedirect,
}

/// Why a `hookUrl` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookProblem {
    Missing,
    Malformed,
    UsesTls,
    Elsewhere,
    IsHere,
}

/// The way back of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A page of Unifeed that an embedded browser watches.
    Page(Content),
    /// A form in which the browser carries the JSON.
    Form(Content, ReturnUrl),
    /// A request of the page's script.
    Background(Content, ReturnUrl),
    /// A request of the emulator; then the browser may be sent on.
    Server(Target, Option<ReturnUrl>),
    /// The query of a redirect, which names a kind of object.
    Redirect(&'static str, ReturnUrl),
    /// A form with a field for each property of each item.
    Oci(ProductName, ReturnUrl),
    /// A file.
    Download(Content),
}

/// Everything that a start URL says. The token is in it: there is no `Debug`.
pub(super) struct Start {
    pub(super) token: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<InterfaceType>,
    pub(super) given: Vec<Given>,
    pub(super) narrowing: Narrowing,
    /// None where only looking is asked for.
    pub(super) way: Result<Option<Way>, Problem>,
}

/// Which articles are asked for.
#[derive(Default)]
pub(super) struct Narrowing {
    pub(super) words: Option<String>,
    pub(super) product: Option<String>,
    pub(super) trade_item: Option<String>,
    pub(super) gln: Option<String>,
    pub(super) productcode: Option<String>,
    pub(super) trade_item_id: Option<String>,
}

const TOKEN: &str = "accessToken";

const USED: [&str; 13] = [
    TOKEN,
    "interface",
    "interfaceType",
    "interfaceName",
    "hookUrl",
    "RedirectAfterPost",
    "q",
    "query",
    "p",
    "a",
    "gln",
    "productcode",
    "tradeItemId",
];

const SHOWN: [&str; 6] = [
    "cbap",
    "filter",
    "interfaceObjectId",
    "showTradeItemView",
    "uobApplication",
    "uobApplicationVersion",
];

impl Start {
    /// Reads the query of a start URL.
    pub(super) fn parse(query: &str, own_port: u16) -> Self {
        let Ok(parameters) = Parameters::parse(query.as_bytes()) else {
            return Self {
                token: None,
                name: None,
                kind: None,
                given: Vec::new(),
                narrowing: Narrowing::default(),
                way: Err(Problem::Unreadable),
            };
        };
        let text = |name: &str| parameters.get(name).map(str::to_owned);
        let kind = parameters.get("interfaceType");
        Self {
            token: text(TOKEN),
            name: text("interfaceName").map(|name| without(&name, parameters.get(TOKEN))),
            kind: kind.and_then(InterfaceType::parse),
            given: given(&parameters),
            narrowing: Narrowing {
                words: text("q").or_else(|| text("query")),
                product: text("p"),
                trade_item: text("a"),
                gln: text("gln"),
                productcode: text("productcode"),
                trade_item_id: text("tradeItemId"),
            },
            way: way(&parameters, own_port),
        }
    }
}

fn way(parameters: &Parameters, own_port: u16) -> Result<Option<Way>, Problem> {
    if parameters.has_repeats() {
        return Err(Problem::Repeated);
    }
    let Some(name) = parameters.get("interfaceType") else {
        return Ok(None);
    };
    let kind = InterfaceType::parse(name).ok_or(Problem::UnknownType)?;
    let interface = parameters
        .get("interface")
        .and_then(Interface::parse)
        .ok_or(Problem::BadInterface)?;
    let content = kind.content(interface).ok_or(Problem::WrongInterface)?;
    let hook = match (kind.hook(), parameters.get("hookUrl")) {
        (Hook::Unused, _) | (Hook::Optional, None) => None,
        (Hook::Required, None) => return Err(Problem::Hook(HookProblem::Missing)),
        (Hook::Required | Hook::Optional, Some(url)) => {
            Some(ReturnUrl::parse(url).ok_or(Problem::Hook(HookProblem::Malformed))?)
        }
    };
    Ok(Some(match (kind, hook, content) {
        (InterfaceType::Json, None, _) => Way::Page(content),
        (InterfaceType::Json, Some(hook), _) => Way::Form(content, hook),
        (InterfaceType::JsonPost, Some(hook), _) => Way::Background(content, hook),
        (InterfaceType::ServerJsonPost, Some(hook), _) => {
            let then = match parameters.get("RedirectAfterPost") {
                Some(url) => Some(ReturnUrl::parse(url).ok_or(Problem::BadRedirect)?),
                None => None,
            };
            Way::Server(Target::of(&hook, own_port).map_err(Problem::Hook)?, then)
        }
        (InterfaceType::JsonGet, Some(hook), Content::Reference(object)) => {
            Way::Redirect(object, hook)
        }
        (InterfaceType::Oci, Some(hook), _) => Way::Oci(ProductName::Guid, hook),
        (InterfaceType::Oci2, Some(hook), _) => Way::Oci(ProductName::Number, hook),
        (InterfaceType::Download, ..) => Way::Download(content),
        (_, None, _) => return Err(Problem::Hook(HookProblem::Missing)),
        (InterfaceType::JsonGet, ..) => return Err(Problem::WrongInterface),
    }))
}

/// The parameters as they may be shown: no token among them.
fn given(parameters: &Parameters) -> Vec<Given> {
    let token = parameters.get(TOKEN);
    let mut names = HashSet::new();
    let mut given = Vec::new();
    for (name, value) in parameters.iter() {
        let standing = if !names.insert(name) {
            Standing::Repeated
        } else if USED.contains(&name) {
            Standing::Used
        } else if SHOWN.contains(&name) {
            Standing::Shown
        } else {
            Standing::Unknown
        };
        let value = if is_secret(name) && !value.is_empty() {
            format!("[{}]", Fingerprint::of(value))
        } else {
            without(value, token)
        };
        given.push(Given {
            name: without(name, token),
            value,
            standing,
        });
    }
    given
}

/// Whether a parameter of this name holds a secret, the misspelled token included.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "bearer", "authorization"]
        .iter()
        .any(|word| name.contains(word))
}

/// A text in which the token does not occur.
fn without(text: &str, token: Option<&str>) -> String {
    match token {
        Some(token) => text.replace(token, &format!("[{}]", Fingerprint::of(token))),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_of(query: &str) -> Result<Option<Way>, Problem> {
        Start::parse(query, 4711).way
    }

    const HOOK: &str = "hookUrl=http%3A%2F%2Flocalhost%3A1%2Fx";

    #[test]
    fn every_interface_type_has_its_way_back() {
        let hook = || ReturnUrl::parse("http://localhost:1/x").unwrap();
        for (query, expected) in [
            (
                "interfaceType=JSON&interface=3",
                Way::Page(Content::Articles),
            ),
            (
                "interfaceType=JSON&interface=4",
                Way::Page(Content::Products),
            ),
            (
                "interfaceType=DOWNLOAD&interface=32",
                Way::Download(Content::Products),
            ),
        ] {
            assert_eq!(way_of(query), Ok(Some(expected)), "{query}");
        }
        for (query, expected) in [
            ("JSON&interface=3", Way::Form(Content::Articles, hook())),
            (
                "JSONPOST&interface=4",
                Way::Background(Content::Products, hook()),
            ),
            ("JSONGET&interface=32", Way::Redirect("interface", hook())),
            ("OCI&interface=3", Way::Oci(ProductName::Guid, hook())),
            ("OCI2&interface=1", Way::Oci(ProductName::Number, hook())),
        ] {
            assert_eq!(
                way_of(&format!("interfaceType={query}&{HOOK}")),
                Ok(Some(expected))
            );
        }
        let server = format!("interfaceType=SERVERJSONPOST&interface=3&{HOOK}");
        assert!(matches!(way_of(&server), Ok(Some(Way::Server(_, None)))));
        assert_eq!(way_of("q=pomp"), Ok(None));
    }

    #[test]
    fn a_start_url_is_told_what_is_wrong_with_it() {
        for (query, expected) in [
            ("interfaceType=%zz", Problem::Unreadable),
            ("q=1&q=2", Problem::Repeated),
            ("interfaceType=json&interface=3", Problem::UnknownType),
            ("interfaceType=JSON", Problem::BadInterface),
            ("interfaceType=JSON&interface=8", Problem::BadInterface),
            ("interfaceType=OCI&interface=4", Problem::WrongInterface),
            (
                "interfaceType=OCI2&interface=3",
                Problem::Hook(HookProblem::Missing),
            ),
            (
                "interfaceType=JSON&interface=3&hookUrl=javascript:x",
                Problem::Hook(HookProblem::Malformed),
            ),
            (
                "interfaceType=JSONGET&interface=32&hookUrl=nl.2ba.uol://request",
                Problem::Hook(HookProblem::Malformed),
            ),
            (
                "interfaceType=SERVERJSONPOST&interface=3&hookUrl=http://192.0.2.1/",
                Problem::Hook(HookProblem::Elsewhere),
            ),
            (
                "interfaceType=SERVERJSONPOST&interface=3&hookUrl=http://[::1]:1/&RedirectAfterPost=x",
                Problem::BadRedirect,
            ),
        ] {
            assert_eq!(way_of(query), Err(expected), "{query}");
        }
    }

    #[test]
    fn no_token_is_among_what_is_shown() {
        let start = Start::parse(
            "accessToken=canary&access_token=other&q=canary&canary=1&hookUrl=http://h/?t=canary",
            1,
        );
        let shown = format!("{:?}", start.given);
        assert!(
            !shown.contains("canary") && !shown.contains("other"),
            "{shown}"
        );
        assert!(shown.contains(&Fingerprint::of("canary").to_string()));
        assert_eq!(start.token.as_deref(), Some("canary"));
        let named = Start::parse("accessToken=canary&interfaceName=my+canary", 1);
        assert!(!named.name.unwrap().contains("canary"));
    }

    #[test]
    fn unknown_and_repeated_parameters_are_named_as_such() {
        let standings: Vec<Standing> = Start::parse("q=1&HOOK_URL=x&filter=%7B%7D&q=2", 1)
            .given
            .iter()
            .map(|given| given.standing)
            .collect();
        use Standing::{Repeated, Shown, Unknown, Used};
        assert_eq!(standings, [Used, Unknown, Shown, Repeated]);
    }
}
