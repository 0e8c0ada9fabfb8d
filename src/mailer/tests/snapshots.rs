//! Whole letters as they are sent: the diff shows how a change of a template or a text affects the letter.
//! `cargo insta review` or INSTA_UPDATE=always accepts a change.

use std::fmt::Write as _;

use chrono_tz::Europe;
use mail_parser::{HeaderValue, MimeHeaders};

use super::examples::{HOSTILE, asked, between, busy, everywhere, long, one, quiet, report, short, update};
use super::*;

/// Subject and headers, attachments, text and HTML.
fn whole(language: Language, body: &PageBody, zone: Tz) -> String {
    let letters = letters(language);
    let rendered = letters.render(body, Files::Attached, "Чистый дом", zone).unwrap();
    let mailer = Mailer::new(&smtp(1), letters, settings("a1b2", "Чистый дом", zone)).unwrap();
    let mailing = written_by(&mailer, body.clone());
    let bytes = mailing.to_bytes();
    let message = read(&bytes);
    let mut told = String::new();
    for header in message.headers() {
        let value = match &header.value {
            HeaderValue::Text(text) => text.to_string(),
            HeaderValue::Address(addresses) => {
                let one = |address: &mail_parser::Addr<'_>| address.address().unwrap_or_default().to_owned();
                addresses.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            HeaderValue::DateTime(date) => date.to_rfc3339(),
            // Its boundary is another one each time.
            HeaderValue::ContentType(kind) => format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()),
            other => format!("{other:?}"),
        };
        writeln!(told, "{}: {value}", header.name()).unwrap();
    }
    for part in message.attachments() {
        let kind = part.content_type().unwrap();
        let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        writeln!(told, "attached: {kind} {}", part.attachment_name().unwrap()).unwrap();
    }
    format!("{told}\n{}\n{}\n", rendered.text, rendered.html)
}

/// The customer's words alone, some of everything that does harm elsewhere.
fn bad() -> PageBody {
    one(everywhere(&HOSTILE.join(" | ")))
}

/// A day on which the clocks change at night: one customer writes before the change, one after it.
fn change_of_clocks(day: &str, next: &str) -> PageBody {
    let mut page = between(at(day), at(next));
    page.dialogs = vec![
        asked(0, "Вы работаете в воскресенье?"),
        asked(1, "Сколько стоит мойка окон?"),
    ];
    let night = at(next).date_naive().and_hms_opt(0, 30, 0).unwrap().and_utc();
    page.dialogs[0].lines[0].at = night;
    page.dialogs[0].lines[1].at = night;
    page.dialogs[1].lines[0].at = night + chrono::TimeDelta::hours(1);
    page.dialogs[1].lines[1].at = night + chrono::TimeDelta::hours(1);
    report(page)
}

#[test]
fn letters_look_as_they_did() {
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        for language in Language::ALL {
            let code = language.code();
            insta::assert_snapshot!(format!("lead-{code}"), whole(language, &one(short()), ZONE));
            insta::assert_snapshot!(format!("lead-updated-{code}"), whole(language, &one(update()), ZONE));
            insta::assert_snapshot!(format!("report-{code}"), whole(language, &report(busy()), ZONE));
            insta::assert_snapshot!(format!("report-empty-{code}"), whole(language, &report(quiet()), ZONE));
        }
        let ru = Language::Ru;
        insta::assert_snapshot!("lead-of-500-messages", whole(ru, &one(long()), ZONE));
        insta::assert_snapshot!("lead-of-hostile-words", whole(ru, &bad(), ZONE));
        let (spring, autumn) = (
            change_of_clocks("2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
            change_of_clocks("2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z"),
        );
        insta::assert_snapshot!("report-of-23-hours", whole(ru, &spring, Europe::Berlin));
        insta::assert_snapshot!("report-of-25-hours", whole(ru, &autumn, Europe::Berlin));
    });
}
