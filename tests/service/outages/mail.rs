//! The mail server is down, slow or rejects: leads are kept, letters wait, each arrives once.

mod refusals;

use chrono::TimeDelta;
use domain::Email;
use sandbox::{Edge, Fault, Rule};

use crate::harness::saving::saving;
use crate::harness::{OPERATOR, OWNER, TestService};

const PARTNER: &str = "partner@example.org";
const STEP: TimeDelta = TimeDelta::seconds(10);

fn smtp(point: &str, code: u16, text: &str) -> Rule {
    Rule::on(Edge::Smtp, point).with(Fault::smtp(code, text))
}

/// A second owner, whose letters a rule can refuse.
fn with_partner(config: &mut frontdesk::Config) {
    config.mail.owners.push(Email::normalised(PARTNER));
}

async fn by_hand() -> TestService {
    TestService::builder().script(saving).running_clock().start().await
}

/// A customer leaves a number while the clock runs.
async fn leaves_number(service: &TestService, chat: i64) {
    service.say(chat, &format!("мой номер 8 912 345-67-{chat}"));
    service.advancing(STEP, service.replies(chat, 1)).await;
}

#[actix_rt::test]
async fn five_days_without_a_mail_server_lose_nothing() {
    let mut service = by_hand().await;
    service.sandbox().smtp().close_port();
    for chat in 11..=15 {
        leaves_number(&service, chat).await;
        service.advance(TimeDelta::hours(23));
        if chat == 13 {
            service.restart().await;
        }
    }
    assert_eq!(service.sql("SELECT COUNT(*) FROM successful_dialogs"), ["5"]);
    assert_eq!(service.sandbox().smtp().letters().len(), 0);
    service.sandbox().smtp().open_port().unwrap();
    service.advancing(STEP, service.settles()).await;
    let letters = service.letters_to(OWNER, 5).await;
    assert_eq!(letters.len(), 5, "all of them, once");
    let states = "SELECT state, COUNT(*) FROM outbox WHERE address IS NOT NULL GROUP BY state";
    assert_eq!(service.sql(states), ["completed|5"]);
    assert!(
        service.sandbox().smtp().letters_to(OPERATOR).is_empty(),
        "trouble with mail is not shown by mail"
    );
}

#[actix_rt::test]
async fn an_smtp_reply_is_judged_by_its_code_and_not_its_text() {
    for (n, point) in (10..).zip(["connect", "ehlo", "auth", "mail", "rcpt", "data"]) {
        let service = by_hand().await;
        let foreign = Fault::ForeignBytes { code: None };
        service.fault(Rule::on(Edge::Smtp, point).with(foreign));
        leaves_number(&service, n).await;
        service.advancing(STEP, service.settles()).await;
        assert_eq!(service.letters_to(OWNER, 1).await.len(), 1, "{point}");
        let attempts = service.sql("SELECT attempts, maybe_sent FROM outbox WHERE address IS NOT NULL");
        assert_eq!(attempts, ["1|0"], "{point}");
    }
}

