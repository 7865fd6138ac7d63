//! From what was typed to what is done.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use event::{
    Access, Answer, Approval, CallId, Command, Mode, ModelRef, QuestionAnswer, Scope, Seq, TaskId, Tier,
    Wish as TaskWish,
};
use tasks::{AttachmentSource, FolderWish, NewTask};
use view::View;

use crate::arguments::{Arguments, IndexWish, ModeName, Output, Run, ScopeName, TierName, Wish};
use crate::complaint::{Complaint, Exit};
use crate::follow::{Until, follow, new_command_id};
use crate::host::Host;
use crate::keyboard::Keyboard;
use crate::serve::Announce;
use crate::{image, journal, keyboard, listing, serve, undo, window};

/// Carries out one command line.
pub(crate) async fn carry_out(arguments: Arguments) -> Result<Exit, Complaint> {
    let wish = match arguments.wish {
        None => return window::open(arguments.no_open).await,
        Some(Wish::Serve { port, open, detached }) => {
            let announce = match (open, detached) {
                (_, true) => Announce::Nobody,
                (true, false) => Announce::Browser,
                (false, false) => Announce::Terminal,
            };
            return serve::serve(port, announce).await;
        }
        Some(Wish::Quit) => return window::quit().await,
        Some(Wish::Image { wish }) => return image::carry_out(wish).await,
        Some(wish) => wish,
    };
    let host = Host::find().await?;
    let exit = dispatch(&host, wish).await;
    host.close().await;
    exit
}

async fn dispatch(host: &Host, wish: Wish) -> Result<Exit, Complaint> {
    if wish.output().is_some_and(|output| output.json || !Keyboard::is_there()) {
        host.nobody_answers();
    }
    match wish {
        Wish::Serve { .. } | Wish::Quit | Wish::Image { .. } => Ok(Exit::Done),
        Wish::Run(run) => start(host, *run).await,
        Wish::Tasks { search, limit, json } => listing::tasks(host, search, limit, json),
        Wish::Show { id, json } => {
            let task = host.resolve(&id)?;
            listing::show(host, task, json)
        }
        Wish::Follow { id, output } => {
            let task = host.resolve(&id)?;
            follow(host, task, Seq(0), output, Until::Interrupted).await
        }
        Wish::Say { id, text, attachments, output } => say(host, &id, text, attachments, output).await,
        Wish::Stop { id } => plain(host, &id, TaskWish::Stop, "stopped").await,
        Wish::Pause { id } => plain(host, &id, TaskWish::Pause, "paused").await,
        Wish::Resume { id, output } => resume(host, &id, output).await,
        Wish::Approve { id, approval, scope, output } => {
            let scope = match scope {
                ScopeName::Once => Scope::Once,
                ScopeName::Task => Scope::Task,
                ScopeName::Folder => Scope::Folder,
                ScopeName::Always => Scope::Always,
            };
            answer(host, &id, approval, Answer::Allow { scope }, output).await
        }
        Wish::Deny { id, approval, note, output } => answer(host, &id, approval, Answer::Deny { note }, output).await,
        Wish::Answer { id, answers, output } => answer_questions(host, &id, &answers, output).await,
        Wish::Undo { id, turn, path, call, redo, dry_run } => {
            let task = host.resolve(&id)?;
            let call = call.map(CallId);
            undo::undo(host, task, event::UndoSelection { turn, path, call, redo }, dry_run).await
        }
        Wish::Ledger { id, json } => {
            let task = host.resolve(&id)?;
            listing::ledger(host, task, json)
        }
        Wish::Journal { empty: None, json, .. } => journal::show(host, json).await,
        Wish::Journal { empty: Some(id), all, yes, .. } => journal::empty(host, &id, all, yes).await,
        Wish::Export { id, file } => {
            let task = host.resolve(&id)?;
            host.store().export(task, &absolute(&file))?;
            listing::say(&format!("exported to {}", file.display()))
        }
        Wish::Import { file } => {
            let task = host.store().import(&absolute(&file))?;
            listing::say(&format!("imported as task {task}"))
        }
        Wish::Index { wish: IndexWish::Rebuild } => listing::rebuild(host),
        Wish::Doctor { json } => listing::doctor(host, json).await,
    }
}

