//! The averages a report is compared with, the contacts of returning customers, and the hours of the day: each number equals
//! an SQL count.

use base::Event;
use chrono::TimeDelta;
use domain::{LeadId, Occasion, Period, ReportNotice};
use pages::{Figures, ReportPage};
use sandbox::{Answer, Run};
use store::records::Records;
use tokio::sync::broadcast;

use super::{ZONE, begun, builder, nine};
use crate::harness::TestService;
use crate::harness::saving::saving;

/// Refuses to discuss politics, saves numbers, echoes everything else.
fn script(run: &Run) -> Answer {
    match run.last_user_text.starts_with("политика") {
        true => Answer::Refusal("no".into()),
        false => saving(run),
    }
}

/// Moves on to nine and waits until all letters are queued.
async fn next_report(service: &TestService, events: &mut broadcast::Receiver<Event>) -> Period {
    nine(service, events).await;
    service.settles().await;
    let now = service.hand().now();
    let mut records = Records::open(&service.database()).unwrap();
    let period = records.period_due(now - TimeDelta::hours(1), now + TimeDelta::seconds(1));
    period.unwrap().expect("it was closed")
}

/// The current content of that report.
fn page(service: &TestService, period: Period) -> ReportPage {
    let occasion = Occasion::Due;
    let notice = ReportNotice { period, occasion };
    let mut records = Records::open(&service.database()).unwrap();
    records.report(notice, service.hand().now()).unwrap()
}

fn number(service: &TestService, sql: &str) -> u64 {
    service.sql(sql)[0].parse().unwrap()
}

#[actix_rt::test]
async fn the_comparison_with_seven_days_equals_an_sql_count() {
    let service = begun(builder().script(script)).await;
    let mut events = service.listen();
    let mut periods = Vec::new();
    for day in 0..9 {
        // Two regular customers and a new one each day; on every third day a customer leaves a number or gets no answer.
        service.ask(1, "и снова я").await;
        service.ask(1, "и ещё").await;
        service.ask(100 + day, "сколько стоит уборка").await;
        match day % 3 {
            0 => drop(service.ask(2, "политика").await),
            1 => drop(service.ask(200 + day, &format!("мой номер 8 912 345-67-8{day}")).await),
            _ => {}
        }
        service.advance(TimeDelta::hours(1));
        service.ask(1, "политика").await;
        periods.push(next_report(&service, &mut events).await);
    }
    let page = page(&service, periods[8]);
    let week = page.past_week.expect("there were reports before");
    assert_eq!(week.span, TimeDelta::days(7));

    // Computed from the clock alone: nine in Moscow is six UTC.
    let until = page.notice.period.until;
    let (from, to) = (until - TimeDelta::days(8), until - TimeDelta::days(1));
    let within = |stamp: &str| {
        format!(
            "{stamp} >= '{}' AND {stamp} < '{}'",
            from.format("%F %T"),
            to.format("%F %T")
        )
    };
    let dialogs = format!(
        "SELECT DISTINCT user_id, date(timestamp, '-6 hours') FROM dialogs WHERE role = 'user' AND {}",
        within("timestamp")
    );
    let count = |rows: &str| number(&service, &format!("SELECT COUNT(*) FROM ({rows})"));
    let new = format!(
        "SELECT MIN(timestamp) first FROM dialogs GROUP BY user_id HAVING {}",
        within("first")
    );
    let leads = format!("SELECT 1 FROM successful_dialogs WHERE {}", within("created_at"));
    let failed = format!(
        "SELECT DISTINCT turn_id FROM inbox WHERE state = 'failed' AND {}",
        within("finished_at")
    );
    assert_eq!((week.dialogs, count(&dialogs)), (19, 19));
    assert_eq!((week.new_customers, count(&new)), (10, 10));
    assert_eq!((week.leads, count(&leads)), (3, 3));
    assert_eq!((week.failed, count(&failed)), (9, 9));
    let mean = |rows: &str| {
        number(
            &service,
            &format!("SELECT CAST(ROUND(COUNT(*) / 7.0) AS INTEGER) FROM ({rows})"),
        )
    };
    let shown = [week.dialogs, week.new_customers, week.leads, week.failed];
    let shown = shown.map(|count| week.usual(count, TimeDelta::days(1)));
    assert_eq!(shown, [&dialogs, &new, &leads, &failed].map(|rows| mean(rows)));
    assert_eq!(shown, [3, 1, 0, 1]);
}

