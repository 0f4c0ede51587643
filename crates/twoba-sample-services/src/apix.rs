//! The interface of ApiX: its paths, its scope, and its problems.
//!
//! Paths, members and bounds are those of an OpenAPI file in 2BA's demo program. Only some of its
//! functions are here. That names in a path are read in any case, that a token without any scope is
//! good for all, and that a product's `id` is the `Id` of the JSON services, is inferred.

mod class;
mod product;
mod question;

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::answer::{Answer, JSON};
use crate::caller::{Proof, Verdict};
use crate::form::Parameters;
use crate::mount::{Asked, Head, Missing, Step, Subject, Then, Unread, Work};
use crate::problem::Problem;
use crate::products::{Product, Size, matching, of_maker, picture, products};
use question::{ForCode, ForList, ForSearch};

/// Where ApiX is: 2BA's own is at `https://apix.2ba.nl/api/v1`.
pub(crate) const BASE: &str = "/apix/api/v1/";

/// What a token has to be for, if it is not for everything.
const SCOPE: &str = "apix";

/// A function of ApiX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Product,
    Thumbnail,
    Search,
    List,
    ByCode,
    Class,
}

impl Function {
    const ALL: [Self; 6] = [
        Self::Search,
        Self::List,
        Self::ByCode,
        Self::Thumbnail,
        Self::Class,
        // What is spelled out goes before what is not.
        Self::Product,
    ];

    /// Its name: `apix/`, and the path below the base. The last part may be an argument.
    const fn name(self) -> &'static str {
        match self {
            Self::Product => "apix/Product/{id}",
            Self::Thumbnail => "apix/Product/ThumbNail",
            Self::Search => "apix/Product/Search",
            Self::List => "apix/Product/List",
            Self::ByCode => "apix/Product/GetOnGlnAndProductCode",
            Self::Class => "apix/etim/Class/{code}",
        }
    }

    /// Whether the question is the body of a POST.
    const fn has_body(self) -> bool {
        match self {
            Self::Search | Self::List | Self::ByCode => true,
            Self::Product | Self::Thumbnail | Self::Class => false,
        }
    }

    /// How the caller authenticates. The description of thumbnails knows no 401.
    const fn proof(self) -> Proof {
        match self {
            Self::Thumbnail => Proof::HeaderIfAny,
            Self::Product | Self::Search | Self::List | Self::ByCode | Self::Class => Proof::Header,
        }
    }

    /// The function of a path, and the argument in the path.
    fn of(path: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|function| {
            let (parent, last) = function.name().strip_prefix("apix/")?.rsplit_once('/')?;
            let (asked_parent, asked_last) = path.rsplit_once('/')?;
            let is_last = last.starts_with('{') || last.eq_ignore_ascii_case(asked_last);
            let is_it = is_last && parent.eq_ignore_ascii_case(asked_parent);
            is_it.then_some((function, asked_last))
        })
    }
}

/// Begins to answer a request to the path below the base. Links in the answer begin with `url`.
pub(crate) fn begin<'r>(url: &'r str, path: &'r str, head: Head<'r>) -> Result<Step<'r>, Missing> {
    let (function, argument) = Function::of(path).ok_or(Missing::Path)?;
    let asked = move |body: Result<Value, Problem>| {
        let then = move |verdict: Verdict| {
            let answer = allowed(verdict).and_then(|()| {
                let body = body?;
                answer(url, function, argument, head, &body)
            });
            answer.unwrap_or_else(Problem::answer)
        };
        Asked {
            subject: Subject::Function(Some(function.name())),
            work: Work::Judge(function.proof(), Then::new(then)),
        }
    };
    if !function.has_body() {
        head.reading()?;
        return Ok(Step::Asked(asked(Ok(Value::Null))));
    }
    if *head.method != Method::POST {
        return Err(Missing::Method("POST"));
    }
    Ok(Step::Body(Then::new(
        move |body: Result<Vec<u8>, Unread>| {
            asked(match body {
                Ok(body) => read(head, &body),
                Err(unread) => Err(Problem::unreadable(unread.status, unread.reason)),
            })
        },
    )))
}

