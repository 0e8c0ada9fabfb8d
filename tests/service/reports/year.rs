//! Four hundred days over both clock changes (in a short run of the suite fifty, over the autumn change), with kills, stops and
//! downtimes of hours and days. Each due time and each row of the database is in exactly one report, and the sums equal SQL
//! counts.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{Europe, Tz};
use domain::{Occasion, Period, ReportNotice};
use frontdesk::Config;
use pages::{Figures, PastWeek, ReportPage};
use sandbox::{Answer, Letter, Run};
use serde_json::json;
use store::records::Records;

use super::{begun, reports};
use crate::harness::saving::saving;
use crate::harness::{TestService, suite};

const ZONE: Tz = Europe::Berlin;

/// Number of days, from 21 September on.
fn days() -> i64 {
    if suite::is_full() { 400 } else { 50 }
}

/// A random walk, reproducible by its seed.
struct Walk(u64);

impl Walk {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Saves numbers, reports questions about pools, refuses to discuss politics, echoes everything else.
fn script(run: &Run) -> Answer {
    match run.last_user_text.as_str() {
        text if text.starts_with("бассейн") && run.tool_outputs.is_empty() => Answer::Call {
            name: "report_gap".into(),
            arguments: json!({ "question": text }),
        },
        text if text.starts_with("политика") => Answer::Refusal("no".into()),
        _ => saving(run),
    }
}

/// A random or new customer sends one of the typical messages.
fn a_customer_writes(service: &TestService, walk: &mut Walk, n: i64) {
    let chat = if walk.below(3) == 0 {
        1_000 + n
    } else {
        100 + walk.below(20)
    };
    let text = match walk.below(6) {
        0 => format!(
            "мой номер 8 9{:02} {:03}-{:02}-{:02}",
            walk.below(90),
            walk.below(900) + 100,
            chat % 90 + 10,
            n % 90 + 10
        ),
        1 => format!("бассейн {n}?"),
        2 => format!("политика {n}"),
        _ => format!("вопрос {n}"),
    };
    service.say(chat, &text);
}

/// The messages and events of all these days.
struct Story {
    walk: Walk,
    said: i64,
}

impl Story {
    /// Moves the clock of a running service. Most due times are waited for; at others the machine is suspended or the service
    /// killed.
    async fn move_on(&mut self, service: &mut TestService, by: TimeDelta) {
        let now = service.hand().now();
        service.advance(by);
        let Some(due) = due_times(now, now + by).pop() else {
            return;
        };
        match self.walk.below(10) {
            0 => {}
            1 => service.restart().await,
            _ => {
                let closed = format!(
                    "SELECT COUNT(*) > 0 FROM reports WHERE due_at >= '{}'",
                    due.format("%F %T")
                );
                service.sql_becomes(&closed, &["1"]).await;
            }
        }
    }

    async fn a_day(&mut self, service: &mut TestService) {
        for _ in 0..2 {
            let minutes = 1 + self.walk.below(900);
            self.move_on(service, TimeDelta::minutes(minutes)).await;
            if self.walk.below(2) == 0 {
                a_customer_writes(service, &mut self.walk, self.said);
                self.said += 1;
            }
            match self.walk.below(8) {
                0 => service.restart().await,
                1 => {
                    service.kill();
                    service.advance(TimeDelta::hours(self.downtime()));
                    service.start_again().await;
                }
                2 => {
                    service.stop();
                    service.start_again().await;
                }
                3 | 4 => service.advancing(TimeDelta::seconds(10), service.settles()).await,
                _ => {}
            }
        }
    }

    /// Hours, sometimes days.
    fn downtime(&mut self) -> i64 {
        match self.walk.below(6) {
            0 => 24 + self.walk.below(72),
            _ => self.walk.below(20),
        }
    }

