//! The functions of ApiX that 2BA's file names, so that a typing error finds the one that was meant.

use crate::error::CallError;
use crate::known::{KnownFunction, KnownParameter, is_same};

/// One function, and JSON that its body may have.
struct Known {
    function: KnownFunction,
    /// `None` for a function that is asked by GET.
    body: Option<&'static str>,
}

const fn get(name: &'static str, parameters: &'static [KnownParameter]) -> Known {
    Known {
        function: KnownFunction { name, parameters },
        body: None,
    }
}

const fn post(name: &'static str, body: &'static str) -> Known {
    Known {
        function: KnownFunction {
            name,
            parameters: &[],
        },
        body: Some(body),
    }
}

const fn needed(name: &'static str, example: &'static str) -> KnownParameter {
    KnownParameter {
        name,
        is_required: true,
        example,
    }
}

/// A language, which 2BA's file leaves optional in a query.
const LANGUAGE: &[KnownParameter] = &[KnownParameter {
    name: "languagecode",
    is_required: false,
    example: "NL",
}];

const OF_MAKER: &[KnownParameter] = &[
    needed("gln", "2008710000011"),
    needed("productcode", "KG-60040-W"),
];

const SEARCH: &str = r#"{"from":0,"size":10,"languagecode":"NL","searchString":"pomp"}"#;
const WORDS: &str = r#"{"languagecode":"NL","searchString":"pomp"}"#;
const CODE: &str =
    r#"{"languagecode":"NL","manufacturerGln":"2008710000011","productCode":"KG-60040-W"}"#;
const IDS: &str = r#"{"ids":[1000001]}"#;

/// What is spelled out goes before what is not.
static KNOWN: [Known; 24] = [
    post("Product/Search", SEARCH),
    post(
        "Product/List",
        r#"{"languagecode":"NL","productIds":[1000001]}"#,
    ),
    post("Product/Filters", WORDS),
    post("Product/FeatureFilters", WORDS),
    post("Product/FiltersForField", WORDS),
    post("Product/GetOnGlnAndProductCode", CODE),
    post("etim/Class/Suggest", SEARCH),
    post(
        "etim/ClassCombined/List",
        r#"{"languagecode":"NL","combinedIds":["EC010732MC000046"]}"#,
    ),
    post(
        "unifeed/Composition",
        r#"{"products":[{"productId":1000001}]}"#,
    ),
    post("unifeed/SelectionList", IDS),
    post("unifeed/UobInterface", "{}"),
    post("unifeed/UobProduct/List", IDS),
    post("unifeed/UobProduct/FromSelectionList", "{}"),
    post("unifeed/UobProduct/FromComposition", "{}"),
    post("unifeed/UobProduct/GetOnGlnAndProductCode", CODE),
    get("Product/ThumbNail", OF_MAKER),
    get("Product/{id}", LANGUAGE),
    get("etim/Class/{code}", LANGUAGE),
    get("etim/ClassCombined/{combinedCode}", LANGUAGE),
    get("unifeed/Composition/{id}", &[]),
    get("unifeed/SelectionList/{id}", &[]),
    get("unifeed/UobInterface/{id}", &[]),
    get("unifeed/UobProduct/ByCombinedCode/{combinedCode}", LANGUAGE),
    get("unifeed/UobProduct/{id}", &[]),
];

/// Whether this is the path of a known function.
fn is_of(known: &Known, path: &str) -> bool {
    let name = known.function.name;
    match (name.rsplit_once("/{"), path.rsplit_once('/')) {
        (Some((parent, _)), Some((asked, _))) => is_same(parent, asked),
        (None, _) => is_same(name, path),
        (Some(_), None) => false,
    }
}

/// Checks that a known function has the parameters that it needs, or a body if it is asked with one.
pub(super) fn check(
    path: &str,
    parameters: &[(String, String)],
    has_body: bool,
) -> Result<(), CallError> {
    let known = KNOWN.iter().find(|known| is_of(known, path));
    let Some(known) = known.filter(|_| !has_body) else {
        return Ok(());
    };
    if let Some(example) = known.body {
        return Err(CallError::MissingBody {
            function: known.function.name,
            example,
        });
    }
    CallError::missing(&known.function, known.function.missing(parameters, 0))
}

/// The known function that a mistyped path is nearest to, if it is none itself.
pub(super) fn nearest(path: &str) -> Option<&'static KnownFunction> {
    let spelled_out = || {
        let functions = KNOWN.iter().map(|known| &known.function);
        functions.filter(|function| !function.name.ends_with('}'))
    };
    if spelled_out().any(|function| is_same(function.name, path)) {
        return None;
    }
    let name = crate::known::nearest(path, spelled_out().map(|function| function.name))?;
    spelled_out().find(|function| function.name == name)
}
