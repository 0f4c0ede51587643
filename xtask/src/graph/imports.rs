//! Resolves what the modules of a target import to the files that define it. What lies outside the target, and what
//! a file has from itself, is no import.

use std::collections::BTreeMap;

use super::modules::{Path, Tree};

/// Which file imports which, with the first line that does.
pub(super) type Imports = BTreeMap<String, BTreeMap<String, usize>>;

/// More names than any name is passed on through; what goes round in `use`s leads nowhere.
const HOPS: usize = 16;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A module, by its number.
    Module(usize),
    /// Something that this module declares.
    Item(usize),
    /// Something in this module that is not seen in its source, as what a macro made.
    Hidden(usize),
}

/// The imports between the files of a target.
///
/// - `mod x;` alone imports nothing.
/// - A `use` for the module itself counts; one for others (`pub use`) only where the module's own code has the name.
/// - A name that a module passes on is imported from where it is declared.
/// - A module that is brought in counts by what its name is then used for.
pub(super) fn of(tree: &Tree) -> Imports {
    let mut imports = Imports::new();
    for (number, module) in tree.modules.iter().enumerate() {
        let mut add = |to: usize, line| {
            let Some(to) = tree.modules.get(to).filter(|to| to.file != module.file) else {
                return;
            };
            let lines = imports.entry(module.file.clone()).or_default();
            let first = lines.entry(to.file.clone()).or_insert(line);
            *first = line.min(*first);
        };
        for import in module.uses.iter().filter(|import| !import.shared) {
            match (resolve(tree, number, &import.path, HOPS), &import.name) {
                (Some(Found::Item(to) | Found::Hidden(to)), _)
                | (Some(Found::Module(to)), None) => add(to, import.path.line),
                (Some(Found::Module(to)), Some(name)) => {
                    let goes_on =
                        |path: &Path| path.names.len() > 1 && path.names.first() == Some(name);
                    if !module.mentions.iter().any(goes_on) {
                        add(to, import.path.line);
                    }
                }
                (None, _) => {}
            }
        }
        for path in &module.mentions {
            match resolve(tree, number, path, HOPS) {
                Some(Found::Item(to) | Found::Hidden(to)) => add(to, path.line),
                Some(Found::Module(_)) | None => {}
            }
        }
    }
    imports
}

/// What a path means in a module; `None` outside the target.
fn resolve(tree: &Tree, module: usize, path: &Path, hops: usize) -> Option<Found> {
    let hops = hops.checked_sub(1)?;
    let mut names = path.names.iter().map(String::as_str).peekable();
    let first = names.next()?;
    let mut found = match first {
        "crate" => Found::Module(0),
        "self" => Found::Module(module),
        "super" => Found::Module(tree.modules.get(module)?.parent?),
        name => lookup(tree, module, name, names.peek().is_none(), hops)?,
    };
    while let (Found::Module(at), Some(name)) = (found, names.next()) {
        let is_last = names.peek().is_none();
        found = match name {
            "super" => Found::Module(tree.modules.get(at)?.parent?),
            _ => lookup(tree, at, name, is_last, hops).unwrap_or(Found::Hidden(at)),
        };
    }
    Some(found)
}

