//! What a mail client reads: headers, both bodies, attachments.

use domain::{Occasion, ReportId};
use mail_parser::MimeHeaders;
use pages::{PageBody, Speaker};

use super::examples::{
    alert, busy, by_email, by_username, crowd, crowd_of_a_day, digest, long, one, quiet, report, said, short, update,
};
use super::*;
use crate::mailer::draft;

#[test]
fn a_mail_client_reads_both_forms_and_whole_headers() {
    let bodies = [
        one(short()),
        one(update()),
        one(by_email()),
        one(by_username()),
        one(long()),
        digest(3),
        alert(),
        report(busy()),
        report(quiet()),
    ];
    for body in bodies {
        let attached = rendered(Language::Ru, &body).attachments.len();
        let mailing = written(body);
        let bytes = mailing.to_bytes();
        let letter = read(&bytes);
        let types: Vec<String> = letter
            .parts
            .iter()
            .map(|part| {
                let kind = part.content_type().unwrap();
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
            })
            .collect();
        let forms = ["multipart/alternative", "text/plain", "text/html"];
        let own = types.len() - attached;
        assert!(
            types[..own].ends_with(&forms.map(str::to_owned)),
            "plain first (RFC 2046, 5.1.4)"
        );
        assert_eq!(
            (own, types[0].as_str()),
            if attached == 0 {
                (3, forms[0])
            } else {
                (4, "multipart/mixed")
            }
        );
        assert!(letter.body_text(0).unwrap().contains("Чистый дом"));
        assert!(letter.body_html(0).unwrap().ends_with("</html>"));
        let from = letter.from().unwrap().first().unwrap();
        assert_eq!(
            (from.name(), from.address()),
            (Some("Чистый дом"), Some("bot@shop.example"))
        );
        assert_eq!(
            letter.to().unwrap().first().unwrap().address(),
            Some("owner@shop.example")
        );
        assert_eq!(letter.date().unwrap().to_rfc3339(), "2026-11-22T11:06:00Z");
    }
}

#[test]
fn no_line_on_the_wire_is_longer_than_a_server_takes() {
    let mut page = short();
    page.lines = vec![
        said(Speaker::Customer, 0, &"щ".repeat(4_096)),
        said(Speaker::Customer, 1, &"x".repeat(4_096)),
    ];
    page.notice.facts.name = Some("Ж".repeat(3_000));
    for body in [one(page), one(long())] {
        let mailing = written(body);
        assert!(mailing.to_bytes().is_ascii());
        let longest = mailing
            .to_bytes()
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::len)
            .max()
            .unwrap();
        assert!(longest <= 999, "{longest} octets (RFC 5321, 4.5.3.1.6)");
    }
}

#[test]
fn a_letter_keeps_its_name_at_every_attempt() {
    let id = |body: PageBody, now: &str| {
        let mailer = mailer(&smtp(1), Language::Ru).unwrap();
        let mailing = mailer.write(&page(body), Files::Attached, at(now)).unwrap();
        let bytes = mailing.to_bytes();
        let letter = read(&bytes);
        let answered = letter.in_reply_to().as_text().map(str::to_owned);
        assert_eq!(answered, letter.references().as_text().map(str::to_owned));
        (letter.message_id().unwrap().to_owned(), answered)
    };
    let first = "lead-42.1.a1b2@shop.example".to_owned();
    assert_eq!(id(one(short()), "2026-11-22T11:06:00Z"), (first.clone(), None));
    assert_eq!(id(one(short()), "2026-11-25T00:00:00Z").0, first);
    let updated = id(one(update()), "2026-11-22T11:06:00Z");
    assert_eq!(updated, ("lead-42.2.a1b2@shop.example".into(), Some(first)));
    assert_eq!(id(digest(2), "2026-11-22T11:06:00Z").0, "leads-31.a1b2@shop.example");
    assert_eq!(id(alert(), "2026-11-22T11:06:00Z").0, "alert-31.a1b2@shop.example");
    for now in ["2026-11-22T06:00:10Z", "2026-11-25T00:00:00Z"] {
        assert_eq!(id(report(busy()), now).0, "report-12.a1b2@shop.example");
    }
    let mut extra = busy();
    extra.notice.occasion = Occasion::Extra;
    for report in [Some(ReportId(12)), None] {
        extra.notice.period.report = report;
        let named = id(super::examples::report(extra.clone()), "2026-11-22T06:00:10Z").0;
        assert_eq!(named, "report-extra-31.a1b2@shop.example");
    }
}

#[test]
fn a_draft_is_the_letter_that_would_be_sent() {
    let page = super::page(report(busy()));
    let (letters, now) = (letters(Language::Ru), at("2026-11-22T06:00:10Z"));
    let config = smtp(1);
    let drafted = draft(&page, &letters, "Чистый дом", ZONE, Some(&config), "a1b2", now).unwrap();
    let parts = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let letter = read(bytes);
        letter.parts.iter().map(|part| part.contents().to_vec()).collect()
    };
    let sent = written(page.body.clone());
    assert_eq!(parts(&drafted.message)[1..], parts(&sent.to_bytes())[1..]);
    let letter = read(&drafted.message);
    assert_eq!(letter.subject(), Some(drafted.subject.as_str()));
    assert_eq!(letter.body_html(0).unwrap().replace("\r\n", "\n"), drafted.html);
    assert_eq!(letter.body_text(0).unwrap().replace("\r\n", "\n"), drafted.text);
    assert_eq!(
        letter.from().unwrap().first().unwrap().address(),
        Some("bot@shop.example")
    );

    let without = draft(&page, &letters, "Чистый дом", ZONE, None, "a1b2", now).unwrap();
    let letter = read(&without.message);
    assert_eq!(
        letter.from().unwrap().first().unwrap().address(),
        Some("owner@shop.example")
    );
    assert_eq!(letter.message_id(), Some("report-12.a1b2@shop.example"));
    assert_eq!(without.html, drafted.html);
}

#[test]
fn the_longest_dialog_makes_an_acceptable_letter() {
    // As much as the database gives of a dialog: 300,000 characters, in many lines or in long ones.
    for words in ["&", "я", "🙂", "🙂\n", "<b>я</b>"] {
        for (lines, chars) in [(2_000, 150), (73, 4_096)] {
            let mut lead = short();
            let text: String = words.chars().cycle().take(chars).collect();
            lead.lines = (0..lines).map(|n| said(Speaker::Customer, n, &text)).collect();
            let size = written(one(lead)).to_bytes().len();
            assert!(size < 5_000_000, "{words:?}, {lines} lines: {size} bytes");
        }
    }
}

#[test]
fn a_letter_with_as_much_as_it_can_have_is_below_what_servers_take() {
    let tables = [
        crowd(300),
        report(crowd_of_a_day(
            1_000,
            20,
            &"Сколько стоит убрать двухкомнатную квартиру? ".repeat(4),
        )),
        report(crowd_of_a_day(1_500, 2, &"\"щ".repeat(2_048))),
    ];
    for body in tables {
        let bytes = written(body).to_bytes().len();
        assert!(bytes < 20_000_000, "{bytes} bytes");
    }
}
