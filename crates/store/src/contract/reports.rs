//! Periods: where they end, that nothing is reported in two of them, and that no due time has two reports.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{AbsenceKind, Border, Origin, Period};

use super::bench::Bench;
use super::samples::{batch, begin, claim_by, close, own_card, phone, text};
use crate::records::Records;
use crate::requeue::{DeadLetters, requeue};
use crate::statements::reports::ClosedPeriod;
use crate::{BeginReporting, LoadReportLedger, RecordPoll, ReportLedger, Verdict, Way};

const OWNER: &str = "owner@example.org";

fn begun() -> Bench {
    let bench = Bench::new();
    bench.tell(begin());
    bench
}

/// Closes a period that must not have been closed before.
fn closed(bench: &Bench, due: DateTime<Utc>) -> ClosedPeriod {
    bench.tell(close(due)).expect("it was not closed before")
}

fn ledger(bench: &Bench) -> ReportLedger {
    bench.tell(LoadReportLedger)
}

/// The texts in a period.
fn texts(bench: &Bench, period: Period) -> Vec<String> {
    let dialogs = bench.page(period).dialogs;
    let lines = dialogs.into_iter().flat_map(|dialog| dialog.lines);
    lines.map(|line| line.text).collect()
}

#[test]
fn the_due_time_itself_belongs_to_the_next_report() {
    let bench = begun();
    let due = bench.now() + TimeDelta::hours(21);
    bench.hand.advance(TimeDelta::hours(21) - TimeDelta::milliseconds(1));
    bench.hears(1, 1, "just before");
    bench.hand.advance(TimeDelta::milliseconds(1));
    bench.hears(1, 2, "at the due time");
    let first = closed(&bench, due);
    assert_eq!(texts(&bench, first.period), ["just before"]);
    let next = closed(&bench, due + TimeDelta::hours(24));
    assert_eq!(texts(&bench, next.period), ["at the due time"]);
    assert_eq!(
        (next.period.since, next.period.until),
        (due, due + TimeDelta::hours(24))
    );
}

#[test]
fn a_due_time_has_one_report_and_each_owner_one_letter() {
    let bench = begun();
    bench.hears(1, 1, "hello");
    bench.hand.advance(TimeDelta::hours(1));
    let due = bench.now();
    let first = closed(&bench, due);
    assert_eq!(first.deliveries.len(), 2, "one per owner, each lane was free");
    let before = bench.outbox();
    assert!(bench.tell(close(due)).is_none(), "repeated after a disk error");
    assert_eq!(bench.outbox(), before);
    assert_eq!(bench.letters(OWNER).len(), 1);
    assert_eq!(ledger(&bench).reported, due);
}

#[test]
fn the_first_period_starts_at_installation_and_includes_older_rows() {
    let bench = Bench::new();
    let old = bench.now();
    bench.hears(1, 1, "before reports were known");
    bench.hand.advance(TimeDelta::days(3));
    bench.tell(begin());
    assert_eq!(ledger(&bench).reported, bench.now(), "none is due at once");
    bench.tell(begin());
    bench.hand.advance(TimeDelta::hours(10));
    let first = closed(&bench, bench.now());
    assert_eq!(first.period.since, old);
    assert_eq!(texts(&bench, first.period), ["before reports were known"]);
}

#[test]
fn rows_stamped_by_a_clock_that_was_ahead_are_reported_once() {
    let bench = begun();
    let start = bench.now();
    bench.hears(1, 1, "one");
    bench.hand.advance(TimeDelta::days(900));
    bench.hears(1, 2, "from the future");
    let ahead = closed(&bench, bench.now() - TimeDelta::hours(1));
    assert_eq!(texts(&bench, ahead.period), ["one"]);
    bench.hand.advance(-TimeDelta::days(900) + TimeDelta::hours(2));
    bench.hears(1, 3, "two");
    let known = ledger(&bench);
    assert_eq!((known.reported, known.ahead), (start, vec![ahead.period.until]));
    bench.hand.advance(TimeDelta::hours(1));
    let next = closed(&bench, bench.now());
    assert_eq!(texts(&bench, next.period), ["from the future", "two"]);
    assert!(next.period.since < next.period.until, "{:?}", next.period);
    let none: Vec<String> = Vec::new();
    bench.hand.advance(TimeDelta::hours(1));
    assert_eq!(texts(&bench, closed(&bench, bench.now()).period), none);
}

#[test]
fn a_dead_delivery_is_in_one_report_and_in_another_if_it_dies_again() {
    let bench = begun();
    let row = bench.hears(1, 1, "hello");
    let reply = bench.answers(1, &[row], "hi").deliveries.remove(0);
    let dead = Verdict::Dead {
        reason: "refused".into(),
    };
    bench.record(&reply, dead.clone());
    let mut dead_counts = Vec::new();
    let mut next = |bench: &Bench| {
        bench.hand.advance(TimeDelta::hours(1));
        let closed = closed(bench, bench.now());
        dead_counts.push(bench.page(closed.period).dead.len());
    };
    next(&bench);
    next(&bench);
    requeue(&bench.path(), &DeadLetters::All, bench.now()).unwrap();
    let again = bench.tell(claim_by(Way::Chat, 9)).deliveries.remove(0);
    assert_eq!(again.id, reply.id);
    bench.record(&again, dead);
    next(&bench);
    next(&bench);
    assert_eq!(dead_counts, [1, 0, 1, 0]);
}

