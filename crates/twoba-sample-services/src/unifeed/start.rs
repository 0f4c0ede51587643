//! Reads the parameters of a start URL, and finds mistakes in them.

use std::collections::HashSet;

use super::address::{HookProblem, ReturnUrl, Target};
use super::interface::{Content, Hook, Interface, InterfaceType, ProductName};
use crate::caller::LINK_TOKEN;
use crate::form::{Malformed, Parameters};

/// The standing of a parameter in 2BA's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The parameter has its documented effect.
    Used,
    /// The parameter is documented, but has no effect here.
    Shown,
    /// No document has the parameter.
    Unknown,
    /// The parameter was given before.
    Repeated,
}

/// One parameter, in the form in which it may be shown.
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

/// The way in which a selection goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A page of Unifeed that an embedded browser watches.
    Page(Content),
    /// A form in which the browser carries the JSON.
    Form(Content, ReturnUrl),
    /// A request by the page's script.
    Background(Content, ReturnUrl),
    /// A request by the emulator. After it, the browser may be sent on.
    Server(Target, Option<ReturnUrl>),
    /// The query of a redirect. It names a kind of object.
    Redirect(&'static str, ReturnUrl),
    /// A form with a field for each property of each item.
    Oci(ProductName, ReturnUrl),
    /// A file.
    Download(Content),
}

/// The content of a start URL, without its token.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) name: Option<String>,
    /// The application that a post by the emulator brings the token of.
    pub(super) application: Option<String>,
    pub(super) kind: Option<InterfaceType>,
    pub(super) given: Vec<Given>,
    pub(super) narrowing: Narrowing,
    /// The way back. `None` if the URL only asks for a look.
    pub(super) way: Result<Option<Way>, Problem>,
}

/// The articles that the URL asks for.
#[derive(Debug, Default)]
pub(super) struct Narrowing {
    pub(super) words: Option<String>,
    pub(super) product: Option<String>,
    pub(super) trade_item: Option<String>,
    pub(super) gln: Option<String>,
    pub(super) productcode: Option<String>,
    pub(super) trade_item_id: Option<String>,
}

const USED: [&str; 14] = [
    LINK_TOKEN,
    "interface",
    "interfaceType",
    "interfaceName",
    "hookUrl",
    "RedirectAfterPost",
    "cbap",
    "q",
    "query",
    "p",
    "a",
    "gln",
    "productcode",
    "tradeItemId",
];

const SHOWN: [&str; 5] = [
    "filter",
    "interfaceObjectId",
    "showTradeItemView",
    "uobApplication",
    "uobApplicationVersion",
];

impl Start {
    /// Reads the query of a start URL.
    pub(super) fn read(query: Result<&Parameters, Malformed>, own_port: u16) -> Self {
        let Ok(parameters) = query else {
            return Self {
                name: None,
                application: None,
                kind: None,
                given: Vec::new(),
                narrowing: Narrowing::default(),
                way: Err(Problem::Unreadable),
            };
        };
        let text = |name: &str| parameters.get(name).map(str::to_owned);
        let kind = parameters.get("interfaceType");
        Self {
            name: text("interfaceName"),
            application: text("cbap"),
            kind: kind.and_then(InterfaceType::parse),
            given: given(parameters),
            narrowing: Narrowing {
                words: text("q").or_else(|| text("query")),
                product: text("p"),
                trade_item: text("a"),
                gln: text("gln"),
                productcode: text("productcode"),
                trade_item_id: text("tradeItemId"),
            },
            way: way(parameters, own_port),
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

/// The parameters with their standing.
fn given(parameters: &Parameters) -> Vec<Given> {
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
        given.push(Given {
            name: name.to_owned(),
            value: value.to_owned(),
            standing,
        });
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(query: &str) -> Start {
        let query = Parameters::parse(query.as_bytes());
        Start::read(query.as_ref().map_err(|malformed| *malformed), 4711)
    }

    fn way_of(query: &str) -> Result<Option<Way>, Problem> {
        start(query).way
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
    fn unknown_and_repeated_parameters_are_named_as_such() {
        let standings: Vec<Standing> = start("q=1&HOOK_URL=x&filter=%7B%7D&q=2")
            .given
            .iter()
            .map(|given| given.standing)
            .collect();
        use Standing::{Repeated, Shown, Unknown, Used};
        assert_eq!(standings, [Used, Unknown, Shown, Repeated]);
    }
}
