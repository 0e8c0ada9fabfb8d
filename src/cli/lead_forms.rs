//! Output formats of leads: table, page, spreadsheet columns, JSON. Scripts depend on the JSON and column names: add names,
//! never rename them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contacts::phone::{display, in_cell, with_extension};
use domain::{Email, LeadFacts, LeadSource, Origin, Phone, Profile};
use serde::Serialize;
use store::read_only::{Cell, Table};
use store::records::{LeadRecord, LeadStory};

use super::outbox_forms::kind;
use super::output::{EXTENSION, fields};
use super::place::local;

/// The table of `leads list`.
pub(super) fn overview(leads: &[LeadRecord], zone: Tz) -> Table {
    let columns = [
        "id", "changed", "name", "phone", "email", "Telegram", "request", "source", "revision",
    ];
    let rows = leads.iter().map(|lead| {
        vec![
            Cell::Integer(lead.id.0),
            text(local(lead.changed_at, zone)),
            text(lead.facts.name.as_deref().unwrap_or_default()),
            text(
                lead.facts
                    .phone()
                    .map(|known| with_extension(&known.number, EXTENSION))
                    .unwrap_or_default(),
            ),
            text(lead.facts.emails.first().map(Email::as_str).unwrap_or_default()),
            text(username(&lead.profile).unwrap_or_else(|| lead.profile.full_name())),
            text(lead.facts.request.as_deref().unwrap_or_default()),
            text(lead.source.word()),
            Cell::Integer(i64::from(lead.revision)),
        ]
    });
    table_of(&columns, rows.collect())
}

/// The columns of `leads export`, with one value each.
pub(super) fn columns(leads: &[LeadRecord], zone: Tz) -> Table {
    let columns = [
        "id",
        "created",
        "changed",
        "name",
        "phone",
        "phone_origin",
        "other_phones",
        "email",
        "other_emails",
        "username",
        "telegram_name",
        "wants_telegram",
        "request",
        "preferred_time",
        "note",
        "source",
        "came_from",
        "revision",
        "user_id",
        "last_words",
        "to_check",
    ];
    let rows = leads.iter().map(|lead| {
        let facts = &lead.facts;
        let others: Vec<String> = facts
            .phones
            .iter()
            .skip(1)
            .map(|known| in_cell(&known.number, EXTENSION))
            .collect();
        let addresses: Vec<&str> = facts.emails.iter().skip(1).map(Email::as_str).collect();
        let fact = |fact: &Option<String>| text(fact.as_deref().unwrap_or_default());
        vec![
            Cell::Integer(lead.id.0),
            text(local(lead.created_at, zone)),
            text(local(lead.changed_at, zone)),
            fact(&facts.name),
            text(
                facts
                    .phone()
                    .map(|known| in_cell(&known.number, EXTENSION))
                    .unwrap_or_default(),
            ),
            text(facts.phone().map(|known| origin_word(known.origin)).unwrap_or_default()),
            text(others.join(", ")),
            text(facts.emails.first().map(Email::as_str).unwrap_or_default()),
            text(addresses.join(", ")),
            fact(&lead.profile.username),
            text(lead.profile.full_name()),
            text(if facts.wants_telegram { "yes" } else { "" }),
            fact(&facts.request),
            fact(&facts.preferred_time),
            fact(&facts.note),
            text(lead.source.word()),
            fact(&lead.came_from),
            Cell::Integer(i64::from(lead.revision)),
            Cell::Integer(lead.chat.0),
            fact(&facts.own_words),
            text(to_check(facts).join(", ")),
        ]
    });
    table_of(&columns, rows.collect())
}

/// Phone numbers and addresses that could not be validated and are kept as written.
fn to_check(facts: &LeadFacts) -> Vec<String> {
    let phones = facts.phones.iter().filter_map(|known| known.number.as_written());
    let emails = facts.emails.iter().filter(|email| !email.is_confirmed());
    phones.map(str::to_owned).chain(emails.map(Email::to_string)).collect()
}

