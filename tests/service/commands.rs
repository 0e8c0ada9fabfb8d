//! Commands and the contact button: the service answers them itself, in the customer's language.

use sandbox::{Event, Profile};
use serde_json::{Value, json};

use crate::harness::TestService;

fn speaking(chat: i64, language: Option<&str>) -> Profile {
    Profile {
        language: language.map(str::to_owned),
        ..Profile::of(chat)
    }
}

fn keyboard(reply: &sandbox::Reply) -> &Value {
    &reply.body["reply_markup"]
}

/// The label of the button next to the contact button.
fn write_button(reply: &sandbox::Reply) -> String {
    keyboard(reply)["keyboard"][1][0]["text"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn the_first_start_greets_in_the_name_of_the_business() {
    let service = TestService::start().await;
    let greeting = service.ask(7, "/start").await;
    assert!(
        greeting.starts_with("Здравствуйте, Customer 7! Это «Чистый дом»."),
        "{greeting}"
    );
    assert!(greeting.contains("ИИ-помощник") && greeting.contains("/privacy") && greeting.ends_with('?'));
    let again = service.ask(7, "/start").await;
    assert!(again.starts_with("С возвращением!"), "{again}");
    assert_eq!(again.lines().count(), 1);
}

#[actix_rt::test]
async fn a_second_start_is_short_after_a_restart_and_keeps_the_thread() {
    let mut service = TestService::start().await;
    service.ask(7, "/start").await;
    service.ask(7, "сколько стоит").await;
    service.settles().await;
    service.restart().await;
    assert!(service.ask(7, "/start").await.starts_with("С возвращением!"));
    service.ask(7, "а завтра").await;
    let runs = service.openai().requests();
    assert_eq!(runs[0].conversation, runs[1].conversation);
}

#[actix_rt::test]
async fn each_customer_is_greeted_in_their_language() {
    let service = TestService::start().await;
    for (chat, language, begin) in [
        (1, Some("en-GB"), "Hello Customer 1, welcome to Чистый дом!"),
        (2, Some("ru"), "Здравствуйте, Customer 2!"),
        (3, Some("de"), "Здравствуйте, Customer 3!"),
        (4, None, "Здравствуйте, Customer 4!"),
    ] {
        service.telegram().customer(chat, speaking(chat, language));
        let greeting = service.ask(chat, "/start").await;
        assert!(greeting.starts_with(begin), "{language:?}: {greeting}");
    }
}

#[actix_rt::test]
async fn other_languages_are_answered_in_the_bots_default() {
    let builder = TestService::builder();
    let english = |config: &mut frontdesk::Config| {
        config.locale.bot_language = domain::Language::En;
    };
    let service = builder.config(english).start().await;
    service.telegram().customer(7, speaking(7, Some("tr")));
    assert!(service.ask(7, "/start").await.starts_with("Hello Customer 7"));
}

#[actix_rt::test]
async fn the_first_deep_link_stays_the_customers_source() {
    let service = TestService::start().await;
    service.ask(7, "/start").await;
    service.ask(7, "/start avito3").await;
    service.ask(7, "/start vk").await;
    assert_eq!(
        service.sql("SELECT source, source_at IS NOT NULL FROM customers"),
        ["avito3|1"]
    );
    assert_eq!(
        service.sql("SELECT message FROM dialogs WHERE role = 'user' ORDER BY id"),
        ["/start", "/start avito3", "/start vk"]
    );
}

#[actix_rt::test]
async fn no_command_ever_calls_the_model() {
    let service = TestService::start().await;
    for (command, word) in [
        ("/start", "Здравствуйте"),
        ("/help", "/contact"),
        ("/privacy", "OpenAI"),
        ("/contact", "номер"),
        ("/reset", "чистого листа"),
        ("/prices", "/help"),
    ] {
        let answer = service.ask(7, command).await;
        assert!(answer.contains(word), "{command}: {answer}");
    }
    assert_eq!(service.openai().requests(), []);
    assert_eq!(service.sql("SELECT DISTINCT state FROM inbox"), ["done"]);
}

#[actix_rt::test]
async fn contact_shows_the_button_until_the_next_reply() {
    let service = TestService::start().await;
    service.say(7, "/contact");
    let shown = service.reply(7, 1).await;
    let expected = json!({
        "keyboard": [
            [{"text": "Отправить мой номер", "request_contact": true}],
            [{"text": "Напишу номер сообщением"}],
        ],
        "resize_keyboard": true,
        "one_time_keyboard": true,
    });
    for member in ["keyboard", "resize_keyboard", "one_time_keyboard"] {
        assert_eq!(keyboard(&shown)[member], expected[member]);
    }
    service.say(7, "потом скажу");
    assert_eq!(keyboard(&service.reply(7, 2).await)["remove_keyboard"], true);
    service.say(7, "ещё вопрос");
    assert_eq!(keyboard(&service.reply(7, 3).await), &Value::Null);
}

#[actix_rt::test]
async fn the_button_is_also_removed_after_a_restart() {
    let mut service = TestService::start().await;
    service.ask(7, "/contact").await;
    service.settles().await;
    service.restart().await;
    service.say(7, "потом скажу");
    assert_eq!(keyboard(&service.reply(7, 2).await)["remove_keyboard"], true);
}

#[actix_rt::test]
async fn a_tap_on_the_second_button_is_answered_by_the_service() {
    let service = TestService::start().await;
    service.say(7, "/contact");
    let label = write_button(&service.reply(7, 1).await);
    service.say(7, &label);
    let hint = service.reply(7, 2).await;
    assert!(hint.text.starts_with("Хорошо. Напишите"), "{}", hint.text);
    assert_eq!(keyboard(&hint)["remove_keyboard"], true);
    assert_eq!(service.openai().requests(), []);
}

#[actix_rt::test]
async fn menus_are_registered_in_three_variants_and_only_once() {
    let mut service = TestService::start().await;
    // It polls when the menus are registered.
    service.ask(7, "/help").await;
    let commands = |language| service.telegram().commands(language);
    let names: Vec<String> = commands(None).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["start", "help", "reset", "contact", "privacy"]);
    assert_eq!(commands(None), commands(Some("en")));
    assert_eq!(commands(Some("ru"))[0].1, "Начать диалог");
    assert_eq!(commands(Some("en"))[0].1, "Start the conversation");
    assert_eq!(registrations(&service), 3);
    service.settles().await;
    service.restart().await;
    service.ask(7, "/help").await;
    assert_eq!(registrations(&service), 3);
}

fn registrations(service: &TestService) -> usize {
    let entries = service.sandbox().journal().entries();
    let is_registration = |event: &Event| matches!(event, Event::TelegramCall { method, .. } if method.eq_ignore_ascii_case("setMyCommands"));
    entries.iter().filter(|entry| is_registration(&entry.event)).count()
}
