//! A lead as a contact that a phone or a mail program takes over (vCard 3.0, RFC 2426): the version that all of them
//! read.

use domain::{Email, KnownPhone, Origin, Phone};
use pages::LeadPage;

use crate::attachment::{Attachment, Kind};
use crate::clean::{at_most, block, line, some_line};
use crate::person::NAME;
use crate::reach;
use crate::voice::Voice;

/// Octets of a line without its end (RFC 2426, 2.6).
const LINE: usize = 75;

/// The customers of these leads, in one file.
///
/// # Errors
/// A word that is missing.
pub(crate) fn cards<'a>(
    file: String,
    pages: impl IntoIterator<Item = &'a LeadPage>,
    voice: Voice<'_>,
) -> Result<Attachment, String> {
    let cards = pages.into_iter().map(|page| of_lead(page, voice));
    Ok(Attachment {
        file,
        kind: Kind::Card,
        text: cards.collect::<Result<String, _>>()?.as_str().into(),
    })
}

/// A person with their numbers and addresses.
struct Person<'a> {
    /// Family and given name.
    name: Option<[String; 2]>,
    phones: Vec<&'a Phone>,
    emails: Vec<&'a Email>,
    link: Option<String>,
}

/// The customer, and each whose card or words they handed on: a number of somebody else's never stands under the customer's name.
fn of_lead(page: &LeadPage, voice: Voice<'_>) -> Result<String, String> {
    let facts = &page.notice.facts;
    let is_others = |known: &&KnownPhone| matches!(known.origin, Origin::Card | Origin::Forwarded);
    let (mut others, own): (Vec<&KnownPhone>, Vec<&KnownPhone>) = facts.phones.iter().partition(is_others);
    let mut emails: Vec<&Email> = facts.emails.iter().collect();
    let mut people = Vec::new();
    for card in facts.cards.iter().rev() {
        let phones: Vec<&Phone> = others
            .extract_if(.., |known| card.holds(&known.number))
            .map(|known| &known.number)
            .collect();
        let emails: Vec<&Email> = emails.extract_if(.., |email| card.lists(email)).collect();
        if !phones.is_empty() || !emails.is_empty() {
            let name = some_line(card.name.as_deref());
            people.push(Person {
                name: name.as_deref().map(given),
                phones,
                emails,
                link: None,
            });
        }
    }
    if !others.is_empty() {
        let phones = others.into_iter().map(|known| &known.number).collect();
        // Without a contact of the customer's own, the name that was given belongs to this one.
        let name = some_line(facts.name.as_deref()).filter(|_| own.is_empty() && emails.is_empty());
        people.push(Person {
            name: name.as_deref().map(given),
            phones,
            emails: Vec::new(),
            link: None,
        });
    }
    if !own.is_empty() || !emails.is_empty() || facts.wants_telegram || people.is_empty() {
        let customer = Person {
            name: named(page),
            phones: own.into_iter().map(|known| &known.number).collect(),
            emails,
            link: reach::telegram_link(&page.profile, &facts.phones),
        };
        people.push(customer);
    }
    people.iter().rev().map(|person| card(page, person, voice)).collect()
}

fn card(page: &LeadPage, person: &Person<'_>, voice: Voice<'_>) -> Result<String, String> {
    let [family, given] = match &person.name {
        Some(name) => name.clone(),
        None => nameless(page, person, voice)?,
    };
    let full = line(&format!("{given} {family}"));
    let mut note = voice.fill("card-note", &[("id", &page.notice.lead.to_string())])?;
    if let Some(request) = &page.notice.facts.request {
        note = block(&format!("{note}\n{request}"));
    }
    for number in person.phones.iter().filter(|number| number.as_written().is_some()) {
        let mark = voice.say("unconfirmed-phone")?;
        note = block(&format!("{note}\n{} ({mark})", reach::shown(number, voice)?));
    }
    for email in person.emails.iter().filter(|email| !email.is_confirmed()) {
        note = block(&format!("{note}\n{email} ({})", voice.say("unconfirmed-email")?));
    }
    let mut card = String::new();
    let mut add = |name: &str, values: &[&str]| card.push_str(&property(name, values));
    add("BEGIN", &["VCARD"]);
    add("VERSION", &["3.0"]);
    add("FN", &[&full]);
    // Family name, given name, other names, prefixes, suffixes.
    add("N", &[&family, &given, "", "", ""]);
    for number in &person.phones {
        // Who writes in Telegram has a mobile; Outlook drops a number without a type.
        add("TEL;TYPE=CELL", &[&number.uri()]);
    }
    // What may be another person's mailbox is not written to from an address book.
    for email in person.emails.iter().filter(|email| email.is_confirmed()) {
        add("EMAIL;TYPE=INTERNET", &[&line(email.as_str())]);
    }
    if let Some(link) = &person.link {
        add("URL", &[link]);
    }
    add("NOTE", &[&note]);
    add("END", &["VCARD"]);
    Ok(card)
}

fn given(name: &str) -> [String; 2] {
    [String::new(), at_most(name, NAME)]
}

/// Family and given name of the customer: as they gave it, else as Telegram has it.
fn named(page: &LeadPage) -> Option<[String; 2]> {
    if let Some(name) = some_line(page.notice.facts.name.as_deref()) {
        return Some(given(&name));
    }
    let first = line(&page.profile.first_name);
    let last = some_line(page.profile.last_name.as_deref()).unwrap_or_default();
    (!first.is_empty() || !last.is_empty()).then(|| [last, first].map(|name| at_most(&name, NAME)))
}

/// What somebody can be reached by stands in for their name.
fn nameless(page: &LeadPage, person: &Person<'_>, voice: Voice<'_>) -> Result<[String; 2], String> {
    let phone = person
        .phones
        .first()
        .map(|phone| reach::shown(phone, voice))
        .transpose()?;
    let email = || person.emails.first().map(|email| line(email.as_str()));
    let username = || person.link.as_ref().and_then(|_| reach::username(&page.profile));
    let reach = phone.or_else(email).or_else(username);
    Ok([String::new(), reach.map_or_else(|| voice.say("nameless"), Ok)?])
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
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Properties of a card: lines unfolded, values unescaped, as RFC 2426 has them read.
    pub(crate) fn read(text: &str) -> Vec<(String, Vec<String>)> {
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