async fn start(host: &Host, run: Run) -> Result<Exit, Complaint> {
    let prompt = match run.prompt.as_deref() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Complaint::usage(format!("cannot read the job from standard input: {error}"), ""))?;
            text
        }
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    if let Some(id) = &run.task {
        return if prompt.trim().is_empty() && run.attachments.is_empty() {
            resume(host, id, run.output).await
        } else {
            say(host, id, prompt, run.attachments, run.output).await
        };
    }
    if prompt.trim().is_empty() {
        return Err(Complaint::usage("the job is empty", "say what is to be done: deskhand run \"…\""));
    }
    let folders = wishes(&run.folders, Access::ReadWrite).chain(wishes(&run.read_only, Access::ReadOnly)).collect();
    let model = match (&run.model, &run.script) {
        (_, Some(script)) => Some(ModelRef(format!("{}/{}", app::SCRIPT, absolute(script).display()))),
        (Some(model), None) => Some(ModelRef(model.clone())),
        (None, None) => None,
    };
    let new = NewTask {
        command: Some(new_command_id()),
        prompt,
        folders,
        attachments: attachments(&run.attachments),
        mode: run.mode.map_or(host.default_mode(), mode),
        model,
        effort: None,
        instructions: host.instructions(),
        limits: host.limits(),
        project: run.project,
        tier: run.tier.map(|tier| match tier {
            TierName::Vm => Tier::Vm,
            TierName::Namespace => Tier::Namespace,
        }),
    };
    let task = host.create(new).await?;
    follow(host, task, Seq(0), run.output, Until::Quiet).await
}

fn mode(name: ModeName) -> Mode {
    match name {
        ModeName::Ask => Mode::Ask,
        ModeName::Auto => Mode::Auto,
        ModeName::Skip => Mode::Skip,
    }
}

fn wishes(paths: &[PathBuf], access: Access) -> impl Iterator<Item = FolderWish> {
    paths.iter().map(move |path| FolderWish { path: absolute(path).to_string_lossy().into_owned(), access })
}

fn attachments(paths: &[PathBuf]) -> Vec<AttachmentSource> {
    paths.iter().map(|path| AttachmentSource::Path(absolute(path))).collect()
}

pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

async fn say(host: &Host, id: &str, text: String, files: Vec<PathBuf>, output: Output) -> Result<Exit, Complaint> {
    let task = host.resolve(id)?;
    let before = host.view(task)?.head;
    host.say(task, text, attachments(&files)).await?;
    follow(host, task, before, output, Until::Quiet).await
}

async fn plain(host: &Host, id: &str, wish: TaskWish, done: &str) -> Result<Exit, Complaint> {
    let task = host.resolve(id)?;
    command(host, task, wish).await?;
    host.settle(task).await;
    listing::say(&format!("task {task} {done}"))
}

async fn resume(host: &Host, id: &str, output: Output) -> Result<Exit, Complaint> {
    let task = host.resolve(id)?;
    let before = host.view(task)?.head;
    command(host, task, TaskWish::Resume).await?;
    follow(host, task, before, output, Until::Quiet).await
}

async fn answer(
    host: &Host,
    id: &str,
    approval: Option<String>,
    answer: Answer,
    output: Output,
) -> Result<Exit, Complaint> {
    let task = host.resolve(id)?;
    let view = host.view(task)?;
    let approval = choose(&view, approval.as_deref())?.id.clone();
    command(host, task, TaskWish::Answer { approval, answer }).await?;
    follow(host, task, view.head, output, Until::Quiet).await
}

/// The approval that is meant: the only one, or the one named.
fn choose<'v>(view: &'v View, named: Option<&str>) -> Result<&'v Approval, Complaint> {
    let hint = format!("see what waits with `deskhand show {}`", view.task);
    match (named, view.approvals.as_slice()) {
        (_, []) => Err(Complaint::failed("no approval is waiting", hint)),
        (Some(name), waiting) => waiting
            .iter()
            .find(|approval| approval.id.as_str() == name)
            .ok_or_else(|| Complaint::failed(format!("approval `{name}` is not waiting"), hint)),
        (None, [only]) => Ok(only),
        (None, several) => {
            let ids: Vec<&str> = several.iter().map(|approval| approval.id.as_str()).collect();
            Err(Complaint::usage(format!("several approvals are waiting: {}", ids.join(", ")), "name the one you mean"))
        }
    }
}

async fn answer_questions(host: &Host, id: &str, lines: &[String], output: Output) -> Result<Exit, Complaint> {
    let task = host.resolve(id)?;
    let view = host.view(task)?;
    let hint = format!("see what waits with `deskhand show {task}`");
    let Some((question, questions)) = view.questions.first() else {
        return Err(Complaint::failed("no question is waiting", hint));
    };
    if questions.len() != lines.len() {
        return Err(Complaint::usage(format!("{} answers are needed, not {}", questions.len(), lines.len()), hint));
    }
    let answers: Option<Vec<QuestionAnswer>> =
        questions.iter().zip(lines).map(|(question, line)| keyboard::read_question(line, question)).collect();
    let Some(answers) = answers else { return Err(Complaint::usage("an answer is empty", hint)) };
    command(host, task, TaskWish::AnswerQuestions { question: question.clone(), answers }).await?;
    follow(host, task, view.head, output, Until::Quiet).await
}

async fn command(host: &Host, task: TaskId, wish: TaskWish) -> Result<Seq, Complaint> {
    host.command(task, Command { id: new_command_id(), wish }).await
}
