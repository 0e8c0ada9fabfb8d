//! A report page: the figures of turns, the delivery state of replies, the unanswered questions.

use chrono::TimeDelta;
use domain::{Change, FailReason, InboxId, LeadFacts, Occasion, Origin, ReportNotice};
use pages::{Fate, Figures, PageBody, ReportPage, Speaker, TurnOutcome};

use super::bench::{Bench, OutboxRow};
use super::plans::scans;
use super::samples::{batch, begin, claim_by, close, gap, own_card, phone, reply, text, turn, update};
use crate::records::Records;
use crate::{Ending, FinishTurn, FormUpdate, LoadLetter, ReplyKind, TurnFigures, Verdict, Way};

fn page(bench: &Bench) -> ReportPage {
    let mut records = Records::open(&bench.path()).unwrap();
    let period = records.open_period(bench.now()).unwrap().expect("there is one");
    let notice = ReportNotice {
        period,
        occasion: Occasion::Extra,
    };
    records.report(notice, bench.now()).unwrap()
}

/// A turn of the model with this duration and token count.
fn answered(bench: &Bench, chat: i64, n: i64, seconds: i64, tokens: i64) {
    let row = bench.hears(chat, n, "question");
    bench.hand.advance(TimeDelta::seconds(seconds));
    let answer = FinishTurn {
        figures: TurnFigures {
            runs: 1,
            input_tokens: tokens,
            output_tokens: 1,
            ..TurnFigures::default()
        },
        ..turn(chat, &[row], "answer")
    };
    bench.finish(&answer);
}

fn failed(chat: i64, row: InboxId, reason: FailReason, form: FormUpdate) -> FinishTurn {
    FinishTurn {
        ending: Ending::Failed(reason),
        reply: Some(reply(ReplyKind::Failure, &["later"])),
        form,
        ..turn(chat, &[row], "")
    }
}

#[test]
fn a_report_page_shows_the_figures_of_a_turn_with_its_reply() {
    let bench = Bench::new();
    bench.tell(begin());
    for (n, seconds) in (1..).zip([2, 4, 9]) {
        answered(&bench, 1, n, seconds, 100);
    }
    let row = bench.hears(2, 20, "anybody?");
    bench.finish(&failed(2, row, FailReason::Deadline, FormUpdate::Ask));
    let row = bench.hears(3, 30, "and me?");
    bench.finish(&failed(3, row, FailReason::Refused, FormUpdate::Keep));
    bench.hears(4, 40, "still waiting");
    let page = page(&bench);
    let unanswered: Vec<_> = page
        .unanswered
        .iter()
        .map(|one| (&*one.question, &*one.reason))
        .collect();
    assert_eq!(unanswered, [("anybody?", "deadline"), ("and me?", "refused")]);
    let figures = Figures::of(&page);
    assert_eq!((figures.dialogs, figures.questions, figures.replies), (4, 6, 5));
    assert_eq!((figures.new_customers, figures.without_contact), (4, 4));
    assert_eq!(figures.median_answer, Some(TimeDelta::seconds(4)));
    assert_eq!(figures.slow_answer, Some(TimeDelta::seconds(9)));
    assert_eq!((figures.input_tokens, figures.output_tokens), (300, 3));
    let reasons: Vec<_> = figures.failed_by_reason.into_iter().collect();
    assert_eq!(reasons, [("deadline".to_owned(), 1), ("refused".to_owned(), 1)]);
    assert_eq!((figures.failed, figures.forms), (2, 1));
    assert_eq!(
        page.turns
            .iter()
            .filter(|turn| turn.outcome == TurnOutcome::Answered)
            .count(),
        3
    );
}

#[test]
fn an_undelivered_reply_is_marked_in_the_report() {
    let bench = Bench::new();
    bench.tell(begin());
    let verdicts = [
        Verdict::Sent { remote_id: Some(1) },
        Verdict::Dead { reason: "gone".into() },
        Verdict::Blocked,
        Verdict::RetryAt {
            due: bench.now() + TimeDelta::hours(1),
            reason: "connect".into(),
            maybe_sent: false,
        },
    ];
    for (chat, verdict) in (1..).zip(verdicts) {
        let row = bench.hears(chat, chat, "hello");
        let sent = bench.answers(chat, &[row], "hi").deliveries.remove(0);
        bench.record(&sent, verdict);
    }
    let page = page(&bench);
    let fates: Vec<Speaker> = page.dialogs.iter().map(|dialog| dialog.lines[1].speaker).collect();
    let expected = [Fate::Sent, Fate::NotDelivered, Fate::NotDelivered, Fate::Waiting];
    assert_eq!(fates, expected.map(Speaker::Us));
    assert_eq!(page.dead.len(), 1, "a blocked chat is not a dead letter");
    assert_eq!(page.dead[0].reason, "gone");
    assert_eq!(Figures::of(&page).undelivered, 2);
}

#[test]
fn an_unanswered_question_is_reported_with_its_customer() {
    let bench = Bench::new();
    bench.tell(begin());
    let row = bench.hears(1, 1, "do you clean pools?");
    bench.tell(gap(1, row, "Pools?"));
    let gaps = page(&bench).gaps;
    assert_eq!(
        (gaps[0].question.as_str(), gaps[0].profile.first_name.as_str()),
        ("Pools?", "Anna")
    );
}

