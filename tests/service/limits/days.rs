//! Limits of time and length, tested at the limit and just beyond it.

use chrono::TimeDelta;
use frontdesk::Config;
use sandbox::{Answer, Edge, Fault, Rule, Run};

use crate::harness::saving::{MY_NUMBER, saving};
use crate::harness::{OWNER, TestService, asked, deliveries};

const DEAD: &str = "SELECT state, reason FROM outbox WHERE state = 'dead'";

#[actix_rt::test]
async fn a_reply_undeliverable_for_a_day_is_a_dead_letter_and_the_next_is_sent() {
    let service = TestService::builder().manual_clock().start().await;
    let refused = Rule::on(Edge::Telegram, "sendMessage").with(Fault::status(502, "{}"));
    let refused = service.fault(refused);
    service.say(7, "первый вопрос");
    service.faults_injected(refused, 1).await;
    service.sql_becomes("SELECT state FROM outbox", &["retryable"]).await;
    service.advance(TimeDelta::hours(23));
    service.faults_injected(refused, 2).await;
    service.sql_becomes("SELECT state FROM outbox", &["retryable"]).await;
    assert!(service.sql(DEAD).is_empty(), "it is tried for a whole day");
    service.advance(TimeDelta::hours(1) + TimeDelta::seconds(1));
    service.sql_becomes(DEAD, &["dead|too old"]).await;
    service.release(refused);
    assert_eq!(service.ask(7, "второй вопрос").await, "echo: второй вопрос");
}

#[actix_rt::test]
async fn a_letter_without_a_server_for_a_week_is_a_dead_letter() {
    let builder = TestService::builder().manual_clock().script(saving);
    let service = builder.start().await;
    service.sandbox().smtp().close_port();
    service.ask(7, &format!("{MY_NUMBER}8 912 345-67-89")).await;
    let waits = "SELECT state FROM outbox WHERE address IS NOT NULL";
    service.sql_becomes(waits, &["retryable"]).await;
    service.advance(TimeDelta::days(7) - TimeDelta::minutes(1));
    service
        .sql_becomes(
            "SELECT state, attempts > 1 FROM outbox WHERE address IS NOT NULL AND state = 'retryable'",
            &["retryable|1"],
        )
        .await;
    assert!(service.sql(DEAD).is_empty(), "it is tried for a whole week");
    service
        .advancing(TimeDelta::minutes(1), service.sql_becomes(DEAD, &["dead|too old"]))
        .await;
    service.sandbox().smtp().open_port().unwrap();
    service.ask(8, &format!("{MY_NUMBER}8 912 345-67-80")).await;
    let letters = service.letters_to(OWNER, 1).await;
    assert!(letters[0].subject.contains("345-67-80"), "the next one leaves");
    service.settles().await;
}

#[actix_rt::test]
async fn a_customer_who_keeps_writing_is_answered_after_five_seconds() {
    let merging = |config: &mut Config| config.conversation.merge_wait = TimeDelta::milliseconds(1200);
    let service = TestService::builder().manual_clock().config(merging).start().await;
    for n in 0..5 {
        service.say(7, &format!("строка {n}"));
        let stored = (n + 1).to_string();
        service
            .sql_becomes("SELECT COUNT(*) FROM inbox WHERE chat_id = 7", &[&stored])
            .await;
        assert!(service.ask(8, "/help").await.contains("/contact"));
        assert!(service.openai().requests().is_empty(), "the customer is still writing");
        service.advance(TimeDelta::milliseconds(1000));
    }
    assert_eq!(service.replies(7, 1).await, ["echo: строка 4"]);
    assert_eq!(asked::user_texts(&service.openai().requests()[0]).len(), 5);
}

#[actix_rt::test]
async fn a_text_of_8000_characters_reaches_the_model_whole_and_one_more_does_not() {
    let short = |_: &Run| Answer::Text("понятно".into());
    let service = TestService::builder().script(short).start().await;
    for length in [8_000, 8_001] {
        service.ask(7, &format!("{}я", "щ".repeat(length - 1))).await;
    }
    let received: Vec<String> = service.openai().requests().iter().flat_map(asked::user_texts).collect();
    assert!(received[0].ends_with('я') && !received[1].ends_with('я'));
    assert!(received.iter().all(|text| text.chars().count() == 8_000));
}

