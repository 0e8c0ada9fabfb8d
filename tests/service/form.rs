//! When the model cannot answer, the contact form still takes the lead: it asks the customer for phone and name, and the
//! operator is alerted.

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Rule, RuleId};

use crate::harness::saving::saving;
use crate::harness::{OPERATOR, OWNER, TestService, asked};

const LEADS: &str = "SELECT user_id, phone, source, revision FROM successful_dialogs ORDER BY id";
const STEP: TimeDelta = TimeDelta::seconds(5);

fn unavailable() -> Fault {
    Fault::status(
        503,
        r#"{"error":{"message":"overloaded","type":"server_error","code":null}}"#,
    )
}

async fn model_down(fault: Fault) -> (TestService, RuleId) {
    let service = TestService::builder().script(saving).manual_clock().start().await;
    let rule = service.fault(Rule::on(Edge::OpenAi, "responses").with(fault));
    (service, rule)
}

/// A customer writes; returns the answer, with the clock running until it arrives.
async fn ask(service: &TestService, chat: i64, text: &str) -> String {
    let before = service.telegram().replies(chat).len();
    service.say(chat, text);
    let replies = service.advancing(STEP, service.replies(chat, before + 1)).await;
    replies.last().unwrap().clone()
}

#[actix_rt::test]
async fn an_hour_without_the_model_loses_no_lead_and_sends_one_alert() {
    let (service, rule) = model_down(unavailable()).await;
    let form = ask(&service, 7, "сколько стоит уборка?").await;
    assert!(form.contains("номер телефона и имя"), "{form}");
    let first = service.telegram().replies(7).remove(0);
    assert_eq!(first.body["reply_markup"]["keyboard"][0][0]["request_contact"], true);
    let failed = ask(&service, 7, "ау?").await;
    assert!(failed.contains("сохранено") && failed != form, "asked once: {failed}");
    let other = ask(&service, 8, "здравствуйте").await;
    assert_eq!(other, form);
    let thanks = ask(&service, 7, "Мария, 8 912 345-67-89").await;
    assert!(thanks.contains("Спасибо, Мария!"), "{thanks}");
    let letter = service.letter(1).await;
    assert!(
        letter.subject.contains("Мария") && letter.subject.contains("+7 912 345-67-89"),
        "{}",
        letter.subject
    );
    assert!(letter.text.unwrap().contains("сколько стоит уборка?"));
    assert_eq!(service.sql(LEADS), ["7|+79123456789|form|1"]);
    let alerts = service.letters_to(OPERATOR, 1).await;
    assert!(alerts[0].subject.contains("ассистент") && alerts[0].text.as_ref().unwrap().contains("deadline"));
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.letters_to(OPERATOR, 1).await.len(), 1, "one alert");
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1, "and none to the owner");
    service.release(rule);
    assert!(ask(&service, 8, "есть кто?").await.contains("echo: есть кто?"));
    assert_eq!(
        service.sql("SELECT COUNT(*) FROM customers WHERE form_since IS NOT NULL"),
        ["0"],
        "both closed"
    );
    service.advancing(STEP, service.settles()).await;
}

#[actix_rt::test]
async fn a_customer_is_reminded_of_the_form_after_an_hour() {
    let (service, _rule) = model_down(Fault::BadKey).await;
    let form = ask(&service, 7, "сколько стоит уборка?").await;
    assert_ne!(ask(&service, 7, "ау?").await, form);
    service.advance(TimeDelta::hours(1));
    assert_eq!(ask(&service, 7, "всё ещё жду").await, form);
    assert_eq!(service.letters_to(OPERATOR, 2).await.len(), 2, "an alert an hour");
    service.advancing(STEP, service.settles()).await;
}

