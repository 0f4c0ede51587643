//! Reads the modules of a target from its source: what each declares, imports and mentions. Resolves nothing.
//!
//! Code under `#[cfg(test)]` is left out, and so are comments.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Lit, UseTree, Visibility};

/// The modules of one target, the root first.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
}

/// A module, in a file of its own or inside one.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) file: String,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// What it declares besides modules.
    pub(super) items: BTreeSet<String>,
    pub(super) uses: Vec<Use>,
    /// Paths in its code, of one name or more.
    pub(super) mentions: Vec<Path>,
}

/// A path as it is written, with the line where it stands.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) names: Vec<String>,
    pub(super) line: usize,
}

/// One name, or all names, that a `use` brings in.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) path: Path,
    /// What it is called here; `None` for `*`.
    pub(super) name: Option<String>,
    /// Whether others can reach it through this module.
    pub(super) shared: bool,
}

/// Reads the target whose root is the file at `path`; `source` reads a file.
///
/// # Errors
///
/// A file of a module is not there, or is no Rust.
pub(super) fn read(path: &str, source: &dyn Fn(&str) -> Option<String>) -> Result<Tree> {
    let mut reader = Reader {
        tree: Tree::default(),
        source,
        at: 0,
        folder: String::new(),
        trouble: None,
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    reader.file(path, folder, None)?;
    match reader.trouble {
        Some(trouble) => Err(trouble),
        None => Ok(reader.tree),
    }
}

struct Reader<'s> {
    tree: Tree,
    source: &'s dyn Fn(&str) -> Option<String>,
    /// The module that is read.
    at: usize,
    /// Where the files of its children lie.
    folder: String,
    trouble: Option<anyhow::Error>,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, folder: &str, parent: Option<usize>) -> Result<usize> {
        let text = (self.source)(path).with_context(|| format!("there is no {path}"))?;
        let file = syn::parse_file(&text).map_err(|error| {
            let line = error.span().start().line;
            anyhow!("{path}:{line}: {error}")
        })?;
        Ok(self.module(path, folder, parent, &file.items))
    }

    /// Reads a module's items as those of a new module.
    fn module(&mut self, file: &str, folder: &str, parent: Option<usize>, items: &[Item]) -> usize {
        let number = self.tree.modules.len();
        self.tree.modules.push(Module {
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        let before = (self.at, std::mem::replace(&mut self.folder, folder.into()));
        self.at = number;
        for item in items {
            if let (false, Some(name)) = (is_for_tests(attributes(item)), name(item)) {
                self.here().items.insert(name);
            }
            self.visit_item(item);
        }
        (self.at, self.folder) = before;
        number
    }

    fn here(&mut self) -> &mut Module {
        #[expect(clippy::indexing_slicing, reason = "the module that is read is there")]
        &mut self.tree.modules[self.at]
    }

    fn mention(&mut self, names: Vec<String>, line: usize) {
        if !names.is_empty() {
            self.here().mentions.push(Path { names, line });
        }
    }

    /// Every name that a tree of a `use` brings in.
    fn flatten(&mut self, tree: &UseTree, before: &[String], shared: bool) {
        let (path, name, line) = match tree {
            UseTree::Path(path) => {
                let longer = [before, &[text(&path.ident)]].concat();
                return self.flatten(&path.tree, &longer, shared);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.flatten(tree, before, shared);
                }
                return;
            }
            UseTree::Name(name) => {
                let line = name.ident.span().start().line;
                (vec![text(&name.ident)], Some(&name.ident), line)
            }
            UseTree::Rename(to) => {
                let line = to.ident.span().start().line;
                (vec![text(&to.ident)], Some(&to.rename), line)
            }
            UseTree::Glob(glob) => (Vec::new(), None, glob.star_token.spans[0].start().line),
        };
        let mut names = [before, &path].concat();
        let mut name = name.map(text);
        if names.len() > 1 && names.last().is_some_and(|last| last == "self") {
            names.pop();
            name = match name.as_deref() {
                Some("self") => names.last().cloned(),
                _ => name,
            };
        }
        let path = Path { names, line };
        self.here().uses.push(Use { path, name, shared });
    }

    /// Paths in tokens that are not parsed: those of macros and attributes.
    fn tokens(&mut self, tokens: TokenStream, strings: bool) {
        let (mut names, mut marks, mut line) = (Vec::new(), String::new(), 0);
        for token in tokens {
            if let TokenTree::Punct(mark) = &token {
                marks.push(mark.as_char());
                continue;
            }
            let before = std::mem::take(&mut marks);
            if let (TokenTree::Ident(name), "::", [_, ..]) = (&token, before.as_str(), &*names) {
                names.push(text(name));
                continue;
            }
            self.mention(std::mem::take(&mut names), line);
            line = token.span().start().line;
            match token {
                // Fields and lifetimes are no paths.
                TokenTree::Ident(_) if before == "." || before.ends_with('\'') => {}
                TokenTree::Ident(name) => names.push(text(&name)),
                TokenTree::Group(group) => self.tokens(group.stream(), strings),
                TokenTree::Literal(literal) => {
                    if let (true, Lit::Str(path)) = (strings, Lit::new(literal)) {
                        let path = path.value();
                        self.mention(path.split("::").map(str::to_owned).collect(), line);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
        self.mention(names, line);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let (name, parent) = (text(&module.ident), self.at);
        let (folder, file) = (join(&self.folder, &name), self.here().file.clone());
        let number = match &module.content {
            Some((_, items)) => self.module(&file, &folder, Some(parent), items),
            // A file of another crate, whose imports are read there.
            None if module.attrs.iter().any(|one| one.path().is_ident("path")) => {
                self.module(&file, &folder, Some(parent), &[])
            }
            None => {
                let beside = format!("{folder}.rs");
                let path = match (self.source)(&beside) {
                    Some(_) => beside,
                    None => format!("{folder}/mod.rs"),
                };
                match self.file(&path, &folder, Some(parent)) {
                    Ok(number) => number,
                    Err(error) => {
                        self.trouble = Some(error);
                        return;
                    }
                }
            }
        };
        self.here().children.insert(name, number);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            let shared = !matches!(item.vis, Visibility::Inherited);
            self.flatten(&item.tree, &[], shared);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    /// `pub(super)` and `pub(in crate::a)` import nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            // What serde calls is named in strings.
            self.tokens(list.tokens.clone(), list.path.is_ident("serde"));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let (None, Some(first)) = (&path.leading_colon, path.segments.first()) {
            let names = path.segments.iter().map(|part| text(&part.ident)).collect();
            self.mention(names, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone(), false);
    }
}

fn text(name: &proc_macro2::Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn join(folder: &str, name: &str) -> String {
    let joint = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{joint}{name}")
}

/// `#[cfg(test)]`, and what else holds in tests only.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter_map(|attribute| {
        let list = attribute.meta.require_list().ok()?;
        list.path.is_ident("cfg").then(|| list.tokens.to_string())
    });
    let mut for_tests = conditions.filter(|condition| {
        let words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
        let words: Vec<&str> = words.collect();
        words.contains(&"test") && !words.contains(&"not") && !words.contains(&"any")
    });
    for_tests.next().is_some()
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Verbatim(_) | _ => &[],
    }
}

/// What an item that is no module is called.
fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::ExternCrate(_) | Item::ForeignMod(_) | Item::Impl(_) | Item::Mod(_) => return None,
        Item::Use(_) | Item::Verbatim(_) | _ => return None,
    };
    Some(text(name))
}