fn read(head: Head<'_>, body: &[u8]) -> Result<Value, Problem> {
    let declared = head.only(&CONTENT_TYPE).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    if !(media_type.ends_with("/json") || media_type.ends_with("+json")) {
        let detail = "The content type has to be application/json.";
        return Err(Problem::unreadable(415, detail));
    }
    serde_json::from_slice(body).map_err(|_| Problem::unreadable(400, "The body is no JSON."))
}

/// Whether the caller may ask. A token that is for named things has to be for this one too.
fn allowed(verdict: Verdict) -> Result<(), Problem> {
    let caller = verdict.map_err(Problem::unauthorized)?;
    let scopes = caller.map(|caller| caller.scopes).unwrap_or_default();
    match scopes.is_empty() || scopes.iter().any(|granted| granted == SCOPE) {
        true => Ok(()),
        false => Err(Problem::forbidden(SCOPE)),
    }
}

fn answer(
    url: &str,
    function: Function,
    argument: &str,
    head: Head<'_>,
    body: &Value,
) -> Result<Answer, Problem> {
    let of_query = || {
        head.query
            .map_err(|_| Problem::wrong("query", "It is not form encoded."))
    };
    let told = |product: &'static Product| product::told(url, product);
    let body = match function {
        Function::Thumbnail => return thumbnail(of_query()?),
        Function::Product => told(by_id(argument)?),
        Function::Class => class::told(argument).ok_or_else(Problem::not_found)?,
        Function::Search => search(&ForSearch::read(body)?, told),
        Function::List => {
            let asked = ForList::read(body)?;
            // A number that no product has is passed over.
            let all = asked.ids.iter().filter_map(|id| with_id(*id));
            all.map(told).collect()
        }
        Function::ByCode => {
            let asked = ForCode::read(body)?;
            told(of_maker(asked.gln, asked.code).ok_or_else(Problem::not_found)?)
        }
    };
    Ok(Answer::media(200, JSON, body.to_string()))
}

fn search(asked: &ForSearch<'_>, told: impl Fn(&'static Product) -> Value) -> Value {
    let is_wanted = |product: &&Product| !asked.only_modelling || product.class.modelling.is_some();
    let found: Vec<_> = matching(asked.words).filter(is_wanted).collect();
    let page = found.iter().skip(asked.from).take(asked.size);
    json!({
        "total": found.len(),
        "took": 0,
        "items": page.map(|product| told(product)).collect::<Value>(),
    })
}

fn with_id(id: u64) -> Option<&'static Product> {
    products().iter().find(|product| product.id == id)
}

fn by_id(text: &str) -> Result<&'static Product, Problem> {
    let id = text.parse();
    let id = id.map_err(|_| Problem::wrong("id", "It has to be a whole number."))?;
    with_id(id).ok_or_else(Problem::not_found)
}

/// 2BA's file says GIF; these pictures are PNG.
fn thumbnail(query: &Parameters) -> Result<Answer, Problem> {
    let text = |name| query.get(name).unwrap_or_default();
    let product = of_maker(text("gln"), text("productcode"));
    let bytes = product.and_then(|product| picture(product, Size::Thumbnail));
    bytes.map(Answer::png).ok_or_else(Problem::not_found)
}

/// Whether a segment of a path is spelled out in some function.
pub(crate) fn is_named_by(segment: &str) -> bool {
    let names = Function::ALL.iter().map(|function| function.name());
    let mut parts = names
        .flat_map(|name| name.split('/'))
        .chain(BASE.split('/'))
        .filter(|part| !part.is_empty());
    parts.any(|part| part.eq_ignore_ascii_case(segment))
}

/// The parameter of that name, if some function takes it in the query.
pub(crate) fn parameter(name: &str) -> Option<&'static str> {
    let mut names = ["languagecode", "gln", "productcode"].into_iter();
    names.find(|known| *known == name)
}

#[cfg(test)]
mod tests;
