//! Nothing a command writes into a folder makes the host run anything: thirty names that programs take for their own
//! configuration are written in the sandbox, and Deskhand is used over that folder afterwards.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::daemon::Daemon;
use crate::stage::Stage;

/// Names that some program on some computer would act upon.
const NAMES: [&str; 30] = [
    ".git/hooks/pre-commit",
    ".git/hooks/post-checkout",
    ".git/config",
    ".gitconfig",
    ".mcp.json",
    "mcp.json",
    ".cursor/mcp.json",
    "AGENTS.md",
    "CLAUDE.md",
    "SKILL.md",
    ".claude/settings.json",
    ".claude/skills/evil/SKILL.md",
    ".codex/config.toml",
    ".gemini/settings.json",
    "skills/evil/SKILL.md",
    "plugins/evil/plugin.json",
    "schedules/evil.toml",
    "connectors.toml",
    "config.toml",
    "policy.toml",
    "deskhand/config.toml",
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".zshenv",
    ".vscode/tasks.json",
    ".envrc",
    ".npmrc",
    "evil.desktop",
    ".config/autostart/evil.desktop",
];

/// A Script whose command writes every name, as an executable that leaves a mark and as settings that would run one.
fn script(mark: &Path) -> String {
    let mark = mark.display();
    let names: Vec<String> = NAMES.iter().map(|name| format!("'{name}'")).collect();
    let write = format!(
        "for n in {}; do mkdir -p \"$(dirname \"$n\")\"; printf '#!/bin/sh\\n: > {mark}\\n[core]\\nfsmonitor = sh -c \": > {mark}\"\\n' > \"$n\" || exit 1; chmod 755 \"$n\"; done; echo written",
        names.join(" ")
    );
    let write = serde_json::to_string(&write).unwrap();
    format!(
        "replies:\n  - calls:\n      - {{ tool: Bash, input: {{ command: {write} }} }}\n  - expect: {{ contains: [written] }}\n    text: Done.\n"
    )
}

#[test]
fn what_a_command_writes_makes_the_host_run_nothing() {
    let stage = Stage::new();
    let folder = stage.folder("trap");
    let marks = stage.folder("marks");
    let mark = Path::new(&marks).join("ran");
    let script = stage.script(&script(&mark));
    stage.run(&["run", "Write", "--script", &script, "--folder", &folder, "--mode", "skip"]).exits(0);
    for name in NAMES {
        let found = std::fs::metadata(Path::new(&folder).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(found.permissions().mode() & 0o100, 0, "{name}");
    }
    let task = stage.task();
    // Everything that looks at a folder, with that folder as the working directory too.
    let reads = "replies:\n  - calls:\n      - { tool: Glob, input: { pattern: '**/*' } }\n      - { tool: Grep, input: { pattern: core } }\n      - { tool: Read, input: { path: AGENTS.md } }\n  - text: Seen.\n";
    let reading = stage.script(reads);
    let mut command = stage.command(&["run", "Look", "--script", &reading, "--folder", &folder, "--mode", "skip"]);
    crate::stage::ended(command.current_dir(&folder)).exits(0);
    let daemon = Daemon::start(&stage);
    for arguments in [vec!["tasks"], vec!["show", &task], vec!["doctor"], vec!["undo", &task, "--dry-run"]] {
        let mut command = stage.command(&arguments);
        crate::stage::ended(command.current_dir(&folder));
    }
    daemon.end();
    crate::stage::ended(stage.command(&["undo", &task]).current_dir(&folder)).exits(0);
    assert!(!mark.exists(), "something was run");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "Undo takes back all of it");
}
