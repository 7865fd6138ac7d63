//! The readiness checks: each tries the real thing and names the one next step.

use std::path::Path;

use api_types::Check;
use model::Models;

use crate::App;

impl App {
    /// Runs every check.
    pub async fn doctor(&self) -> Vec<Check> {
        let mut checks = vec![self.check_home()];
        checks.extend(self.check_logs());
        checks.push(self.check_index());
        let readiness = self.sandbox.probe().await;
        checks.push(Check {
            name: format!("sandbox ({})", self.sandbox.tier()),
            ok: readiness.ready,
            detail: readiness.detail,
            hint: hint_or_none(&readiness.hint),
        });
        checks.push(self.check_models().await);
        checks
    }

    fn check_home(&self) -> Check {
        let home = &self.directories.home;
        let name = "home".to_owned();
        match try_writing(home) {
            Ok(()) => Check { name, ok: true, detail: format!("{} is writable", home.display()), hint: None },
            Err(error) => Check {
                name,
                ok: false,
                detail: format!("cannot write in {}: {error}", home.display()),
                hint: Some("check its permissions and the free space, or set DESKHAND_HOME".to_owned()),
            },
        }
    }

    /// One line for all intact logs, one for each damaged place.
    fn check_logs(&self) -> Vec<Check> {
        let tasks = match self.store.tasks() {
            Ok(tasks) => tasks,
            Err(error) => return vec![failed("logs", error.to_string(), error.hint())],
        };
        let mut damaged = Vec::new();
        for task in &tasks {
            match self.store.check(*task) {
                Ok(found) => damaged.extend(found.into_iter().map(|damage| {
                    failed(
                        &format!("log of {task}"),
                        format!("{} line {}: {}", damage.path.display(), damage.line, damage.what),
                        "the lines before it are intact; restore the file from a backup, or export what is left",
                    )
                })),
                Err(error) => damaged.push(failed(&format!("log of {task}"), error.to_string(), error.hint())),
            }
        }
        if damaged.is_empty() {
            let detail = format!("{} tasks, every log intact", tasks.len());
            damaged.push(Check { name: "logs".to_owned(), ok: true, detail, hint: None });
        }
        damaged
    }

    fn check_index(&self) -> Check {
        match self.store.recents(&store::Query { limit: 1, ..store::Query::default() }) {
            Ok(_) => Check { name: "index".to_owned(), ok: true, detail: "the index answers".to_owned(), hint: None },
            Err(error) => failed("index", error.to_string(), error.hint()),
        }
    }

    async fn check_models(&self) -> Check {
        let offers = self.providers.offers().await;
        let lines: Vec<String> = offers
            .iter()
            .map(|offer| match &offer.unavailable {
                Some(reason) => format!("{}: {reason}", offer.provider),
                None => format!("{}: {} models", offer.provider, offer.models.len()),
            })
            .collect();
        let ok = offers.iter().any(|offer| offer.unavailable.is_none());
        let hint =
            if ok { "" } else { "add a provider in Customize › Providers, or start a local server such as Ollama" };
        Check { name: "models".to_owned(), ok, detail: lines.join("; "), hint: hint_or_none(hint) }
    }
}

fn failed(name: &str, detail: String, hint: &str) -> Check {
    Check { name: name.to_owned(), ok: false, detail, hint: hint_or_none(hint) }
}

fn hint_or_none(hint: &str) -> Option<String> {
    (!hint.is_empty()).then(|| hint.to_owned())
}

/// Makes the home if it is missing, and writes and removes a file in it.
fn try_writing(home: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(home)?;
    let probe = home.join(".writable");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}
