//! The example that comes inside the binary: its data, its Script, and the task made of them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use event::{Access, Mode, ModelRef, TaskId};
use tasks::{FolderWish, NewTask};
use tool::Refusal;

use crate::guard::examples_of;
use crate::{App, SCRIPT};

/// What the example asks for; `cargo xtask run` asks for the same.
const PROMPT: &str = "Write a short report about the weather and climate data in this folder.";
/// The name of its folder and of its Script.
const NAME: &str = "weather-report";
/// Copies that are looked at before giving up.
const MOST_COPIES: u32 = 1_000;

/// A file of the example's folder.
struct Data {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! data {
    ($name:literal) => {
        Data { name: $name, bytes: include_bytes!(concat!("../../../examples/weather-report/data/", $name)) }
    };
}

const DATA: [Data; 4] = [
    data!("co2-concentration.csv"),
    data!("global-temp.csv"),
    data!("iowa-electricity.csv"),
    data!("seattle-weather.csv"),
];

const SCRIPT_TEXT: &[u8] = include_bytes!("../../../examples/weather-report/script.yaml");

/// An example on disk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Laid {
    pub(crate) folder: PathBuf,
    pub(crate) script: PathBuf,
}

impl App {
    /// Makes the example's task. It asks like any other: what it does is real.
    pub(crate) async fn example(&self) -> Result<TaskId, Refusal> {
        let home = self.directories.home.clone();
        let laid = tokio::task::spawn_blocking(move || lay_out(&home)).await;
        let laid = laid.map_err(|error| no_room(&error.to_string()))?.map_err(|error| no_room(&error.to_string()))?;
        let new = NewTask {
            prompt: PROMPT.to_owned(),
            folders: vec![FolderWish { path: laid.folder.display().to_string(), access: Access::ReadWrite }],
            mode: Mode::Ask,
            model: Some(ModelRef(format!("{SCRIPT}/{}", laid.script.display()))),
            limits: self.config().limits(),
            ..NewTask::default()
        };
        self.tasks.create(new).await.map_err(|error| Refusal { message: error.to_string(), hint: error.hint() })
    }
}

/// Puts the example beneath the home. A folder that somebody has changed stays as it is: a numbered one is taken.
pub(crate) fn lay_out(home: &Path) -> std::io::Result<Laid> {
    let examples = examples_of(home);
    std::fs::create_dir_all(&examples)?;
    for number in 1..=MOST_COPIES {
        let name = if number == 1 { NAME.to_owned() } else { format!("{NAME}-{number}") };
        let laid = Laid { folder: examples.join(&name), script: examples.join(format!("{name}.yaml")) };
        if try_folder(&laid.folder)? && try_file(&laid.script, SCRIPT_TEXT)? {
            return Ok(laid);
        }
    }
    Err(std::io::Error::other(format!("there are {MOST_COPIES} of it in `{}`", examples.display())))
}

/// Makes the folder, or says whether the one that is there holds the example and nothing else.
fn try_folder(folder: &Path) -> std::io::Result<bool> {
    match std::fs::create_dir(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Ok(
                DATA.iter().all(|data| holds(&folder.join(data.name), data.bytes)) && count(folder)? == DATA.len()
            );
        }
        Err(error) => return Err(error),
    }
    for data in DATA {
        std::fs::write(folder.join(data.name), data.bytes)?;
    }
    Ok(true)
}

/// Writes the file, or says whether the one that is there is the same.
fn try_file(path: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_there) => Ok(holds(path, bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => std::fs::write(path, bytes).map(|()| true),
        Err(error) => Err(error),
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|found| found == bytes)
}

fn count(folder: &Path) -> std::io::Result<usize> {
    Ok(std::fs::read_dir(folder)?.count())
}

fn no_room(what: &str) -> Refusal {
    Refusal {
        message: format!("cannot put the example into Deskhand's home: {what}"),
        hint: "check its rights and the free space".to_owned(),
    }
}
