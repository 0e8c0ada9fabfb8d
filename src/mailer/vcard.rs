//! A lead as a contact that a phone or a mail program takes over (vCard 3.0, RFC 2426): the version that all of them
//! read.

use super::attachment::{Attachment, Kind};
use super::clean::{at_most, block, line, some_line};
use super::lead_view::NAME;
use super::reach;
use super::voice::Voice;
use crate::domain::LeadPage;

/// Octets of a line without its end (RFC 2426, 2.6).
const LINE: usize = 75;

/// The customers of these leads, in one file.
///
/// # Errors
/// A word that is missing.
pub(super) fn cards<'a>(
    file: String,
    pages: impl IntoIterator<Item = &'a LeadPage>,
    voice: Voice<'_>,
) -> Result<Attachment, String> {
    let cards = pages.into_iter().map(|page| card(page, voice));
    Ok(Attachment {
        file,
        kind: Kind::Card,
        text: cards.collect::<Result<_, _>>()?,
    })
}

fn card(page: &LeadPage, voice: Voice<'_>) -> Result<String, String> {
    let facts = &page.notice.facts;
    let [family, given] = names(page, voice)?;
    let full = line(&format!("{given} {family}"));
    let mut note = voice.tell("card-note", &[("id", &page.notice.lead.to_string())])?;
    if let Some(request) = &facts.request {
        note = block(&format!("{note}\n{request}"));
    }
    for known in facts.phones.iter().filter(|known| known.number.as_written().is_some()) {
        let mark = voice.say("unconfirmed-phone")?;
        note = block(&format!("{note}\n{} ({mark})", reach::shown(&known.number, voice)?));
    }
    for email in facts.emails.iter().filter(|email| !email.is_confirmed()) {
        note = block(&format!("{note}\n{email} ({})", voice.say("unconfirmed-email")?));
    }
    let mut card = String::new();
    let mut add = |name: &str, values: &[&str]| card.push_str(&property(name, values));
    add("BEGIN", &["VCARD"]);
    add("VERSION", &["3.0"]);
    add("FN", &[&full]);
    // Family name, given name, other names, prefixes, suffixes.
    add("N", &[&family, &given, "", "", ""]);
    for known in &facts.phones {
        // Who writes in Telegram has a mobile; Outlook drops a number without a type.
        add("TEL;TYPE=CELL", &[&known.number.uri()]);
    }
    // What may be somebody else's mailbox is not written to from an address book.
    for email in facts.emails.iter().filter(|email| email.is_confirmed()) {
        add("EMAIL;TYPE=INTERNET", &[&line(email.as_str())]);
    }
    if let Some(link) = reach::telegram_link(&page.profile, &facts.phones) {
        add("URL", &[&link]);
    }
    add("NOTE", &[&note]);
    add("END", &["VCARD"]);
    Ok(card)
}

/// Family and given name: as he gave it, else as Telegram has it, else what he can be reached by.
fn names(page: &LeadPage, voice: Voice<'_>) -> Result<[String; 2], String> {
    let given = |name| [String::new(), name];
    if let Some(name) = some_line(page.notice.facts.name.as_deref()) {
        return Ok(given(at_most(&name, NAME)));
    }
    let first = line(&page.profile.first_name);
    let last = some_line(page.profile.last_name.as_deref()).unwrap_or_default();
    if !first.is_empty() || !last.is_empty() {
        return Ok([last, first].map(|name| at_most(&name, NAME)));
    }
    let username = reach::username(&page.profile);
    let reach = reach::shortest(&page.notice.facts, username.as_deref(), voice)?;
    reach.map_or_else(|| voice.say("nameless"), Ok).map(given)
}

/// A property in lines that are short enough. Values are escaped (RFC 2426, 4), and no character is cut in two.
fn property(name: &str, values: &[&str]) -> String {
    let mut folded = String::new();
    let mut octets = 0;
    let mut put = |piece: &str| {
        if octets + piece.len() > LINE {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push_str(piece);
        octets += piece.len();
    };
    put(name);
    for (place, value) in values.iter().enumerate() {
        put(if place == 0 { ":" } else { ";" });
        for c in value.chars() {
            match c {
                '\n' => put("\\n"),
                '\r' => {}
                '\\' => put("\\\\"),
                ',' => put("\\,"),
                ';' => put("\\;"),
                c => put(c.encode_utf8(&mut [0; 4])),
            }
        }
    }
    folded + "\r\n"
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Properties of a card: lines unfolded, values unescaped, as RFC 2426 has them read.
    pub(in crate::mailer) fn read(text: &str) -> Vec<(String, Vec<String>)> {
        let unfolded = text.replace("\r\n ", "");
        let lines = unfolded.strip_suffix("\r\n").unwrap().split("\r\n");
        lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_owned(), values(value)))
            .collect()
    }

    fn values(text: &str) -> Vec<String> {
        let (mut values, mut chars) = (vec![String::new()], text.chars());
        while let Some(c) = chars.next() {
            let c = match c {
                ';' => {
                    values.push(String::new());
                    continue;
                }
                '\\' => match chars.next().unwrap() {
                    'n' => '\n',
                    c => c,
                },
                c => c,
            };
            values.last_mut().unwrap().push(c);
        }
        values
    }

    #[test]
    fn what_means_something_in_a_card_is_escaped() {
        let written = property("NOTE", &["a;b,c\\d\nEND:VCARD", "e"]);
        assert_eq!(written, "NOTE:a\\;b\\,c\\\\d\\nEND:VCARD;e\r\n");
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let written = property("FN", &[&"щ".repeat(100)]);
        let lines: Vec<&str> = written.trim_end().split("\r\n").collect();
        assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [75, 75, 55]);
        assert!(lines[1..].iter().all(|line| line.starts_with(" щ")));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was_and_adds_no_property(
            texts in proptest::collection::vec(r#"([;,:\\\n "A-Zа-я]|\PC){0,120}"#, 1..4)
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let written = property("NOTE", &texts);
            prop_assert!(written.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n'])));
            let own: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            prop_assert_eq!(read(&written), [("NOTE".to_owned(), own)]);
        }
    }
}
