//! The cost of a big report: a day of 20,000 rows is closed, read, written and sent to the mail server while a customer writes
//! one message after the other. Prints the time from the due time to the letter in the mailbox, the duration of the customer's
//! turns with and without a report, alternating in one run, and the additional memory of the process.
//!
//! `cargo bench --bench report`; numbers after `--` change the count of customers (1,000 of ten messages each)
//! and that of owners (3).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on fails"
)]
#![expect(clippy::print_stdout, reason = "its figures are its output")]

#[expect(
    dead_code,
    unused_imports,
    reason = "the harness of the service tests has more than is needed here"
)]
#[path = "../tests/service/harness/mod.rs"]
mod harness;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use chrono_tz::Tz;
use domain::Email;
use harness::{Memory, OWNER, TestService, seen};
use sandbox::{Event, Play};
use store::extra_report::request_report;
use store::records::Records;

const MESSAGES: u32 = 10;
const ROUNDS: usize = 8;
const OWNERS: u32 = 3;
const PROBE: i64 = 7;
/// Turns measured without a report per round.
const ALONE: usize = 40;

#[actix_rt::main]
async fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let customers = numbers.next().unwrap_or(1_000);
    let owners = owners(numbers.next().unwrap_or(OWNERS));
    let service = TestService::builder()
        .config(|config| config.mail.owners.clone_from(&owners))
        .running_clock()
        .reports_at_nine(Tz::UTC)
        .start()
        .await;
    let play = Play {
        customers,
        messages: MESSAGES,
        limit: Duration::from_secs(600),
        ..Play::default()
    };
    let figures = sandbox::play(service.sandbox(), play).await;
    assert_eq!(figures.missing, 0, "everybody is answered");
    service.settles().await;
    let rows = &service.sql("SELECT COUNT(*) FROM dialogs")[0];
    println!("{rows} rows of dialogs, {customers} customers");

    let mut took = Vec::new();
    let mut grown = None;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for _ in 0..ALONE {
            alone.push(turn(&service).await);
        }
        let before = from_here();
        let begun = Instant::now();
        if round == 0 {
            to_nine(&service);
        } else {
            ask_again(&service, &owners);
        }
        // Does not read the letters: copying megabytes at each check would affect the measurement.
        let arrived = seen(service.sandbox(), (round + 1) * owners.len(), |event| {
            matches!(event, Event::MailReceived { .. })
        });
        tokio::pin!(arrived);
        loop {
            tokio::select! {
                biased;
                () = &mut arrived => break,
                probe = turn(&service) => beside.push(probe),
            }
        }
        took.push(begun.elapsed());
        service.settles().await;
        // Only the first report; later ones reuse its memory.
        grown = grown.or_else(|| Some(Memory::own()?.most - before?));
    }
    let letter = service.sandbox().smtp().letters_to(OWNER).pop().expect("there is one");
    println!("{}", letter.subject);
    let table = letter.attachments.first().expect("a table of the dialogs");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(table.bytes.as_slice());
    let shown = reader.records().map(Result::unwrap).count();
    let day = "SELECT COUNT(*) FROM dialogs WHERE timestamp < (SELECT due_at FROM reports WHERE due_at IS NOT NULL)";
    assert_eq!(
        service.sql(day),
        [shown.to_string()],
        "the table tells every row of the day"
    );
    println!(
        "as sent: {} bytes, HTML {} bytes",
        letter.raw.len(),
        letter.html.map_or(0, |html| html.len())
    );
    println!("{} owners", owners.len());
    match grown {
        Some(kib) => println!(
            "memory for the first report, the letters in their mailboxes included: {} MB more at most",
            kib * 1024 / 1_000_000
        ),
        None => println!("nobody tells here what a process takes"),
    }
    print("due time to the last letter accepted", &mut took);
    print("a turn without a report", &mut alone);
    print("a turn beside a report", &mut beside);
}

/// Current memory in KiB. Resets the peak (proc(5), `clear_refs`), because earlier customer messages may have used more.
fn from_here() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(Memory::own()?.now)
}

/// One message of a customer; waits for its reply.
async fn turn(service: &TestService) -> Duration {
    let begun = Instant::now();
    service.ask(PROBE, "и снова я").await;
    begun.elapsed()
}

/// Each gets a separate letter, read and written again.
fn owners(count: u32) -> Vec<Email> {
    let others = (2..=count).map(|n| format!("owner-{n}@example.org"));
    let all = std::iter::once(OWNER.to_owned()).chain(others);
    all.map(|address| Email::normalised(&address)).collect()
}

fn to_nine(service: &TestService) {
    let now = service.hand().now();
    let today = now.date_naive().and_hms_opt(9, 0, 0).expect("a time").and_utc();
    let due = if today > now { today } else { today + TimeDelta::days(1) };
    service.advance(due - now);
}

/// Requests the first report again; the ten-second sweep finds it.
fn ask_again(service: &TestService, owners: &[Email]) {
    let now = service.hand().now();
    let mut records = Records::open(&service.database()).unwrap();
    let period = records
        .period_due(now - TimeDelta::days(2), now + TimeDelta::days(1))
        .unwrap();
    request_report(&service.database(), period.expect("it was closed"), owners, now).unwrap();
    service.advance(TimeDelta::seconds(11));
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    println!(
        "{what}: {} measured, min {:.1}, median {:.1}, p95 {:.1}, max {:.1} ms",
        times.len(),
        ms(times.first()),
        ms(at(50)),
        ms(at(95)),
        ms(times.last())
    );
}