#[actix_rt::test]
async fn while_the_login_fails_only_one_email_is_retried() {
    let mut service = TestService::builder()
        .config(with_partner)
        .script(saving)
        .manual_clock()
        .start()
        .await;
    let mut events = service.listen();
    let mut heard = service.listen();
    let counting = actix_rt::spawn(async move {
        let (mut held, mut delayed) = (0, 0);
        loop {
            match heard.recv().await.expect("events are read in time").name {
                "emails_paused" => held += 1,
                "email_retry_scheduled" => delayed += 1,
                "emails_resumed" => return (held, delayed),
                _ => {}
            }
        }
    });
    let refused = service.fault(smtp("auth", 535, "5.7.8 bad credentials"));
    for chat in 10..=13 {
        service.ask(chat, &format!("мой номер 8 912 345-67-{chat}")).await;
    }
    let held = "SELECT COUNT(*) FROM outbox WHERE address IS NOT NULL AND state = 'retryable' AND reason = 'held: 535 \
                5.7.8 bad credentials'";
    service.sql_becomes(held, &["8"]).await;
    service.logs_event(&mut events, "emails_paused").await;
    assert_eq!(service.sandbox().faults().hits(refused), 1, "eight letters, one login");
    for (minutes, logins) in [(1, 2), (2, 3), (4, 4)] {
        service.advance(TimeDelta::minutes(minutes));
        service.faults_injected(refused, logins).await;
        service.sql_becomes(held, &["8"]).await;
        assert_eq!(service.sandbox().faults().hits(refused), logins);
    }
    service.restart().await;
    service.faults_injected(refused, 5).await;
    service.sql_becomes(held, &["8"]).await;
    assert_eq!(service.sandbox().faults().hits(refused), 5, "a new life asks once");
    service.release(refused);
    service.advance(TimeDelta::minutes(1));
    assert_eq!(service.letters_to(OWNER, 4).await.len(), 4);
    assert_eq!(service.letters_to(PARTNER, 4).await.len(), 4);
    service.settles().await;
    assert_eq!(counting.await.unwrap(), (2, 0), "one line per run, not per letter");
    assert!(
        service.sandbox().smtp().letters_to(OPERATOR).is_empty(),
        "trouble with mail is not shown by mail"
    );
}

#[actix_rt::test]
async fn a_mailbox_beyond_ascii_is_named_after_the_first_letter() {
    let own = |config: &mut frontdesk::Config| {
        config.mail.owners = vec![Email::normalised("инфо@почта.рф"), Email::normalised(OWNER)];
    };
    let service = TestService::builder()
        .config(own)
        .script(saving)
        .running_clock()
        .start()
        .await;
    let plain = service.fault(Rule::on(Edge::Smtp, "ehlo").with(Fault::NoSmtpUtf8));
    service.ask(10, "мой номер 8 912 345-67-89").await;
    service.letter(1).await;
    let alert = service.letters_to(OPERATOR, 1).await.remove(0);
    assert!(alert.subject.contains("инфо@почта.рф"), "{}", alert.subject);
    service.release(plain);
    service.advancing(STEP, service.settles()).await;
    let wire = "инфо@xn--80a1acny.xn--p1ai";
    assert_eq!(service.letters_to(wire, 1).await.len(), 1, "this server takes it");
}

#[actix_rt::test]
async fn a_domain_in_cyrillic_gets_its_letters_through_any_server() {
    let own = |config: &mut frontdesk::Config| config.mail.owners = vec![Email::normalised("info@почта.рф")];
    let service = TestService::builder().config(own).script(saving).start().await;
    service.fault(Rule::on(Edge::Smtp, "ehlo").with(Fault::NoSmtpUtf8));
    service.ask(10, "мой номер 8 912 345-67-89").await;
    let letters = service.letters_to("info@xn--80a1acny.xn--p1ai", 1).await;
    service.settles().await;
    assert_eq!(letters[0].header("To").as_deref(), Some("info@xn--80a1acny.xn--p1ai"));
}

#[actix_rt::test]
async fn a_server_that_requires_a_full_host_name_gets_one() {
    let service = by_hand().await;
    let literal = smtp("ehlo", 504, "5.5.2 need fully-qualified hostname").containing("[");
    let literal = service.fault(literal);
    leaves_number(&service, 10).await;
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
    assert_eq!(
        service.sql("SELECT attempts FROM outbox WHERE address IS NOT NULL"),
        ["1"]
    );
    assert!(service.sandbox().faults().hits(literal) <= 1);
}

