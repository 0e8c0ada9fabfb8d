//! Every actor survives a panic in place: rows are the source of truth, futures are dropped, the address stays valid.

use std::sync::atomic::{AtomicU64, Ordering};

use base::{Event, Moment, Step, StepFault, StepHook, StepName};
use chrono::TimeDelta;
use frontdesk::ACTORS;
use futures_util::future::join_all;
use sandbox::{Edge, Fault, Rule};
use tokio::sync::broadcast;

use crate::harness::saving::saving;
use crate::harness::{OWNER, TestService, seen};

const STEP: TimeDelta = TimeDelta::seconds(1);

async fn panicking(plan: &[(&'static str, i64)]) -> TestService {
    TestService::builder().running_clock().panics(plan).start().await
}

async fn restarts_of(service: &TestService, events: &mut broadcast::Receiver<Event>, actor: &str) {
    let event = service.logs_event(events, "restarted").await;
    assert_eq!(event.actor, actor);
    assert_eq!(event.field("reason"), Some("panic raised on purpose"));
}

/// One actor panics on its n-th message during a story; returns the number of repeats.
async fn story(actor: &'static str, n: i64) -> usize {
    let service = panicking(&[(actor, n)]).await;
    let mut events = service.listen();
    for chat in 1..=3 {
        service.say(chat, "the first message");
        service.say(chat, "the second message");
    }
    for chat in 1..=3 {
        service.advancing(STEP, service.replies(chat, 2)).await;
    }
    service.advancing(STEP, service.settles()).await;
    // One after the other, so that every actor has had its third message.
    for chat in 1..=3 {
        service.advancing(STEP, service.ask(chat, "the last message")).await;
    }
    service.advancing(STEP, service.settles()).await;
    let texts: &[&str] = &[
        "echo: the first message",
        "echo: the second message",
        "echo: the last message",
    ];
    let doubles = service.expect_replies_once(&[(1, texts), (2, texts), (3, texts)]);
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state"),
        ["done|9"],
        "{actor} {n}"
    );
    // The database may have panicked before this test listened.
    if actor != "db" {
        service.advancing(STEP, restarts_of(&service, &mut events, actor)).await;
    }
    service.ask(1, "its address stays valid").await;
    service.advancing(STEP, service.settles()).await;
    doubles
}

async fn stories(actor: &'static str) -> usize {
    let doubles: usize = join_all((1..=3).map(|n| story(actor, n))).await.into_iter().sum();
    eprintln!("{actor}: {doubles} doubles, all marked");
    doubles
}

/// One actor panics on its n-th message while three customers leave numbers; returns the number of repeated letters.
async fn lead_story(actor: &'static str, n: i64) -> usize {
    let builder = TestService::builder().script(saving).running_clock();
    let service = builder.panics(&[(actor, n)]).start().await;
    for chat in 1..=3 {
        service.say(chat, "сколько стоит уборка?");
        service.say(chat, &format!("мой номер 8 912 345-67-8{chat}"));
    }
    for chat in 1..=3 {
        service.advancing(STEP, service.replies(chat, 2)).await;
    }
    service.advancing(STEP, service.settles()).await;
    let leads = "SELECT user_id, phone, revision FROM successful_dialogs ORDER BY user_id";
    let expected = (1..=3).map(|chat| format!("{chat}|+7912345678{chat}|1"));
    assert_eq!(service.sql(leads), expected.collect::<Vec<_>>(), "{actor} {n}");
    let letters = service.letters_to(OWNER, 3).await;
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    assert_eq!(ids.len(), 3, "{actor} {n}");
    letters.len() - ids.len()
}

async fn lead_stories(actor: &'static str) -> usize {
    let doubles: usize = join_all((1..=4).map(|n| lead_story(actor, n))).await.into_iter().sum();
    eprintln!("{actor}: {doubles} letters twice, all marked");
    doubles
}

#[actix_rt::test]
async fn no_panic_loses_a_lead_or_its_letter() {
    for actor in ["db", "inbox", "conversation", "assistant"] {
        assert_eq!(lead_stories(actor).await, 0, "{actor}");
    }
}

#[actix_rt::test]
async fn a_panic_around_the_mailer_repeats_a_letter_only_marked() {
    for actor in ["mailer", "outbox"] {
        lead_stories(actor).await;
    }
}

#[actix_rt::test]
async fn a_panic_before_an_answer_loses_no_row_and_no_answer() {
    for actor in [
        "telegram_poller",
        "inbox",
        "db",
        "conversation",
        "assistant",
        "threads_mirror",
    ] {
        assert_eq!(stories(actor).await, 0, "{actor}");
    }
}

#[actix_rt::test]
async fn after_a_panic_while_sending_a_repeated_reply_is_marked() {
    for actor in ["outbox", "telegram_sender"] {
        stories(actor).await;
    }
}

#[actix_rt::test]
async fn the_second_panic_of_a_turn_ends_it_politely() {
    let service = panicking(&[("conversation", 1), ("conversation", 2)]).await;
    let mut events = service.listen();
    let hold = Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::Hold);
    let hold = service.fault(hold);
    service.say(1, "the turn that panics");
    // The second message may be the sweep's, before the model is called: then the turn ends at once.
    let is_under_way = |event: &sandbox::Event| {
        matches!(
            event,
            sandbox::Event::RunStarted { .. } | sandbox::Event::MessageDelivered { .. }
        )
    };
    // The clock is stopped: a sweep that panics while the first panic is being counted would not count as the second.
    seen(service.sandbox(), 1, is_under_way).await;
    if service.sandbox().faults().hits(hold) == 0 {
        service.sandbox().faults().remove(hold);
    }
    service.say(1, "the next turn");
    let replies = service.advancing(STEP, service.replies(1, 2)).await;
    service.sandbox().faults().remove(hold);
    let failed = service.logs_event(&mut events, "turn_failed").await;
    assert_eq!(failed.field("reason"), Some("panicked"));
    service.advancing(STEP, service.settles()).await;
    assert!(
        !replies[0].contains("echo"),
        "polite, not the dropped answer: {replies:?}"
    );
    assert_eq!(
        service.expect_replies_once(&[(1, &[&replies[0], "echo: the next turn"])]),
        0
    );
    assert_eq!(
        service.sql("SELECT state, reason, panics FROM inbox ORDER BY id"),
        ["failed|panicked|2", "done||0"]
    );
}