#[actix_rt::test]
async fn each_report_on_a_returning_customer_shows_their_earlier_contact() {
    let service = begun(builder().script(saving)).await;
    let mut events = service.listen();
    service.ask(7, "мой номер 8 912 345-67-81").await;
    let mut periods = vec![next_report(&service, &mut events).await];
    service.ask(8, "сколько стоит уборка").await;
    service.ask(7, "и снова я").await;
    periods.push(next_report(&service, &mut events).await);
    // The first lead is closed by now, and the same customer leaves another number.
    for _ in 0..3 {
        next_report(&service, &mut events).await;
    }
    service.ask(7, "мой номер 8 912 345-67-82").await;
    periods.push(next_report(&service, &mut events).await);
    let of = |period: Period, chat: i64| {
        let dialogs = page(&service, period).dialogs.into_iter();
        dialogs
            .filter(|dialog| dialog.chat.0 == chat)
            .map(|dialog| {
                let phone = dialog
                    .facts
                    .as_ref()
                    .map(|facts| facts.phones[0].number.as_str().to_owned());
                (dialog.lead, dialog.is_lead_new, phone)
            })
            .collect::<Vec<_>>()
    };
    let known = |lead: u64| {
        let sql = format!(
            "SELECT json_extract(contact_info, '$.phones[0].number') FROM successful_dialogs WHERE id = {lead}"
        );
        Some(service.sql(&sql)[0].clone())
    };
    assert_eq!(
        number(&service, "SELECT COUNT(*) FROM successful_dialogs WHERE user_id = 7"),
        2
    );
    assert_ne!(known(1), known(2));
    assert_eq!(of(periods[0], 7), [(Some(LeadId(1)), true, known(1))]);
    assert_eq!(
        of(periods[1], 7),
        [(Some(LeadId(1)), false, known(1))],
        "also when it is read later"
    );
    assert_eq!(of(periods[1], 8), [(None, false, None)]);
    assert_eq!(of(periods[2], 7), [(Some(LeadId(2)), true, known(2))]);
    for (period, expected) in periods.into_iter().zip([[1, 0, 0, 1], [1, 1, 1, 0], [0, 0, 0, 1]]) {
        let figures = Figures::of(&page(&service, period));
        let shown = [figures.new_customers, figures.known_contact, figures.without_contact];
        assert_eq!(
            (shown, figures.leads),
            (people(&service, period), leads(&service, period))
        );
        assert_eq!([&shown[..], &[figures.leads]].concat(), expected);
    }
}

/// Customers of a period: new ones, those with an earlier contact, those without any contact up to its end.
fn people(service: &TestService, period: Period) -> [u64; 3] {
    let (after, upto) = (period.after, period.upto);
    let who = [
        format!("NOT IN (SELECT user_id FROM dialogs WHERE id <= {})", after.dialog),
        format!(
            "IN (SELECT user_id FROM successful_dialogs WHERE id <= {0}) AND user_id NOT IN (SELECT user_id FROM \
             successful_dialogs WHERE id > {0} AND id <= {1})",
            after.lead, upto.lead
        ),
        format!(
            "NOT IN (SELECT user_id FROM successful_dialogs WHERE id <= {})",
            upto.lead
        ),
    ];
    who.map(|who| {
        let (first, last) = (after.dialog, upto.dialog);
        let wrote = format!("role = 'user' AND id > {first} AND id <= {last}");
        let sql = format!("SELECT COUNT(DISTINCT user_id) FROM dialogs WHERE {wrote} AND user_id {who}");
        number(service, &sql)
    })
}

fn leads(service: &TestService, period: Period) -> u64 {
    let (after, upto) = (period.after.lead, period.upto.lead);
    number(
        service,
        &format!("SELECT COUNT(*) FROM successful_dialogs WHERE id > {after} AND id <= {upto}"),
    )
}

#[actix_rt::test]
async fn the_dialogs_of_each_hour_equal_an_sql_count() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    next_report(&service, &mut events).await;
    for (chat, hours) in [(1, 1), (2, 0), (1, 3), (3, 0), (4, 5), (2, 0), (5, 4), (6, 0), (7, 6)] {
        service.advance(TimeDelta::hours(hours));
        service.ask(chat, "вопрос").await;
    }
    let period = next_report(&service, &mut events).await;
    let page = page(&service, period);
    let hours = page.dialogs_by_hour(&ZONE);
    let by_sql = format!(
        "SELECT CAST(strftime('%H', first, '+3 hours') AS INTEGER), COUNT(*) FROM (SELECT MIN(timestamp) first FROM dialogs \
         WHERE role = 'user' AND timestamp >= '{}' GROUP BY user_id) GROUP BY 1 ORDER BY 1",
        period.since.format("%F %T")
    );
    let shown: Vec<String> = (0..)
        .zip(hours)
        .filter(|(_, count)| *count > 0)
        .map(|(hour, count): (u32, u64)| format!("{hour}|{count}"))
        .collect();
    assert_eq!(shown, service.sql(&by_sql));
    assert_eq!(shown, ["4|1", "10|2", "13|1", "18|1", "22|2"]);
    assert_eq!(hours.iter().sum::<u64>(), Figures::of(&page).dialogs);
}
