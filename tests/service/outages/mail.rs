//! The mail server is down, slow or refuses: leads are kept, letters wait, each arrives once.

use chrono::TimeDelta;
use frontdesk::domain::Email;
use sandbox::{Edge, Fault, Rule};

use crate::harness::saving::saving;
use crate::harness::{OPERATOR, OWNER, TestService};

const PARTNER: &str = "partner@example.org";
const STEP: TimeDelta = TimeDelta::seconds(10);

fn smtp(point: &str, code: u16, text: &str) -> Rule {
    Rule::on(Edge::Smtp, point).with(Fault::Smtp {
        code,
        text: text.into(),
    })
}

async fn by_hand() -> TestService {
    TestService::builder().script(saving).clock_that_runs().start().await
}

/// A customer leaves his number while the clock runs.
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
        "trouble with mail is not told by mail"
    );
}

#[actix_rt::test]
async fn an_owner_who_is_refused_keeps_no_other_waiting() {
    let partner = |config: &mut frontdesk::config::Config| config.mail.owners.push(Email::normalised(PARTNER));
    let service = TestService::builder().config(partner).script(saving).start().await;
    let refused = smtp("rcpt", 550, "5.1.1 no such user").containing(PARTNER);
    service.sandbox().faults().add(refused);
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.letter(1).await;
    service.settles().await;
    let states = "SELECT address, state FROM outbox WHERE address IS NOT NULL ORDER BY id";
    assert_eq!(
        service.sql(states),
        [format!("{OWNER}|completed"), format!("{PARTNER}|dead")]
    );
    let reason = service.sql("SELECT reason FROM outbox WHERE state = 'dead'");
    assert!(reason[0].contains("550"), "{reason:?}");
    assert_eq!(service.sandbox().smtp().letters_to(PARTNER).len(), 0);
}

#[actix_rt::test]
async fn whatever_the_server_says_for_now_the_letter_comes_once() {
    let refusals = [
        smtp("connect", 421, "4.3.2 closing"),
        smtp("auth", 535, "5.7.8 bad credentials"),
        smtp("mail", 451, "4.3.0 try later"),
        smtp("rcpt", 450, "4.2.0 greylisted"),
        smtp("data", 452, "4.2.2 full"),
        Rule::on(Edge::Smtp, "connect").with(Fault::CutBefore),
        Rule::on(Edge::Smtp, "data").with(Fault::CutBefore),
    ];
    for (n, refusal) in (10..).zip(refusals) {
        let service = by_hand().await;
        service.sandbox().faults().add(refusal.clone().times(2));
        leaves_number(&service, n).await;
        service.advancing(STEP, service.settles()).await;
        assert_eq!(service.letters_to(OWNER, 1).await.len(), 1, "{refusal:?}");
        let attempts = service.sql("SELECT attempts, state FROM outbox WHERE address IS NOT NULL");
        assert_eq!(attempts, ["3|completed"], "{refusal:?}");
    }
}

#[actix_rt::test]
async fn a_letter_whose_answer_is_lost_is_repeated_with_its_own_id_and_marked() {
    let service = by_hand().await;
    let cut = Rule::on(Edge::Smtp, "data").times(1).with(Fault::CutAfter);
    service.sandbox().faults().add(cut);
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
async fn a_server_that_hangs_is_left_and_keeps_no_reply_waiting() {
    let quick = |config: &mut frontdesk::config::Config| {
        let smtp = config.mail.smtp.as_mut().unwrap();
        smtp.timeout = std::time::Duration::from_millis(300);
    };
    let builder = TestService::builder().script(saving).clock_that_runs();
    let service = builder.config(quick).start().await;
    let hang = service
        .sandbox()
        .faults()
        .add(Rule::on(Edge::Smtp, "data").with(Fault::Hang));
    for chat in 10..=29 {
        leaves_number(&service, chat).await;
    }
    service.strikes(hang, 4).await;
    service.say(99, "а меня кто-нибудь слышит?");
    let heard = service.replies(99, 1).await;
    assert_eq!(heard, ["echo: а меня кто-нибудь слышит?"], "without the clock moving");
    service.release(hang);
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.sandbox().smtp().letters_to(OWNER).len(), 20);
}

#[actix_rt::test]
async fn a_refused_login_holds_letters_and_is_only_logged() {
    let service = by_hand().await;
    let refused = service
        .sandbox()
        .faults()
        .add(smtp("auth", 535, "5.7.8 bad credentials"));
    let mut events = service.listen();
    leaves_number(&service, 10).await;
    let held = service
        .advancing(STEP, service.happens(&mut events, "letters_held"))
        .await;
    assert!(held.field("reason").unwrap().contains("535"), "{held:?}");
    service.advance(TimeDelta::days(2));
    service.release(refused);
    service.advancing(STEP, service.settles()).await;
    assert_eq!(service.letters_to(OWNER, 1).await.len(), 1);
    assert!(service.sandbox().smtp().letters_to(OPERATOR).is_empty());
}

#[actix_rt::test]
async fn killed_with_a_letter_in_hand_it_comes_again_with_the_same_id() {
    let mut service = by_hand().await;
    let hang = service
        .sandbox()
        .faults()
        .add(Rule::on(Edge::Smtp, "data").with(Fault::HangAfter));
    leaves_number(&service, 10).await;
    service.strikes(hang, 1).await;
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
