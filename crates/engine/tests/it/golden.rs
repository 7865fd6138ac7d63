//! Golden logs: a job from the first word to the last, and every way of asking.

use event::{Answer, Fact, Mode, QuestionAnswer, QuestionId, Scope, Wish};

use crate::world::World;

const JOB: &str = r#"
replies:
  - text: I look first.
    calls:
      - { tool: Look, input: { path: a.csv } }
      - { tool: Look, input: { path: b.csv } }
      - tool: TodoWrite
        input: { todos: [{ content: Read, status: completed }, { content: Write, status: in_progress }] }
  - calls:
      - tool: AskUserQuestion
        input: { questions: [{ question: "Which unit?", header: Unit, options: [{ label: mm }, { label: inch }] }] }
  - expect: { contains: ["Which unit? → inch"] }
    calls:
      - { tool: Change, input: { path: report.md } }
  - expect: { contains: ["changed"] }
    text: The report is in your folder.
"#;

#[tokio::test]
async fn a_job_in_ask_mode() {
    let world = World::new(JOB);
    let running = world.start(Mode::Ask, "Write the report");
    world.until(|fact| matches!(fact, Fact::QuestionAsked { .. })).await;
    let answers = vec![QuestionAnswer { chosen: vec!["inch".into()], other: None }];
    running.wish("c1", Wish::AnswerQuestions { question: QuestionId::from("q1"), answers }).await.unwrap();
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    let answer = Answer::Allow { scope: Scope::Task };
    running.wish("c2", Wish::Answer { approval: "a1".into(), answer }).await.unwrap();
    running.end().await;
    insta::assert_snapshot!(world.log());
}

#[tokio::test]
async fn a_job_in_auto_mode_asks_only_the_models_question() {
    let world = World::new(JOB);
    let running = world.start(Mode::Auto, "Write the report");
    world.until(|fact| matches!(fact, Fact::QuestionAsked { .. })).await;
    let answers = vec![QuestionAnswer { chosen: vec![], other: Some("inch".into()) }];
    running.wish("c1", Wish::AnswerQuestions { question: QuestionId::from("q1"), answers }).await.unwrap();
    running.end().await;
    assert!(!world.events().iter().any(|event| matches!(event.fact, Fact::ApprovalAsked(_))));
    assert_eq!(world.view().state, view::TaskState::Done);
}

#[tokio::test]
async fn calls_that_cannot_run_get_an_answer_each() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: Nothing, input: {} }
      - { tool: Look, input: "{\"path\": \"cut" }
      - { tool: Look, input: { path: /etc/passwd } }
      - { tool: Break, input: { path: b } }
      - { tool: Gone, input: { path: g } }
  - calls:
      - { tool: Gone, input: { path: again } }
      - { tool: RequestFolder, input: { path: /etc, reason: "to look" } }
      - { tool: RequestFolder, input: { path: /home/ann/Photos, reason: "to sort" } }
  - text: Some of it did not work.
"#,
    );
    let running = world.start(Mode::Skip, "Try everything");
    // A folder of the system is refused without asking anybody.
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    let answer = Answer::Allow { scope: Scope::Once };
    running.wish("c1", Wish::Answer { approval: "a1".into(), answer }).await.unwrap();
    running.end().await;
    insta::assert_snapshot!(world.log());
}

#[tokio::test]
async fn a_denial_is_told_to_the_model() {
    let world = World::new(
        r#"
replies:
  - calls: [{ tool: Delete, input: { path: old.csv } }]
  - expect: { contains: ["The user denied this call and says: keep it"] }
    text: I left it.
"#,
    );
    // Deletion asks even in skip mode.
    let running = world.start(Mode::Skip, "Delete the old file");
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    let too_far = Answer::Allow { scope: Scope::Task };
    let refused = running.wish("c0", Wish::Answer { approval: "a1".into(), answer: too_far }).await;
    assert_eq!(refused.unwrap_err().to_string(), "approval `a1` cannot be allowed that far");
    let answer = Answer::Deny { note: Some("keep it".into()) };
    running.wish("c1", Wish::Answer { approval: "a1".into(), answer }).await.unwrap();
    running.end().await;
    insta::assert_snapshot!(world.log());
}

#[tokio::test]
async fn an_approval_counts_for_exactly_what_it_showed() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: RequestFolder, input: { path: /home/ann/Photos, reason: "to sort", access: write } }
      - { tool: DeleteAll, input: {} }
  - text: done
"#,
    );
    let running = world.start(Mode::Auto, "go");
    let asked =
        |id: &'static str| move |fact: &Fact| matches!(fact, Fact::ApprovalAsked(asked) if asked.id.as_str() == id);
    world.until(asked("a2")).await;
    let allow =
        |approval: &str| Wish::Answer { approval: approval.into(), answer: Answer::Allow { scope: Scope::Once } };
    // The deletion is allowed for the one folder there is; then a second folder comes.
    running.wish("c1", allow("a1")).await.unwrap();
    running.wish("c2", allow("a2")).await.unwrap();
    let again = world.until(asked("a3")).await;
    let Fact::ApprovalAsked(approval) = &again.fact else { unreachable!() };
    let effects: Vec<String> = approval.effects.iter().map(|effect| format!("{effect:?}")).collect();
    assert_eq!(effects, [r#"DeletePath("/work/Reports")"#, r#"DeletePath("/work/Photos")"#]);
    assert!(world.watched.begun.lock().unwrap().is_empty(), "nothing ran with effects nobody saw");
    running.wish("c3", allow("a3")).await.unwrap();
    running.end().await;
    assert_eq!(world.watched.begun.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_is_asked_for_by_its_real_path_and_granted_only_if_it_is_still_that_one() {
    let script = r#"
replies:
  - calls: [{ tool: RequestFolder, input: { path: /home/ann/link, reason: "to look" } }]
  - text: done
"#;
    let world = World::new(script);
    let running = world.start(Mode::Auto, "go");
    let asked = world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    let Fact::ApprovalAsked(approval) = &asked.fact else { unreachable!() };
    assert_eq!(approval.reason, "let this task read everything in `/home/ann/Private`");
    world.watched.link_moved.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = Answer::Allow { scope: Scope::Once };
    running.wish("c1", Wish::Answer { approval: "a1".into(), answer }).await.unwrap();
    running.end().await;
    assert!(!world.events().iter().any(|event| matches!(event.fact, Fact::FolderAdded(_))), "{}", world.log());
}

/// One log of each release; files are added, never changed.
const RELEASES: [(&str, &str); 1] = [("0.1.0", include_str!("releases/0.1.0.jsonl"))];

#[test]
fn logs_of_every_release_open_as_they_are() {
    for (release, log) in RELEASES {
        let mut chain = event::Chain::default();
        let mut state = engine::State::new(event::TaskId::from_random([7; 8]));
        for line in log.lines() {
            let event = event::Event::from_line(line).unwrap_or_else(|error| panic!("{release}: {error}\n{line}"));
            chain.check(&event, line).unwrap_or_else(|error| panic!("{release}: {error}"));
            assert_eq!(event.to_line().unwrap(), line, "{release}");
            state.apply(&event);
        }
        assert_eq!((state.view.state, state.turn_open), (view::TaskState::Done, false), "{release}");
        assert_eq!(state.view.last_text, "The report is in your folder.", "{release}");
    }
}
