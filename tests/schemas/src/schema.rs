//! The JSON Schema that the table stands for. It is closed: unknown members and values are refused, so that an emulator
//! that misspells one is found out.

use crate::table::{Content, Entry, Member};

/// All schemas as one document, a line each.
pub(crate) fn document(entries: &[Entry<'_>]) -> String {
    let lines: Vec<String> = entries.iter().filter_map(one).collect();
    format!("{{\"$defs\": {{\n{}\n}}}}\n", lines.join(",\n"))
}

fn one(entry: &Entry<'_>) -> Option<String> {
    let of = reference(entry.about);
    let schema = match &entry.content {
        Content::File => return None,
        Content::Enumeration(values) => format!("{{\"enum\": {values:?}}}"),
        Content::Object(members) => {
            let all: Vec<String> = members.iter().map(member).collect();
            let required = members.iter().filter(|member| !member.is_optional);
            let required: Vec<&str> = required.map(|member| member.name).collect();
            object(&all.join(", "), &required)
        }
        Content::Data => object(&format!("\"data\": {of}"), &["data"]),
        Content::Page => {
            let meta = reference("CursorPaginationMetadata");
            let list = format!("{{\"type\": \"array\", \"items\": {of}}}");
            object(
                &format!("\"data\": {list}, \"meta\": {meta}"),
                &["data", "meta"],
            )
        }
    };
    Some(format!("\"{}\": {schema}", entry.name))
}

fn object(members: &str, required: &[&str]) -> String {
    let closed = "\"type\": \"object\", \"additionalProperties\": false";
    format!("{{{closed}, \"properties\": {{{members}}}, \"required\": {required:?}}}")
}

fn reference(name: &str) -> String {
    format!("{{\"$ref\": \"#/$defs/{name}\"}}")
}

fn member(member: &Member<'_>) -> String {
    let mut schema = match member.kind {
        "text" => "\"type\": \"string\"".to_owned(),
        "uri" | "date" => format!("\"type\": \"string\", \"format\": \"{}\"", member.kind),
        "whole" => "\"type\": \"integer\"".to_owned(),
        "decimal" => "\"type\": \"number\"".to_owned(),
        "flag" => "\"type\": \"boolean\"".to_owned(),
        other => format!("\"$ref\": \"#/$defs/{other}\""),
    };
    let (least, most) = match member.kind {
        "text" => ("minLength", "maxLength"),
        _ => ("minimum", "maximum"),
    };
    for (word, value) in [
        (least, member.least),
        (most, member.most),
        ("multipleOf", member.step),
    ] {
        if !value.is_empty() {
            schema += &format!(", \"{word}\": {value}");
        }
    }
    if member.is_list {
        schema = format!("\"type\": \"array\", \"items\": {{{schema}}}");
    }
    if member.is_nullable {
        schema = format!("\"anyOf\": [{{{schema}}}, {{\"type\": \"null\"}}]");
    }
    format!("\"{}\": {{{schema}}}", member.name)
}
