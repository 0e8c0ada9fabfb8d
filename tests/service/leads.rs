//! A contact is a lead, whether the model, the contact button or the service itself finds it. The same facts are emailed
//! once, new facts as an update, and after three days the customer is a new lead.

use chrono::TimeDelta;
use domain::Email;
use sandbox::{Answer, Consultant, Forgetful, Liar, Profile, Run};
use serde_json::json;

use crate::harness::saving::{only_phone, save, saving};
use crate::harness::{OWNER, ServiceProcess, TestService, asked};

const LEADS: &str = "SELECT user_id, phone, source, revision FROM successful_dialogs ORDER BY id";
const PARTNER: &str = "partner@example.org";

/// Ten ways to write a Russian number, each with the stored form.
const NOTATIONS: [(&str, &str); 10] = [
    ("8 (912) 345-67-01", "+79123456701"),
    ("+7 912 345 67 02", "+79123456702"),
    ("89123456703", "+79123456703"),
    ("+79123456704", "+79123456704"),
    ("8-912-345-67-05", "+79123456705"),
    ("9123456706", "+79123456706"),
    ("7 912 3456707", "+79123456707"),
    ("8.912.345.67.08", "+79123456708"),
    ("+7(912)345-67-09", "+79123456709"),
    ("тел. 8 912 3456710", "+79123456710"),
];

fn with_partner() -> crate::harness::Builder {
    let partner = |config: &mut frontdesk::Config| config.mail.owners.push(Email::normalised(PARTNER));
    TestService::builder().config(partner).script(saving)
}

#[actix_rt::test]
async fn ten_of_fifty_customers_leave_a_number_and_each_owner_gets_ten_letters() {
    let service = with_partner().start().await;
    for chat in 1..=50 {
        for n in 1..=9 {
            service.say(chat, &format!("сообщение {n} клиента {chat}"));
        }
        match NOTATIONS.get(usize::try_from(chat - 1).unwrap()) {
            Some((spelling, _)) => service.say(chat, &format!("мой номер {spelling}")),
            None => service.say(chat, &format!("сообщение 10 клиента {chat}")),
        };
    }
    for chat in 1..=50 {
        service.replies(chat, 10).await;
    }
    service.settles().await;
    let rows: Vec<String> = service.sql("SELECT user_id || '|' || phone FROM successful_dialogs ORDER BY user_id");
    let expected = (1..)
        .zip(NOTATIONS)
        .map(|(chat, (_, number))| format!("{chat}|{number}"));
    assert_eq!(rows, expected.collect::<Vec<_>>());
    for owner in [OWNER, PARTNER] {
        let letters = service.letters_to(owner, 10).await;
        assert_eq!(letters.len(), 10, "{owner}");
        for (chat, (spelling, _)) in (1..).zip(NOTATIONS) {
            let last = format!("записал: мой номер {spelling}");
            let is_his = |letter: &&sandbox::Letter| letter.text.as_ref().is_some_and(|text| text.contains(&last));
            let letter = letters.iter().find(is_his).expect("a letter with the closing reply");
            assert_eq!(letter.to, [owner]);
            for part in [letter.text.as_ref(), letter.html.as_ref()] {
                let part = part.expect("both parts");
                for n in 1..=9 {
                    assert!(part.contains(&format!("сообщение {n} клиента {chat}")), "{n}: {part}");
                }
                assert!(part.contains(&last), "the closing reply: {part}");
            }
        }
    }
}

#[actix_rt::test]
async fn repeated_facts_send_no_email() {
    let service = TestService::builder().script(saving).start().await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.letter(1).await;
    assert_eq!(
        service.ask(7, "мой номер +79123456789").await,
        "записал: мой номер +79123456789"
    );
    service.ask(7, "и ещё раз: 8(912)3456789").await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|tool|1"]);
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
}

#[actix_rt::test]
async fn a_new_phone_is_one_update_threaded_to_the_first_letter() {
    let service = TestService::builder().script(saving).start().await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    let first = service.letter(1).await;
    service.ask(7, "мой номер 8 999 000-00-00").await;
    let update = service.letter(2).await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79990000000|tool|2"]);
    assert_eq!(update.in_reply_to, first.message_id);
    assert_eq!(update.references, [first.message_id.clone().unwrap()]);
    assert_ne!(update.message_id, first.message_id);
    assert!(update.subject.starts_with("Обновлена №1: "), "{}", update.subject);
    let text = update.text.unwrap();
    assert!(
        text.contains("+7 912 345-67-89") && text.contains("+7 999 000-00-00"),
        "{text}"
    );
}

#[actix_rt::test]
async fn after_three_days_the_same_customer_is_a_new_lead() {
    let service = TestService::builder().script(saving).manual_clock().start().await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.letter(1).await;
    service.settles().await;
    service.advance(TimeDelta::hours(72));
    service.ask(7, "мой номер 8 912 345-67-89").await;
    let letter = service.letter(2).await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|tool|1", "7|+79123456789|tool|1"]);
    assert_eq!(letter.in_reply_to, None);
    assert!(letter.text.unwrap().contains("№1"), "the earlier lead is named");
}

