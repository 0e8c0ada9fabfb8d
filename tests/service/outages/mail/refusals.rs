//! The mail server rejects a letter: no rejection of an owner is final for a week.

use super::*;

#[actix_rt::test]
async fn a_rejected_owner_address_delays_no_other_and_is_logged_at_once() {
    let builder = TestService::builder().config(with_partner).script(saving);
    let service = builder.running_clock().start().await;
    let refused = smtp("rcpt", 550, "5.1.1 no such user").containing(PARTNER);
    let refused = service.fault(refused);
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.letter(1).await;
    let alert = service.letters_to(OPERATOR, 1).await.remove(0);
    assert!(alert.subject.contains(PARTNER), "{}", alert.subject);
    for part in [alert.text.unwrap(), alert.html.unwrap()] {
        let part = part.replace('\u{2060}', "");
        assert!(
            part.contains("550 5.1.1 no such user") && part.contains(PARTNER),
            "{part}"
        );
    }
    let states = "SELECT address, state, reason FROM outbox WHERE key LIKE 'lead:%' ORDER BY id";
    let waiting = format!("{PARTNER}|retryable|refused: 550 5.1.1 no such user");
    service
        .sql_becomes(states, &[&format!("{OWNER}|completed|"), &waiting])
        .await;
    service.ask(8, "мой номер 8 912 345-67-80").await;
    service.letter(2).await;
    service.faults_injected(refused, 2).await;
    service.release(refused);
    service.advancing(TimeDelta::minutes(5), service.settles()).await;
    assert_eq!(
        service.letters_to(PARTNER, 2).await.len(),
        2,
        "large providers refuse live mailboxes"
    );
    assert_eq!(service.letters_to(OPERATOR, 1).await.len(), 1, "named once a day");
}

#[actix_rt::test]
async fn a_temporary_rejection_delays_the_email_by_an_hour_and_loses_no_lead() {
    let refusals = [
        (smtp("data", 554, "5.7.1 suspicion of SPAM"), "refused: 554 5.7.1"),
        (
            smtp("rcpt", 550, "5.1.1 no such user"),
            "refused: 550 5.1.1 no such user",
        ),
        (
            smtp("rcpt", 552, "5.2.2 mailbox full"),
            "refused: 552 5.2.2 mailbox full",
        ),
        (
            Rule::on(Edge::Smtp, "data").with(Fault::ForeignBytes { code: Some(554) }),
            "refused: 554",
        ),
    ];
    for (n, (refusal, reason)) in (10..).zip(refusals) {
        let service = by_hand().await;
        let rule = service.fault(refusal.times(1));
        leaves_number(&service, n).await;
        let waits = "SELECT state, reason FROM outbox WHERE key LIKE 'lead:%'";
        service.faults_injected(rule, 1).await;
        service.sql_becomes(waits, &[&format!("retryable|{reason}")]).await;
        let due = "SELECT CAST(ROUND((julianday(due_at) - julianday(claimed_at)) * 24) AS INTEGER) FROM outbox WHERE \
                   key LIKE 'lead:%'";
        service.sql_becomes(due, &["1"]).await;
        service.release(rule);
        service.advancing(TimeDelta::minutes(2), service.settles()).await;
        assert_eq!(service.letters_to(OWNER, 1).await.len(), 1, "{reason}");
    }
}

#[actix_rt::test]
async fn a_letter_refused_for_a_week_is_a_dead_letter() {
    let service = by_hand().await;
    let refused = service.fault(smtp("rcpt", 550, "5.1.1 no such user").containing(OWNER));
    leaves_number(&service, 10).await;
    service.faults_injected(refused, 1).await;
    let states = "SELECT state, reason FROM outbox WHERE key LIKE 'lead:%'";
    let early = TimeDelta::days(7) - TimeDelta::hours(1);
    service
        .sql_becomes(states, &["retryable|refused: 550 5.1.1 no such user"])
        .await;
    service.advance(early);
    service.faults_injected(refused, 2).await;
    service
        .sql_becomes(states, &["retryable|refused: 550 5.1.1 no such user"])
        .await;
    service.advancing(TimeDelta::minutes(1), service.settles()).await;
    assert_eq!(service.sql(states), ["dead|550 5.1.1 no such user"]);
    assert_eq!(
        service.letters_to(OPERATOR, 2).await.len(),
        2,
        "on the first day and on the last"
    );
}

#[actix_rt::test]
async fn a_letter_that_is_too_large_is_sent_without_attachments_and_says_so() {
    let service = by_hand().await;
    let with_files = smtp("data", 552, "5.3.4 message too big").containing("lead-1.vcf");
    service.fault(with_files);
    leaves_number(&service, 10).await;
    service.advancing(STEP, service.settles()).await;
    let letter = service.letter(1).await;
    assert!(letter.attachments.is_empty(), "{:?}", letter.attachments);
    assert!(letter.text.unwrap().contains("frontdesk leads preview 1 --eml"));
    assert_eq!(
        service.sql("SELECT attempts FROM outbox WHERE key LIKE 'lead:%'"),
        ["1"]
    );
}
