//! Each joint of the service fails once, before or after it took effect: nothing is lost, and only what may have left
//! is repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use chrono_tz::Tz;
use frontdesk::runtime::{Moment, Step, StepFault, StepHook};
use futures_util::future::join_all;

use crate::harness::saving::saving;
use crate::harness::{OWNER, TestService};

/// Fails the n-th step of a name on one side.
struct FailOnce {
    name: &'static str,
    moment: Moment,
    n: u64,
    met: AtomicU64,
}

impl StepHook for FailOnce {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name != self.name || step.moment != self.moment {
            return Ok(());
        }
        match self.met.fetch_add(1, Ordering::Relaxed) + 1 == self.n {
            true => Err(StepFault),
            false => Ok(()),
        }
    }
}

/// A short story with the n-th step failing; answers the doubles.
async fn story(name: &'static str, moment: Moment, n: u64) -> usize {
    let met = AtomicU64::new(0);
    let service = TestService::builder()
        .clock_that_runs()
        .steps(FailOnce { name, moment, n, met })
        .start()
        .await;
    let step = TimeDelta::seconds(1);
    service.say(1, "first of one");
    service.say(2, "first of two");
    service.say(1, "second of one");
    service.advancing(step, service.replies(1, 2)).await;
    service.advancing(step, service.replies(2, 1)).await;
    service.say(2, "second of two");
    service.advancing(step, service.replies(2, 2)).await;
    service.advancing(step, service.settles()).await;
    let sent = service.sql("SELECT COUNT(*), SUM(state = 'completed') FROM outbox");
    assert_eq!(sent, ["4|4"], "{name} {n} {moment:?}");
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'done'"), ["4"]);
    service.got_once(&[
        (1, &["echo: first of one", "echo: second of one"]),
        (2, &["echo: first of two", "echo: second of two"]),
    ])
}

async fn doubles(name: &'static str, moment: Moment, upto: u64) -> usize {
    let stories = join_all((1..=upto).map(|n| story(name, moment, n))).await;
    stories.into_iter().sum()
}

#[actix_rt::test]
async fn a_commit_that_fails_before_its_effect_costs_nothing() {
    assert_eq!(doubles("commit", Moment::Before, 14).await, 0);
}

#[actix_rt::test]
async fn a_commit_that_took_effect_and_reported_an_error_is_not_made_twice() {
    assert_eq!(doubles("commit", Moment::After, 14).await, 0);
}

#[actix_rt::test]
async fn a_message_that_surely_did_not_leave_is_sent_without_a_mark() {
    assert_eq!(doubles("send", Moment::Before, 4).await, 0);
}

#[actix_rt::test]
async fn a_message_that_left_without_an_answer_is_repeated_with_a_mark() {
    assert_eq!(doubles("send", Moment::After, 4).await, 4);
}

#[actix_rt::test]
async fn a_run_whose_outcome_is_lost_is_answered_once() {
    for moment in [Moment::Before, Moment::After] {
        assert_eq!(doubles("run", moment, 4).await, 0);
    }
}

/// A customer leaves his number with the n-th step failing; answers the letters that came twice.
async fn lead_story(name: &'static str, moment: Moment, n: u64) -> usize {
    let met = AtomicU64::new(0);
    let service = TestService::builder()
        .script(saving)
        .clock_that_runs()
        .steps(FailOnce { name, moment, n, met })
        .start()
        .await;
    let step = TimeDelta::seconds(1);
    service.say(1, "мой номер 8 912 345-67-89");
    service.advancing(step, service.replies(1, 1)).await;
    service.say(1, "мой номер 8 999 000-00-00");
    service.advancing(step, service.replies(1, 2)).await;
    service.advancing(step, service.settles()).await;
    let leads = "SELECT phone, revision FROM successful_dialogs";
    assert_eq!(service.sql(leads), ["+79990000000|2"], "{name} {n} {moment:?}");
    let letters = service.letters_to(OWNER, 2).await;
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    assert_eq!(ids.len(), 2, "{name} {n} {moment:?}");
    letters.len() - ids.len()
}

async fn letter_doubles(name: &'static str, moment: Moment, upto: u64) -> usize {
    let stories = join_all((1..=upto).map(|n| lead_story(name, moment, n))).await;
    stories.into_iter().sum()
}

#[actix_rt::test]
async fn a_commit_that_fails_costs_no_lead_and_no_letter() {
    for moment in [Moment::Before, Moment::After] {
        assert_eq!(letter_doubles("commit", moment, 18).await, 0);
    }
}

#[actix_rt::test]
async fn a_run_whose_outcome_is_lost_saves_a_contact_once() {
    for moment in [Moment::Before, Moment::After] {
        assert_eq!(letter_doubles("run", moment, 4).await, 0);
    }
}

#[actix_rt::test]
async fn a_letter_is_repeated_only_where_its_answer_was_lost() {
    assert_eq!(letter_doubles("mail", Moment::Before, 2).await, 0);
    assert_eq!(letter_doubles("mail", Moment::After, 2).await, 2);
}

/// Two days with a customer on each and the n-th step failing; answers the reports that came twice.
async fn report_story(name: &'static str, moment: Moment, n: u64) -> usize {
    let met = AtomicU64::new(0);
    let service = TestService::builder()
        .clock_that_runs()
        .reports_at_nine(Tz::UTC)
        .steps(FailOnce { name, moment, n, met })
        .start()
        .await;
    let step = TimeDelta::seconds(1);
    let begun = service.sql_becomes("SELECT COUNT(*) FROM reports", &["1"]);
    service.advancing(step, begun).await;
    for day in 1..=2 {
        service.say(1, &format!("day {day}"));
        service.advancing(step, service.replies(1, day)).await;
        service.advance(TimeDelta::hours(24));
        let closed = [day.to_string()];
        let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
        let closed = service.sql_becomes("SELECT COUNT(*) FROM reports WHERE due_at IS NOT NULL", &closed);
        service.advancing(step, closed).await;
        service.advancing(step, service.settles()).await;
    }
    let told = "SELECT group_concat(upto_dialog - after_dialog) FROM reports WHERE due_at IS NOT NULL";
    assert_eq!(service.sql(told), ["2,2"], "{name} {n} {moment:?}");
    let letters = service.letters_to(OWNER, 2).await;
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    assert_eq!(ids.len(), 2, "{name} {n} {moment:?}");
    letters.len() - ids.len()
}

async fn report_doubles(name: &'static str, moment: Moment, upto: u64) -> usize {
    let stories = join_all((1..=upto).map(|n| report_story(name, moment, n))).await;
    stories.into_iter().sum()
}

#[actix_rt::test]
async fn a_commit_that_fails_costs_no_report_and_doubles_none() {
    for moment in [Moment::Before, Moment::After] {
        assert_eq!(report_doubles("commit", moment, 16).await, 0);
    }
}

#[actix_rt::test]
async fn a_report_is_repeated_only_where_its_answer_was_lost() {
    assert_eq!(report_doubles("mail", Moment::Before, 2).await, 0);
    assert_eq!(report_doubles("mail", Moment::After, 2).await, 2);
}
