//! The readiness checks: each tries the real thing and names the one next step.

use std::path::Path;
use std::sync::Arc;

use api_types::Check;
use egress::Allow;
use model::Models;

use crate::config::NetworkConfig;
use crate::image::{Chosen, ImageError};
use crate::{App, journal};

impl App {
    /// Runs every check.
    pub async fn doctor(&self) -> Vec<Check> {
        let mut checks = vec![self.check_home()];
        checks.extend(self.check_logs());
        checks.push(self.check_index());
        checks.push(self.check_image().await);
        checks.extend(self.check_tiers().await);
        checks.push(self.check_network());
        checks.push(self.check_undo().await);
        checks.push(self.check_models().await);
        checks
    }

    /// Each tier, tried for real. One is enough; what is missing for the others is said all the same.
    async fn check_tiers(&self) -> Vec<Check> {
        let tried = self.tiers.probe_each().await;
        let any = tried.iter().any(|(_, readiness)| readiness.ready);
        let check = |(tier, readiness): (event::Tier, sandbox::Readiness)| {
            let unused = !readiness.ready && any;
            Check {
                // Under another name, so that nobody takes it for what commands run in.
                name: if unused { format!("stronger sandbox ({tier})") } else { format!("sandbox ({tier})") },
                ok: readiness.ready || unused,
                detail: if unused { format!("not used: {}", readiness.detail) } else { readiness.detail },
                hint: hint_or_none(&readiness.hint),
            }
        };
        tried.into_iter().map(check).collect()
    }

    /// The image, every byte of it.
    async fn check_image(&self) -> Check {
        let name = "image";
        let fine = |detail: String, hint: Option<String>| Check { name: name.to_owned(), ok: true, detail, hint };
        match &self.image {
            Chosen::Unchecked(folder) => {
                let detail = format!(
                    "`{}` is used as it is, unsigned and unchecked: `[machine] image` names it, which is for development",
                    folder.display()
                );
                return fine(detail, None);
            }
            // Said by the settings, so nothing in place is meant.
            Chosen::Unusable(error @ ImageError::Organisation) => return failed(name, error.to_string(), error.hint()),
            Chosen::Installed(_) | Chosen::Nothing | Chosen::Unusable(_) => {}
        }
        let images = Arc::clone(&self.images);
        let checked = tokio::task::spawn_blocking(move || images.check()).await;
        match checked {
            Ok(Ok(Some(found))) => {
                let other = match &self.image {
                    Chosen::Installed(used) if used.image.folder == found.folder => "",
                    _ => "; it is used from the next start of Deskhand on",
                };
                let overruled = if self.images.overruled() {
                    "; your organisation's keys switch `[machine] image` off"
                } else {
                    ""
                };
                fine(format!("version {}, every byte as it was signed{other}{overruled}", found.version), None)
            }
            Ok(Ok(None)) => {
                let detail = "none is installed: commands use the programs of this computer".to_owned();
                fine(detail, Some("to have the same programs everywhere: deskhand image install FOLDER".to_owned()))
            }
            Ok(Err(error)) => failed(name, error.to_string(), error.hint()),
            Err(error) => failed(name, format!("the check was cut off: {error}"), "run `deskhand doctor` again"),
        }
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

    /// What may be reached and how; connects to nobody.
    fn check_network(&self) -> Check {
        let config = self.config();
        let NetworkConfig { allow, hosts, rules, denied, .. } = &config.network;
        let listed = hosts.len() + rules.len();
        let open = match allow {
            Allow::None => "switched off".to_owned(),
            Allow::Registries => {
                format!("open without asking: package registries and {}", counted(listed, "listed host"))
            }
            Allow::List => format!("open without asking: {}", counted(listed, "listed host")),
            Allow::All => "open without asking: every host".to_owned(),
        };
        let proxy = match &self.network.settings().relay {
            Some(relay) => format!("through the proxy `{}`", relay.host),
            None => "no proxy".to_owned(),
        };
        let detail = format!("{open}; {} denied; {proxy}", counted(denied.len(), "host"));
        Check { name: "network".to_owned(), ok: true, detail, hint: None }
    }

    /// What the old contents that Undo needs cost.
    async fn check_undo(&self) -> Check {
        let name = "undo";
        match self.journal_usage().await {
            Ok(usage) => {
                Check { name: name.to_owned(), ok: true, detail: journal::journal_in_words(&usage), hint: None }
            }
            Err(error) => failed(name, error.to_string(), &error.hint()),
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

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
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
