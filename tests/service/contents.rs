//! Message content beyond plain text: rich messages, links, unknown content, taps on buttons.

use sandbox::Event;
use serde_json::{Value, json};

use crate::harness::{OWNER, TestService};

/// The customer's text as stored in the dialog.
const WORDS: &str = "SELECT message FROM dialogs WHERE role = 'user' ORDER BY id DESC LIMIT 1";

#[actix_rt::test]
async fn a_list_typed_in_a_new_client_is_answered_and_its_number_a_lead() {
    let service = TestService::start().await;
    let item = |label: &str, text: Value| json!({"label": label, "blocks": [{"type": "paragraph", "text": text}]});
    let number = json!(["мой номер ", {"type": "bold", "text": "8 912 345-67-89"}]);
    let blocks = json!([
        {"type": "paragraph", "text": "Здравствуйте, нужно:"},
        {"type": "list", "items": [item("1.", json!("помыть окна")), item("2.", number)]},
    ]);
    service
        .telegram()
        .say_as(7, json!({"rich_message": {"blocks": blocks}}));
    let words = "Здравствуйте, нужно:\n1. помыть окна\n2. мой номер 8 912 345-67-89";
    let reply = service.replies(7, 1).await.remove(0);
    assert!(
        reply.ends_with("1. помыть окна\n2. мой номер 8 912 345-67-89"),
        "{reply}"
    );
    service.settles().await;
    assert_eq!(service.sql(WORDS), [words]);
    let letter = service.letters_to(OWNER, 1).await.remove(0);
    assert!(letter.subject.contains("+7 912 345-67-89"), "{}", letter.subject);
}

