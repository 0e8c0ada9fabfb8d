//! A report of a period that is larger than its letter: it is read in parts, kept within bounds, and counted in full.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use domain::{FailReason, LeadSource, Occasion, Origin, Period, ReportNotice};
use pages::{Figures, ReportPage};

use super::bench::Bench;
use super::samples::{begin, close, gap, phone, reply, turn};
use crate::records::Records;
use crate::statements::report_page::{report_page, report_page_within};
use crate::statements::report_reader::Bounds;
use crate::{Ending, FinishTurn, FormUpdate, LeftContacts, ReplyKind, TurnFigures, Verdict};

/// The smallest bounds.
const SMALL: Bounds = Bounds {
    rows: 3,
    listed: 1,
    timed: 2,
    leads: 300,
    lines: 3_000,
    shown: 2,
    remembered: 1,
};

fn open_period(bench: &Bench) -> Period {
    let mut records = Records::open(&bench.path()).unwrap();
    records.open_period(bench.now()).unwrap().unwrap()
}

fn page(bench: &Bench, bounds: Option<Bounds>) -> ReportPage {
    let notice = ReportNotice {
        period: open_period(bench),
        occasion: Occasion::Extra,
    };
    match bounds {
        Some(bounds) => report_page_within(&mut bench.conn(), notice, bench.now(), bounds),
        None => report_page(&mut bench.conn(), notice, bench.now()),
    }
    .unwrap()
}

/// Twelve customers write in turns; some get an answer, some leave a number, some lose a reply.
fn busy() -> Bench {
    let bench = Bench::new();
    bench.hears(3, 1_000, "yesterday");
    bench.tell(begin());
    let close = close(bench.now() + TimeDelta::seconds(1));
    bench.hand.advance(TimeDelta::seconds(2));
    bench.tell(close).unwrap();
    for n in 1..=60 {
        let chat = n * 7 % 12 + 1;
        bench.hand.advance(TimeDelta::minutes(7));
        let words = if chat == 12 {
            "/start"
        } else {
            "сколько стоит?"
        };
        let row = bench.hears(chat, n, words);
        if n % 11 == 0 {
            bench.tell(gap(chat, row, &n.to_string()));
        }
        let answered = FinishTurn {
            figures: TurnFigures {
                runs: 1,
                input_tokens: n,
                output_tokens: 2,
                ..TurnFigures::default()
            },
            contacts: LeftContacts {
                found: (n % 13 == 0)
                    .then(|| phone(&format!("791234567{n:02}"), Origin::Typed))
                    .into_iter()
                    .collect(),
                source: LeadSource::Text,
            },
            ..turn(chat, &[row], "от 3 500 ₽")
        };
        let failed = FinishTurn {
            ending: Ending::Failed(FailReason::Deadline),
            reply: Some(reply(ReplyKind::Failure, &["later"])),
            form: FormUpdate::Ask,
            ..answered.clone()
        };
        bench.hand.advance(TimeDelta::seconds(n % 9));
        let ended = bench.finish(if n % 5 == 0 { &failed } else { &answered });
        let verdict = match n % 10 {
            0 => Verdict::Dead { reason: "gone".into() },
            _ => Verdict::Sent { remote_id: Some(n) },
        };
        for delivery in ended.deliveries.iter().filter(|delivery| delivery.chat.0 == chat) {
            bench.record(delivery, verdict.clone());
        }
    }
    bench
        .conn()
        .batch_execute(
            "INSERT INTO absences (kind, began_at, ended_at) VALUES
             ('stopped', '2024-10-04 12:00:00', '2024-10-04 12:10:00'),
             ('unreachable', '2024-10-04 13:00:00', '2024-10-04 13:10:00');
             INSERT INTO floods VALUES (2, 1, 70), (2, 2, 5), (2, 3, 9), (2, 4, 1), (1, 1, 1000);
             UPDATE customers SET source = 'avito' || chat_id % 3 WHERE chat_id > 4",
        )
        .unwrap();
    bench
}

