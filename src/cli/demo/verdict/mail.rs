//! The promises to the owner: what customers left is a lead, each lead is a letter, and the letter is the right one.

use sandbox::Letter;

use super::{Check, plain};
use crate::cli::demo::evidence::{Evidence, LeadRow};
use crate::cli::demo::settings::OWNER;
use crate::cli::demo::stage::Left;
use crate::cli::demo::words::{Both, Lang};

/// Numbers are told apart by their last digits, because customers spell them in many ways.
const NATIONAL: usize = 9;
/// A number that can be tapped in a letter.
const TEL: &str = "href=\"tel:";

/// All of them.
pub(super) fn checks(evidence: &Evidence, lang: Lang) -> [Check; 3] {
    [
        recorded(evidence, lang),
        mailed(evidence, lang),
        written(evidence, lang),
    ]
}

/// Each contact a customer left is in exactly one lead of his, with the words around it.
fn recorded(evidence: &Evidence, lang: Lang) -> Check {
    let is_recorded = |left: &&Left| {
        let own = evidence.leads.iter().filter(|lead| lead.chat == left.chat);
        let mut holding = own.filter(|lead| holds(&lead.contact, &left.contact));
        let is_told = |lead: &LeadRow| holds(&lead.messages, &left.contact);
        holding.next().is_some_and(is_told) && holding.next().is_none()
    };
    let met = evidence.left.iter().filter(is_recorded).count();
    let figures = Both("{} of {} contacts, {} leads", "{} из {} контактов, заявок {}");
    Check {
        what: Both(
            "every left contact is a lead",
            "каждый оставленный контакт стал заявкой",
        ),
        is_met: met == evidence.left.len(),
        figures: figures.with(lang, &[&met, &evidence.left.len(), &evidence.leads.len()]),
    }
}

/// Each revision of a lead is one letter in the owner's mailbox; one that comes twice must be marked as possible.
fn mailed(evidence: &Evidence, lang: Lang) -> Check {
    let revisions = evidence
        .leads
        .iter()
        .flat_map(|lead| (1..=lead.revision).map(|revision| (lead.id, revision)));
    let (mut met, mut all) = (0, 0);
    for (lead, revision) in revisions {
        let id = format!("lead-{lead}.{revision}.");
        let mut same = letters(evidence).filter(|letter| is_called(letter, &id));
        all += 1;
        met += usize::from(same.next().is_some());
    }
    let on_leads = letters(evidence).filter(|letter| is_called(letter, "lead-")).count();
    let doubles = evidence.doubles.max(on_leads.saturating_sub(met));
    let marked: i64 = evidence.letters_out.iter().map(|row| row.maybe_sent).sum();
    let figures = Both("{} of {} letters, {} doubles", "{} из {} писем, повторов {}");
    Check {
        what: Both(
            "every lead is a letter to the owner, once",
            "каждая заявка — одно письмо владельцу",
        ),
        is_met: met == all && i64::try_from(doubles).is_ok_and(|doubles| doubles <= marked),
        figures: figures.with(lang, &[&met, &all, &doubles]),
    }
}

/// Letters have both parts, the whole dialog up to the contact and its answer, and the customer's own numbers alone.
fn written(evidence: &Evidence, lang: Lang) -> Check {
    let met = evidence.left.iter().filter(|left| is_written(evidence, left)).count();
    let foreign = letters(evidence).filter(|letter| has_foreign(evidence, letter)).count();
    let figures = Both(
        "{} of {} contacts, {} wrong numbers",
        "{} из {} контактов, чужих номеров {}",
    );
    Check {
        what: Both(
            "with the number and the whole dialog",
            "в письме его номер и весь разговор",
        ),
        is_met: met == evidence.left.len() && foreign == 0,
        figures: figures.with(lang, &[&met, &evidence.left.len(), &foreign]),
    }
}

/// The letters on leads in the owner's mailbox.
fn letters(evidence: &Evidence) -> impl Iterator<Item = &Letter> {
    let is_report = |letter: &&Letter| is_called(letter, "report-");
    let to_owner = |letter: &&Letter| letter.to.iter().any(|to| to == OWNER);
    evidence
        .letters
        .iter()
        .filter(to_owner)
        .filter(move |letter| !is_report(letter))
}

/// Whether a letter's Message-ID begins like this.
pub(super) fn is_called(letter: &Letter, id: &str) -> bool {
    letter.message_id.as_ref().is_some_and(|own| own.starts_with(id))
}

fn is_about(evidence: &Evidence, letter: &Letter, chat: i64) -> bool {
    let mut own = evidence.leads.iter().filter(|lead| lead.chat == chat);
    own.any(|lead| is_called(letter, &format!("lead-{}.", lead.id)))
}

/// The first letter that tells this contact tells it in both parts, after all that was said until then.
fn is_written(evidence: &Evidence, left: &Left) -> bool {
    let mut own = letters(evidence).filter(|letter| is_about(evidence, letter, left.chat));
    let first = own.find_map(|letter| {
        let parts = letter.text.as_ref().zip(letter.html.as_ref());
        parts.filter(|(text, html)| holds(text, &left.contact) && holds(html, &left.contact))
    });
    let Some((text, _)) = first else { return false };
    let told = bare(text);
    dialog(evidence, left).iter().all(|words| told.contains(&bare(words)))
}

/// What the customer said and got until he left the contact, and what he was answered to it.
fn dialog(evidence: &Evidence, left: &Left) -> Vec<String> {
    let said = evidence.said.iter();
    let said = said.filter(|said| said.chat == left.chat && said.update <= left.update);
    let row = evidence.inbox.iter().find(|row| row.update == left.update);
    let (message, turn) = row.map_or((0, 0), |row| (row.message, row.turn));
    let got = evidence.got.get(&left.chat).into_iter().flatten();
    let got = got.filter(|reply| reply.message_id < message);
    let answer = evidence.dialogs.iter();
    let answer = answer.filter(|row| row.turn == turn && row.chat == left.chat && row.role == "assistant");
    let words = said.map(|said| said.text.clone());
    words
        .chain(got.map(|reply| reply.text.clone()))
        .chain(answer.map(|row| plain(&row.message)))
        .collect()
}

/// Whether a number can be tapped that the lead's customer never wrote.
fn has_foreign(evidence: &Evidence, letter: &Letter) -> bool {
    let html = letter.html.as_deref().unwrap_or_default();
    let mut numbers = html.split(TEL).skip(1).filter_map(|behind| behind.split('"').next());
    let is_own = |number: &str| {
        let mut said = evidence.said.iter();
        said.any(|said| holds(&said.text, number) && is_about(evidence, letter, said.chat))
    };
    numbers.any(|number| !is_own(number))
}

/// Whether a text holds this contact, however it spells it.
fn holds(text: &str, contact: &str) -> bool {
    if contact.contains('@') {
        return text.to_lowercase().contains(&contact.to_lowercase());
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(contact);
    digits(text).contains(&number[number.len().saturating_sub(NATIONAL)..])
}

/// Letters and digits alone: what indents, wraps and marks up is left out.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