#[actix_rt::test]
async fn an_answer_of_16000_characters_arrives_whole_and_a_longer_one_is_cut() {
    let long = |run: &Run| {
        let length: usize = run.last_user_text.parse().unwrap_or_default();
        Answer::Text(format!("{}я", "щ".repeat(length - 1)))
    };
    let service = TestService::builder().script(long).start().await;
    for (chat, length, is_whole) in [(1, 16_000, true), (2, 16_001, false)] {
        service.ask(chat, &length.to_string()).await;
        service.settles().await;
        let texts: Vec<String> = service
            .telegram()
            .replies(chat)
            .into_iter()
            .map(|reply| reply.text)
            .collect();
        assert_eq!(texts.iter().map(|text| text.chars().count()).sum::<usize>(), 16_000);
        assert_eq!(texts.concat().ends_with('я'), is_whole);
    }
}

#[actix_rt::test]
async fn fifty_edits_reach_the_model_and_the_fifty_first_is_only_stored() {
    let service = TestService::builder().start().await;
    let first = service.say(7, "слово");
    service.replies(7, 1).await;
    let edited = "SELECT COUNT(*) FROM inbox WHERE state = 'ignored' AND reason = 'edited'";
    for n in 1..=51 {
        service.telegram().edit(7, first, &format!("слово {n}"));
    }
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["52"]).await;
    assert_eq!(service.sql(edited), ["50"]);
    service.ask(7, "дальше").await;
    let received = asked::user_texts(service.openai().requests().last().unwrap());
    assert_eq!(received, ["[edited an earlier message] слово 50", "дальше"]);
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE kind = 'edit'"), ["51"]);
}

#[actix_rt::test]
async fn a_new_thread_gets_at_most_forty_lines_of_history() {
    let service = TestService::start().await;
    for n in 1..=21 {
        service.ask(7, &format!("вопрос {n}")).await;
    }
    service.openai().delete_conversations();
    service.ask(7, "последний").await;
    let received = asked::lines(service.openai().requests().last().unwrap());
    assert_eq!(received.len(), 41, "forty and the new one");
    assert_eq!(received[0], "user: вопрос 2");
}

#[actix_rt::test]
async fn a_day_long_flood_stores_few_rows_and_is_counted_in_the_report() {
    let builder = TestService::builder().running_clock().reports_at_nine(chrono_tz::UTC);
    let bounded = |config: &mut Config| {
        config.conversation.rate_limit_per_minute = 20;
        config.limits.messages_per_day = 30;
        (config.limits.flood_kept_per_hour, config.limits.flood_kept_per_day) = (5, 20);
    };
    let service = builder.config(bounded).start().await;
    service.sql_becomes("SELECT COUNT(*) FROM reports", &["1"]).await;
    let long = "ж".repeat(4_096);
    let arrived =
        "SELECT (SELECT COUNT(*) FROM inbox WHERE chat_id = 7) + (SELECT COALESCE(SUM(messages), 0) FROM floods)";
    // Ten every 48 minutes; 24 times until nine o'clock.
    for n in 1..=30 {
        for _ in 0..10 {
            service.say(7, &long);
        }
        service.sql_becomes(arrived, &[&(10 * n).to_string()]).await;
        let other = format!("другой клиент {n}");
        assert_eq!(service.ask(8, &other).await, format!("echo: {other}"));
        service.settles().await;
        service.advance(TimeDelta::minutes(48));
        if n == 24 {
            // Messages from now on count for the next report.
            service.letter(1).await;
        }
    }
    let kept = "SELECT SUM(LENGTH(message) = 4096), SUM(LENGTH(message) = 500), COUNT(*) FROM dialogs WHERE role = 'user' AND user_id = 7";
    assert_eq!(service.sql(kept), ["30|20|50"]);
    let letter = service.letter(1).await;
    let text = letter.text.expect("a text part");
    let received: Vec<&str> = text.lines().filter(|line| line.contains("сверх лимита")).collect();
    assert!(received.len() == 1 && received[0].contains("190"), "{text}");
    let to_flooder = deliveries(service.sandbox()).into_iter().filter(|(chat, _)| *chat == 7);
    let notices: Vec<String> = to_flooder
        .map(|(_, text)| text)
        .filter(|text| !text.contains("жж") && text != "echo:")
        .collect();
    assert!(
        !notices.is_empty() && notices.iter().all(|text| text.contains("завтра")),
        "{notices:?}"
    );
}
