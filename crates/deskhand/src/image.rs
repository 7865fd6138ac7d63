//! `deskhand image`: the programs that tasks work with. Nothing else is opened, so that this process uses no image itself.

use std::path::Path;

use api::client::Client;
use app::{Directories, Images, InstalledImage, Removed};
use view::{Lines, visible};

use crate::arguments::ImageWish;
use crate::carry_out::absolute;
use crate::complaint::{Complaint, Exit};
use crate::host::POLICY_FILE;
use crate::listing::{print, print_json};
use crate::words::size;

/// Carries out one wish about images.
pub(crate) async fn carry_out(wish: ImageWish) -> Result<Exit, Complaint> {
    let directories = Directories::from_environment(|name| std::env::var(name).ok());
    let images = Images::open(&directories, Path::new(POLICY_FILE))?;
    match wish {
        ImageWish::Install { from, key } => {
            let image = images.install(&absolute(&from), key.as_deref().map(absolute).as_deref())?;
            show(&image, "installed")?;
            say_instead(&images)?;
            if !images.passed_over() && Client::connect_socket(&directories.socket).await.is_ok() {
                print("the daemon takes it up when it starts again: deskhand quit")?;
            }
            Ok(Exit::Done)
        }
        ImageWish::Status { json } => status(&images, json),
        ImageWish::Remove => remove(&images),
    }
}

/// Reads every byte of the one in place.
fn status(images: &Images, json: bool) -> Result<Exit, Complaint> {
    let image = images.check()?;
    if json {
        print_json(&image)?;
        return Ok(Exit::Done);
    }
    match image {
        Some(image) => show(&image, "whole, every byte as it was signed")?,
        None if images.passed_over() => print("no image is installed")?,
        None => print("no image is installed: commands use the programs of this computer")?,
    }
    say_instead(images)?;
    Ok(Exit::Done)
}

/// What the settings have to do with it.
fn say_instead(images: &Images) -> Result<(), Complaint> {
    if images.passed_over() {
        print("used instead: the folder that `image` under `[machine]` in `config.toml` names, unchecked")?;
    }
    if images.overruled() {
        print("`image` under `[machine]` in `config.toml` is not used: your organisation says whose images are")?;
    }
    Ok(())
}

/// Takes it away.
fn remove(images: &Images) -> Result<Exit, Complaint> {
    let removed = images.remove()?;
    print(match removed {
        Removed::Nothing => "no image is installed",
        Removed::Gone if images.passed_over() => "the image is gone",
        Removed::Gone => "the image is gone; commands use the programs of this computer",
        Removed::InUse => {
            "the image is in use: its files go with the next `deskhand image install` or `remove` after Deskhand ended"
        }
    })?;
    say_instead(images)?;
    Ok(Exit::Done)
}

fn show(image: &InstalledImage, word: &str) -> Result<(), Complaint> {
    let InstalledImage { folder, version, key, bytes, office, kernel, .. } = image;
    let mut parts = vec!["programs"];
    parts.extend(office.as_ref().map(|_| "office programs"));
    parts.extend(kernel.as_ref().map(|_| "virtual machine"));
    print(&format!("version {version}: {word}"))?;
    print(&format!("  {} · {}", parts.join(", "), size(*bytes)))?;
    print(&format!("  signed by {key}"))?;
    print(&visible(&format!("  in {}", folder.display()), Lines::Escape))
}