    /// Waits until every message is processed.
    async fn end(&self, service: &TestService) {
        let said = [self.said.to_string()];
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        let heard = service.sql_becomes("SELECT COUNT(*) FROM dialogs WHERE role = 'user'", &said);
        service.advancing(TimeDelta::seconds(10), heard).await;
        service.advancing(TimeDelta::seconds(10), service.settles()).await;
    }
}

/// Every due time, computed without the schedule: nine in the morning, local time, of each day.
fn due_times(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    let days = from.with_timezone(&ZONE).date_naive().iter_days();
    let due = |day: NaiveDate| day.and_time(nine).and_local_timezone(ZONE).unwrap().with_timezone(&Utc);
    days.map(due)
        .skip_while(|due| *due <= from)
        .take_while(|due| *due <= to)
        .collect()
}

/// Every period with a report.
fn periods(service: &TestService, from: DateTime<Utc>) -> Vec<Period> {
    let mut records = Records::open(&service.database()).unwrap();
    let mut periods = Vec::new();
    for due in due_times(from, service.hand().now()) {
        let second = TimeDelta::seconds(1);
        periods.extend(records.period_due(due, due + second).unwrap());
    }
    periods
}

fn number(service: &TestService, sql: &str) -> u64 {
    service.sql(sql)[0].parse().unwrap()
}

/// The number of rows in these attachments, over all reports.
fn rows_attached(letters: &[Letter], table: &str) -> usize {
    let once: BTreeMap<&str, &Letter> = letters
        .iter()
        .map(|letter| (letter.message_id.as_deref().unwrap(), letter))
        .collect();
    let tables = once
        .values()
        .flat_map(|letter| &letter.attachments)
        .filter(|file| file.name.starts_with(table));
    let rows = |bytes: &[u8]| {
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
        reader.records().map(Result::unwrap).count()
    };
    tables.map(|file| rows(&file.bytes)).sum()
}

#[actix_rt::test]
async fn over_a_year_every_row_is_in_exactly_one_report() {
    // The clock runs a thousand times faster than a letter can be sent.
    let patient = |config: &mut Config| {
        config.limits.mail_age = TimeDelta::days(2 * days());
        // The sums of the whole time, counted from the rows.
        config.limits.row_age = TimeDelta::days(2 * days());
        config.limits.long_row_age = config.limits.row_age;
    };
    let builder = TestService::builder().script(script).running_clock().config(patient);
    let mut service = begun(builder.reports_at_nine(ZONE)).await;
    let begun = service.hand().now();
    let (walk, said) = (Walk(4), 0);
    let mut story = Story { walk, said };
    while service.hand().now() - begun < TimeDelta::days(days()) {
        story.a_day(&mut service).await;
    }
    // All work is finished, and then two more reports are due.
    story.end(&service).await;
    let mut events = service.listen();
    for _ in 0..2 {
        service.advance(TimeDelta::hours(24));
        service.logs_event(&mut events, "report_queued").await;
    }
    service.advancing(TimeDelta::seconds(10), service.settles()).await;
    let periods = periods(&service, begun);
    no_due_time_is_without_its_report(&service, begun, &periods);
    let pages = pages(&service, &periods);
    each_row_is_reported_once(&service, &pages);
    each_week_before_is_the_sum_of_its_reports(&pages);
    each_report_is_one_letter(&service, &periods);
}

fn no_due_time_is_without_its_report(service: &TestService, begun: DateTime<Utc>, periods: &[Period]) {
    let closed = number(service, "SELECT COUNT(*) FROM reports WHERE due_at IS NOT NULL");
    assert_eq!(closed, periods.len() as u64, "none is due at another time");
    let due = due_times(begun, service.hand().now());
    let days = usize::try_from(days()).unwrap();
    assert!(due.len() + 5 > days, "{} due times", due.len());
    for due in due {
        let covered = periods
            .iter()
            .filter(|period| period.since < due && due <= period.until);
        assert_eq!(covered.count(), 1, "{due}");
    }
    assert_eq!(periods[0].since, begun);
    for pair in periods.windows(2) {
        assert_eq!((pair[1].since, pair[1].after), (pair[0].until, pair[0].upto));
    }
    let hours: Vec<i64> = periods
        .iter()
        .map(|period| (period.until - period.since).num_hours())
        .collect();
    let of = |is_meant: fn(i64) -> bool| hours.iter().skip(1).filter(|hours| is_meant(**hours)).count();
    assert!(of(|hours| hours == 24) > days * 3 / 8, "{hours:?}");
    assert!(of(|hours| hours > 25) > days * 3 / 40, "{hours:?}");
    // One autumn and one spring change; the last downtime may reach into the next autumn.
    let (longer, shorter) = (of(|hours| hours % 24 == 1), of(|hours| hours % 24 == 23));
    assert!(longer >= 1 && shorter == usize::from(suite::is_full()), "{hours:?}");
}

fn pages(service: &TestService, periods: &[Period]) -> Vec<ReportPage> {
    let mut records = Records::open(&service.database()).unwrap();
    let occasion = Occasion::Due;
    let notices = periods.iter().map(|period| ReportNotice {
        period: *period,
        occasion,
    });
    notices
        .map(|notice| records.report(notice, service.hand().now()).unwrap())
        .collect()
}

/// Averages in a report, recomputed from the pages of the reports due in the seven days before it.
fn each_week_before_is_the_sum_of_its_reports(pages: &[ReportPage]) {
    let day = |at: DateTime<Utc>| at.with_timezone(&ZONE).date_naive();
    let mut shown = 0;
    for page in pages {
        let period = page.notice.period;
        let first = day(period.since) - chrono::Days::new(6);
        let week = pages.iter().filter(|past| {
            let due = past.notice.period.until;
            due <= period.since && day(due) >= first
        });
        let all: Vec<Figures> = week.clone().map(Figures::of).collect();
        let sum = |of: fn(&Figures) -> u64| all.iter().map(of).sum();
        let expected = PastWeek {
            span: week
                .map(|past| past.notice.period.until - past.notice.period.since)
                .sum(),
            dialogs: sum(|day| day.dialogs),
            new_customers: sum(|day| day.new_customers),
            leads: sum(|day| day.leads),
            failed: sum(|day| day.failed),
        };
        assert_eq!(page.past_week, (!all.is_empty()).then_some(expected), "{period:?}");
        shown += expected.failed;
        let hours = page.dialogs_by_hour(&ZONE);
        assert_eq!(hours.iter().sum::<u64>(), Figures::of(page).dialogs);
    }
    assert!(shown > 0, "a story without a failure proves nothing");
}

fn each_row_is_reported_once(service: &TestService, pages: &[ReportPage]) {
    let all: Vec<Figures> = pages.iter().map(Figures::of).collect();
    let sum = |of: fn(&Figures) -> u64| all.iter().map(of).sum::<u64>();
    let sql = |sql: &str| number(service, sql);
    let rows = sql("SELECT COUNT(*) FROM dialogs");
    let days = days().unsigned_abs();
    assert!(rows > days * 5 / 4, "{rows} rows are a story worth telling");
    assert_eq!(sum(|day| day.questions + day.replies), rows);
    assert_eq!(
        sum(|day| day.questions),
        sql("SELECT COUNT(*) FROM dialogs WHERE role = 'user'")
    );
    assert_eq!(
        sum(|day| day.new_customers),
        sql("SELECT COUNT(DISTINCT user_id) FROM dialogs WHERE role = 'user'")
    );
    assert_eq!(sum(|day| day.leads), sql("SELECT COUNT(*) FROM successful_dialogs"));
    assert_eq!(sum(|day| day.gaps), sql("SELECT COUNT(*) FROM gaps"));
    assert_eq!(
        sum(|day| day.failed),
        sql("SELECT COUNT(DISTINCT turn_id) FROM inbox WHERE state = 'failed'")
    );
    assert_eq!(
        sum(|day| day.dead),
        sql("SELECT COUNT(*) FROM outbox WHERE state = 'dead'")
    );
    let tokens = |column: &str| sql(&format!("SELECT SUM({column}) FROM inbox"));
    assert_eq!(sum(|day| day.input_tokens.unsigned_abs()), tokens("input_tokens"));
    assert_eq!(sum(|day| day.output_tokens.unsigned_abs()), tokens("output_tokens"));
    for (what, count) in [
        ("leads", sum(|day| day.leads)),
        ("gaps", sum(|day| day.gaps)),
        ("refusals", sum(|day| day.failed)),
    ] {
        assert!(count > days / 40, "{count} {what}");
    }
    // The clock advances while the last letters are sent: an absence that ends then belongs to the next report.
    let away = "SELECT CAST(ROUND(SUM(julianday(ended_at) - julianday(began_at)) * 86400) AS INTEGER) FROM absences \
         WHERE id <= (SELECT MAX(upto_absence) FROM reports)";
    let shown: TimeDelta = all.iter().map(|day| day.away).sum();
    assert!((shown.num_seconds() - sql(away).cast_signed()).abs() <= 1, "{shown}");
}

fn each_report_is_one_letter(service: &TestService, periods: &[Period]) {
    let letters = reports(service);
    let doubles = number(
        service,
        "SELECT COALESCE(SUM(maybe_sent), 0) FROM outbox WHERE key LIKE 'report:%'",
    );
    let mut ids: Vec<&str> = letters
        .iter()
        .filter_map(|letter| letter.message_id.as_deref())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), periods.len());
    assert!(
        letters.len() as u64 <= periods.len() as u64 + doubles,
        "{} letters, {doubles} marks",
        letters.len()
    );
    let shown = |table: &str| rows_attached(&letters, table) as u64;
    assert_eq!(shown("dialogs"), number(service, "SELECT COUNT(*) FROM dialogs"));
    assert_eq!(
        shown("leads"),
        number(service, "SELECT COUNT(*) FROM successful_dialogs")
    );
}