#[test]
fn a_lead_and_its_dialog_are_in_the_same_report() {
    let bench = begun();
    let mut both = batch(vec![own_card(1, 1, "79123456789"), text(2, 2, "hello")]);
    both.admissions[0].contacts = vec![phone("79123456789", Origin::Verified)];
    bench.tell(both);
    bench.hand.advance(TimeDelta::hours(1));
    let first = closed(&bench, bench.now());
    let page = bench.page(first.period);
    assert_eq!(page.leads.len(), 1);
    let marks: Vec<_> = page
        .dialogs
        .iter()
        .map(|dialog| (dialog.lead, dialog.is_lead_new, dialog.is_new))
        .collect();
    assert_eq!(marks, [(Some(page.leads[0].lead), true, true), (None, false, true)]);
    bench.hears(1, 3, "me again");
    bench.hand.advance(TimeDelta::hours(1));
    let next = bench.page(closed(&bench, bench.now()).period);
    assert_eq!(next.leads.len(), 0);
    assert_eq!(
        (next.dialogs[0].lead, next.dialogs[0].is_lead_new),
        (Some(page.leads[0].lead), false)
    );
    assert!(!next.dialogs[0].is_new);
}

#[test]
fn a_polling_gap_is_reported_once() {
    let bench = begun();
    let poll = |at| RecordPoll {
        at,
        kind: AbsenceKind::Unreachable,
        allowed: TimeDelta::minutes(3),
    };
    let start = bench.now();
    assert_eq!(bench.tell(poll(start)), None, "the first");
    assert_eq!(bench.tell(poll(start + TimeDelta::minutes(3))), None);
    let back = start + TimeDelta::hours(5);
    let absence = bench.tell(poll(back)).expect("it was long");
    assert_eq!((absence.began, absence.ended), (start + TimeDelta::minutes(3), back));
    assert_eq!(bench.tell(poll(back)), None, "repeated after a disk error");
    assert_eq!(bench.tell(poll(start)), None, "the clock was set back");
    bench.hand.advance(TimeDelta::hours(6));
    let first = closed(&bench, bench.now());
    assert_eq!(bench.page(first.period).absences, [absence]);
    bench.hand.advance(TimeDelta::hours(1));
    let next = closed(&bench, bench.now());
    assert_eq!(bench.page(next.period).absences, []);
}

#[test]
fn reading_an_open_period_does_not_end_it() {
    let bench = begun();
    bench.hears(1, 1, "one");
    let start = bench.now();
    bench.hand.advance(TimeDelta::hours(1));
    let mut records = Records::open(&bench.path()).unwrap();
    let open = records.open_period(bench.now()).unwrap().expect("there is one");
    assert_eq!((open.report, open.since, open.until), (None, start, bench.now()));
    assert_eq!(texts(&bench, open), ["one"]);
    let due = bench.now();
    assert_eq!(records.period_due(start, due + TimeDelta::hours(9)).unwrap(), None);
    let first = closed(&bench, due);
    assert_eq!(texts(&bench, first.period), ["one"]);
    let mut records = Records::open(&bench.path()).unwrap();
    assert_eq!(records.period_due(start, due).unwrap(), None, "the end is not included");
    let found = records.period_due(start, due + TimeDelta::seconds(1)).unwrap();
    assert_eq!(found, Some(first.period));
    let open = records.open_period(bench.now()).unwrap().expect("the next");
    assert_eq!(
        open.after,
        Border {
            dialog: 1,
            ..Border::default()
        }
    );
}

#[test]
fn a_new_schedule_makes_no_report_due_before_its_own_time() {
    let bench = begun();
    bench.hand.advance(TimeDelta::hours(5));
    let changed = BeginReporting {
        schedule: "0 * * * * UTC".into(),
    };
    bench.tell(changed.clone());
    let since = bench.now();
    assert_eq!(ledger(&bench).reported, since);
    bench.hand.advance(TimeDelta::hours(5));
    bench.tell(changed);
    assert_eq!(ledger(&bench).reported, since, "the same one again changes nothing");
}

#[test]
fn reporting_started_by_a_clock_that_was_ahead_starts_again() {
    let bench = Bench::new();
    bench.hand.advance(TimeDelta::days(365));
    bench.tell(begin());
    bench.hand.advance(-TimeDelta::days(365));
    assert!(ledger(&bench).reported > bench.now());
    bench.tell(begin());
    assert_eq!(ledger(&bench).reported, bench.now());
    bench.hand.advance(TimeDelta::hours(1));
    let first = closed(&bench, bench.now());
    assert_eq!(first.period.until - first.period.since, TimeDelta::hours(1));
}
