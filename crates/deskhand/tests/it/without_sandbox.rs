//! A computer where the sandbox cannot run: commands are withdrawn with the reason, everything else goes on.

use crate::stage::Stage;

const JOB: &str = "
replies:
  - calls: [{ tool: Bash, input: { command: echo hi } }]
  - expect: { contains: [bubblewrap] }
    calls:
      - { tool: Bash, input: { command: echo again } }
      - { tool: Write, input: { path: /outputs/a.txt, content: hello } }
  - expect: { contains: [Bash cannot be used in this task] }
    text: Written without a command.
";

/// A world in which no bubblewrap is installed: where it would be lies something that is not a program.
fn bare() -> Stage {
    let mut stage = Stage::new();
    let hide = r#"for place in /usr/bin/bwrap /usr/local/bin/bwrap; do
        test ! -e "$place" || mount --bind /dev/null "$place" || exit 90
    done; exec "$0" "$@""#;
    let root = rustix::process::geteuid().is_root();
    let user = if root { &["unshare", "--mount"][..] } else { &["unshare", "--map-root-user", "--mount"] };
    let words = user.iter().copied().chain(["sh", "-c", hide]);
    stage.program.splice(0..0, words.map(Into::into));
    stage
}

#[test]
fn without_bubblewrap_the_other_tools_go_on() {
    let stage = bare();
    let script = stage.script(JOB);
    let ended = stage.run(&["run", "Write it", "--script", &script, "--mode", "skip"]).exits(0);
    assert!(ended.stdout.contains("Bash is not available"), "{}", ended.stdout);
    assert_eq!(std::fs::read_to_string(stage.task_folder().join("outputs/a.txt")).unwrap(), "hello");
    let shown = stage.show(&stage.task());
    assert_eq!(shown["withdrawn"][0]["tool"], "Bash");
    let hint = shown["withdrawn"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("install"), "{hint}");
}

#[test]
fn doctor_names_what_is_missing() {
    let stage = bare();
    let checks = stage.run(&["doctor", "--json"]).exits(1).json();
    let sandbox = checks.iter().find(|check| check["name"] == "sandbox (namespace)").unwrap();
    assert_eq!(sandbox["ok"], false);
    assert!(sandbox["hint"].as_str().unwrap().contains("bubblewrap"), "{sandbox}");
}
