//! The frame and the style sheet of every page, and its content security policy.
//!
//! The templates hold the line ends, so that the source of a page is readable.

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::language::Language;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.1rem/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}\
.narrow{max-width:26rem}\
.wide{max-width:46rem}\
h1{font-size:1.5rem;line-height:1.25}\
h2{font-size:1.2rem;margin-top:2rem}\
form>label{display:block;margin:1rem 0 .4rem;font-weight:600}\
input{box-sizing:border-box;padding:.6rem;font:inherit;border:1px solid;border-radius:.3rem}\
form>input{width:100%}\
[aria-invalid],.refused.refused{border-color:light-dark(#b3261e,#f2b8b5)}\
[aria-invalid]{border-width:2px}\
.primary{background:light-dark(#0b5cad,#82bbff);border-color:light-dark(#0b5cad,#82bbff);color:light-dark(#fff,#11151b);font-weight:600}\
button{margin:1.5rem .5rem 0 0;padding:.6rem 1.2rem;font:inherit;border:1px solid;border-radius:.3rem;cursor:pointer}\
:focus-visible{outline:3px solid;outline-offset:2px}\
.notice,.refused{padding:.6rem .8rem;border:1px solid;border-left-width:.5rem;border-radius:.3rem}\
.refused{font-weight:600}\
summary{cursor:pointer;font-weight:600}\
table{border-collapse:collapse;width:100%;table-layout:fixed}\
th{width:44%}\
td{width:56%}\
th,td{padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #8886}\
.items{list-style:none;margin:0;padding:0}\
.items li{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center;padding:.6rem 0;border-bottom:1px solid #8886}\
.items [type=checkbox]{width:1.4rem;height:1.4rem;flex:none}\
.items .what{flex:1 1 12rem}\
.items .count{display:flex;gap:.6rem;align-items:center}\
.items [type=number]{width:6rem}\
small{display:block;opacity:.8}\
.items .copy{margin:0;padding:.2rem .6rem;font-size:.9rem}\
pre{white-space:pre-wrap;padding:.6rem .8rem;border:1px solid #8886;border-radius:.3rem}\
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}";

/// The policy source of the style sheet, computed once.
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| digest_source(STYLE));

/// The source by which a policy allows this style sheet or script: its digest.
#[must_use]
pub fn digest_source(text: &str) -> String {
    let digest = Base64::encode_string(&Sha256::digest(text.as_bytes()));
    format!("'sha256-{digest}'")
}

/// The content security policy of a page whose form may lead to these places. `more` is added.
///
/// Browsers check the redirect after a form against `form-action`, so its target has to be in the
/// list.
#[must_use]
pub fn security_policy<'u>(form_leads_to: impl IntoIterator<Item = &'u str>, more: &str) -> String {
    let mut form_action = String::new();
    for place in form_leads_to {
        form_action.push(' ');
        form_action.push_str(match place {
            SELF => SELF,
            uri => source(uri),
        });
    }
    if form_action.is_empty() {
        form_action.push_str(" 'none'");
    }
    format!(
        "default-src 'none'; style-src {}; form-action{form_action}; \
         base-uri 'none'; frame-ancestors 'none'{more}",
        *STYLE_SOURCE
    )
}

/// The target of a form that comes back here.
pub const SELF: &str = "'self'";

/// The origin of a URI as a policy names it, or its scheme alone.
#[must_use]
pub fn source(uri: &str) -> &str {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return uri.split_inclusive(':').next().unwrap_or("'none'");
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_web = scheme == "http" || scheme == "https";
    let is_plain = !authority.is_empty()
        && authority
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    // A policy cannot spell the brackets of an IPv6 address.
    let end = if is_web && is_plain {
        scheme.len() + "://".len() + authority.len()
    } else {
        scheme.len() + ":".len()
    };
    uri.get(..end).unwrap_or("'none'")
}

/// The width of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// The width of a form.
    Narrow,
    /// The width of a table.
    Wide,
}

/// A whole page with its heading. The heading is also the title, unless a mistake has to be named
/// first.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'p> {
    /// The language.
    pub language: Language,
    /// A word before the title, such as `Error:`. A screen reader says it first.
    pub alarm: Option<&'p str>,
    /// The heading.
    pub heading: &'p str,
    /// The width.
    pub width: Width,
}

impl Frame<'_> {
    /// Writes the page around this content.
    #[must_use]
    pub fn around(&self, content: &Markup) -> String {
        let width = match self.width {
            Width::Narrow => "narrow",
            Width::Wide => "wide",
        };
        let page = html! {
            (DOCTYPE) "\n"
            html lang=(self.language.tag()) { "\n"
                head { "\n"
                    meta charset="utf-8"; "\n"
                    meta name="viewport" content="width=device-width, initial-scale=1"; "\n"
                    title { @if let Some(alarm) = self.alarm { (alarm) " " } (self.heading) } "\n"
                    style { (PreEscaped(STYLE)) } "\n"
                } "\n"
                body class=(width) { "\n"
                    main { "\n"
                        h1 { (self.heading) } "\n"
                        (content)
                    } "\n"
                } "\n"
            } "\n"
        };
        page.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_the_form_end_at_the_redirect_uri_only() {
        for (uri, expected) in [
            ("http://localhost:8080/cb?x", "http://localhost:8080"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://[::1]:80/", "http:"),
            ("nl.2ba.uol://tokenreceiver", "nl.2ba.uol:"),
            ("https://a;b/", "https:"),
            ("urn:ietf:wg:oauth:2.0:oob", "urn:"),
        ] {
            assert_eq!(source(uri), expected);
            let policy = security_policy([SELF, uri], "");
            assert!(policy.contains(&format!("form-action 'self' {expected};")));
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        }
        assert!(security_policy([], "").contains("form-action 'none';"));
    }
}
