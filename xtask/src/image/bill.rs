//! The bill of materials: every Debian, Python and JavaScript package of the image, in CycloneDX 1.5 (JSON). It carries
//! no time and no chance: the same image has the same bill.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::lock::Lock;
use super::manifest::File;
use super::{ARCHITECTURE, Layers, Places, SUITE};

const NAME: &str = "bill.cdx.json";

/// Writes the bill of everything that was built.
pub(super) fn write(places: &Places, packages: &Lock, layers: Layers) -> Result<File> {
    let mut components: Vec<Value> = packages.iter().map(|(name, version)| debian(name, version)).collect();
    let tree = places.out.join(match layers {
        Layers::Base => "base",
        Layers::BaseAndOffice => "full",
    });
    components.extend(python(&tree.join("usr/local/lib/python3.13/dist-packages"))?);
    components.extend(javascript(&tree.join("usr/local/lib/node_modules"))?);
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": { "type": "operating-system", "name": "deskhand-image", "version": SUITE } },
        "components": components,
    });
    fs::write(places.out.join(NAME), serde_json::to_vec_pretty(&bill)?)
        .context("cannot write the bill of materials")?;
    File::of(&places.out, NAME, "bill", None)
}

fn component(name: &str, version: &str, address: String, licence: Option<&str>) -> Value {
    let mut component =
        json!({ "type": "library", "bom-ref": address, "name": name, "version": version, "purl": address });
    if let Some(licence) = licence {
        component["licenses"] = json!([{ "license": { "name": licence } }]);
    }
    component
}

/// A Debian package; its licence stands in the image, in `/usr/share/doc/<name>/copyright`.
fn debian(name: &str, version: &str) -> Value {
    let address = format!("pkg:deb/debian/{}@{}?arch={ARCHITECTURE}&distro={SUITE}", escaped(name), escaped(version));
    component(name, version, address, None)
}

/// What a package URL may not hold as it is.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B").replace(':', "%3A").replace('@', "%40")
}

/// The wheels, by their own metadata.
fn python(directory: &Path) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for path in entries(directory)? {
        let Ok(text) = fs::read_to_string(path.join("METADATA")) else { continue };
        let head = text.split("\n\n").next().unwrap_or_default();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let (Some(name), Some(version)) = (field("Name:"), field("Version:")) {
            let address = format!("pkg:pypi/{}@{}", escaped(&name.to_lowercase()), escaped(version));
            let licence = field("License-Expression:").or_else(|| field("License:")).filter(|text| text.len() < 80);
            found.push(component(name, version, address, licence));
        }
    }
    Ok(found)
}

/// The JavaScript packages, also those that lie in others.
fn javascript(directory: &Path) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for path in entries(directory)? {
        let scope = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('@'));
        if scope {
            found.extend(javascript(&path)?);
            continue;
        }
        let Ok(text) = fs::read(path.join("package.json")) else { continue };
        let package: Value = serde_json::from_slice(&text).with_context(|| format!("`{}`", path.display()))?;
        if let (Some(name), Some(version)) = (package["name"].as_str(), package["version"].as_str()) {
            let address = format!("pkg:npm/{}@{}", escaped(name), escaped(version));
            found.push(component(name, version, address, package["license"].as_str()));
        }
        found.extend(javascript(&path.join("node_modules"))?);
    }
    Ok(found)
}

/// What lies in a folder, by name; nothing where there is no folder.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::debian;

    #[test]
    fn a_package_has_one_address() {
        let component = debian("libstdc++6", "1:14.2.0-19+b1");
        assert_eq!(component["purl"], "pkg:deb/debian/libstdc%2B%2B6@1%3A14.2.0-19%2Bb1?arch=amd64&distro=trixie");
        assert_eq!(component["bom-ref"], component["purl"]);
    }
}
