//! A lead, made ready for the templates.

use domain::{self, EarlierLead, LeadChange, LeadFacts, LeadField, LeadSource};
use pages::{DialogLine, LeadPage, Speaker};

use crate::clean::{at_most, block, line, some_block, some_line};
use crate::labels::Labels;
use crate::lead::history::{history_file, older_rows};
use crate::lead::parts::{Change, Earlier, Lead, LeadDialog, Write};
use crate::person::{NAME, is_said_by_mark, mails, phones, source, telegram, told};
use crate::reach;
use crate::voice::Voice;

/// Characters of a subject that a phone shows; name and number stand within them.
const SEEN: usize = 45;
/// Characters of a name in a subject: as many as the number leaves of those, and never fewer or more than these.
const NAME_IN_SUBJECT: std::ops::RangeInclusive<usize> = 6..=60;
/// Characters of the request in a subject.
const GIST_IN_SUBJECT: usize = 60;
/// Characters and lines of the request above the buttons.
const WISH: usize = 140;
const WISH_LINES: usize = 3;
/// Characters of the request that a mailbox shows behind the subject.
pub(crate) const PREVIEW: usize = 140;
/// Characters of what was and of what is, in the list of changes; the card below has it whole.
const CHANGE: usize = 300;

/// The lead of a page, without its dialog.
///
/// # Errors
/// A word that is missing.
pub(crate) fn lead(page: &LeadPage, voice: Voice<'_>) -> Result<Lead, String> {
    let (notice, facts) = (&page.notice, &page.notice.facts);
    let username = reach::username(&page.profile);
    let name = some_line(facts.name.as_deref());
    let who = who(page, name.as_deref(), voice)?;
    let reach = reach::shortest(facts, username.as_deref(), voice)?.filter(|reach| *reach != who);
    let request = some_block(facts.request.as_deref());
    let is_unworded = request.is_none() && notice.source != LeadSource::Tool;
    let own_words = match is_unworded {
        true => own_words(&page.lines, &Labels::of(voice)?),
        false => None,
    };
    let wish = request.as_deref().or(own_words.as_deref());
    let gist = wish.map(line);
    let shown = wish.map(short);
    let preferred_time = some_block(facts.preferred_time.as_deref());
    let mut phones = phones(facts, voice)?.into_iter();
    let mut emails = mails(facts, voice)?.into_iter();
    let phone = phones.next();
    let is_said = is_said_by_mark(notice.source, facts.phone());
    let changes = notice.changes.iter().map(|one| change(one, facts, voice));
    let earlier = notice.earlier.iter().map(|one| earlier(one, voice));
    let top_email = if phone.is_none() { emails.next() } else { None };
    Ok(Lead {
        id: notice.lead.to_string(),
        is_update: notice.revision > 1,
        headline: headline(page, (&who, reach.as_deref(), gist.as_deref()), voice)?,
        summary: summary(&at_most(&who, *NAME_IN_SUBJECT.end()), reach.as_deref()),
        preview: preview(preferred_time.as_deref(), gist.as_deref(), voice)?,
        phone,
        other_phones: phones.collect(),
        top_email,
        emails: emails.collect(),
        telegram: telegram(&page.profile, &facts.phones),
        wants_telegram: facts.wants_telegram,
        writes: writes(page, voice)?,
        name: name.filter(|name| *name != who),
        is_wish_cut: shown.as_deref() != wish,
        wish: shown,
        request,
        own_words,
        preferred_time,
        note: some_block(facts.note.as_deref()),
        source: (!is_said).then(|| voice.say(source(notice.source))).transpose()?,
        is_to_be_checked: notice.source == LeadSource::Text && !is_said,
        came_from: some_line(page.came_from.as_deref()),
        changes: changes.collect::<Result<_, _>>()?,
        earlier: earlier.collect::<Result<_, _>>()?,
        dialog: untold(page),
        update: page.update.to_string(),
        chat: notice.chat.to_string(),
        answer_to: reach::answer_to(facts).map(|email| line(email.as_str())),
        together: page
            .together_at
            .map(|at| voice.fill("leads-together", &[("at", &voice.time(at))]))
            .transpose()?,
        at: voice.moment(notice.at)?,
        came_at: voice.short_moment(notice.at)?,
        who,
    })
}

/// As it is, if it has few lines; else the beginning, in one.
fn short(wish: &str) -> String {
    match wish.lines().count() <= WISH_LINES && wish.chars().count() <= WISH {
        true => wish.to_owned(),
        false => at_most(&line(wish), WISH),
    }
}

/// `Мария, +7 912 345-67-89, уборка 2-комн.`: a phone shows the beginning alone, so the name gives way to the number.
fn headline(
    page: &LeadPage,
    (who, reach, gist): (&str, Option<&str>, Option<&str>),
    voice: Voice<'_>,
) -> Result<String, String> {
    let id = page.notice.lead.to_string();
    let before = voice.fill(subject_key(page.notice.revision), &[("id", &id), ("summary", ".")])?;
    let before = before.chars().count().saturating_sub(1);
    let taken = before + reach.map_or(0, |reach| ", ".len() + reach.chars().count());
    let room = SEEN.saturating_sub(taken);
    let name = whole_words(who, room.clamp(*NAME_IN_SUBJECT.start(), *NAME_IN_SUBJECT.end()));
    let told = summary(&name, reach);
    Ok(gist.map_or_else(
        || told.clone(),
        |gist| format!("{told}, {}", at_most(gist, GIST_IN_SUBJECT)),
    ))
}

