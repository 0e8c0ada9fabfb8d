//! The database is the source of truth and OpenAI's conversation a cache: a lost one is replaced by a new one with the history
//! of this customer only.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::harness::TestService;

fn input_about(service: &TestService, text: &str) -> String {
    let runs = service.openai().requests();
    let run = runs
        .iter()
        .rfind(|run| run.completed && run.input.to_string().contains(text));
    run.expect("a run").input.to_string()
}

#[actix_rt::test]
async fn a_lost_conversation_is_rebuilt_for_its_own_customer_only() {
    let service = TestService::start().await;
    for (chat, word) in [(1, "aquamarine"), (2, "burgundy")] {
        service.ask(chat, &format!("I like {word} best")).await;
        service.ask(chat, &format!("{word} curtains, please")).await;
    }
    service.settles().await;
    service.openai().delete_conversations();
    for (chat, own, foreign) in [(1, "aquamarine", "burgundy"), (2, "burgundy", "aquamarine")] {
        let question = format!("what did I say, asks chat {chat}");
        service.ask(chat, &question).await;
        let input = input_about(&service, &question);
        for line in ["I like {} best", "echo: I like {} best", "{} curtains, please"] {
            assert!(input.contains(&line.replace("{}", own)), "{input}");
        }
        assert!(!input.contains(foreign), "{input}");
        service.ask(chat, "and once more").await;
    }
    service.settles().await;
    assert_eq!(service.openai().conversations().len(), 2);
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state"),
        ["done|8"]
    );
}

#[actix_rt::test]
async fn conversations_lost_under_load_lose_no_answer() {
    let service = TestService::start().await;
    for n in 1..=3 {
        for chat in 1..=15 {
            service.say(chat, &format!("message {n} of chat {chat}"));
        }
        service.replies(1, 1).await;
        service.openai().delete_conversations();
    }
    for chat in 1..=15 {
        service.replies(chat, 3).await;
    }
    service.settles().await;
    for chat in 1..=15 {
        let texts: Vec<String> = (1..=3).map(|n| format!("echo: message {n} of chat {chat}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(service.expect_replies_once(&[(chat, &texts)]), 0);
    }
}

#[actix_rt::test]
async fn an_unwritable_threads_file_stops_nothing_and_is_logged_once() {
    let service = TestService::builder().running_clock().start().await;
    let step = TimeDelta::seconds(1);
    service.ask(1, "while it can be written").await;
    service.settles().await;
    let file = service.folder().join("threads.json");
    let mut events = service.listen();
    let _ = std::fs::remove_file(&file);
    std::fs::create_dir_all(file.join("in its place")).unwrap();
    let mut received = Vec::new();
    for chat in 2..=6 {
        service.ask(chat, "is anybody stopped?").await;
        service.settles().await;
        // Longer than the mirror's retry delay.
        for _ in 0..3 {
            service.advance(step);
            service.rests().await;
        }
        received.extend(std::iter::from_fn(|| events.try_recv().ok()));
    }
    let failed = |received: &[base::Event]| {
        let names = received.iter().map(|event| event.name);
        names.filter(|name| *name == "threads_file_write_failed").count()
    };
    if failed(&received) == 0 {
        let late = service.logs_event(&mut events, "threads_file_write_failed");
        received.push(service.advancing(step, late).await);
    }
    std::fs::remove_dir_all(&file).unwrap();
    let written = service.logs_event(&mut events, "threads_file_write_resumed");
    service.advancing(step, written).await;
    assert_eq!(failed(&received), 1, "received once: {received:?}");
    let mirror = std::fs::read_to_string(&file).unwrap();
    assert_eq!(mirror.matches("conv_").count(), 6, "{mirror}");
}

#[actix_rt::test]
async fn an_unreadable_history_is_logged_and_waited_for() {
    let service = TestService::builder().running_clock().start().await;
    let mut other = SqliteConnection::establish(service.database().to_str().unwrap()).unwrap();
    let mut rename = |sql: &str| {
        let sql = format!("PRAGMA busy_timeout = 5000; ALTER TABLE {sql}");
        other.batch_execute(&sql).unwrap();
    };
    let mut events = service.listen();
    rename("tool_effects RENAME TO elsewhere");
    let asked = service.advancing(TimeDelta::seconds(1), service.ask(1, "who reads this?"));
    let received = async {
        for (name, field, value) in [
            ("read_failed", "statement", "LoadHistory"),
            (
                "conversation_load_failed",
                "reason",
                "the database refused: no such table: tool_effects",
            ),
            (
                "conversation_load_failed",
                "reason",
                "the database refused: no such table: tool_effects",
            ),
        ] {
            let event = service.logs_event(&mut events, name).await;
            assert_eq!(event.field(field), Some(value));
        }
        rename("elsewhere RENAME TO tool_effects");
    };
    let (answer, ()) = tokio::join!(asked, received);
    assert_eq!(answer, "echo: who reads this?");
    service.settles().await;
}
