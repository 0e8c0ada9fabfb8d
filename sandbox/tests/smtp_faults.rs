//! Each way a mail server can fail, as a client sees it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::io::ErrorKind;

use common::smtp::{Foreign, PLAIN, Raw, letter};
use common::{LIMIT, start};
use sandbox::{Edge, Entry, Event, Fault, Rule, Sandbox};

const OWNER: &str = "owner@example.org";

fn once(point: &str, fault: Fault) -> Rule {
    Rule::on(Edge::Smtp, point).times(1).with(fault)
}

#[tokio::test]
async fn a_closed_port_refuses_and_reopens_with_its_letters() {
    let sandbox = start();
    let port = sandbox.smtp().port();
    let mut client = Raw::log_in(&sandbox).await;
    client.post(&[OWNER], &letter("1", "before")).await;
    for round in 0..3 {
        sandbox.smtp().close_port();
        assert_eq!(client.reply().await, None, "an open connection breaks off");
        let refused = Raw::dial(&sandbox).await.err().map(|error| error.kind());
        assert_eq!(refused, Some(ErrorKind::ConnectionRefused), "round {round}");
        sandbox.smtp().open_port().unwrap();
        sandbox.smtp().open_port().unwrap();
        client = Raw::log_in(&sandbox).await;
    }
    assert_eq!(client.post(&[OWNER], &letter("2", "after")).await, 250);
    assert_eq!(sandbox.smtp().port(), port);
    assert_eq!(sandbox.smtp().letters().len(), 2);
}

#[tokio::test]
async fn a_closed_port_stays_reserved() {
    let sandbox = start();
    sandbox.smtp().close_port();
    let others: Vec<Sandbox> = (0..20).map(|_| start()).collect();
    assert!(others.iter().all(|other| other.smtp().port() != sandbox.smtp().port()));
    sandbox.smtp().open_port().unwrap();
    Raw::connect(&sandbox).await;
}

#[tokio::test]
async fn a_server_that_does_not_greet_closes_refuses_or_is_silent() {
    let sandbox = start();
    sandbox.faults().add(once("connect", Fault::CutBefore));
    assert_eq!(Raw::dial(&sandbox).await.unwrap().reply().await, None);
    for (refusal, text) in [(421, "4.3.2 Too many connections"), (554, "5.7.1 Go away")] {
        sandbox.faults().add(once("connect", Fault::smtp(refusal, text)));
        let mut client = Raw::dial(&sandbox).await.unwrap();
        assert_eq!(client.reply().await, Some(format!("{refusal} {text}\r\n")));
        assert_eq!(client.reply().await, None);
    }
    for silence in [Fault::Hang, Fault::HangAfter] {
        sandbox.faults().add(once("connect", silence));
        let mut client = Raw::dial(&sandbox).await.unwrap();
        assert!(client.is_silent().await);
    }
    Raw::connect(&sandbox).await;
}