/// An array of objects; times are RFC 3339 in UTC.
///
/// # Errors
/// None known.
pub(super) fn json(leads: &[LeadRecord]) -> serde_json::Result<String> {
    let leads: Vec<LeadJson<'_>> = leads.iter().map(LeadJson::from).collect();
    serde_json::to_string_pretty(&leads)
}

/// A lead with its earlier leads, emails and dialog.
///
/// # Errors
/// None known.
pub(super) fn story_json(story: &LeadStory) -> serde_json::Result<String> {
    let earlier = story.earlier.iter().map(|lead| {
        serde_json::json!({
            "id": lead.lead, "created_at": lead.at, "phone": lead.phone.as_ref().map(Phone::uri), "request": lead.request,
        })
    });
    let letters = story.letters.iter().map(|letter| {
        serde_json::json!({
            "id": letter.id, "to": letter.address, "state": letter.state, "reason": letter.reason,
            "due_at": letter.due_at, "finished_at": letter.finished_at,
        })
    });
    let dialog = story.dialog.iter().map(|line| {
        let role = if line.is_customers { "user" } else { "assistant" };
        serde_json::json!({ "at": line.at, "role": role, "message": line.text })
    });
    serde_json::to_string_pretty(&StoryJson {
        lead: LeadJson::from(&story.lead),
        earlier: earlier.collect(),
        letters: letters.collect(),
        dialog: dialog.collect(),
    })
}

/// The page of `leads show`.
pub(super) fn story(story: &LeadStory, zone: Tz) -> String {
    let lead = &story.lead;
    let mut page = format!("lead {}, revision {}\n", lead.id, lead.revision);
    page += &fields(&facts(lead, zone));
    let earlier = story.earlier.iter().map(|earlier| {
        let phone = earlier.phone.as_ref().map(|phone| with_extension(phone, EXTENSION));
        let phone = phone.unwrap_or_default();
        let request = earlier.request.as_deref().unwrap_or_default();
        let shown = format!("{}  {phone}  {request}", local(earlier.at, zone));
        (format!("lead {}", earlier.lead), shown)
    });
    page += &section("earlier leads", &earlier.collect::<Vec<_>>());
    let letters = story.letters.iter().map(|letter| {
        let to = letter.address.as_ref().map(Email::as_str).unwrap_or_default();
        let at = local(letter.finished_at.unwrap_or(letter.due_at), zone);
        let reason = letter.reason.as_deref().map(|reason| format!(" ({reason})"));
        let reason = reason.unwrap_or_default();
        let shown = format!("{} {at}{reason}, {} to {to}", letter.state.word(), kind(letter));
        (format!("outbox {}", letter.id), shown)
    });
    page += &section("emails", &letters.collect::<Vec<_>>());
    let dialog = story.dialog.iter().map(|line| {
        let author = if line.is_customers { "customer" } else { "bot" };
        (format!("{} {author}", local(line.at, zone)), line.text.clone())
    });
    page + &section("dialog", &dialog.collect::<Vec<_>>())
}

fn facts(lead: &LeadRecord, zone: Tz) -> Vec<(String, String)> {
    let known = &lead.facts;
    let phones = known.phones.iter().map(|known| {
        let doubt = known.number.as_written().map_or("", |_| "; as written, please check");
        let number = with_extension(&known.number, EXTENSION);
        (
            "phone",
            Some(format!("{number} ({}{doubt})", origin_text(known.origin))),
        )
    });
    let emails = known.emails.iter().map(|email| {
        let doubt = if email.is_confirmed() {
            ""
        } else {
            " (as written, please check)"
        };
        ("email", Some(format!("{email}{doubt}")))
    });
    let username = username(&lead.profile)
        .map(|name| format!("{name}, "))
        .unwrap_or_default();
    let wish = if known.wants_telegram { "; prefers Telegram" } else { "" };
    let telegram = format!("{username}{} (user {}){wish}", lead.profile.full_name(), lead.chat);
    let mut all = vec![("name", known.name.clone())];
    all.extend(phones.chain(emails));
    all.extend([
        ("Telegram", Some(telegram)),
        ("request", known.request.clone()),
        (
            "last message",
            known.own_words.clone().filter(|_| known.request.is_none()),
        ),
        ("preferred time", known.preferred_time.clone()),
        ("note", known.note.clone()),
        ("source", Some(source_text(lead.source).to_owned())),
        ("referral", lead.came_from.clone()),
        ("created", Some(local(lead.created_at, zone))),
        ("changed", Some(local(lead.changed_at, zone))),
    ]);
    let lines = all
        .into_iter()
        .filter_map(|(name, fact)| Some((name.to_owned(), fact?)));
    lines.collect()
}