/// Eleven rows of one batch are eleven wake-ups in the conversation's mailbox. It panics on the first and on the eleventh, so
/// the ten after the first panic must still be queued: the clock is stopped, and no sweep adds a message.
#[actix_rt::test]
async fn ten_messages_queued_behind_a_panic_are_all_answered() {
    let builder = TestService::builder().running_clock();
    let builder = builder.panics(&[("conversation", 1), ("conversation", 11)]);
    let mut events = builder.listen();
    let mut service = builder.start().await;
    service.stop();
    let words: Vec<String> = (1..=11).map(|n| format!("line {n}")).collect();
    for word in &words {
        service.say(1, word);
    }
    service.start_again().await;
    for count in ["1", "2"] {
        let restarted = service.logs_event(&mut events, "restarted").await;
        assert_eq!(
            (restarted.actor, restarted.field("restarts")),
            ("conversation", Some(count))
        );
    }
    service.advancing(STEP, service.replies(1, 11)).await;
    service.advancing(STEP, service.settles()).await;
    let replies: Vec<String> = words.iter().map(|word| format!("echo: {word}")).collect();
    let replies: Vec<&str> = replies.iter().map(String::as_str).collect();
    assert_eq!(service.expect_replies_once(&[(1, &replies)]), 0);
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state"),
        ["done|11"]
    );
}

#[actix_rt::test]
async fn too_many_panics_within_a_minute_end_the_service() {
    let plan: Vec<_> = (1..=6).map(|n| ("outbox", n)).collect();
    let mut service = panicking(&plan).await;
    for n in 1..=6 {
        service.say(1, &format!("message number {n}"));
        service.say(n + 1, "a message of another customer");
    }
    let reason = service.failed().await;
    assert_eq!(reason, "outbox was restarted too often");
    // The next run, without planned panics, finds the remaining rows.
    service.start_again().await;
    service.advancing(STEP, service.replies(1, 6)).await;
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'done'"), ["12"]);
}

