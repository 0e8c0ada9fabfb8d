//! Names, ids and messages of every kind, on the whole path from Telegram to the owner's mailbox.

use sandbox::{Answer, Profile, Run};
use serde_json::json;

use crate::harness::saving::{MY_NUMBER, saving};
use crate::harness::{OWNER, TestService, leak};

/// Telegram's ids have up to 52 bits (Bot API, `User`: "at most 52 significant bits").
const FAR: i64 = (1 << 52) - 7;
/// Another such customer, with an imported thread.
const FARTHER: i64 = (1 << 52) - 9;

#[actix_rt::test]
async fn ids_of_fifty_two_bits_survive_the_whole_path() {
    let builder = TestService::builder().script(saving);
    let known = json!({FARTHER.to_string(): "thread_of_the_old_bot"});
    std::fs::write(builder.folder().join("threads.json"), known.to_string()).unwrap();
    let mut service = builder.start().await;
    service.telegram().renumber((1 << 40) + 1);
    service.telegram().customer(
        FAR,
        Profile {
            username: Some("far_away".into()),
            ..Profile::of(FAR)
        },
    );
    let far = json!({"text": format!("{MY_NUMBER}8 912 345-67-89"), "message_id": (1_i64 << 40) + 5});
    service.telegram().say_as(FAR, far);
    assert_eq!(
        service.replies(FAR, 1).await[0],
        format!("записал: {MY_NUMBER}8 912 345-67-89")
    );
    let card = json!({"phone_number": "+79161234567", "first_name": "Анна", "user_id": FARTHER});
    service.telegram().say_as(FARTHER, json!({"contact": card}));
    service.replies(FARTHER, 1).await;
    service.ask(FARTHER, "здравствуйте").await;
    let letters = service.letters_to(OWNER, 2).await;
    let html = letters[0].html.as_ref().unwrap().clone() + letters[1].html.as_ref().unwrap();
    assert!(html.contains("https://t.me/far_away"), "{html}");
    service.settles().await;
    assert_eq!(
        service.sql("SELECT user_id, source FROM successful_dialogs ORDER BY user_id"),
        [format!("{FARTHER}|contact"), format!("{FAR}|tool")]
    );
    assert_eq!(
        service.telegram().replies(FAR).len(),
        1,
        "its own number is beyond i32 as well"
    );
    assert_eq!(service.sql("SELECT COUNT(*) FROM outbox WHERE maybe_sent > 0"), ["0"]);
    let whose = "SELECT DISTINCT user_id FROM dialogs ORDER BY user_id";
    assert_eq!(service.sql(whose), [FARTHER, FAR].map(|id| id.to_string()));
    service.restart().await;
    assert_eq!(service.ask(FAR, "а теперь?").await, "echo: а теперь?");
    service.settles().await;
    service.stop();
    let mirror = std::fs::read(service.folder().join("threads.json")).unwrap();
    let mirror: serde_json::Value = serde_json::from_slice(&mirror).unwrap();
    for id in [FAR, FARTHER] {
        assert!(
            mirror[id.to_string()].as_str().unwrap().starts_with("conv_"),
            "{mirror}"
        );
    }
}

/// Names that imitate markup, headers or commands.
const NAMES: [&str; 8] = [
    "\u{202e}gnp.exe\u{2066}",
    "Z\u{335}\u{321}\u{327}a\u{334}\u{322}\u{328}l\u{336}\u{300}\u{301}\u{302}\u{303}\u{304}g\u{337}o\u{338}",
    "Анна\r\nBcc: thief@example.org\n\nтело",
    "<script>alert('имя')</script>",
    "=cmd|' /C calc'!A0",
    "\0\u{1b}[31mкрасный\u{7}",
    "{{name}} {{{x}}} %s%n $(reboot) `id`",
    "'; DROP TABLE customers; --",
];

