//! The headers that machines read: attachments, no automatic replies, and the address for replies.

use mail_parser::MimeHeaders;
use pages::PageBody;

use super::examples::{
    HOSTILE, alert, busy, by_email, by_username, digest, everywhere, long, one, quiet, report, short, update,
};
use super::*;

/// Every kind of letter.
fn all() -> Vec<PageBody> {
    let leads = [short(), update(), by_email(), by_username(), long()].map(one);
    let others = [digest(7), alert(), report(busy()), report(quiet())];
    leads.into_iter().chain(others).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn nothing_but_tables_texts_and_contacts_is_ever_attached() {
    for body in all() {
        let letter = rendered(Language::Ru, &body);
        let mailing = written(body);
        let bytes = mailing.to_bytes();
        let message = read(&bytes);
        let attached: Vec<_> = message.attachments().collect();
        assert_eq!(attached.len(), letter.attachments.len());
        for (part, file) in attached.iter().zip(&letter.attachments) {
            let kind = part.content_type().unwrap();
            assert!(
                matches!(
                    (kind.ctype(), kind.subtype()),
                    ("text", Some("csv" | "plain" | "vcard"))
                ),
                "{kind:?}"
            );
            assert_eq!(kind.attribute("charset"), Some("utf-8"));
            assert_eq!(part.attachment_name(), Some(file.file.as_str()));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            assert!(file.file.chars().all(is_plain), "{}", file.file);
            if kind.subtype() == Some("csv") {
                let raw = &bytes[usize::try_from(part.raw_body_offset()).unwrap()..];
                assert!(raw.starts_with(b"77u/"), "the mark of UTF-8, in base64");
            }
            let (saved, own) = (String::from_utf8(part.contents().to_vec()).unwrap(), content(file));
            assert_eq!(saved.trim_start_matches('\u{FEFF}'), own.trim_start_matches('\u{FEFF}'));
        }
    }
}

#[test]
fn every_letter_bears_what_keeps_machines_quiet_and_no_list() {
    for body in all() {
        let mailing = written(body);
        let bytes = mailing.to_bytes();
        let message = read(&bytes);
        let header = |name: &str| message.header_raw(name).map(|value| value.trim().to_owned());
        assert_eq!(header("Auto-Submitted"), some("auto-generated"));
        for name in ["List-Id", "List-Unsubscribe", "Precedence"] {
            assert_eq!(header(name), None);
        }
        let from = message.from().unwrap().first().unwrap().address().unwrap();
        assert_eq!(mailing.envelope.from().map(AsRef::<str>::as_ref), Some(from));
    }
}

/// The address for replies to the letter.
fn answered(body: PageBody) -> Option<String> {
    let mailing = written(body);
    let bytes = mailing.to_bytes();
    let message = read(&bytes);
    let to = message.reply_to()?;
    assert_eq!(to.as_list().unwrap().len(), 1);
    Some(to.first()?.address()?.to_owned())
}

#[test]
fn an_answer_to_the_letter_goes_to_the_customer() {
    assert_eq!(answered(one(by_email())), some("maria.kotova@example.org"));
    assert_eq!(answered(one(update())), some("maria@example.org"));
    for body in [one(short()), one(by_username()), digest(7), alert(), report(busy())] {
        assert_eq!(answered(body), None);
    }
}

#[test]
fn what_is_no_address_for_a_mail_server_is_none_to_answer_to() {
    let others = [
        "мария@example.org",
        "a b@example.org",
        "a@b@c",
        "a@example.org\r\nBcc: thief@example.org",
        "a@example.org, b@example.org",
    ];
    for words in HOSTILE.into_iter().chain(others) {
        assert_eq!(answered(one(everywhere(words))), None, "{words:?}");
    }
    assert_eq!(answered(one(everywhere("a+b@example.org"))), some("a+b@example.org"));
}
