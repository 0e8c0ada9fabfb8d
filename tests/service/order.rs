//! Each message is answered once and in order; customers do not wait for each other or see each other's texts.

use chrono::TimeDelta;
use sandbox::{Echo, Edge, Event, Fault, Play, Rule, play};

use crate::harness::{ServiceProcess, TestService, deliveries, seen};

#[actix_rt::test]
async fn fifty_customers_with_ten_messages_each_get_every_reply_once() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    let figures = play(service.sandbox(), Play::default()).await;
    eprintln!("{figures:?}");
    assert!(figures.is_clean(), "{figures:?}");
    assert_eq!((figures.sent, figures.replied, figures.merged), (500, 500, 0));
    service.settles().await;
    assert_eq!(
        service.sql("SELECT state, COUNT(*), COUNT(DISTINCT turn_id) FROM inbox GROUP BY state"),
        ["done|500|500"]
    );
    assert_eq!(
        service.sql("SELECT state, COUNT(*), SUM(attempts), SUM(maybe_sent) FROM outbox GROUP BY state"),
        ["completed|500|500|0"]
    );
    assert_eq!(service.sql("SELECT COUNT(*) FROM threads"), ["50"]);
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn five_quick_messages_get_one_reply_to_the_last() {
    let builder = TestService::builder().running_clock();
    let builder = builder.config(|config| config.conversation.merge_wait = TimeDelta::milliseconds(1200));
    for n in 1..=5 {
        builder.sandbox().telegram().say(7, &format!("быстрое сообщение {n}"));
    }
    let service = builder.start().await;
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["5"]).await;
    service
        .advancing(TimeDelta::milliseconds(400), service.replies(7, 1))
        .await;
    service.settles().await;
    assert_eq!(service.expect_replies_once(&[(7, &["echo: быстрое сообщение 5"])]), 0);
    assert_eq!(
        service.sql("SELECT state, COUNT(*), COUNT(DISTINCT turn_id), MIN(turn_id) FROM inbox GROUP BY state"),
        ["done|5|1|1"]
    );
    let asked = service.openai().requests();
    assert_eq!(asked.len(), 1, "one run answers all of them");
    for n in 1..=5 {
        assert!(asked[0].input.to_string().contains(&format!("быстрое сообщение {n}")));
    }
}

#[actix_rt::test]
async fn messages_that_arrive_during_a_turn_are_answered_together_after_it() {
    let builder = TestService::builder().running_clock();
    let builder = builder.config(|config| config.conversation.merge_wait = TimeDelta::milliseconds(1200));
    let service = builder.start().await;
    let hold = service.fault(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
    let mut events = service.listen();
    service.say(7, "первый вопрос клиента");
    let is_started = |event: &Event| matches!(event, Event::RunStarted { .. });
    service
        .advancing(TimeDelta::milliseconds(400), seen(service.sandbox(), 1, is_started))
        .await;
    for text in [
        "второй вопрос клиента",
        "третий вопрос клиента",
        "четвёртый вопрос клиента",
    ] {
        service.say(7, text);
    }
    for _ in 0..4 {
        service.logs_event(&mut events, "message_stored").await;
    }
    service.sandbox().faults().remove(hold);
    service
        .advancing(TimeDelta::milliseconds(400), service.replies(7, 2))
        .await;
    service.settles().await;
    let expected = ["echo: первый вопрос клиента", "echo: четвёртый вопрос клиента"];
    assert_eq!(service.expect_replies_once(&[(7, &expected)]), 0);
    assert_eq!(
        service.sql("SELECT id, turn_id FROM inbox ORDER BY id"),
        ["1|1", "2|2", "3|2", "4|2"]
    );
}

#[actix_rt::test]
async fn a_slow_customer_delays_no_other() {
    let service = TestService::start().await;
    let hold = Rule::on(Edge::OpenAi, "responses")
        .containing("terpsichore")
        .with(Fault::Hold);
    let hold = service.fault(hold);
    service.say(1, "terpsichore, the slow question");
    for chat in 2..=50 {
        service.say(chat, &format!("quick question of chat {chat}"));
    }
    for chat in 2..=50 {
        service.replies(chat, 1).await;
    }
    assert_eq!(service.telegram().replies(1), []);
    service.sandbox().faults().remove(hold);
    service.replies(1, 1).await;
    service.settles().await;
    let all = deliveries(service.sandbox());
    assert_eq!(all.len(), 50);
    assert_eq!(all.last().map(|(chat, _)| *chat), Some(1), "all the others came first");
}

#[actix_rt::test]
async fn a_message_to_a_conversation_being_unloaded_is_answered_once() {
    let service = TestService::builder()
        .running_clock()
        .config(|config| config.conversation.idle_after = TimeDelta::seconds(1))
        .start()
        .await;
    let sweep = TimeDelta::seconds(10);
    for round in 1..=10 {
        // All conversations are idle when the sweep runs, and then the customer writes.
        for chat in 1..=5 {
            service.say(chat, &format!("round {round}"));
            service.advance(sweep);
        }
        for chat in 1..=5 {
            service.advancing(sweep, service.replies(chat, round)).await;
        }
    }
    service.advancing(sweep, service.settles()).await;
    assert_eq!(deliveries(service.sandbox()).len(), 50);
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'done'"), ["50"]);
    assert!(service.log().contains("conversation stopped"), "some did retire");
}

#[actix_rt::test]
async fn messages_that_arrive_during_a_stop_are_answered_after_the_restart() {
    let mut service = TestService::start().await;
    for round in 0..4 {
        for chat in 1..=20 {
            service.say(chat, &format!("message {round} of chat {chat}"));
        }
        // At any stage: storing, asking the model, sending.
        seen(service.sandbox(), 20 * round + 5, |event| {
            matches!(event, Event::MessageDelivered { .. })
        })
        .await;
        service.stop();
        service.start_again().await;
        for chat in 1..=20 {
            service.replies(chat, round + 1).await;
        }
    }
    service.settles().await;
    assert_eq!(deliveries(service.sandbox()).len(), 80);
    assert_eq!(
        service.sql("SELECT SUM(maybe_sent), SUM(state = 'completed') FROM outbox"),
        ["0|80"]
    );
}
