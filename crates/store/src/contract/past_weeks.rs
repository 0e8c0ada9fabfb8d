//! The week before a report: which reports belong to it, and that each has the same figures as its own page.

use chrono::TimeDelta;
use domain::{FailReason, Origin, Period};
use pages::{Figures, PastWeek};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::bench::Bench;
use super::samples::{batch, begin, close, own_card, phone, reply, turn};
use crate::{Ending, FinishTurn, ReplyKind};

fn begun() -> Bench {
    let bench = Bench::new();
    bench.tell(begin());
    bench
}

/// Closes a period after this many hours.
fn reported(bench: &Bench, hours: i64) -> Period {
    bench.hand.advance(TimeDelta::hours(hours));
    let closed = bench.tell(close(bench.now()));
    closed.expect("it was not closed before").period
}

/// The hours covered by the reports before one. They are these many hours apart, and its own report follows a day later.
fn hours_before(reports: &[i64]) -> Option<i64> {
    let bench = begun();
    for hours in reports {
        reported(&bench, *hours);
    }
    let last = reported(&bench, 24);
    bench.page(last).past_week.map(|week| week.span.num_hours())
}

#[test]
fn seven_daily_reports_are_a_week_even_when_clocks_change() {
    let mut days = [24; 10];
    assert_eq!(hours_before(&days), Some(7 * 24));
    days[6] = 23;
    assert_eq!(hours_before(&days), Some(7 * 24 - 1), "spring");
    days[6] = 25;
    assert_eq!(hours_before(&days), Some(7 * 24 + 1), "autumn");
}

#[test]
fn the_first_report_has_no_week_before_it_and_the_second_one_day() {
    assert_eq!(hours_before(&[]), None);
    assert_eq!(hours_before(&[5]), Some(5));
    assert_eq!(hours_before(&[5, 24]), Some(29));
}

#[test]
fn a_report_after_downtime_belongs_to_the_week_it_was_due() {
    assert_eq!(hours_before(&[24, 24, 9 * 24, 24, 24]), Some(11 * 24));
    assert_eq!(hours_before(&[24, 24, 9 * 24]), Some(9 * 24));
}

/// What a customer does: they ask and get an answer, ask and get none, leave a number, wait for an answer, or get the
/// answer they waited for.
#[derive(Debug, Clone, Copy)]
enum Act {
    Asks(i64),
    IsFailed(i64),
    LeavesNumber(i64),
    Waits(i64),
    IsAnsweredLate(i64),
    ReportIsDue(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let chat = || 1..6_i64;
    let act = prop_oneof![
        3 => chat().prop_map(Act::Asks),
        1 => chat().prop_map(Act::IsFailed),
        1 => chat().prop_map(Act::LeavesNumber),
        1 => chat().prop_map(Act::Waits),
        1 => chat().prop_map(Act::IsAnsweredLate),
        3 => prop_oneof![4 => Just(24_i64), 1 => 1..100_i64].prop_map(Act::ReportIsDue),
    ];
    prop::collection::vec(act, 1..40)
}

fn happens(bench: &Bench, n: i64, act: Act, periods: &mut Vec<Period>) {
    match act {
        Act::Asks(chat) => {
            bench.talks(chat, n, "question", "answer");
        }
        Act::IsFailed(chat) => {
            let row = bench.hears(chat, n, "question");
            let failed = FinishTurn {
                ending: Ending::Failed(FailReason::Deadline),
                reply: Some(reply(ReplyKind::Failure, &["later"])),
                ..turn(chat, &[row], "")
            };
            bench.finish(&failed);
        }
        Act::LeavesNumber(chat) => {
            let mut store = batch(vec![own_card(chat, n, "79123456789")]);
            store.admissions[0].contacts = vec![phone(&format!("7912345{n:04}"), Origin::Verified)];
            bench.tell(store);
        }
        Act::Waits(chat) => {
            bench.hears(chat, n, "question");
        }
        Act::IsAnsweredLate(chat) => {
            let waiting = bench.conversation(chat).waiting;
            let rows: Vec<_> = waiting.iter().map(|row| row.id).collect();
            if !rows.is_empty() {
                bench.answers(chat, &rows, "at last");
            }
        }
        Act::ReportIsDue(hours) => periods.push(reported(bench, hours)),
    }
}

/// The same week from the pages of its reports.
fn from_pages(bench: &Bench, periods: &[Period], of: Period) -> Option<PastWeek> {
    let is_of_it = |past: &&Period| past.until <= of.since && of.since - past.until < PastWeek::REACH;
    let past = periods.iter().filter(is_of_it);
    past.fold(None, |week: Option<PastWeek>, past| {
        let (week, day) = (week.unwrap_or_default(), Figures::of(&bench.page(*past)));
        Some(PastWeek {
            span: week.span + (past.until - past.since),
            dialogs: week.dialogs + day.dialogs,
            new_customers: week.new_customers + day.new_customers,
            leads: week.leads + day.leads,
            failed: week.failed + day.failed,
        })
    })
}

proptest! {
    #![proptest_config(Config { cases: Config::default().cases / 10, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_week_is_the_sum_of_its_reports(acts in acts()) {
        let bench = begun();
        let mut periods = Vec::new();
        for (n, act) in (1..).zip(acts) {
            happens(&bench, n, act, &mut periods);
        }
        periods.push(reported(&bench, 24));
        for period in &periods {
            assert_eq!(bench.page(*period).past_week, from_pages(&bench, &periods, *period));
        }
    }
}
