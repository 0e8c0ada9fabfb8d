//! The mail server without faults: the dialogue, the letters, violations.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, UNIX_EPOCH};

use common::smtp::{PASSWORD, PLAIN, Raw, USERNAME, letter};
use common::{LIMIT, start};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sandbox::{Event, Sandbox};

fn lettre_client(sandbox: &Sandbox) -> AsyncSmtpTransport<Tokio1Executor> {
    let smtp = sandbox.smtp();
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host())
        .port(smtp.port())
        .hello_name(ClientId::Domain("test.example".to_owned()))
        .credentials(Credentials::new(smtp.username().to_owned(), smtp.password().to_owned()))
        .build()
}

fn with_both_parts_and_a_file() -> Message {
    let file = Attachment::new("Отчёт за май.csv".to_owned()).body(
        b"day;leads\r\n1;5\r\n".to_vec(),
        ContentType::parse("text/csv; charset=utf-8").unwrap(),
    );
    Message::builder()
        .from("Салон «Ромашка» <robot@example.org>".parse().unwrap())
        .to("owner@example.org".parse().unwrap())
        .to("second@example.org".parse().unwrap())
        .subject("Новая заявка: Анна, +7 912 345-67-89, перезвонить завтра после обеда")
        .message_id(Some("<lead-7.2.ab12@example.org>".to_owned()))
        .in_reply_to("<lead-7.1.ab12@example.org>".to_owned())
        .references("<lead-7.0.ab12@example.org> <lead-7.1.ab12@example.org>".to_owned())
        .date(UNIX_EPOCH + Duration::from_secs(1_780_304_400))
        .multipart(
            MultiPart::mixed()
                .multipart(MultiPart::alternative_plain_html(
                    "Имя: Анна\n.скрытая точка\n".to_owned(),
                    "<p>Имя: <b>Анна</b></p>".to_owned(),
                ))
                .singlepart(file),
        )
        .unwrap()
}

