//! The Rust that the table stands for, a file for each `file` of the table, as rustfmt writes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::table::{Content, Entry, Member};

/// Characters that a line of values has room for.
const WIDTH: usize = 90;

/// Names and texts of the files.
pub(crate) fn files(entries: &[Entry<'_>]) -> Vec<(String, String)> {
    let places = entries
        .iter()
        .map(|entry| (entry.name, format!("super::{}", entry.file)));
    let places: BTreeMap<_, _> = places.collect();
    let heads = entries
        .iter()
        .filter(|entry| matches!(entry.content, Content::File));
    let file = |head: &Entry<'_>| {
        let (mut text, mut uses) = (String::new(), BTreeSet::new());
        for entry in entries.iter().filter(|entry| entry.file == head.name) {
            text += &one(entry, &mut |name| {
                let path = match (name, places.get(name)) {
                    ("Decimal", _) => "crate::decimal::Decimal".to_owned(),
                    ("Data" | "Page", _) => format!("super::envelope::{name}"),
                    ("lists", _) => "super::lists".to_owned(),
                    (_, Some(place)) => format!("{place}::{name}"),
                    (_, None) => return,
                };
                uses.insert(path);
            });
        }
        let own = format!("super::{}::", head.name);
        uses.retain(|path| !path.starts_with(&own));
        let made = "Made of `schemas.txt` by `cargo xtask product-data`.";
        let mut all = format!("//! {}\n//!\n//! {made}\n\n", head.about);
        for group in ["crate::", "super::"] {
            let group = uses.iter().filter(|path| path.starts_with(group));
            let lines: String = group.map(|path| format!("use {path};\n")).collect();
            all += &if lines.is_empty() {
                lines
            } else {
                lines + "\n"
            };
        }
        (head.name.to_owned(), all + text.trim_end() + "\n")
    };
    heads.map(file).collect()
}

/// One entry, and the names that it needs.
fn one(entry: &Entry<'_>, needs: &mut impl FnMut(&str)) -> String {
    let Entry { name, about, .. } = entry;
    match &entry.content {
        Content::File => String::new(),
        Content::Enumeration(values) => {
            let mut lines = vec![String::new()];
            for value in values {
                let variant = format!(" {} = {value:?},", camel(value));
                match lines.last_mut() {
                    Some(line) if line.len() + variant.len() <= WIDTH => *line += &variant,
                    Some(_) | None => lines.push(variant),
                }
            }
            let lines: String = lines
                .iter()
                .map(|line| format!("       {line}\n"))
                .collect();
            format!("open_enumeration! {{\n    /// {about}.\n    {name} {{\n{lines}    }}\n}}\n\n")
        }
        Content::Object(members) => {
            let derives = "Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize";
            let attributes = format!(
                "#[derive({derives})]\n#[serde(rename_all = \"camelCase\")]\n#[non_exhaustive]"
            );
            let fields: String = members.iter().map(|member| field(member, needs)).collect();
            format!("/// {about}.\n{attributes}\npub struct {name} {{\n{fields}}}\n\n")
        }
        Content::Data => alias(entry, "Data", "An answer with one", needs),
        Content::Page => alias(entry, "Page", "A page of many", needs),
    }
}

fn alias(entry: &Entry<'_>, around: &str, what: &str, needs: &mut impl FnMut(&str)) -> String {
    needs(around);
    needs(entry.about);
    let Entry { name, about, .. } = entry;
    format!("/// {what} [`{about}`].\npub type {name} = {around}<{about}>;\n\n")
}

/// A member, with what the table says of it.
fn field(member: &Member<'_>, needs: &mut impl FnMut(&str)) -> String {
    let (kind, is_exact) = match member.kind {
        "text" | "uri" | "date" => ("Box<str>", true),
        "whole" => ("u64", true),
        "flag" => ("bool", true),
        "decimal" => ("Decimal", true),
        other => (other, false),
    };
    needs(kind);
    if member.is_list {
        needs("lists");
    }
    let (attributes, kind): (&[&str], String) =
        match (member.is_list, member.is_nullable, member.is_optional) {
            (true, true, _) => (
                &["default, deserialize_with = \"lists::included\""],
                format!("Option<Vec<{kind}>>"),
            ),
            (true, false, true) => (
                &[
                    "default, deserialize_with = \"lists::optional\"",
                    "skip_serializing_if = \"Vec::is_empty\"",
                ],
                format!("Vec<{kind}>"),
            ),
            (true, false, false) => (
                &["deserialize_with = \"lists::required\""],
                format!("Vec<{kind}>"),
            ),
            (false, _, true) => (
                &["skip_serializing_if = \"Option::is_none\""],
                format!("Option<{kind}>"),
            ),
            (false, true, false) => (&[], format!("Option<{kind}>")),
            (false, false, false) => (&[], kind.to_owned()),
        };
    let attributes = attributes.iter();
    let attributes: String = attributes
        .map(|one| format!("    #[serde({one})]\n"))
        .collect();
    let about = about(member, is_exact);
    let name = snake(member.name);
    format!(
        "    /// `{}`{about}.\n{attributes}    pub {name}: {kind},\n",
        member.name
    )
}

/// What the documentation says of a member behind its name.
fn about(member: &Member<'_>, is_exact: bool) -> String {
    let presence = match (member.is_list, member.is_nullable, member.is_optional) {
        (true, true, _) => ", `None` where the server left them out of this answer",
        (true, false, true) => ", empty where there are none",
        (false, _, true) => ", optional",
        (false, true, false) => ", `None` where there is none",
        (_, false, false) => "",
    };
    if !is_exact {
        return presence.to_owned();
    }
    let unit = if member.kind == "text" {
        " characters"
    } else {
        ""
    };
    let range = match (member.least, member.most) {
        ("", "") => String::new(),
        (least, "") => format!(" of at least {least}{unit}"),
        (least, most) if least == most => format!(" of {least}{unit}"),
        (least, most) if unit.is_empty() => format!(" from {least} to {most}"),
        (least, most) => format!(" of {least} to {most}{unit}"),
    };
    let step = match member.step {
        "" => String::new(),
        step => format!(" in steps of {step}"),
    };
    let what = match member.kind {
        "text" => "a text",
        "uri" => "a URI",
        "date" => "a date as `2026-07-22`",
        "whole" => "a whole number",
        "decimal" => "a decimal",
        _ => "yes or no",
    };
    let each = if member.is_list { "each " } else { "" };
    format!("{presence}: {each}{what}{range}{step}")
}

/// `brandName` as `brand_name`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `ON HOLD` as `OnHold`.
fn camel(value: &str) -> String {
    let mut camel = String::new();
    for word in value.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        for (at, letter) in word.char_indices() {
            camel.push(match at {
                0 => letter.to_ascii_uppercase(),
                _ => letter.to_ascii_lowercase(),
            });
        }
    }
    camel
}
