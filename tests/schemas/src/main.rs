//! The program `twoba-schemas`: it writes what is made of the table, or finds what is out of date.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

mod rust;
mod schema;
mod table;

/// Where the table is, and the Rust that is made of it.
const FOLDER: &str = "crates/twoba-services/src/product_data";
/// Where the JSON Schema goes.
const SCHEMA: &str = "tests/clients/product_data.schema.json";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = run(&words).and_then(|(said, code)| {
        writeln!(io::stdout(), "{said}")?;
        Ok(code)
    });
    said.unwrap_or_else(|error| {
        // Nobody can be told if this fails too.
        writeln!(io::stderr(), "twoba-schemas: {error:#}").unwrap_or_default();
        ExitCode::FAILURE
    })
}

fn run(words: &[&str]) -> Result<(String, ExitCode)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join(FOLDER).join("schemas.txt");
    let table = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let made = made(&table)?;
    match words {
        ["write"] => {
            for (path, text) in &made {
                fs::write(root.join(path), text).with_context(|| format!("write {path}"))?;
            }
            Ok((format!("{} files written", made.len()), ExitCode::SUCCESS))
        }
        ["check"] => {
            let kept = |path: &String| fs::read_to_string(root.join(path)).ok();
            let old = made
                .iter()
                .filter(|(path, text)| kept(path).as_ref() != Some(text));
            let old: Vec<&str> = old.map(|(path, _)| path.as_str()).collect();
            if old.is_empty() {
                return Ok((
                    "the files are what the table says".to_owned(),
                    ExitCode::SUCCESS,
                ));
            }
            let said = format!(
                "{}: out of date; run `cargo xtask product-data`",
                old.join(", ")
            );
            Ok((said, ExitCode::FAILURE))
        }
        _ => bail!("say `write` or `check`"),
    }
}

/// Every file that is made of the table, by its path.
fn made(table: &str) -> Result<Vec<(String, String)>> {
    let entries = table::parse(table)?;
    let mut files: Vec<_> = rust::files(&entries)
        .into_iter()
        .map(|(name, text)| (format!("{FOLDER}/{name}.rs"), text))
        .collect();
    files.push((SCHEMA.to_owned(), schema::document(&entries)));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_rust_and_a_schema() {
        let table = "file a: What stands here.\n\nenum Color: A color\n  RED | ON HOLD\n\
                     type Thing: A thing\n  gln: text 13..13\n  colors?: [Color]\n  parts: [Thing] or null\n  \
                     size?: decimal 0..9.99 step 0.01\npage Things of Thing\n";
        let made = made(table).unwrap();
        let [(path, rust), (_, schema)] = &made[..] else {
            panic!("{made:?}");
        };
        assert_eq!(path, "crates/twoba-services/src/product_data/a.rs");
        for line in [
            "        Red = \"RED\", OnHold = \"ON HOLD\",",
            "    pub gln: Box<str>,",
            "    pub colors: Vec<Color>,",
            "    pub parts: Option<Vec<Thing>>,",
            "    /// `size`, optional: a decimal from 0 to 9.99 in steps of 0.01.",
            "pub type Things = Page<Thing>;",
            "use crate::decimal::Decimal;",
        ] {
            assert!(rust.lines().any(|made| made == line), "{line}\n{rust}");
        }
        for part in [
            r#""Color": {"enum": ["RED", "ON HOLD"]}"#,
            r#""gln": {"type": "string", "minLength": 13, "maxLength": 13}"#,
            r##""parts": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Thing"}}, {"type": "null"}]}"##,
            r#""required": ["gln", "parts"]"#,
        ] {
            assert!(schema.contains(part), "{part}\n{schema}");
        }
    }

    #[test]
    fn lines_that_are_not_understood_are_said() {
        for table in [
            "type\n",
            "  a: text\n",
            "file a: A.\ntype T: T\n  no kind\n",
            "kind a b\n",
        ] {
            assert!(made(table).is_err(), "{table}");
        }
    }
}
