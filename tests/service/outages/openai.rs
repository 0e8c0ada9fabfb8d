//! OpenAI fails for a while: the turn is retried within its deadline, on the same thread only if that is safe, and answered
//! once.

use std::time::Duration;

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Oddity, Rule, RunSeen};

use crate::harness::{TestService, deliveries};

const STEP: TimeDelta = TimeDelta::seconds(1);

/// Whether the thread can be reused after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thread {
    Same,
    New,
}

fn status(status: u16) -> Fault {
    Fault::status(
        status,
        r#"{"error":{"message":"try later","type":"server_error","code":null}}"#,
    )
}

fn locked_for(seconds: &str) -> Fault {
    Fault::Status {
        status: 400,
        body: r#"{"error":{"message":"Another process is at it.","code":"conversation_locked"}}"#.into(),
        headers: vec![("Retry-After".into(), seconds.into())],
    }
}

fn last_completed(service: &TestService) -> RunSeen {
    let runs = service.openai().requests();
    runs.into_iter().rfind(|run| run.completed).expect("a completed run")
}

async fn by_hand() -> TestService {
    TestService::builder().running_clock().start().await
}

#[actix_rt::test]
async fn a_failed_run_is_retried_and_answered_once() {
    let cases = [
        (Fault::RetryAfter(2), Thread::Same),
        (status(503), Thread::Same),
        (status(409), Thread::Same),
        (Fault::ConversationLocked, Thread::Same),
        (locked_for("5"), Thread::Same),
        (status(500), Thread::New),
        (status(502), Thread::New),
        (Fault::ConversationNotFound, Thread::New),
        (Fault::NoToolOutput, Thread::New),
        (Fault::ContextTooLong, Thread::New),
        (Fault::CutBefore, Thread::New),
        (Fault::CutAfter, Thread::New),
        (Fault::CutBody, Thread::New),
        (Fault::Garbage, Thread::New),
        (Fault::Incomplete, Thread::New),
        (Fault::Empty, Thread::New),
        (Fault::ReasoningItem, Thread::New),
        (Fault::status(400, "Bad Request"), Thread::New),
        (
            Fault::status(400, r#"{"error":{"message":"Something new.","param":"input[2]"}}"#),
            Thread::New,
        ),
        (
            Fault::status(400, r#"{"object":"error","message":"bad","code":40303}"#),
            Thread::New,
        ),
        (Fault::status(404, r#"{"detail":"Not Found"}"#), Thread::New),
        (Fault::status(404, r#"{"error":"not found"}"#), Thread::New),
        (Fault::status(404, "<html><center>nginx</center></html>"), Thread::New),
        (Fault::status(413, ""), Thread::New),
        (
            Fault::status(422, r#"{"detail":[{"msg":"field required"}]}"#),
            Thread::New,
        ),
        (Fault::status(418, "{"), Thread::New),
        (Fault::status(200, "null"), Thread::New),
        (Fault::status(200, r#"{"object":"response"}"#), Thread::New),
        (Fault::Answer(Oddity::ErrorInside), Thread::New),
        (Fault::Answer(Oddity::InProgress), Thread::New),
        (Fault::Answer(Oddity::IncompleteText), Thread::New),
        (Fault::BadKey, Thread::Same),
        (Fault::ModelNotFound, Thread::Same),
        (Fault::status(403, "<html>Forbidden</html>"), Thread::Same),
        (Fault::status(302, ""), Thread::Same),
        (Fault::status(503, "<html>"), Thread::Same),
    ];
    let service = by_hand().await;
    for (chat, (fault, thread)) in (1..).zip(cases) {
        service.ask(chat, "the first question").await;
        service.settles().await;
        let before = last_completed(&service).conversation;
        let mut events = service.listen();
        let rule = Rule::on(Edge::OpenAi, "responses").times(1).with(fault.clone());
        let rule = service.fault(rule);
        let asked = service.advancing(STEP, service.ask(chat, "the second question")).await;
        assert_eq!(asked, "echo: the second question", "{fault:?}");
        service.settles().await;
        assert_eq!(service.sandbox().faults().hits(rule), 1, "{fault:?}");
        let expected = ["echo: the first question", "echo: the second question"];
        assert_eq!(service.expect_replies_once(&[(chat, &expected)]), 0, "{fault:?}");
        let after = last_completed(&service).conversation;
        assert_eq!(before == after, thread == Thread::Same, "{fault:?}");
        let shown = std::iter::from_fn(|| events.try_recv().ok()).filter(|event| event.name == "thread_replaced");
        assert_eq!(shown.count(), usize::from(thread == Thread::New), "{fault:?}");
        let kept = format!("SELECT thread_id, thread_suspect FROM customers WHERE chat_id = {chat}");
        assert_eq!(
            service.sql(&kept),
            [format!("{}|0", after.unwrap_or_default())],
            "{fault:?}"
        );
    }
}

#[actix_rt::test]
async fn a_thread_locked_for_long_is_replaced_by_a_new_one() {
    let service = by_hand().await;
    service.ask(1, "on the first thread").await;
    let locked = last_completed(&service).conversation.expect("a thread");
    let rule = Rule::on(Edge::OpenAi, "responses").containing(&locked);
    let rule = service.fault(rule.with(Fault::ConversationLocked));
    service.advancing(STEP, service.ask(1, "while it is locked")).await;
    service.settles().await;
    assert!(
        service.sandbox().faults().hits(rule) >= 2,
        "waited for before it is left"
    );
    let run = last_completed(&service);
    assert_ne!(run.conversation, Some(locked));
    assert!(run.input.to_string().contains("on the first thread"), "shown the past");
}

#[actix_rt::test]
async fn a_hanging_run_is_abandoned_and_answered_on_a_new_thread() {
    let builder = TestService::builder().config(|config| config.openai.timeout = Duration::from_secs(2));
    let service = builder.start().await;
    let hang = Rule::on(Edge::OpenAi, "responses").containing("terpsichore").times(1);
    service.fault(hang.with(Fault::Hang));
    service.say(1, "terpsichore, the hanging question");
    for chat in 2..=50 {
        service.say(chat, &format!("quick question of chat {chat}"));
    }
    service.replies(1, 1).await;
    service.settles().await;
    assert_eq!(deliveries(service.sandbox()).len(), 50, "each is answered once");
    let runs = service.openai().requests();
    let mut his = runs.iter().filter(|run| run.input.to_string().contains("terpsichore"));
    let threads = (
        his.next().map(|run| &run.conversation),
        his.next().map(|run| &run.conversation),
    );
    assert_ne!(threads.0, threads.1);
}

#[actix_rt::test]
async fn at_the_deadline_the_customer_gets_a_polite_apology() {
    let service = TestService::builder().manual_clock().start().await;
    let hang = Rule::on(Edge::OpenAi, "responses")
        .containing("terpsichore")
        .with(Fault::Hang);
    let hang = service.fault(hang);
    let mut events = service.listen();
    service.say(1, "terpsichore, the hanging question");
    for chat in 2..=50 {
        service.say(chat, &format!("quick question of chat {chat}"));
    }
    for chat in 2..=50 {
        service.replies(chat, 1).await;
    }
    assert_eq!(service.telegram().replies(1), [], "only this customer's turn is open");
    service.advance(TimeDelta::seconds(89));
    service.ask(2, "one second before the deadline").await;
    assert_eq!(service.telegram().replies(1), []);
    service.advance(STEP);
    let failed = service.logs_event(&mut events, "turn_failed").await;
    assert_eq!(failed.field("reason"), Some("deadline"));
    let polite = service.replies(1, 1).await;
    assert!(!polite[0].contains("echo") && !polite[0].is_empty(), "{polite:?}");
    service.settles().await;
    assert_eq!(
        service.sql(
            "SELECT i.state, i.reason, c.thread_suspect FROM inbox i JOIN customers c USING (chat_id) WHERE chat_id = 1"
        ),
        ["failed|deadline|1"]
    );
    service.sandbox().faults().remove(hang);
    assert_eq!(service.ask(1, "is anybody there?").await, "echo: is anybody there?");
    service.settles().await;
}

#[actix_rt::test]
async fn a_run_that_answers_after_the_deadline_is_never_used() {
    let service = TestService::builder().manual_clock().start().await;
    let hold = service.fault(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
    service.say(1, "an answer that comes too late");
    crate::harness::seen(service.sandbox(), 1, |event| {
        matches!(event, sandbox::Event::RunStarted { .. })
    })
    .await;
    service.advance(TimeDelta::seconds(90));
    let polite = service.replies(1, 1).await;
    service.sandbox().faults().remove(hold);
    crate::harness::seen(service.sandbox(), 1, |event| {
        matches!(event, sandbox::Event::RunCompleted { .. })
    })
    .await;
    assert_eq!(service.ask(1, "the next question").await, "echo: the next question");
    service.settles().await;
    assert_eq!(
        service.expect_replies_once(&[(1, &[&polite[0], "echo: the next question"])]),
        0
    );
}
