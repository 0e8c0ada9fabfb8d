//! What the model knows about the business, which gaps it reports, and which data is never sent to OpenAI.

use domain::Language;
use encoding_rs::WINDOWS_1251;
use sandbox::{Answer, Echo, Edge, Fault, Profile, Rule, Run};
use serde_json::{Value, json};

use crate::harness::{OPERATOR, ServiceProcess, TestService, asked};

const ANNA: i64 = 700_000_123;
const BORIS: i64 = 700_000_456;

fn instructions(service: &TestService, run: usize) -> String {
    service.openai().requests()[run].body["instructions"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[actix_rt::test]
async fn the_owners_facts_are_in_the_instructions() {
    let service = TestService::builder().facts("Диван стоит 5 000 ₽.").start().await;
    service.ask(7, "сколько стоит диван").await;
    let shown = instructions(&service, 0);
    assert!(
        shown.contains("Диван стоит 5 000 ₽.") && shown.contains("Чистый дом"),
        "{shown}"
    );
}

#[actix_rt::test]
async fn changed_facts_are_read_again() {
    let service = TestService::builder().facts("Диван стоит 5 000 ₽.").start().await;
    service.ask(7, "сколько стоит диван").await;
    std::fs::write(service.folder().join("business.md"), "Диван стоит 5 900 рублей.").unwrap();
    service.ask(7, "а теперь").await;
    let shown = instructions(&service, 1);
    assert!(shown.contains("5 900 рублей") && !shown.contains("5 000 ₽"), "{shown}");
}

#[actix_rt::test]
async fn without_facts_the_bot_still_answers_and_promises_nothing() {
    let service = TestService::start().await;
    assert_eq!(service.ask(7, "сколько стоит диван").await, "echo: сколько стоит диван");
    assert!(instructions(&service, 0).contains("Сведений о компании Чистый дом у тебя нет"));
}

#[actix_rt::test]
async fn facts_may_be_added_and_removed_at_run_time() {
    let service = TestService::start().await;
    let file = service.folder().join("business.md");
    service.ask(7, "сколько стоит диван").await;
    std::fs::write(&file, "Диван стоит 5 000 ₽.").unwrap();
    service.ask(7, "а теперь").await;
    std::fs::remove_file(&file).unwrap();
    service.ask(7, "а сейчас").await;
    let has_price = |run| instructions(&service, run).contains("5 000 ₽");
    assert_eq!([has_price(0), has_price(1), has_price(2)], [false, true, false]);
}

/// The model would call a tool that is named but does not exist.
#[actix_rt::test]
async fn the_instructions_name_only_tools_that_exist() {
    for language in Language::ALL {
        let builder = TestService::builder().facts("Диван стоит 5 000 ₽.");
        let service = builder
            .config(|config| config.locale.bot_language = language)
            .start()
            .await;
        service.ask(7, "сколько стоит диван").await;
        let body = &service.openai().requests()[0].body;
        let tools = body["tools"].as_array().unwrap().iter();
        // `saved` is a key of a tool's output.
        let known: Vec<&str> = tools
            .map(|tool| tool["name"].as_str().unwrap())
            .chain(["saved"])
            .collect();
        let instructions = body["instructions"].as_str().unwrap();
        let named: Vec<&str> = instructions.split('`').skip(1).step_by(2).collect();
        assert!(named.contains(&"save_contact"), "{instructions}");
        assert!(named.iter().all(|name| known.contains(name)), "{named:?}");
    }
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[actix_rt::test]
async fn facts_are_read_in_any_common_encoding() {
    const PRICES: &str = "Диван стоит 5 000 руб., ковёр от 500.";
    let mut marked = vec![0xff, 0xfe];
    marked.extend(utf_16(PRICES));
    for (bytes, encoding) in [
        (WINDOWS_1251.encode(PRICES).0.into_owned(), "windows-1251"),
        (marked, "UTF-16LE"),
        (utf_16(PRICES), "UTF-16LE"),
        (format!("\u{feff}{PRICES}").into_bytes(), "UTF-8"),
    ] {
        let builder = TestService::builder().config(|config| std::fs::write(&config.business.file, bytes).unwrap());
        let mut heard = builder.listen();
        let service = builder.start().await;
        let read = service.logs_event(&mut heard, "facts_loaded").await;
        assert_eq!(read.field("encoding"), Some(encoding));
        service.ask(7, "сколько стоит диван").await;
        let shown = instructions(&service, 0);
        assert!(shown.contains(PRICES) && !shown.contains('\u{feff}'), "{shown}");
        service.settles().await;
    }
}

#[actix_rt::test]
async fn instructions_and_texts_of_the_operator_are_read_in_any_common_encoding() {
    let own = |config: &mut frontdesk::Config| {
        let folder = config.business.file.parent().unwrap().to_owned();
        let prompt = WINDOWS_1251.encode("Ты продаёшь диваны. {{facts}}").0.into_owned();
        std::fs::write(folder.join("prompt.md"), prompt).unwrap();
        config.business.prompt_file = Some(folder.join("prompt.md"));
        std::fs::create_dir(folder.join("texts")).unwrap();
        std::fs::write(folder.join("texts/ru.ftl"), utf_16("greeting = Добро пожаловать!\r\n")).unwrap();
        config.business.templates_dir = Some(folder);
    };
    let service = TestService::builder().config(own).start().await;
    assert!(service.ask(7, "/start").await.contains("Добро пожаловать!"));
    service.ask(7, "что у вас есть").await;
    assert_eq!(instructions(&service, 0), "Ты продаёшь диваны.");
}

#[actix_rt::test]
async fn a_binary_file_stops_the_start_with_the_remedy() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.logs_times("facts_loaded", 1).await;
    assert!(service.terminate().await.success());
    let file = |name: &str, bytes: &[u8]| std::fs::write(service.folder().join(name), bytes).unwrap();
    file("price.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj");
    file("price.docx", b"PK\x03\x04\x14\x00\x06\x00word/document.xml");
    file("price.rtf", b"{\\rtf1\\ansi \\'ce\\'ea\\'ed\\'ee 500}");
    file("noise.md", &(0..=255).collect::<Vec<u8>>());
    file("empty.md", b"\n");
    for (setting, name) in [
        ("BUSINESS_FILE", "price.pdf"),
        ("BUSINESS_FILE", "price.docx"),
        ("BUSINESS_FILE", "price.rtf"),
        ("BUSINESS_FILE", "noise.md"),
        ("BUSINESS_FILE", "."),
        ("ASSISTANT_PROMPT_FILE", "price.docx"),
        ("ASSISTANT_PROMPT_FILE", "empty.md"),
    ] {
        let output = service.start_changed(&[(setting, name)]);
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{setting}={name}: {shown}");
        assert!(shown.contains(&format!("{name} cannot be read")), "{shown}");
        assert!(
            !name.starts_with("price") || shown.contains("save it as plain text in UTF-8"),
            "{shown}"
        );
    }
}

#[actix_rt::test]
async fn unreadable_facts_keep_their_last_text_and_alert() {
    let service = TestService::builder().facts("Диван стоит 5 000 ₽.").start().await;
    let file = service.folder().join("business.md");
    service.ask(7, "сколько стоит диван").await;
    std::fs::write(&file, b"%PDF-1.7 of the prices").unwrap();
    let mut heard = service.listen();
    for chat in [7, 8, 9] {
        service.ask(chat, "а теперь").await;
    }
    service.logs_event(&mut heard, "facts_load_failed").await;
    std::fs::write(&file, b"{\\rtf1 prices, again not a text}").unwrap();
    service.ask(7, "а сейчас").await;
    for run in 0..5 {
        assert!(instructions(&service, run).contains("5 000 ₽"), "{run}");
    }
    let letters = service.letters_to(OPERATOR, 1).await;
    let shown = letters[0].text.as_deref().unwrap_or_default();
    assert!(shown.contains("a PDF document"), "{shown}");
    std::fs::write(&file, "Диван стоит 5 900 ₽.").unwrap();
    service.ask(7, "а потом").await;
    assert!(instructions(&service, 5).contains("5 900 ₽"));
    service.settles().await;
    assert_eq!(service.letters_to(OPERATOR, 1).await.len(), 1);
}

#[actix_rt::test]
async fn the_model_is_not_called_without_instructions() {
    // The start check renders with another name, which works.
    let broken = "{{#if (eq business \"-\")}}Отвечай.{{else}}{{nobody}}{{/if}}";
    let empty = "{{#if (eq business \"-\")}}Отвечай.{{/if}}";
    for template in [broken, empty] {
        let own = |config: &mut frontdesk::Config| {
            let file = config.business.file.with_file_name("prompt.md");
            std::fs::write(&file, template).unwrap();
            config.business.prompt_file = Some(file);
        };
        let service = TestService::builder().config(own).start().await;
        let form = service.ask(7, "сколько стоит диван").await;
        assert!(form.contains("номер телефона"), "{form}");
        assert!(service.openai().requests().is_empty());
        let ended = "SELECT state, reason, runs FROM inbox";
        service.sql_becomes(ended, &["failed|unavailable|0"]).await;
        let letters = service.letters_to(OPERATOR, 1).await;
        let shown = letters[0].text.as_deref().unwrap_or_default();
        assert!(shown.contains("instructions"), "{shown}");
        assert!(service.log().contains("instructions_invalid"));
        service.settles().await;
    }
}

#[actix_rt::test]
async fn without_a_configured_name_the_bots_name_is_used() {
    let nameless = |config: &mut frontdesk::Config| config.business.name = None;
    let service = TestService::builder().config(nameless).start().await;
    assert!(service.ask(7, "/start").await.contains("Это «Sandbox»."));
}

#[actix_rt::test]
async fn each_turn_carries_the_local_date_and_time() {
    let moscow = |config: &mut frontdesk::Config| config.locale.time_zone = "Europe/Moscow".parse().unwrap();
    let service = TestService::builder().config(moscow).manual_clock().start().await;
    service.ask(7, "какой сегодня день").await;
    let notes = asked::notes(&service.openai().requests()[0]);
    assert_eq!(
        notes,
        ["Местные дата и время: понедельник, 21 сентября 2026 года, 17:13"]
    );
}

/// Reports a gap, then replies that it did.
fn reporting(run: &Run) -> Answer {
    if run.tool_outputs.is_empty() && run.may_call("report_gap") {
        let arguments = json!({"question": "Есть ли парковка?"});
        return Answer::Call {
            name: "report_gap".into(),
            arguments,
        };
    }
    Answer::Text(format!("Передам: {}", run.tool_outputs[0].1["saved"]))
}

const GAPS: &str = "SELECT chat_id, turn_id, question FROM gaps";

#[actix_rt::test]
async fn a_question_without_an_answer_is_kept_for_the_owner() {
    let service = TestService::builder().script(reporting).start().await;
    assert_eq!(service.ask(7, "а парковка есть?").await, "Передам: true");
    assert_eq!(service.sql(GAPS), ["7|1|Есть ли парковка?"]);
    service.settles().await;
    assert_eq!(service.sql("SELECT runs, tool_calls FROM inbox"), ["2|1"]);
}

#[actix_rt::test]
async fn a_repeated_turn_does_not_report_the_same_gap_twice() {
    let service = TestService::builder().script(reporting).start().await;
    let cut = Rule::on(Edge::OpenAi, "responses")
        .skip(1)
        .times(1)
        .with(Fault::CutBefore);
    service.fault(cut);
    assert_eq!(service.ask(7, "а парковка есть?").await, "Передам: true");
    let outputs = service.openai().requests();
    assert_eq!(outputs.len(), 4, "a run, its cut second, both again on a new thread");
    assert_eq!(service.sql(GAPS).len(), 1);
}

#[actix_rt::test]
async fn a_question_without_facts_recorded_before_a_kill_is_reported_once() {
    let mut service = TestService::builder().script(reporting).start().await;
    let held = Rule::on(Edge::OpenAi, "responses").skip(1).with(Fault::Hold);
    let held = service.fault(held);
    service.say(7, "а парковка есть?");
    service.faults_injected(held, 1).await;
    service.kill();
    service.release(held);
    service.start_again().await;
    assert_eq!(service.replies(7, 1).await, ["Передам: true"]);
    assert_eq!(service.sql(GAPS).len(), 1);
}

/// Two customers send texts and contacts that must not be mixed.
async fn two_customers() -> TestService {
    let service = TestService::builder().facts("Открыто с 9 до 18.").start().await;
    for (chat, name) in [(ANNA, "Анастасия"), (BORIS, "Бориспол")] {
        let profile = Profile {
            first_name: name.into(),
            last_name: Some("Тайнова".into()),
            username: Some(format!("secret_{chat}")),
            language: Some("ru".into()),
        };
        service.telegram().customer(chat, profile);
        service.ask(chat, "/start").await;
        let card = json!({"phone_number": format!("+7916{chat}"), "first_name": name, "user_id": chat});
        let before = service.telegram().replies(chat).len();
        service.telegram().say_as(chat, json!({"contact": card}));
        service.replies(chat, before + 1).await;
        service.ask(chat, &format!("вопрос от {}", chat % 1000)).await;
    }
    service.ask(ANNA, "ещё вопрос от 123").await;
    service
}

#[actix_rt::test]
async fn a_customers_identity_is_never_sent_to_openai() {
    let service = two_customers().await;
    for run in service.openai().requests() {
        let body = run.body.to_string();
        let ids = [ANNA, BORIS].map(|chat| chat.to_string());
        let names = ["+7916", "secret_", "Анастасия", "Бориспол", "Тайнова"].map(str::to_owned);
        for secret in ids.iter().chain(&names) {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
    }
}

#[actix_rt::test]
async fn no_request_contains_text_of_another_customer() {
    let service = two_customers().await;
    let runs = service.openai().requests();
    let texts: Vec<_> = runs.iter().map(asked::user_texts).collect();
    assert_eq!(texts, [["вопрос от 123"], ["вопрос от 456"], ["ещё вопрос от 123"]]);
    assert_eq!(runs[0].conversation, runs[2].conversation);
    assert_ne!(runs[0].conversation, runs[1].conversation);
    let items = service.openai().items(runs[0].conversation.as_deref().unwrap());
    assert!(!Value::from(items).to_string().contains("вопрос от 456"));
}

#[actix_rt::test]
async fn requests_carry_the_agreed_parameters_and_no_temperature() {
    let service = two_customers().await;
    let runs = service.openai().requests();
    for run in &runs {
        assert_eq!(run.body["parallel_tool_calls"], false);
        assert_eq!(run.body["max_output_tokens"], 2000);
        assert_eq!(run.body.get("temperature"), None);
        assert_eq!(run.body.get("reasoning"), None);
    }
    let hash = |run: usize, name: &str| runs[run].body[name].as_str().unwrap().to_owned();
    let (anna, boris) = (hash(0, "safety_identifier"), hash(1, "safety_identifier"));
    assert!(
        anna.len() == 64 && anna.chars().all(|c| c.is_ascii_hexdigit()),
        "{anna}"
    );
    assert_ne!(anna, boris);
    assert_eq!(anna, hash(2, "safety_identifier"));
    assert_eq!(hash(0, "prompt_cache_key"), hash(1, "prompt_cache_key"));
}
