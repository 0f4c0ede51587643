//! A long list as a table, for a person at a terminal.

use std::borrow::Cow;
use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::terminal::on_one_line as plain;

/// A list of fewer rows is easier to read as JSON.
const ROWS_MIN: usize = 3;

/// A longer text is cut in a table, so that each row is one line.
const CELL_MAX: usize = 32;

/// What stands between two columns.
const GAP: usize = 3;

/// A table, and what it does not show.
pub(crate) struct Shown {
    pub(crate) text: String,
    /// The names of the members that found no room, or have members of their own.
    pub(crate) hidden: Vec<String>,
}

/// The members of an object, in their order and as they were written.
struct Members<'j>(Vec<(Cow<'j, str>, &'j RawValue)>);

/// The table of an answer that is a list of objects, or that has one beside single values. `None`
/// for any other answer.
pub(crate) fn of(json: &str, width: usize) -> Option<Shown> {
    let (rows, beside) = match serde_json::from_str::<Vec<Members<'_>>>(json) {
        Ok(rows) => (rows, Vec::new()),
        Err(_) => in_object(serde_json::from_str(json).ok()?)?,
    };
    if rows.len() < ROWS_MIN {
        return None;
    }
    let columns = columns(&rows);
    let fitting = fitting(&columns, width);
    let (told, hidden) = columns.split_at_checked(fitting)?;
    if told.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(told.iter().map(|column| column.name.as_str()));
    for number in 0..rows.len() {
        table.add_row(told.iter().map(|column| column.cell(number)));
    }
    for (column, of) in table.column_iter_mut().zip(told) {
        if of.is_of_numbers {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.trim_fmt();
    for (name, value) in beside {
        text.push_str(&format!("\n{}: {}", plain(&name), plain(&value)));
    }
    let nested = nested(&rows);
    let hidden = hidden.iter().map(|column| column.name.clone());
    Some(Shown {
        text,
        hidden: hidden.chain(nested).collect(),
    })
}

/// The only list of objects in an object, and the single values beside it.
type Listed<'j> = (Vec<Members<'j>>, Vec<(String, String)>);

fn in_object(members: Members<'_>) -> Option<Listed<'_>> {
    let (mut rows, mut beside) = (None, Vec::new());
    for (name, value) in members.0 {
        match single(value) {
            Some(value) => beside.push((name.into_owned(), value)),
            // A second list, or an object, would be lost in a table.
            None if rows.is_some() => return None,
            None => rows = Some(serde_json::from_str(value.get()).ok()?),
        }
    }
    Some((rows?, beside))
}

/// One member of all rows.
struct Column {
    name: String,
    /// The cell of each row.
    cells: Vec<Option<String>>,
    is_of_numbers: bool,
}

impl Column {
    fn cell(&self, row: usize) -> &str {
        let cell = self.cells.get(row).and_then(Option::as_deref);
        cell.unwrap_or_default()
    }

    fn width(&self) -> usize {
        let cells = self.cells.iter().flatten().map(|cell| cell.chars().count());
        let widest = cells.chain([self.name.chars().count()]).max();
        widest.unwrap_or_default() + GAP
    }
}

/// The members with single values, in the order in which they come first.
fn columns(rows: &[Members<'_>]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        for (name, value) in &row.0 {
            let Some(text) = single(value) else {
                continue;
            };
            let name = plain(name);
            let found = columns.iter().position(|column| column.name == name);
            let at = found.unwrap_or(columns.len());
            if found.is_none() {
                columns.push(Column {
                    name,
                    cells: vec![None; rows.len()],
                    is_of_numbers: true,
                });
            }
            let Some(column) = columns.get_mut(at) else {
                continue;
            };
            let is_number = value
                .get()
                .starts_with(|first: char| first == '-' || first.is_ascii_digit());
            column.is_of_numbers &= is_number || value.get() == "null";
            if let Some(cell) = column.cells.get_mut(number) {
                *cell = Some(cut(plain(&text)));
            }
        }
    }
    columns.retain(|column| column.cells.iter().flatten().any(|cell| !cell.is_empty()));
    columns
}

