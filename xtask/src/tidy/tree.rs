//! What the rules look at: packages, sources and decision pages, read once. Rules never touch the disk, so that each can
//! be tested on a tree of a few lines.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::source::Source;
use crate::repository::Repository;

/// Everything the rules look at.
pub(super) struct Tree {
    /// The packages of the workspace.
    pub(super) packages: Vec<Package>,
    /// Every `.rs` file of every package.
    pub(super) sources: Vec<Source>,
    /// Every file in `docs/decisions`.
    pub(super) decisions: Vec<Page>,
    /// The window's sources; what is generated is left out.
    pub(super) window: Vec<Page>,
}

/// A text file.
pub(super) struct Page {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
}

/// A package of the workspace.
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its `Cargo.toml`.
    pub(super) manifest: Page,
    /// What it depends on.
    pub(super) dependencies: Vec<Dependency>,
}

/// A dependency as the manifest names it.
pub(super) struct Dependency {
    /// The package it names.
    pub(super) name: String,
    /// What it is needed for.
    pub(super) purpose: Purpose,
    /// Where it comes from.
    pub(super) origin: Origin,
}

/// What a dependency is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The product, or building it.
    Product,
    /// Tests only.
    Tests,
}

/// Where a dependency comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This workspace.
    Ours,
    /// A registry.
    Outside,
}

impl Package {
    /// Dependencies that end up in the product, with the line of the manifest that names each.
    pub(super) fn product_dependencies(&self, origin: Origin) -> impl Iterator<Item = (&str, usize)> {
        self.dependencies
            .iter()
            .filter(move |dependency| dependency.purpose == Purpose::Product && dependency.origin == origin)
            .map(|dependency| (dependency.name.as_str(), self.line_of(&dependency.name)))
    }

    fn line_of(&self, dependency: &str) -> usize {
        let names = |line: &str| {
            let rest = line.trim_start().strip_prefix(dependency);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        self.manifest.text.lines().position(names).map_or(1, |index| index + 1)
    }
}

impl Tree {
    /// Reads the working copy, committed or not.
    pub(super) fn read(repository: &Repository) -> Result<Self> {
        let mut tree = Self { packages: Vec::new(), sources: Vec::new(), decisions: Vec::new(), window: Vec::new() };
        for described in repository.metadata["packages"].as_array().context("cargo metadata lists no packages")? {
            let package = package(repository, described)?;
            let manifest = Path::new(&package.manifest.path);
            let directory = manifest.parent().unwrap_or(Path::new(""));
            let mut paths = Vec::new();
            walk(&repository.root.join(directory), "rs", &mut paths)?;
            for path in paths {
                let page = page(repository, &path)?;
                tree.sources.push(Source::parse(&package.name, page));
            }
            tree.packages.push(package);
        }
        let mut paths = Vec::new();
        walk(&repository.root.join("docs/decisions"), "md", &mut paths)?;
        for path in paths {
            tree.decisions.push(page(repository, &path)?);
        }
        let mut paths = Vec::new();
        for extension in ["ts", "tsx", "js"] {
            walk(&repository.root.join("web"), extension, &mut paths)?;
        }
        let generated =
            |path: &Path| path.components().any(|part| matches!(part.as_os_str().to_str(), Some("dist" | "generated")));
        for path in paths.into_iter().filter(|path| !generated(path)) {
            tree.window.push(page(repository, &path)?);
        }
        Ok(tree)
    }
}

fn package(repository: &Repository, described: &Value) -> Result<Package> {
    let text = |key: &str| described[key].as_str().with_context(|| format!("cargo metadata lacks `{key}`"));
    let dependencies = described["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Package {
        name: text("name")?.to_owned(),
        manifest: page(repository, Path::new(text("manifest_path")?))?,
        dependencies: dependencies.iter().map(dependency).collect(),
    })
}

fn dependency(described: &Value) -> Dependency {
    Dependency {
        name: described["name"].as_str().unwrap_or_default().to_owned(),
        purpose: if described["kind"] == "dev" { Purpose::Tests } else { Purpose::Product },
        origin: if described["path"].is_string() { Origin::Ours } else { Origin::Outside },
    }
}

fn page(repository: &Repository, path: &Path) -> Result<Page> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Page { path: repository.relative(path), text })
}

/// Collects the files with an extension beneath a directory, sorted; build directories and hidden ones are left out.
fn walk(directory: &Path, extension: &str, found: &mut Vec<std::path::PathBuf>) -> Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(directory).with_context(|| format!("cannot list `{}`", directory.display()))?;
    let mut paths: Vec<_> =
        entries.collect::<std::io::Result<Vec<_>>>()?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
            walk(&path, extension, found)?;
        } else if path.is_file() && path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(())
}

/// Small trees for the rules' tests.
#[cfg(test)]
pub(super) mod small {
    use super::{Dependency, Origin, Package, Page, Purpose, Source, Tree};

    /// A tree of one source file in package `engine`.
    pub(crate) fn of_source(path: &str, text: &str) -> Tree {
        of_package_source("engine", path, text)
    }

    /// A tree of one source file in a package.
    pub(crate) fn of_package_source(package: &str, path: &str, text: &str) -> Tree {
        let page = Page { path: path.to_owned(), text: text.to_owned() };
        Tree { packages: vec![], sources: vec![Source::parse(package, page)], decisions: vec![], window: vec![] }
    }

    /// A tree of packages; of each the name, then what it needs as `ours:x`, `outside:x`, `tests:x`.
    pub(crate) fn of_packages(packages: &[(&str, &[&str])]) -> Tree {
        let packages = packages.iter().map(|(name, needs)| package(name, needs)).collect();
        Tree { packages, sources: vec![], decisions: vec![], window: vec![] }
    }

    fn package(name: &str, needs: &[&str]) -> Package {
        let mut lines = vec![format!("[package]\nname = \"{name}\"\n\n[dependencies]")];
        let mut dependencies = Vec::new();
        for need in needs {
            let (kind, wanted) = need.split_once(':').unwrap();
            lines.push(format!("{wanted}.workspace = true"));
            let (purpose, origin) = match kind {
                "ours" => (Purpose::Product, Origin::Ours),
                "outside" => (Purpose::Product, Origin::Outside),
                _ => (Purpose::Tests, Origin::Ours),
            };
            dependencies.push(Dependency { name: wanted.to_owned(), purpose, origin });
        }
        let manifest = Page { path: format!("crates/{name}/Cargo.toml"), text: lines.join("\n") };
        Package { name: name.to_owned(), manifest, dependencies }
    }

    /// A tree of one page in `docs/decisions`.
    pub(crate) fn of_decision(path: &str, text: &str) -> Tree {
        let page = Page { path: path.to_owned(), text: text.to_owned() };
        Tree { packages: vec![], sources: vec![], decisions: vec![page], window: vec![] }
    }
}