#[actix_rt::test]
async fn customers_with_any_name_are_served() {
    let service = TestService::builder().script(saving).start().await;
    for (chat, name) in (1..).zip(NAMES) {
        let profile = Profile {
            first_name: name.into(),
            last_name: Some(name.into()),
            username: Some(name.into()),
            language: Some(name.into()),
        };
        service.telegram().customer(chat, profile);
        let text = format!("{MY_NUMBER}8 912 345-67-8{chat}");
        assert_eq!(service.ask(chat, &text).await, format!("записал: {text}"));
    }
    let letters = service.letters_to(OWNER, NAMES.len()).await;
    for letter in &letters {
        assert_eq!(
            (letter.to.as_slice(), letter.header("Bcc")),
            (&[OWNER.to_owned()][..], None)
        );
        let is_bad = |c: char| c.is_control() && !"\r\n".contains(c) || ('\u{202a}'..='\u{2069}').contains(&c);
        assert!(!letter.subject.contains(is_bad), "{:?}", letter.subject);
        // An invisible character keeps words from becoming links.
        let html = letter.html.as_ref().unwrap().replace('\u{2060}', "");
        assert!(!html.contains("<script>") && !html.contains(is_bad), "{html}");
        assert!(!html.contains("t.me/"), "not one of them is a user name: {html}");
    }
    service.settles().await;
    assert_eq!(service.sql("SELECT COUNT(*) FROM customers"), [NAMES.len().to_string()]);
    assert_eq!(leak(&service.log(), NAMES), None);
}

/// Messages that imitate markup, headers or commands.
fn messages() -> Vec<String> {
    let mut all: Vec<String> = NAMES.map(str::to_owned).to_vec();
    all.extend(
        [
            "\u{feff}",
            "\u{200b}",
            "\n\n\n",
            "\u{200b}/start",
            "```",
            "](",
            "\u{10ffff}\u{e0041}",
        ]
        .map(str::to_owned),
    );
    all.push("👨\u{200d}👩\u{200d}👧".repeat(300));
    all.push("**_~~`[x](http://e.x)".repeat(150));
    all.push("a\u{300}".repeat(2_000));
    all
}

#[actix_rt::test]
async fn any_text_is_stored_passed_to_the_model_and_answered_once() {
    let short = |_: &Run| Answer::Text("понятно".into());
    let service = TestService::builder().script(short).start().await;
    for (chat, text) in (1..).zip(messages()) {
        assert_eq!(service.ask(chat, &text).await, "понятно", "{text:?}");
        let words = format!("SELECT message FROM dialogs WHERE role = 'user' AND user_id = {chat}");
        let stored = service.sql(&words);
        assert_eq!(stored, [text.replace('\0', "\u{fffd}")]);
    }
}

#[actix_rt::test]
async fn any_model_output_arrives_as_text() {
    let parrot = |run: &Run| Answer::Text(run.last_user_text.clone());
    let service = TestService::builder().script(parrot).start().await;
    for (chat, text) in (1..).zip(messages()) {
        let reply = service.ask(chat, &text).await;
        assert!(!reply.trim().is_empty(), "{text:?}");
    }
}

#[actix_rt::test]
async fn a_broken_character_and_any_file_name_delay_no_customer() {
    let service = TestService::start().await;
    let profile = r#""from":{"id":7,"is_bot":false,"first_name":"\ud83d"},"chat":{"id":7,"type":"private","first_name":"\ud83d"}"#;
    service.telegram().push_raw(&format!(
        r#"{{"update_id":1099511627776,"message":{{"message_id":1,"date":1700000000,{profile},"text":"half \ud83d of it"}}}}"#
    ));
    let reply = &service.replies(7, 1).await[0];
    assert!(reply.ends_with("echo: half \u{fffd} of it"), "{reply}");
    for (n, name) in (8..).zip(NAMES) {
        let file = json!({"file_id": "d", "file_unique_id": "u", "file_name": format!("../../{name}.exe")});
        let document = json!({"document": file, "caption": format!("посмотрите {n}")});
        service.telegram().say_as(n, document);
        let reply = &service.replies(n, 1).await[0];
        assert!(reply.contains(&format!("посмотрите {n}")), "{reply}");
    }
    service.settles().await;
    let made = std::fs::read_dir(service.folder())
        .unwrap()
        .map(|file| file.unwrap().file_name());
    assert!(made.into_iter().all(|name| !name.to_string_lossy().contains("exe")));
}