#[test]
fn closing_a_period_and_reading_its_page_scan_no_large_table() {
    let bench = Bench::new();
    bench.tell(begin());
    for chat in 1..=5 {
        answered(&bench, chat, chat, 1, 10);
    }
    let before = bench.tell(close(bench.now())).expect("a report to compare with");
    for letter in &before.deliveries {
        bench.record(letter, Verdict::Sent { remote_id: None });
    }
    bench.store(
        batch(vec![text(1, 50, "more")])
            .admissions
            .into_iter()
            .map(|one| one.update)
            .collect(),
    );
    bench.hand.advance(TimeDelta::hours(1));
    let close = close(bench.now());
    let scanned = |steps: Vec<(String, String)>| -> Vec<(String, String)> {
        // One row a day, a few single values, and the few rows of one report found by an index.
        let is_short = |step: &str| {
            [" reports", " absences", "TEMP B-TREE"]
                .iter()
                .any(|part| step.contains(part))
        };
        steps.into_iter().filter(|(_, step)| !is_short(step)).collect()
    };
    assert_eq!(scanned(scans(&mut bench.conn(), &close, bench.now())), []);
    let closed = bench.tell(close.clone());
    assert!(closed.is_none(), "EXPLAIN must not run it");
    bench.hand.advance(TimeDelta::seconds(10));
    let letters = bench.tell(claim_by(Way::Mail, 9)).deliveries;
    assert_eq!(letters.len(), 2);
    let load = LoadLetter::of(&letters[0], 10, 20).expect("a letter");
    let PageBody::Report(page) = bench.tell(load.clone()).body else {
        panic!("a report");
    };
    assert!(
        page.past_week.is_some(),
        "without it the queries of the week do not run"
    );
    assert_eq!(scanned(scans(&mut bench.conn(), &load, bench.now())), []);
}

#[test]
fn replies_behind_a_delayed_reply_are_reported_as_waiting() {
    let bench = Bench::new();
    bench.tell(begin());
    for n in 1..=2 {
        bench.talks(1, n, "hello", "hi");
    }
    let head = bench.outbox().remove(0);
    bench.hand.advance(TimeDelta::seconds(30));
    let delivery = bench.tell(claim_by(Way::Chat, 9)).deliveries.remove(0);
    assert_eq!(delivery.id.0, head.id);
    let verdict = Verdict::RetryAt {
        due: bench.now() + TimeDelta::hours(3),
        reason: "connect".into(),
        maybe_sent: false,
    };
    bench.record(&delivery, verdict);
    let fates = |bench: &Bench| -> Vec<Speaker> {
        let lines = page(bench).dialogs.remove(0).lines;
        lines
            .iter()
            .map(|line| line.speaker)
            .filter(|speaker| *speaker != Speaker::Customer)
            .collect()
    };
    assert_eq!(
        fates(&bench),
        [Fate::Waiting, Fate::Sent].map(Speaker::Us),
        "the second is on its way"
    );
    bench.hand.advance(TimeDelta::minutes(1));
    assert_eq!(fates(&bench), [Fate::Waiting, Fate::Waiting].map(Speaker::Us));
}

#[test]
fn letters_held_for_an_hour_are_counted_with_those_behind_them() {
    let bench = Bench::new();
    bench.tell(begin());
    for n in 1..=3 {
        let mut store = batch(vec![own_card(1, n, "79123456789")]);
        store.admissions[0].contacts = vec![phone(&format!("7912345678{n}"), Origin::Verified)];
        bench.tell(store);
        bench.hand.advance(TimeDelta::minutes(2));
        for delivery in bench.tell(claim_by(Way::Mail, 9)).deliveries {
            let verdict = Verdict::RetryAt {
                due: bench.now() + TimeDelta::days(1),
                reason: "connect".into(),
                maybe_sent: false,
            };
            bench.record(&delivery, verdict);
        }
    }
    assert_eq!(page(&bench).held_letters, 0);
    bench.hand.advance(TimeDelta::hours(2));
    let is_unsent = |row: &&OutboxRow| Way::of_lane(&row.lane) == Way::Mail && row.state != "completed";
    let unsent = bench.outbox().iter().filter(is_unsent).count();
    assert_eq!(page(&bench).held_letters, unsent as u64);
    assert!(unsent > 2, "heads and those behind them");
}

#[test]
fn an_unreadable_lead_does_not_block_a_report() {
    let bench = Bench::new();
    bench.tell(begin());
    let mut store = batch(vec![own_card(1, 1, "79123456789")]);
    store.admissions[0].contacts = vec![phone("79123456789", Origin::Verified)];
    bench.tell(store);
    let broken = "UPDATE successful_dialogs SET contact_info = '{\"phones\":[{\"number\":5}]}'";
    diesel::RunQueryDsl::execute(diesel::sql_query(broken), &mut bench.conn()).unwrap();
    let page = page(&bench);
    assert_eq!((page.leads.len(), &page.leads[0].facts), (1, &LeadFacts::default()));
    assert_eq!(page.dialogs[0].facts, Some(LeadFacts::default()));
}

#[test]
fn a_group_the_bot_could_not_leave_is_not_in_the_report() {
    let bench = Bench::new();
    bench.tell(begin());
    let joined = update(-5, 1, Change::JoinedGroup { may_write: true });
    let deliveries = bench.store(vec![joined]).deliveries;
    assert!(!deliveries.is_empty(), "the bot must leave");
    for delivery in &deliveries {
        bench.record(delivery, Verdict::Dead { reason: "no".into() });
    }
    assert_eq!(page(&bench).dead, []);
}