#[actix_rt::test]
async fn a_model_that_fails_after_the_tool_still_confirms_the_saved_contact() {
    let service = TestService::builder().script(saving).manual_clock().start().await;
    let rule = Rule::on(Edge::OpenAi, "responses").skip(1).with(unavailable());
    service.fault(rule);
    let received = ask(&service, 7, "мой номер 8 912 345-67-89").await;
    assert!(received.contains("контакт сохранены"), "{received}");
    let letter = service.letter(1).await;
    assert!(
        letter.text.unwrap().contains("мой номер"),
        "it waits a minute for the turn's end, no longer"
    );
    assert_eq!(service.sql(LEADS), ["7|+79123456789|tool|1"]);
    service.advancing(STEP, service.settles()).await;
    let kept = service.sql("SELECT messages FROM successful_dialogs");
    assert!(
        kept[0].contains("контакт сохранены"),
        "the row contains the closing reply"
    );
    let again = ask(&service, 7, "и что теперь?").await;
    assert!(
        again.contains("контакт у нас уже есть"),
        "a saved contact is not asked for again: {again}"
    );
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
}

#[actix_rt::test]
async fn a_number_in_a_message_whose_turn_fails_is_a_lead() {
    let (service, _rule) = model_down(Fault::Quota).await;
    let received = ask(&service, 7, "перезвоните 8 912 345-67-89").await;
    assert!(received.contains("контакт сохранены"), "{received}");
    service.letter(1).await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|text|1"]);
    service.advancing(STEP, service.settles()).await;
}

#[actix_rt::test]
async fn the_form_survives_a_restart() {
    let (mut service, _rule) = model_down(Fault::BadKey).await;
    ask(&service, 7, "сколько стоит уборка?").await;
    service.advancing(STEP, service.settles()).await;
    service.restart().await;
    assert!(ask(&service, 7, "8 912 345-67-89").await.contains("Контакт записали"));
    service.letter(1).await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|form|1"]);
    service.advancing(STEP, service.settles()).await;
}

#[actix_rt::test]
async fn over_the_daily_turns_the_form_answers_until_midnight() {
    let two = |config: &mut frontdesk::Config| config.conversation.turns_per_customer_per_day = 2;
    let builder = TestService::builder().script(saving).manual_clock();
    let mut service = builder.config(two).start().await;
    assert_eq!(ask(&service, 7, "раз").await, "echo: раз");
    assert_eq!(ask(&service, 7, "два").await, "echo: два");
    service.advancing(STEP, service.settles()).await;
    service.restart().await;
    assert!(ask(&service, 7, "три").await.contains("номер телефона и имя"));
    assert_eq!(ask(&service, 8, "и я").await, "echo: и я", "others have their own");
    service.advancing(STEP, service.settles()).await;
    let failed = "SELECT reason, runs FROM inbox WHERE state = 'failed'";
    assert_eq!(service.sql(failed), ["turns_of_day|0"], "no call of the model");
    assert!(
        service.sandbox().smtp().letters_to(OPERATOR).is_empty(),
        "nothing the operator could fix"
    );
    service.advance(TimeDelta::hours(24));
    assert!(ask(&service, 7, "с утра").await.contains("echo: с утра"));
    let received = asked::user_texts(service.openai().requests().last().unwrap());
    assert!(
        received.contains(&"три".to_owned()),
        "the model received unexpected text: {received:?}"
    );
    service.advancing(STEP, service.settles()).await;
}

#[actix_rt::test]
async fn over_the_daily_tokens_the_form_answers_and_the_operator_is_alerted() {
    let few = |config: &mut frontdesk::Config| config.conversation.tokens_per_day = Some(10);
    let builder = TestService::builder().script(saving).manual_clock();
    let mut service = builder.config(few).start().await;
    assert_eq!(ask(&service, 7, "первый").await, "echo: первый");
    service.advancing(STEP, service.settles()).await;
    service.restart().await;
    assert!(ask(&service, 8, "второй").await.contains("номер телефона и имя"));
    let alert = service.letters_to(OPERATOR, 1).await.remove(0);
    assert!(alert.text.unwrap().contains("tokens_of_day"));
    assert!(
        ask(&service, 8, "Анна, 8 912 345-67-89")
            .await
            .contains("Спасибо, Анна!")
    );
    service.letter(1).await;
    service.advance(TimeDelta::hours(24));
    assert!(ask(&service, 9, "завтра").await.contains("echo: завтра"));
    service.advancing(STEP, service.settles()).await;
}