#[actix_rt::test]
async fn a_model_that_never_calls_the_tool_loses_no_number() {
    let service = TestService::builder().script(Forgetful).start().await;
    assert_eq!(
        service.ask(7, "заказ №4512345678 не пришёл").await,
        "Хорошо, понял: заказ №4512345678 не пришёл"
    );
    service.settles().await;
    assert_eq!(
        service.sql(LEADS),
        Vec::<String>::new(),
        "an order number is not a phone"
    );
    service.ask(7, "перезвоните: восьмёрка 8 912 345 67 89").await;
    let letter = service.letter(1).await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|text|1"]);
    assert!(letter.text.unwrap().contains("найден"), "it says where it was found");
    service.ask(8, "пишите на Anna@Example.org").await;
    service.letter(2).await;
    assert_eq!(
        service.sql("SELECT email FROM successful_dialogs WHERE user_id = 8"),
        ["Anna@example.org"]
    );
}

#[actix_rt::test]
async fn a_contact_the_model_only_claims_to_save_is_saved() {
    let service = TestService::builder().script(Liar).start().await;
    assert!(service.ask(7, "89123456789").await.contains("записан"));
    service.letter(1).await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|text|1"]);
}

#[actix_rt::test]
async fn the_next_turn_notes_what_the_service_saved() {
    let service = TestService::builder().script(Forgetful).start().await;
    service.ask(7, "89123456789").await;
    service.ask(7, "вы записали?").await;
    service.ask(7, "точно?").await;
    let notes: Vec<usize> = service
        .openai()
        .requests()
        .iter()
        .map(|run| asked::notes(run).len())
        .collect();
    assert_eq!(notes, [1, 2, 1], "received once, beside the time");
    service.settles().await;
}

fn own_card(chat: i64) -> serde_json::Value {
    json!({"contact": {"phone_number": "79123456789", "first_name": "Мария", "user_id": chat}})
}

#[actix_rt::test]
async fn a_shared_contact_is_a_lead_and_never_reaches_the_model() {
    let service = TestService::start().await;
    service.telegram().say_as(7, own_card(7));
    assert!(service.replies(7, 1).await[0].contains("записали"));
    let letter = service.letter(1).await;
    assert_eq!(service.openai().requests(), []);
    assert_eq!(service.sql(LEADS), ["7|+79123456789|contact|1"]);
    let text = letter.text.unwrap();
    assert!(text.contains("+7 912 345-67-89") && text.contains("Telegram"), "{text}");
    assert!(text.contains("записали"), "the closing reply is in it: {text}");
    service.ask(7, "когда позвоните?").await;
    let run = &service.openai().requests()[0];
    assert!(
        asked::notes(run)
            .iter()
            .any(|note| note.contains("shared their own phone"))
    );
    assert!(!run.body.to_string().contains("912345"), "the number stays here");
    service.settles().await;
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
}

#[actix_rt::test]
async fn another_persons_card_may_be_a_lead_and_is_marked() {
    let service = TestService::builder().script(Forgetful).start().await;
    let card = json!({"contact": {"phone_number": "+79123456789", "first_name": "Муж", "user_id": 99}});
    service.telegram().say_as(7, card);
    service.replies(7, 1).await;
    let letter = service.letter(1).await;
    assert!(service.sql("SELECT contact_info FROM successful_dialogs")[0].contains("\"card\""));
    assert!(letter.text.unwrap().contains("карточк"), "marked in the letter");
}

#[actix_rt::test]
async fn correcting_a_number_in_an_edit_updates_the_lead_immediately() {
    let service = TestService::builder().script(saving).manual_clock().start().await;
    let message = service.say(7, "мой номер 8 912 345-67-89");
    service.replies(7, 1).await;
    service.letter(1).await;
    service.settles().await;
    service.telegram().edit(7, message, "мой номер 8 999 000-00-00");
    service.sql_becomes(LEADS, &["7|+79990000000|tool|2"]).await;
    service.advance(TimeDelta::seconds(71));
    let update = service.letter(2).await;
    assert!(update.text.unwrap().contains("+7 999 000-00-00"));
    service.settles().await;
}

#[actix_rt::test]
async fn an_edit_during_the_run_is_not_undone_by_the_old_text() {
    let service = TestService::builder().script(Forgetful).manual_clock().start().await;
    let held = service.hold_runs();
    let message = service.say(7, "звоните 8 912 345-67-89");
    service.faults_injected(held, 1).await;
    service.telegram().edit(7, message, "звоните 8 999 000-00-00");
    service.sql_becomes(LEADS, &["7|+79990000000|text|1"]).await;
    service.release(held);
    service.replies(7, 1).await;
    // No turn has passed the edit to the model yet, so its letter waits a minute.
    service.advance(TimeDelta::seconds(71));
    let letter = service.letter(1).await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79990000000|text|1"]);
    assert!(letter.subject.contains("+7 999 000-00-00"), "{}", letter.subject);
}