fn section(title: &str, lines: &[(String, String)]) -> String {
    match lines.is_empty() {
        true => String::new(),
        false => format!("\n{title}\n{}", fields(lines)),
    }
}

fn table_of(columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table {
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows,
    }
}

fn text(value: impl Into<String>) -> Cell {
    Cell::Text(value.into())
}

fn username(profile: &Profile) -> Option<String> {
    profile.username.as_deref().map(|name| format!("@{name}"))
}

fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Verified => "verified",
        Origin::Typed => "typed",
        Origin::Found => "found",
        Origin::Card => "card",
        Origin::Forwarded => "forwarded",
    }
}

fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::Verified => "confirmed by Telegram",
        Origin::Typed => "typed by the customer",
        Origin::Found => "found in the text: please check",
        Origin::Card => "from another person's contact card",
        Origin::Forwarded => "from a forwarded message",
    }
}

fn source_text(source: LeadSource) -> &'static str {
    match source {
        LeadSource::Tool => "saved by the assistant",
        LeadSource::Contact => "shared with the contact button",
        LeadSource::Text => "found in the customer's message",
        LeadSource::Form => "left in the form while the assistant was unavailable",
    }
}

#[derive(Serialize)]
struct StoryJson<'a> {
    #[serde(flatten)]
    lead: LeadJson<'a>,
    earlier: Vec<serde_json::Value>,
    letters: Vec<serde_json::Value>,
    dialog: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct LeadJson<'a> {
    id: i64,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    revision: u32,
    source: &'static str,
    user_id: i64,
    username: Option<&'a str>,
    telegram_name: String,
    came_from: Option<&'a str>,
    name: Option<&'a str>,
    phones: Vec<PhoneJson<'a>>,
    emails: Vec<&'a str>,
    wants_telegram: bool,
    request: Option<&'a str>,
    preferred_time: Option<&'a str>,
    note: Option<&'a str>,
    last_words: Option<&'a str>,
    to_check: Vec<String>,
}

#[derive(Serialize)]
struct PhoneJson<'a> {
    number: &'a str,
    display: String,
    extension: Option<&'a str>,
    origin: &'static str,
}

impl<'a> From<&'a LeadRecord> for LeadJson<'a> {
    fn from(lead: &'a LeadRecord) -> Self {
        let facts = &lead.facts;
        let phones = facts.phones.iter().map(|known| PhoneJson {
            number: known.number.as_str(),
            display: display(&known.number),
            extension: known.number.extension(),
            origin: origin_word(known.origin),
        });
        Self {
            id: lead.id.0,
            created_at: lead.created_at,
            changed_at: lead.changed_at,
            revision: lead.revision,
            source: lead.source.word(),
            user_id: lead.chat.0,
            username: lead.profile.username.as_deref(),
            telegram_name: lead.profile.full_name(),
            came_from: lead.came_from.as_deref(),
            name: facts.name.as_deref(),
            phones: phones.collect(),
            emails: facts.emails.iter().map(Email::as_str).collect(),
            wants_telegram: facts.wants_telegram,
            request: facts.request.as_deref(),
            preferred_time: facts.preferred_time.as_deref(),
            note: facts.note.as_deref(),
            last_words: facts.own_words.as_deref(),
            to_check: to_check(facts),
        }
    }
}

#[cfg(test)]
#[path = "lead_forms_tests.rs"]
mod tests;
