//! From a request to a finished task, over the port and over the socket.

use api::client::{Client, ClientError};
use api_types::{
    ApprovalWaiting, Base64, CommandAccepted, FolderRequest, LedgerLine, LedgerVerdict, ModelOffer, ProviderModels,
    SayRequest, StandingGrant, TaskSummary, UndoPlan, UndoPlanKind, UndoPlanStep, Upload,
};
use event::{
    Access, Answer, Attachment, Command, CommandId, Effect, Ending, Fact, Folder, ModelRef, Outcome, QuestionAnswer,
    Scope, Seq, UndoSelection, Wish,
};
use store::Query;
use view::TaskState;

use crate::house::{House, new_task, turn_ended};

fn command(id: &str, wish: Wish) -> Command {
    Command { id: CommandId::from(id), wish }
}

#[tokio::test]
async fn a_task_from_its_prompt_to_its_end() {
    let house = House::open().await;
    for client in [house.client.clone(), Client::connect_socket(&house.socket()).await.unwrap()] {
        let mut new = new_task("hello");
        new.folders = vec![FolderRequest {
            path: house.home().join("Reports").to_string_lossy().into_owned(),
            access: Access::ReadOnly,
        }];
        let task = client.create(&new).await.unwrap().id;
        // sent again, it is the same task
        assert_eq!(client.create(&new).await.unwrap().id, task);

        let events = house.until(task, turn_ended).await;
        let names: Vec<String> = events.iter().map(|event| name_of(&event.fact)).collect();
        let expected = ["task_created", "said", "turn_started", "step_started", "replied", "turn_ended"];
        assert_eq!(names, expected);
        assert_eq!(client.events(task, Seq(0), 1000).await.unwrap(), events);
        assert_eq!(client.events(task, Seq(2), 3).await.unwrap(), events[2..5]);

        let view = client.view(task).await.unwrap();
        assert_eq!(view, house.tasks.view(task).unwrap());
        assert_eq!((view.state, view.last_text.as_str()), (TaskState::Done, "Hello from the Script."));
        assert_eq!(view.folders.iter().map(|folder| folder.name.as_str()).collect::<Vec<_>>(), ["Reports"]);

        let recents = client.recents(&Query::default()).await.unwrap();
        let summary = TaskSummary {
            id: task,
            title: "Play hello".to_owned(),
            state: TaskState::Done,
            made_at: view.made_at,
            changed_at: view.changed_at,
            done: 0,
            total: 0,
            project: None,
            pinned: false,
            archived: false,
            unread: true,
        };
        assert_eq!(recents, [summary]);
        let search = |text: &str| Query { text: Some(text.to_owned()), ..Query::default() };
        assert_eq!(client.recents(&search("Script & hello?")).await.unwrap(), []);
        assert_eq!(client.recents(&search("play hello")).await.unwrap(), recents);
    }
}

#[tokio::test]
async fn a_question_is_answered() {
    let house = House::open().await;
    let task = house.begin("question").await;
    house.until(task, |fact| matches!(fact, Fact::QuestionAsked { .. })).await;
    let view = house.client.view(task).await.unwrap();
    assert_eq!(view.state, TaskState::NeedsYou);
    let (question, _) = view.questions.into_iter().next().unwrap();
    let answers = vec![QuestionAnswer { chosen: vec!["Blue".to_owned()], other: None }];
    let wish = Wish::AnswerQuestions { question, answers };
    house.client.command(task, &command("answer", wish.clone())).await.unwrap();
    // the same command again acts once; the same answer under a new id is too late
    house.client.command(task, &command("answer", wish.clone())).await.unwrap();
    let late = house.client.command(task, &command("late", wish)).await.unwrap_err();
    let ClientError::Refused { status, body } = late else { panic!("{late:?}") };
    assert_eq!((status.as_u16(), serde_json::to_value(body.code).unwrap()), (409, "refused".into()));
    let events = house.until(task, turn_ended).await;
    assert_eq!(events.iter().filter(|event| matches!(event.fact, Fact::QuestionAnswered { .. })).count(), 1);
    assert_eq!(house.client.view(task).await.unwrap().last_text, "Blue it is.");
}