#[test]
fn a_page_has_the_same_figures_within_any_bounds() {
    let bench = busy();
    let (whole, small) = (page(&bench, None), page(&bench, Some(SMALL)));
    let expected = Figures::of(&whole);
    assert!(expected.undelivered > 1 && expected.leads > 2 && expected.gaps > 1 && expected.failed > 2);
    assert_eq!((expected.dialogs, expected.unstored), (12, 85));
    let figures = Figures::of(&small);
    assert_eq!(
        Figures {
            sources: Vec::new(),
            ..figures.clone()
        },
        Figures {
            sources: Vec::new(),
            ..expected.clone()
        }
    );
    let sorted = |figures: &Figures| {
        let mut sources = figures.sources.clone();
        sources.sort();
        sources
    };
    assert_eq!(sorted(&figures), sorted(&expected));
    for zone in [chrono_tz::UTC, chrono_tz::Asia::Kathmandu, chrono_tz::America::St_Johns] {
        assert_eq!(small.dialogs_by_hour(&zone), whole.dialogs_by_hour(&zone));
    }
    let listed = |page: &ReportPage| {
        let beyond = &page.beyond;
        [
            page.dialogs.len() + beyond.dialogs.all,
            page.leads.len() + beyond.leads,
            page.gaps.len() + beyond.gaps,
            page.unanswered.len() + beyond.unanswered,
            page.dead.len() + beyond.dead_letters + beyond.dead_replies,
            page.absences.len() + beyond.absences,
        ]
    };
    assert_eq!(listed(&small), listed(&whole));
    assert_eq!(
        (
            small.gaps.len(),
            small.unanswered.len(),
            small.dead.len(),
            small.absences.len()
        ),
        (1, 1, 1, 1)
    );
    assert!(small.dialogs.len() < whole.dialogs.len() && small.leads.len() < whole.leads.len());
    assert_eq!(
        whole.beyond,
        pages::Beyond::default(),
        "a usual day has nothing left out"
    );
    let most: Vec<u64> = small.unstored.most.iter().map(|(_, sent)| *sent).collect();
    assert_eq!(most, [70, 9, 5]);
}

#[test]
fn a_dialog_too_long_for_the_table_keeps_its_beginning_and_its_end() {
    let bench = busy();
    let (whole, small) = (page(&bench, None), page(&bench, Some(SMALL)));
    for (whole, small) in whole.dialogs.iter().zip(&small.dialogs) {
        assert_eq!((small.chat, small.count()), (whole.chat, whole.count()));
        assert_eq!(small.lines, whole.lines[..small.lines.len()]);
        assert_eq!(small.first_question(), whole.first_question());
        assert_eq!(small.first_words(), whole.first_words());
        assert_eq!(small.last_words(), whole.last_words());
        assert!(
            small.from_the_end().eq(whole.lines.iter().rev()),
            "so short an end is kept whole"
        );
    }
    let held: usize = small
        .dialogs
        .iter()
        .flat_map(|dialog| &dialog.lines)
        .map(|line| line.text.len())
        .sum();
    assert!(held <= SMALL.lines);
}

/// One customer's flood and a crowd of other customers.
#[test]
fn a_pages_memory_stays_within_its_bounds_for_any_period() {
    let bench = Bench::new();
    bench.tell(begin());
    bench
        .conn()
        .batch_execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
             INSERT INTO dialogs (user_id, username, message, role, timestamp, kind)
             SELECT 7, 'flood', replace(hex(zeroblob(2048)), '0', 'ж'), 'user', '2024-10-04 12:00:00', 'text' FROM n;
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000)
             INSERT INTO dialogs (user_id, username, message, role, timestamp, kind)
             SELECT 100 + n, 'crowd', 'сколько стоит?', 'user', '2024-10-04 12:00:00', 'text' FROM n;",
        )
        .unwrap();
    let page = page(&bench, None);
    let figures = Figures::of(&page);
    assert_eq!((figures.dialogs, figures.questions), (1_001, 4_000));
    let lines = page
        .dialogs
        .iter()
        .flat_map(|dialog| dialog.lines.iter().chain(&dialog.rest.last));
    let held: usize = lines.map(|line| line.text.len()).sum();
    assert!(
        held < Bounds::default().lines + Bounds::default().shown * 50_000,
        "{held} bytes of 24 million"
    );
    assert!(page.dialogs.len() <= Bounds::default().shown);
    assert_eq!(page.dialogs[0].count(), 3_000);
}
