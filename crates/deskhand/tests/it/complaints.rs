//! Bad input: one line that says what is wrong, one that says what to do, the right exit code, and nothing begun.

use std::path::PathBuf;

use crate::stage::Stage;

const DONE: &str = "replies: [{ text: Done. }]";

/// A command line, its exit code, what is wrong, what to do.
type Case<'c> = (&'c [&'c str], i32, &'c str, &'c str);

#[track_caller]
fn check(stage: &Stage, cases: &[Case<'_>]) {
    for (arguments, code, message, hint) in cases {
        let ended = stage.run(arguments);
        let told = ended.complaint();
        let told = (ended.code, stage.plain(&told.0), told.1);
        assert_eq!(told, (Some(*code), (*message).to_owned(), (*hint).to_owned()), "{arguments:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
    assert_eq!(stage.task_folders(), Vec::<PathBuf>::new(), "nothing was begun");
}

#[test]
fn folders_that_cannot_be_granted() {
    let stage = Stage::new();
    let script = stage.script(DONE);
    let root = stage.world.root().to_str().unwrap().to_owned();
    let home = stage.world.home().to_str().unwrap().to_owned();
    let run = ["run", "go", "--script", &script, "--folder"];
    let with = |folder: &'static str| -> Vec<&str> { run.iter().copied().chain([folder]).collect() };
    let (nowhere, file) = (with("nowhere"), with("script.yaml"));
    let (user_home, own_home) = ([&run[..], &[&root]].concat(), [&run[..], &[&home]].concat());
    let whole = [&run[..], &["/"]].concat();
    let system = [&run[..], &["/etc"]].concat();
    check(
        &stage,
        &[
            (&nowhere, 2, "`<world>/nowhere` does not exist", "check the spelling, or make the directory first"),
            (&file, 2, "`<world>/script.yaml` is not a directory", "grant the directory that holds the file"),
            (
                &user_home,
                2,
                "the home directory `<world>` as a whole cannot be granted",
                "choose a folder inside your home directory, such as `Documents`",
            ),
            (
                &own_home,
                2,
                "`<world>/home` holds Deskhand's own data",
                "choose a folder that has nothing to do with Deskhand's data",
            ),
            (&whole, 2, "the whole file system cannot be granted", "choose a folder of your own"),
            (&system, 2, "`/etc` belongs to the system", "choose a folder of your own"),
        ],
    );
}

#[test]
fn jobs_that_say_nothing_and_tasks_that_are_not_there() {
    let stage = Stage::new();
    let script = stage.script(DONE);
    let list = "list tasks with `deskhand tasks`";
    let say = "say what is to be done: deskhand run \"…\"";
    check(
        &stage,
        &[
            (&["run", "", "--script", &script], 2, "the job is empty", say),
            (&["run", " \n ", "--script", &script], 2, "the job is empty", say),
            (&["run", "-", "--script", &script], 2, "the job is empty", say),
            (&["show", "nope"], 2, "there is no task `nope`", list),
            (&["show", "017bhw40r4"], 2, "there is no task `017bhw40r4`", list),
            (&["resume", "017bhw40r4"], 2, "there is no task `017bhw40r4`", list),
            (&["answer", "017bhw40r4", "1"], 2, "there is no task `017bhw40r4`", list),
            (&["undo", "017bhw40r4"], 2, "there is no task `017bhw40r4`", list),
            (&["say", "nope", "hello"], 2, "there is no task `nope`", list),
            (&["stop", "nope"], 2, "there is no task `nope`", list),
            (&["follow", "nope"], 2, "there is no task `nope`", list),
            (&["export", "nope", "x"], 2, "there is no task `nope`", list),
            (&["export", "017bhw40r4", "x"], 2, "there is no task `017bhw40r4`", list),
        ],
    );
    assert!(!stage.world.root().join("x").exists());
}

#[test]
fn models_that_cannot_be_had() {
    let stage = Stage::new();
    let choose = "choose one of anthropic, llama.cpp, lm-studio, ollama, openai, or add it in Customize › Providers";
    let none = "add a provider in Customize › Providers, set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or \
                name one with --model PROVIDER/MODEL; `cargo xtask run` shows an example without any";
    let key = "add the key in Customize › Providers, set ANTHROPIC_API_KEY, or choose another model";
    check(
        &stage,
        &[
            (&["run", "go"], 1, "no model is set up", none),
            (&["run", "go", "--model", "acme/large"], 1, "there is no provider `acme`", choose),
            (&["run", "go", "--model", "large"], 1, "there is no provider `large`", choose),
            (&["run", "go", "--model", "ollama/"], 1, "`ollama/` names no model", "name it as PROVIDER/MODEL"),
            (
                &["run", "go", "--model", "anthropic/large"],
                1,
                "`anthropic` cannot be used: ANTHROPIC_API_KEY is not set",
                key,
            ),
        ],
    );
}

#[test]
fn a_model_the_provider_does_not_have_pauses_with_its_name() {
    let server = testkit::FakeServer::start([testkit::Answer::status(
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"model: large"}}"#,
    )])
    .unwrap();
    let stage = Stage::new().with("ANTHROPIC_BASE_URL", server.url());
    let run = stage.run(&["run", "go", "--model", "anthropic/large"]).exits(1);
    assert!(run.stdout.contains("Paused: ") && run.stdout.contains("model: large"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("hint: ").count(), 1, "{}", run.stdout);
    assert_eq!(server.asked(), 1);
}

#[test]
fn scripts_that_cannot_be_played() {
    let stage = Stage::new();
    let compare = "compare it with examples/weather-report/script.yaml";
    for (text, what) in [
        ("replies: []", "it has no replies"),
        ("replies: [{ text: a, speed: 3 }]", "unknown field"),
        ("replies: [", "line 1"),
        ("- just\n- a list", "line 1"),
        ("", "line 1"),
    ] {
        let script = stage.script(text);
        let ended = stage.run(&["run", "go", "--script", &script]).exits(2);
        let (message, hint) = ended.complaint();
        assert!(stage.plain(&message).starts_with("Script `<world>/script.yaml` is malformed: "), "{message}");
        assert!(message.contains(what), "{text}: {message}");
        assert_eq!(hint, compare);
    }
    let missing = "cannot read Script `<world>/none.yaml`: No such file or directory (os error 2)";
    check(&stage, &[(&["run", "go", "--script", "none.yaml"], 2, missing, "check the path after --script")]);
}

#[test]
fn files_that_cannot_be_handed_over_or_imported() {
    let stage = Stage::new();
    let script = stage.script(DONE);
    let (message, hint) = (
        "cannot attach `<world>/none.txt`: No such file or directory (os error 2)",
        "check the path and its permissions",
    );
    check(&stage, &[(&["run", "go", "--script", &script, "--attach", "none.txt"], 2, message, hint)]);
    let (message, _) = stage.run(&["import", "none.tar"]).exits(1).complaint();
    assert_eq!(stage.plain(&message), "cannot read `<world>/none.tar`: No such file or directory (os error 2)");
    let (message, hint) = stage.run(&["import", "script.yaml"]).exits(1).complaint();
    assert!(stage.plain(&message).starts_with("`<world>/script.yaml` is not a task export: "), "{message}");
    assert_eq!(hint, "give a file made by `deskhand export`");
    assert_eq!(stage.task_folders(), Vec::<PathBuf>::new());
}

#[test]
fn a_malformed_configuration_names_its_line_whatever_is_asked() {
    let stage = Stage::new();
    let script = stage.script(DONE);
    let directory = stage.world.config().join("deskhand");
    std::fs::create_dir_all(&directory).unwrap();
    for (text, line, what) in [
        ("default_mode = \"ask\"\n\n[limits]\nstep = 3\n", "line 4", "unknown field `step`"),
        ("default_mode = \"yolo\"\n", "line 1", "`ask`"),
        ("\n= 3\n", "line 2", "key"),
    ] {
        std::fs::write(directory.join("config.toml"), text).unwrap();
        for arguments in [&["run", "go", "--script", &script][..], &["tasks"], &["serve"]] {
            let (message, hint) = stage.run(arguments).exits(1).complaint();
            let begin = "`<world>/config/deskhand/config.toml` is not understood: ";
            assert!(stage.plain(&message).starts_with(begin), "{message}");
            assert!(message.contains(line) && message.contains(what), "{text}: {message}");
            assert_eq!(hint, "correct the file, or remove it to use the defaults");
        }
    }
    assert_eq!(stage.task_folders(), Vec::<PathBuf>::new());
}

#[test]
fn names_cannot_write_to_the_terminal() {
    let stage = Stage::new();
    let script = stage.script(DONE);
    let ended = stage.run(&["run", "go", "--script", &script, "--folder", "\u{1b}[2Jgone\u{202e}"]).exits(2);
    let (message, _) = ended.complaint();
    assert_eq!(stage.plain(&message), r"`<world>/\u{1b}[2Jgone\u{202e}` does not exist");
}

#[test]
fn what_is_typed_wrongly_is_explained_with_the_usage() {
    let stage = Stage::new();
    for arguments in [
        &["run"][..],
        &["run", "go", "--nonsense"],
        &["dance"],
        &["run", "go", "--mode", "yolo"],
        &["run", "go", "--deltas"],
        &["show"],
        &["answer", "x"],
        &["run", "go", "--model", "a/b", "--script", "c"],
        &["run", "go", "--task", "x", "--folder", "y"],
    ] {
        let ended = stage.run(arguments).exits(2);
        assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{}", ended.stderr);
        assert!(ended.stderr.contains("For more information, try '--help'."), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert!(stage.run(&["--help"]).exits(0).stdout.contains("Usage: deskhand"));
    assert_eq!(stage.run(&["--version"]).exits(0).stdout, concat!("deskhand ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(stage.task_folders(), Vec::<PathBuf>::new());
}
