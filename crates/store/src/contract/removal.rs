//! Only rows that are not needed any more are removed.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use domain::{Occasion, ReportNotice};
use pages::{Fate, Speaker};

use super::bench::Bench;
use super::plans::scans;
use super::samples::{self, begin, gap, is_duplicate, text};
use super::verdicts::sent;
use crate::records::Records;
use crate::sqlite::read_only::{Cell, query};
use crate::{FindSpent, RemoveSpent, SpentTable, Verdict};

fn find(table: SpentTable, after: i64) -> FindSpent {
    FindSpent {
        table,
        after,
        rows: 3,
        age: TimeDelta::days(30),
        long_age: TimeDelta::days(400),
    }
}

/// Removes rows as the upkeep does, three at a time.
fn clear(bench: &Bench) {
    for table in SpentTable::ALL {
        let mut after = i64::MIN;
        loop {
            let spent = bench.tell(find(table, after));
            let (rows, most) = (spent.rows, 3);
            if !rows.is_empty() {
                bench.tell(RemoveSpent { table, rows, most });
            }
            match spent.next {
                Some(next) => after = next,
                None => break,
            }
        }
    }
}

fn count(bench: &Bench, of: &str) -> i64 {
    let table = query(&bench.path(), &format!("SELECT COUNT(*) FROM {of}")).unwrap();
    match table.rows[0][0] {
        Cell::Integer(count) => count,
        _ => panic!("no count"),
    }
}

fn close(bench: &Bench) {
    bench.hand.advance(TimeDelta::seconds(1));
    bench.tell(samples::close(bench.now())).unwrap();
    bench.hand.advance(TimeDelta::seconds(1));
}

/// A question, its answer and the verdict of its delivery.
fn asked(bench: &Bench, n: i64, verdict: Option<Verdict>) {
    let row = bench.hears(n, n, "question");
    bench.tell(gap(n, row, &n.to_string()));
    let reply = bench.answers(n, &[row], "answer").deliveries.remove(0);
    if let Some(verdict) = verdict {
        bench.record(&reply, verdict);
    }
}

#[test]
fn finished_rows_are_removed_after_thirty_days_and_dialogs_are_kept() {
    let bench = Bench::new();
    bench.tell(begin());
    for n in 1..=8 {
        asked(&bench, n, Some(sent(n)));
    }
    close(&bench);
    bench.hand.advance(TimeDelta::days(30) - TimeDelta::minutes(1));
    clear(&bench);
    assert_eq!(
        (count(&bench, "inbox"), count(&bench, "tool_effects")),
        (8, 8),
        "not a minute before"
    );
    for n in 9..=10 {
        asked(&bench, n, Some(sent(n)));
    }
    close(&bench);
    bench.hand.advance(TimeDelta::days(9));
    close(&bench);
    clear(&bench);
    assert_eq!((count(&bench, "inbox"), count(&bench, "tool_effects")), (2, 2));
    assert_eq!(count(&bench, "outbox WHERE dialog_id IS NOT NULL"), 2);
    assert_eq!((count(&bench, "dialogs"), count(&bench, "customers")), (20, 10));
    assert_eq!(count(&bench, "gaps"), 10, "an owner looks at them longer");
    let row = bench.hears(1, 11, "still there?");
    assert!(row.0 > 10, "no id is given twice");
    assert!(is_duplicate(&bench.store(vec![text(10, 10, "question")]).updates[0]));
    bench.hand.advance(TimeDelta::days(400));
    close(&bench);
    bench.hand.advance(TimeDelta::days(9));
    close(&bench);
    bench.hand.advance(TimeDelta::days(9));
    clear(&bench);
    assert_eq!((count(&bench, "gaps"), count(&bench, "tool_effects")), (0, 0));
    assert_eq!(count(&bench, "inbox"), 1, "pending rows are kept");
}

#[test]
fn a_dead_letter_is_kept_until_a_report_includes_it() {
    let bench = Bench::new();
    bench.tell(begin());
    let dead = || Some(Verdict::Dead { reason: "gone".into() });
    asked(&bench, 1, dead());
    asked(&bench, 2, None);
    bench.hand.advance(TimeDelta::days(40));
    clear(&bench);
    assert_eq!(count(&bench, "outbox"), 2, "one is not reported yet, one is pending");
    assert_eq!(count(&bench, "inbox"), 2, "their figures are not reported yet either");
    close(&bench);
    clear(&bench);
    let kept = "outbox WHERE chat_id IN (1, 2)";
    assert_eq!(count(&bench, kept), 2, "its report may not have been read yet");
    bench.hand.advance(TimeDelta::days(9));
    close(&bench);
    clear(&bench);
    assert_eq!(count(&bench, kept), 1);
    assert_eq!(bench.outbox_states().first().map(String::as_str), Some("executing"));
}

