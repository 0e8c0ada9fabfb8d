//! Edits of messages that are pending, in progress, or answered.

use chrono::TimeDelta;
use frontdesk::Config;

use crate::harness::{Builder, TestService, asked};

fn merging() -> Builder {
    let builder = TestService::builder().manual_clock();
    builder.config(|config: &mut Config| config.conversation.merge_wait = TimeDelta::milliseconds(1200))
}

/// The customer edits a message; waits until the edit is stored.
async fn edit(service: &TestService, message: i64, text: &str) {
    let mut heard = service.listen();
    service.telegram().edit(7, message, text);
    service.logs_event(&mut heard, "edit_stored").await;
}

fn received(service: &TestService, run: usize) -> Vec<String> {
    asked::user_texts(&service.openai().requests()[run])
}

#[actix_rt::test]
async fn an_edit_of_a_waiting_message_replaces_its_text() {
    let service = merging().start().await;
    let mut heard = service.listen();
    let message = service.say(7, "сколько стоит дивн");
    service.logs_event(&mut heard, "message_stored").await;
    edit(&service, message, "сколько стоит диван").await;
    service.advance(TimeDelta::milliseconds(1200));
    assert_eq!(service.replies(7, 1).await, ["echo: сколько стоит диван"]);
    assert_eq!(received(&service, 0), ["сколько стоит диван"]);
    service.say(7, "а кресло");
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", &["1"])
        .await;
    service.advance(TimeDelta::milliseconds(1200));
    service.replies(7, 2).await;
    assert_eq!(received(&service, 1), ["а кресло"]);
}

#[actix_rt::test]
async fn an_edit_after_the_answer_is_passed_once_with_the_next_message() {
    let service = TestService::start().await;
    let message = service.say(7, "нас будет двое");
    service.replies(7, 1).await;
    edit(&service, message, "нас будет трое").await;
    service.ask(7, "сколько выйдет").await;
    service.ask(7, "а завтра").await;
    assert_eq!(
        received(&service, 1),
        ["[edited an earlier message] нас будет трое", "сколько выйдет"]
    );
    assert_eq!(received(&service, 2), ["а завтра"]);
    assert_eq!(service.telegram().replies(7).len(), 3);
}

#[actix_rt::test]
async fn only_the_last_edit_of_a_message_reaches_the_model() {
    let service = TestService::start().await;
    let message = service.say(7, "нас будет двое");
    service.replies(7, 1).await;
    for text in ["нас будет трое", "нас будет пятеро"] {
        edit(&service, message, text).await;
    }
    service.ask(7, "сколько выйдет").await;
    let edited = "[edited an earlier message] нас будет пятеро";
    assert_eq!(received(&service, 1), [edited, "сколько выйдет"]);
}

#[actix_rt::test]
async fn an_edit_reaches_the_model_once_even_across_restarts() {
    let mut service = TestService::start().await;
    let message = service.say(7, "нас будет двое");
    service.replies(7, 1).await;
    service.settles().await;
    edit(&service, message, "нас будет трое").await;
    service.restart().await;
    service.ask(7, "сколько выйдет").await;
    service.settles().await;
    service.restart().await;
    service.ask(7, "а завтра").await;
    assert_eq!(
        received(&service, 1),
        ["[edited an earlier message] нас будет трое", "сколько выйдет"]
    );
    assert_eq!(received(&service, 2), ["а завтра"]);
}

#[actix_rt::test]
async fn an_edit_during_its_turn_is_passed_with_the_next_message() {
    let service = TestService::start().await;
    let held = service.hold_runs();
    let message = service.say(7, "нас будет двое");
    service.faults_injected(held, 1).await;
    edit(&service, message, "нас будет трое").await;
    service.release(held);
    assert_eq!(service.replies(7, 1).await, ["echo: нас будет двое"]);
    service.ask(7, "сколько выйдет").await;
    assert_eq!(
        received(&service, 1),
        ["[edited an earlier message] нас будет трое", "сколько выйдет"]
    );
}

#[actix_rt::test]
async fn an_edit_of_an_interrupted_turn_is_answered_itself() {
    let mut service = TestService::start().await;
    let held = service.hold_runs();
    let message = service.say(7, "нас будет двое");
    service.faults_injected(held, 1).await;
    edit(&service, message, "нас будет трое").await;
    service.kill();
    service.release(held);
    service.start_again().await;
    assert_eq!(service.replies(7, 1).await, ["echo: нас будет трое"]);
    service.ask(7, "сколько выйдет").await;
    let runs = service.openai().requests().len();
    assert_eq!(received(&service, runs - 1), ["сколько выйдет"]);
}

#[actix_rt::test]
async fn an_edit_after_a_gap_replaces_a_waiting_text_too() {
    let service = TestService::start().await;
    let held = service.hold_runs();
    let first = service.say(7, "первый вопрос");
    service.faults_injected(held, 1).await;
    let mut heard = service.listen();
    let second = service.say(7, "второй вопрс");
    service.logs_event(&mut heard, "message_stored").await;
    // Ignored rows are not dispatched: the next wake-up finds a gap, and all rows are read again.
    service.telegram().edit(7, first, "первый вопрос");
    service.logs_event(&mut heard, "update_ignored").await;
    edit(&service, second, "второй вопрос").await;
    service.release(held);
    assert_eq!(
        service.replies(7, 2).await,
        ["echo: первый вопрос", "echo: второй вопрос"]
    );
}

#[actix_rt::test]
async fn an_edit_that_changes_no_text_is_ignored() {
    let service = TestService::start().await;
    let message = service.say(7, "нас будет двое");
    service.replies(7, 1).await;
    service.telegram().edit(7, message, "нас будет двое");
    let reasons = "SELECT reason FROM inbox WHERE state = 'ignored'";
    service.sql_becomes(reasons, &["unchanged"]).await;
    service.ask(7, "сколько выйдет").await;
    assert_eq!(received(&service, 1), ["сколько выйдет"]);
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE kind = 'edit'"), ["0"]);
}

#[actix_rt::test]
async fn an_edit_of_the_text_after_a_reset_is_passed_like_any_other() {
    let service = TestService::start().await;
    let message = service.say(7, "/reset нас будет двое");
    service.replies(7, 2).await;
    edit(&service, message, "/reset нас будет трое").await;
    service.ask(7, "сколько выйдет").await;
    assert_eq!(
        received(&service, 1),
        ["[edited an earlier message] нас будет трое", "сколько выйдет"]
    );
    service.settles().await;
    let runs = service.openai().requests();
    assert_eq!(runs[0].conversation, runs[1].conversation, "no second reset");
}

#[actix_rt::test]
async fn an_edit_of_the_waiting_text_after_a_reset_replaces_only_the_text() {
    for edited in ["/reset нас будет трое", "нас будет трое"] {
        let service = merging().start().await;
        let message = service.say(7, "/reset нас будет двое");
        let replies = service.replies(7, 1).await;
        assert!(replies[0].contains("чистого листа"), "{replies:?}");
        edit(&service, message, edited).await;
        let replies = service
            .advancing(TimeDelta::milliseconds(1200), service.replies(7, 2))
            .await;
        assert_eq!(replies[1], "echo: нас будет трое");
        service.settles().await;
        assert_eq!(service.telegram().replies(7).len(), 2);
    }
}