#[tokio::test]
async fn an_approval_is_listed_and_allowed() {
    let house = House::open().await;
    let mut new = new_task("approval");
    let reports = house.home().join("Reports").to_string_lossy().into_owned();
    new.folders = vec![FolderRequest { path: reports.clone(), access: Access::ReadWrite }];
    let task = house.client.create(&new).await.unwrap().id;
    house.until(task, |fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    let approval = house.client.view(task).await.unwrap().approvals.into_iter().next().unwrap();
    assert_eq!(approval.effects, [Effect::Run("stamp".to_owned())]);
    let title = "Play approval".to_owned();
    let waiting = [ApprovalWaiting { task, title, approval: approval.clone() }];
    assert_eq!(house.client.approvals().await.unwrap(), waiting);

    assert!(approval.offers.contains(&Scope::Folder), "{:?}", approval.offers);
    let allow = Wish::Answer { approval: approval.id, answer: Answer::Allow { scope: Scope::Folder } };
    house.client.command(task, &command("allow", allow)).await.unwrap();
    house.until(task, turn_ended).await;
    assert_eq!(house.client.approvals().await.unwrap(), []);
    assert_eq!(house.client.view(task).await.unwrap().last_text, "It is stamped.");

    // what was allowed for the folder is kept, listed and taken back
    let grants = house.client.grants().await.unwrap();
    let grant = StandingGrant { id: "s1".into(), folder: reports, allows: Effect::Run(String::new()) };
    assert_eq!(grants, [grant]);
    house.client.revoke_grant(&"s1".into()).await.unwrap();
    assert_eq!(house.client.grants().await.unwrap(), []);
}

#[tokio::test]
async fn a_running_task_is_stopped() {
    let house = House::open().await;
    let task = house.begin("endless").await;
    house.until(task, |fact| matches!(fact, Fact::ToolStarted { .. })).await;
    assert_eq!(house.client.view(task).await.unwrap().state, TaskState::Working);
    let CommandAccepted { seq } = house.client.command(task, &command("stop", Wish::Stop)).await.unwrap();
    let events = house.until(task, turn_ended).await;
    assert_eq!(seq, events.last().unwrap().seq, "Stop is answered when the end is stored");
    assert!(matches!(&events.last().unwrap().fact, Fact::TurnEnded { ending: Ending::Stopped, .. }));
    let stopped = |fact: &Fact| matches!(fact, Fact::ToolFinished { outcome: Outcome::Stopped, .. });
    assert!(events.iter().any(|event| stopped(&event.fact)));
    assert_eq!(house.client.view(task).await.unwrap().state, TaskState::Stopped);
}

#[tokio::test]
async fn files_come_in_with_a_message() {
    let house = House::open().await;
    let upload =
        |name: &str, text: &str| Upload { name: name.to_owned(), content_base64: Base64(text.as_bytes().to_vec()) };
    let mut new = new_task("hello");
    new.attachments = vec![upload("a.txt", "first"), upload("../../a.txt", "second")];
    let task = house.client.create(&new).await.unwrap().id;
    house.until(task, turn_ended).await;
    let say =
        SayRequest { id: "more".into(), text: "And this?".to_owned(), attachments: vec![upload("b.bin", "\0\u{1}")] };
    house.client.say(task, &say).await.unwrap();
    let second = |fact: &Fact| matches!(fact, Fact::TurnEnded { turn: 2, .. });
    let said: Vec<Vec<Attachment>> = house
        .until(task, second)
        .await
        .into_iter()
        .filter_map(|event| match event.fact {
            Fact::Said { attachments, .. } => Some(attachments),
            _ => None,
        })
        .collect();
    let file = |name: &str, bytes| Attachment { name: name.to_owned(), bytes };
    assert_eq!(said, [vec![file("a.txt", 5), file("a-2.txt", 6)], vec![file("b.bin", 2)]]);
    let uploads = house.tasks.desk(task).unwrap().uploads;
    assert_eq!(std::fs::read_to_string(uploads.join("a-2.txt")).unwrap(), "second");
}

#[tokio::test]
async fn the_door_checks_what_a_command_claims() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let folder =
        |path: String| Wish::AddFolder(Folder { name: "../escape".to_owned(), path, access: Access::ReadWrite });
    let secret = house.home().join("Secret").to_string_lossy().into_owned();
    let refused = house.client.command(task, &command("c1", folder(secret))).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be granted"), "{refused}");

    // the path is the canonical one and the name ours, whatever the command says
    let letters = house.home().join("Reports/../Letters").to_string_lossy().into_owned();
    house.client.command(task, &command("c2", folder(letters))).await.unwrap();
    let expected = Folder {
        name: "Letters".to_owned(),
        path: house.home().join("Letters").to_string_lossy().into_owned(),
        access: Access::ReadWrite,
    };
    assert_eq!(house.client.view(task).await.unwrap().folders, [expected]);

    let uploads = house.tasks.desk(task).unwrap().uploads;
    std::fs::write(uploads.join("a.txt"), "four").unwrap();
    let say = |name: &str| Wish::Say {
        text: "Look".to_owned(),
        attachments: vec![Attachment { name: name.to_owned(), bytes: 1 }],
    };
    for wrong in ["../a.txt", "missing", "", "/etc/passwd", "."] {
        let refused = house.client.command(task, &command("c3", say(wrong))).await.unwrap_err();
        let ClientError::Refused { status, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(status.as_u16(), 422, "{wrong}");
    }
    house.client.command(task, &command("c3", say("a.txt"))).await.unwrap();
    let events = house.client.events(task, Seq(0), 1000).await.unwrap();
    let said = events.iter().rev().find_map(|event| match &event.fact {
        Fact::Said { attachments, .. } => Some(attachments.clone()),
        _ => None,
    });
    assert_eq!(said.unwrap(), [Attachment { name: "a.txt".to_owned(), bytes: 4 }]);
}

#[tokio::test]
async fn what_concerns_the_installation() {
    let house = House::open().await;
    let settings = house.client.settings().await.unwrap();
    assert_eq!(settings, api::Installation::settings(&*house.installed));
    let doctor = house.client.doctor().await.unwrap();
    assert_eq!(doctor, api::Installation::checks(&*house.installed).await);
    let model = ModelOffer { name: ModelRef("script/hello".to_owned()), title: "Hello".to_owned(), efforts: vec![] };
    let offers = [
        ProviderModels { provider: "script".to_owned(), models: vec![model], unavailable: None },
        ProviderModels { provider: "far".to_owned(), models: vec![], unavailable: Some("no key".to_owned()) },
    ];
    assert_eq!(house.client.models().await.unwrap(), offers);
}

#[tokio::test]
async fn an_undo_is_planned() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let step = |path: &str, (kind, bytes), action: &str| UndoPlan {
        steps: vec![UndoPlanStep { path: path.to_owned(), kind, bytes, action: action.to_owned(), conflict: None }],
    };
    let (folder, content) = ((UndoPlanKind::RemoveFolder, None), (UndoPlanKind::Restore, Some(7)));
    let all = UndoSelection::default();
    assert_eq!(house.client.undo_plan(task, &all).await.unwrap(), step("/outputs", folder, "turn None"));
    let some = UndoSelection { turn: Some(3), path: Some("/work/a b&c=d".to_owned()), ..all.clone() };
    assert_eq!(house.client.undo_plan(task, &some).await.unwrap(), step("/work/a b&c=d", content, "turn Some(3)"));
    let one = UndoSelection { turn: Some(3), call: Some("c 1".into()), ..all.clone() };
    assert_eq!(house.client.undo_plan(task, &one).await.unwrap().steps[0].action, "turn Some(3) of call c 1");
    let none = UndoSelection { turn: Some(99), ..all };
    let refused = house.client.undo_plan(task, &none).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no turn 99");
}

#[tokio::test]
async fn the_ledger_gives_its_latest_lines() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    assert_eq!(house.client.ledger(task, 10).await.unwrap(), []);
    let line = |number: i64| LedgerLine {
        at: event::Timestamp(number),
        host: format!("{number}.example.org"),
        port: 443,
        verdict: LedgerVerdict::Allowed,
        rule: "listed".to_owned(),
        bytes_up: 1,
        bytes_down: 2,
        call: "c1".into(),
        open: false,
    };
    let lines: Vec<LedgerLine> = (0..1_200).map(line).collect();
    let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    std::fs::write(house.tasks.desk(task).unwrap().ledger, text).unwrap();
    assert_eq!(house.client.ledger(task, 2).await.unwrap(), lines[1_198..]);
    assert_eq!(house.client.ledger(task, usize::MAX).await.unwrap(), lines);
}

fn name_of(fact: &Fact) -> String {
    serde_json::to_value(fact).unwrap()["type"].as_str().unwrap().to_owned()
}
