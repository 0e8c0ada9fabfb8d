//! One message seen from outside: the customer's reply and the stored rows.

use crate::harness::TestService;

#[actix_rt::test]
async fn a_message_gets_one_answer_and_all_texts_are_stored() {
    let service = TestService::start().await;
    assert_eq!(
        service.ask(7, "Сколько стоит уборка?").await,
        "echo: Сколько стоит уборка?"
    );
    service.settles().await;
    assert_eq!(service.sql("SELECT chat_id, state, turn_id FROM inbox"), ["7|done|1"]);
    assert_eq!(
        service.sql("SELECT role, message, delivered_at IS NOT NULL FROM dialogs ORDER BY id"),
        [
            "user|Сколько стоит уборка?|0",
            "assistant|echo: Сколько стоит уборка?|1"
        ]
    );
    assert_eq!(
        service.sql("SELECT lane, state, attempts, maybe_sent FROM outbox"),
        ["tg:7|completed|1|0"]
    );
}

#[actix_rt::test]
async fn the_second_message_goes_to_the_same_thread() {
    let service = TestService::start().await;
    service.ask(7, "первое сообщение").await;
    service.ask(7, "второе сообщение").await;
    let threads: Vec<_> = service
        .openai()
        .requests()
        .into_iter()
        .map(|run| run.conversation)
        .collect();
    assert_eq!(threads.len(), 2);
    assert_eq!(threads[0], threads[1]);
    assert_eq!(service.sql("SELECT COUNT(*) FROM threads"), ["1"]);
}
