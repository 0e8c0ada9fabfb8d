//! A clean stop loses and repeats nothing, and the database allows one process at a time.

use sandbox::{Echo, Edge, Event, Fault, Rule};

use crate::harness::{ServiceProcess, seen};

fn is_run_started(event: &Event) -> bool {
    matches!(event, Event::RunStarted { .. })
}

#[actix_rt::test]
async fn a_stop_with_fifty_open_turns_loses_and_repeats_nothing() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let faults = service.sandbox().faults().clone();
    let held = faults.add(
        Rule::on(Edge::OpenAi, "responses")
            .containing("terpsichore")
            .with(Fault::Hold),
    );
    let slow = faults.add(
        Rule::on(Edge::OpenAi, "responses")
            .containing("largo")
            .with(Fault::Hold),
    );
    service.start();
    for chat in 1..=50 {
        let tempo = if chat <= 25 { "terpsichore" } else { "largo" };
        service
            .sandbox()
            .telegram()
            .say(chat, &format!("{tempo}, a question of chat {chat}"));
    }
    seen(service.sandbox(), 50, is_run_started).await;
    service.signal_term();
    service.logs("stopping").await;
    // Half of the runs end while the service stops, the others never do.
    faults.remove(slow);
    let status = service.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(
        service.log().contains("shutdown_timeout"),
        "the held turns were given up"
    );
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state ORDER BY state"),
        ["done|25", "pending|25"]
    );
    faults.remove(held);
    service.start();
    service.delivers(50).await;
    service.settles().await;
    for chat in 1..=50 {
        assert_eq!(service.sandbox().telegram().replies(chat).len(), 1, "chat {chat}");
    }
    assert_eq!(service.doubles(), (0, Vec::new()));
    assert_eq!(service.sql("SELECT SUM(maybe_sent) FROM outbox"), ["0"]);
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn messages_sent_during_downtime_are_answered_after_it() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.answers("before it stops", 1).await;
    assert!(service.terminate().await.success());
    assert_eq!(
        service.sandbox().telegram().unconfirmed(),
        0,
        "stored updates are confirmed"
    );
    for beside in ["data/frontdesk.db-wal", "data/frontdesk.db-shm"] {
        assert!(
            !service.folder().join(beside).exists(),
            "the database is one file: {beside}"
        );
    }
    let mirror = std::fs::read_to_string(service.folder().join("threads.json")).unwrap();
    assert!(mirror.contains("conv_"), "the threads file is up to date: {mirror}");
    service.sandbox().telegram().say(1, "while it is down");
    service.start();
    service.delivers(2).await;
    service.settles().await;
    assert_eq!(service.doubles(), (0, Vec::new()));
}

#[actix_rt::test]
async fn a_second_service_on_the_same_database_is_refused() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.sandbox().telegram().say(1, "is one service there?");
    service.delivers(1).await;
    let second = service.start_a_second();
    assert_eq!(second.status.code(), Some(1));
    let shown = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(shown.contains("another frontdesk already runs on"), "{shown}");
    service.answers("and is it still there?", 2).await;
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn a_second_signal_ends_the_process_at_once() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let faults = service.sandbox().faults().clone();
    let held = faults.add(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
    service.start();
    service.sandbox().telegram().say(1, "a question that takes its time");
    seen(service.sandbox(), 1, is_run_started).await;
    service.signal_term();
    service.logs("stopping").await;
    service.signal_term();
    let status = service.ended().await;
    assert_eq!(status.code(), Some(1));
    assert!(!service.log().contains("shutdown_timeout"), "no turn was waited for");
    faults.remove(held);
    service.start();
    service.delivers(1).await;
    service.settles().await;
    assert_eq!(service.doubles(), (0, Vec::new()));
}
