//! Stages of a longer command: each is named, timed and remembered for the summary at the end.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The stages so far.
#[derive(Default)]
pub(crate) struct Stages {
    done: Vec<Stage>,
}

struct Stage {
    name: String,
    took: Duration,
    failure: Option<String>,
}

impl Stages {
    /// Runs a stage; a failure is kept and the next stage may still run.
    pub(crate) fn run(&mut self, name: &str, act: impl FnOnce() -> Result<()>) {
        println!("\n== {name}");
        let begun = Instant::now();
        let failure = act().err().map(|error| format!("{error:#}"));
        let stage = Stage { name: name.to_owned(), took: begun.elapsed(), failure };
        println!("{}", line(&stage));
        self.done.push(stage);
    }

    /// Prints the summary; the code is 1 where any stage failed.
    pub(crate) fn finish(&self) -> ExitCode {
        println!("\n{}", self.summary());
        if self.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }

    fn failed(&self) -> usize {
        self.done.iter().filter(|stage| stage.failure.is_some()).count()
    }

    fn summary(&self) -> String {
        let total: Duration = self.done.iter().map(|stage| stage.took).sum();
        let verdict = match self.failed() {
            0 => format!("all {} stages passed in {:.1} s", self.done.len(), total.as_secs_f64()),
            failed => format!("{failed} of {} stages failed", self.done.len()),
        };
        let lines = self.done.iter().map(line);
        let lines: Vec<String> = std::iter::once("== summary".to_owned()).chain(lines).chain([verdict]).collect();
        lines.join("\n")
    }
}

fn line(stage: &Stage) -> String {
    let (word, reason) = match &stage.failure {
        None => ("ok    ", String::new()),
        Some(reason) => ("FAILED", format!("  {reason}")),
    };
    format!("{word} {:<12} {:>7.1} s{reason}", stage.name, stage.took.as_secs_f64())
}

/// Runs a command to its end, in front of the user.
pub(crate) fn must_succeed(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start `{program}`"))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// A command as a person would type it, its program without the directory.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Stages;

    #[test]
    fn a_failed_stage_fails_the_whole_and_the_next_still_runs() {
        let mut stages = Stages::default();
        stages.run("first", || anyhow::bail!("it broke"));
        stages.run("second", || Ok(()));
        let summary: Vec<String> =
            stages.summary().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(summary, ["== summary", "FAILED first 0.0 s it broke", "ok second 0.0 s", "1 of 2 stages failed"]);
        assert_eq!(stages.failed(), 1);
    }
}
