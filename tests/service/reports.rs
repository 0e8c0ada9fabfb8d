//! The daily report: once per due time, even if the service is down, stopped or killed then.

mod asked;
mod figures;
mod unreadable;
mod usual;
mod year;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Europe, Tz};
use domain::Email;
use frontdesk::Config;
use sandbox::{Edge, Fault, Letter, Rule};
use tokio::sync::broadcast;

use crate::harness::{Builder, OPERATOR, OWNER, TestService};

const STEP: TimeDelta = TimeDelta::seconds(10);
const ZONE: Tz = Europe::Moscow;

fn builder() -> Builder {
    TestService::builder().running_clock().reports_at_nine(ZONE)
}

/// A service whose first period has begun, shortly after the start.
async fn begun(builder: Builder) -> TestService {
    let service = builder.start().await;
    service.sql_becomes("SELECT COUNT(*) FROM reports", &["1"]).await;
    service
}

/// Time until this hour.
fn until(service: &TestService, hour: u32) -> TimeDelta {
    let now = service.hand().now();
    let local = now.with_timezone(&ZONE);
    let at = |day: chrono::NaiveDate| day.and_hms_opt(hour, 0, 0).unwrap().and_local_timezone(ZONE).unwrap();
    let today = at(local.date_naive());
    let next = if today > local {
        today
    } else {
        at(local.date_naive().succ_opt().unwrap())
    };
    next.with_timezone(&Utc) - now
}

/// Moves the clock to nine and waits until the period is closed.
async fn nine(service: &TestService, events: &mut broadcast::Receiver<Event>) {
    service.advance(until(service, 9));
    service.logs_event(events, "report_queued").await;
}

fn shown(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%H:%M").to_string()
}

/// The reports the owner got.
fn reports(service: &TestService) -> Vec<Letter> {
    let letters = service.sandbox().smtp().letters_to(OWNER).into_iter();
    letters
        .filter(|letter| letter.message_id.as_deref().is_some_and(|id| id.starts_with("report-")))
        .collect()
}

fn text(letter: &Letter) -> &str {
    letter.text.as_deref().expect("a text part")
}

#[actix_rt::test]
async fn at_nine_the_owner_gets_the_report_of_the_day() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    service.ask(7, "сколько стоит уборка").await;
    service.ask(8, "мой номер 8 912 345-67-89").await;
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 1);
    assert!(
        received[0].subject.contains("2 диалога, 1 заявка"),
        "{}",
        received[0].subject
    );
    assert!(
        text(&received[0]).contains("сколько стоит уборка"),
        "{}",
        text(&received[0])
    );
    let html = received[0].html.as_deref().expect("an HTML part");
    assert!(html.contains("echo: сколько стоит уборка"), "{html}");
}

#[actix_rt::test]
async fn a_report_of_an_empty_day_says_the_bot_is_running() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    nine(&service, &mut events).await;
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 2, "one a day");
    for letter in &received {
        assert!(letter.subject.contains("диалогов не было"), "{}", letter.subject);
    }
}

#[actix_rt::test]
async fn a_customer_of_two_days_is_in_both_reports_and_new_in_one() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    service.advance(until(&service, 9) - TimeDelta::milliseconds(1));
    service.ask(7, "за миллисекунду до отчёта").await;
    service.advance(TimeDelta::milliseconds(1));
    service.logs_event(&mut events, "report_queued").await;
    service.ask(7, "ровно в девять").await;
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 2);
    let holds = |letter: &Letter, words: &str| text(letter).contains(words);
    assert!(holds(&received[0], "за миллисекунду до отчёта") && !holds(&received[0], "ровно в девять"));
    assert!(holds(&received[1], "ровно в девять") && !holds(&received[1], "за миллисекунду до отчёта"));
    for letter in &received {
        assert!(letter.subject.contains("1 диалог"), "{}", letter.subject);
    }
}

#[actix_rt::test]
async fn a_report_due_during_downtime_is_sent_once_and_names_the_gap() {
    let mut service = begun(builder()).await;
    let mut events = service.listen();
    service.ask(7, "до сбоя").await;
    // The heartbeat is stored once a minute.
    let (down, minutes) = (service.hand().now(), TimeDelta::minutes(2));
    service.advance(TimeDelta::seconds(61));
    service.logs_event(&mut events, "status").await;
    service.kill();
    service.advance(until(&service, 9) + TimeDelta::hours(2) + TimeDelta::days(2));
    service.start_again().await;
    service.logs_event(&mut events, "report_queued").await;
    service.settles().await;
    let up = service.hand().now();
    service.restart().await;
    service.restart().await;
    service.advance(TimeDelta::minutes(2));
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 1, "no start sends one by itself");
    let absences = service.sql("SELECT kind FROM absences ORDER BY id LIMIT 1");
    assert_eq!(absences, ["stopped"]);
    let words = text(&received[0]);
    assert!(words.contains(&shown(up)), "{words}");
    let minutes_down = (0..=minutes.num_minutes()).map(|n| shown(down + TimeDelta::minutes(n)));
    assert!(
        minutes_down.into_iter().any(|minute| words.contains(&minute)),
        "{words}"
    );
    assert!(
        words.contains("24 часа"),
        "updates Telegram no longer keeps are reported: {words}"
    );
    assert_eq!(
        service.sql("SELECT COUNT(*) FROM reports WHERE due_at IS NOT NULL"),
        ["1"]
    );
}

