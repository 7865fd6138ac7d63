//! Set-up, checks and measurements of this repository: `cargo xtask test | tidy | run | web | dist | vm-image | bench`.
//!
//! Lives here: what a person or a pipeline runs. Does not live here: anything a user of Deskhand runs. Separate, and
//! built from nothing of ours, so that it works from a fresh clone and while everything else is broken.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to the person at the terminal")]

mod bench;
mod dist;
mod example;
mod image;
mod packages;
mod repository;
mod stage;
mod test;
mod tidy;
mod unattended;
mod vm_image;
mod web;

use std::process::ExitCode;

use repository::Repository;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--quick] [ARGS]   everything a change must pass; ARGS go to the test runner
                          --quick leaves out clippy, the browser and the checks against the providers' own clients
  tidy                    the rules of the house alone
  run [--release] [ARGS]  the example, in this terminal and your browser, with a scripted model; ARGS go to deskhand
  web                     build the window where it has changed
  dist                    the sources with the built window as one archive: installing from it needs no Node
  image [--office] [--smoke] [--lock | --update] [--snapshot DAY] [--out DIR]
                          the file system that tasks work in, in target/image; --office adds the office layer, --smoke
                          tries it, --update takes newer packages, --lock writes down which, and builds nothing;
                          alone: --if-changed builds and tries all of it where its inputs have changed
  vm-image                kernel and initramfs of the vm tier, in target/vm
  bench [--only NAME] [--runs N] [--json FILE] [--program FILE]
                          the budgets, beside a plain loop measured in the same run;
                          --program measures another build of deskhand;
                          --only web measures the window in Chromium;
                          --only machine measures sandboxes, machines and Undo, on the disk of this directory
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let known = matches!(command.as_str(), "test" | "tidy" | "run" | "web" | "dist" | "image" | "vm-image" | "bench");
    if !known {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    }
    let done = Repository::open().and_then(|repository| match command.as_str() {
        "test" => test::run(&repository, &rest),
        "tidy" => Ok(tidy::run(&repository)),
        "run" => example::run(&repository, &rest),
        "web" => web::run(&repository),
        "dist" => dist::run(&repository),
        "image" => image::run(&repository, &rest),
        "vm-image" => vm_image::run(&repository),
        _ => bench::run(&repository, &rest),
    });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
