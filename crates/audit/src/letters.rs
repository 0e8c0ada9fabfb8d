//! Letters: each contact is one lead, each lead has its letter, each letter arrived once, and report periods have no gaps.

use std::collections::BTreeMap;

use crate::rows::{Lead, Period, Rows, Sent};
use crate::seen::{Letter, Seen};
use crate::verdict::{Kind, Verdict};

/// Digits that identify a number: customers write its beginning in many ways.
const NATIONAL: usize = 9;

pub(super) fn verify(verdict: &mut Verdict, seen: &Seen, rows: &Rows) {
    recorded(verdict, seen, rows);
    mailed(verdict, seen, rows);
    arrived(verdict, seen, rows);
    reported(verdict, seen, rows);
}

/// Whether a text contains a contact: an address in any case, or the `last` digits of a number with any characters between them.
#[must_use]
pub fn holds(text: &str, contact: &str, last: usize) -> bool {
    if contact.contains('@') {
        return text.to_lowercase().contains(&contact.to_lowercase());
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(contact);
    digits(text).contains(&number[number.len().saturating_sub(last)..])
}

/// Each contact is in exactly one lead of its customer, together with its message; there are no other leads.
fn recorded(verdict: &mut Verdict, seen: &Seen, rows: &Rows) {
    for (chat, contact) in &seen.contacts {
        let quoted = format!("\"{contact}\"");
        let own = rows.leads.iter().filter(|lead| lead.chat == *chat);
        let own = own.filter(|lead| lead.facts.contains(&quoted));
        let with: Vec<bool> = own.map(|lead| holds(&lead.messages, contact, NATIONAL)).collect();
        let words = format_args!("chat {chat} left a contact; leads with it, and whether with its words: {with:?}");
        verdict.check(Kind::Unrecorded, with == [true], words);
    }
    for lead in &rows.leads {
        let (id, chat, left) = (lead.id, lead.chat, seen.left_by(lead.chat));
        let own = rows.leads.iter().filter(|other| other.chat == chat);
        let nth = own.filter(|other| other.id <= id).count();
        let is_left = |known: &&String| known.is_empty() || left.contains(known);
        let is_met = nth <= left.len() && [&lead.phone, &lead.email].iter().all(is_left);
        let words = format_args!("lead {id} is not what chat {chat} left");
        verdict.check(Kind::StrayLead, is_met, words);
    }
}

/// Each owner has a letter with the contact for each revision of a lead, or one letter for all leads of a busy hour.
fn mailed<'a>(verdict: &mut Verdict, seen: &Seen, rows: &'a Rows) {
    let revisions = |lead: &'a Lead| (1..=lead.revision).map(move |revision| (lead, revision));
    for (lead, revision) in rows.leads.iter().flat_map(revisions) {
        let (name, left) = (format!("lead-{}.{revision}", lead.id), seen.left_by(lead.chat));
        let is_about = |letter: &&Letter| letter.name() == name || letter.name().starts_with("leads-");
        let shows = |letter: &Letter| left.iter().any(|contact| holds(&letter.text, contact, usize::MAX));
        for owner in &seen.owners {
            let own = seen.letters.iter().filter(|letter| letter.address == *owner);
            let is_shown = |letter: &Letter| left.is_empty() && letter.name() == name || shows(letter);
            let is_met = own.filter(is_about).any(is_shown);
            let words = format_args!("{owner} has no letter {name}, or not with the contact");
            verdict.check(Kind::Unmailed, is_met, words);
        }
    }
}

/// Each letter arrived at its address; it has no more duplicates than its own row is marked for.
fn arrived(verdict: &mut Verdict, seen: &Seen, rows: &Rows) {
    let mut came: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for letter in &seen.letters {
        *came.entry((&letter.address, letter.name().to_owned())).or_default() += 1;
    }
    let is_letter = |row: &&Sent| !row.address.is_empty() && row.state != "cancelled";
    for row in rows.outbox.iter().filter(is_letter) {
        let (to, state, marks, name) = (&row.address, &row.state, row.maybe_sent, name(row));
        let times = came.remove(&(to.as_str(), name.clone())).unwrap_or_default();
        let words = format_args!("{name} to {to} is {state}, and came {times} times, marked {marks}");
        verdict.check(Kind::LetterLost, state == "completed" && times > 0, words);
        verdict.doubled(Kind::LetterDouble, times.saturating_sub(1), marks, words);
    }
    for ((to, name), times) in came {
        let words = format_args!("{name} came to {to} {times} times without a row");
        verdict.check(Kind::StrayLetter, false, words);
        verdict.doubled(Kind::LetterDouble, times - 1, 0, words);
    }
}

/// The Message-ID of a row's letter, up to the installation. The key `lead:7:2:ADDRESS` is a lead, `report:DUE:ADDRESS` a period;
/// other letters are named after their row.
fn name(row: &Sent) -> String {
    let parts: Vec<&str> = row.key.split(':').collect();
    match (&parts[..], row.report) {
        (["lead", lead, revision, ..], _) => format!("lead-{lead}.{revision}"),
        (["report", ..], Some(period)) => format!("report-{period}"),
        (parts, _) => format!("{}-{}", parts[0], row.id),
    }
}

/// Periods have no gaps: each line of dialog is in one of them, the last of which is open. Each owner has a letter for each
/// closed one.
fn reported(verdict: &mut Verdict, seen: &Seen, rows: &Rows) {
    let (mut end, owners) = (Some(0), seen.owners.len());
    for Period { id, after, upto } in &rows.periods {
        let words = format_args!("period {id} is not joined to {end:?}");
        verdict.check(Kind::ReportWrong, end == Some(*after), words);
        let of_period = |row: &&Sent| row.report == Some(*id) && row.state == "completed";
        let letters = rows.outbox.iter().filter(of_period).count();
        let is_met = upto.is_none() || letters == owners;
        let words = format_args!("period {id} has {letters} letters to {owners} owners");
        verdict.check(Kind::ReportWrong, is_met, words);
        end = *upto;
    }
    let is_open = rows.periods.is_empty() || end.is_none();
    verdict.check(Kind::ReportWrong, is_open, format_args!("no period is open"));
}