/// The names of members that have members of their own in some row.
fn nested(rows: &[Members<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, value) in rows.iter().flat_map(|row| &row.0) {
        let name = plain(name);
        if single(value).is_none() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// How many columns have room.
fn fitting(columns: &[Column], width: usize) -> usize {
    let mut left = width;
    let fits = columns.iter().take_while(|column| {
        let room = left.checked_sub(column.width());
        left = room.unwrap_or_default();
        room.is_some()
    });
    // One column is always told, and wrapped where it is too wide.
    fits.count().max(usize::from(!columns.is_empty()))
}

/// The text of a value that is no list and no object. Numbers keep their digits.
fn single(value: &RawValue) -> Option<String> {
    let written = value.get();
    match written.as_bytes().first() {
        Some(b'{' | b'[') => None,
        Some(b'"') => serde_json::from_str(written).ok(),
        _ if written == "null" => Some(String::new()),
        _ => Some(written.to_owned()),
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(CELL_MAX) {
        None => text,
        Some(_) => text.chars().take(CELL_MAX - 1).chain(['…']).collect(),
    }
}

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str, width: usize) -> Shown {
        of(json, width).unwrap()
    }

    #[test]
    fn a_list_of_objects_is_a_table_and_numbers_keep_their_digits() {
        let list = r#"[{"Code":"A1","Price":0.10},{"Code":"A2","Price":1E+2},
            {"Code":"A3","Price":12345678901234567890123,"Brand":"Invented"}]"#;
        let shown = shown(list, 80);
        for part in [
            "Code",
            "Price",
            "0.10",
            "1E+2",
            "12345678901234567890123",
            "Invented",
        ] {
            assert!(shown.text.contains(part), "{part}: {}", shown.text);
        }
        assert!(shown.hidden.is_empty());
        assert!(shown.text.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn an_object_with_one_list_is_a_table_with_the_rest_below() {
        let shown = shown(
            r#"{"Total":7,"Items":[{"a":1},{"a":2},{"a":3}],"More":true}"#,
            80,
        );
        assert!(
            shown.text.ends_with("\nTotal: 7\nMore: true"),
            "{}",
            shown.text
        );
    }

    #[test]
    fn what_has_no_room_or_members_of_its_own_is_named() {
        let wide = "x".repeat(30);
        let row = format!(r#"{{"First":"{wide}","Second":"{wide}","Third":"{wide}","Deep":[1]}}"#);
        let shown = shown(&format!("[{row},{row},{row}]"), 70);
        assert_eq!(shown.hidden, ["Third", "Deep"]);
        assert_eq!(shown.text.lines().count(), 5, "{}", shown.text);
        assert!(shown.text.lines().all(|line| line.chars().count() <= 70));
    }

    #[test]
    fn each_row_is_one_line() {
        let long = "x".repeat(100);
        let row = format!(r#"{{"First":"{long}","Second":1}}"#);
        let shown = shown(&format!("[{row},{row},{row}]"), 80);
        assert_eq!(shown.text.lines().count(), 5, "{}", shown.text);
        assert!(shown.text.contains("xxx…"), "{}", shown.text);
    }

    #[test]
    fn what_is_no_long_list_is_no_table() {
        for json in [
            "[]",
            "3",
            "[1,2,3]",
            r#"[{"a":1},{"a":2}]"#,
            r#"[{"a":[1]},{"a":[2]},{"a":[3]}]"#,
            r#"{"a":[{"b":1},{"b":1},{"b":1}],"c":[]}"#,
            r#"{"a":1}"#,
        ] {
            assert!(of(json, 80).is_none(), "{json}");
        }
    }

    #[test]
    fn a_service_cannot_control_the_terminal() {
        let row = r#"{"Na\u001bme":"a\u001b[31mb\nc"}"#;
        let shown = shown(&format!("[{row},{row},{row}]"), 80);
        let stays = |one: char| one == '\n' || !one.is_control();
        assert!(shown.text.chars().all(stays), "{:?}", shown.text);
    }
}
