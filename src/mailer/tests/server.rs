//! The outcome of a letter at a server: accepted, or the failure sorted by its remedy.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, Event, Events, Moment, Step, StepFault, StepHook, StepName, Steps};

use super::stub::{CUT, HANG, Script, Stub};
use super::*;
use crate::config::Limits;
use crate::mailer::messages::SendMail;
use crate::mailer::{CheckedServer, MailerActor, check, tests::examples};
use crate::runtime::{Port, Runtime, start};

pub(super) const LIMIT: Duration = Duration::from_secs(20);

pub(super) fn runtime() -> Runtime {
    let (clock, _hand) = Clock::by_hand(at("2026-11-22T11:06:00Z"));
    Runtime::new(clock, Events::default(), &Limits::default())
}

pub(super) fn actor(smtp: &SmtpConfig, runtime: &Runtime) -> Port<SendMail> {
    let (mailer, inner) = (mailer(smtp, Language::Ru).unwrap(), runtime.clone());
    start(runtime, move || MailerActor::new(mailer.clone(), inner.clone())).port()
}

pub(super) fn letter() -> SendMail {
    SendMail {
        page: Box::new(page(examples::one(examples::short()))),
        files: Files::Attached,
    }
}

async fn sent(smtp: &SmtpConfig) -> Result<(), MailError> {
    actor(smtp, &runtime()).ask(letter(), LIMIT).await.unwrap()
}

/// The outcome of a letter, with a login, at a server that follows the script.
pub(super) async fn at_server(script: Script) -> Result<(), MailError> {
    sent(&with_login(smtp(Stub::start(script).await.port))).await
}

#[actix_rt::test]
async fn a_letter_is_handed_over_whole_to_one_recipient() {
    let stub = Stub::start(Script::default()).await;
    assert_eq!(sent(&with_login(smtp(stub.port))).await, Ok(()));
    let letters = stub.letters.lock().unwrap().clone();
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    let read = read(letter.as_bytes());
    assert!(read.subject().unwrap().starts_with("Заявка №42: Мария, +7"));
    assert!(read.body_text(0).unwrap().contains("54 метра."));
    let commands = stub.commands.lock().unwrap().clone();
    assert!(
        commands.contains(&"MAIL FROM:<bot@shop.example>\r\n".to_owned()),
        "{commands:?}"
    );
    let recipients: Vec<&String> = commands.iter().filter(|line| line.starts_with("RCPT")).collect();
    assert_eq!(recipients, ["RCPT TO:<owner@shop.example>\r\n"]);
    assert!(stub.heard("AUTH") && stub.heard("QUIT"));
}

#[actix_rt::test]
async fn what_was_surely_not_accepted_may_be_tried_again() {
    // A port that was just freed: no server listens there.
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert_eq!(
        sent(&smtp(gone)).await,
        Err(MailError::Transient("no connection".into()))
    );
    let scripts = [
        (Script::saying("greeting", "421 too busy"), "421 too busy"),
        (Script::saying("rcpt", "450 4.2.0 greylisted"), "450 4.2.0 greylisted"),
        (Script::saying("end", "452 4.3.1 disk full"), "452 4.3.1"),
        (
            Script::saying("rcpt", "452 4.2.2 mailbox full"),
            "452 4.2.2 mailbox full",
        ),
        (Script::saying("end", "452 4.2.2 mailbox full"), "452 4.2.2"),
        (Script::saying("greeting", "421 4.7.0 slow down"), "421 4.7.0 slow down"),
        (Script::saying("end", "421 4.7.0 slow down"), "421 4.7.0"),
        (Script::saying("greeting", "hello there"), "unreadable answer"),
        (Script::saying("rcpt", CUT), "unreadable answer"),
        // It answers another question than was asked.
        (Script::saying("data", "250 ok"), "unreadable answer"),
    ];
    for (script, reason) in scripts {
        assert_eq!(at_server(script).await, Err(MailError::Transient(reason.into())));
    }
}

#[actix_rt::test]
async fn a_letter_the_server_may_have_is_distinguished() {
    for end in [CUT, "thanks a lot", "354 go on"] {
        let script = Script::saying("end", end);
        assert!(matches!(at_server(script).await, Err(MailError::Unknown(_))), "{end}");
    }
}

