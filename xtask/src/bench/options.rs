//! What was asked for on the command line of `bench`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// One scenario, instead of all.
    pub(super) only: Option<String>,
    /// How often each figure is measured.
    pub(super) runs: usize,
    /// Where to write the figures for programs.
    pub(super) json: Option<PathBuf>,
    /// Another build of `deskhand` to measure, such as a released one.
    pub(super) program: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments.
    pub(super) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { only: None, runs: 3, json: None, program: None };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                "--only" => options.only = Some(value()?.clone()),
                "--runs" => {
                    let runs = value()?.parse().ok().filter(|runs| *runs > 0);
                    options.runs = runs.context("`--runs` needs a number from 1")?;
                }
                "--json" => options.json = Some(value()?.into()),
                "--program" => options.program = Some(value()?.into()),
                other => bail!("unknown argument `{other}`"),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Options::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_read() {
        assert_eq!(parse(&[]), Ok(Options { only: None, runs: 3, json: None, program: None }));
        assert_eq!(
            parse(&["--runs", "5", "--only", "start", "--json", "a.json"]),
            Ok(Options { only: Some("start".into()), runs: 5, json: Some("a.json".into()), program: None })
        );
        assert_eq!(parse(&["--runs"]), Err("`--runs` needs a value".into()));
        assert_eq!(parse(&["--runs", "0"]), Err("`--runs` needs a number from 1".into()));
        assert_eq!(parse(&["fast"]), Err("unknown argument `fast`".into()));
    }
}
