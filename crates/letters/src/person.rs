//! How a person is shown: their name, number and address, where they are in Telegram, and how that is known.

use domain::{Email, KnownPhone, LeadFacts, LeadSource, Origin, Profile};

use crate::clean::{at_most, line, some_block};
use crate::labels::Labels;
use crate::reach;
use crate::view::{Mail, Phone, Telegram};
use crate::voice::Voice;

/// Characters of a name that are shown; whoever has more of them wants something else.
pub(crate) const NAME: usize = 80;

/// How a customer is called: there is always a name or a user name.
///
/// # Errors
/// A word that is missing.
pub(crate) fn person(profile: &Profile, voice: Voice<'_>) -> Result<Telegram, String> {
    match telegram(profile, &[]) {
        Some(known) => Ok(known),
        None => Ok(Telegram {
            name: voice.say("nameless")?,
            username: None,
            link: None,
        }),
    }
}

/// In a word or two.
pub(crate) fn name_of(profile: &Profile, voice: Voice<'_>) -> Result<String, String> {
    let who = person(profile, voice)?;
    Ok(if who.name.is_empty() {
        who.username.unwrap_or_default()
    } else {
        who.name
    })
}

pub(crate) fn telegram(profile: &Profile, phones: &[KnownPhone]) -> Option<Telegram> {
    let name = at_most(&line(&profile.full_name()), NAME);
    let link = reach::telegram_link(profile, phones);
    let verified = phones.iter().find(|known| known.origin == Origin::Verified);
    let number = || verified.map(|known| reach::display(&known.number));
    let username = reach::username(profile).or_else(number);
    let is_known = !name.is_empty() || username.is_some();
    is_known.then_some(Telegram { name, username, link })
}

pub(crate) fn phone(known: &KnownPhone, voice: Voice<'_>) -> Result<Phone, String> {
    let is_confirmed = known.number.as_written().is_none();
    let origin = match known.origin {
        Origin::Verified => Some("origin-verified"),
        Origin::Card => Some("origin-card"),
        Origin::Forwarded => Some("origin-forwarded"),
        // What was written as it stands has been found there.
        Origin::Found => is_confirmed.then_some("source-text"),
        Origin::Typed => None,
    };
    let doubt = (!is_confirmed).then_some("unconfirmed-phone");
    let marks = origin.into_iter().chain(doubt).map(|key| voice.say(key));
    let marks = marks.collect::<Result<Vec<_>, _>>()?.join("; ");
    Ok(Phone {
        shown: reach::shown(&known.number, voice)?,
        number: known.number.uri(),
        is_verified: known.origin == Origin::Verified && is_confirmed,
        mark: (!marks.is_empty()).then_some(marks),
    })
}

pub(crate) fn phones(facts: &LeadFacts, voice: Voice<'_>) -> Result<Vec<Phone>, String> {
    facts.phones.iter().map(|known| phone(known, voice)).collect()
}

pub(crate) fn mails(facts: &LeadFacts, voice: Voice<'_>) -> Result<Vec<Mail>, String> {
    facts.emails.iter().map(|email| mail(email, voice)).collect()
}

pub(crate) fn mail(email: &Email, voice: Voice<'_>) -> Result<Mail, String> {
    let mark = (!email.is_confirmed()).then(|| voice.say("unconfirmed-email"));
    Ok(Mail {
        shown: line(email.as_str()),
        link: reach::mail_link(email),
        mark: mark.transpose()?,
    })
}

/// The word for how a lead was recorded.
pub(crate) fn source(source: LeadSource) -> &'static str {
    match source {
        LeadSource::Tool => "source-tool",
        LeadSource::Contact => "source-contact",
        LeadSource::Text => "source-text",
        LeadSource::Form => "source-form",
    }
}

/// Whether the mark of a number says already how the lead came.
pub(crate) fn is_said_by_mark(source: LeadSource, phone: Option<&KnownPhone>) -> bool {
    match source {
        LeadSource::Contact => phone.is_some_and(|known| known.origin == Origin::Verified),
        LeadSource::Text => phone.is_some_and(|known| known.origin == Origin::Found),
        LeadSource::Tool | LeadSource::Form => false,
    }
}

/// The customer's own words in the owner's language.
pub(crate) fn told(words: &str, labels: &Labels) -> Option<String> {
    let lines: Vec<String> = words.lines().map(|said| line(&labels.told(said))).collect();
    some_block(Some(&lines.join("\n")))
}