#[actix_rt::test]
async fn a_rejection_of_the_letter_contains_no_address() {
    let scripts = [
        (
            Script::saying("rcpt", "550 5.1.1 <owner@shop.example> no such user"),
            "550 5.1.1 … no such user",
        ),
        (
            Script::saying("rcpt", "552 5.2.2 mailbox full"),
            "552 5.2.2 mailbox full",
        ),
        (Script::saying("end", "552 5.2.2 mailbox full"), "552 5.2.2"),
        (
            Script::saying("rcpt", "550 5.1.1 +79123456789 anna@example.org unknown"),
            "550 5.1.1 … … unknown",
        ),
        // A server that has read the letter is quoted with its codes alone.
        (
            Script::saying(
                "end",
                "554 5.7.1 Мария +79123456789 looks like spam, see http://filter.example/q=Maria",
            ),
            "554 5.7.1",
        ),
    ];
    for (script, reason) in scripts {
        assert_eq!(at_server(script).await, Err(MailError::Refused(reason.into())));
    }
}

#[actix_rt::test]
async fn without_starttls_nothing_is_ever_said_in_the_clear() {
    let stub = Stub::start(Script::default()).await;
    let config = SmtpConfig {
        security: SmtpSecurity::Starttls,
        ..with_login(smtp(stub.port))
    };
    let missing = "the server does not offer STARTTLS";
    let held = sent(&config).await;
    assert!(
        matches!(&held, Err(MailError::Held { reason, .. }) if reason == missing),
        "{held:?}"
    );
    assert_eq!(check(&config).await, Err(MailError::Account(missing.into())));
    assert!(!stub.heard("AUTH") && !stub.heard("MAIL"));
}

#[actix_rt::test]
async fn a_server_that_does_not_encrypt_is_a_fault_of_the_configuration() {
    // The TLS handshake is answered by a line of text, as by a server on another port.
    for (security, ehlo) in [
        (SmtpSecurity::ForceTls, "250 stub"),
        (SmtpSecurity::Starttls, "250-stub\r\n250 STARTTLS"),
    ] {
        let script = Script {
            ehlo,
            starttls: "220 go on",
            ..Script::default()
        };
        let config = SmtpConfig {
            security,
            ..with_login(smtp(Stub::start(script).await.port))
        };
        let outcome = sent(&config).await;
        assert!(
            matches!(&outcome, Err(MailError::Held { .. })),
            "{security:?}: {outcome:?}"
        );
    }
}

#[actix_rt::test]
async fn a_server_that_hangs_is_left_after_the_timeout() {
    let hanging = |script| async {
        let config = SmtpConfig {
            timeout: Duration::from_millis(300),
            ..smtp(Stub::start(script).await.port)
        };
        sent(&config).await
    };
    let late = MailError::Transient("timeout".into());
    assert_eq!(hanging(Script::saying("greeting", HANG)).await, Err(late.clone()));
    assert_eq!(hanging(Script::saying("rcpt", HANG)).await, Err(late));
    let unknown = hanging(Script::saying("end", HANG)).await;
    assert_eq!(unknown, Err(MailError::Unknown("timeout")));
}

#[actix_rt::test]
async fn a_server_may_think_about_a_letter_longer_than_about_a_greeting() {
    let stub = Stub::with_gate(Script::default(), 0).await;
    let config = SmtpConfig {
        timeout: Duration::from_secs(1),
        ..smtp(stub.port)
    };
    let port = actor(&config, &runtime());
    let thinking = async {
        let mut waiting = stub.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting == 1).await.unwrap();
        let mut clock = tokio::time::interval(Duration::from_millis(1_200));
        clock.tick().await;
        clock.tick().await;
        stub.gate.add_permits(1);
    };
    let (outcome, ()) = tokio::join!(port.ask(letter(), LIMIT), thinking);
    assert_eq!(outcome.unwrap(), Ok(()));
}

#[actix_rt::test]
async fn a_late_answer_is_never_taken_for_that_of_the_next_letter() {
    let stub = Stub::with_gate(Script::default(), 0).await;
    let config = SmtpConfig {
        timeout: Duration::from_millis(300),
        ..smtp(stub.port)
    };
    let port = actor(&config, &runtime());
    for n in 1..=3 {
        assert_eq!(
            port.ask(letter(), LIMIT).await.unwrap(),
            Err(MailError::Unknown("timeout")),
            "letter {n}"
        );
    }
    stub.gate.add_permits(4);
    assert_eq!(port.ask(letter(), LIMIT).await.unwrap(), Ok(()));
}

