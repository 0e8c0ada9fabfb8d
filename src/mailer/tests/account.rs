//! Refusals that concern the account and not a letter: the login, the EHLO name, the form of addresses.

use base::Event;

use super::server::{LIMIT, actor, at_server, letter, runtime};
use super::stub::{Script, Stub};
use super::*;
use crate::mailer::check;
use crate::mailer::messages::SendMail;

#[actix_rt::test]
async fn what_the_account_may_not_do_holds_every_letter() {
    let scripts = [
        Script::saying("auth", "454 4.7.0 too many login attempts"),
        Script::saying("auth", "535 5.7.8 wrong password"),
        Script::saying("auth", "534 5.7.9 use an app password"),
        Script::saying("mail", "530 5.7.0 log in first"),
        Script::saying("mail", "553 5.7.1 not your address"),
        Script::saying("rcpt", "553 5.7.1 sender address rejected: not owned by user"),
        Script::saying("rcpt", "550 5.4.5 Daily user sending limit exceeded"),
        Script::saying("end", "550 5.4.5 Daily user sending limit exceeded"),
        Script::saying(
            "end",
            "550-5.4.5 Daily user sending limit exceeded.\r\n550 5.4.5 see support.example",
        ),
        Script::saying("end", "550 5.7.26 unauthenticated"),
        Script::saying("end", "550 5.7.28 unusual rate"),
        Script::saying("greeting", "554 we do not talk to you"),
        Script::saying("ehlo", "250 stub"),
    ];
    for script in scripts {
        let stub = Stub::start(script.clone()).await;
        let (runtime, config) = (runtime(), with_login(smtp(stub.port)));
        let mut heard = runtime.events.listen();
        let port = actor(&config, &runtime);
        let first = port.ask(letter(), LIMIT).await.unwrap();
        let until = runtime.clock.now() + chrono::TimeDelta::minutes(1);
        assert!(
            matches!(&first, Err(MailError::Held { until: then, .. }) if *then == until),
            "{script:?}: {first:?}"
        );
        let asked = stub.commands.lock().unwrap().len();
        assert_eq!(port.ask(letter(), LIMIT).await.unwrap(), first, "{script:?}");
        assert_eq!(
            stub.commands.lock().unwrap().len(),
            asked,
            "nobody knocks again: {script:?}"
        );
        let told: Vec<Event> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        assert_eq!(told.iter().filter(|event| event.name == "emails_paused").count(), 1);
        assert!(!format!("{told:?}{first:?}").contains("very-private"));
    }
}

#[actix_rt::test]
async fn a_recipient_we_may_not_write_to_holds_its_own_letter_alone() {
    let outcome = at_server(Script::saying("rcpt", "554 5.7.1 relay access denied")).await;
    let relay = "554 5.7.1 relay access denied".to_owned();
    assert_eq!(outcome, Err(MailError::Configuration(relay)));
}

#[actix_rt::test]
async fn the_domain_of_an_address_travels_in_ascii() {
    let stub = Stub::start(Script::default()).await;
    let mut config = with_login(smtp(stub.port));
    config.from = Email::normalised("bot@почта.рф");
    let mut send = letter();
    send.page.to = Email::normalised("info@почта.рф");
    assert_eq!(actor(&config, &runtime()).ask(send, LIMIT).await.unwrap(), Ok(()));
    let commands = stub.commands.lock().unwrap().clone();
    for command in [
        "MAIL FROM:<bot@xn--80a1acny.xn--p1ai>",
        "RCPT TO:<info@xn--80a1acny.xn--p1ai>",
    ] {
        assert!(commands.contains(&format!("{command}\r\n")), "{commands:?}");
    }
    let letters = stub.letters.lock().unwrap().clone();
    let (head, _) = letters[0].split_once("\r\n\r\n").unwrap();
    assert!(
        head.is_ascii() && head.contains("To: info@xn--80a1acny.xn--p1ai"),
        "{head}"
    );
}