#[actix_rt::test]
async fn five_panics_within_a_minute_are_survived() {
    let plan: Vec<_> = (1..=5).map(|n| ("assistant", n)).collect();
    let service = panicking(&plan).await;
    for chat in 1..=3 {
        service.say(chat, "against all odds");
    }
    for chat in 1..=3 {
        service
            .advancing(TimeDelta::milliseconds(100), service.replies(chat, 1))
            .await;
    }
    service.settles().await;
    for chat in 1..=3 {
        assert_eq!(service.expect_replies_once(&[(chat, &["echo: against all odds"])]), 0);
    }
}

#[actix_rt::test]
async fn every_actor_that_panics_at_its_start_restarts_with_one_log_line() {
    let builder = TestService::builder().script(saving).running_clock();
    let builder = builder
        .reports_at_nine(chrono_tz::Europe::Moscow)
        .panics_at_start(&ACTORS);
    let many = |config: &mut frontdesk::Config| config.limits.restarts = 11;
    let builder = builder.config(many);
    let mut events = builder.listen();
    let service = builder.start().await;
    service.say(1, "мой номер 8 912 345-67-81");
    service.advancing(STEP, service.replies(1, 1)).await;
    service.advancing(STEP, service.letters_to(OWNER, 1)).await;
    // One report per day, one status line per minute.
    let hour = TimeDelta::minutes(10);
    service.advancing(hour, service.letters_to(OWNER, 2)).await;
    service.advancing(STEP, service.settles()).await;
    let mut shown: Vec<Event> = std::iter::from_fn(|| events.try_recv().ok()).collect();
    if !shown.iter().any(|event| event.name == "status") {
        shown.push(service.advancing(STEP, service.logs_event(&mut events, "status")).await);
    }
    let restarted: Vec<_> = shown.iter().filter(|event| event.name == "restarted").collect();
    let mut actors: Vec<_> = restarted.iter().map(|event| event.actor).collect();
    actors.sort_unstable();
    let mut all = ACTORS;
    all.sort_unstable();
    assert_eq!(actors, all, "each once");
    for event in restarted {
        assert_eq!(event.field("restarts"), Some("1"));
        assert_eq!(event.field("reason"), Some("panic raised on purpose"));
    }
}

/// Panics on the writer's thread outside of every job: before one commit, and after another that took effect.
#[derive(Default)]
struct DyingWriter {
    commits: AtomicU64,
}

impl StepHook for DyingWriter {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name == StepName::Commit {
            let n = match step.moment {
                Moment::Before => self.commits.fetch_add(1, Ordering::Relaxed) + 1,
                Moment::After => self.commits.load(Ordering::Relaxed),
            };
            let is_last = matches!((n, step.moment), (6, Moment::Before) | (9, Moment::After));
            assert!(!is_last, "the writer dies");
        }
        Ok(())
    }
}

#[actix_rt::test]
async fn a_writer_that_dies_is_replaced_without_loss() {
    let builder = TestService::builder().running_clock().steps(DyingWriter::default());
    let mut events = builder.listen();
    let service = builder.start().await;
    for n in 1..=3 {
        for chat in 1..=4 {
            service.say(chat, &format!("message {n} of chat {chat}"));
        }
        for chat in 1..=4 {
            service.advancing(STEP, service.replies(chat, n)).await;
        }
    }
    service.advancing(STEP, service.settles()).await;
    for chat in 1..=4 {
        let texts: Vec<String> = (1..=3).map(|n| format!("echo: message {n} of chat {chat}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(service.expect_replies_once(&[(chat, &texts)]), 0);
    }
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'done'"), ["12"]);
    let shown = std::iter::from_fn(|| events.try_recv().ok());
    let restarted: Vec<_> = shown
        .filter(|event| event.name == "restarted")
        .map(|event| event.actor)
        .collect();
    assert!(
        !restarted.is_empty() && restarted.iter().all(|actor| *actor == "db"),
        "{restarted:?}"
    );
}
