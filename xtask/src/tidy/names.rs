//! Words that say nothing, banned from the names of files, folders, crates, types and functions. Names of tests are
//! sentences and may use any word; names that a foreign trait prescribes are not ours.

use proc_macro2::Ident;
use syn::visit::{self, Visit};

use super::Violation;
use super::source::Source;
use super::tree::Tree;

const BANNED: &[&str] = &["core", "common", "shared", "util", "helper", "manager", "service", "processor", "misc"];

/// Finds banned words in names, and `mod.rs`.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &tree.packages {
        if let Some(word) = banned_word(&package.name) {
            found.push(Violation::new(&package.manifest.path, 1, format!("crate `{}`: {}", package.name, say(word))));
        }
    }
    for source in &tree.sources {
        found.extend(in_path(&source.page.path));
        found.extend(in_code(source));
    }
    found
}

fn say(word: &str) -> String {
    format!("the word `{word}` is banned from names; say what it is")
}

fn in_path(path: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if path.ends_with("/mod.rs") {
        found.push(Violation::new(path, 1, "no `mod.rs`: a folder module is `name.rs` beside `name/`"));
    }
    let word = path.trim_end_matches(".rs").split('/').find_map(banned_word);
    found.extend(word.map(|word| Violation::new(path, 1, format!("in the path {}", say(word)))));
    found
}

fn in_code(source: &Source) -> Vec<Violation> {
    let mut finder = NameFinder { names: Vec::new() };
    finder.visit_file(&source.syntax);
    let bad = finder.names.into_iter().filter_map(|(kind, name)| {
        let line = name.span().start().line;
        let name = name.to_string();
        let word = banned_word(&name)?;
        let sentence = kind == "function" && source.is_test(line);
        (!sentence).then(|| Violation::new(&source.page.path, line, format!("{kind} `{name}`: {}", say(word))))
    });
    bad.collect()
}

/// The first banned word in a name, whatever its spelling: `ApprovalManager`, `do_util`, `my-helpers`.
fn banned_word(name: &str) -> Option<&'static str> {
    let words = split(name);
    BANNED
        .iter()
        .find(|banned| words.iter().any(|word| word == *banned || word.strip_suffix('s') == Some(banned)))
        .copied()
}

/// Words of a name in lower case; a run of capitals is one word (`HTTPServer` is `http`, `server`).
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_capitals = before.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase());
        if !letter.is_alphanumeric() || (letter.is_uppercase() && (before.is_lowercase() || ends_capitals)) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphanumeric(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words
}

struct NameFinder {
    names: Vec<(&'static str, Ident)>,
}

impl NameFinder {
    fn note(&mut self, kind: &'static str, name: &Ident) {
        self.names.push((kind, name.clone()));
    }
}

impl<'ast> Visit<'ast> for NameFinder {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.note("type", &item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.note("type", &item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.note("type", &item.ident);
        visit::visit_item_union(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.note("type", &item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.note("trait", &item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.note("function", &item.sig.ident);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note("function", &item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.note("module", &item.ident);
        visit::visit_item_mod(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        for member in &item.items {
            match member {
                syn::ImplItem::Fn(function) if item.trait_.is_none() => self.note("function", &function.sig.ident),
                _ => {}
            }
        }
        visit::visit_item_impl(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::{Violation, banned_word, check};

    #[test]
    fn words_are_found_in_any_spelling() {
        for (name, word) in [
            ("ApprovalManager", "manager"),
            ("do_util_now", "util"),
            ("my-helpers", "helper"),
            ("HTTPService", "service"),
            ("core", "core"),
            ("CoreText", "core"),
        ] {
            assert_eq!(banned_word(name), Some(word), "{name}");
        }
        for name in ["score", "encore", "Approval", "serviceable", "commonly", "process", "managed", "scoreboard"] {
            assert_eq!(banned_word(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_every_kind_are_looked_at() {
        let text = "\
//! What lives in this file.
struct TaskManager;
enum Misc {}
trait Helper { fn shared_with(&self); }
type CommonMap = u8;
fn do_core() {}
mod util {}
impl TaskManager { fn process_helper(&self) {} }
impl tower::Layer for Other { fn service(&self) {} }
#[test]
fn folders_are_shared_between_tasks() {}
";
        let path = "crates/engine/src/a.rs";
        let expected = [
            (2, "type `TaskManager`: the word `manager`"),
            (3, "type `Misc`: the word `misc`"),
            (4, "trait `Helper`: the word `helper`"),
            (4, "function `shared_with`: the word `shared`"),
            (5, "type `CommonMap`: the word `common`"),
            (6, "function `do_core`: the word `core`"),
            (7, "module `util`: the word `util`"),
            (8, "function `process_helper`: the word `helper`"),
        ];
        let expected = expected
            .map(|(line, what)| Violation::new(path, line, format!("{what} is banned from names; say what it is")));
        assert_eq!(check(&small::of_source(path, text)), expected);
    }

    #[test]
    fn paths_and_crates_are_looked_at() {
        let text = "//! What lives in this file.\n";
        let paths = |path: &str| -> Vec<String> {
            check(&small::of_source(path, text)).into_iter().map(|violation| violation.what).collect()
        };
        assert_eq!(
            paths("crates/engine/src/prompt/mod.rs"),
            ["no `mod.rs`: a folder module is `name.rs` beside `name/`"]
        );
        assert_eq!(
            paths("crates/engine/src/helpers.rs"),
            ["in the path the word `helper` is banned from names; say what it is"]
        );
        assert_eq!(
            paths("crates/engine/src/common/a.rs"),
            ["in the path the word `common` is banned from names; say what it is"]
        );
        let found = check(&small::of_packages(&[("engine-core", &[])]));
        assert_eq!(
            found,
            [Violation::new(
                "crates/engine-core/Cargo.toml",
                1,
                "crate `engine-core`: the word `core` is banned from names; say what it is"
            )]
        );
    }
}