#[tokio::test]
async fn a_letter_with_both_parts_is_read_back_as_written() {
    let sandbox = start();
    let sent = with_both_parts_and_a_file();
    lettre_client(&sandbox).send(sent.clone()).await.unwrap();
    let letters = sandbox.smtp().await_letters(1, LIMIT).await.unwrap();
    let letter = &letters[0];
    // The library adds an empty line to every letter.
    assert!(letter.raw.starts_with(&sent.formatted()));
    assert_eq!(letter.from, "robot@example.org");
    assert_eq!(letter.to, ["owner@example.org", "second@example.org"]);
    assert_eq!(
        letter.subject,
        "Новая заявка: Анна, +7 912 345-67-89, перезвонить завтра после обеда"
    );
    assert_eq!(letter.header("SUBJECT"), Some(letter.subject.clone()));
    assert_eq!(letter.header("X-Nothing"), None);
    let text = letter.text.clone().unwrap();
    assert_eq!(text.replace("\r\n", "\n").trim_end(), "Имя: Анна\n.скрытая точка");
    assert_eq!(letter.html.as_deref().map(str::trim), Some("<p>Имя: <b>Анна</b></p>"));
    assert_eq!(letter.message_id.as_deref(), Some("lead-7.2.ab12@example.org"));
    assert_eq!(letter.in_reply_to.as_deref(), Some("lead-7.1.ab12@example.org"));
    assert_eq!(
        letter.references,
        ["lead-7.0.ab12@example.org", "lead-7.1.ab12@example.org"]
    );
    assert_eq!(letter.from_name.as_deref(), Some("Салон «Ромашка»"));
    assert_eq!(letter.date, Some(1_780_304_400));
    assert_eq!(letter.attachments.len(), 1);
    assert_eq!(letter.attachments[0].name, "Отчёт за май.csv");
    assert_eq!(letter.attachments[0].content_type, "text/csv");
    assert_eq!(letter.attachments[0].bytes, b"day;leads\r\n1;5\r\n");
    let entry = &sandbox.journal().entries_since(letter.at - 1)[0];
    assert!(matches!(&entry.event, Event::MailReceived { subject, .. } if *subject == letter.subject));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_letter_of_one_part_has_that_part_alone() {
    let sandbox = start();
    for (id, kind, body) in [
        ("1", ContentType::TEXT_PLAIN, "text"),
        ("2", ContentType::TEXT_HTML, "<p>html</p>"),
    ] {
        let part = SinglePart::builder().header(kind).body(body.to_owned());
        let message = Message::builder()
            .from("robot@example.org".parse().unwrap())
            .to("owner@example.org".parse().unwrap())
            .message_id(Some(format!("<{id}@example.org>")))
            .singlepart(part);
        lettre_client(&sandbox).send(message.unwrap()).await.unwrap();
    }
    let letters = sandbox.smtp().letters();
    assert_eq!(
        (letters[0].text.as_deref().map(str::trim), letters[0].html.as_deref()),
        (Some("text"), None)
    );
    assert_eq!(
        (letters[1].text.as_deref(), letters[1].html.as_deref().map(str::trim)),
        (None, Some("<p>html</p>"))
    );
    assert_eq!((letters[0].subject.as_str(), &letters[0].from_name), ("", &None));
}

#[tokio::test]
async fn both_login_mechanisms_work_with_and_without_an_initial_response() {
    let sandbox = start();
    let ways: [&[(&str, u16)]; 4] = [
        &[(&format!("AUTH PLAIN {PLAIN}"), 235)],
        &[("auth plain", 334), (PLAIN, 235)],
        &[("AUTH LOGIN", 334), (USERNAME, 334), (PASSWORD, 235)],
        &[(&format!("AUTH LOGIN {USERNAME}"), 334), (PASSWORD, 235)],
    ];
    for way in ways {
        let mut client = Raw::connect(&sandbox).await;
        for (line, code) in way {
            assert_eq!(client.say(line).await, *code, "{line}");
        }
        assert_eq!(client.say("MAIL FROM:<robot@example.org>").await, 250);
        assert_eq!(client.say("QUIT").await, 221);
        assert_eq!(client.reply().await, None);
    }
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_kept() {
    let sandbox = start();
    let mut client = Raw::connect(&sandbox).await;
    // NUL, `robot@example.org`, NUL, `wrong`.
    assert_eq!(client.say("AUTH PLAIN AHJvYm90QGV4YW1wbGUub3JnAHdyb25n").await, 535);
    assert_eq!(sandbox.violations(), ["smtp: wrong username or password"]);
    for (lines, code) in [
        (&["AUTH PLAIN !!!"][..], 501),
        (&["AUTH LOGIN", "*"], 501),
        (&["AUTH CRAM-MD5"], 504),
    ] {
        for line in lines {
            client.send(format!("{line}\r\n").as_bytes()).await;
        }
        let mut last = client.code().await;
        for _ in 1..lines.len() {
            last = client.code().await;
        }
        assert_eq!(last, code, "{lines:?}");
    }
    assert_eq!(client.say(&format!("AUTH PLAIN {PLAIN}")).await, 235);
    assert_eq!(client.say(PASSWORD).await, 500);
    let journal = format!("{:?}", sandbox.journal().entries());
    assert!(!journal.contains("wrong\\0") && !journal.contains(PASSWORD) && !journal.contains("!!!"));
}

#[tokio::test]
async fn commands_out_of_order_get_the_real_codes() {
    let sandbox = start();
    let mut client = Raw::dial(&sandbox).await.unwrap();
    assert_eq!(client.code().await, 220);
    let dialogue = [
        ("MAIL FROM:<robot@example.org>", 503),
        (&format!("AUTH PLAIN {PLAIN}"), 503),
        ("EHLO", 501),
        ("EHLO test", 504),
        ("EHLO [127.0.0.1]", 250),
        ("EHLO test.example", 250),
        ("MAIL FROM:<robot@example.org>", 530),
        (&format!("AUTH PLAIN {PLAIN}"), 235),
        (&format!("AUTH PLAIN {PLAIN}"), 503),
        ("RCPT TO:<owner@example.org>", 503),
        ("DATA", 503),
        ("MAIL FROM:robot@example.org", 501),
        ("MAIL FROM:<robot@example.org> SIZE=99999999", 552),
        ("MAIL FROM:<robot@example.org> RET=FULL", 555),
        ("MAIL FROM:<robot@example.org> FOO=BAR", 555),
        ("MAIL FROM:<робот@example.org>", 553),
        ("MAIL FROM:<robot@example.org>", 250),
        ("MAIL FROM:<robot@example.org>", 503),
        ("DATA", 503),
        ("RCPT TO:<>", 501),
        ("RCPT TO:<owner@example.org>", 250),
        ("RSET", 250),
        ("DATA", 503),
        ("NOOP", 250),
        ("VRFY owner", 252),
        ("STARTTLS", 502),
        ("BDAT 5 LAST", 502),
        ("HELLO", 500),
    ];
    for (line, code) in dialogue {
        assert_eq!(client.say(line).await, code, "{line}");
    }
    let violations = sandbox.violations();
    assert!(violations.contains(&"smtp: 530 5.7.0 Authentication required".to_owned()));
    assert!(violations.contains(&"smtp: 500 5.5.2 Unknown command HELLO".to_owned()));
    let refused = dialogue.iter().filter(|(_, code)| *code >= 500);
    // A letter that is too large is not a violation: the client declared its size.
    assert_eq!(violations.len(), refused.count() - 1);
    assert!(sandbox.smtp().letters().is_empty());
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    let commands = "MAIL FROM:<robot@example.org>\r\nRCPT TO:<owner@example.org>\r\nNOOP\r\nDATA\r\n";
    client.send(commands.as_bytes()).await;
    for code in [250, 250, 250, 354] {
        assert_eq!(client.code().await, code);
    }
    let letter = letter("1", "one");
    client.send(format!("{letter}.\r\nQUIT\r\n").as_bytes()).await;
    assert_eq!((client.code().await, client.code().await), (250, 221));
    assert_eq!(sandbox.smtp().letters_to("OWNER@example.org").len(), 1);
}

#[tokio::test]
async fn doubled_dots_are_single_again_in_the_letter() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    let stuffed = format!("{}..\r\n...\r\nend..\r\n", letter("1", "dots"));
    assert_eq!(client.post(&["owner@example.org"], &stuffed).await, 250);
    let kept = sandbox.smtp().letters().remove(0);
    assert!(kept.raw.ends_with(b"Hello.\r\n.\r\n..\r\nend..\r\n"));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_letter_accepted_twice_is_counted_for_each_recipient() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    let (one, other) = ("owner@example.org", "second@example.org");
    client.post(&[one, other], &letter("1", "first")).await;
    client.post(&[one], &letter("2", "second")).await;
    assert_eq!(sandbox.smtp().doubles(), []);
    client.post(&["Owner@example.org"], &letter("1", "first again")).await;
    assert_eq!(sandbox.smtp().doubles(), [("1@example.org".to_owned(), one.to_owned())]);
    assert_eq!(sandbox.smtp().letters_to(one).len(), 3);
    assert_eq!(sandbox.smtp().letters_to(other).len(), 1);
}

#[tokio::test]
async fn a_wait_without_a_match_lists_what_arrived() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    client.post(&["owner@example.org"], &letter("1", "the only one")).await;
    let limit = Duration::from_millis(20);
    let missed = sandbox
        .smtp()
        .await_letters_to("second@example.org", 1, limit)
        .await
        .unwrap_err();
    let shown = missed.to_string();
    assert!(shown.contains("0 of 1 letters to second@example.org"), "{shown}");
    assert!(shown.contains("owner@example.org: the only one"), "{shown}");
    let waiting = sandbox.smtp().await_letters(2, LIMIT);
    let posting = client.post(&["second@example.org"], "\r\n");
    let (letters, code) = tokio::join!(waiting, posting);
    assert_eq!((letters.unwrap().len(), code), (2, 250));
}

