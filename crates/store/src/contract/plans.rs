//! How SQLite finds the rows of the hot queries. Each statement runs on a small database, and its SQL is recorded and
//! explained: none may scan a whole table, which may be large.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::{AbsenceKind, Alert, AlertKind, ChatId, DeliveryId, InboxId, LeadSource, Origin, ThreadId};

use super::bench::Bench;
use super::samples::{batch, begin, claim, edited, facts, gap, history, phone, reply, rules, saved, text, turn, used};
use crate::{
    Conn, CountTokens, CountWork, EndUnreadable, FindWaitingChats, FinishTurn, FormUpdate, ImportThreads, LeftContacts,
    LoadConversation, LoadInstallation, LoadLetter, LoadReportLedger, LoadThreads, RaiseAlert, RecordOrderlyEnd,
    RecordPoll, RecordThreadsMark, RecordVerdict, RecoverConversation, RecoverDeliveries, ReleaseHeldLetters,
    ReplyKind, Statement, ThreadUpdate, Verdict,
};

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Runs a statement and explains every query it made.
fn explain<M: Statement>(conn: &mut Conn, statement: &M, now: DateTime<Utc>) -> Vec<(String, String)> {
    let caught = Arc::new(Mutex::new(Vec::new()));
    conn.set_instrumentation({
        let caught = Arc::clone(&caught);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                caught.lock().unwrap().push(query.to_string());
            }
        }
    });
    statement.run(conn, now).unwrap();
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let queries = std::mem::take(&mut *caught.lock().unwrap());
    let sql = queries
        .into_iter()
        .map(|query| query.split(" -- binds").next().unwrap_or_default().to_owned());
    sql.flat_map(|sql| {
        let steps: Vec<Plan> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
            .load(conn)
            .unwrap();
        steps.into_iter().map(move |step| (sql.clone(), step.detail))
    })
    .collect()
}

/// Sorting pending rows is allowed: they are few, however long the history is.
const UNFINISHED: [&str; 3] = [
    "(`inbox`.`state` = ?)",
    "FROM `inbox` WHERE ((`chat_id` = ?) AND (`state` = ?))",
    "(`outbox`.`state` IN (?, ?))",
];

/// The steps that scan a whole table or index, sort a history, or search all of a customer's rows for the one to
/// change.
pub(super) fn scans<M: Statement>(conn: &mut Conn, statement: &M, now: DateTime<Utc>) -> Vec<(String, String)> {
    let mut steps = explain(conn, statement, now);
    let is_walk = |step: &str| step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
    // The first rows of a table in the order of its ids.
    let is_bounded = |sql: &str| !sql.contains("WHERE") && sql.ends_with(".`id` ASC LIMIT ?");
    let is_past = |sql: &str| UNFINISHED.iter().all(|state| !sql.contains(state));
    let is_search = |sql: &str, step: &str| sql.starts_with("UPDATE `dialogs`") && step.ends_with("(user_id=?)");
    steps.retain(|(sql, step)| {
        let is_endless = is_walk(step) && !is_bounded(sql);
        is_endless || step.contains("TEMP B-TREE") && is_past(sql) || is_search(sql, step)
    });
    steps
}

/// Three chats with a history, one pending row each, and deliveries in every state.
fn busy() -> Bench {
    let bench = Bench::new();
    for chat in [1, 2, 3] {
        bench.talks(chat, chat * 100, "first", "answer");
        bench.hears(chat, chat * 100 + 1, "second");
    }
    bench
}

#[test]
fn storing_an_update_scans_no_table() {
    let bench = busy();
    let mut store = batch(vec![
        text(1, 500, "new"),
        edited(1, 501, 101, "changed"),
        text(1, 500, "new"),
    ]);
    store.max_per_minute = Some(1);
    assert_eq!(scans(&mut bench.conn(), &store, bench.now()), []);
}

#[test]
fn ending_a_turn_scans_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    let waiting = |state: crate::ConversationState| state.waiting[0].id;
    let rows = [waiting(bench.conversation(1)), waiting(bench.conversation(2))];
    let answered = FinishTurn {
        reply: Some(reply(ReplyKind::Greeting, &["one", "two"])),
        thread: used("conv_1", 5),
        edits: vec![InboxId(1)],
        ..turn(1, &rows[..1], "")
    };
    assert_eq!(scans(&mut conn, &answered, bench.now()), []);
    let reset = FinishTurn {
        thread: ThreadUpdate::Reset,
        ..turn(2, &rows[1..], "new thread")
    };
    assert_eq!(scans(&mut conn, &reset, bench.now()), []);
}