#[actix_rt::test]
async fn a_mailbox_beyond_ascii_needs_a_server_that_says_so() {
    let offering = Script::saying("ehlo", "250-stub\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN");
    for (script, outcome) in [(Script::default(), Err(())), (offering, Ok(()))] {
        let stub = Stub::start(script).await;
        let mut send = letter();
        send.page.to = Email::normalised("инфо@почта.рф");
        let sent = actor(&with_login(smtp(stub.port)), &runtime())
            .ask(send, LIMIT)
            .await
            .unwrap();
        let is_ours = matches!(&sent, Err(MailError::Configuration(said)) if said.contains("ASCII"));
        assert_eq!((sent.is_ok(), is_ours), (outcome.is_ok(), outcome.is_err()), "{sent:?}");
        assert_eq!(stub.heard("MAIL FROM:<bot@shop.example> SMTPUTF8"), outcome.is_ok());
        assert_eq!(stub.heard("RCPT"), outcome.is_ok(), "nothing raw without an offer");
    }
}

#[actix_rt::test]
async fn a_refused_name_gives_way_to_the_domain_of_the_sender() {
    for script in [
        Script::saying("ehlo", "504 5.5.2 need fully-qualified hostname"),
        Script::saying("ehlo", "550 HELO should be a FQDN"),
        Script::saying(
            "rcpt",
            "504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname",
        ),
        Script::saying("rcpt", "450 4.7.1 <[127.0.0.1]>: Helo command rejected: Host not found"),
    ] {
        let stub = Stub::refusing_names(script.clone(), "shop.example").await;
        let port = actor(&with_login(smtp(stub.port)), &runtime());
        for _ in 0..2 {
            assert_eq!(port.ask(letter(), LIMIT).await.unwrap(), Ok(()), "{script:?}");
        }
        let commands = stub.commands.lock().unwrap().clone();
        let names: Vec<&str> = commands.iter().filter_map(|line| line.strip_prefix("EHLO ")).collect();
        assert_eq!(names.len(), 3, "the one that works is kept: {names:?}");
        assert!(
            names[0].contains('.') && names[1..] == ["shop.example\r\n"; 2],
            "{names:?}"
        );
    }
}

#[actix_rt::test]
async fn a_name_that_is_set_is_given_and_named_when_it_is_refused() {
    let stub = Stub::start(Script::saying("ehlo", "504 5.5.2 need fully-qualified hostname")).await;
    let mut config = with_login(smtp(stub.port));
    config.helo = Some("set.example".into());
    let refused = check(&config).await;
    assert!(
        matches!(&refused, Err(MailError::Account(said)) if said.contains("504")),
        "{refused:?}"
    );
    let commands = stub.commands.lock().unwrap().clone();
    assert_eq!(commands[0], "EHLO set.example\r\n");
    assert!(
        !commands[1..].iter().any(|line| line.starts_with("EHLO")),
        "{commands:?}"
    );
}

#[actix_rt::test]
async fn a_letter_refused_for_its_size_may_be_taken_without_its_files() {
    let stub = Stub::start(Script::saying("end", "552 5.3.4 too big")).await;
    let port = actor(&with_login(smtp(stub.port)), &runtime());
    let said = "552 5.3.4".to_owned();
    let whole = port.ask(letter(), LIMIT).await.unwrap();
    assert_eq!(whole, Err(MailError::TooLarge(said.clone())));
    let bare = SendMail {
        files: Files::LeftOut,
        ..letter()
    };
    assert_eq!(port.ask(bare, LIMIT).await.unwrap(), Err(MailError::Refused(said)));
    let letters = stub.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 2);
    let (whole, bare) = (read(letters[0].as_bytes()), read(letters[1].as_bytes()));
    assert_eq!((whole.attachment_count(), bare.attachment_count()), (1, 0));
    assert_eq!(whole.message_id(), bare.message_id());
    for body in [bare.body_text(0).unwrap(), bare.body_html(0).unwrap()] {
        assert!(
            body.contains("frontdesk leads preview 42 --eml") && body.contains("54 метра"),
            "{body}"
        );
    }
}