#[tokio::test]
async fn broken_letters_are_accepted_and_kept_as_violations() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    let whole = letter("1", "broken");
    let long = "x".repeat(999);
    let cases = [
        (
            whole.replace("From: Shop <robot@example.org>\r\n", ""),
            "a letter without From",
        ),
        (
            whole.replace("Date: Mon, 1 Jun 2026 12:00:00 +0300\r\n", ""),
            "a letter without a readable Date",
        ),
        (
            whole.replace("Message-ID: <1@example.org>\r\n", ""),
            "a letter without Message-ID",
        ),
        (
            whole.replace("broken", "сломано"),
            "8-bit octets in the headers without SMTPUTF8",
        ),
        (
            whole.replace("Hello", "Привет"),
            "8-bit octets in the body without BODY=8BITMIME",
        ),
        (
            whole.replace("Hello.\r\n", "one\ntwo\r\n"),
            "a line that ends with a bare LF",
        ),
        (whole.replace("Hello", "one\rtwo"), "a bare CR within a line"),
        (whole.replace("Hello", &long), "a line of more than 998 octets"),
        (
            whole.replace("Hello", ".hidden"),
            "a line that begins with a dot which was not doubled",
        ),
    ];
    for (n, (broken, violation)) in cases.iter().enumerate() {
        assert_eq!(client.post(&["owner@example.org"], broken).await, 250, "{violation}");
        assert_eq!(
            sandbox.violations().len(),
            n + 1,
            "{violation}: {:?}",
            sandbox.violations()
        );
        assert_eq!(sandbox.violations()[n], format!("smtp: {violation}"));
    }
    assert_eq!(sandbox.smtp().letters().len(), cases.len());
    assert_eq!(
        client.say("MAIL FROM:<robot@example.org> BODY=8BITMIME SMTPUTF8").await,
        250
    );
    assert_eq!(client.say("RCPT TO:<владелец@example.org>").await, 250);
    assert_eq!(client.say("DATA").await, 354);
    let utf8 = whole.replace("broken", "цело").replace("Hello", "Привет");
    client.send(utf8.as_bytes()).await;
    assert_eq!(client.say(".").await, 250);
    assert_eq!(sandbox.violations().len(), cases.len());
    let kept = sandbox.smtp().letters_to("владелец@example.org").remove(0);
    assert_eq!(
        (kept.subject.as_str(), kept.text.as_deref()),
        ("цело", Some("Привет.\r\n"))
    );
}

#[tokio::test]
async fn a_letter_over_the_announced_size_is_refused() {
    let sandbox = start();
    let mut client = Raw::log_in(&sandbox).await;
    let line = format!("{}\r\n", "x".repeat(996)).repeat(1024);
    client.begin(&["owner@example.org"]).await;
    client.send(letter("1", "large").as_bytes()).await;
    for _ in 0..11 {
        client.send(line.as_bytes()).await;
    }
    assert_eq!(client.say(".").await, 552);
    assert_eq!(client.post(&["owner@example.org"], &letter("2", "small")).await, 250);
    assert_eq!(sandbox.smtp().letters().len(), 1);
}