#[test]
fn recording_a_lead_and_reading_its_letter_scan_no_table() {
    let bench = busy();
    let row = bench.conversation(1).waiting[0].id;
    let record = |digits: &str| saved(1, row, facts(digits));
    let mut conn = bench.conn();
    assert_eq!(scans(&mut conn, &record("79123456789"), bench.now()), []);
    assert_eq!(scans(&mut conn, &record("79990000000"), bench.now()), []);
    let failed = FinishTurn {
        contacts: LeftContacts {
            found: vec![phone("79990000001", Origin::Typed)],
            source: LeadSource::Text,
        },
        form: FormUpdate::Ask,
        lead_announced: Some(LeadSource::Text),
        alert: Some(Alert {
            kind: AlertKind::Assistant,
            reason: "deadline".into(),
            at: bench.now(),
        }),
        ..turn(1, &[row], "later")
    };
    assert_eq!(scans(&mut conn, &failed, bench.now()), []);
    // The delivery claimed at the end of the turn was never sent: it is found again, as after a lost hint.
    bench.hand.advance(TimeDelta::seconds(10));
    let claimed = bench.tell(claim(10));
    let letters: Vec<LoadLetter> = claimed
        .deliveries
        .iter()
        .filter_map(|delivery| LoadLetter::of(delivery, 10, 20))
        .collect();
    assert_eq!(letters.len(), 3, "two owners' and the operator's");
    for load in &letters {
        assert_eq!(scans(&mut conn, load, bench.now()), []);
    }
}

#[test]
fn claims_and_verdicts_scan_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    let later = bench.now() + TimeDelta::minutes(1);
    let verdicts = [
        Verdict::Sent { remote_id: Some(1) },
        Verdict::Blocked,
        Verdict::Dead { reason: "gone".into() },
    ];
    for (id, verdict) in (1..).map(DeliveryId).zip(verdicts) {
        let record = RecordVerdict {
            id,
            attempt: 1,
            verdict,
        };
        assert_eq!(scans(&mut conn, &record, later), []);
    }
    assert_eq!(scans(&mut conn, &claim(10), later), []);
}

#[test]
fn reading_a_conversation_scans_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    let chat = ChatId(1);
    let day_start = bench.now() - TimeDelta::hours(12);
    assert_eq!(scans(&mut conn, &LoadConversation { chat, day_start }, bench.now()), []);
    assert_eq!(
        scans(
            &mut conn,
            &RecoverConversation {
                chat,
                row: Some((InboxId(1), 0)),
                day_start
            },
            bench.now()
        ),
        []
    );
    assert_eq!(scans(&mut conn, &history(1, bench.now()), bench.now()), []);
}

#[test]
fn finding_unfinished_work_scans_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    assert_eq!(scans(&mut conn, &FindWaitingChats { limit: 5 }, bench.now()), []);
    assert_eq!(scans(&mut conn, &CountWork, bench.now()), []);
    let since = bench.now() - TimeDelta::hours(12);
    assert_eq!(scans(&mut conn, &CountTokens { since }, bench.now()), []);
    assert_eq!(scans(&mut conn, &bench.start_named("a"), bench.now()), []);
}

#[test]
fn a_start_scans_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    let now = bench.now();
    let proposal = "name".to_owned();
    assert_eq!(scans(&mut conn, &LoadInstallation { proposal }, now), []);
    let entries = vec![
        (ChatId(1), ThreadId("conv_a".into())),
        (ChatId(9), ThreadId("conv_b".into())),
    ];
    assert_eq!(scans(&mut conn, &ImportThreads { entries }, now), []);
    assert_eq!(scans(&mut conn, &begin(), now), []);
    assert_eq!(scans(&mut conn, &RecoverDeliveries, now), []);
    assert_eq!(scans(&mut conn, &ReleaseHeldLetters, now), []);
    let start = "a".to_owned();
    assert_eq!(scans(&mut conn, &RecordOrderlyEnd { start }, now), []);
    let mark = "mark".to_owned();
    assert_eq!(scans(&mut conn, &RecordThreadsMark { mark }, now), []);
}

#[test]
fn repeated_work_scans_no_table() {
    let bench = busy();
    let mut conn = bench.conn();
    let now = bench.now();
    let page = LoadThreads {
        after: ChatId(1),
        rows: 2,
    };
    assert_eq!(scans(&mut conn, &page, now), []);
    bench.tell(begin());
    assert_eq!(scans(&mut conn, &LoadReportLedger, now), []);
    let polled = RecordPoll {
        at: now,
        kind: AbsenceKind::Stopped,
        allowed: TimeDelta::minutes(3),
    };
    assert_eq!(scans(&mut conn, &polled, now), []);
    let rows = vec![InboxId(1), InboxId(2)];
    assert_eq!(scans(&mut conn, &EndUnreadable { rows }, now), []);
    let row = bench.conversation(2).waiting[0].id;
    assert_eq!(scans(&mut conn, &gap(2, row, "window?"), now), []);
    let alert = Alert {
        kind: AlertKind::Assistant,
        reason: "deadline".into(),
        at: now,
    };
    assert_eq!(scans(&mut conn, &RaiseAlert { alert, rules: rules() }, now), []);
}