/// What a name means in a module. The last name of a path is rather an item than a module of the same name.
fn lookup(tree: &Tree, module: usize, name: &str, is_last: bool, hops: usize) -> Option<Found> {
    let here = tree.modules.get(module)?;
    let child = here.children.get(name).copied().map(Found::Module);
    if !is_last && child.is_some() {
        return child;
    }
    if here.items.contains(name) {
        return Some(Found::Item(module));
    }
    let named = here
        .uses
        .iter()
        .filter(|import| import.name.as_deref() == Some(name));
    let named = named.filter_map(|import| resolve(tree, module, &import.path, hops));
    let mut globs = here.uses.iter().filter(|import| import.name.is_none());
    named.chain(child).next().or_else(|| {
        globs.find_map(|import| match resolve(tree, module, &import.path, hops)? {
            Found::Module(at) if at != module => {
                lookup(tree, at, name, is_last, hops.checked_sub(1)?)
            }
            Found::Module(_) | Found::Item(_) | Found::Hidden(_) => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::modules;

    /// The imports of a small target, whose files are given as `path: source`.
    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let source = |path: &str| {
            let file = files.iter().find(|(name, _)| *name == path);
            file.map(|(_, text)| (*text).to_owned())
        };
        let tree = modules::read(files[0].0, &source).unwrap();
        let imports = of(&tree);
        let told = imports.iter().flat_map(|(from, to)| {
            to.iter()
                .map(move |(to, line)| format!("{from}:{line} -> {to}"))
        });
        told.collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_declaration_is_no_import_and_a_use_is() {
        let lib = ("lib.rs", "mod a;\nmod b;\n");
        assert_eq!(
            imports(&[lib, ("a.rs", "pub struct A;"), ("b.rs", "")]),
            NONE
        );
        for b in [
            "use crate::a::A;",
            "use super::a::{A as Other, B};",
            "fn f() -> super::a::A { todo() }",
            "use crate::a;\nfn f(_: a::A) {}",
            "use crate::a::{self};",
            "fn f() { m!(x, crate::a::A, y.a); }",
            "#[serde(with = \"crate::a::A\")]\nstruct S;",
            "use crate::a::*;",
            "use crate::a::made_by_a_macro;",
            "fn f() { use super::a::A; }",
            "#[cfg(any(test, unix))]\nuse crate::a::A;",
            "#[cfg(not(test))]\nuse crate::a::A;",
            "mod inside { use super::super::a::A; }",
        ] {
            let found = imports(&[lib, ("a.rs", "pub struct A;\npub struct B;"), ("b.rs", b)]);
            assert_eq!(found.len(), 1, "{b}: {found:?}");
            assert!(
                found[0].starts_with("b.rs:") && found[0].ends_with(" -> a.rs"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_is_no_code_of_the_product_does_not_count() {
        for b in [
            "// crate::a::A",
            "/// [crate::a::A]\nfn f() {}",
            "#[cfg(test)]\nuse crate::a::A;",
            "#[cfg(test)]\nmod tests { use crate::a::A; }",
            "#[cfg(all(test, unix))]\nfn f() -> crate::a::A { x() }",
            "pub(in crate::a) struct S;",
            "pub(super) struct S;",
            "use ::a::A;",
            "use a::A;",
            "fn f(a: u8) { a.b(a) }",
            "const S: &str = \"crate::a::A\";",
        ] {
            let files = [
                ("lib.rs", "mod a;\nmod b;\n"),
                ("a.rs", "pub struct A;"),
                ("b.rs", b),
            ];
            assert_eq!(imports(&files), NONE, "{b}");
        }
    }

    #[test]
    fn a_name_that_is_passed_on_comes_from_where_it_is_declared() {
        let files = |lib: &'static str| {
            [
                ("lib.rs", lib),
                ("a.rs", "mod c;\npub use c::{C, make};"),
                ("a/c.rs", "pub struct C;\npub fn make() {}"),
                ("b.rs", "use crate::a::C;\nuse super::Other;"),
            ]
        };
        assert_eq!(
            imports(&files("mod a;\nmod b;\npub use a::C as Other;")),
            ["b.rs:1 -> a/c.rs"]
        );
        let lib = "mod a;\nmod b;\npub use a::*;\npub use a::C as Other;\nfn f() { make() }";
        assert_eq!(
            imports(&files(lib)),
            ["b.rs:1 -> a/c.rs", "lib.rs:5 -> a/c.rs"]
        );
        let lib = "mod a;\nmod b;\nfn f(_: a::C) {}\nstruct Other;";
        assert_eq!(
            imports(&files(lib)),
            ["b.rs:1 -> a/c.rs", "b.rs:2 -> lib.rs", "lib.rs:3 -> a/c.rs"]
        );
    }

    #[test]
    fn a_function_may_be_called_as_its_module() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\npub use a::a;"),
            ("a.rs", "pub fn a() {}\npub fn c() {}"),
            ("b.rs", "use crate::a;\nfn f() { a() }"),
        ];
        assert_eq!(imports(&files), ["b.rs:1 -> a.rs"]);
    }

    #[test]
    fn what_goes_round_leads_nowhere() {
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "pub use crate::b::X;"),
            ("b.rs", "pub use crate::a::X;\nfn f(_: X) {}"),
        ];
        assert!(imports(&files).len() < 2);
    }

    #[test]
    fn a_file_of_another_crate_is_read_there() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a.rs", "#[path = \"../b.rs\"]\nmod b;\nfn f(_: b::X) {}"),
        ];
        assert!(imports(&files).is_empty());
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let source = |path: &str| (path == "src/lib.rs").then(|| "mod a;".to_owned());
        let error = modules::read("src/lib.rs", &source).unwrap_err();
        assert_eq!(error.to_string(), "there is no src/a/mod.rs");
    }
}
