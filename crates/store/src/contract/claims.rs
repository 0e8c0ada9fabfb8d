//! ClaimDeliveries and the two recoveries: due deliveries are found without a hint and never claimed twice.

use chrono::TimeDelta;
use domain::DeliveryId;

use super::bench::Bench;
use super::samples::{self, claim_by};
use super::verdicts::{reply_in_parts, retry, sent};
use crate::requeue::{DeadLetters, Requeued};
use crate::{ClaimDeliveries, ClaimedDeliveries, CountWork, RecoverDeliveries, Verdict, Way};

fn claim(bench: &Bench, held: &[DeliveryId]) -> ClaimedDeliveries {
    bench.tell(ClaimDeliveries {
        held: held.to_vec(),
        ..samples::claim(100)
    })
}

fn ids(claimed: &ClaimedDeliveries) -> Vec<i64> {
    claimed.deliveries.iter().map(|delivery| delivery.id.0).collect()
}

#[test]
fn a_waiting_lane_is_not_claimed_before_it_is_due() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    bench.record(&first, retry(&bench, 30, false));
    let other = reply_in_parts(&bench, 2, 2, &["x", "y"]).unwrap();
    bench.record(&other, retry(&bench, 3, false));
    let nothing = claim(&bench, &[]);
    assert!(nothing.deliveries.is_empty());
    assert_eq!(nothing.next_due, Some(bench.now() + TimeDelta::seconds(3)));
    bench.hand.advance(TimeDelta::seconds(3));
    let claimed = claim(&bench, &[]);
    assert_eq!(ids(&claimed), [other.id.0], "another lane goes on");
    assert_eq!(claimed.next_due, Some(bench.now() + TimeDelta::seconds(27)));
    bench.hand.advance(TimeDelta::seconds(27));
    let claimed = claim(&bench, &[other.id]);
    assert_eq!(ids(&claimed), [first.id.0], "exactly the head");
    assert_eq!((claimed.deliveries[0].attempt, claimed.next_due), (2, None));
}

#[test]
fn the_oldest_lanes_are_claimed_first_within_the_limit() {
    let bench = Bench::new();
    for chat in 1..=4 {
        let delivery = reply_in_parts(&bench, chat, chat, &["a"]).unwrap();
        bench.record(&delivery, retry(&bench, 10 - chat, false));
    }
    bench.hand.advance(TimeDelta::seconds(20));
    let claimed = bench.tell(claim_by(Way::Chat, 3));
    assert_eq!(ids(&claimed), [1, 2, 3]);
    let claimed = bench.tell(claim_by(Way::Mail, 16));
    assert!(claimed.deliveries.is_empty());
    assert_eq!(ids(&claim(&bench, &[])), [4], "the others were claimed a moment ago");
}

#[test]
fn a_claim_with_a_lost_hint_is_returned_again() {
    let bench = Bench::new();
    let lost = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    let held = reply_in_parts(&bench, 2, 2, &["x"]).unwrap();
    bench.hand.advance(TimeDelta::milliseconds(4_999));
    assert!(
        claim(&bench, &[held.id]).deliveries.is_empty(),
        "the hint may still arrive"
    );
    bench.hand.advance(TimeDelta::milliseconds(1));
    let claimed = claim(&bench, &[held.id]);
    assert_eq!(claimed.deliveries, [lost], "no attempt is counted");
    assert_eq!(bench.outbox()[0].attempts, 1);
    let limited = bench.tell(claim_by(Way::Chat, 1));
    assert_eq!(ids(&limited), [1]);
}

#[test]
fn a_delivery_claimed_before_a_kill_may_have_been_sent() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    let other = reply_in_parts(&bench, 2, 2, &["x"]).unwrap();
    bench.record(&other, sent(1));
    assert_eq!(bench.restarts().maybe_sent, 1);
    let rows = bench.outbox();
    assert_eq!(
        (rows[0].state.as_str(), rows[0].reason.as_deref(), rows[0].maybe_sent),
        ("retryable", Some("restarted"), 1)
    );
    assert_eq!((rows[1].state.as_str(), rows[2].maybe_sent), ("scheduled", 0));
    let claimed = claim(&bench, &[]);
    assert_eq!((ids(&claimed), claimed.deliveries[0].attempt), (vec![first.id.0], 2));
}

#[test]
fn a_delivery_claimed_before_a_panic_may_have_been_sent() {
    let bench = Bench::new();
    reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    reply_in_parts(&bench, 2, 2, &["x"]).unwrap();
    assert_eq!(bench.tell(RecoverDeliveries), 2);
    assert_eq!(bench.tell(RecoverDeliveries), 0, "nothing is claimed the second time");
    assert!(
        bench
            .outbox()
            .iter()
            .all(|row| row.maybe_sent == 1 && row.reason.as_deref() == Some("panicked"))
    );
    assert_eq!(ids(&claim(&bench, &[])), [1, 2]);
}

#[test]
fn unfinished_work_is_counted_until_it_ends() {
    let bench = Bench::new();
    let began = bench.now();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    bench.hand.advance(TimeDelta::seconds(5));
    bench.hears(1, 2, "waits");
    let work = bench.tell(CountWork);
    assert_eq!((work.waiting, work.undelivered, work.dead), (1, 2, 0));
    assert_eq!(work.oldest_undelivered, Some(began));
    let second = bench.record(&first, Verdict::Dead { reason: "gone".into() }).unwrap();
    bench.record(&second, sent(1));
    let work = bench.tell(CountWork);
    assert_eq!((work.undelivered, work.oldest_undelivered, work.dead), (0, None, 1));
}

#[test]
fn a_requeued_dead_letter_waits_for_the_claimed_delivery() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "first");
    let old = bench.answers(1, &[row], "old").deliveries.remove(0);
    bench.record(&old, Verdict::Dead { reason: "no".into() });
    let row = bench.hears(1, 2, "second");
    let new = bench.answers(1, &[row], "new").deliveries.remove(0);
    let put_back = crate::requeue::requeue(&bench.path(), &DeadLetters::All, bench.now()).unwrap();
    assert_eq!(put_back, [(old.id, Requeued::Due)]);
    assert_eq!(ids(&claim(&bench, &[new.id])), Vec::<i64>::new());
    let next = bench.record(&new, Verdict::Sent { remote_id: Some(1) });
    assert_eq!(next.map(|next| (next.id, next.attempt)), Some((old.id, 2)));
}
