//! The architecture, enforced: `nanotorch/src/lib.rs` lists the modules lowest first, and a module imports only what is above
//! it in that list. Tests are free to import anything.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What the crate's root declares.
#[derive(Default)]
struct Root {
    /// The modules, lowest first.
    order: Vec<String>,
    /// `pub use simd::element;` makes `crate::element` a name for a part of `simd`: (element, simd).
    aliases: Vec<(String, String)>,
}

impl Root {
    fn parse(source: &str) -> Root {
        let tokens = without_tests(lex(source));
        let mut root = Root::default();
        for (index, token) in tokens.iter().enumerate() {
            if is_word(token, "mod") && is_punct(tokens.get(index + 2), ';') {
                root.order.extend(word(&tokens[index + 1]));
            }
            if is_word(token, "use")
                && let Some(module) = tokens.get(index + 1).and_then(word)
                && let (Some(name), true) =
                    (tokens.get(index + 4).and_then(word), is_punct(tokens.get(index + 5), ';'))
            {
                root.aliases.push((name, module));
            }
        }
        root
    }

    fn layer_of(&self, name: &str) -> Option<usize> {
        let name = self.aliases.iter().find(|alias| alias.0 == name).map_or(name, |alias| &alias.1);
        self.order.iter().position(|module| module == name)
    }

    /// Each upward import of the file of the module `path`, as a sentence.
    fn violations(&self, path: &[String], source: &str) -> Vec<String> {
        let mut names = Vec::new();
        names_from_root(&without_tests(lex(source)), path.len(), &mut names);
        let own = self.layer_of(&path[0]);
        let place = path.join("::");
        let mut sentences: Vec<_> = names
            .into_iter()
            .filter_map(|name| match self.layer_of(&name) {
                None => Some(format!("`{place}` imports `{name}`, which is no module of the list")),
                layer if layer > own => Some(format!("`{place}` imports `{name}`, which is above it")),
                _ => None,
            })
            .collect();
        sentences.sort();
        sentences.dedup();
        sentences
    }
}

fn lex(source: &str) -> Vec<TokenTree> {
    match source.parse::<TokenStream>() {
        Ok(tokens) => tokens.into_iter().collect(),
        Err(error) => panic!("a source file that can't be read: {error}"),
    }
}

fn word(token: &TokenTree) -> Option<String> {
    if let TokenTree::Ident(ident) = token { Some(ident.to_string()) } else { None }
}

fn is_word(token: &TokenTree, expected: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == expected)
}