#[actix_rt::test]
async fn a_report_is_sent_once_despite_a_kill_before_its_email() {
    let mut service = begun(builder()).await;
    let mut events = service.listen();
    let hold = service.fault(Rule::on(Edge::Smtp, "connect").with(Fault::Hold));
    nine(&service, &mut events).await;
    service.faults_injected(hold, 1).await;
    service.kill();
    service.release(hold);
    service.start_again().await;
    service.settles().await;
    assert_eq!(reports(&service).len(), 1);
    let rows = "SELECT COUNT(*), COUNT(DISTINCT key) FROM outbox WHERE key LIKE 'report:%'";
    assert_eq!(service.sql(rows), ["1|1"]);
}

#[actix_rt::test]
async fn a_kill_between_letter_and_verdict_repeats_the_report_with_the_same_id() {
    let mut service = begun(builder()).await;
    let mut events = service.listen();
    let hang = service.fault(Rule::on(Edge::Smtp, "data").with(Fault::HangAfter));
    nine(&service, &mut events).await;
    service.faults_injected(hang, 1).await;
    service.kill();
    service.release(hang);
    service.start_again().await;
    service.advancing(STEP, service.settles()).await;
    let received = reports(&service);
    assert_eq!((received.len(), &received[0].message_id), (2, &received[1].message_id));
    assert_eq!(
        service.sql("SELECT maybe_sent FROM outbox WHERE key LIKE 'report:%'"),
        ["1"]
    );
}

#[actix_rt::test]
async fn setting_the_clock_back_past_nine_sends_no_second_report() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    nine(&service, &mut events).await;
    service.advance(-TimeDelta::minutes(90));
    service.ask(7, "часы перевели назад").await;
    service.advancing(TimeDelta::minutes(1), service.replies(7, 1)).await;
    service.advance(TimeDelta::hours(3));
    service.settles().await;
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 2, "today's and tomorrow's");
    assert!(
        text(&received[1]).contains("часы перевели назад"),
        "{}",
        text(&received[1])
    );
}

#[actix_rt::test]
async fn a_clock_once_years_ahead_stops_no_report() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    let years = TimeDelta::days(3 * 365);
    service.advance(years);
    service.logs_event(&mut events, "report_queued").await;
    service.advance(-years);
    service.ask(7, "снова сегодня").await;
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    assert_eq!(received.len(), 2);
    assert!(text(&received[1]).contains("снова сегодня"), "{}", text(&received[1]));
}

#[actix_rt::test]
async fn a_report_due_during_suspend_names_the_polling_gap() {
    let service = begun(builder()).await;
    let mut events = service.listen();
    service.ask(7, "до сна").await;
    let asleep = service.hand().now();
    nine(&service, &mut events).await;
    service.settles().await;
    let received = reports(&service);
    let words = text(&received[0]);
    assert!(words.contains("Не было связи с Telegram"), "{words}");
    assert!(words.contains(&shown(asleep)) && words.contains("09:00"), "{words}");
    assert!(!words.contains("бот не получает сообщений"), "{words}");
}

#[actix_rt::test]
async fn each_owner_gets_a_report_and_a_rejected_address_delays_no_other() {
    let more = ["b@example.org", "c@example.org", "d@example.org"];
    let owners = |config: &mut Config| config.mail.owners.extend(more.map(Email::normalised));
    let service = begun(builder().config(owners)).await;
    let mut events = service.listen();
    let refused = Rule::on(Edge::Smtp, "rcpt").with(Fault::smtp(550, "5.1.1 no such user"));
    let refused = refused.containing(more[1]);
    let refused = service.fault(refused);
    service.ask(7, "сколько стоит уборка").await;
    nine(&service, &mut events).await;
    for to in [OWNER, more[0], more[2]] {
        assert_eq!(service.letters_to(to, 1).await.len(), 1, "{to}");
    }
    service.faults_injected(refused, 1).await;
    service.letters_to(OPERATOR, 1).await;
    nine(&service, &mut events).await;
    service.letter(2).await;
    let next = reports(&service).pop().expect("the second");
    let named = format!(
        "Почтовый сервер не принимает письма на {}: 550 5.1.1 no such user",
        more[1]
    );
    assert!(text(&next).contains(&named), "{}", text(&next));
    service.release(refused);
    service.advancing(TimeDelta::minutes(5), service.settles()).await;
    assert_eq!(service.letters_to(more[1], 2).await.len(), 2);
}