#[test]
fn an_undelivered_reply_stays_marked_after_its_row_is_removed() {
    let bench = Bench::new();
    bench.tell(begin());
    asked(&bench, 1, Some(Verdict::Dead { reason: "gone".into() }));
    asked(&bench, 2, Some(sent(2)));
    let fates = |bench: &Bench| {
        let mut records = Records::open(&bench.path()).unwrap();
        let mut period = records.open_period(bench.now()).unwrap().unwrap();
        period.after = domain::Border::default();
        let (occasion, now) = (Occasion::Extra, bench.now());
        let page = records.report(ReportNotice { period, occasion }, now).unwrap();
        let speakers = page.dialogs.into_iter().map(|dialog| dialog.lines[1].speaker);
        speakers.collect::<Vec<_>>()
    };
    let expected = [Speaker::Us(Fate::NotDelivered), Speaker::Us(Fate::Sent)];
    assert_eq!(fates(&bench), expected);
    close(&bench);
    bench.hand.advance(TimeDelta::days(40));
    close(&bench);
    bench.hand.advance(TimeDelta::days(9));
    close(&bench);
    clear(&bench);
    assert_eq!(count(&bench, "outbox WHERE dialog_id IS NOT NULL"), 0);
    assert_eq!(fates(&bench), expected);
}

#[test]
fn a_requeued_delivery_is_not_removed() {
    let bench = Bench::new();
    bench.tell(begin());
    asked(&bench, 1, Some(Verdict::Dead { reason: "gone".into() }));
    close(&bench);
    bench.hand.advance(TimeDelta::days(40));
    close(&bench);
    bench.hand.advance(TimeDelta::days(9));
    close(&bench);
    let spent = bench.tell(find(SpentTable::Outbox, 0));
    assert_eq!(spent.rows.first(), Some(&1));
    let back = "UPDATE outbox SET state = 'scheduled', finished_at = NULL WHERE id = 1";
    bench.conn().batch_execute(back).unwrap();
    let (table, rows, most) = (SpentTable::Outbox, spent.rows, 3);
    bench.tell(RemoveSpent { table, rows, most });
    assert_eq!(count(&bench, "outbox WHERE id = 1"), 1);
    assert_eq!(count(&bench, "dialogs WHERE lost"), 0);
}

#[test]
fn finished_rows_of_an_earlier_version_are_emptied_once() {
    let bench = Bench::new();
    for n in 1..=8 {
        asked(&bench, n, Some(sent(n)));
    }
    bench.hears(9, 9, "waits");
    bench
        .conn()
        .batch_execute(
            "UPDATE inbox SET raw = 'raw', content = COALESCE(content, '{}');
             UPDATE inbox SET content = '{\"body\":{\"contact\":{\"is_own\":true}}}' WHERE id = 2;
             UPDATE inbox SET state = 'ignored', reason = 'unreadable' WHERE id = 3;
             UPDATE inbox SET state = 'ignored', reason = 'edited', turn_id = NULL WHERE id = 4;
             UPDATE outbox SET payload = 'words';
             UPDATE outbox SET state = 'dead' WHERE id = 5;
             INSERT INTO meta VALUES ('inbox_to_empty', '9'), ('outbox_to_empty', '8')",
        )
        .unwrap();
    clear(&bench);
    let ids = |of: &str| {
        let table = query(&bench.path(), &format!("SELECT id FROM {of} ORDER BY id")).unwrap();
        let number = |row: &Vec<Cell>| match row[0] {
            Cell::Integer(id) => id,
            _ => panic!("no id"),
        };
        table.rows.iter().map(number).collect::<Vec<_>>()
    };
    assert_eq!(ids("inbox WHERE raw != ''"), [3]);
    assert_eq!(ids("inbox WHERE content IS NOT NULL"), [2, 4, 9]);
    assert_eq!(ids("outbox WHERE payload != ''"), [5]);
    assert_eq!(count(&bench, "meta WHERE key LIKE '%_to_empty'"), 0);
}

#[test]
fn a_damaged_marker_does_not_stop_the_emptying_of_old_rows() {
    for marker in [
        "'garbage'",
        "''",
        "x'ff00'",
        "'9223372036854775807'",
        "'-9223372036854775808'",
        "'1.5'",
    ] {
        let bench = Bench::new();
        for n in 1..=4 {
            asked(&bench, n, Some(sent(n)));
        }
        let full = "UPDATE inbox SET raw = 'raw'; UPDATE outbox SET payload = 'words';";
        let keys = format!("INSERT INTO meta VALUES ('inbox_to_empty', {marker}), ('outbox_to_empty', {marker})");
        bench.conn().batch_execute(&format!("{full} {keys}")).unwrap();
        clear(&bench);
        let left = ["inbox WHERE raw != ''", "outbox WHERE payload != ''"].map(|of| count(&bench, of));
        // Any number is accepted, even one below the first row.
        let expected = if marker.contains('-') { [4, 4] } else { [0, 0] };
        assert_eq!(left, expected, "{marker}");
        assert_eq!(count(&bench, "meta WHERE key LIKE '%_to_empty'"), 0, "{marker}");
    }
}

#[test]
fn finding_removable_rows_scans_no_table() {
    let bench = Bench::new();
    bench.tell(begin());
    for n in 1..=4 {
        asked(&bench, n, Some(sent(n)));
    }
    let mut conn = bench.conn();
    for table in SpentTable::ALL {
        assert_eq!(scans(&mut conn, &find(table, 0), bench.now()), []);
        let (rows, most) = (vec![1, 2, 3], 3);
        assert_eq!(scans(&mut conn, &RemoveSpent { table, rows, most }, bench.now()), []);
    }
}
