//! The cost of writing letters: one on a lead after a dialog of 500 messages, and a report of 2,000 dialogs of ten messages each.
//! Prints bytes and times; for the report, which is written first, also the peak growth of the process. The pages are loaded
//! before; `report` measures reading them.
//!
//! `cargo bench --bench letters`; a number after `--` changes how often the letter on a lead is written (200).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on fails"
)]
#![expect(clippy::print_stdout, reason = "its figures are its output")]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    Border, ChatId, DeliveryId, DialogId, Email, InboxId, KnownPhone, Language, LeadFacts, LeadId, LeadNotice,
    LeadSource, Occasion, Origin, Period, Phone, Profile, ReportId, ReportNotice,
};
use frontdesk::mailer::{Draft, draft};
use letters::Letters;
use pages::{DialogLine, Fate, LeadPage, LetterPage, PageBody, ReportDialog, ReportPage, Speaker};

const MESSAGES: i64 = 500;
const CUSTOMERS: i64 = 2_000;
const OF_EACH: i64 = 10;

fn main() {
    let rounds = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(200);
    let letters = Letters::load(Language::Ru, None).unwrap();
    report(&letters);
    lead(&letters, rounds);
}

fn report(letters: &Letters) {
    let page = page(PageBody::Report(Box::new(day())));
    // The peak of loading would hide the peak of the report.
    let before = memory("VmRSS");
    let begun = Instant::now();
    let written = write(&page, letters);
    let took = begun.elapsed();
    println!("{}", written.subject);
    println!(
        "a report on {CUSTOMERS} dialogs of {OF_EACH} messages: {:.2} s, HTML {} bytes, message {} bytes",
        took.as_secs_f64(),
        written.html.len(),
        written.message.len()
    );
    if let Some((before, most)) = before.zip(memory("VmHWM")) {
        println!(
            "memory: {} MiB more at its highest",
            most.saturating_sub(before) / 1_024
        );
    }
}

fn lead(letters: &Letters, rounds: usize) {
    let page = page(PageBody::Lead(Box::new(talkative())));
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..rounds.max(1) {
        let begun = Instant::now();
        let written = write(&page, letters);
        times.push(begun.elapsed());
        last = Some(written);
    }
    let written = last.expect("at least one round");
    times.sort_unstable();
    let ms = |percent: usize| {
        let time = times[(times.len() * percent / 100).min(times.len() - 1)];
        Duration::as_secs_f64(&time) * 1_000.0
    };
    println!("{}", written.subject);
    println!(
        "a lead after {MESSAGES} messages, {} times: HTML {} bytes, message {} bytes, median {:.1} ms, p95 {:.1} ms",
        times.len(),
        written.html.len(),
        written.message.len(),
        ms(50),
        ms(95)
    );
}

fn write(page: &LetterPage, letters: &Letters) -> Draft {
    let zone = Tz::Europe__Moscow;
    draft(page, letters, "Чистый дом", zone, None, "bench", at(0)).unwrap()
}

fn page(body: PageBody) -> LetterPage {
    LetterPage {
        delivery: DeliveryId(1),
        to: Email::normalised("owner@example.org"),
        body,
    }
}

/// 22 November 2026, 9 o'clock in Moscow, plus `minutes`.
fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_327_200, 0).expect("a time") + TimeDelta::minutes(minutes)
}

/// Alternating questions and answers, every seven minutes, ending at `last`.
fn said(lines: i64, last: DateTime<Utc>) -> Vec<DialogLine> {
    let line = |n| {
        let is_question = n % 2 == 0;
        DialogLine {
            at: last - TimeDelta::minutes(7 * (lines - n - 1)),
            speaker: if is_question {
                Speaker::Customer
            } else {
                Speaker::Us(Fate::Sent)
            },
            text: match is_question {
                true => format!("Вопрос {n}: а сколько стоит помыть окна на кухне и балкон?"),
                false => {
                    "Мойка окна стоит 700 ₽ за створку, балкон считаем по площади остекления. Записать вас?".into()
                }
            },
            is_edit: false,
            is_markdown: !is_question,
        }
    };
    (0..lines).map(line).collect()
}

fn customer(n: i64) -> Profile {
    Profile {
        first_name: "Мария".into(),
        last_name: Some("Котова".into()),
        username: Some(format!("maria_{n}")),
        language_code: Some("ru".into()),
    }
}

fn talkative() -> LeadPage {
    LeadPage {
        notice: LeadNotice {
            lead: LeadId(42),
            revision: 1,
            chat: ChatId(7),
            cause: InboxId(9),
            source: LeadSource::Contact,
            at: at(0),
            facts: LeadFacts {
                name: Some("Мария".into()),
                phones: vec![KnownPhone {
                    number: Phone::international("79123456789").unwrap(),
                    origin: Origin::Verified,
                }],
                request: Some("Уборка двухкомнатной квартиры, около 54 м²".into()),
                preferred_time: Some("после 18:00".into()),
                ..LeadFacts::default()
            },
            changes: Vec::new(),
            earlier: Vec::new(),
            upto: DialogId(MESSAGES),
        },
        profile: customer(7),
        came_from: Some("avito3".into()),
        update: 900_017,
        lines: said(MESSAGES, at(0)),
        left_out: 0,
        together_at: None,
    }
}

fn day() -> ReportPage {
    let dialogs = (0..CUSTOMERS).map(|n| ReportDialog {
        is_new: true,
        lines: said(OF_EACH, at(-n % 1_000)),
        ..ReportDialog::empty(ChatId(n + 1), customer(n))
    });
    let period = Period {
        report: Some(ReportId(1)),
        since: at(-1_440),
        until: at(0),
        after: Border::default(),
        upto: Border {
            dialog: CUSTOMERS * OF_EACH,
            ..Border::default()
        },
        is_catch_up: false,
    };
    let occasion = Occasion::Due;
    ReportPage {
        dialogs: dialogs.collect(),
        ..ReportPage::empty(ReportNotice { period, occasion })
    }
}

/// A figure of this process in KiB, on Linux.
fn memory(figure: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
    line?.trim().strip_suffix(" kB")?.parse().ok()
}