#[actix_rt::test]
async fn the_button_comes_with_the_reply_that_asks_for_the_contact() {
    let service = TestService::builder().script(Consultant).start().await;
    service.say(7, "хочу записаться");
    let reply = service.reply(7, 1).await;
    assert_eq!(reply.body["reply_markup"]["keyboard"][0][0]["request_contact"], true);
    service.telegram().say_as(7, own_card(7));
    let thanks = service.reply(7, 2).await;
    assert_eq!(thanks.body["reply_markup"]["remove_keyboard"], true);
    service.letter(1).await;
    service.settles().await;
}

/// A tool's output as text that appears in no log.
fn received(output: &serde_json::Value) -> String {
    let error = output["error"].as_str().unwrap_or_default();
    let words = [
        ("phone number is not valid", "не номер"),
        ("ask for one", "нужен номер"),
    ];
    let known = words.iter().find(|(part, _)| error.contains(part));
    known.map_or("записал", |(_, words)| words).to_owned()
}

/// Ignores the tool's error.
fn stubborn(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some((_, output)) => Answer::Text(received(output)),
        None => save(only_phone(&run.last_user_text)),
    }
}

#[actix_rt::test]
async fn an_invalid_number_is_rejected_to_the_model_and_not_saved() {
    let service = TestService::builder().script(stubborn).start().await;
    let received = service.ask(7, "12-34").await;
    assert_eq!(received, "не номер");
    service.settles().await;
    assert_eq!(service.sql(LEADS), Vec::<String>::new());
}

/// Prefers Telegram.
fn by_telegram(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some((_, output)) => Answer::Text(received(output)),
        None => save(json!({"telegram": true, "request": run.last_user_text})),
    }
}

#[actix_rt::test]
async fn telegram_as_contact_needs_a_user_name() {
    let service = TestService::builder().script(by_telegram).start().await;
    let nameless = Profile {
        username: None,
        ..Profile::of(8)
    };
    service.telegram().customer(8, nameless);
    assert_eq!(service.ask(8, "напишите мне сюда").await, "нужен номер");
    assert_eq!(service.ask(7, "напишите мне сюда").await, "записал");
    let letter = service.letter(1).await;
    assert!(letter.subject.contains("@customer_7"), "{}", letter.subject);
    service.settles().await;
    assert_eq!(service.sql("SELECT user_id FROM successful_dialogs"), ["7"]);
}

#[actix_rt::test]
async fn numbers_of_the_business_are_not_leads() {
    let builder = TestService::builder().facts("Звоните нам: +7 (495) 123-45-67.");
    let service = builder.script(Forgetful).start().await;
    service.ask(7, "это ваш телефон 8 495 123-45-67?").await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), Vec::<String>::new());
}

#[actix_rt::test]
async fn a_message_discarded_by_a_reset_still_gives_its_number() {
    let service = TestService::builder().script(Forgetful).start().await;
    let held = service.hold_runs();
    service.say(7, "мой номер 89123456789");
    service.faults_injected(held, 1).await;
    service.say(7, "/reset");
    service.replies(7, 1).await;
    service.release(held);
    service.letter(1).await;
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|text|1"]);
}

#[actix_rt::test]
async fn a_kill_after_the_tool_call_leaves_one_lead_one_email_and_a_correct_reply() {
    let mut service = ServiceProcess::new(saving, &[]);
    let faults = service.sandbox().faults().clone();
    let held = sandbox::Rule::on(sandbox::Edge::OpenAi, "responses")
        .skip(1)
        .with(sandbox::Fault::Hold);
    let held = faults.add(held);
    service.start();
    service.sandbox().telegram().say(7, "мой номер 8 912 345-67-89");
    let patience = crate::harness::PATIENCE;
    service.sandbox().struck(held, 1, patience).await.unwrap();
    assert_eq!(service.sql(LEADS), ["7|+79123456789|tool|1"]);
    service.kill();
    faults.remove(held);
    service.start();
    let replies = service
        .sandbox()
        .telegram()
        .await_replies(7, 1, patience)
        .await
        .unwrap();
    assert_eq!(replies[0].text, "записал: мой номер 8 912 345-67-89");
    service.settles().await;
    assert_eq!(service.sql(LEADS), ["7|+79123456789|tool|1"]);
    let letters = service
        .sandbox()
        .smtp()
        .await_letters_to(OWNER, 1, patience)
        .await
        .unwrap();
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].text.as_ref().unwrap().contains("записал: мой номер"),
        "with the closing reply"
    );
    let runs = service.sandbox().openai().requests();
    let received = asked::notes(runs.last().unwrap());
    let again = asked::notes(&runs[runs.len() - 2]);
    assert!(
        received
            .iter()
            .chain(&again)
            .any(|note| note.contains("contact is saved")),
        "{again:?}"
    );
    assert!(service.terminate().await.success());
}