/// At most so many characters, and if it has to be cut, between two words.
pub(crate) fn whole_words(text: &str, chars: usize) -> String {
    let cut = at_most(text, chars);
    match cut.rsplit_once(' ') {
        Some((words, _)) if cut != text => format!("{}…", words.trim_end_matches([',', ';', ':', '—'])),
        _ => cut,
    }
}

fn subject_key(revision: u32) -> &'static str {
    if revision > 1 { "subject-update" } else { "subject-lead" }
}

fn summary(name: &str, reach: Option<&str>) -> String {
    reach.map_or_else(|| name.to_owned(), |reach| format!("{name}, {reach}"))
}

/// The preferred time and more of the request.
fn preview(preferred_time: Option<&str>, gist: Option<&str>, voice: Voice<'_>) -> Result<String, String> {
    let when = preferred_time.map(|time| Ok::<_, String>(format!("{}: {}", voice.say("preferred-time")?, line(time))));
    let told: Vec<String> = when.transpose()?.into_iter().chain(gist.map(str::to_owned)).collect();
    Ok(at_most(&told.join(" · "), PREVIEW))
}

/// Buttons for a message. Beside a number to call there is one, for Telegram if possible. Without a number there are both,
/// the preferred one first.
fn writes(page: &LeadPage, voice: Voice<'_>) -> Result<Vec<Write>, String> {
    let facts = &page.notice.facts;
    let way = |link: Option<String>, label| {
        let label = voice.say(label)?;
        Ok::<_, String>(link.map(|link| (link, label)))
    };
    let telegram = way(reach::telegram_link(&page.profile, &facts.phones), "write-in-telegram")?;
    let mail = way(facts.emails.iter().find_map(reach::mail_link), "write-a-mail")?;
    let has_phone = facts.phone().is_some();
    let ways = match has_phone || facts.wants_telegram {
        true => [telegram, mail],
        false => [mail, telegram],
    };
    let ways = ways.into_iter().flatten().take(if has_phone { 1 } else { 2 });
    let ways = ways.enumerate().map(|(n, (link, label))| Write {
        link,
        label,
        is_first: n == 0 && !has_phone,
    });
    Ok(ways.collect())
}

/// What the customer wrote last that may be a wish: a lead that the service took itself carries none, and the owner
/// should not have to look for it at the end of the dialog.
fn own_words(lines: &[DialogLine], labels: &Labels) -> Option<String> {
    let newest = lines.iter().rev().filter(|said| said.speaker == Speaker::Customer);
    told(&domain::own_words(newest.map(|said| said.text.as_str()))?, labels)
}

/// The given name, else the Telegram name, else the user name.
fn who(page: &LeadPage, name: Option<&str>, voice: Voice<'_>) -> Result<String, String> {
    let given = name
        .map(str::to_owned)
        .or_else(|| some_line(Some(&page.profile.full_name())));
    let name = given.or_else(|| reach::username(&page.profile));
    name.map_or_else(|| voice.say("nameless"), |name| Ok(at_most(&name, NAME)))
}

fn change(change: &LeadChange, facts: &LeadFacts, voice: Voice<'_>) -> Result<Change, String> {
    let key = match change.field {
        LeadField::Name => "change-name",
        LeadField::Phone => "change-phone",
        LeadField::Email => "change-email",
        LeadField::Telegram => "change-telegram",
        LeadField::Request => "change-request",
        LeadField::PreferredTime => "change-preferred-time",
        LeadField::Note => "change-note",
    };
    let phone = |uri: &str| {
        let known = facts.phones.iter().find(|known| known.number.uri() == uri);
        let number = || domain::Phone::international(uri).map(|number| reach::shown(&number, voice));
        let known = known.map(|known| reach::shown(&known.number, voice)).or_else(number);
        known.unwrap_or_else(|| Ok(at_most(&block(uri), CHANGE)))
    };
    let shown = |text: &str| match change.field {
        LeadField::Phone => Ok(text.split(", ").map(phone).collect::<Result<Vec<_>, _>>()?.join(", ")),
        _ => Ok::<_, String>(at_most(&block(text), CHANGE)),
    };
    let after = match change.field {
        LeadField::Telegram => voice.say("wants-telegram")?,
        _ => shown(&change.after)?,
    };
    let before = change.before.as_deref().map(shown).transpose()?;
    Ok(Change {
        field: voice.say(key)?,
        before: before.filter(|text| !text.is_empty()),
        after,
    })
}

fn earlier(earlier: &EarlierLead, voice: Voice<'_>) -> Result<Earlier, String> {
    let phone = earlier.phone.as_ref();
    Ok(Earlier {
        id: earlier.lead.to_string(),
        date: voice.date(earlier.at)?,
        phone: phone.map(|phone| reach::shown(phone, voice)).transpose()?,
        request: some_line(earlier.request.as_deref()).map(|text| at_most(&text, PREVIEW)),
    })
}

/// The dialog of a lead, still without lines.
pub(crate) fn untold(page: &LeadPage) -> LeadDialog {
    LeadDialog {
        left_out: page.left_out,
        command: older_rows(page),
        file: history_file(page),
        ..LeadDialog::default()
    }
}