#[tokio::test]
async fn every_point_can_refuse_temporarily_or_permanently() {
    for point in ["auth", "mail", "rcpt", "data"] {
        for refusal in [421, 451, 550] {
            let sandbox = start();
            let rule = sandbox.faults().add(once(point, Fault::smtp(refusal, "No")));
            let mut client = Raw::connect(&sandbox).await;
            let letter = letter("1", "one");
            let dialogue = [
                (format!("AUTH PLAIN {PLAIN}"), "auth", 235),
                ("MAIL FROM:<robot@example.org>".to_owned(), "mail", 250),
                (format!("RCPT TO:<{OWNER}>"), "rcpt", 250),
                ("DATA".to_owned(), "", 354),
                (format!("{letter}."), "data", 250),
            ];
            for (line, at, usual) in &dialogue {
                let seen = client.say(line).await;
                if *at == point {
                    assert_eq!(seen, refusal, "{point}");
                    break;
                }
                assert_eq!(seen, *usual, "{line}");
            }
            assert_eq!(sandbox.faults().hits(rule), 1);
            assert!(sandbox.smtp().letters().is_empty());
            let is_refusal = |entry: &Entry| matches!(entry.event, Event::MailRefused { code, .. } if code == refusal);
            assert!(sandbox.journal().entries().iter().any(is_refusal));
            if refusal == 421 {
                assert_eq!(client.reply().await, None, "{point}");
            } else {
                assert_eq!(client.say("NOOP").await, 250, "{point}");
            }
            assert_eq!(sandbox.violations(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn expired_credentials_are_refused_like_at_a_real_server() {
    let sandbox = start();
    sandbox
        .faults()
        .add(once("auth", Fault::smtp(535, "5.7.8 Bad credentials")).containing("robot@"));
    let mut client = Raw::connect(&sandbox).await;
    client.send(format!("AUTH PLAIN {PLAIN}\r\n").as_bytes()).await;
    assert_eq!(client.reply().await.as_deref(), Some("535 5.7.8 Bad credentials\r\n"));
    assert_eq!(client.say("MAIL FROM:<robot@example.org>").await, 530);
    assert_eq!(client.say(&format!("AUTH PLAIN {PLAIN}")).await, 235);
}

#[tokio::test]
async fn one_of_two_recipients_can_be_refused_alone() {
    let sandbox = start();
    let refuse = Rule::on(Edge::Smtp, "rcpt")
        .containing("second@")
        .with(Fault::smtp(550, "5.1.1 No such user"));
    sandbox.faults().add(refuse);
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.say("MAIL FROM:<robot@example.org>").await, 250);
    assert_eq!(client.say("RCPT TO:<second@example.org>").await, 550);
    assert_eq!(client.say("DATA").await, 554);
    assert_eq!(client.say("RCPT TO:<owner@example.org>").await, 250);
    assert_eq!(client.say("DATA").await, 354);
    client.send(letter("1", "one").as_bytes()).await;
    assert_eq!(client.say(".").await, 250);
    assert_eq!(sandbox.smtp().letters()[0].to, [OWNER]);
    let refused = Event::MailRefused {
        to: vec!["second@example.org".to_owned()],
        code: 550,
    };
    assert!(sandbox.journal().entries().iter().any(|entry| entry.event == refused));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_rule_matches_the_text_of_a_letter_even_encoded() {
    let sandbox = start();
    let refuse = Rule::on(Edge::Smtp, "data")
        .containing("Анна")
        .with(Fault::smtp(452, "4.2.2 Full"));
    sandbox.faults().add(refuse);
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(
        client.post(&[OWNER], &letter("1", "=?utf-8?B?0JDQvdC90LA=?=")).await,
        452
    );
    let header = "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let body = letter("2", "two").replace("\r\n\r\nHello.", &format!("{header}0JDQvdC90LA="));
    assert_eq!(client.post(&[OWNER], &body).await, 452);
    assert_eq!(client.post(&[OWNER], &letter("3", "Anna")).await, 250);
}

#[tokio::test]
async fn a_cut_at_the_dot_keeps_the_letter_only_after_acceptance() {
    let sandbox = start();
    for (fault, kept) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        sandbox.faults().add(once("data", fault.clone()));
        let mut client = Raw::log_in(&sandbox).await;
        client.begin(&[OWNER]).await;
        client.send(format!("{}.\r\n", letter("1", "one")).as_bytes()).await;
        assert_eq!(client.reply().await, None, "{fault:?}");
        assert_eq!(sandbox.smtp().letters().len(), kept, "{fault:?}");
    }
}

#[tokio::test]
async fn a_hang_at_the_dot_keeps_the_letter_only_after_acceptance() {
    let sandbox = start();
    for (fault, kept) in [(Fault::Hang, 0), (Fault::HangAfter, 1)] {
        let rule = sandbox.faults().add(once("data", fault.clone()));
        let mut client = Raw::log_in(&sandbox).await;
        client.begin(&[OWNER]).await;
        client.send(format!("{}.\r\n", letter("1", "one")).as_bytes()).await;
        assert!(client.is_silent().await, "{fault:?}");
        assert_eq!(sandbox.faults().hits(rule), 1);
        assert_eq!(sandbox.smtp().letters().len(), kept, "{fault:?}");
    }
}

#[tokio::test]
async fn cuts_and_hangs_work_before_the_dot_too() {
    for point in ["auth", "mail", "rcpt"] {
        for (fault, is_cut) in [(Fault::CutBefore, true), (Fault::CutAfter, true), (Fault::Hang, false)] {
            let sandbox = start();
            sandbox.faults().add(once(point, fault));
            let mut client = Raw::connect(&sandbox).await;
            let lines = format!("AUTH PLAIN {PLAIN}\r\nMAIL FROM:<robot@example.org>\r\nRCPT TO:<{OWNER}>\r\n");
            for line in lines.split_inclusive('\n') {
                client.send(line.as_bytes()).await;
                let is_struck = line.to_lowercase().starts_with(point);
                if is_struck && is_cut {
                    assert_eq!(client.reply().await, None, "{point}");
                } else if is_struck {
                    assert!(client.is_silent().await, "{point}");
                }
                if is_struck {
                    break;
                }
                assert!(client.code().await < 300);
            }
        }
    }
}

#[tokio::test]
async fn a_held_letter_is_kept_when_its_rule_is_removed() {
    let sandbox = start();
    let rule = sandbox.faults().add(once("data", Fault::Hold));
    let mut client = Raw::log_in(&sandbox).await;
    client.begin(&[OWNER]).await;
    client.send(format!("{}.\r\n", letter("1", "one")).as_bytes()).await;
    sandbox.struck(rule, 1, LIMIT).await.unwrap();
    assert!(sandbox.smtp().letters().is_empty());
    sandbox.faults().remove(rule);
    assert_eq!(client.code().await, 250);
    assert_eq!(sandbox.smtp().letters().len(), 1);
}

#[tokio::test]
async fn a_held_letter_is_dropped_with_its_connection() {
    let sandbox = start();
    let rule = sandbox.faults().add(once("data", Fault::Hold));
    let mut client = Raw::log_in(&sandbox).await;
    client.begin(&[OWNER]).await;
    client.send(format!("{}.\r\n", letter("1", "held")).as_bytes()).await;
    sandbox.struck(rule, 1, LIMIT).await.unwrap();
    sandbox.smtp().close_port();
    assert_eq!(client.reply().await, None);
    sandbox.faults().remove(rule);
    sandbox.smtp().open_port().unwrap();
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.post(&[OWNER], &letter("2", "next")).await, 250);
    let subjects: Vec<String> = sandbox.smtp().letters().into_iter().map(|kept| kept.subject).collect();
    assert_eq!(subjects, ["next"]);
}

#[tokio::test]
async fn a_delayed_letter_is_kept_once_its_time_is_over() {
    let sandbox = start();
    for (delay_ms, is_over) in [(1, true), (600_000, false)] {
        sandbox.faults().add(once("data", Fault::Delay(delay_ms)));
        let mut client = Raw::log_in(&sandbox).await;
        client.begin(&[OWNER]).await;
        client.send(format!("{}.\r\n", letter("1", "one")).as_bytes()).await;
        if is_over {
            assert_eq!(client.code().await, 250);
        } else {
            assert!(client.is_silent().await);
        }
    }
    assert_eq!(sandbox.smtp().letters().len(), 1);
}

#[tokio::test]
async fn the_text_of_a_rule_never_looks_like_a_second_reply() {
    let sandbox = start();
    sandbox.faults().add(once("mail", Fault::smtp(450, "one\ntwo")));
    let mut client = Raw::log_in(&sandbox).await;
    client.send(b"MAIL FROM:<robot@example.org>\r\n").await;
    assert_eq!(client.reply().await.as_deref(), Some("450-one\r\n450 two\r\n"));
    assert_eq!(client.say("NOOP").await, 250);
}

#[tokio::test]
async fn texts_in_legacy_encodings_change_no_code_and_no_effect() {
    let sandbox = start();
    for point in ["connect", "ehlo", "auth", "mail", "rcpt", "data"] {
        let foreign = Fault::ForeignBytes { code: None };
        let rule = sandbox.faults().add(Rule::on(Edge::Smtp, point).with(foreign));
        let mut octets = Foreign::dial(&sandbox).await;
        let said = octets.whole_dialogue().await;
        assert!(said.iter().any(|byte| !byte.is_ascii()), "{point}");
        assert!(String::from_utf8(said).is_err(), "{point}");
        sandbox.faults().remove(rule);
    }
    assert_eq!(sandbox.smtp().letters().len(), 6);
    let refused = Fault::ForeignBytes { code: Some(554) };
    sandbox.faults().add(once("data", refused));
    let said = Foreign::dial(&sandbox).await.whole_dialogue().await;
    assert!(said.windows(4).any(|bytes| bytes == b"554-"), "in several lines");
    assert_eq!(sandbox.smtp().letters().len(), 6);
}

#[tokio::test]
async fn smtputf8_is_refused_where_it_was_not_offered() {
    let sandbox = start();
    sandbox.faults().add(once("ehlo", Fault::NoSmtpUtf8));
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.say("MAIL FROM:<robot@example.org> SMTPUTF8").await, 555);
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.say("MAIL FROM:<robot@example.org> SMTPUTF8").await, 250);
}

#[tokio::test]
async fn a_letter_beyond_the_bytes_of_the_rule_is_too_large() {
    let sandbox = start();
    sandbox
        .faults()
        .add(Rule::on(Edge::Smtp, "data").with(Fault::TooLarge(1_000)));
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.post(&[OWNER], &letter("1", "small")).await, 250);
    assert_eq!(client.post(&[OWNER], &letter("2", &"large ".repeat(200))).await, 552);
    assert_eq!(sandbox.smtp().letters().len(), 1);
}

#[tokio::test]
async fn a_name_in_ehlo_can_be_refused() {
    let sandbox = start();
    let rule = Rule::on(Edge::Smtp, "ehlo").containing("test.example");
    sandbox
        .faults()
        .add(rule.with(Fault::smtp(504, "5.5.2 need fully-qualified hostname")));
    let mut client = Raw::dial(&sandbox).await.unwrap();
    assert_eq!(client.code().await, 220);
    assert_eq!(client.say("EHLO test.example").await, 504);
    assert_eq!(client.say("EHLO shop.example").await, 250);
    assert!(sandbox.violations().is_empty());
}
