//! How the table of the schemas is read. What each line means stands at the top of the table.

use anyhow::{Context, Result, bail};

/// A line that begins something, with what stands below it.
#[derive(Debug)]
pub(crate) struct Entry<'t> {
    /// The file of Rust that it goes to.
    pub(crate) file: &'t str,
    pub(crate) name: &'t str,
    /// What it says: a sentence without its point, or the name of a type.
    pub(crate) about: &'t str,
    pub(crate) content: Content<'t>,
}

#[derive(Debug)]
pub(crate) enum Content<'t> {
    File,
    Enumeration(Vec<&'t str>),
    Object(Vec<Member<'t>>),
    /// One object of the type that `about` names.
    Data,
    /// Many of them.
    Page,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member<'t> {
    pub(crate) name: &'t str,
    pub(crate) is_optional: bool,
    pub(crate) is_list: bool,
    pub(crate) is_nullable: bool,
    pub(crate) kind: &'t str,
    /// Empty where the table says none.
    pub(crate) least: &'t str,
    pub(crate) most: &'t str,
    pub(crate) step: &'t str,
}

pub(crate) fn parse(table: &str) -> Result<Vec<Entry<'_>>> {
    let (mut entries, mut file) = (Vec::<Entry<'_>>::new(), "");
    let lines = table.lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let wrong = || format!("schemas.txt: `{line}` is not understood");
        if let Some(below) = line.strip_prefix("  ") {
            match entries.last_mut().map(|entry| &mut entry.content) {
                Some(Content::Enumeration(values)) => values.extend(below.split(" | ")),
                Some(Content::Object(members)) => members.push(member(below).with_context(wrong)?),
                Some(Content::File | Content::Data | Content::Page) | None => bail!(wrong()),
            }
            continue;
        }
        let (word, rest) = line.split_once(' ').with_context(wrong)?;
        let (name, about) = rest.split_once(' ').with_context(wrong)?;
        let name = name.trim_end_matches(':');
        let content = match word {
            "file" => Content::File,
            "enum" => Content::Enumeration(Vec::new()),
            "type" => Content::Object(Vec::new()),
            "data" => Content::Data,
            "page" => Content::Page,
            _ => bail!(wrong()),
        };
        if word == "file" {
            file = name;
        }
        let about = about.trim_start_matches("of ");
        entries.push(Entry {
            file,
            name,
            about,
            content,
        });
    }
    Ok(entries)
}

/// Reads `name?: [KIND BOUNDS] or null`.
fn member(line: &str) -> Option<Member<'_>> {
    let (name, kind) = line.split_once(": ")?;
    let (name, is_optional) = without(name, name.strip_suffix('?'));
    let (kind, is_nullable) = without(kind, kind.strip_suffix(" or null"));
    let inside = kind
        .strip_prefix('[')
        .and_then(|kind| kind.strip_suffix(']'));
    let (kind, is_list) = without(kind, inside);
    let (kind, bounds) = kind.split_once(' ').unwrap_or((kind, ""));
    let (range, step) = bounds.split_once(" step ").unwrap_or((bounds, ""));
    let (least, most) = range.split_once("..").unwrap_or_default();
    Some(Member {
        name,
        is_optional,
        is_list,
        is_nullable,
        kind,
        least,
        most,
        step,
    })
}

/// The text without a mark, if it had that mark.
fn without<'t>(text: &'t str, stripped: Option<&'t str>) -> (&'t str, bool) {
    (stripped.unwrap_or(text), stripped.is_some())
}