#[actix_rt::test]
async fn a_letter_is_sent_once_after_any_temporary_refusal() {
    let refusals = [
        smtp("connect", 421, "4.3.2 closing"),
        smtp("auth", 535, "5.7.8 bad credentials"),
        smtp("auth", 454, "4.7.0 too many login attempts"),
        smtp("mail", 553, "5.7.1 sender address rejected: not owned by auth user"),
        smtp("rcpt", 554, "5.7.1 relay access denied").containing(OWNER),
        smtp("data", 553, "5.7.1 sender address rejected: not owned by auth user"),
        smtp("data", 550, "5.4.5 daily user sending limit exceeded"),
        smtp("mail", 451, "4.3.0 try later"),
        smtp("rcpt", 450, "4.2.0 greylisted"),
        smtp("data", 452, "4.2.2 full"),
        Rule::on(Edge::Smtp, "connect").with(Fault::CutBefore),
        Rule::on(Edge::Smtp, "data").with(Fault::CutBefore),
    ];
    for (n, refusal) in (10..).zip(refusals) {
        let service = by_hand().await;
        service.fault(refusal.clone().times(2));
        leaves_number(&service, n).await;
        service.advancing(STEP, service.settles()).await;
        assert_eq!(service.letters_to(OWNER, 1).await.len(), 1, "{refusal:?}");
        let attempts = service.sql("SELECT attempts, state FROM outbox WHERE key LIKE 'lead:%'");
        assert_eq!(attempts, ["3|completed"], "{refusal:?}");
    }
}

#[actix_rt::test]
async fn a_letter_whose_answer_is_lost_is_repeated_with_the_same_id_and_marked() {
    let service = by_hand().await;
    service.fault(Rule::on(Edge::Smtp, "data").times(1).with(Fault::CutAfter));
    leaves_number(&service, 10).await;
    service.advancing(STEP, service.settles()).await;
    let letters = service.letters_to(OWNER, 2).await;
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].message_id, letters[1].message_id);
    assert_eq!(
        service.sql("SELECT maybe_sent FROM outbox WHERE address IS NOT NULL"),
        ["1"]
    );
}

#[actix_rt::test]
async fn a_hanging_mail_server_times_out_and_delays_no_reply() {
    let quick = |config: &mut frontdesk::Config| {
        let smtp = config.mail.smtp.as_mut().unwrap();
        smtp.timeout = std::time::Duration::from_millis(300);
    };
    let builder = TestService::builder().script(saving).running_clock();
    let service = builder.config(quick).start().await;
    let hang = service.fault(Rule::on(Edge::Smtp, "data").with(Fault::Hang));
    for chat in 10..=29 {
        leaves_number(&service, chat).await;
    }
    service.faults_injected(hang, 4).await;
    service.say(99, "а меня кто-нибудь слышит?");
    let heard = service.replies(99, 1).await;
    assert_eq!(heard, ["echo: а меня кто-нибудь слышит?"], "without the clock moving");
    service.release(hang);
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.sandbox().smtp().letters_to(OWNER).len(), 20);
}

#[actix_rt::test]
async fn a_refused_login_holds_letters_and_is_logged() {
    let service = by_hand().await;
    let refused = service.fault(smtp("auth", 535, "5.7.8 bad credentials"));
    let mut events = service.listen();
    leaves_number(&service, 10).await;
    let held = service
        .advancing(STEP, service.logs_event(&mut events, "emails_paused"))
        .await;
    assert!(held.field("reason").unwrap().contains("535"), "{held:?}");
    service.advance(TimeDelta::days(2));
    service.release(refused);
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
    assert!(service.sandbox().smtp().letters_to(OPERATOR).is_empty());
}

#[actix_rt::test]
async fn a_kill_during_a_letter_repeats_it_with_the_same_id() {
    let mut service = by_hand().await;
    let hang = service.fault(Rule::on(Edge::Smtp, "data").with(Fault::HangAfter));
    leaves_number(&service, 10).await;
    service.faults_injected(hang, 1).await;
    service.kill();
    service.release(hang);
    service.start_again().await;
    service.advancing(STEP, service.settles()).await;
    let letters = service.letters_to(OWNER, 2).await;
    assert_eq!((letters.len(), &letters[0].message_id), (2, &letters[1].message_id));
    assert_eq!(
        service.sql("SELECT maybe_sent FROM outbox WHERE address IS NOT NULL"),
        ["1"]
    );
}