#[actix_rt::test]
async fn no_more_letters_are_under_way_than_connections_are_allowed() {
    let stub = Stub::with_gate(Script::default(), 0).await;
    let port = actor(&smtp(stub.port), &runtime());
    let all = futures_util::future::join_all((0..10).map(|_| port.ask(letter(), LIMIT)));
    let mut waiting = stub.waiting.subscribe();
    let most = Arc::new(Mutex::new(0));
    let watched = async {
        waiting.wait_for(|waiting| *waiting == 4).await.unwrap();
        stub.gate.add_permits(10);
        while stub.letters.lock().unwrap().len() < 10 {
            waiting.changed().await.unwrap();
            let mut most = most.lock().unwrap();
            *most = (*waiting.borrow()).max(*most);
        }
    };
    let (outcomes, ()) = tokio::join!(all, watched);
    assert!(outcomes.iter().all(|outcome| *outcome == Ok(Ok(()))), "{outcomes:?}");
    assert!(*most.lock().unwrap() <= 4);
}

#[actix_rt::test]
async fn a_letter_without_a_waiting_caller_is_not_sent() {
    let stub = Stub::with_gate(Script::default(), 0).await;
    let port = actor(&smtp(stub.port), &runtime());
    let held = futures_util::future::join_all((0..4).map(|_| port.ask(letter(), LIMIT)));
    let given_up = async {
        stub.waiting
            .subscribe()
            .wait_for(|waiting| *waiting == 4)
            .await
            .unwrap();
        // All connections are in use: this letter waits, and its caller goes away.
        drop(port.ask(letter(), Duration::from_millis(1)).await);
        stub.gate.add_permits(10);
    };
    tokio::join!(held, given_up);
    assert_eq!(port.ask(letter(), LIMIT).await.unwrap(), Ok(()));
    assert_eq!(
        stub.letters.lock().unwrap().len(),
        5,
        "four that were held and the last"
    );
}

struct FailAt(Moment);

impl StepHook for FailAt {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name == StepName::Mail && step.moment == self.0 {
            Err(StepFault)
        } else {
            Ok(())
        }
    }
}

#[actix_rt::test]
async fn a_step_that_fails_around_the_letter_is_sorted_as_a_failure() {
    for (moment, error, count) in [
        (Moment::Before, MailError::Transient("step".into()), 0),
        (Moment::After, MailError::Unknown("step"), 1),
    ] {
        let stub = Stub::start(Script::default()).await;
        let mut runtime = runtime();
        runtime.steps = Steps::watched_by(Arc::new(FailAt(moment)));
        let outcome = actor(&smtp(stub.port), &runtime).ask(letter(), LIMIT).await.unwrap();
        assert_eq!(outcome, Err(error));
        assert_eq!(stub.letters.lock().unwrap().len(), count);
    }
}

#[actix_rt::test]
async fn a_letter_that_cannot_be_rendered_is_reported_to_the_operator() {
    let runtime = runtime();
    let mut heard = runtime.events.listen();
    let port = actor(&smtp(1), &runtime);
    let mut send = letter();
    send.page.to = Email::normalised("nobody");
    let outcome = port.ask(send, LIMIT).await.unwrap();
    assert!(matches!(&outcome, Err(MailError::Configuration(_))), "{outcome:?}");
    let events: Vec<Event> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    let event = events.iter().find(|event| event.name == "email_render_failed").unwrap();
    assert_eq!(event.field("delivery"), Some("31"));
}

#[actix_rt::test]
async fn the_check_logs_in_and_sends_nothing() {
    let stub = Stub::start(Script::default()).await;
    let seen = CheckedServer { takes_utf8: false };
    assert_eq!(check(&with_login(smtp(stub.port))).await, Ok(seen));
    assert!(stub.heard("AUTH") && stub.heard("QUIT") && !stub.heard("MAIL"));
    let refusing = Stub::start(Script::saying("auth", "535 5.7.8 no")).await;
    let refused = check(&with_login(smtp(refusing.port))).await;
    assert_eq!(refused, Err(MailError::Account("535 5.7.8 no".into())));
}

#[actix_rt::test]
async fn nothing_that_is_printed_shows_the_password() {
    let config = with_login(smtp(1));
    let mailer = mailer(&config, Language::En).unwrap();
    for shown in [format!("{config:?}"), format!("{mailer:?}")] {
        assert!(!shown.contains("very-private"), "{shown}");
    }
}