fn is_punct(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

fn is_path_separator(tokens: &[TokenTree], index: usize) -> bool {
    matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && is_punct(tokens.get(index + 1), ':')
}

/// The tokens without the items under `#[cfg(test)]`.
fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let is_test = is_punct(Some(&tokens[index]), '#')
            && matches!(tokens.get(index + 1), Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)");
        if is_test {
            // An item ends with its body or a semicolon.
            let ends = |token: &TokenTree| {
                is_punct(Some(token), ';')
                    || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
            };
            index += tokens[index..].iter().position(ends).map_or(tokens.len(), |length| length + 1);
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

/// The first names after `crate::`, `nanotorch::` and as many `super::` as lead to the root, of code that lies `depth` modules deep.
///
/// Two things that look so are none: `#[crate::layer]`, a macro, and `$crate::..`, which is written for where a macro is used.
fn names_from_root(tokens: &[TokenTree], depth: usize, names: &mut Vec<String>) {
    let mut index = 0;
    while index < tokens.len() {
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        match &tokens[index] {
            TokenTree::Group(group) => {
                let inner = without_tests(group.stream().into_iter().collect());
                let is_module =
                    group.delimiter() == Delimiter::Brace && index >= 2 && is_word(&tokens[index - 2], "mod");
                let is_attribute = group.delimiter() == Delimiter::Bracket && is_punct(before, '#');
                let inner = if is_attribute && inner.first().is_some_and(|token| is_word(token, "crate")) {
                    &inner[1..]
                } else {
                    &inner
                };
                names_from_root(inner, depth + usize::from(is_module), names);
            }
            TokenTree::Ident(ident)
                if (ident == "crate" || ident == "nanotorch") && is_path_separator(tokens, index + 1) =>
            {
                let continues_a_path = is_punct(before, ':')
                    && ident == "nanotorch"
                    && index >= 3
                    && matches!(tokens[index - 3], TokenTree::Ident(_));
                if !is_punct(before, '$') && !continues_a_path {
                    first_names(tokens, index + 3, names);
                }
            }
            TokenTree::Ident(ident) if ident == "super" && !is_punct(before, ':') => {
                let mut ups = 0;
                while tokens.get(index).is_some_and(|token| is_word(token, "super"))
                    && is_path_separator(tokens, index + 1)
                {
                    (ups, index) = (ups + 1, index + 3);
                }
                if ups == depth {
                    first_names(tokens, index, names);
                }
                index = if ups > 0 { index - 1 } else { index };
            }
            _ => {}
        }
        index += 1;
    }
}

/// The name at `index`, or the first name of each tree in the braces there; a macro's name doesn't count.
fn first_names(tokens: &[TokenTree], index: usize, names: &mut Vec<String>) {
    match tokens.get(index) {
        Some(TokenTree::Ident(ident)) if !is_punct(tokens.get(index + 1), '!') => {
            names.push(ident.to_string())
        }
        Some(TokenTree::Group(group)) => {
            let inner: Vec<_> = group.stream().into_iter().collect();
            for tree in inner.split(|token| is_punct(Some(token), ',')) {
                first_names(tree, 0, names);
            }
        }
        _ => {}
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    match fs::read_to_string(path) {
        Ok(source) => source,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// Every Rust file below `folder`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { panic!("{} is no folder", folder.display()) };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The violations in the file of the module `path` and in those of its submodules.
fn violations_below(root: &Root, source: &Path, path: &[String]) -> Vec<String> {
    let stem = path.iter().fold(source.to_path_buf(), |folder, part| folder.join(part));
    let (alone, folder) = (stem.with_extension("rs"), stem.join("mod.rs"));
    let text = read(if alone.exists() { &alone } else { &folder });
    let mut found = root.violations(path, &text);
    for inner in Root::parse(&text).order {
        found.extend(violations_below(root, source, &[path, &[inner]].concat()));
    }
    found
}

#[test]
fn no_module_imports_one_above_it() {
    let source = workspace().join("nanotorch/src");
    let root = Root::parse(&read(&source.join("lib.rs")));
    assert!(root.order.len() > 10, "the list of modules wasn't found");
    let found: Vec<_> = root
        .order
        .iter()
        .flat_map(|module| violations_below(&root, &source, std::slice::from_ref(module)))
        .collect();
    assert!(found.is_empty(), "upward imports:\n{}", found.join("\n"));
}

#[test]
fn files_are_short_and_named_for_what_they_are() {
    let mut found = Vec::new();
    for package in ["nanotorch/src", "nanotorch-macros/src", "tests", "ui-tests", "examples", "benches"] {
        for file in rust_files(&workspace().join(package)) {
            let lines = read(&file).lines().count();
            if lines > 500 {
                found.push(format!("{} has {lines} lines; 500 is the most", file.display()));
            }
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if ["util", "utils", "helper", "helpers", "common", "base", "misc"].contains(&name.as_str()) {
                found.push(format!("{} says nothing about what is in it", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_checker_sees_every_way_of_importing_upwards() {
    let root =
        Root::parse("mod low; /// Says.\npub mod middle; mod high; pub use low::part; pub mod prelude {}");
    assert_eq!(root.order, ["low", "middle", "high"]);
    let middle = ["middle".to_owned()];
    let inner = ["middle".to_owned(), "inner".to_owned()];
    for source in [
        "use crate::high::Name;",
        "use crate::{low, high};",
        "use crate::{low::{A, B}, high::{C, D}};",
        "fn f() { crate::high::g() }",
        "fn f() -> impl Fn() { || macro_call!(crate::high::g()) }",
        "use nanotorch::high::Name;",
        "use super::high::Name;",
        "mod inline { use super::super::high::Name; }",
        "#[cfg(test)] mod tests { } use crate::high::Name;",
        "#[cfg(test)] mod tests; use crate::high::Name;",
    ] {
        assert_eq!(
            root.violations(&middle, source),
            ["`middle` imports `high`, which is above it"],
            "{source}"
        );
    }
    let source = "use super::super::high::Name;";
    assert_eq!(root.violations(&inner, source), ["`middle::inner` imports `high`, which is above it"]);
    let source = "use crate::prelude::*;";
    assert_eq!(
        root.violations(&middle, source),
        ["`middle` imports `prelude`, which is no module of the list"]
    );
}

#[test]
fn the_checker_lets_the_rest_pass() {
    let root = Root::parse("mod low; mod middle; #[cfg(test)] mod tests; mod high; pub use low::part;");
    let middle = ["middle".to_owned()];
    for source in [
        "use crate::low::Name; use crate::middle::Other; use crate::part::Third;",
        "#[cfg(test)] mod tests { use crate::high::Name; }",
        "#[cfg(test)] use crate::high::Name;",
        "impl S { #[cfg(test)] fn f() { crate::high::g() } }",
        "mod inner { use super::high; }",
        "/// See [`crate::high`].\nfn f() {}",
        "fn f() -> &'static str { \"crate::high\" }",
        "#[crate::high] struct S;",
        "macro_rules! m { () => { $crate::high::f() } }",
        "fn f() { crate::high!() }",
    ] {
        assert!(root.violations(&middle, source).is_empty(), "{source}");
    }
}