#[actix_rt::test]
async fn a_number_behind_a_link_reaches_the_model_and_the_owner() {
    let service = TestService::start().await;
    let link = |url: &str| json!([{"type": "text_link", "offset": 0, "length": 12, "url": url}]);
    let sent = [
        json!({"text": "Мои контакты", "entities": link("https://wa.me/79123456781")}),
        json!({"text": "Мои контакты", "entities": link("tel:+79123456782")}),
        json!({"text": "Мои контакты", "entities": link("mailto:anna@example.org")}),
        json!({"photo": [{"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9}],
            "caption": "Мои контакты", "caption_entities": link("tel:+79123456784")}),
    ];
    let shown = ["79123456781", "79123456782", "anna@example.org", "79123456784"];
    for (n, (message, address)) in (1..).zip(sent.into_iter().zip(shown)) {
        service.telegram().say_as(n, message);
        let reply = service.replies(n, 1).await.remove(0);
        assert!(reply.contains(address), "{reply}");
        service.settles().await;
        assert!(service.sql(WORDS)[0].contains(address));
        let letters = service.letters_to(OWNER, usize::try_from(n).unwrap()).await;
        let text = letters
            .last()
            .and_then(|letter| letter.text.clone())
            .unwrap_or_default();
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        assert!(digits.contains(address), "{address} in {text}");
    }
}

#[actix_rt::test]
async fn a_number_behind_a_button_reaches_the_model_and_the_owner() {
    let service = TestService::start().await;
    let rows = json!([[{"text": "Написать", "url": "https://wa.me/79123456785"}]]);
    let markup = json!({ "inline_keyboard": rows });
    let message = json!({"text": "Мастер по окнам", "forward_date": 1, "reply_markup": markup});
    service.telegram().say_as(7, message);
    let reply = service.replies(7, 1).await.remove(0);
    assert!(reply.contains("Написать (https://wa.me/79123456785"), "{reply}");
    service.settles().await;
    assert!(service.sql(WORDS)[0].contains("https://wa.me/79123456785"));
    let letter = service.letters_to(OWNER, 1).await.remove(0);
    let text = letter.text.unwrap_or_default();
    assert!(text.contains("+7 912 345-67-85"), "{text}");
}

#[actix_rt::test]
async fn unknown_content_gets_a_friendly_reply_and_a_log_line() {
    let service = TestService::start().await;
    let mut events = service.listen();
    service
        .telegram()
        .say_as(7, json!({"hologram": {"depth": 3, "frames": [{"x": 1}]}}));
    let hint = service.reply(7, 1).await.text;
    assert!(hint.contains("только текст"), "{hint}");
    let unknown = service.logs_event(&mut events, "unknown_content").await;
    assert_eq!(unknown.field("content"), Some("hologram"));
    service.settles().await;
    assert_eq!(service.sql("SELECT state FROM inbox"), ["done"]);
    assert_eq!(service.sql(WORDS), ["[attachment]"]);
    // Service messages of the chat are not the customer's.
    service
        .telegram()
        .say_as(7, json!({"pinned_message": {"message_id": 1, "text": "x"}}));
    let ignored = "SELECT state, reason FROM inbox ORDER BY id DESC LIMIT 1";
    service.sql_becomes(ignored, &["ignored|service"]).await;
    assert_eq!(service.telegram().replies(7).len(), 1);
}

#[actix_rt::test]
async fn an_ephemeral_message_is_answered_without_a_quotation() {
    let service = TestService::builder().running_clock().start().await;
    let hold = service.hold_runs();
    service
        .telegram()
        .say_as(7, json!({"message_id": 0, "text": "видите меня?"}));
    service.faults_injected(hold, 1).await;
    service.advance(chrono::TimeDelta::minutes(20));
    service.release(hold);
    let reply = service.reply(7, 1).await;
    assert!(reply.text.ends_with("echo: видите меня?"), "{}", reply.text);
    assert_eq!(reply.body["reply_parameters"], Value::Null);
    service.settles().await;
}

#[actix_rt::test]
async fn a_tap_on_any_button_is_answered_at_once() {
    let service = TestService::start().await;
    service.ask(7, "до нажатия").await;
    let taps = [(7, "1"), (7, "1"), (8, "никогда не писал"), (-100, "в группе")];
    for (chat, data) in taps {
        service.telegram().tap(chat, 1, data);
    }
    let is_answer = |event: &Event| matches!(event, Event::TelegramCall { method, status: 200, .. } if method == "answerCallbackQuery");
    let journal = service.sandbox().journal();
    let all = |entries: &[sandbox::Entry]| {
        (entries.iter().filter(|entry| is_answer(&entry.event)).count() >= taps.len()).then_some(())
    };
    journal.wait_for(crate::harness::PATIENCE, all).await.unwrap();
    assert_eq!(service.telegram().unanswered_taps(), 0);
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE reason = 'service'", &["4"])
        .await;
    // An expired tap and a rejected answer delay no customer.
    let lost = sandbox::Rule::on(sandbox::Edge::Telegram, "answerCallbackQuery").with(sandbox::Fault::Hang);
    let lost = service.fault(lost);
    service.telegram().tap(7, 1, "2");
    service.faults_injected(lost, 1).await;
    assert_eq!(service.ask(7, "после нажатия").await, "echo: после нажатия");
}

#[actix_rt::test]
async fn text_after_a_command_is_answered_by_the_model() {
    let service = TestService::start().await;
    let said = [
        "/start Здравствуйте, сколько стоит окно?",
        "/start@sandbox_bot привет всем",
        "/start\nДобрый день",
        "/start 🙂",
        "/price окна",
        "/help как заказать",
        "/contact +7 912 345-67-89",
    ];
    for text in said {
        assert_eq!(service.ask(7, text).await, format!("echo: {text}"));
    }
    service.settles().await;
    assert_eq!(service.sql("SELECT source FROM customers"), [""]);
    let stored = service.sql("SELECT message FROM dialogs WHERE role = 'user' ORDER BY id");
    assert_eq!(stored.len(), said.len());
    let letter = service.letters_to(OWNER, 1).await.remove(0);
    assert!(letter.subject.contains("+7 912 345-67-89"), "{}", letter.subject);
}

#[actix_rt::test]
async fn text_after_a_reset_is_answered_on_the_new_thread() {
    let service = TestService::start().await;
    service.ask(7, "прежний вопрос").await;
    service.say(7, "/reset сколько стоит окно?");
    let replies = service.replies(7, 3).await;
    assert!(replies[1].contains("чистого листа"), "{}", replies[1]);
    assert_eq!(replies[2], "echo: сколько стоит окно?");
    let runs = service.openai().requests();
    assert_ne!(runs[0].conversation, runs[1].conversation);
    assert_eq!(crate::harness::asked::user_texts(&runs[1]), ["сколько стоит окно?"]);
    service.settles().await;
}
