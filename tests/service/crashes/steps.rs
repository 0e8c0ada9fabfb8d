//! Every step of the service is made to kill it or to fail, before and after it took effect: nothing is lost, and only a
//! message that may have been sent is repeated. The sweep counts the steps and prints its figures (`--nocapture`).

use std::sync::{Arc, Mutex};

use base::{Moment, Step, StepFault, StepHook, StepName};

use super::sweep::{Sum, Trouble, calls, sweep};
use crate::harness::TestService;

const MOMENTS: [Moment; 2] = [Moment::Before, Moment::After];
/// Steps whose failures have their own tests.
const OWN: [StepName; 5] = [
    StepName::Commit,
    StepName::Send,
    StepName::Mail,
    StepName::Conversation,
    StepName::Run,
];

/// Sweeps with a single error and with a lasting one.
async fn failing(moment: Moment, names: &[StepName]) -> (Sum, Sum) {
    tokio::join!(
        sweep(Trouble::Once, moment, names),
        sweep(Trouble::Lasting, moment, names)
    )
}

/// The same where no failure may cause a repeat or a mark.
async fn failing_costs_nothing(moment: Moment, names: &[StepName]) {
    let (once, lasting) = failing(moment, names).await;
    for sum in [once, lasting] {
        assert_eq!((sum.all_doubles(), sum.marks()), (0, 0), "{names:?} {moment:?}");
    }
}

/// The same where each failure leaves open whether the effect happened.
async fn failing_doubles(name: StepName) {
    let (once, lasting) = failing(Moment::After, &[name]).await;
    assert_eq!((once.doubles(name), once.marks()), (once.hit(name), once.hit(name)));
    assert!(lasting.doubles(name) >= lasting.hit(name));
    assert_eq!(lasting.doubles(name), lasting.marks());
}

/// Records each step without failing it.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(StepName, Moment)>>>);

impl StepHook for Seen {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        self.0.lock().unwrap().push((step.name, step.moment));
        Ok(())
    }
}

#[actix_rt::test]
async fn a_message_is_stored_then_confirmed_then_answered_with_three_commits() {
    let seen = Seen::default();
    let mut service = TestService::builder().manual_clock().steps(seen.clone()).start().await;
    service.ask(1, "the first makes a thread").await;
    service.settles().await;
    service.ask(1, "the second has one").await;
    service.settles().await;
    service.stop();
    let seen = seen.0.lock().unwrap().clone();
    // No poll returns after the one with the second message.
    let fetched = seen.iter().rposition(|step| *step == (StepName::Poll, Moment::After));
    let behind = &seen[fetched.unwrap()..];
    let place = |step| behind.iter().position(|seen| *seen == step).unwrap();
    let stored = place((StepName::Commit, Moment::After));
    assert!(place((StepName::Poll, Moment::Before)) > stored, "{behind:?}");
    let first_sent = seen.iter().position(|step| *step == (StepName::Send, Moment::After));
    let own = [StepName::Commit, StepName::Run, StepName::Send];
    let journey = seen[first_sent.unwrap() + 1..]
        .iter()
        .filter(|(name, _)| own.contains(name));
    let expected = [
        // The verdict of the first reply.
        StepName::Commit,
        StepName::Commit,
        StepName::Run,
        StepName::Commit,
        StepName::Send,
        StepName::Commit,
        // Records the clean stop and the threads file it wrote.
        StepName::Commit,
        StepName::Commit,
    ];
    let expected = expected.map(|name| MOMENTS.map(|moment| (name, moment))).concat();
    assert_eq!(journey.copied().collect::<Vec<_>>(), expected);
}

#[actix_rt::test]
async fn every_call_to_an_edge_is_a_step() {
    for calls in calls().await {
        eprintln!("{calls:?}");
        // A long poll dropped by a stop has no answer, and so no journal entry.
        let dropped = u64::from(calls.name == StepName::Poll);
        assert!(calls.reached > 0 && calls.reached + dropped == calls.begun, "{calls:?}");
    }
}

#[actix_rt::test]
async fn a_kill_before_any_step_loses_nothing_and_marks_every_repeat() {
    sweep(Trouble::Kill, Moment::Before, &StepName::ALL).await;
}

#[actix_rt::test]
async fn a_kill_after_any_step_loses_nothing_and_marks_every_repeat() {
    let sum = sweep(Trouble::Kill, Moment::After, &StepName::ALL).await;
    // The one case that may repeat: after the effect, before anything observed it.
    for name in [StepName::Send, StepName::Mail] {
        assert!(sum.doubles(name) >= sum.hit(name), "{name:?}");
    }
}

#[actix_rt::test]
async fn a_commit_that_fails_before_its_effect_loses_nothing() {
    failing_costs_nothing(Moment::Before, &[StepName::Commit]).await;
}

#[actix_rt::test]
async fn a_commit_that_took_effect_but_reported_an_error_is_not_repeated() {
    failing_costs_nothing(Moment::After, &[StepName::Commit]).await;
}

#[actix_rt::test]
async fn a_message_that_was_certainly_not_sent_is_retried_unmarked() {
    failing_costs_nothing(Moment::Before, &[StepName::Send]).await;
}

#[actix_rt::test]
async fn a_message_sent_without_a_response_is_repeated_and_marked() {
    failing_doubles(StepName::Send).await;
}

#[actix_rt::test]
async fn a_letter_is_repeated_only_if_its_answer_was_lost() {
    failing_costs_nothing(Moment::Before, &[StepName::Mail]).await;
    failing_doubles(StepName::Mail).await;
}

#[actix_rt::test]
async fn a_message_is_answered_once_if_the_model_response_is_lost() {
    for moment in MOMENTS {
        failing_costs_nothing(moment, &[StepName::Conversation, StepName::Run]).await;
    }
}

#[actix_rt::test]
async fn a_failed_call_at_any_step_loses_nothing() {
    let others: Vec<_> = StepName::ALL.into_iter().filter(|name| !OWN.contains(name)).collect();
    for moment in MOMENTS {
        failing_costs_nothing(moment, &others).await;
    }
}
